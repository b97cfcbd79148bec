/**
 * Tabular softmax policies: logits for every answer to every prompt, mean rewards as objectives. Not concave in the
 * logits, but linear in the policy, so everything about it can be computed.
 *
 * @module
 */

import { type RandomStream, randomStream } from "../../runtime/mod.ts";
import type { Gram } from "../types.ts";
import type { Problem } from "./problem.ts";

/** Rewards in [0, 1] of every answer to every prompt, `[prompts][answers][rewards]`. */
export type RewardTable = readonly (readonly (readonly number[])[])[];

/** What a table is drawn from. */
export interface RewardTableOptions {
  /** Number of prompts. */
  readonly prompts: number;
  /** Answers to each. */
  readonly answers: number;
  /** Number of rewards, m. */
  readonly rewards: number;
  /** From 0, independent rewards, to 1: as opposed as m rewards can be, correlations of -1 / (m - 1). */
  readonly conflict: number;
  /** Seed. */
  readonly seed: number;
}

/** Draws a table: normal numbers, less `conflict` times their mean over the rewards, through the logistic function. */
export function rewardTable(options: RewardTableOptions): RewardTable {
  const random = randomStream(options.seed, "tabular");
  return Array.from(
    { length: options.prompts },
    () =>
      Array.from({ length: options.answers }, () => {
        const draws = Array.from({ length: options.rewards }, () => random.normal());
        const common = options.conflict * draws.reduce((a, b) => a + b, 0) / draws.length;
        return draws.map((u) => 1 / (1 + Math.exp(-2 * (u - common))));
      }),
  );
}

/** The problem of a reward table; prompts are equally probable. */
export interface SoftmaxProblem extends Problem {
  /** Its rewards. */
  readonly table: RewardTable;
}

/** Answer probabilities of logits `[prompts * answers]`, prompt by prompt. */
export function softmaxPolicy(table: RewardTable, logits: Float64Array): Float64Array {
  const answers = table[0]!.length;
  const policy = new Float64Array(logits.length);
  for (let x = 0; x < table.length; x++) {
    const start = x * answers;
    let top = -Infinity;
    for (let a = 0; a < answers; a++) top = Math.max(top, logits[start + a]!);
    let total = 0;
    for (let a = 0; a < answers; a++) {
      total += policy[start + a] = Math.exp(logits[start + a]! - top);
    }
    for (let a = 0; a < answers; a++) policy[start + a]! /= total;
  }
  return policy;
}

/** The smoothness of one prompt's mean reward in its logits, `1 / (3 sqrt 3)` for rewards in [0, 1]; sharp. */
export const SOFTMAX_SMOOTHNESS: number = 1 / (3 * Math.sqrt(3));

/**
 * Mean rewards of a tabular softmax policy as objectives. `L_i = max rho / (3 sqrt 3)` with rho the probability of a
 * prompt, times the metric's largest entry (THEORY.md, section 0).
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { softmaxProblem } from "./softmax.ts";
 *
 * const problem = softmaxProblem([[[1, 0], [0, 1]]]); // one prompt, two answers, opposite rewards
 * const { values, gradients } = problem.evaluate(new Float64Array(2));
 * assertAlmostEquals(values[0]!, 0.5);
 * assertAlmostEquals(gradients[0]![0]!, 0.25);
 * assertAlmostEquals(gradients[1]![0]!, -0.25);
 * ```
 */
export function softmaxProblem(table: RewardTable): SoftmaxProblem {
  const prompts = table.length;
  const answers = table[0]!.length;
  const m = table[0]![0]!.length;
  return {
    table,
    size: prompts * answers,
    objectives: m,
    evaluate: (logits) => {
      const policy = softmaxPolicy(table, logits);
      const values = new Array<number>(m).fill(0);
      const gradients = Array.from({ length: m }, () => new Float64Array(logits.length));
      table.forEach((rows, x) => {
        for (let i = 0; i < m; i++) {
          let value = 0;
          rows.forEach((r, a) => value += policy[x * answers + a]! * r[i]!);
          values[i]! += value / prompts;
          rows.forEach((r, a) => {
            const k = x * answers + a;
            gradients[i]![k] = policy[k]! * (r[i]! - value) / prompts;
          });
        }
      });
      return { values, gradients };
    },
    smoothness: (metric) => {
      const largest = metric?.reduce((a, b) => Math.max(a, b), 0) ?? 1;
      return new Array<number>(m).fill(largest * SOFTMAX_SMOOTHNESS / prompts);
    },
    best: (weights) =>
      table.reduce(
        (sum, rows) =>
          sum + Math.max(...rows.map((r) => r.reduce((a, x, i) => a + weights[i]! * x, 0))),
        0,
      ) / prompts,
  };
}

/** `E_x Cov(r_i, r_j | x)`: the Gram matrix of the gradients in the natural-gradient metric (THEORY.md, Theorem 9a). */
export function rewardCovariance({ table }: SoftmaxProblem, logits: Float64Array): Gram {
  const policy = softmaxPolicy(table, logits);
  const answers = table[0]!.length;
  const m = table[0]![0]!.length;
  const covariance = Array.from({ length: m }, () => new Array<number>(m).fill(0));
  table.forEach((rows, x) => {
    const p = policy.subarray(x * answers, (x + 1) * answers);
    const means = Array.from(
      { length: m },
      (_, i) => rows.reduce((sum, r, a) => sum + p[a]! * r[i]!, 0),
    );
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < m; j++) {
        rows.forEach((r, a) =>
          covariance[i]![j]! += p[a]! * (r[i]! - means[i]!) * (r[j]! - means[j]!) / table.length
        );
      }
    }
  });
  return covariance;
}

/** Draws an answer to a prompt with the probabilities `p`, `[answers]`. */
export function sampleAnswer(p: Float64Array, random: RandomStream): number {
  let rest = random.next();
  let a = 0;
  while (a < p.length - 1 && rest >= p[a]!) rest -= p[a++]!;
  return a;
}

/**
 * Gradients estimated from samples as GRPO does: prompts drawn with replacement, `completions` answers each, advantages
 * against the mean of the others (leave one out). Unbiased.
 *
 * @returns the gradients of each prompt drawn, `[prompts drawn][m]` vectors; their mean estimates `g_i`
 */
export function sampledGradients(
  { table, size, objectives: m }: SoftmaxProblem,
  logits: Float64Array,
  options: {
    readonly prompts: number;
    readonly completions: number;
    readonly random: RandomStream;
  },
): Float64Array[][] {
  const policy = softmaxPolicy(table, logits);
  const answers = table[0]!.length;
  const K = options.completions;
  return Array.from({ length: options.prompts }, () => {
    const x = options.random.integer(table.length);
    const p = policy.subarray(x * answers, (x + 1) * answers);
    const drawn = Array.from({ length: K }, () => sampleAnswer(p, options.random));
    return Array.from({ length: m }, (_, i) => {
      const rewards = drawn.map((a) => table[x]![a]![i]!);
      const mean = rewards.reduce((s, r) => s + r, 0) / K;
      const gradient = new Float64Array(size);
      drawn.forEach((a, k) => {
        const advantage = (rewards[k]! - mean) * K / (K - 1) / K;
        for (let b = 0; b < answers; b++) {
          gradient[x * answers + b]! += advantage * ((a === b ? 1 : 0) - p[b]!);
        }
      });
      return gradient;
    });
  });
}

/**
 * Upper bound on what any policy gains under weights w (THEORY.md, Theorem 7'c):
 * `sum_i w_i (J_i(pi') - J_i(pi)) <= sqrt(prompts) ||grad F_w|| / min_x pi(y*_w(x) | x)`.
 */
export function softmaxCertificate(
  problem: SoftmaxProblem,
  logits: Float64Array,
  weights: readonly number[],
): number {
  const { table } = problem;
  const answers = table[0]!.length;
  const policy = softmaxPolicy(table, logits);
  const { gradients } = problem.evaluate(logits);
  let squared = 0;
  for (let k = 0; k < logits.length; k++) {
    squared += gradients.reduce((sum, g, i) => sum + weights[i]! * g[k]!, 0) ** 2;
  }
  const least = table.reduce((low, rows, x) => {
    const scores = rows.map((r) => r.reduce((sum, value, i) => sum + weights[i]! * value, 0));
    return Math.min(low, policy[x * answers + scores.indexOf(Math.max(...scores))]!);
  }, 1);
  return Math.sqrt(table.length * squared) / least;
}
