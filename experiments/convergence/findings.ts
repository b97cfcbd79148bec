/** What is stored of a run on the convergence theorem. @module */

import { z } from "zod";
import { boundSchema } from "../exact/tally.ts";

/** Kinds of problem. */
export const problemKinds = ["quadratic", "softmax"] as const;

/** One of {@linkcode problemKinds}. */
export type ProblemKind = typeof problemKinds[number];

const kind = z.enum(problemKinds).describe("Kind of problem");
const count = z.int().min(0);

const measuredBound = z.object({
  measured: z.number().describe("What was measured"),
  bound: z.number().describe("Its bound"),
});

const anyRuleSchema = z.object({
  rule: z.string().min(1).describe("The weighting rule"),
  points: z.array(measuredBound).min(1).readonly().describe("Mean ||d||^2 on each problem"),
});

/** Mean `||d||^2` of a rule and its bound on each problem (Theorem 7c). */
export type AnyRuleFinding = Readonly<z.output<typeof anyRuleSchema>>;

const noiseSchema = z.object({
  alpha: z.number().describe("Exponent of the step size a T^-alpha"),
  steps: z.int().min(1).describe("T"),
  harm: z.number().min(0).describe(
    "Mean over problems of the largest mean fall of an objective from the start; at least 0",
  ),
  harmBound: z.number().describe("Bound on it"),
  stationarity: z.number().describe("Mean of ||d||^2 over the run"),
  stationarityBound: z.number().describe("Bound on it (7c)"),
});

/** What noise does at one step size and number of steps (Theorem 7d). */
export type NoiseRow = Readonly<z.output<typeof noiseSchema>>;

const powerSchema = z.object({
  alpha: z.number().describe("Exponent of the step size a T^-alpha"),
  power: z.number().nullable().describe("Power of T as which the harm goes; null where it is 0"),
  low: z.number().nullable().describe("Lower end of its 95 % bootstrap interval over problems"),
  high: z.number().nullable().describe("Upper end; null as the lower one where there is none"),
  bound: z.number().describe("Power of T as which the harm's bound goes"),
});

/** How the harm of noise goes with the number of steps. */
export type NoisePower = Readonly<z.output<typeof powerSchema>>;

/** Kinds of geometry that gates are compared on. */
export const gateKinds = ["conflict", "aligned"] as const;

const meanInterval = z.object({ mean: z.number(), low: z.number(), high: z.number() });

const gateRowSchema = z.object({
  kind: z.enum(gateKinds),
  signal: z.number().positive().describe("Signal to noise of the step's gradients"),
  way: z.enum(["static", "veto", "shrink", "none", "exact"]).describe(
    "Static weights, the trainer's with a gate, or those of the true gradients",
  ),
  cosine: meanInterval.describe("Least cosine of a step with a true gradient, over geometries"),
  harm: meanInterval.describe("What of it is below 0"),
  gain: meanInterval.describe("Cosine of the step with the preferred one"),
  moved: count.describe("Geometries on which a weight left the preference by more than 0.02"),
});

/** What one way comes to at one signal to noise. */
export type GateRow = Readonly<z.output<typeof gateRowSchema>>;

const gatesSchema = z.object({
  geometries: z.int().min(1).describe("Geometries of each kind"),
  capabilities: z.int().min(2),
  blocks: z.int().min(2).describe("Blocks of prompts, half of them for each solution"),
  dimension: z.int().min(1).describe("Effective dimension of the noise"),
  signals: z.array(z.number().positive()).min(1).readonly(),
  rows: z.array(gateRowSchema).min(1).readonly(),
  tests: z.array(z.object({
    kind: z.enum(gateKinds),
    signal: z.number().positive(),
    baseline: z.enum(["veto", "none"]),
    better: count.describe("Geometries on which the shrunk gate's least cosine is larger"),
    n: count.describe("Those on which it is another one"),
    p: z.number().min(0).max(1).describe("Two-sided p value of the sign test"),
  })).min(1).readonly().describe("The shrunk gate against the others"),
});

/** How gates stand noise. */
export type GateFindings = Readonly<z.output<typeof gatesSchema>>;

const fallsSchema = z.object({
  steps: count.describe("Steps taken on the problem"),
  lower: count.describe("Those after which some objective was lower, beyond 1e-12"),
});

/** Steps on one problem, and those of them that lower an objective. */
export type FallingSteps = Readonly<z.output<typeof fallsSchema>>;

/** The schema of the findings. */
export const convergenceFindings = z.object({
  checks: z.array(boundSchema).min(1).readonly().describe("Every bound"),
  problems: count.describe("Independent problems of all bounds together"),
  broken: count.describe("Problems on which any of the bounds was broken"),
  relativeSteps: z.array(z.number()).readonly().describe("Step sizes c, in units of 1 / L"),
  harm: z.array(z.object({
    kind,
    values: z.array(z.number()).readonly().describe("One for each step size"),
  })).readonly().describe("Largest harm relative to gain over all problems of a kind"),
  sharp: z.object({
    values: z.array(z.number()).readonly().describe("At each of the step sizes"),
    curve: z.array(z.object({ c: z.number(), harm: z.number() })).readonly()
      .describe("At many step sizes, for a line"),
  }).describe("Harm relative to gain of the sharp example after one step"),
  norms: z.array(z.object({
    kind,
    problems: z.int().min(1),
    measured: z.array(z.number()).readonly().describe("For each number of steps T"),
    bound: z.array(z.number()).readonly().describe("The same of the bound"),
    rounded: z.array(count).readonly().describe("Problems on which only rounding is left"),
    above: count.describe("Problems on which it lies above its bound at some number of steps"),
  })).min(1).readonly().describe("min ||d||^2 over T steps, geometric mean over problems"),
  adamOptions: z.object({
    learningRate: z.number().positive(),
    betas: z.array(z.number()).length(2).readonly(),
    maxNorm: z.number().positive().describe("Norm at which gradient or step are clipped"),
  }).describe("Options of every way to use Adam"),
  adam: z.array(z.object({
    variant: z.string().min(1).describe("How weights and optimizer work together"),
    runs: z.array(z.object({
      harmed: count.describe("Steps with a negative product with an objective's gradient"),
      steps: z.int().min(1),
      clipped: count.describe("Steps in which something was clipped"),
      worstCosine: z.number().describe("Least cosine of an update and an objective's gradient"),
      allowed: z.number().positive().describe(
        "Step size that 7e allows: 1 over L and the metric's largest entry over all steps",
      ),
    })).min(1).readonly().describe("One for each problem"),
  })).min(1).readonly().describe("The ways to use Adam"),
  falls: z.object({
    plain: z.array(fallsSchema).min(1).readonly().describe("Exact weights at step size 1 / L"),
    margin: z.array(fallsSchema).min(1).readonly().describe("Accepted steps of the margin variant"),
  }).describe("Steps that lower an objective at second order, for each problem"),
  anyRule: z.array(anyRuleSchema).min(1).readonly().describe("Rules of every kind"),
  gates: gatesSchema.describe("The trainer's weights from noisy gradients"),
  noise: z.array(noiseSchema).min(1).readonly().describe("Runs with noise"),
  noisePowers: z.array(powerSchema).min(1).readonly().describe("One for each exponent"),
  blowUp: z.object({
    cap: z.number().describe("Largest addition to a weight where there is a cap"),
    preference: z.number().describe("Preference of each of the two objectives"),
    points: z.array(z.object({
      size: z.number().positive().describe("Size of the opposed gradient"),
      free: z.number().describe("Largest weight without a cap"),
      capped: z.number().describe("Largest weight with it"),
    })).min(1).readonly(),
  }).describe("Weights where an opposed gradient vanishes"),
});

/** See {@linkcode convergenceFindings}. */
export type ConvergenceFindings = z.output<typeof convergenceFindings>;
