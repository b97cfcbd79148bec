/** Study 3: what noise does to the weights. Batches drawn from measured products, judged by the exact gradients. @module */

import { join } from "@std/path";
import { choiceProbabilities, type Laboratory, promptProducts } from "../../lib/laboratory/mod.ts";
import { readSafetensors, type Trainable, writeSafetensors } from "../../lib/model/mod.ts";
import { randomStream, tf } from "../../lib/runtime/mod.ts";
import { branches } from "../core/branches.ts";
import { type Pilot, pilotCell } from "../laboratory/pilot.ts";
import type { Ground, Replicate } from "../laboratory/replicate.ts";
import { keptParameters } from "../laboratory/training_cell.ts";
import { type AnswerPopulation, populationMoments } from "./answer_noise.ts";
import { type ExactLmConfig, pilotOptions, preferenceOf } from "./config.ts";
import type { NoiseRow } from "./findings.ts";
import { trialGates } from "./noise_gates.ts";
import { staticCell } from "./study_optimizer.ts";
import { type StudyBar, totalSeconds } from "./study_bar.ts";

/** Blocks of prompts whose gradients are kept apart, as in the trainer. */
const BLOCKS = 16;

const POPULATION = "population.json";
const PRODUCTS = "products.safetensors";

/** The prompts with a reward for each answer, 1 for it and 0 for the others, so that its gradient is that of `pi_c`. */
function indicatorLaboratory(lab: Laboratory): Laboratory {
  const width = Math.max(...lab.prompts.map(({ answers }) => answers.length));
  const names = Array.from({ length: width }, (_, c) => `answer ${c}`);
  return {
    ...lab,
    rewardNames: names,
    prompts: lab.prompts.map((prompt) => ({
      ...prompt,
      rewards: prompt.answers.map((_, c) => names.map((_, e) => c === e ? 1 : 0)),
    })),
  };
}

/** Inner products between the answers' gradients, in a row. */
function answerProducts(lab: Laboratory, at: Trainable, metric: Float32Array): Float32Array {
  const diagonal = tf.tensor1d(metric);
  const found = promptProducts(indicatorLaboratory(lab), at, diagonal);
  diagonal.dispose();
  return Float32Array.from(
    found.flatMap((row) => row[0]!.flatMap((_, c) => row.flatMap((block) => block[c]!))),
  );
}

/** Measures the answers' products at a checkpoint, or reads them from the store. */
async function measuredPopulation(
  ground: Ground,
  pilot: Pilot,
  config: ExactLmConfig,
  step: number,
): Promise<{ population: AnswerPopulation; hash: string; seconds: number }> {
  const run = await staticCell(ground, config);
  const key = { ...ground.key, run: run.hash, step, pilot: pilot.hash };
  const { path, hash, seconds } = await ground.bench.context.store.files(
    "laboratory-products",
    key,
    async (folder) => {
      const { train } = await ground.open();
      const at = await keptParameters(ground, run, step);
      const probabilities = choiceProbabilities(train, at);
      const data = answerProducts(train, at, pilot.metric);
      at.values.dispose();
      await writeSafetensors(
        join(folder, PRODUCTS),
        new Map([["products", { shape: [data.length], data }]]),
      );
      await Deno.writeTextFile(join(folder, POPULATION), JSON.stringify(probabilities));
    },
  );
  const products = readSafetensors(join(path, PRODUCTS)).get("products")!.data as Float32Array;
  const probabilities: number[][] = JSON.parse(await Deno.readTextFile(join(path, POPULATION)));
  return {
    population: {
      probabilities,
      rewards: ground.train.map(({ rewards }) => rewards),
      products,
      width: Math.round(Math.sqrt(products.length) / probabilities.length),
    },
    hash,
    seconds,
  };
}

/** Geometric mean, 0 where one is not above 0. */
const geometricMean = (values: readonly number[]): number =>
  values.every((x) => x > 0)
    ? Math.exp(values.reduce((sum, x) => sum + Math.log(x), 0) / values.length)
    : 0;

/** Numbers of prompts: those of the options, and the one at which the signal to noise is that of hypothesis 4. */
function batchSizes(
  signalOfOne: number,
  { prompts, signal }: ExactLmConfig["noise"],
): { readonly prompts: number; readonly target: boolean }[] {
  const target = 2 * Math.round(signal / signalOfOne / 2);
  // Two halves of two blocks are the least that products can be taken of; without a signal there is no such number.
  const reachable = Number.isFinite(target) && target >= 4;
  return [
    ...prompts.map((n) => ({ prompts: n, target: false })),
    ...reachable ? [{ prompts: target, target: true }] : [],
  ];
}

/** All batches at a checkpoint. */
function noiseRows(
  population: AnswerPopulation,
  config: ExactLmConfig,
  names: readonly string[],
  { seed, step }: Pick<NoiseRow, "seed" | "step">,
): NoiseRow[] {
  const { completions, draws } = config.noise;
  const { weights: preference } = preferenceOf(config.optimizer.preference);
  return [undefined, ...completions].flatMap((K) => {
    const moments = populationMoments(population, K);
    const signalOfOne = geometricMean(
      moments.gram.map((row, i) => Math.max(0, row[i]!) / moments.noise[i]!),
    );
    return batchSizes(signalOfOne, config.noise).map(({ prompts, target }): NoiseRow => {
      const sizes = { prompts, completions: K, blocks: Math.min(BLOCKS, prompts) };
      const random = randomStream(seed, "noise", step, K ?? 0, prompts);
      return {
        seed,
        step,
        completions: K ?? null,
        prompts,
        target,
        signal: prompts * signalOfOne,
        gates: trialGates(population, moments, { sizes, draws, preference, names }, random),
      };
    });
  });
}

/**
 * Runs study 3 in a replicate.
 *
 * @param replicate start and prompts
 * @param config options
 * @param bar told of progress
 * @returns one row a checkpoint and size of batch; and the seconds that they took
 */
export async function noiseStudy(
  replicate: Replicate,
  config: ExactLmConfig,
  bar: StudyBar,
): Promise<{ rows: NoiseRow[]; seconds: number }> {
  const { seed } = replicate;
  const ground = await replicate.ground();
  const pilot = await pilotCell(ground, pilotOptions(config));
  const found = await branches(config.noise.checkpoints, async (step, k) => {
    const onProgress = bar.cell(k, config.noise.checkpoints.length);
    onProgress(0, 2);
    const measured = await measuredPopulation(ground, pilot, config, step);
    onProgress(1, 2);
    const stage = await ground.bench.context.store.json(
      "laboratory-noise",
      { products: measured.hash, noise: config.noise, preference: config.optimizer.preference },
      () =>
        Promise.resolve(noiseRows(measured.population, config, ground.rewardNames, { seed, step })),
    );
    return { rows: stage.value, seconds: measured.seconds + stage.seconds };
  });
  return {
    rows: found.flatMap(({ rows }) => rows),
    seconds: totalSeconds(found),
  };
}
