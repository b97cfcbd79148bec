/** Optimal mixing of a rule's score with a model's score. @module */
import { UsageError } from "../runtime/mod.ts";

/** Second moments of the errors of two scores. */
export interface ErrorMoments {
  /** Second moment of the rule's error. */
  readonly a: number;
  /** Second moment of the model score's error. */
  readonly b: number;
  /** Their product moment. */
  readonly c: number;
}

/** The mixing weight and what it achieves. */
export interface HybridWeight {
  /** `(b - c) / (a + b - 2c)`; undefined when both errors are equal. */
  readonly raw: number | undefined;
  /** Weight lambda of the rule's score, in [0, 1]. */
  readonly lambda: number;
  /** Mean squared error at lambda, `lambda^2 a + (1 - lambda)^2 b + 2 lambda (1 - lambda) c`. */
  readonly variance: number;
}

/**
 * The weight that minimises the mean squared error of `lambda R + (1 - lambda) S` (lib/balance/THEORY.md, Theorem 11):
 * `clip((b - c) / (a + b - 2c), 0, 1)`, and 1/2 when both errors are equal and every weight is as good.
 *
 * @param moments a, b, c of the errors `R - Q` and `S - Q`, taken within prompts.
 * @returns Weight and mean squared error; the error never exceeds `min(a, b)` when a, b, c are true moments.
 * @throws UsageError when a or b is negative or a moment is not finite.
 * @example
 * ```ts
 * import { lambdaStar } from "./hybrid_weight.ts";
 * import { assertEquals } from "@std/assert";
 * assertEquals(lambdaStar({ a: 0.25, b: 0.25, c: 0 }).lambda, 0.5);
 * ```
 */
export function lambdaStar(moments: ErrorMoments): HybridWeight {
  const { a, b, c } = moments;
  if (!(a >= 0 && b >= 0 && Number.isFinite(a + b + c))) {
    throw new UsageError(
      `Expected finite moments with a and b of at least 0 but found a = ${a}, b = ${b}, c = ${c}`,
    );
  }
  const spread = a + b - 2 * c;
  const raw = Math.abs(spread) <= 1e-14 * (a + b) ? undefined : (b - c) / spread;
  const lambda = Math.min(1, Math.max(0, raw ?? 0.5));
  return {
    raw,
    lambda,
    variance: lambda ** 2 * a + (1 - lambda) ** 2 * b +
      2 * lambda * (1 - lambda) * c,
  };
}

/** The mixing weight estimated from audited items. */
export interface EstimatedHybridWeight extends HybridWeight {
  /** Sample moments within groups. */
  readonly moments: ErrorMoments;
  /** Standard error of `raw`: that of the regression slope of `S - Q` on `S - R`; NaN with too few items. */
  readonly standardError: number;
}

/**
 * Estimate the mixing weight from items with known quality. A constant error per prompt cancels in the advantage, so the
 * moments are taken around each prompt's mean. The unclipped weight is the least-squares slope of `S - Q` on `S - R`.
 *
 * @param rule R, [n].
 * @param model S, [n].
 * @param quality Q, [n].
 * @param prompts Prompt of each item, [n]; one common mean when left out.
 * @returns Weight, moments and standard error.
 * @throws UsageError when lengths differ or no prompt has two items.
 */
export function estimateLambda(
  rule: readonly number[],
  model: readonly number[],
  quality: readonly number[],
  prompts?: readonly string[],
): EstimatedHybridWeight {
  const n = rule.length;
  for (
    const [key, value] of [["model", model], ["quality", quality], [
      "prompts",
      prompts ?? rule,
    ]] as const
  ) {
    if (value.length !== n) {
      throw new UsageError(
        `Expected ${key} to have ${n} entries but found ${value.length}`,
      );
    }
  }
  const groups = new Map<string, number[]>();
  for (let i = 0; i < n; i++) {
    const key = prompts?.[i] ?? "";
    groups.set(key, [...(groups.get(key) ?? []), i]);
  }
  const freedom = n - groups.size;
  if (freedom < 1) {
    throw new UsageError(
      `Expected a prompt with at least 2 items but found ${n} items in ${groups.size} prompts`,
    );
  }
  const centred = (score: readonly number[]): number[] => {
    const errors = score.map((x, i) => x - quality[i]!);
    for (const items of groups.values()) {
      const mean = items.reduce((sum, i) => sum + errors[i]!, 0) / items.length;
      for (const i of items) errors[i]! -= mean;
    }
    return errors;
  };
  const r = centred(rule), s = centred(model);
  const moment = (x: readonly number[], y: readonly number[]) =>
    x.reduce((sum, value, i) => sum + value * y[i]!, 0) / freedom;
  const moments = { a: moment(r, r), b: moment(s, s), c: moment(r, s) };
  const weight = lambdaStar(moments);
  const slope = weight.raw ?? 0.5;
  const residual = s.reduce(
    (sum, value, i) => sum + (value - slope * (value - r[i]!)) ** 2,
    0,
  );
  const spread = (moments.a + moments.b - 2 * moments.c) * freedom;
  return {
    ...weight,
    moments,
    standardError: freedom > 1 ? Math.sqrt(residual / (freedom - 1) / spread) : NaN,
  };
}
