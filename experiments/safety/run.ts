/**
 * How much can be promised about a model's errors? Theorems 12 and 13 of `lib/balance/THEORY.md` where the truth is known,
 * and on a trained tiny model: what it may answer, and which treatments it names.
 *
 * @module
 */

import { z } from "zod";
import { clopperPearson, wilsonInterval } from "../../lib/evaluation/mod.ts";
import { hashJson } from "../../lib/runtime/mod.ts";
import type { BoundCheck } from "../exact/bound_check.ts";
import { breathe, type Experiment, type RunContext, type RunOutput } from "../core/experiment.ts";
import { exact } from "../core/results.ts";
import type { Metric } from "../../lib/runs/mod.ts";
import {
  checkAscent,
  checkPairs,
  countPromises,
  type Drift,
  populations,
  promise,
  type PromiseCount,
  sharpDrift,
} from "./checks.ts";
import {
  answerSelectively,
  choiceAnswers,
  heldOutItems,
  type SelectiveOutcome,
  type Treatment,
  treatments,
} from "./model.ts";
import { driftMetrics, driftSchema, type ModelDrift, modelDrift } from "./drift.ts";
import { presentSafety } from "./view.ts";
import { reinforced, rewardRules, supervised } from "../stages/train.ts";
import { openWorkshop } from "../stages/workshop.ts";
import { systemsSchema } from "../stages/config.ts";
import {
  paperGrpo,
  paperStart,
  smokeGrpo,
  smokeStart,
  START_SEED,
  tinyGrpo,
  tinyStart,
} from "../stages/tiny_start.ts";

/** Options. */
export const safetySchema = systemsSchema.omit({ mmluQuestions: true, testItems: true }).extend({
  draws: z.int().min(10).default(3000).describe("Calibration sets drawn from each population"),
  calibrationItems: z.int().min(30).default(1000).describe("Items of each calibration set"),
  pairs: z.int().min(10).default(10_000).describe("Random pairs of tabular policies"),
  runs: z.int().min(1).default(100).describe("Runs of exact ascent"),
  checkpoints: z.int().min(4).default(60).describe("Policies of each run that are compared"),
  heldOut: z.int().min(400).default(8000).describe(
    "Items drawn for the promise and for treatments, of which the held-out ones are used",
  ),
  drift: driftSchema.prefault({}),
  alphas: z.array(z.number().gt(0).lt(1)).min(1).default([0.1, 0.3, 0.5, 0.7]).describe(
    "Error rates that are asked for of the model",
  ),
});

/** See {@linkcode safetySchema}. */
export type SafetyConfig = z.output<typeof safetySchema>;

/** What a system's answers to questions for a treatment came to. */
export interface TreatmentCount {
  readonly system: string;
  /** Answers. */
  readonly n: number;
  /** Answers by the worst drug that they name. */
  readonly counts: Readonly<Record<Treatment, number>>;
}

/** What is known exactly. */
export interface ExactSafety {
  readonly promises: readonly PromiseCount[];
  /** Bounds on random pairs, and along runs of ascent. */
  readonly pairs: readonly BoundCheck[];
  readonly ascent: readonly BoundCheck[];
  readonly drifts: readonly Drift[];
}

/** All that was measured. */
export interface SafetyFindings extends ExactSafety {
  readonly selective: readonly SelectiveOutcome[];
  readonly treatments: readonly TreatmentCount[];
  /** Falls of every reward while one is trained. */
  readonly checkpoints: readonly ModelDrift[];
}

async function measureExact(
  config: SafetyConfig,
  onProgress: (done: number, total: number, note?: string) => void,
): Promise<ExactSafety> {
  const total = populations.length + 2;
  const promises: PromiseCount[] = [];
  for (const [i, population] of populations.entries()) {
    onProgress(i, total, population.name);
    await breathe();
    promises.push(...countPromises(population, config.draws, config.calibrationItems));
  }
  onProgress(total - 2, total, "pairs of policies");
  await breathe();
  const pairs = checkPairs(config.pairs);
  onProgress(total - 1, total, "ascent");
  await breathe();
  const ascent = checkAscent(config.runs, config.checkpoints);
  onProgress(total, total);
  return { promises, pairs, ascent: ascent.checks, drifts: [sharpDrift(), ...ascent.drifts] };
}

/** Name of a bound's metric, on pairs or along runs. */
const sources = { pairs: "random pairs", ascent: "exact ascent" } as const;

function exactMetrics({ promises, pairs, ascent }: ExactSafety): Metric[] {
  const share = (system: string, capability: string, k: number, n: number): Metric => ({
    ...exact,
    system,
    capability,
    unit: "share",
    n,
    mean: k / n,
    ...wilsonInterval(k, n),
  });
  return [
    ...promises.flatMap(({ population, procedure, draws, broken, testAbove, abstained }) => {
      const system = `${procedure}, ${population}`;
      return [
        share(system, "promise broken", broken, draws),
        share(system, "test errors above alpha (not promised)", testAbove, draws),
        share(system, "abstained", abstained, draws),
      ];
    }),
    ...([["pairs", pairs], ["ascent", ascent]] as const).flatMap(([source, checks]) =>
      checks.map(({ name, checks, violations }): Metric => ({
        ...exact,
        system: `${name}, ${sources[source]}`,
        capability: "violations",
        unit: "share",
        n: checks,
        mean: violations / checks,
        ...clopperPearson(violations, checks),
      }))
    ),
  ];
}

function modelMetrics(
  { selective, treatments }: SafetyFindings,
  hash: string,
): Metric[] {
  const shared = { unit: "share", seeds: 1, invalid_rate: 0, prompt_hash: hash } as const;
  return [
    ...selective.flatMap(({ alpha, answered, errors, test }): Metric[] => {
      const system = `SFT, alpha ${alpha}`;
      const coverage: Metric = {
        ...shared,
        system,
        capability: "coverage",
        n: test,
        mean: answered / test,
        ...wilsonInterval(answered, test),
      };
      return answered === 0 ? [coverage] : [coverage, {
        ...shared,
        system,
        capability: "errors among answers",
        n: answered,
        mean: errors / answered,
        ...clopperPearson(errors, answered),
      }];
    }),
    ...treatments.flatMap(({ system, n, counts }): Metric[] =>
      ([
        ["treatment denied by the graph", counts.contradicted + counts["not indicated"]],
        ["treatment not indicated", counts["not indicated"]],
        ["treatment supported", counts.supported],
      ] as const).map(([capability, k]) => ({
        ...shared,
        invalid_rate: counts["none named"] / n,
        system,
        capability,
        n,
        mean: k / n,
        ...wilsonInterval(k, n),
      }))
    ),
  ];
}

function countTreatments(system: string, answers: readonly Treatment[]): TreatmentCount {
  const counts = {
    "none named": 0,
    supported: 0,
    unknown: 0,
    contradicted: 0,
    "not indicated": 0,
  };
  for (const answer of answers) counts[answer]++;
  return { system, n: answers.length, counts };
}

async function run(context: RunContext, config: SafetyConfig): Promise<RunOutput> {
  const bar = context.stage("Checking the promises");
  const { draws, calibrationItems, pairs, runs, checkpoints } = config;
  const checked = await context.store.json(
    "safety",
    { version: 2, draws, calibrationItems, pairs, runs, checkpoints },
    () => measureExact(config, bar.update),
  );
  bar.finish(checked.cached ? "from the store" : undefined);
  const workshop = await openWorkshop(context, { ...config, mmluQuestions: 0, testItems: 1 });
  const start = await supervised(workshop, START_SEED);
  const held = await heldOutItems(workshop, config.heldOut);
  const choices = await choiceAnswers(workshop, start, held);
  const after = await reinforced(workshop, start, "CA-GRPO", rewardRules["CA-GRPO"], START_SEED);
  const drift = await modelDrift(workshop, start, config.drift);
  const findings: SafetyFindings = {
    ...checked.value,
    checkpoints: drift.drifts,
    selective: config.alphas.map((alpha) =>
      answerSelectively(choices, { alpha, delta: promise.delta })
    ),
    treatments: [
      countTreatments("base", await treatments(workshop, "base", undefined, held)),
      countTreatments("SFT", await treatments(workshop, "SFT", start, held)),
      countTreatments("CA-GRPO", await treatments(workshop, "CA-GRPO", after, held)),
    ],
  };
  return {
    metrics: [
      ...exactMetrics(findings),
      ...modelMetrics(findings, await hashJson([held.hash, config.system])),
      ...driftMetrics(findings.checkpoints, drift.hash),
    ],
    comparisons: [],
    seconds: {
      checks: checked.seconds,
      SFT: start.seconds,
      "CA-GRPO": after.seconds,
      drift: drift.seconds,
    },
    notes: [
      "Intervals of shares of draws, of coverage and of treatments are Wilson's; those of shares of broken bounds and of errors " +
      "among answers are Clopper-Pearson's.",
      "Each error rate alpha is a promise of its own: together they hold with less than 1 - delta.",
      "What the graph does not state is unknown, not wrong: an answer that names an unknown treatment counts as not denied.",
    ],
    present: (results) => presentSafety(results, findings, config),
  };
}

type Options = z.input<typeof safetySchema>;

const smoke: Options = {
  ...smokeStart,
  grpo: smokeGrpo,
  maxNewTokens: 16,
  evaluationRows: 128,
  draws: 100,
  calibrationItems: 400,
  pairs: 1000,
  runs: 10,
  checkpoints: 40,
  drift: { legs: 2, steps: 1, prompts: 2, samples: 2 },
  heldOut: 600,
};

const quick: Options = {
  ...tinyStart,
  grpo: tinyGrpo,
  maxNewTokens: 40,
  evaluationRows: 128,
};

const paper: Options = {
  ...paperStart,
  grpo: paperGrpo,
  maxNewTokens: 56,
  evaluationRows: 128,
  draws: 30_000,
  calibrationItems: 2000,
  pairs: 200_000,
  runs: 2000,
  drift: { legs: 8, steps: 4, prompts: 100, samples: 8 },
  heldOut: 30_000,
};

/** See the module. */
export const safety: Experiment<typeof safetySchema> = {
  id: "safety",
  question: "How much can be promised about a model's errors?",
  schema: safetySchema,
  presets: { smoke, quick, paper },
  seeds: { smoke: 1, quick: 1, paper: 1 },
  run,
};
