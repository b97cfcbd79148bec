/**
 * Trials: many short trainings from one start, of which only the log and the held-out rewards are kept, not the
 * parameters. Compared by {@linkcode "./statistics.ts"}.
 *
 * @module
 */

import { join } from "@std/path";
import { withValues } from "../../lib/model/mod.ts";
import { tf } from "../../lib/runtime/mod.ts";
import type { StepLog } from "../../lib/training/mod.ts";
import { heldOutKey, heldOutRewards } from "./evaluate.ts";
import type { HeldOut } from "./findings.ts";
import {
  grpoConfig,
  grpoKey,
  readTrained,
  type RewardRule,
  runGrpo,
  stepsOn,
  type TrainedSystem,
  trainingKey,
} from "./train.ts";
import type { Workshop } from "./workshop.ts";

/** What is kept of a trial. */
export interface Trial {
  /** What each step logged. */
  readonly log: readonly StepLog[];
  /** Rewards on held-out items at the end. */
  readonly heldOut: HeldOut;
  /** Seconds that it took, now or when it was made. */
  readonly seconds: number;
}

const TRIAL = "trial.json";

/**
 * GRPO from a start under a rule, then its rewards on held-out items.
 *
 * @param workshop data and models
 * @param from the start
 * @param name of the bar
 * @param rule how rewards are combined
 * @param seed of the training
 * @returns log, rewards and seconds, from the store when they are there
 */
export async function trial(
  workshop: Workshop,
  from: TrainedSystem,
  name: string,
  rule: RewardRule,
  seed: number,
): Promise<Trial> {
  const { context } = workshop;
  const grpo = grpoConfig(workshop, rule, seed);
  const key = {
    ...trainingKey(workshop),
    ...grpoKey(workshop, from, grpo),
    heldOut: heldOutKey(workshop),
  };
  const bar = context.stage(`${name}, seed ${seed}`);
  const stage = await context.store.files("trial", key, async (folder, scratch) => {
    const { trainable, log } = await runGrpo(workshop, from, grpo, {
      folder: scratch,
      onStep: stepsOn(bar),
    });
    const heldOut = await heldOutRewards(workshop, trainable);
    trainable.values.dispose();
    await Deno.writeTextFile(join(folder, TRIAL), JSON.stringify({ log, heldOut }));
  });
  bar.finish(stage.cached ? "from the store" : undefined);
  const kept: Pick<Trial, "log" | "heldOut"> = JSON.parse(
    await Deno.readTextFile(join(stage.path, TRIAL)),
  );
  return { ...kept, seconds: stage.seconds };
}

/** A system and its share in a mixture of parameters. */
export interface Share {
  readonly system: TrainedSystem;
  readonly share: number;
}

/**
 * Held-out rewards of the mean of systems' parameters, `sum_i share_i theta_i` (rewarded soups, arXiv 2306.04488). One
 * system with share 1 is that system. Adapters are averaged factor by factor.
 *
 * @param workshop data and models
 * @param name of the bar
 * @param shares the systems; their shares sum to 1
 * @param seed of what is trained, for its shape alone
 * @returns rewards and seconds, from the store when they are there
 */
export async function soupRewards(
  workshop: Workshop,
  name: string,
  shares: readonly Share[],
  seed: number,
): Promise<{ heldOut: HeldOut; seconds: number }> {
  const { context } = workshop;
  const used = shares.filter(({ share }) => share !== 0);
  const key = {
    ...trainingKey(workshop),
    soup: used.map(({ system, share }) => [system.hash, share]),
    heldOut: heldOutKey(workshop),
  };
  const bar = context.stage(`Evaluating ${name}, seed ${seed}`);
  const stage = await context.store.json("soup", key, async () => {
    const parts = used.map(({ system }) => readTrained(workshop, system));
    const mixed = tf.tidy(() =>
      tf.addN(parts.map(({ values }, i) => tf.mul(values, used[i]!.share))) as tf.Tensor1D
    );
    tf.dispose(parts.map(({ values }) => values));
    const heldOut = await heldOutRewards(workshop, withValues(parts[0]!, mixed), bar.update);
    mixed.dispose();
    return heldOut;
  });
  bar.finish(stage.cached ? "from the store" : undefined);
  return { heldOut: stage.value, seconds: stage.seconds };
}
