/**
 * The capabilities' gradients on a language model, prompt by prompt: the gradient of every reward's mean on each.
 *
 * @module
 */

import {
  backwardEach,
  disposeTape,
  packGroups,
  projections,
  recordBatch,
} from "../../lib/model/mod.ts";
import { type OnProgress, tf } from "../../lib/runtime/mod.ts";
import { capabilities } from "../../lib/synthesis/mod.ts";
import { rewardAdvantages } from "../../lib/training/mod.ts";
import { breathe } from "../core/experiment.ts";
import type { GeometryConfig } from "./config.ts";
import type { ModelGeometry } from "./findings.ts";
import { geometryOf, rewardCosines, sizedCosines } from "./products.ts";
import { stepChanges } from "./steps.ts";
import { type TrainedSystem, trainingKey } from "../stages/train.ts";
import type { Workshop } from "../stages/workshop.ts";
import { type Adapted, type SampledPrompts, withAdapter } from "../stages/gradient_samples.ts";

/**
 * Gradient of every reward's mean on each prompt, `[prompts][capabilities]` vectors `[n]`: their mean over prompts
 * estimates the gradient of the reward's mean without bias. The caller disposes of them.
 *
 * @param adapted the adapter and the policy with it
 * @param samples prompts with completions and rewards
 * @param onProgress told after each prompt
 * @returns a vector for each prompt and capability; 0 where the prompt has no such reward
 */
export async function promptGradients(
  { trainable, policy }: Pick<Adapted, "trainable" | "policy">,
  { prompts, completions, rewards }: Omit<SampledPrompts, "strata">,
  onProgress?: OnProgress,
): Promise<tf.Tensor1D[][]> {
  const advantages = capabilities.map((_, i) =>
    rewardAdvantages(rewards, i, { multiObjectiveAggregation: "leave_one_out" })
  );
  const found: tf.Tensor1D[][] = [];
  for (const [x, prompt] of prompts.entries()) {
    const group = completions[x]!;
    const batch = packGroups([{ prompt, completions: group.map(({ ids }) => ids) }]);
    const { tape } = recordBatch(policy, trainable, batch);
    const coefficients = advantages.map((own) =>
      Float32Array.from(
        group.flatMap(({ ids }, k) => ids.map(() => own[x]![k]! / group.length)),
      )
    );
    found.push(backwardEach(policy, trainable, tape, coefficients));
    disposeTape(tape);
    onProgress?.(x + 1, prompts.length);
    if (x % 8 === 7) await breathe();
  }
  return found;
}

/**
 * Products of all pairs of prompts in a diagonal metric or the Euclidean one.
 *
 * @param gradients `[prompts][m]` vectors `[n]`
 * @param metric diagonal `[n]`; the identity when left out
 * @returns `[prompts][prompts][m][m]`
 */
export function productsOf(
  gradients: readonly (readonly tf.Tensor1D[])[],
  metric?: tf.Tensor1D,
): number[][][][] {
  const m = gradients[0]!.length;
  const rows = gradients.length * m;
  const flat = tf.tidy(() => {
    const stacked = tf.stack(gradients.flat()) as tf.Tensor2D;
    const scaled = metric === undefined ? stacked : tf.mul(stacked, metric) as tf.Tensor2D;
    return tf.matMul(scaled, stacked, false, true).dataSync() as Float32Array;
  });
  return gradients.map((_, x) =>
    gradients.map((_, y) =>
      Array.from(
        { length: m },
        (_, i) => Array.from({ length: m }, (_, j) => flat[(x * m + i) * rows + y * m + j]!),
      )
    )
  );
}

/** Prompts in each of the earlier batches that Adam's second moment comes from. */
const EARLIER = 8;

/**
 * `M(v_{t-1})` of Adam with no decay: from the mean of the squared gradients of batches, each reward weighing the same.
 *
 * @param gradients `[prompts][m]` vectors `[n]`
 * @returns the diagonal `[n]`; the caller disposes of it
 */
export function secondMomentMetric(gradients: readonly (readonly tf.Tensor1D[])[]): tf.Tensor1D {
  return tf.tidy(() => {
    const squares: tf.Tensor[] = [];
    for (let at = 0; at < gradients.length; at += EARLIER) {
      const batch = gradients.slice(at, at + EARLIER).flat();
      squares.push(tf.square(tf.div(tf.addN(batch as tf.Tensor1D[]), batch.length)));
    }
    const root = tf.sqrt(tf.div(tf.addN(squares), squares.length));
    return tf.reciprocal(tf.add(root, 1e-8)) as tf.Tensor1D;
  });
}

/** Prompts that come before the pool: a third, in whole batches. */
const earlierOf = (prompts: number) =>
  Math.max(EARLIER, EARLIER * Math.floor(prompts / 3 / EARLIER));

/**
 * Prompts that are left for the pool.
 *
 * @param prompts all prompts
 * @returns those after the earlier ones
 */
export function poolOf(prompts: number): number {
  return prompts - earlierOf(prompts);
}

/**
 * Measures on a pool of prompts; a third of the samples come before it.
 *
 * @param workshop model, items and store
 * @param start the fine-tuned model
 * @param config rank of the adapter, sizes and number of the batches
 * @param samples completions of the start with their rewards
 * @returns what was measured, and the seconds that it took
 */
export async function modelGeometry(
  workshop: Workshop,
  start: TrainedSystem,
  { rank, modelPrompts, batchDraws }: Pick<GeometryConfig, "rank" | "modelPrompts" | "batchDraws">,
  samples: { readonly value: SampledPrompts; readonly hash: string },
): Promise<{ value: ModelGeometry; seconds: number }> {
  const bar = workshop.context.stage("Gradients of the model");
  const key = {
    ...trainingKey(workshop),
    version: 3,
    samples: samples.hash,
    rank,
    modelPrompts,
    batchDraws,
  };
  const stage = await workshop.context.store.json(
    "prompt-geometry",
    key,
    () =>
      withAdapter(workshop, start, { r: rank, targetModules: projections }, async (adapted) => {
        const gradients = await promptGradients(adapted, samples.value, bar.update);
        const earlier = earlierOf(gradients.length);
        const metric = secondMomentMetric(gradients.slice(0, earlier));
        const pool = gradients.slice(earlier);
        const euclidean = productsOf(pool);
        const adam = productsOf(pool, metric);
        const direction = tf.tidy(() => {
          const sum = tf.addN(pool.flat());
          return tf.div(sum, tf.norm(sum)) as tf.Tensor1D;
        });
        const { value } = samples;
        const steps = stepChanges(adapted, direction, {
          prompts: value.prompts.slice(0, earlier),
          completions: value.completions.slice(0, earlier),
          rewards: value.rewards.slice(0, earlier),
          strata: value.strata.slice(0, earlier),
        }, gradients.slice(0, earlier));
        tf.dispose([metric, direction, ...gradients.flat()]);
        return {
          pool: pool.length,
          earlier,
          parameters: adapted.trainable.values.size,
          euclidean: geometryOf(euclidean),
          adam: geometryOf(adam),
          natural: rewardCosines(samples.value.rewards.slice(-pool.length)),
          batches: sizedCosines(euclidean, modelPrompts, capabilities.length, batchDraws),
          batchDraws,
          steps,
        };
      }),
  );
  bar.finish(stage.cached ? "from the store" : `${stage.value.pool} prompts`);
  return stage;
}
