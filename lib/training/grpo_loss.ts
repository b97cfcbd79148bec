/**
 * The loss of Group Relative Policy Optimization (arXiv 2402.03300) and its derivative with respect to the
 * log-probabilities, on the host: a few thousand numbers, in double precision. Options have TRL's names and values.
 *
 * @module
 */
import { UsageError } from "../runtime/mod.ts";

/** How token losses are averaged. */
export const lossTypes = ["grpo", "bnpo", "dr_grpo", "dapo"] as const;

/** One of {@linkcode lossTypes}. */
export type LossType = typeof lossTypes[number];

/** The options of the loss. */
export interface GrpoLossOptions {
  /**
   * `grpo`: mean over sequences of the mean over tokens; `bnpo` and `dapo`: mean over the tokens of the step, which
   * are the same where one process computes it; `dr_grpo`: sum over tokens divided by sequences times
   * `maxCompletionLength`. Cutting a step into micro-batches changes none of them.
   */
  readonly lossType: LossType;
  /** Weight of the divergence from the reference. */
  readonly beta: number;
  /** The ratio is clipped at `1 - epsilon`. */
  readonly epsilon: number;
  /** The ratio is clipped at `1 + epsilonHigh`. */
  readonly epsilonHigh: number;
  /** A ratio for each token, or their geometric mean over the sequence. */
  readonly importanceSamplingLevel: "token" | "sequence";
  /** Longest completion, the constant in `dr_grpo`. */
  readonly maxCompletionLength: number;
  /**
   * Multiply the k3 estimate by the ratio, which makes its gradient that of the divergence from policy to reference
   * (arXiv 2512.02556); without it the gradient is that of the opposite divergence.
   */
  readonly useBiasCorrectionKl: boolean;
}

/** TRL's defaults. */
export const grpoLossDefaults: Omit<GrpoLossOptions, "maxCompletionLength"> = {
  lossType: "dapo",
  beta: 0,
  epsilon: 0.2,
  epsilonHigh: 0.2,
  importanceSamplingLevel: "token",
  useBiasCorrectionKl: true,
};

/** Log-probabilities of sampled completions, one array a sequence; lengths are those of the completions. */
export interface GrpoLossInput {
  /** Under the policy, `[sequences][tokens]`. */
  readonly logProbs: readonly ArrayLike<number>[];
  /** Under the policy that sampled; absent on-policy, where the ratio is 1. */
  readonly oldLogProbs?: readonly ArrayLike<number>[];
  /** Under the reference; needed where beta is not 0. */
  readonly refLogProbs?: readonly ArrayLike<number>[];
  /** Advantage of each sequence. */
  readonly advantages: ArrayLike<number>;
  /**
   * Advantages whose signs decide what is clipped; default: `advantages`. One capability's gradient is a part of the
   * combined one only under the combined advantage's mask (theory section 4).
   */
  readonly clipAdvantages?: ArrayLike<number>;
  /** Sequences of the whole step, where this is a micro-batch of it; default: those given. */
  readonly sequences?: number;
  /** Tokens of the whole step; default: those given. */
  readonly numItemsInBatch?: number;
}

/** The loss, its derivative and the metrics that TRL logs. */
export interface GrpoLoss {
  /** The loss; 0 where no token is valid. */
  readonly loss: number;
  /** d loss / d log-probability, `[sequences][tokens]`. */
  readonly gradient: Float64Array[];
  /** Mean k3 estimate of the divergence over tokens (TRL: `kl`). */
  readonly kl: number;
  /** Sum of the k3 estimates over tokens. */
  readonly klSum: number;
  /** Share of tokens whose loss is clipped (TRL: `clip_ratio/region_mean`). */
  readonly clipRatio: number;
  /** Number of tokens that are clipped from below. */
  readonly clippedLow: number;
  /** Number of tokens that are clipped from above. */
  readonly clippedHigh: number;
  /** Share of tokens that are clipped from below in each sequence that has tokens. */
  readonly lowShares: readonly number[];
  /** Share of tokens that are clipped from above in each sequence that has tokens. */
  readonly highShares: readonly number[];
}

/**
 * The loss and its derivative. A sequence without tokens adds nothing; a batch without any token has loss 0.
 *
 * @param input Log-probabilities, [sequences][tokens], and advantages, [sequences].
 * @param options How token losses are made and averaged.
 * @returns The loss, its derivative, [sequences][tokens], and what is logged.
 * @throws UsageError when beta is not 0 and there are no reference log-probabilities.
 * @example
 * ```ts
 * import { grpoLoss, grpoLossDefaults } from "./grpo_loss.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const { loss, gradient } = grpoLoss(
 *   { logProbs: [[-1, -2], [-1, -1]], advantages: [1, -1] },
 *   { ...grpoLossDefaults, lossType: "bnpo", maxCompletionLength: 2 },
 * );
 * assertEquals(loss, 0);
 * assertEquals([...gradient[0]!], [-0.25, -0.25]);
 * ```
 */
export function grpoLoss(
  input: GrpoLossInput,
  options: GrpoLossOptions,
): GrpoLoss {
  const { logProbs, oldLogProbs, refLogProbs, advantages } = input;
  const { beta, epsilon, epsilonHigh, lossType } = options;
  if (beta !== 0 && refLogProbs === undefined) {
    throw new UsageError(
      "Expected reference log-probabilities where beta is not 0 but found none",
    );
  }
  const sequences = input.sequences ?? logProbs.length;
  const here = logProbs.reduce((n, row) => n + row.length, 0);
  const tokens = input.numItemsInBatch ?? here;
  let loss = 0;
  let klSum = 0;
  const lows = new Float64Array(logProbs.length);
  const highs = new Float64Array(logProbs.length);
  const gradient = logProbs.map((row, s) => {
    const n = row.length;
    const direct = new Float64Array(n);
    const weight = {
      grpo: 1 / (sequences * n),
      bnpo: 1 / tokens,
      dapo: 1 / tokens,
      dr_grpo: 1 / (sequences * options.maxCompletionLength),
    }[lossType];
    const advantage = advantages[s]!;
    const direction = (input.clipAdvantages ?? advantages)[s]!;
    const logRatios = Float64Array.from(
      { length: n },
      (_, t) => row[t]! - (oldLogProbs?.[s]?.[t] ?? row[t]!),
    );
    const bySequence = options.importanceSamplingLevel === "sequence";
    const mean = logRatios.reduce((a, b) => a + b, 0) / n;
    // Derivative with respect to the logarithm of each token's ratio.
    const throughRatio = new Float64Array(n);
    for (let t = 0; t < n; t++) {
      const ratio = Math.exp(bySequence ? mean : logRatios[t]!);
      const limited = Math.min(Math.max(ratio, 1 - epsilon), 1 + epsilonHigh);
      const low = ratio < 1 - epsilon && direction < 0;
      const high = ratio > 1 + epsilonHigh && direction > 0;
      if (low) lows[s]!++;
      if (high) highs[s]!++;
      const isClipped = low || high;
      if (!isClipped) throughRatio[t] = -weight * advantage * ratio;
      let value = -(isClipped ? limited : ratio) * advantage;
      if (refLogProbs !== undefined) {
        const difference = refLogProbs[s]![t]! - row[t]!;
        const kl = Math.exp(difference) - difference - 1;
        const correction = options.useBiasCorrectionKl ? ratio : 1;
        klSum += kl;
        value += beta * kl * correction;
        direct[t] = weight * beta * (1 - Math.exp(difference)) * correction;
        if (options.useBiasCorrectionKl) {
          throughRatio[t]! += weight * beta * kl * ratio;
        }
      }
      loss += weight * value;
    }
    const shared = throughRatio.reduce((a, b) => a + b, 0) / n;
    return direct.map((d, t) => d + (bySequence ? shared : throughRatio[t]!));
  });
  const sum = (counts: Float64Array) => counts.reduce((a, b) => a + b, 0);
  const [clippedLow, clippedHigh] = [sum(lows), sum(highs)];
  const shares = (counts: Float64Array) =>
    logProbs.flatMap((row, s) => row.length === 0 ? [] : [counts[s]! / row.length]);
  return {
    loss,
    gradient,
    kl: here === 0 ? 0 : klSum / here,
    klSum,
    clipRatio: here === 0 ? 0 : (clippedLow + clippedHigh) / here,
    clippedLow,
    clippedHigh,
    lowShares: shares(lows),
    highShares: shares(highs),
  };
}
