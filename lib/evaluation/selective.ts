/** Answering only when sure, with a promised error rate. @module */
import { UsageError } from "../runtime/mod.ts";
import { clopperPearsonUpper } from "./intervals.ts";
import { binomialCdf } from "./special_functions.ts";

/** What {@linkcode selectiveThreshold} needs. */
export interface SelectiveInput {
  /** Confidence of every calibration item, [n]. Items must be independent: one a case. */
  readonly confidence: readonly number[];
  /** True where the answer was wrong, [n]. */
  readonly error: readonly boolean[];
  /** Thresholds, falling, chosen without the calibration items. */
  readonly thresholds: readonly number[];
  /** Error rate alpha that answered items may have. */
  readonly alpha: number;
  /** Probability delta, over the calibration draw, with which the promise may fail. */
  readonly delta: number;
  /**
   * Skip thresholds that too few items reach to reject at all (fewer than `ln delta / ln(1 - alpha)`). Valid when the
   * error rate does not rise with confidence. False starts at the first threshold.
   */
  readonly skipSmall?: boolean;
}

/** One threshold's test. */
export interface ThresholdTest {
  /** Answer when confidence is at least this. */
  readonly threshold: number;
  /** Items answered. */
  readonly n: number;
  /** Wrong among them. */
  readonly errors: number;
  /** `P(Bin(n, alpha) <= errors)`, 1 without items. */
  readonly p: number;
  /** Clopper-Pearson upper limit of the error rate at level `1 - delta`. */
  readonly upper: number;
}

/** The chosen threshold and the evidence. */
export interface SelectiveResult {
  /** The last threshold rejected in sequence; undefined means: never answer. */
  readonly threshold: number | undefined;
  /** Fewest items with which a rejection is possible. */
  readonly minimum: number;
  /** All thresholds' tests, in order. */
  readonly tests: readonly ThresholdTest[];
}

/**
 * Threshold for selective answering by fixed-sequence testing (lib/balance/THEORY.md, Theorem 13; Learn then Test,
 * arXiv 2110.01052): with probability at least `1 - delta` over the calibration items, the error rate of the answered items
 * is at most alpha. The promise is about the population's rate, not about the errors on a further test sample.
 *
 * @param input Calibration items, thresholds, alpha, delta.
 * @returns The threshold with all tests.
 * @throws UsageError when lengths differ, thresholds do not fall, or alpha or delta lie outside (0, 1).
 * @example
 * ```ts
 * import { selectiveThreshold } from "./selective.ts";
 * import { assertEquals } from "@std/assert";
 * const confidence = Array.from({ length: 40 }, (_, i) => i / 40);
 * const result = selectiveThreshold({
 *   confidence, error: confidence.map((c) => c < 0.2), thresholds: [0.4, 0.2, 0], alpha: 0.1, delta: 0.1,
 * });
 * assertEquals(result.threshold, 0.2);
 * ```
 */
export function selectiveThreshold(input: SelectiveInput): SelectiveResult {
  const { confidence, error, thresholds, alpha, delta, skipSmall = false } = input;
  if (confidence.length !== error.length) {
    throw new UsageError(
      `Expected confidence and error to have equal length but found ${confidence.length} and ${error.length}`,
    );
  }
  for (const [key, value] of [["alpha", alpha], ["delta", delta]] as const) {
    if (!(value > 0 && value < 1)) {
      throw new UsageError(
        `Expected ${key} to be between 0 and 1 but found ${value}`,
      );
    }
  }
  thresholds.forEach((t, i) => {
    if (i > 0 && !(t < thresholds[i - 1]!)) {
      throw new UsageError(
        `Expected thresholds to fall but found ${thresholds[i - 1]} before ${t}`,
      );
    }
  });
  const minimum = Math.ceil(Math.log(delta) / Math.log1p(-alpha));
  const tests = thresholds.map((threshold): ThresholdTest => {
    const answered = error.filter((_, i) => confidence[i]! >= threshold);
    const n = answered.length;
    const errors = answered.filter(Boolean).length;
    return {
      threshold,
      n,
      errors,
      p: n === 0 ? 1 : binomialCdf(errors, n, alpha),
      upper: clopperPearsonUpper(errors, n, 1 - delta),
    };
  });
  let threshold: number | undefined;
  for (const test of tests) {
    if (skipSmall && test.n < minimum) continue;
    if (test.p > delta) break;
    threshold = test.threshold;
  }
  return { threshold, minimum, tests };
}
