/**
 * Gradients of drawn batches from the inner products of the answers' gradients: which prompts are drawn and which answers
 * are sampled to them changes coefficients alone, so any number of batches follows from one measurement, exactly.
 *
 * With `pi_c` the probability of answer c to prompt x, the gradient of reward i on x is `g_ix = sum_c r_ic grad pi_c`. From K
 * sampled answers with advantages `A_ik` against the mean of the others it is estimated by
 * `1/K sum_k A_ik grad log pi_(c_k) = sum_c a_ic grad pi_c`, `a_ic = 1/(K pi_c) sum_(k: c_k = c) A_ik`.
 *
 * @module
 */

import type { RandomStream } from "../../lib/runtime/mod.ts";

/** Answers to the prompts of a population, and the inner products of the gradients of their probabilities. */
export interface AnswerPopulation {
  /** `pi(c | x)`, [prompts][answers]. */
  readonly probabilities: readonly (readonly number[])[];
  /** Rewards, [prompts][answers][m]. */
  readonly rewards: readonly (readonly (readonly number[])[])[];
  /** `<grad pi_c(x), grad pi_e(y)>`, [prompts * width][prompts * width] in a row; 0 behind a prompt's last answer. */
  readonly products: Float32Array;
  /** Most answers to a prompt. */
  readonly width: number;
}

/** Coefficients of the answers' gradients in a prompt's gradients, [m][answers]. */
export type AnswerCoefficients = readonly (readonly number[])[];

/**
 * Coefficients of the exact gradients on a prompt: the rewards themselves.
 *
 * @param rewards rewards of the answers, [answers][m]
 * @returns [m][answers]
 */
export function exactCoefficients(rewards: readonly (readonly number[])[]): AnswerCoefficients {
  return rewards[0]!.map((_, i) => rewards.map((row) => row[i]!));
}

/** Draws an answer. */
function draw(probabilities: readonly number[], random: RandomStream): number {
  let rest = random.next();
  let answer = 0;
  while (answer < probabilities.length - 1 && rest >= probabilities[answer]!) {
    rest -= probabilities[answer++]!;
  }
  return answer;
}

/**
 * Coefficients of the gradients that K sampled answers estimate, each compared with the mean of the others.
 *
 * @param rewards rewards of the answers, [answers][m]
 * @param probabilities of the answers, [answers]
 * @param completions K, at least 2
 * @param random where the answers come from
 * @returns [m][answers]; their mean over samples is that of {@linkcode exactCoefficients}, up to what all answers share,
 * which moves nothing
 */
export function sampledCoefficients(
  rewards: readonly (readonly number[])[],
  probabilities: readonly number[],
  completions: number,
  random: RandomStream,
): AnswerCoefficients {
  const counts = probabilities.map(() => 0);
  for (let k = 0; k < completions; k++) counts[draw(probabilities, random)]!++;
  return rewards[0]!.map((_, i) => {
    const total = counts.reduce((sum, count, c) => sum + count * rewards[c]![i]!, 0);
    return counts.map((count, c) => {
      if (count === 0) return 0;
      const own = rewards[c]![i]!;
      const advantage = own - (total - own) / (completions - 1);
      return count * advantage / (completions * probabilities[c]!);
    });
  });
}

/** `sum_(c, e) a_c P_(xc, ye) b_e`. */
function product(
  { products, probabilities, width }: AnswerPopulation,
  [x, a]: readonly [number, readonly number[]],
  [y, b]: readonly [number, readonly number[]],
): number {
  const size = probabilities.length * width;
  let sum = 0;
  for (let c = 0; c < a.length; c++) {
    if (a[c] === 0) continue;
    const row = (x * width + c) * size + y * width;
    for (let e = 0; e < b.length; e++) sum += a[c]! * b[e]! * products[row + e]!;
  }
  return sum;
}

/** The population's exact Gram matrix and the noise of one prompt. */
export interface PopulationMoments {
  /** `G_ij = <g_i, g_j>`, [m, m]. */
  readonly gram: number[][];
  /** `C_ii`, the trace of a prompt's covariance: of the prompts, and of the answers sampled to them, [m]. */
  readonly noise: number[];
}

/**
 * Exact moments of the gradient that one drawn prompt gives.
 *
 * The variance of the answers is that of a U-statistic of order two with the kernel
 * `h(a, b) = (r_a - r_b)(s_a - s_b) / 2`, s the gradients of log-probabilities (Hoeffding 1948):
 * `(4 (K - 2) zeta_1 + 2 zeta_2) / (K (K - 1))`.
 *
 * @param population answers and products
 * @param completions K; undefined where the prompts' gradients are exact
 * @returns G and C_ii
 */
export function populationMoments(
  population: AnswerPopulation,
  completions: number | undefined,
): PopulationMoments {
  const { rewards } = population;
  const n = rewards.length;
  const exact = rewards.map(exactCoefficients);
  const m = exact[0]!.length;
  const gram = Array.from({ length: m }, () => new Array<number>(m).fill(0));
  const own = new Array<number>(m).fill(0);
  const sampling = new Array<number>(m).fill(0);
  for (let x = 0; x < n; x++) {
    for (let y = 0; y < n; y++) {
      for (let i = 0; i < m; i++) {
        for (let j = 0; j < m; j++) {
          const value = product(population, [x, exact[x]![i]!], [y, exact[y]![j]!]);
          gram[i]![j]! += value / n ** 2;
          if (x === y && i === j) own[i]! += value / n;
        }
      }
    }
    for (let i = 0; i < m && completions !== undefined; i++) {
      const rewardsOfOne = rewards[x]!.map((row) => row[i]!);
      sampling[i]! += answerVariance(population, x, rewardsOfOne, completions) / n;
    }
  }
  return { gram, noise: own.map((value, i) => value - gram[i]![i]! + sampling[i]!) };
}

/** Variance of the gradient that K sampled answers estimate on prompt x, its trace in the metric. */
function answerVariance(
  population: AnswerPopulation,
  x: number,
  rewards: readonly number[],
  completions: number,
): number {
  const p = population.probabilities[x]!;
  const mean = rewards.reduce((sum, r, c) => sum + p[c]! * r, 0);
  const squared = (a: readonly number[]) => product(population, [x, a], [x, a]);
  const gradient = squared(rewards);
  // Coefficients of grad pi: s_c has 1 / pi_c on its own answer.
  const first = rewards.map((r, c) =>
    rewards.map((own, e) => ((e === c ? (r - mean) / p[c]! : 0) + own) / 2)
  );
  const zeta1 = first.reduce((sum, a, c) => sum + p[c]! * squared(a), 0) - gradient;
  let pairs = 0;
  rewards.forEach((r, c) =>
    rewards.forEach((other, e) => {
      if (c === e || r === other) return;
      const a = rewards.map((_, k) => k === c ? 1 / p[c]! : k === e ? -1 / p[e]! : 0);
      pairs += p[c]! * p[e]! * ((r - other) / 2) ** 2 * squared(a);
    })
  );
  const zeta2 = pairs - gradient;
  return (4 * (completions - 2) * zeta1 + 2 * zeta2) / (completions * (completions - 1));
}

/** Sizes of a drawn batch. */
export interface BatchSizes {
  /** Prompts. */
  readonly prompts: number;
  /** Answers drawn to each; undefined where the prompts' gradients are exact. */
  readonly completions: number | undefined;
  /** Blocks of prompts whose gradients are kept apart. */
  readonly blocks: number;
}

/**
 * Draws a batch of prompts with replacement and gives the coefficients of its blocks' gradients.
 *
 * @param population answers
 * @param sizes of the batch
 * @param random where prompts and answers come from
 * @returns coefficients, [blocks * m][prompts of the population * width] in a row, and the share of each block, [blocks]
 */
export function drawBatch(
  { rewards, probabilities, width }: AnswerPopulation,
  { prompts, completions, blocks }: BatchSizes,
  random: RandomStream,
): { readonly coefficients: Float32Array; readonly shares: number[] } {
  const m = rewards[0]![0]!.length;
  const size = rewards.length * width;
  const coefficients = new Float32Array(blocks * m * size);
  const shares = new Array<number>(blocks).fill(0);
  for (let k = 0; k < prompts; k++) {
    const block = Math.floor(k * blocks / prompts);
    shares[block]! += 1 / prompts;
    const x = random.integer(rewards.length);
    const own = completions === undefined
      ? exactCoefficients(rewards[x]!)
      : sampledCoefficients(rewards[x]!, probabilities[x]!, completions, random);
    own.forEach((row, i) => {
      const start = (block * m + i) * size + x * width;
      row.forEach((a, c) => coefficients[start + c]! += a / prompts);
    });
  }
  return { coefficients, shares };
}
