/**
 * Five systems on the four capabilities: the model as it is, after supervised fine-tuning (SFT), and after GRPO from
 * there with summed rewards (GRPO), with rewards normalised one by one (GDPO) and with capability-aware weights
 * (CA-GRPO); same data, same seeds, same number of samples and steps.
 *
 * @module
 */

import type { z } from "zod";
import { bootstrapInterval, pairedDifference } from "../lib/evaluation/mod.ts";
import { type CurvePanel, curves, type Row } from "../lib/figures/mod.ts";
import { capabilities } from "../lib/synthesis/mod.ts";
import type { StepLog } from "../lib/training/mod.ts";
import type { Experiment, RunContext, RunOutput } from "./experiment.ts";
import { comparisonRows, scoreBars, scoreRows } from "./reported.ts";
import type { Metric, Results } from "./results.ts";
import {
  evaluate,
  type Evaluation,
  openWorkshop,
  reinforced,
  rewardRules,
  supervised,
  type SystemsConfig,
  systemsSchema,
} from "./systems.ts";

/** The systems, in the order of tables and figures. */
const systems = ["base", "SFT", ...Object.keys(rewardRules)] as const;

/** The mean over the four capabilities, which count the same. */
const MEAN = "mean";

const MMLU = "MMLU";

/** What a system scored at every seed. */
interface SystemRuns {
  readonly name: string;
  readonly evaluations: readonly Evaluation[];
}

/** Scores of the same items, averaged over the seeds, with what describes them. */
interface ItemScores {
  readonly ids: readonly string[];
  readonly scores: readonly number[];
  readonly invalidRate: number;
  readonly promptHash: string;
}

function averageOver(rows: readonly (readonly number[])[]): number[] {
  return rows[0]!.map((_, i) => rows.reduce((sum, row) => sum + row[i]!, 0) / rows.length);
}

function itemScores({ evaluations }: SystemRuns, capability: string): ItemScores | undefined {
  const results = evaluations.map((evaluation) => {
    if (capability === MMLU) {
      const { mmlu } = evaluation;
      return mmlu && {
        ids: mmlu.perItem.map(({ id }) => id),
        scores: mmlu.perItem.map(({ predicted, answer }) => Number(predicted.token === answer)),
        invalidRate: 0,
        promptHash: mmlu.promptHash,
      };
    }
    const found = evaluation.items.find((result) => result.capability === capability);
    return found && {
      ids: found.perItem.map(({ id }) => id),
      scores: found.perItem.map(({ score }) => score),
      invalidRate: found.invalidRate,
      promptHash: found.promptHash,
    };
  });
  const whole = results.filter((result) => result !== null && result !== undefined);
  const first = whole[0];
  if (first === undefined) return undefined;
  return {
    ids: first.ids,
    scores: averageOver(whole.map(({ scores }) => scores)),
    invalidRate: whole.reduce((sum, r) => sum + r.invalidRate, 0) / whole.length,
    promptHash: first.promptHash,
  };
}

/** Scores of every capability in one row; they have the same number of items, so each counts the same. */
function pooled(runs: SystemRuns): ItemScores {
  const parts = capabilities.map((capability) => itemScores(runs, capability)!);
  return {
    ids: parts.flatMap(({ ids }) => ids),
    scores: parts.flatMap(({ scores }) => scores),
    invalidRate: parts.reduce((sum, part) => sum + part.invalidRate, 0) / parts.length,
    promptHash: parts[0]!.promptHash,
  };
}

function scoresOf(runs: SystemRuns, capability: string): ItemScores | undefined {
  return capability === MEAN ? pooled(runs) : itemScores(runs, capability);
}

const measuredNames = [...capabilities, MEAN, MMLU];

function metricsOf(runs: readonly SystemRuns[], seeds: number): Metric[] {
  return runs.flatMap((system) =>
    measuredNames.flatMap((capability): Metric[] => {
      const found = scoresOf(system, capability);
      if (found === undefined) return [];
      const { mean, low, high } = bootstrapInterval(found.scores, { seed: 0 });
      return [{
        system: system.name,
        capability,
        unit: "share",
        n: found.scores.length,
        mean,
        low,
        high,
        seeds: system.name === "base" ? 1 : seeds,
        invalid_rate: found.invalidRate,
        prompt_hash: found.promptHash,
      }];
    })
  );
}

function comparisonsOf(runs: readonly SystemRuns[]): Results["comparisons"] {
  const named = (name: string) => runs.find((system) => system.name === name)!;
  const pairs = [
    ...systems.slice(1).map((system) => [system, "base"] as const),
    ...["SFT", "GRPO", "GDPO"].map((baseline) => ["CA-GRPO", baseline] as const),
  ];
  return pairs.flatMap(([system, baseline]) =>
    measuredNames.flatMap((capability) => {
      const a = scoresOf(named(system), capability);
      const b = scoresOf(named(baseline), capability);
      if (a === undefined || b === undefined) return [];
      const { mean, low, high, p, n } = pairedDifference(a.scores, b.scores, { seed: 0 });
      return [{ system, baseline, capability, n, difference: mean, low, high, p }];
    })
  );
}

/** Mean of the last `window` values at each step. */
function smooth(values: readonly (number | null)[], window: number): (number | null)[] {
  return values.map((_, i) => {
    const part = values.slice(Math.max(0, i + 1 - window), i + 1).filter((v) => v !== null);
    return part.length === 0 ? null : part.reduce((a, b) => a + b, 0) / part.length;
  });
}

function rewardCurves(logs: ReadonlyMap<string, readonly (readonly StepLog[])[]>) {
  const rules = Object.keys(rewardRules);
  const steps = logs.get(rules[0]!)![0]!.map(({ step }) => step);
  const window = Math.max(1, Math.round(steps.length / 10));
  const panels: CurvePanel[] = capabilities.map((capability) => ({
    title: capability,
    series: rules.map((name) => {
      const rows = logs.get(name)!.map((log) =>
        smooth(log.map((entry) => entry[`rewards/${capability}/mean`] ?? null), window)
      );
      const at = (i: number) => rows.map((row) => row[i]!).filter((v) => v !== null);
      const y = steps.map((_, i) => {
        const values = at(i);
        return values.length === 0 ? null : values.reduce((a, b) => a + b, 0) / values.length;
      });
      return {
        name,
        x: steps,
        y,
        ...(rows.length > 1 && {
          low: steps.map((_, i) => at(i).length === 0 ? null : Math.min(...at(i))),
          high: steps.map((_, i) => at(i).length === 0 ? null : Math.max(...at(i))),
        }),
      };
    }),
  }));
  return curves({
    title: "Reward of the sampled completions during training",
    series: panels,
    xTitle: "Step",
    yTitle: "Mean reward",
    n: logs.get(rules[0]!)!.length,
    band: "range over the seeds",
    caption: window > 1 ? `Running mean over ${window} steps.` : "",
  });
}

function weightCurves(logs: readonly (readonly StepLog[])[]) {
  const steps = logs[0]!.map(({ step }) => step);
  return curves({
    title: "Weights of the capabilities under CA-GRPO",
    series: capabilities.map((capability) => ({
      name: capability,
      x: steps,
      y: steps.map((_, i) =>
        logs.reduce((sum, log) => sum + log[i]![`weights/${capability}`]!, 0) / logs.length
      ),
    })),
    xTitle: "Step",
    yTitle: "Weight",
    n: logs.length,
    caption:
      "The preferred weight of each is 0.25; more means that the others would have harmed it.",
  });
}

const points = (share: number): string => (share * 100).toFixed(1).replace("-", "\u2212");

/** The answer in a sentence, from the numbers. */
function answerOf(results: Results): string {
  const mean = (system: string) =>
    results.metrics.find((m) => m.system === system && m.capability === MEAN)!;
  const best = systems.map(mean).reduce((a, b) => b.mean > a.mean ? b : a);
  const againstBase = results.comparisons.filter((c) =>
    c.baseline === "base" && c.capability === MEAN
  );
  const above = againstBase.filter(({ low }) => low > 0).map(({ system }) => system);
  const verdict = above.length === againstBase.length
    ? "every trained system beats the base model (paired interval above 0)"
    : above.length === 0
    ? "no trained system beats the base model beyond the paired interval"
    : `${above.join(", ")} beat the base model (paired interval above 0), the others do not`;
  const sum = results.comparisons.find((c) =>
    c.system === "CA-GRPO" && c.baseline === "GRPO" && c.capability === MEAN
  )!;
  const relation = sum.low > 0
    ? "above it beyond the interval"
    : sum.high < 0
    ? "below it beyond the interval"
    : "not told apart from it";
  return `On the mean of the four capabilities ${verdict}; the highest is ${best.system} with ` +
    `${points(best.mean)} %. Against summed rewards CA-GRPO differs by ${points(sum.difference)} ` +
    `points [${points(sum.low)}, ${points(sum.high)}]: it is ${relation}.`;
}

async function run(context: RunContext, config: SystemsConfig): Promise<RunOutput> {
  const workshop = await openWorkshop(context, config);
  const seconds: Record<string, number> = {};
  const spend = (stage: string, more: number) => seconds[stage] = (seconds[stage] ?? 0) + more;
  const evaluations = new Map<string, Evaluation[]>(systems.map((name) => [name, []]));
  const logs = new Map<string, StepLog[][]>(Object.keys(rewardRules).map((name) => [name, []]));
  const sftLogs: StepLog[][] = [];
  const base = await evaluate(workshop, "base", undefined, 0);
  spend("evaluation", base.seconds);
  evaluations.get("base")!.push(base);
  for (const seed of context.seeds) {
    const sft = await supervised(workshop, seed);
    spend("SFT", sft.seconds);
    sftLogs.push([...sft.log]);
    const judge = async (name: string, system: typeof sft) => {
      const found = await evaluate(workshop, name, system, seed);
      spend("evaluation", found.seconds);
      evaluations.get(name)!.push(found);
    };
    await judge("SFT", sft);
    for (const [name, rule] of Object.entries(rewardRules)) {
      const trained = await reinforced(workshop, sft, name, rule, seed);
      spend(name, trained.seconds);
      logs.get(name)!.push([...trained.log]);
      await judge(name, trained);
    }
  }
  const runs = systems.map((name) => ({ name, evaluations: evaluations.get(name)! }));
  const { synthesis } = workshop;
  return {
    metrics: metricsOf(runs, context.seeds.length),
    comparisons: comparisonsOf(runs),
    seconds,
    notes: [
      "GRPO, GDPO and CA-GRPO start from the SFT system of the same seed, which is also the reference of their " +
      "divergence. Intervals are over items; with several seeds an item's score is its mean over them.",
      "mean: the four capabilities count the same. MMLU: accuracy by likelihood per token, biomedical subjects.",
    ],
    present: (results) => {
      const tables = [
        {
          name: "scores",
          caption: "Score in per cent with 95 % interval",
          rows: scoreRows(results),
        },
        {
          name: "differences",
          caption: "Paired differences in points with 95 % interval",
          rows: comparisonRows(results),
        },
        {
          name: "items",
          caption: "Items that the systems are trained and tested on",
          rows: synthesis.counts.map((row): Row => ({ ...row })),
        },
      ];
      const bars = scoreBars(results, "Five systems on the four capabilities");
      const figures = [
        { name: "scores", figure: bars },
        { name: "rewards", figure: rewardCurves(logs) },
        { name: "weights", figure: weightCurves(logs.get("CA-GRPO")!) },
        {
          name: "sft-loss",
          figure: curves({
            title: "Loss during supervised fine-tuning",
            series: [{
              name: "SFT",
              x: sftLogs[0]!.map(({ step }) => step),
              y: averageOver(sftLogs.map((log) => log.map(({ loss }) => loss))),
            }],
            xTitle: "Step",
            yTitle: "Cross-entropy (nats per token)",
            n: sftLogs.length,
          }),
        },
      ];
      const command = `npx -y deno@2.9.6 task experiments main-results --preset ${results.preset}`;
      const n = results.metrics.find(({ capability }) => capability === capabilities[0])!.n;
      return {
        tables,
        figures,
        sections: [
          {
            id: "main-results",
            question: "Which system is best on the four capabilities?",
            answer: answerOf(results),
            table: tables[0]!.rows,
            tableCaption: tables[0]!.caption,
            figures: [bars],
            method:
              `${n} held-out synthetic items of each capability, answered greedily and scored by rules; ` +
              "no item's case or wording occurs in training. 95 % bootstrap intervals over items.",
            command,
          },
          {
            id: "paired",
            question: "How do the systems differ on the same items?",
            answer:
              "Differences are paired by item; the p value is of a sign-flip permutation test.",
            table: tables[1]!.rows,
            tableCaption: tables[1]!.caption,
            figures: [],
            method: "95 % bootstrap intervals over the paired differences.",
            command,
          },
          {
            id: "training",
            question: "How does training go?",
            answer: `${sftLogs[0]!.length} steps of supervised fine-tuning, then ` +
              `${logs.get("GRPO")![0]!.length} steps of each kind of GRPO.`,
            figures: figures.slice(1).map(({ figure }) => figure),
            method: `Rewards are ${config.mixing} times the rule score and ${
              (1 - config.mixing).toFixed(1)
            } times the similarity to the reference; ${
              config.grpo.promptsPerStep ?? 8
            } prompts and ${config.grpo.numGenerations ?? 4} completions a step.`,
            command,
          },
        ],
      };
    },
  };
}

type Options = z.input<typeof systemsSchema>;

const smoke: Options = {
  model: "tiny",
  items: 200,
  tuning: { kind: "full" },
  sft: { maxSteps: 30, learningRate: 2e-3, perDeviceTrainBatchSize: 16 },
  grpo: {
    maxSteps: 4,
    learningRate: 1e-4,
    promptsPerStep: 8,
    numGenerations: 4,
    maxCompletionLength: 48,
    gramSteps: 2,
  },
  testItems: 7,
  maxNewTokens: 48,
  mmluQuestions: 12,
};

const quick: Options = {
  model: "smollm2",
  items: 800,
  tuning: { kind: "lora", r: 16, loraAlpha: 32 },
  sft: { maxSteps: 24, learningRate: 1e-3, perDeviceTrainBatchSize: 12, microBatchSize: 12 },
  grpo: {
    maxSteps: 6,
    learningRate: 2e-4,
    promptsPerStep: 8,
    numGenerations: 4,
    maxCompletionLength: 56,
    gramSteps: 2,
  },
  testItems: 24,
  maxNewTokens: 60,
  mmluQuestions: 60,
};

const paper: Options = {
  ...quick,
  items: 4000,
  sft: { maxSteps: 300, learningRate: 1e-3, perDeviceTrainBatchSize: 16 },
  grpo: {
    maxSteps: 150,
    learningRate: 2e-4,
    promptsPerStep: 8,
    numGenerations: 8,
    maxCompletionLength: 72,
  },
  testItems: 150,
  maxNewTokens: 72,
  mmluQuestions: 1000,
};

/** See the module. */
export const mainResults: Experiment<typeof systemsSchema> = {
  id: "main-results",
  question: "Which of five systems is best on the four capabilities?",
  schema: systemsSchema,
  presets: { smoke, quick, paper },
  seeds: { smoke: 1, quick: 1, paper: 3 },
  run,
};
