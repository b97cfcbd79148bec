/**
 * How much can be promised about a model's errors? Theorems 12 and 13 of `lib/balance/THEORY.md` where the truth is known,
 * and on a trained tiny model: what it may answer, and which treatments it names.
 *
 * @module
 */

import { wilsonInterval } from "../../lib/evaluation/mod.ts";
import { hashJson } from "../../lib/runtime/mod.ts";
import type { BoundFinding } from "../exact/tally.ts";
import { breathe, type RunContext, type RunOutput } from "../core/experiment.ts";
import { exact } from "../core/results.ts";
import type { Metric } from "../../lib/runs/mod.ts";
import {
  checkAscent,
  checkPairs,
  countPromises,
  FIXED_START,
  populations,
  promise,
  sharpDrift,
  TEST_ITEMS,
} from "./checks.ts";
import type { SafetyConfig } from "./config.ts";
import { driftMetrics, modelDrift } from "./drift.ts";
import {
  type Distance,
  distanceSources,
  type Drift,
  type PromiseCount,
  type SafetyFindings,
} from "./findings.ts";
import { answerSelectively, choiceAnswers, coverages, heldOutItems, treatments } from "./model.ts";
import { treatmentCapabilities } from "./treatments.ts";
import { reinforced, rewardRules, supervised } from "../stages/train.ts";
import { openWorkshop } from "../stages/workshop.ts";
import { START_SEED } from "../stages/tiny_start.ts";

/** What is known exactly. */
interface ExactSafety {
  readonly counts: readonly PromiseCount[];
  /** Bounds on random pairs, and along runs of ascent. */
  readonly pairs: readonly BoundFinding[];
  readonly ascent: readonly BoundFinding[];
  readonly tilted: Drift;
  readonly drifts: readonly Drift[];
}

async function measureExact(
  config: SafetyConfig,
  onProgress: (done: number, total: number, note?: string) => void,
): Promise<ExactSafety> {
  const total = populations.length + 2;
  const counts: PromiseCount[] = [];
  for (const [i, population] of populations.entries()) {
    onProgress(i, total, population.name);
    await breathe();
    counts.push(...countPromises(population, config.draws, config.calibrationItems));
  }
  onProgress(total - 2, total, "pairs of policies");
  await breathe();
  const pairs = checkPairs(config.pairs);
  onProgress(total - 1, total, "ascent");
  await breathe();
  const ascent = checkAscent(config.runs, config.checkpoints);
  onProgress(total, total);
  return {
    counts,
    pairs,
    ascent: ascent.checks,
    tilted: sharpDrift(),
    drifts: ascent.drifts,
  };
}

function exactMetrics(counts: readonly PromiseCount[], { pairs, ascent }: Distance): Metric[] {
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
    ...counts.flatMap(({ population, procedure, draws, broken, testAbove, abstained }) => {
      const system = `${procedure}, ${population}`;
      return [
        share(system, "promise broken", broken, draws),
        share(system, "test errors above alpha (not promised)", testAbove, draws),
        share(system, "abstained", abstained, draws),
      ];
    }),
    ...([["pairs", pairs], ["ascent", ascent]] as const).flatMap(([source, checks]) =>
      checks.map(({ name, problems, broken }): Metric => ({
        ...exact,
        system: `${name}, ${distanceSources[source]}`,
        capability: "broken",
        unit: "share",
        n: problems,
        mean: broken / problems,
        ...wilsonInterval(broken, problems),
      }))
    ),
  ];
}

function modelMetrics(
  { selective, treatments }: Pick<SafetyFindings, "selective" | "treatments">,
  hash: string,
): Metric[] {
  const shared = { unit: "share", seeds: 1, invalid_rate: 0, prompt_hash: hash } as const;
  return [
    ...selective.outcomes.flatMap(({ alpha, answered, errors, test }): Metric[] => {
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
        ...wilsonInterval(errors, answered),
      }];
    }),
    ...treatments.flatMap(({ system, n, counts }) =>
      treatmentCapabilities.map(({ capability, verdicts }): Metric => {
        const k = verdicts.reduce((sum, verdict) => sum + counts[verdict], 0);
        return {
          ...shared,
          invalid_rate: counts["none named"] / n,
          system,
          capability,
          n,
          mean: k / n,
          ...wilsonInterval(k, n),
        };
      })
    ),
  ];
}

/**
 * Checks the promises where the truth is known, trains a model and looks at what it says.
 *
 * @param context Store, backend and bars.
 * @param config Options.
 * @returns Metrics, seconds of the stages and findings.
 * @throws {UsageError} when the families hold no questions with options or for a treatment
 */
export async function runSafety(
  context: RunContext,
  config: SafetyConfig,
): Promise<RunOutput<SafetyFindings>> {
  const bar = context.stage("Checking the promises");
  const { draws, calibrationItems, pairs, runs, checkpoints } = config;
  const checked = await context.store.json(
    "safety",
    { version: 3, draws, calibrationItems, pairs, runs, checkpoints },
    () => measureExact(config, bar.update),
  );
  bar.finish(checked.cached ? "from the store" : undefined);
  const workshop = await openWorkshop(context, { ...config, mmluQuestions: 0, testItems: 1 });
  const start = await supervised(workshop, START_SEED);
  const held = await heldOutItems(workshop, config.heldOut);
  const answers = await choiceAnswers(workshop, start, held);
  const after = await reinforced(workshop, start, "CA-GRPO", rewardRules["CA-GRPO"], START_SEED);
  const drift = await modelDrift(workshop, start, config.drift);
  const { counts, ...distance } = checked.value;
  const { delta } = promise;
  const findings: SafetyFindings = {
    promises: {
      ...promise,
      fixedStart: FIXED_START,
      testItems: TEST_ITEMS,
      populations: populations.map(({ name, risk }) => ({ name, risk })),
      counts,
    },
    distance,
    checkpoints: drift.found,
    selective: {
      delta,
      coverages,
      answers,
      outcomes: config.alphas.map((alpha) => answerSelectively(answers, { alpha, delta })),
    },
    treatments: [
      await treatments(workshop, "base", undefined, held),
      await treatments(workshop, "SFT", start, held),
      await treatments(workshop, "CA-GRPO", after, held),
    ],
  };
  return {
    metrics: [
      ...exactMetrics(counts, findings.distance),
      ...modelMetrics(findings, await hashJson([held.hash, config.system])),
      ...driftMetrics(drift.found.drifts, drift.hash),
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
    findings,
  };
}
