/**
 * The same trainer on an objective whose gradients are exact: no sampling, so that what is seen is the doing of weights
 * and optimizer, and Theorem 5 can be checked to rounding.
 *
 * @module
 */

import type { Aggregator } from "../balance/mod.ts";
import type { Trainable } from "../model/mod.ts";
import { tf, UsageError } from "../runtime/mod.ts";
import { adamWMetric, passedMetric } from "./adamw.ts";
import { type BalanceMemory, balanceStep, optimizerOrder } from "./balance_step.ts";
import type { ExactConfig } from "./config.ts";
import { gradientProducts } from "./gradient_products.ts";
import {
  namedMetrics,
  type OnDamaged,
  type OnResume,
  type OnStep,
  type Run,
  type StepLog,
  trainingLoop,
  type TrainingResult,
} from "./loop.ts";

/** Several values to raise, with exact gradients. */
export interface ExactObjective {
  /** Names of the values, for the log. */
  readonly rewardNames: readonly string[];
  /** J, [m], and the gradients of J (ascent), m vectors [n], which the caller disposes of. */
  readonly evaluate: (trainable: Trainable) => {
    readonly values: readonly number[];
    readonly gradients: readonly tf.Tensor1D[];
  };
}

/** What {@linkcode trainExact} needs. */
export interface ExactOptions {
  /** What is raised. */
  readonly objective: ExactObjective;
  /** Initial parameters; they stay the caller's. */
  readonly trainable: Trainable;
  /** Options. */
  readonly config: ExactConfig;
  /** A weighting rule of the user's own, in place of `config.weighting`. */
  readonly aggregator?: Aggregator | undefined;
  /** What run it is, as JSON, for its checkpoints. */
  readonly run?: unknown;
  /** Told what the steps logged that the run goes on behind. */
  readonly onResume?: OnResume | undefined;
  /** Folder of the checkpoint; without one nothing is written. */
  readonly folder?: string | undefined;
  /** Told after each step. */
  readonly onStep?: OnStep | undefined;
  /** Told of each damaged checkpoint that the run does not go on from. */
  readonly onDamaged?: OnDamaged | undefined;
  /** Ends the run behind a step: a checkpoint is written and the signal's reason is thrown. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Trains with the loop, the optimizer and the weights of GRPO. Each step logs `objective/NAME`, J before it, `weights/NAME`,
 * `balance/*` where weights were solved, and `step_cosine/NAME`, the cosine of the change D of the parameters with g_i in
 * the metric M that the step was made in: `g_i'D / (|g_i|_M |D|_{M^-1})`, 0 where one of them is 0.
 *
 * @param options Objective, initial parameters and options.
 * @returns The trained parameters, whose values the caller disposes of, and the log.
 * @throws UsageError when there are not as many weights as rewards.
 * @throws WorkbenchError when a value, a gradient or a parameter is not finite, or no checkpoint of the folder is whole.
 * @throws The signal's reason, once a checkpoint is written.
 */
export async function trainExact(options: ExactOptions): Promise<TrainingResult> {
  const { objective, config, aggregator } = options;
  const { rewardNames } = objective;
  if (config.rewardWeights.length !== rewardNames.length) {
    throw new UsageError(
      `Expected rewardWeights to have ${rewardNames.length} numbers but found ${config.rewardWeights.length}`,
    );
  }
  return await trainingLoop<BalanceMemory | null>({
    ...options,
    order: optimizerOrder(config, aggregator),
    memory: null,
    // deno-lint-ignore require-await -- the loop awaits steps of either kind
    takeStep: async (run, memory) => {
      const { values, gradients } = objective.evaluate(run.trainable);
      const losses = gradients.map((gradient) => tf.neg(gradient));
      const measure = stepMeasure(run, gradients, config.rewardWeights);
      const step = balanceStep({
        run,
        gradients: { rewards: [losses], shares: [rewardNames.map(() => 1)] },
        config,
        rewardNames,
        aggregator,
        memory,
      });
      const cosines = measure();
      tf.dispose([...gradients]);
      return {
        metrics: {
          loss: -values.reduce((sum, value, i) => sum + config.rewardWeights[i]! * value, 0),
          ...namedMetrics("objective", rewardNames, values),
          ...step.metrics,
          ...namedMetrics("step_cosine", rewardNames, cosines),
        },
        tokens: 0,
        memory: step.memory,
      };
    },
  });
}

/** Cosines of a step with a reward's gradient above minus this are rounding. */
export const COSINE_ROUNDING = 1e-5;

/**
 * The metric of a step whose second moment does not hold the step's own gradient, from exact gradients.
 *
 * @param run The run before the step.
 * @param gradients Exact gradients there, m vectors [n]; they stay the caller's.
 * @param preference Preferred weights, [m].
 * @returns Its diagonal, [n], which the caller disposes of.
 */
export function preferredMetric(
  { optimizer, adamW }: Pick<Run, "optimizer" | "adamW">,
  gradients: readonly tf.Tensor1D[],
  preference: readonly number[],
): tf.Tensor1D {
  return tf.tidy(() => {
    const preferred = tf.addN(gradients.map((g, i) => tf.mul(g, preference[i]!)));
    return adamWMetric(optimizer, adamW, preferred as tf.Tensor1D);
  });
}

/**
 * Remembers where a step starts; what it returns measures the step behind it, once, and frees what was kept.
 *
 * @param run The run before the step.
 * @param gradients Exact gradients there, m vectors [n], in the units of those that the run steps on; they stay the caller's
 * and have to live until the step is measured.
 * @param preference Preferred weights, [m].
 * @returns Gives the cosine of the change D of the parameters with each g_i in the metric M of the step,
 * `g_i'D / (|g_i|_M |D|_{M^-1})`, [m], 0 where one of them is 0. In the order `before` M holds the preferred sum of the
 * exact gradients.
 */
export function stepMeasure(
  run: Run,
  gradients: readonly tf.Tensor1D[],
  preference: readonly number[],
): () => number[] {
  const { adamW } = run;
  const start = tf.clone(run.trainable.values);
  const before = adamW.secondMoment === "after"
    ? undefined
    : preferredMetric(run, gradients, preference);
  return () => {
    const cosines = tf.tidy(() => {
      const metric = before ?? passedMetric(run.optimizer, adamW);
      const change = tf.sub(run.trainable.values, start) as tf.Tensor1D;
      const inverse = tf.divNoNan(tf.onesLike(metric), metric) as tf.Tensor1D;
      const [length] = gradientProducts([change], [change], inverse);
      const rates = gradientProducts(gradients, [change]);
      return gradients.map((gradient, i) => {
        const [norm] = gradientProducts([gradient], [gradient], metric);
        const scale = Math.sqrt(norm![0]! * length![0]!);
        return scale > 0 ? rates[i]![0]! / scale : 0;
      });
    });
    tf.dispose([start, ...before === undefined ? [] : [before]]);
    return cosines;
  };
}

/** How many steps harm a reward to first order. */
export interface HarmfulSteps {
  /** Steps. */
  readonly steps: number;
  /** Steps whose cosine with some reward's gradient is below minus the tolerance. */
  readonly harmful: number;
  /** Least cosine of a step with a reward's gradient. */
  readonly worst_cosine: number;
}

/**
 * Counts the steps of {@linkcode trainExact} that harm a reward to first order.
 *
 * @param log The run's log.
 * @param rewardNames Names of the rewards.
 * @param tolerance Cosines above minus this are rounding.
 * @returns Steps, harmful ones and the least cosine.
 */
export function harmfulSteps(
  log: readonly StepLog[],
  rewardNames: readonly string[],
  tolerance = COSINE_ROUNDING,
): HarmfulSteps {
  const worst = log.map((entry) =>
    Math.min(...rewardNames.map((name) => entry[`step_cosine/${name}`]!))
  );
  return {
    steps: log.length,
    harmful: worst.filter((cosine) => cosine < -tolerance).length,
    worst_cosine: worst.reduce((least, cosine) => Math.min(least, cosine), Infinity),
  };
}
