/**
 * Does the convergence theorem hold, and how near to its bounds do exact problems come? Theorems 5 to 7 of
 * `lib/balance/THEORY.md` on quadratics and tabular softmax policies, in double precision; no model is involved.
 *
 * @module
 */

import { z } from "zod";
import { preservationRatio } from "../../lib/balance/mod.ts";
import { bootstrapInterval, clopperPearson } from "../../lib/evaluation/mod.ts";
import type { BoundCheck } from "../exact/bound_check.ts";
import {
  type AnyRulePoint,
  blowUp,
  checkAnyRule,
  checkBoundedWeights,
  checkMargin,
  checkPareto,
  checkPreservation,
  compareAdam,
  type NoiseRow,
  noiseRuns,
  normsOverSteps,
  relativeSteps,
  sharpHarm,
} from "./checks.ts";
import { presentConvergence } from "./view.ts";
import { breathe, type Experiment, type RunContext, type RunOutput } from "../core/experiment.ts";
import { exact } from "../core/results.ts";
import type { Metric } from "../../lib/runs/mod.ts";

/** Kinds of problem. */
export const kinds = ["quadratic", "softmax"] as const;

/** Options. */
export const convergenceSchema = z.object({
  instances: z.int().min(10).default(500).describe("Problems of each kind and step size"),
  steps: z.int().min(10).default(60).describe("Steps of each run"),
  adamInstances: z.int().min(3).default(150).describe("Problems for the comparison with Adam"),
  horizons: z.array(z.int().min(2)).min(2).default([8, 16, 32, 64, 128, 256, 512, 1024])
    .describe("Numbers of steps T at which the smallest norm is read"),
  noiseProblems: z.int().min(1).default(5).describe("Problems with noisy gradients"),
  noiseRuns: z.int().min(1).default(2).describe("Runs of each of them"),
  noiseHorizons: z.array(z.int().min(2)).min(2).default([64, 128, 256, 512, 1024, 2048])
    .describe("Numbers of steps T of runs with noisy gradients"),
});

/** See {@linkcode convergenceSchema}. */
export type ConvergenceConfig = z.output<typeof convergenceSchema>;

/** Exponents of the step size `a T^-alpha` in runs with noise. */
const alphas = [1 / 2, 2 / 3, 0.8] as const;

/** Sizes of the second gradient in the blow-up example. */
const blowUpSizes = [1, 0.1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6] as const;

/** Largest addition to a weight in the blow-up example. */
const CAP = 4;

/** All that was measured. */
export interface ConvergenceFindings {
  /** Every bound, with its violations. */
  readonly checks: BoundCheck[];
  /** Largest harm relative to gain, by kind and step size, and of the sharp example. */
  readonly harm: { kind: string; values: number[] }[];
  /** Smallest norm over T, and its bound. */
  readonly norms: { kind: string; measured: number[]; bound: number[] }[];
  /** Share of harmed steps of each problem, and the worst cosine, for each way to use Adam. */
  readonly adam: { variant: string; shares: number[]; worstCosine: number }[];
  /** Steps of the exact weights that lower some objective at second order, without the margin. */
  readonly plain: { steps: number; lower: number };
  /** Mean squared norm and bound for any rule. */
  readonly anyRule: AnyRulePoint[];
  /** Runs with noise. */
  readonly noise: NoiseRow[];
  /** Largest weight without and with a cap. */
  readonly blowUp: { size: number; free: number; capped: number }[];
}

/** Adds up checks of the same name. */
function pool(checks: readonly BoundCheck[]): BoundCheck[] {
  return [...Map.groupBy(checks, ({ name }) => name)].map(([name, parts]) => ({
    name,
    checks: parts.reduce((n, { checks }) => n + checks, 0),
    violations: parts.reduce((n, { violations }) => n + violations, 0),
    largest: Math.max(...parts.map(({ largest }) => largest)),
  }));
}

async function measure(
  config: ConvergenceConfig,
  onProgress: (done: number, total: number, note?: string) => void,
): Promise<ConvergenceFindings> {
  const { instances, steps } = config;
  const checks: BoundCheck[] = [];
  const total = 2 * relativeSteps.length + 8;
  let done = 0;
  const part = async <T>(note: string, work: () => T): Promise<T> => {
    onProgress(done, total, note);
    await breathe();
    const result = work();
    done++;
    return result;
  };
  const harm: ConvergenceFindings["harm"] = [];
  for (const kind of kinds) {
    const values: number[] = [];
    for (const c of relativeSteps) {
      const found = await part(
        `${kind}, step size ${c} / L`,
        () => checkPreservation(kind, c, instances, steps),
      );
      checks.push(...found.bounds);
      values.push(found.worst);
    }
    harm.push({ kind, values });
  }
  harm.push({ kind: "sharp example", values: relativeSteps.map(sharpHarm) });
  const few = Math.max(10, Math.round(instances / 20));
  const norms: ConvergenceFindings["norms"] = [];
  for (const kind of kinds) {
    const found = await part("norms", () => normsOverSteps(kind, few, config.horizons));
    norms.push({ kind, ...found });
  }
  const adam = await part("Adam", () => compareAdam(config.adamInstances, steps));
  checks.push(...await part("caps and ridges", () => checkBoundedWeights(2 * instances)));
  const margin = await part("margin", () => checkMargin(Math.ceil(instances / 10), steps));
  const anyRule = await part("any rule", () => checkAnyRule(few, steps));
  checks.push(margin.margin, anyRule.check);
  checks.push(...await part("Pareto", () => checkPareto(instances, Math.ceil(steps / 5))));
  const { noiseHorizons, noiseProblems } = config;
  const noise = await part(
    "noise",
    () => noiseRuns(alphas, noiseHorizons, noiseProblems, config.noiseRuns),
  );
  onProgress(total, total);
  return {
    checks: pool(checks),
    harm,
    norms,
    adam: adam.map(({ variant, runs }) => ({
      variant,
      shares: runs.map(({ harmed, steps }) => harmed / steps),
      worstCosine: Math.min(...runs.map((run) => run.worstCosine)),
    })),
    plain: margin.plain,
    anyRule: anyRule.points,
    noise,
    blowUp: blowUpSizes.map((size) => ({
      size,
      free: blowUp(size, undefined),
      capped: blowUp(size, CAP),
    })),
  };
}

function metricsOf({ checks, harm, adam }: ConvergenceFindings, instances: number): Metric[] {
  return [
    ...checks.map(({ name, checks, violations }): Metric => {
      const { low, high } = clopperPearson(violations, checks);
      const mean = violations / checks;
      return {
        ...exact,
        system: name,
        capability: "violations",
        unit: "share",
        n: checks,
        mean,
        low,
        high,
      };
    }),
    ...adam.map(({ variant, shares }): Metric => ({
      ...exact,
      system: `Adam, ${variant}`,
      capability: "harmed steps",
      unit: "share",
      ...bootstrapInterval(shares, { seed: 0 }),
    })),
    ...harm.flatMap(({ kind, values }) =>
      values.map((value, i): Metric => ({
        ...exact,
        system: kind,
        capability: `worst harm / gain at c = ${relativeSteps[i]}`,
        unit: "value",
        n: kind === "sharp example" ? 1 : instances,
        mean: value,
        low: value,
        high: value,
      }))
    ),
  ];
}

async function run(context: RunContext, config: ConvergenceConfig): Promise<RunOutput> {
  const bar = context.stage("Checking the theorem");
  const stage = await context.store.json(
    "convergence",
    { version: 2, config },
    () => measure(config, bar.update),
  );
  bar.finish(stage.cached ? "from the store" : undefined);
  return {
    metrics: metricsOf(stage.value, config.instances),
    comparisons: [],
    seconds: { checks: stage.seconds },
    notes: [
      "Every problem is drawn from its number, so that all runs check the same ones. A bound counts as broken beyond " +
      "rounding (1e-9); intervals of shares of broken bounds are Clopper-Pearson's.",
      `The constant c / (2 - c) is sharp: at c = 1 it is ${
        preservationRatio(1)
      }, and the sharp example has it.`,
    ],
    present: (results) => presentConvergence(results, stage.value, config),
  };
}

/** See the module. */
export const convergence: Experiment<typeof convergenceSchema> = {
  id: "convergence",
  question: "Does the convergence theorem hold, and how near to its bounds do exact problems come?",
  schema: convergenceSchema,
  presets: {
    smoke: {
      instances: 40,
      steps: 40,
      adamInstances: 15,
      horizons: [8, 16, 32, 64],
      noiseProblems: 2,
      noiseRuns: 1,
      noiseHorizons: [64, 128, 256],
    },
    quick: {},
    paper: {
      instances: 5000,
      steps: 200,
      adamInstances: 1000,
      noiseProblems: 30,
      noiseRuns: 10,
      noiseHorizons: [64, 128, 256, 512, 1024, 2048, 4096],
    },
  },
  seeds: { smoke: 1, quick: 1, paper: 1 },
  run,
};
