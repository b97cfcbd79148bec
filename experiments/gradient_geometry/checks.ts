/**
 * When the capabilities' gradients are in conflict, in which metric, and how a Gram matrix from samples shows it:
 * theorems 1, 2, 9 and 10 of `lib/balance/THEORY.md` where everything is known exactly.
 *
 * @module
 */

import {
  combination,
  crossGram,
  type Gram,
  gramMatrix,
  harmfulPreference,
  harmfulShare,
  inner,
  rewardCovariance,
  type RewardTable,
  rewardTable,
  sampledGradients,
  signFlipPrompts,
  softmaxPolicy,
  type SoftmaxProblem,
  softmaxProblem,
  unitDiagonal,
} from "../../lib/balance/mod.ts";
import { type RandomStream, randomStream } from "../../lib/runtime/mod.ts";
import type { HarmCount, MetricPoint, ProductRow } from "./findings.ts";

/** Numbers of capabilities whose Gram matrices are drawn. */
export const sizes = [2, 3, 4] as const;

/** Steps on an edge of the lattice of preferences: 231 preferences of three capabilities, 1,771 of four. */
export const LATTICE = 20;

/** What is known exactly, with every Gram matrix and problem. */
export interface ExactGeometry {
  /** Harmful preferences, for each of {@linkcode sizes}. */
  readonly harm: readonly HarmCount[];
  /** Cosines in three metrics, for each problem. */
  readonly metrics: readonly MetricPoint[];
  /** Products of the opposed gradients, for each size of a batch. */
  readonly products: readonly ProductRow[];
}

/** Least entry off the diagonal. */
function leastCosine(gram: Gram): number {
  const { cosines } = unitDiagonal(gram);
  return Math.min(...cosines.flatMap((row, i) => row.filter((_, j) => j !== i)));
}

/** A Gram matrix of gradients that share a part of random size, so that all cosines occur, and have unlike lengths. */
function drawGram(capabilities: number, random: RandomStream): number[][] {
  const dimensions = capabilities + random.integer(4);
  const shared = 3 * random.next() ** 2;
  const common = Array.from({ length: dimensions }, () => random.normal());
  return gramMatrix(
    Array.from({ length: capabilities }, () => {
      const length = Math.exp(0.5 * random.normal());
      return common.map((x) => length * (shared * x + random.normal()));
    }),
  );
}

/**
 * Harmful preferences of random Gram matrices, on a lattice and by the witness of Theorem 2a.
 *
 * @param capabilities number of capabilities
 * @param grams number of Gram matrices
 * @returns counts, and every matrix as a point
 */
export function countHarm(capabilities: number, grams: number): HarmCount {
  const points: HarmCount["points"][number][] = [];
  let [violations, conflicts] = [0, 0];
  for (let seed = 0; seed < grams; seed++) {
    const gram = drawGram(capabilities, randomStream(seed, "harm", capabilities));
    const cosine = leastCosine(gram);
    const share = harmfulShare(gram, LATTICE);
    const witness = harmfulPreference(gram);
    const rate = witness &&
      gram[witness.harmed]!.reduce((sum, g, j) => sum + g * witness.preference[j]!, 0);
    const witnessed = rate !== undefined && rate < 0;
    if (cosine < 0) conflicts++;
    if ((share > 0) !== (cosine < 0) || witnessed !== (cosine < 0)) violations++;
    points.push({ cosine, share });
  }
  return { capabilities, grams, violations, conflicts, points };
}

/** Batches before the one that is measured, and their sizes. */
const warmUp = { steps: 20, prompts: 8, completions: 4, beta2: 0.9 } as const;

/** `M(v_{t-1})` of Adam from sampled gradients of the rewards' mean. */
function adamMetric(problem: SoftmaxProblem, logits: Float64Array, random: RandomStream) {
  const { steps, prompts, completions, beta2 } = warmUp;
  const second = new Float64Array(problem.size);
  for (let t = 0; t < steps; t++) {
    const drawn = sampledGradients(problem, logits, { prompts, completions, random });
    const mean = combination(drawn.flat(), drawn.flat().map(() => 1 / drawn.flat().length));
    mean.forEach((g, k) => second[k] = beta2 * second[k]! + (1 - beta2) * g * g);
  }
  return second.map((v) => 1 / (Math.sqrt(v / (1 - beta2 ** steps)) + 1e-8));
}

/** Sizes of the problems on which metrics are compared. */
export const metricProblem = { prompts: 4, answers: 5 } as const;

/**
 * Cosines of two rewards on random softmax policies, in the three metrics.
 *
 * @param problems number of policies
 * @returns the cosines on each
 */
export function compareMetrics(problems: number): MetricPoint[] {
  return Array.from({ length: problems }, (_, seed) => {
    const random = randomStream(seed, "metrics");
    const conflict = random.next();
    const problem = softmaxProblem(
      rewardTable({ ...metricProblem, rewards: 2, conflict, seed }),
    );
    const logits = Float64Array.from({ length: problem.size }, () => 1.5 * random.normal());
    const { gradients } = problem.evaluate(logits);
    const cosine = (gram: Gram) => unitDiagonal(gram).cosines[0]![1]!;
    return {
      euclidean: cosine(gramMatrix(gradients)),
      adam: cosine(gramMatrix(gradients, adamMetric(problem, logits, random))),
      natural: cosine(rewardCovariance(problem, logits)),
    };
  });
}

/** Unlikely answers of the opposed example. */
export const UNLIKELY = 100;

/**
 * Two likely answers, each with one of the rewards, and many unlikely ones with both or neither: the likely ones oppose
 * the gradients, the unlikely ones correlate the rewards and their noise.
 */
const opposed: { table: RewardTable; logits: Float64Array } = {
  table: [[
    [1, 0],
    [0, 1],
    ...Array.from({ length: UNLIKELY }, (_, k) => k % 2 === 0 ? [1, 1] : [0, 0]),
  ]],
  logits: Float64Array.from({ length: UNLIKELY + 2 }, (_, k) => k < 2 ? 3 : 0),
};

/** What is exact in the opposed example. */
export interface OpposedExact {
  /** `G`, [2, 2]. */
  readonly gram: number[][];
  /** `C`, [2, 2]: covariance of the prompts' gradients. */
  readonly covariance: number[][];
  /** True cosine. */
  readonly cosine: number;
  /** Prompts up to which a single batch shows the wrong sign. */
  readonly flip: number;
}

/** One completion's gradients against the exact mean rewards, `[answers][2]`, and their probabilities. */
function completionGradients() {
  const { table, logits } = opposed;
  const policy = softmaxPolicy(table, logits);
  const { values } = softmaxProblem(table).evaluate(logits);
  return {
    policy,
    single: table[0]!.map((rewards, a) =>
      values.map((J, i) => policy.map((p, b) => (rewards[i]! - J) * ((a === b ? 1 : 0) - p)))
    ),
  };
}

/**
 * G and C of the opposed example, by enumeration of its answers.
 *
 * @returns both matrices, the true cosine and where the sign flips
 */
export function opposedExact(): OpposedExact {
  const { policy, single } = completionGradients();
  const gram = gramMatrix(softmaxProblem(opposed.table).evaluate(opposed.logits).gradients);
  const covariance = gram.map((row, i) =>
    row.map((g, j) =>
      single.reduce((sum, own, a) => sum + policy[a]! * inner(own[i]!, own[j]!), 0) - g
    )
  );
  return {
    gram,
    covariance,
    cosine: unitDiagonal(gram).cosines[0]![1]!,
    flip: signFlipPrompts(gram[0]![1]!, covariance[0]![1]!),
  };
}

/** Standard errors of a 95 % interval. */
const NORMAL = 1.96;

/**
 * Measures the product of the opposed gradients on one batch and across its halves.
 *
 * @param prompts sizes of the batches, even
 * @param draws batches of each size
 * @returns a row for each size
 */
export function opposedProducts(prompts: readonly number[], draws: number): ProductRow[] {
  const { policy, single } = completionGradients();
  const { gram, covariance } = opposedExact();
  const steps = [...policy];
  for (let a = 1; a < steps.length; a++) steps[a]! += steps[a - 1]!;
  /** Mean gradients of n completions. */
  const batch = (n: number, random: RandomStream) => {
    const counts = new Map<number, number>();
    for (let k = 0; k < n; k++) {
      const u = random.next();
      const found = steps.findIndex((s) => u < s);
      const answer = found < 0 ? steps.length - 1 : found;
      counts.set(answer, (counts.get(answer) ?? 0) + 1 / n);
    }
    const answers = [...counts.keys()];
    return [0, 1].map((i) =>
      combination(answers.map((a) => single[a]![i]!), answers.map((a) => counts.get(a)!))
    );
  };
  return prompts.map((n) => {
    const found = Array.from({ length: draws }, (_, draw) => {
      const random = randomStream(draw, "opposed", n);
      const [a, b] = [batch(n / 2, random), batch(n / 2, random)];
      const whole = a.map((x, i) => combination([x, b[i]!], [0.5, 0.5]));
      return { single: inner(whole[0]!, whole[1]!), cross: crossGram(a, b)[0]![1]! };
    });
    const summary = (values: readonly number[]) => {
      const mean = values.reduce((s, x) => s + x, 0) / draws;
      const variance = values.reduce((s, x) => s + (x - mean) ** 2, 0) / (draws - 1);
      return {
        mean,
        half: NORMAL * Math.sqrt(variance / draws),
        positive: values.filter((x) => x > 0).length,
      };
    };
    return {
      prompts: n,
      predicted: gram[0]![1]! + covariance[0]![1]! / n,
      draws,
      single: summary(found.map((row) => row.single)),
      cross: summary(found.map((row) => row.cross)),
    };
  });
}
