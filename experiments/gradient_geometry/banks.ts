/**
 * What one capability's part of an adapter does to the others: theorem 3 of `lib/balance/THEORY.md` on a language model.
 *
 * @module
 */

import { packGroups, scoreBatch } from "../../lib/model/mod.ts";
import { tf, WorkbenchError } from "../../lib/runtime/mod.ts";
import { capabilities, type Capability } from "../../lib/synthesis/mod.ts";
import {
  bankRanks,
  capabilityBanks,
  inputBases,
  type LoraTrainable,
  orthogonalityPenalty,
  presentRewards,
  removeInputs,
} from "../../lib/training/mod.ts";
import {
  apart,
  type BankFindings,
  type BankKind,
  bankKinds,
  type BankOutcome,
} from "./findings.ts";
import { promptGradients } from "./model.ts";
import { type TrainedSystem, trainingKey } from "../stages/train.ts";
import type { Workshop } from "../stages/workshop.ts";
import {
  type Adapted,
  type SampledPrompts,
  withAdapter,
  withStep,
} from "../stages/gradient_samples.ts";

/** Ranks of each capability. */
const RANKS = 2;

/** Mean movement of a bank's own answers in nats: far enough to be seen over rounding. */
const OWN_MOVE = 0.5;

/** Groups of a capability's own prompts whose completions its reward tells apart. */
function groupsOf({ prompts, completions, rewards, strata }: SampledPrompts, c: Capability) {
  const own = capabilities.indexOf(c);
  const found = prompts.flatMap((prompt, x) =>
    strata[x] === c && new Set(presentRewards(rewards[x]!, own)).size > 1
      ? [{ prompt, completions: completions[x]!, rewards: rewards[x]! }]
      : []
  );
  // Short prompts reach the fewest states.
  const size = (g: typeof found[number]) =>
    g.prompt.length + g.completions.reduce((n, { ids }) => n + ids.length, 0);
  return found.sort((a, b) => size(a) - size(b));
}

type Group = ReturnType<typeof groupsOf>[number];

const batchOf = (groups: readonly Group[]) =>
  packGroups(
    groups.map(({ prompt, completions }) => ({
      prompt,
      completions: completions.map(({ ids }) => ids),
    })),
  );

/** Gradient of a capability's own reward on its groups, `[n]`. */
async function ownGradient(adapted: Adapted, groups: readonly Group[], own: number) {
  const gradients = await promptGradients(adapted, {
    prompts: groups.map(({ prompt }) => prompt),
    completions: groups.map(({ completions }) => completions),
    rewards: groups.map(({ rewards }) => rewards),
  });
  const sum = tf.tidy(() => tf.addN(gradients.map((row) => row[own]!))) as tf.Tensor1D;
  tf.dispose(gradients.flat());
  return sum;
}

const norm = (x: tf.Tensor) => tf.tidy(() => tf.norm(x).dataSync()[0]!);

/** A's columns of different banks made orthogonal by descent on the penalty of O-LoRA. */
function orthogonal(trainable: LoraTrainable): LoraTrainable {
  const penalty = orthogonalityPenalty(trainable, capabilities.length, 1);
  let values = tf.clone(trainable.values);
  for (let step = 0; step < 300; step++) {
    const { loss, gradient } = penalty(values);
    const next = tf.tidy(() => tf.sub(values, tf.mul(gradient, 0.2))) as tf.Tensor1D;
    tf.dispose([gradient, values]);
    values = next;
    if (loss < 1e-12) break;
  }
  return { ...trainable, values };
}

/** Each bank's A without what reads the states of the other capabilities' first prompts. */
function separated(adapted: Adapted, seen: readonly (readonly Group[])[]) {
  const { policy } = adapted;
  let trainable = { ...adapted.trainable, values: tf.clone(adapted.trainable.values) };
  const kept = bankRanks(trainable.config.r, capabilities.length).map((ranks, i) => {
    const others = apart.filter((c) => c !== capabilities[i]);
    const batches = others.map((c) => batchOf(seen[capabilities.indexOf(c)]!));
    const removed = removeInputs(trainable, ranks, inputBases(policy, trainable, batches));
    trainable.values.dispose();
    trainable = { ...trainable, values: removed.values };
    return removed.kept;
  });
  return { trainable, kept };
}

/** An adapter with the capabilities' gradients on it. */
interface Variant {
  readonly trainable: LoraTrainable;
  readonly kept: readonly number[];
  /** Of each capability on the first prompts, and on further ones. */
  readonly seen: readonly tf.Tensor1D[];
  readonly fresh: readonly tf.Tensor1D[];
}

function measureKind(
  { model, policy }: Adapted,
  kind: BankKind,
  { trainable, kept, seen, fresh }: Variant,
  groups: readonly (readonly Group[])[],
): BankOutcome {
  const masks = kind === "shared"
    ? capabilities.map(() => tf.onesLike(trainable.values))
    : capabilityBanks(trainable, capabilities.length, { freezeA: kind === "inputs removed" });
  const shares = (gradients: readonly tf.Tensor1D[]) =>
    masks.map((mask) => gradients.map((g) => tf.tidy(() => norm(tf.mul(mask, g)) / norm(g))));
  const batches = groups.map(batchOf);
  const still = batches.map((batch) => scoreBatch(policy, batch));
  /** Mean movement of the answers of some capabilities. */
  const movement = (direction: tf.Tensor1D, size: number, of: readonly number[]) => {
    return withStep({ model, trainable }, direction, size, (there) =>
      of.map((j) => {
        const scores = scoreBatch(there, batches[j]!);
        return scores.reduce((sum, x, k) => sum + Math.abs(x - still[j]![k]!), 0) /
          groups[j]!.flatMap(({ completions }) => completions).length;
      }));
  };
  const moved = masks.map((mask, i) => {
    const direction = tf.tidy(() => {
      const inside = tf.mul(mask, seen[i]!);
      return tf.div(inside, tf.norm(inside));
    }) as tf.Tensor1D;
    let size = 1e-2;
    for (let k = 0; k < 3; k++) {
      size *= OWN_MOVE / Math.max(1e-6, movement(direction, size, [i])[0]!);
    }
    const found = movement(direction, size, capabilities.map((_, j) => j));
    direction.dispose();
    return { size, relative: found.map((x) => x / found[i]!) };
  });
  const outcome = {
    kind,
    kept,
    seen: shares(seen),
    fresh: shares(fresh),
    lengths: moved.map(({ size }) => size),
    moved: moved.map(({ relative }) => relative),
  };
  tf.dispose(masks);
  return outcome;
}

/** Kinds on the same adapter. */
const variants: readonly (readonly [BankKind, ...BankKind[]])[] = [
  ["shared", "disjoint"],
  ["O-LoRA"],
  ["inputs removed"],
];

function variantOf(
  adapted: Adapted,
  kind: BankKind,
  seen: readonly (readonly Group[])[],
): Pick<Variant, "trainable" | "kept"> {
  if (kind === "inputs removed") return separated(adapted, seen);
  const { trainable } = adapted;
  return {
    trainable: kind === "O-LoRA" ? orthogonal(trainable) : trainable,
    kept: capabilities.map(() => 1),
  };
}

/** Prompts of each capability whose states are removed. */
const REMOVED = 1;

/** The groups of each capability, the ones whose states are removed first. */
function enoughGroups(samples: SampledPrompts): Group[][] {
  const groups = capabilities.map((c) => groupsOf(samples, c));
  const few = capabilities.find((_, i) => groups[i]!.length < REMOVED + 1);
  if (few !== undefined) {
    throw new WorkbenchError(
      `Expected at least ${
        REMOVED + 1
      } prompts of ${few} whose completions differ in its reward but found fewer in a pool of ${samples.prompts.length}`,
    );
  }
  return groups;
}

/**
 * Measures all kinds on adapters of the down projections, which read the widest states.
 *
 * @param workshop model, items and store
 * @param start the fine-tuned model
 * @param samples completions of it with their rewards
 * @param furtherPrompts prompts of each capability besides those whose states are removed, at most
 * @returns what each kind came to, and the seconds that it took
 * @throws {WorkbenchError} when a capability has too few prompts whose completions differ in its reward
 */
export async function measureBanks(
  workshop: Workshop,
  start: TrainedSystem,
  samples: { readonly value: SampledPrompts; readonly hash: string },
  furtherPrompts: number,
): Promise<{ value: BankFindings; seconds: number }> {
  const bar = workshop.context.stage("Banks of an adapter");
  const key = { ...trainingKey(workshop), version: 3, samples: samples.hash, furtherPrompts };
  const stage = await workshop.context.store.json("banks", key, () => {
    const rank = RANKS * capabilities.length;
    return withAdapter(
      workshop,
      start,
      { r: rank, targetModules: ["down_proj"] },
      async (adapted) => {
        const groups = enoughGroups(samples.value);
        const seen = groups.map((own) => own.slice(0, REMOVED));
        const fresh = groups.map((own) => own.slice(REMOVED, REMOVED + furtherPrompts));
        const outcomes: BankOutcome[] = [];
        for (const kinds of variants) {
          bar.update(outcomes.length, bankKinds.length, kinds[0]);
          const { trainable, kept } = variantOf(adapted, kinds[0], seen);
          const here = { ...adapted, trainable };
          const on = (groups: readonly (readonly Group[])[]) =>
            Promise.all(groups.map((own, j) => ownGradient(here, own, j)));
          const variant = { trainable, kept, seen: await on(seen), fresh: await on(fresh) };
          outcomes.push(...kinds.map((kind) => measureKind(adapted, kind, variant, seen)));
          tf.dispose([...variant.seen, ...variant.fresh]);
          if (trainable !== adapted.trainable) trainable.values.dispose();
        }
        return {
          rank,
          ranksEach: RANKS,
          ownMove: OWN_MOVE,
          removed: seen.map(({ length }) => length),
          further: fresh.map(({ length }) => length),
          outcomes,
        };
      },
    );
  });
  bar.finish(stage.cached ? "from the store" : undefined);
  return stage;
}
