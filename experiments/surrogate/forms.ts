/**
 * Forms of GRPO's surrogate and what their one backward pass gives: the weighted sum of the rewards' gradients, or
 * something else (theorem 8 of `lib/balance/THEORY.md`).
 *
 * @module
 */

import { capabilityAwareWeights, combination, gramMatrix, inner } from "../../lib/balance/mod.ts";
import {
  type AdvantageOptions,
  groupAdvantages,
  type GroupRewards,
  grpoLoss,
  grpoLossDefaults,
  type GrpoLossOptions,
  pooledScales,
  presentRewards,
  rewardAdvantages,
} from "../../lib/training/mod.ts";

/** One number a token, `[sequences][tokens]`. */
export type TokenRows = readonly ArrayLike<number>[];

/** A policy seen on the completions of a batch. */
export interface PolicyView {
  /** Log-probabilities of the completions' tokens. */
  readonly logProbs: TokenRows;
  /** Combinations `sum_t c_t grad log pi_t` of the tokens' gradients, a vector for each list of coefficients. */
  readonly pullback: (coefficients: readonly TokenRows[]) => ArrayLike<number>[];
}

/** Sampled completions with their rewards, at the policy that sampled and at one that has moved on since. */
export interface SurrogateBatch {
  /** `[groups][completions][rewards]`. */
  readonly rewards: readonly GroupRewards[];
  /** The policy that sampled, which is also the reference. */
  readonly start: PolicyView;
  /** A later policy, as in the second epoch on the same completions. */
  readonly later: PolicyView;
  /** Longest completion, the constant normaliser. */
  readonly maxCompletionLength: number;
}

/** Weight of the divergence where a form has one. */
export const BETA = 0.2;

/** Range of the clipped ratio where a form clips. */
export const EPSILON = 0.2;

/** The forms, in the order of tables. */
export const formNames = [
  "leave one out",
  "one constant for each reward",
  "mean over the batch's tokens",
  "mean over each answer's tokens",
  "each reward over its deviation",
  "sum over its deviation",
  "absent rewards as 0",
  "divergence, unknown to the weights",
  "divergence, known to the weights",
  "clipped, each by its own sign",
  "clipped, all by the sum's sign",
] as const;

/** One of {@linkcode formNames}. */
export type FormName = typeof formNames[number];

/** What a batch shows of a form. */
export interface FormOutcome {
  /** `||d - s sum_i w_i d_i|| / ||d||` at the best scale s: d is the surrogate's gradient, d_i that of reward i alone. */
  readonly deviation: number;
  /** Rewards whose mean the direction lowers to first order although the weights were solved to lower none. */
  readonly harmed: number;
}

/** Groups in which rewards can be compared. */
const applicable = (rewards: readonly GroupRewards[], i: number) =>
  rewards.filter((group) => presentRewards(group, i).length >= 2).length;

/** A form on a batch: the rewards' own coefficients that weights are solved from, and the whole for given weights. */
interface Form {
  readonly at: "start" | "later";
  /** Of each reward alone; the weights come from their gradients. */
  readonly own: readonly TokenRows[];
  /** Of the surrogate with these weights. */
  readonly whole: (weights: readonly number[]) => TokenRows;
  /** Of each reward alone where they depend on the weights. */
  readonly ownUnder?: (weights: readonly number[]) => readonly TokenRows[];
  /** Of the divergence's part, where the weights know it. */
  readonly extra?: TokenRows;
}

function formsOf(batch: SurrogateBatch): Readonly<Record<FormName, Form>> {
  const { rewards, start, later, maxCompletionLength } = batch;
  const m = rewards[0]![0]!.length;
  const each = Array.from({ length: m }, (_, i) => i);
  const looOf = (i: number, scales?: readonly number[]) =>
    rewardAdvantages(rewards, i, {
      multiObjectiveAggregation: "leave_one_out",
      ...(scales && { rewardScales: scales }),
    }).flat();
  const loo = each.map((i) => looOf(i));
  const scales = pooledScales(rewards, m);
  const scaled = each.map((i) => looOf(i, scales));
  const normalised = each.map((i) =>
    rewardAdvantages(rewards, i, { multiObjectiveAggregation: "normalize_then_sum" }).flat()
  );
  const unmasked = each.map((i) => {
    const share = applicable(rewards, i) / rewards.length;
    return loo[i]!.map((a) => a * share);
  });
  const sum = (parts: readonly (readonly number[])[], weights: readonly number[]) =>
    parts[0]!.map((_, k) => parts.reduce((total, part, i) => total + weights[i]! * part[k]!, 0));
  /** Coefficients of ascent. */
  const ascent = (
    advantages: readonly number[],
    options: Partial<GrpoLossOptions> = {},
    at: "start" | "later" = "start",
    clipAdvantages = advantages,
  ): TokenRows => {
    const { gradient } = grpoLoss({
      logProbs: (at === "start" ? start : later).logProbs,
      ...(at === "later" && { oldLogProbs: start.logProbs }),
      ...(options.beta !== undefined && { refLogProbs: start.logProbs }),
      advantages,
      clipAdvantages,
    }, {
      ...grpoLossDefaults,
      lossType: "dr_grpo",
      epsilon: Infinity,
      epsilonHigh: Infinity,
      maxCompletionLength,
      ...options,
    });
    return gradient.map((row) => row.map((x) => -x));
  };
  const linear = (
    parts: readonly (readonly number[])[],
    options: Partial<GrpoLossOptions> = {},
  ): Form => ({
    at: "start",
    own: parts.map((part) => ascent(part, options)),
    whole: (weights) => ascent(sum(parts, weights), options),
  });
  const plain = linear(loo);
  const advantagesOf =
    (options: Pick<AdvantageOptions, "multiObjectiveAggregation" | "scaleRewards">) =>
    (rewardWeights: readonly number[]) =>
      ascent(groupAdvantages(rewards, { ...options, rewardWeights }).flat());
  const clip = { epsilon: EPSILON, epsilonHigh: EPSILON };
  const unclipped = loo.map((part) => ascent(part, {}, "later"));
  const diverging: Form = {
    at: "later",
    own: unclipped,
    whole: (weights) => ascent(sum(loo, weights), { beta: BETA }, "later"),
  };
  const clipped = (weights: readonly number[]) => ascent(sum(loo, weights), clip, "later");
  return {
    "leave one out": plain,
    "one constant for each reward": linear(scaled),
    "mean over the batch's tokens": linear(loo, { lossType: "dapo" }),
    "mean over each answer's tokens": linear(loo, { lossType: "grpo" }),
    "each reward over its deviation": {
      ...linear(normalised),
      whole: advantagesOf({
        multiObjectiveAggregation: "normalize_then_sum",
        scaleRewards: "none",
      }),
    },
    "sum over its deviation": {
      ...plain,
      whole: advantagesOf({
        multiObjectiveAggregation: "sum_then_normalize",
        scaleRewards: "group",
      }),
    },
    "absent rewards as 0": {
      ...plain,
      whole: (weights) => ascent(sum(unmasked, weights)),
    },
    "divergence, unknown to the weights": diverging,
    "divergence, known to the weights": {
      ...diverging,
      extra: ascent(loo[0]!.map(() => 0), { beta: BETA }, "later"),
    },
    "clipped, each by its own sign": {
      at: "later",
      own: loo.map((part) => ascent(part, clip, "later")),
      whole: clipped,
    },
    "clipped, all by the sum's sign": {
      at: "later",
      own: unclipped,
      whole: clipped,
      ownUnder: (weights) => loo.map((part) => ascent(part, clip, "later", sum(loo, weights))),
    },
  };
}

/** A fall below this share of both norms is rounding. */
const ROUNDING = 1e-5;

/** Distance of a direction from a multiple of another, relative to the first. */
function deviationOf(d: ArrayLike<number>, other: ArrayLike<number>): number {
  const [squared, norm] = [inner(other, other), Math.sqrt(inner(d, d))];
  if (squared === 0 || norm === 0) return norm === 0 ? 0 : 1;
  const scale = inner(d, other) / squared;
  let rest = 0;
  for (let k = 0; k < d.length; k++) rest += (d[k]! - scale * other[k]!) ** 2;
  return Math.sqrt(rest) / norm;
}

/** Gradients of lists of coefficients at each policy, every list pulled back once. */
function gradientsOf(
  batch: SurrogateBatch,
  asked: readonly (readonly ["start" | "later", TokenRows])[],
): (rows: TokenRows) => ArrayLike<number> {
  const found = new Map<TokenRows, ArrayLike<number>>();
  for (const at of ["start", "later"] as const) {
    const lists = [...new Set(asked.flatMap(([view, rows]) => view === at ? [rows] : []))];
    batch[at].pullback(lists).forEach((gradient, k) => found.set(lists[k]!, gradient));
  }
  return (rows) => found.get(rows)!;
}

/**
 * What every form makes of a batch. Weights are capability-aware, solved for equal preferences from the gradients of the
 * form's own parts; harm is counted by the unbiased gradients of the rewards' means at the same policy.
 */
export function surrogateOutcomes(batch: SurrogateBatch): Record<FormName, FormOutcome> {
  const forms = formsOf(batch);
  const { "leave one out": onPolicy, "divergence, unknown to the weights": later } = forms;
  const before = gradientsOf(
    batch,
    Object.values(forms).flatMap(({ at, own, extra }) =>
      [...own, ...(extra ? [extra] : [])].map((rows) => [at, rows] as const)
    ),
  );
  const truth = { start: onPolicy.own.map(before), later: later.own.map(before) };
  const steps = formNames.map((name) => {
    const form = forms[name];
    const own = form.own.map(before);
    const extra = form.extra && before(form.extra);
    const { weights } = capabilityAwareWeights({
      gram: gramMatrix(own),
      preference: own.map(() => 1 / own.length),
      ...(extra && { extraProducts: own.map((g) => inner(g, extra)) }),
    });
    const { at } = form;
    return {
      name,
      at,
      own,
      extra,
      weights,
      whole: form.whole(weights),
      under: form.ownUnder?.(weights),
    };
  });
  const after = gradientsOf(
    batch,
    steps.flatMap(({ at, whole, under = [] }) =>
      [whole, ...under].map((rows) => [at, rows] as const)
    ),
  );
  return Object.fromEntries(steps.map(({ name, at, own, extra, weights, whole, under }) => {
    const d = after(whole);
    const sum = combination(under?.map(after) ?? own, weights);
    const norm = Math.sqrt(inner(d, d));
    const harmed = truth[at].filter((g) => inner(g, d) < -ROUNDING * norm * Math.sqrt(inner(g, g)));
    const outcome: FormOutcome = {
      deviation: deviationOf(d, extra ? combination([sum, extra], [1, 1]) : sum),
      harmed: harmed.length,
    };
    return [name, outcome];
  })) as Record<FormName, FormOutcome>;
}
