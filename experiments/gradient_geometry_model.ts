/**
 * The capabilities' gradients on a language model: one step of GRPO for each batch, of which only what it logs about the
 * Gram matrix is kept.
 *
 * @module
 */

import { capabilities, type Capability } from "../lib/synthesis/mod.ts";
import { grpoConfig, rewardRules, runGrpo, type TrainedSystem, trainingKey } from "./systems.ts";
import type { Workshop } from "./workshop.ts";

/** Pairs of capabilities, the first before the second. */
export const capabilityPairs: readonly (readonly [Capability, Capability])[] = capabilities.flatMap(
  (a, i) => capabilities.slice(i + 1).map((b) => [a, b] as const),
);

/** What a batch tells of the gradients. */
export interface BatchGeometry {
  /** Prompts of the batch, half of them in each half. */
  readonly prompts: number;
  /** Cosine of each of {@linkcode capabilityPairs}, across the halves. */
  readonly cosines: readonly number[];
  /** Signal to noise of each capability's gradient. */
  readonly signal: readonly number[];
}

/**
 * Measures batches of every size, as many as the pool holds, at the parameters of a trained system. The learning rate is
 * that of the configuration's GRPO; where the step leads is not kept.
 */
export async function modelGeometry(
  workshop: Workshop,
  from: TrainedSystem,
  sizes: readonly number[],
  pool: number,
): Promise<{ batches: BatchGeometry[]; seconds: number }> {
  const { context, config } = workshop;
  const bar = context.stage("Measuring the model's gradients");
  const jobs = sizes.flatMap((prompts) =>
    Array.from(
      { length: Math.max(1, Math.floor(pool / prompts)) },
      (_, seed) => ({ prompts, seed }),
    )
  );
  const batches: BatchGeometry[] = [];
  let total = 0;
  for (const [i, { prompts, seed }] of jobs.entries()) {
    bar.update(i, jobs.length, `${prompts} prompts`);
    const rule = { ...rewardRules["CA-GRPO"], promptsPerStep: prompts, microBatches: 2 };
    const grpo = grpoConfig(workshop, rule, seed);
    const key = { ...trainingKey(workshop), from: from.hash, grpo, mixing: config.mixing };
    const { value, seconds } = await context.store.json("geometry", key, async () => {
      const folder = await Deno.makeTempDir({ prefix: "balancedbio-geometry-" });
      try {
        const { log, trainable } = await runGrpo(workshop, from, grpo, {
          folder,
          onStep: () => {},
        });
        trainable.values.dispose();
        const [step] = log;
        return {
          prompts,
          cosines: capabilityPairs.map(([a, b]) => step![`balance/cosine/${a}/${b}`]!),
          signal: capabilities.map((c) => step![`balance/signal_to_noise/${c}`]!),
        };
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    });
    batches.push(value);
    total += seconds;
  }
  bar.finish(`${jobs.length} batches`);
  return { batches, seconds: total };
}
