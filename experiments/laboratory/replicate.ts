/**
 * A replicate: a start, the seed of what is trained from it, and a draw of prompts, all by one number. What is compared
 * in a replicate shares all three, so that differences are paired.
 *
 * @module
 */

import { disposeLaboratory, type Laboratory, openLaboratory } from "../../lib/laboratory/mod.ts";
import type { Trainable, Transformer } from "../../lib/model/mod.ts";
import { initialTrainable } from "../../lib/runs/mod.ts";
import { hashJson } from "../../lib/runtime/mod.ts";
import type { ClosedPrompt } from "../../lib/synthesis/mod.ts";
import type { StageKey } from "../stages/keys.ts";
import type { Bench } from "./bench.ts";
import { type DrawnPopulation, drawPopulation, type PopulationSpec } from "./population.ts";
import { startOf } from "./start.ts";

/** The prompts of a replicate under one setting of the tasks: the ground on which rules are compared. */
export interface Ground {
  /** The replicate's number. */
  readonly seed: number;
  /** The bench that it stands on. */
  readonly bench: Bench;
  /** Names of the rewards, [m]. */
  readonly rewardNames: readonly string[];
  /** Prompts that are trained on. */
  readonly train: readonly ClosedPrompt[];
  /** Prompts that are held out. */
  readonly heldOut: readonly ClosedPrompt[];
  /** What every cell on this ground depends on. */
  readonly key: StageKey;
  /** The start on the prompts; computed when it is first asked for, and freed with the replicate. */
  readonly open: () => Promise<OpenGround>;
}

/** A ground with its laboratories. Nothing of it is the caller's to dispose of. */
export interface OpenGround {
  /** The training prompts. */
  readonly train: Laboratory;
  /** The held-out prompts; opened when first asked for. */
  readonly heldOut: () => Laboratory;
  /** What is trained, at its start. */
  readonly start: Trainable;
}

/** A replicate while it is open. */
export interface Replicate {
  /** Its number. */
  readonly seed: number;
  /** Draws its prompts under a setting of the tasks; the bench's own when left out. */
  readonly ground: (spec?: PopulationSpec) => Promise<Ground>;
}

/** The value of a function that is called once, when first asked for. */
function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

/** Opens laboratories on the start's model, and remembers how to free them. */
function openGround(
  { config, tokenizer }: Bench,
  model: Transformer,
  seed: number,
  ground: DrawnPopulation,
  onClose: (free: () => void) => void,
): OpenGround {
  const { system, temperature, likelihood, batchPrompts, topLayers } = config;
  const { rewardNames } = ground;
  const opened = (prompts: readonly ClosedPrompt[]) => {
    const policy = { temperature, likelihood, batchPrompts, topLayers };
    const lab = openLaboratory({ model, tokenizer, system, prompts, rewardNames, ...policy });
    onClose(() => disposeLaboratory(lab));
    return lab;
  };
  const train = opened(ground.train);
  const start = initialTrainable(train.model, config.tuning, seed);
  onClose(() => start.values.dispose());
  return { train, heldOut: once(() => opened(ground.heldOut)), start };
}

/**
 * Opens a replicate for some work and frees it afterwards.
 *
 * @param bench what replicates share
 * @param seed the replicate's number
 * @param work what is done in it
 * @returns what the work gives
 */
export async function withReplicate<T>(
  bench: Bench,
  seed: number,
  work: (replicate: Replicate) => Promise<T>,
): Promise<T> {
  const { config } = bench;
  const frees: (() => void)[] = [];
  const onClose = (free: () => void) => void frees.push(free);
  const start = await startOf(bench, config.startPerReplicate ? seed : 0);
  const model = once(async () => {
    const opened = await start.open();
    onClose(opened.free);
    return opened.model;
  });
  const drawn = new Map<string, Promise<Ground>>();
  const ground = (spec: PopulationSpec = { dial: config.dial }): Promise<Ground> => {
    const name = JSON.stringify([spec.dial, spec.control ?? null]);
    const known = drawn.get(name) ?? draw(spec);
    drawn.set(name, known);
    return known;
  };
  const draw = async (spec: PopulationSpec): Promise<Ground> => {
    const population = drawPopulation(bench, seed, spec);
    const { tuning, topLayers, temperature, likelihood } = config;
    return {
      seed,
      bench,
      ...population,
      key: {
        ...bench.key,
        ...start.key,
        prompts: await hashJson([population.train, population.heldOut]),
        rewardNames: population.rewardNames,
        policy: { topLayers: topLayers ?? null, temperature, likelihood },
        tuning,
        seed,
      },
      open: once(async () => openGround(bench, await model(), seed, population, onClose)),
    };
  };
  try {
    return await work({ seed, ground });
  } finally {
    // What was opened last is built on what was opened before.
    frees.reverse().forEach((free) => free());
  }
}
