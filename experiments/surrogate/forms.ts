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
import { type FormName, formNames, type FormOutcome, type Outcomes } from "./findings.ts";

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

/** Coefficients of ascent on the surrogate of some advantages. */
type Ascent = (
  advantages: readonly number[],
  options?: Partial<GrpoLossOptions>,
  at?: "start" | "later",
  clipAdvantages?: readonly number[],
) => TokenRows;

function ascentOf({ start, later, maxCompletionLength }: SurrogateBatch): Ascent {
  return (advantages, options = {}, at = "start", clipAdvantages = advantages) => {
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
}

/** Advantages of each reward alone, `[rewards][sequences]`. */
type Parts = readonly (readonly number[])[];

const weightedSum = (parts: Parts, weights: readonly number[]) =>
  parts[0]!.map((_, k) => parts.reduce((total, part, i) => total + weights[i]! * part[k]!, 0));

/** Advantages of each reward by the ways to compare and scale them. */
function advantagesOf(rewards: readonly GroupRewards[]) {
  const each = Array.from({ length: rewards[0]![0]!.length }, (_, i) => i);
  const of = (options: Parameters<typeof rewardAdvantages>[2]): Parts =>
    each.map((i) => rewardAdvantages(rewards, i, options).flat());
  const loo = of({ multiObjectiveAggregation: "leave_one_out" });
  return {
    loo,
    scaled: of({
      multiObjectiveAggregation: "leave_one_out",
      rewardScales: pooledScales(rewards, each.length),
    }),
    normalised: of({ multiObjectiveAggregation: "normalize_then_sum" }),
    /** As if groups without a reward had one of 0. */
    unmasked: each.map((i) => {
      const share = applicable(rewards, i) / rewards.length;
      return loo[i]!.map((a) => a * share);
    }),
  };
}

/** Forms at the policy that sampled. */
function formsAtStart({ rewards }: SurrogateBatch, ascent: Ascent) {
  const { loo, scaled, normalised, unmasked } = advantagesOf(rewards);
  const linear = (parts: Parts, options: Partial<GrpoLossOptions> = {}): Form => ({
    at: "start",
    own: parts.map((part) => ascent(part, options)),
    whole: (weights) => ascent(weightedSum(parts, weights), options),
  });
  const plain = linear(loo);
  const grouped =
    (options: Pick<AdvantageOptions, "multiObjectiveAggregation" | "scaleRewards">) =>
    (rewardWeights: readonly number[]) =>
      ascent(groupAdvantages(rewards, { ...options, rewardWeights }).flat());
  return {
    "leave one out": plain,
    "one constant for each reward": linear(scaled),
    "mean over the batch's tokens": linear(loo, { lossType: "dapo" }),
    "mean over each answer's tokens": linear(loo, { lossType: "grpo" }),
    "each reward over its deviation": {
      ...linear(normalised),
      whole: grouped({ multiObjectiveAggregation: "normalize_then_sum", scaleRewards: "none" }),
    },
    "sum over its deviation": {
      ...plain,
      whole: grouped({ multiObjectiveAggregation: "sum_then_normalize", scaleRewards: "group" }),
    },
    "absent rewards as 0": {
      ...plain,
      whole: (weights: readonly number[]) => ascent(weightedSum(unmasked, weights)),
    },
  } satisfies Partial<Record<FormName, Form>>;
}

/** Forms at the later policy, where the divergence and the clipping have something to do. */
function formsAtLater({ rewards }: SurrogateBatch, ascent: Ascent) {
  const { loo } = advantagesOf(rewards);
  const clip = { epsilon: EPSILON, epsilonHigh: EPSILON };
  const unclipped = loo.map((part) => ascent(part, {}, "later"));
  const diverging: Form = {
    at: "later",
    own: unclipped,
    whole: (weights) => ascent(weightedSum(loo, weights), { beta: BETA }, "later"),
  };
  const clipped = (weights: readonly number[]) => ascent(weightedSum(loo, weights), clip, "later");
  return {
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
      ownUnder: (weights: readonly number[]) =>
        loo.map((part) => ascent(part, clip, "later", weightedSum(loo, weights))),
    },
  } satisfies Partial<Record<FormName, Form>>;
}

function formsOf(batch: SurrogateBatch): Readonly<Record<FormName, Form>> {
  const ascent = ascentOf(batch);
  return { ...formsAtStart(batch, ascent), ...formsAtLater(batch, ascent) };
}

/** A fall below this share of the norms of a reward's gradient and of the terms of the sum is rounding. */
export const ROUNDING = 1e-5;

const lengthOf = (g: ArrayLike<number>): number => Math.sqrt(inner(g, g));

/** A sum that is shorter than this share of the lengths of its terms is measured against these. */
const CANCELLED = 1e-2;

/** Distance of a direction from a multiple of another, relative to the first, or to what is left when terms of such lengths cancel. */
function deviationOf(d: ArrayLike<number>, other: ArrayLike<number>, terms: number): number {
  const [squared, norm] = [inner(other, other), Math.max(lengthOf(d), CANCELLED * terms)];
  if (norm === 0) return 0;
  if (squared === 0) return lengthOf(d) / norm;
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
 *
 * @param batch completions with their rewards at two policies
 * @returns what each form makes of it
 */
export function surrogateOutcomes(batch: SurrogateBatch): Outcomes {
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
    const parts = under?.map(after) ?? own;
    const sum = combination(parts, weights);
    const terms = parts.reduce((all, g, i) => all + weights[i]! * lengthOf(g), 0) +
      (extra ? lengthOf(extra) : 0);
    const least = ROUNDING * Math.max(lengthOf(d), terms);
    const harmed = truth[at].filter((g) => inner(g, d) < -least * lengthOf(g));
    const outcome: FormOutcome = {
      deviation: deviationOf(d, extra ? combination([sum, extra], [1, 1]) : sum, terms),
      harmed: harmed.length,
    };
    return [name, outcome];
  })) as Outcomes;
}
