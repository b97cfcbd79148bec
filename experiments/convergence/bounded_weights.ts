/** Weights with a bound, and steps with a margin: Theorem 6 of `lib/balance/THEORY.md`. @module */

import {
  ascend,
  capabilityAwareWeights,
  gramMatrix,
  marginWeights,
} from "../../lib/balance/mod.ts";
import { randomStream } from "../../lib/runtime/mod.ts";
import type { FallingSteps } from "./findings.ts";
import { drawPreference, drawProblem, exactWeights, objectives } from "./problems.ts";
import { type Tally, tally } from "../exact/tally.ts";

/**
 * Caps and ridges keep eps at most 0, and harm at the reported multiplier (Theorem 6).
 *
 * @param instances number of random Gram matrices
 * @returns the comparisons of each bound
 */
export function checkBoundedWeights(instances: number): Tally[] {
  const cap = tally("eps with a cap (6)");
  const ridge = tally("eps with a ridge (6)");
  const ridged = tally("e sum G_ii w_i^2 with a ridge (6)");
  for (let seed = 0; seed < instances; seed++) {
    const random = randomStream(seed, "bounded");
    const name = `Gram matrix ${seed}`;
    const m = objectives[seed % 3]!;
    const gram = gramMatrix(
      Array.from({ length: m }, () => Float64Array.from({ length: 3 }, () => random.normal())),
    );
    const preference = drawPreference(m, random);
    cap.compare(name, capabilityAwareWeights({ gram, preference, cap: 2 * random.next() }).eps, 0);
    const e = 10 ** (-3 * random.next());
    const { eps, weights } = capabilityAwareWeights({ gram, preference, ridge: e });
    ridge.compare(name, eps, 0);
    const more = gram.map((row, i) => row.map((x, j) => i === j ? x * (1 + e) : x));
    const limit = preference.reduce(
      (sum, p, i) => sum + p * more[i]!.reduce((s, x, j) => s + x * preference[j]!, 0),
      0,
    );
    const norm = weights.reduce((sum, w, i) => sum + gram[i]![i]! * w * w, 0);
    ridged.compare(name, e * norm, limit);
  }
  return [cap, ridge, ridged];
}

/** Preference of each objective in the example of {@linkcode blowUp}. */
export const BLOW_UP_PREFERENCE = 0.5;

/**
 * The largest weight when one gradient is `size (-1, 0.1)` against `(1, 0)`: it grows without limit, or to the cap.
 *
 * @param size size of the opposed gradient
 * @param cap largest addition to a weight; none when undefined
 * @returns the largest weight
 */
export function blowUp(size: number, cap: number | undefined): number {
  const gram = gramMatrix([Float64Array.of(1, 0), Float64Array.of(-size, 0.1 * size)]);
  const { weights } = capabilityAwareWeights({
    gram,
    preference: [BLOW_UP_PREFERENCE, BLOW_UP_PREFERENCE],
    ...(cap !== undefined && { cap }),
  });
  return Math.max(...weights);
}

/** A fall of an objective below this is rounding. */
const ROUNDING = 1e-12;

const falls = (before: readonly number[], after: readonly number[]) =>
  after.some((value, i) => value < before[i]! - ROUNDING);

/**
 * Every accepted step of the margin variant keeps or raises every objective (Theorem 6); plain steps may lower some at
 * second order.
 *
 * @param instances number of softmax problems
 * @param steps steps on each, at most
 * @returns the comparisons of the margin variant, and how many steps of either lower an objective on each problem
 */
export function checkMargin(instances: number, steps: number): {
  check: Tally;
  plain: FallingSteps[];
  margin: FallingSteps[];
} {
  const check = tally("fall of an objective in a margin step (6)");
  const [plain, margin]: FallingSteps[][] = [[], []];
  for (let seed = 0; seed < instances; seed++) {
    const problem = drawProblem("softmax", seed);
    const preference = drawPreference(problem.objectives, randomStream(seed, "margin"));
    const smoothness = problem.smoothness();
    const first = 1 / Math.max(...smoothness);
    const point = new Float64Array(problem.size);
    const accepted = { steps: 0, lower: 0 };
    for (let t = 0; t < steps; t++) {
      const { values, gradients } = problem.evaluate(point);
      const gram = gramMatrix(gradients);
      const found = marginWeights({ gram, preference }, smoothness, first);
      if (found.stepSize === 0) break;
      gradients.forEach((g, i) => {
        for (let k = 0; k < point.length; k++) {
          point[k]! += found.stepSize * found.weights[i]! * g[k]!;
        }
      });
      const after = problem.evaluate(point).values;
      after.forEach((value, i) => check.compare(`softmax ${seed}`, values[i]! - value, 0));
      accepted.steps++;
      if (falls(values, after)) accepted.lower++;
    }
    margin!.push(accepted);
    const { values } = ascend(problem, { rule: exactWeights, preference, stepSize: first, steps });
    const lower = values.slice(1).filter((after, t) => falls(values[t]!, after)).length;
    plain!.push({ steps: values.length - 1, lower });
  }
  return { check, plain: plain!, margin: margin! };
}
