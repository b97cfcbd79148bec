/**
 * Does the convergence theorem hold, and how near to its bounds do exact problems come? Theorems 5 to 7 of
 * `lib/balance/THEORY.md` on quadratics and tabular softmax policies, in double precision; no model is involved.
 *
 * @module
 */

import { bootstrapInterval, wilsonInterval } from "../../lib/evaluation/mod.ts";
import type { Metric } from "../../lib/runs/mod.ts";
import { breathe, type RunContext, type RunOutput } from "../core/experiment.ts";
import { exact } from "../core/results.ts";
import { BLOW_UP_PREFERENCE, blowUp, checkBoundedWeights, checkMargin } from "./bounded_weights.ts";
import {
  adamOptions,
  checkAnyRule,
  checkPareto,
  checkPreservation,
  compareAdam,
  normsOverSteps,
  preservationTallies,
  relativeSteps,
  sharpHarm,
} from "./checks.ts";
import type { ConvergenceConfig } from "./config.ts";
import { type ConvergenceFindings, problemKinds } from "./findings.ts";
import { compareGates } from "./gates.ts";
import { noiseRuns } from "./noise.ts";
import { overAll, type Tally } from "../exact/tally.ts";

/** Exponents of the step size `a T^-alpha` in runs with noise. */
const alphas = [1 / 2, 2 / 3, 0.8] as const;

/** Sizes of the second gradient in the blow-up example. */
const blowUpSizes = [1, 0.1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6] as const;

/** Largest addition to a weight in the blow-up example. */
const CAP = 4;

/** Step sizes of the sharp example's line: between few points it would seem to cross the bound's. */
const sharpSteps = Array.from({ length: 40 }, (_, i) => 0.05 + 1.9 * i / 39);

/** Runs a part of the checks, moves the bar and lets it be drawn. */
type Part = <T>(note: string, work: () => T) => Promise<T>;

/** Every bound's comparisons, with what else was measured on the way. */
async function measureBounds(
  { instances, steps }: ConvergenceConfig,
  few: number,
  part: Part,
): Promise<Pick<ConvergenceFindings, "harm" | "falls" | "anyRule"> & { tallies: Tally[] }> {
  const preservation = preservationTallies();
  const harm: { kind: typeof problemKinds[number]; values: number[] }[] = [];
  for (const kind of problemKinds) {
    const values: number[] = [];
    for (const c of relativeSteps) {
      values.push(
        await part(
          `${kind}, step size ${c} / L`,
          () => checkPreservation(kind, c, { instances, steps }, preservation),
        ),
      );
    }
    harm.push({ kind, values });
  }
  const weights = await part("caps and ridges", () => checkBoundedWeights(2 * instances));
  const { check, plain, margin } = await part(
    "margin",
    () => checkMargin(Math.ceil(instances / 10), steps),
  );
  const anyRule = await part("any rule", () => checkAnyRule(few, steps));
  const pareto = await part("Pareto", () => checkPareto(instances, Math.ceil(steps / 5)));
  const { descent, norm, harm: ratio } = preservation;
  return {
    tallies: [descent, norm, ratio, ...weights, check, anyRule.check, ...pareto],
    harm,
    falls: { plain, margin },
    anyRule: anyRule.rules,
  };
}

async function measure(
  config: ConvergenceConfig,
  onProgress: (done: number, total: number, note?: string) => void,
): Promise<ConvergenceFindings> {
  const total = 2 * relativeSteps.length + 9;
  let done = 0;
  const part: Part = async (note, work) => {
    onProgress(done, total, note);
    await breathe();
    const result = work();
    done++;
    return result;
  };
  const few = Math.max(10, Math.round(config.instances / 20));
  const { tallies, harm, falls, anyRule } = await measureBounds(config, few, part);
  const norms: ConvergenceFindings["norms"][number][] = [];
  for (const kind of problemKinds) {
    const found = await part("norms", () => normsOverSteps(kind, few, config.horizons));
    norms.push({ kind, problems: few, ...found });
  }
  const adam = await part("Adam", () => compareAdam(config.adamInstances, config.steps));
  const { noiseHorizons, noiseProblems } = config;
  const noise = await part(
    "noise",
    () => noiseRuns(alphas, noiseHorizons, noiseProblems, config.noiseRuns),
  );
  const gates = await part(
    "gates",
    () => compareGates(config.gateGeometries, config.gateSignals),
  );
  onProgress(total, total);
  return {
    checks: tallies.map((x) => x.result()),
    ...overAll(tallies),
    relativeSteps: [...relativeSteps],
    harm,
    sharp: {
      values: relativeSteps.map(sharpHarm),
      curve: sharpSteps.map((c) => ({ c, harm: sharpHarm(c) })),
    },
    norms,
    adamOptions: { ...adamOptions, betas: [...adamOptions.betas] },
    adam,
    falls,
    gates,
    anyRule,
    noise: noise.rows,
    noisePowers: noise.powers,
    blowUp: {
      cap: CAP,
      preference: BLOW_UP_PREFERENCE,
      points: blowUpSizes.map((size) => ({
        size,
        free: blowUp(size, undefined),
        capped: blowUp(size, CAP),
      })),
    },
  };
}

/** A share of problems. */
function problemMetric(system: string, capability: string, k: number, n: number): Metric {
  const interval = wilsonInterval(k, n);
  return { ...exact, system, capability, unit: "share", n, mean: k / n, ...interval };
}

/** Mean over problems of a share; where it is 0 on all of them, Wilson's limit for the share of problems bounds it. */
function overProblems(shares: readonly number[]) {
  const found = bootstrapInterval(shares, { seed: 0 });
  return shares.every((share) => share === 0)
    ? { ...found, high: wilsonInterval(0, shares.length).high }
    : found;
}

/** Harmed steps and least cosines of one way to use Adam. */
function adamMetrics({ variant, runs }: ConvergenceFindings["adam"][number]): Metric[] {
  const system = `Adam, ${variant}`;
  const harmed = runs.filter(({ harmed }) => harmed > 0).length;
  return [
    {
      ...exact,
      system,
      capability: "harmed steps",
      unit: "share",
      ...overProblems(runs.map(({ harmed, steps }) => harmed / steps)),
    },
    problemMetric(system, "problems with a harmed step", harmed, runs.length),
    {
      ...exact,
      system,
      capability: "least cosine",
      unit: "value",
      ...bootstrapInterval(runs.map(({ worstCosine }) => worstCosine), { seed: 0 }),
    },
  ];
}

/**
 * Shares of problems on which a bound is broken, of harmed steps, and the largest harm.
 *
 * @param findings what was measured
 * @param instances problems of each kind
 * @returns the metrics of results.json
 */
export function convergenceMetrics(
  { checks, harm, sharp, adam, relativeSteps }: ConvergenceFindings,
  instances: number,
): Metric[] {
  return [
    ...checks.map(({ name, problems, broken }) =>
      problemMetric(name, "problems on which it is broken", broken, problems)
    ),
    ...adam.flatMap(adamMetrics),
    ...[
      ...harm.map(({ kind, values }) => ({ kind, values, n: instances })),
      { kind: "sharp example", values: sharp.values, n: 1 },
    ].flatMap(({ kind, values, n }) =>
      values.map((value, i): Metric => ({
        ...exact,
        system: kind,
        capability: `worst harm / gain at c = ${relativeSteps[i]}`,
        unit: "value",
        n,
        mean: value,
        low: value,
        high: value,
      }))
    ),
  ];
}

/**
 * Checks every bound and measures what the theorem speaks of.
 *
 * @param context store and bars; the seeds are not read, since every problem is drawn from its number
 * @param config options
 * @returns metrics and findings
 */
export async function runConvergence(
  context: RunContext,
  config: ConvergenceConfig,
): Promise<RunOutput<ConvergenceFindings>> {
  const bar = context.stage("Checking the theorem");
  const stage = await context.store.json(
    "convergence",
    { version: 4, config },
    () => measure(config, bar.update),
  );
  bar.finish(stage.cached ? "from the store" : undefined);
  return {
    metrics: convergenceMetrics(stage.value, config.instances),
    comparisons: [],
    seconds: { checks: stage.seconds },
    notes: [
      "Every problem is drawn from its number, so that all runs check the same ones. A bound counts as broken beyond " +
      "rounding (1e-9). A problem counts once, by its worst comparison: those along one run, at several step sizes or under " +
      "several rules depend on each other. Shares of problems have Wilson's intervals, means over problems bootstrap ones; " +
      "where a share is 0 on every problem, Wilson's limit for the share of problems bounds its mean.",
    ],
    findings: stage.value,
  };
}
