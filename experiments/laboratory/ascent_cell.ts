/**
 * A cell: one ascent of a rule at a preference in a replicate, as Theorem 7 has it: a fixed metric, no momentum, step size
 * c / L, exact gradients.
 *
 * @module
 */

import { z } from "zod";
import { ascend, type Evaluation, type Gram, weighted } from "../../lib/balance/mod.ts";
import { exactValues, laboratoryObjectives } from "../../lib/laboratory/mod.ts";
import { withValues } from "../../lib/model/mod.ts";
import { type OnProgress, tf } from "../../lib/runtime/mod.ts";
import { COSINE_ROUNDING } from "../../lib/training/mod.ts";
import { aggregatorOf, type WeightingRule } from "../exact/rules.ts";
import type { Pilot } from "./pilot.ts";
import type { Ground } from "./replicate.ts";
import { trajectorySchema } from "./trajectory.ts";

/** Which ascent a cell is. */
export interface AscentSpec extends WeightingRule {
  /** Weights of absolute sum 1, so that rules differ by direction alone; as the rule gives them when left out. */
  readonly length?: "unit";
  /** Preference p, [m]. */
  readonly preference: readonly number[];
  /** Number of steps. */
  readonly steps: number;
  /** Step size in units of 1 / L. */
  readonly c: number;
  /** L in units of the pilot's smoothness; 1 when left out. */
  readonly growth?: number;
  /** Steps from one measurement on the held-out prompts to the next; the start and the end are measured too. */
  readonly heldOutSteps: number;
}

const runSchema = trajectorySchema.extend({
  grams: z.array(z.array(z.array(z.number()).readonly()).readonly()).readonly().describe(
    "Gram matrix of the exact gradients at every step, [steps][m][m]",
  ),
  stepSize: z.number().positive().describe(
    "eta; weights of the margin variant hold what it is scaled by",
  ),
  smoothness: z.number().positive().describe("L, for every reward"),
});

/** What an ascent went through. */
export type AscentRun = Readonly<z.output<typeof runSchema>> & {
  /** Seconds that it took, now or when it was made. */
  readonly seconds: number;
};

/** Ascends from the start. */
async function climb(
  ground: Ground,
  pilot: Pilot,
  spec: AscentSpec,
  onProgress?: OnProgress,
): Promise<z.output<typeof runSchema>> {
  const { train, heldOut, start } = await ground.open();
  const limits = pilot.smoothness.map((value) => value * (spec.growth ?? 1));
  const smoothness = Math.max(...limits);
  const stepSize = spec.c / smoothness;
  const weigh = aggregatorOf(spec, limits, stepSize, spec.length ?? "own");
  const grams: Gram[] = [];
  const held: { step: number; values: number[] }[] = [];
  const objectives = laboratoryObjectives(train, start);
  let step = 0;
  /** Measures the held-out prompts on the way. */
  const evaluate = (point: Float64Array): Evaluation => {
    if (step % spec.heldOutSteps === 0 || step === spec.steps) {
      const at = withValues(start, tf.tensor1d(Float32Array.from(point)));
      held.push({ step, values: exactValues(heldOut(), at) });
      at.values.dispose();
    }
    step++;
    return objectives.evaluate(point);
  };
  const { values, weights } = ascend({ ...objectives, evaluate }, {
    rule: (gram, preference) => {
      grams.push(gram);
      return weigh(gram, preference);
    },
    preference: spec.preference,
    stepSize,
    steps: spec.steps,
    start: Float64Array.from(start.values.dataSync()),
    metric: Float64Array.from(pilot.metric),
    ...onProgress !== undefined && { onStep: onProgress },
  });
  return { values, heldOut: held, weights, grams, stepSize, smoothness };
}

/**
 * Ascends, or reads the ascent from the store.
 *
 * @param ground start and prompts
 * @param pilot metric and smoothness
 * @param spec rule, preference and steps
 * @param onProgress told after each step
 * @returns what happened
 */
export async function ascentCell(
  ground: Ground,
  pilot: Pilot,
  spec: AscentSpec,
  onProgress?: OnProgress,
): Promise<AscentRun> {
  const { value, seconds } = await ground.bench.context.store.json(
    "laboratory-ascent",
    { ...ground.key, pilot: pilot.hash, ...spec },
    () => climb(ground, pilot, spec, onProgress),
  );
  return { ...runSchema.parse(value), seconds };
}

/** What an ascent says of Theorems 4 and 7. */
export interface AscentGeometry {
  /** `sum_t eta (|u|^2 - v'Gv)`, `v = w - p`: what the preferred sum gains to first order by Theorem 4d. */
  readonly predicted: number;
  /** Largest `|p'Gp - v'Gv - w'Gw|` relative to `p'Gp`: 0 by Theorem 4d where w are exact capability-aware weights. */
  readonly residual: number;
  /** Largest `2 |J_i(x + D) - J_i(x) - g_i'D| / |D|^2` along the run, beyond rounding, in units of the L that was used. */
  readonly smoothness: number;
  /** Steps with `(Gw)_i < 0` beyond rounding for some i. */
  readonly harmful: number;
  /** Largest difference of a weight from the preference. */
  readonly deviation: number;
}

/** Share of the preferred direction's squared length below which a direction is rounding: nothing moves. */
const STILL = 1e-12;

/** What a change of a mean reward in single precision is off by, at most: ten times what was seen. */
const EVALUATION = 1e-7;

type Three = [number, number, number];

/** `x'Gx`. */
const squaredNorm = (gram: Gram, x: readonly number[]): number =>
  weighted(x, gram.map((row) => weighted(row, x)));

/**
 * Measures an ascent against the theorems, from its Gram matrices, weights and values alone.
 *
 * @param run what happened
 * @param preference p, [m]
 * @returns the numbers
 */
export function ascentGeometry(
  run: Omit<AscentRun, "seconds" | "heldOut">,
  preference: readonly number[],
): AscentGeometry {
  const { values, weights, grams, stepSize, smoothness: used } = run;
  let [predicted, residual, smoothness, harmful] = [0, 0, 0, 0];
  weights.forEach((w, t) => {
    const gram = grams[t]!;
    const rates = gram.map((row) => weighted(row, w));
    const v = w.map((x, i) => x - preference[i]!);
    const [squared, full, price] = [w, preference, v].map((x) => squaredNorm(gram, x)) as Three;
    predicted += stepSize * (full - price);
    if (full > 0) residual = Math.max(residual, Math.abs(full - price - squared) / full);
    if (squared <= STILL * full) return;
    rates.forEach((rate, i) => {
      const change = values[t + 1]![i]! - values[t]![i]!;
      const beyond = Math.abs(change - stepSize * rate) - EVALUATION;
      smoothness = Math.max(smoothness, 2 * beyond / (stepSize ** 2 * squared * used));
    });
    const cosines = rates.map((rate, i) => rate / Math.sqrt(gram[i]![i]! * squared));
    if (cosines.some((cosine) => cosine < -COSINE_ROUNDING)) harmful++;
  });
  const deviation = Math.max(
    0,
    ...weights.flatMap((w) => w.map((x, i) => Math.abs(x - preference[i]!))),
  );
  return { predicted, residual, smoothness, harmful, deviation };
}
