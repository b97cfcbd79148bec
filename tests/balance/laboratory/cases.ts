/** Exact problems with points, metrics and preferences, for tests over many of them. @module */
import {
  type Problem,
  quadraticForms,
  quadraticProblem,
  rewardTable,
  softmaxProblem,
} from "../../../lib/balance/mod.ts";
import { type RandomStream, randomStream } from "../../../lib/runtime/mod.ts";

/** Problems of each kind in a test. */
export const instances = 60;

/** Number of objectives of a problem: 2, 3 and 4 in turn. */
export const objectives = (seed: number): number => 2 + seed % 3;

/** Draws a problem of each kind; rewards are as opposed as they can be. */
export const make: Readonly<Record<"quadratic" | "softmax", (seed: number) => Problem>> = {
  quadratic: (seed) =>
    quadraticProblem(quadraticForms({ size: 5, objectives: objectives(seed), seed })),
  softmax: (seed) =>
    softmaxProblem(
      rewardTable({ prompts: 3, answers: 4, rewards: objectives(seed), conflict: 1, seed }),
    ),
};

/** Normal numbers. */
export const normals = (random: RandomStream, size: number): Float64Array =>
  Float64Array.from({ length: size }, () => random.normal());

/** A random positive diagonal. */
export const metricOf = (random: RandomStream, size: number): Float64Array =>
  normals(random, size).map(Math.exp);

/** A random positive preference with sum 1. */
export function preferenceOf(random: RandomStream, m: number): number[] {
  const raw = Array.from({ length: m }, () => 0.1 + random.next());
  return raw.map((p) => p / raw.reduce((a, b) => a + b, 0));
}

/** Euclidean norm. */
export const norm = (a: Iterable<number>): number => Math.hypot(...a);

/** A point after a change. */
export const at = (x: Float64Array, change: Float64Array): Float64Array =>
  x.map((value, k) => value + change[k]!);

/** A problem with a point, a metric and a preference. */
export interface Case {
  readonly seed: number;
  readonly random: RandomStream;
  readonly problem: Problem;
  readonly metric: Float64Array;
  readonly point: Float64Array;
  readonly preference: number[];
}

/** Every problem, with draws that differ from test to test. */
export function* cases(name: string): Generator<Case> {
  for (const [kind, problemOf] of Object.entries(make)) {
    for (let seed = 0; seed < instances; seed++) {
      const random = randomStream(seed, "theorems", name, kind);
      const problem = problemOf(seed);
      const metric = metricOf(random, problem.size);
      const point = normals(random, problem.size);
      const preference = preferenceOf(random, problem.objectives);
      yield { seed, random, problem, metric, point, preference };
    }
  }
}
