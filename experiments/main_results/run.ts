/**
 * Five systems on the four capabilities: the model as it is, after supervised fine-tuning (SFT), and after GRPO from
 * there with summed rewards (GRPO), with rewards normalised one by one (GDPO) and with capability-aware weights
 * (CA-GRPO); same data, same seeds, same number of samples and steps.
 *
 * @module
 */

import type { z } from "zod";
import { bootstrapInterval, pairedDifference } from "../../lib/evaluation/mod.ts";
import { capabilities } from "../../lib/synthesis/mod.ts";
import type { StepLog } from "../../lib/training/mod.ts";
import type { Experiment, RunContext, RunOutput } from "../core/experiment.ts";
import { averageOver, MEAN, presentMainResults, systems } from "./view.ts";
import type { Metric, Results } from "../../lib/runs/mod.ts";
import { evaluate, type Evaluation } from "../stages/evaluate.ts";
import { reinforced, rewardRules, supervised } from "../stages/train.ts";
import { openWorkshop } from "../stages/workshop.ts";
import { type SystemsConfig, systemsSchema } from "../stages/config.ts";

const MMLU = "MMLU";

/** What a system scored at every seed. */
interface SystemRuns {
  readonly name: string;
  readonly evaluations: readonly Evaluation[];
}

/** Scores of the same items, averaged over the seeds, with what describes them. */
interface ItemScores {
  readonly scores: readonly number[];
  readonly invalidRate: number;
  readonly promptHash: string;
}

function itemScores({ evaluations }: SystemRuns, capability: string): ItemScores | undefined {
  const results = evaluations.map((evaluation) => {
    if (capability === MMLU) {
      const { mmlu } = evaluation;
      return mmlu && {
        scores: mmlu.perItem.map(({ predicted, answer }) => Number(predicted.token === answer)),
        invalidRate: 0,
        promptHash: mmlu.promptHash,
      };
    }
    const found = evaluation.items.find((result) => result.capability === capability);
    return found && {
      scores: found.perItem.map(({ score }) => score),
      invalidRate: found.invalidRate,
      promptHash: found.promptHash,
    };
  });
  const whole = results.filter((result) => result !== null && result !== undefined);
  const first = whole[0];
  if (first === undefined) return undefined;
  return {
    scores: averageOver(whole.map(({ scores }) => scores)),
    invalidRate: whole.reduce((sum, r) => sum + r.invalidRate, 0) / whole.length,
    promptHash: first.promptHash,
  };
}

/** Scores of every capability in one row; they have the same number of items, so each counts the same. */
function pooled(runs: SystemRuns): ItemScores {
  const parts = capabilities.map((capability) => itemScores(runs, capability)!);
  return {
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
    ...["GRPO", "GDPO", "CA-GRPO"].map((system) => [system, "SFT"] as const),
    ...["GRPO", "GDPO"].map((baseline) => ["CA-GRPO", baseline] as const),
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
  return {
    metrics: metricsOf(runs, context.seeds.length),
    comparisons: comparisonsOf(runs),
    seconds,
    notes: [
      "GRPO, GDPO and CA-GRPO start from the SFT system of the same seed" +
      (config.grpo.beta === 0
        ? ", without a divergence term. "
        : ", which is also the reference of their divergence. ") +
      "Intervals are over items; with several seeds an item's score is its mean over them.",
      "mean: the four capabilities count the same. MMLU: accuracy by likelihood per token, biomedical subjects.",
    ],
    present: (results) =>
      presentMainResults(results, { config, synthesis: workshop.synthesis, sftLogs, logs }),
  };
}

type Options = z.input<typeof systemsSchema>;

const smoke: Options = {
  model: "tiny",
  items: 200,
  tuning: { kind: "full" },
  sft: { maxSteps: 30, learningRate: 2e-3, perDeviceTrainBatchSize: 16, packing: true },
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
  sft: {
    maxSteps: 14,
    learningRate: 1e-3,
    perDeviceTrainBatchSize: 12,
    microBatchSize: 12,
    packing: true,
  },
  grpo: {
    maxSteps: 3,
    learningRate: 2e-4,
    promptsPerStep: 8,
    numGenerations: 4,
    maxCompletionLength: 48,
    beta: 0,
    gramSteps: 4,
  },
  testItems: 16,
  maxNewTokens: 48,
  evaluationRows: 96,
  mmluQuestions: 16,
};

const paper: Options = {
  ...quick,
  items: 4000,
  sft: { maxSteps: 120, learningRate: 1e-3, perDeviceTrainBatchSize: 16 },
  grpo: {
    ...quick.grpo,
    maxSteps: 50,
    maxCompletionLength: 64,
    beta: 0.04,
  },
  testItems: 150,
  maxNewTokens: 72,
  mmluQuestions: 400,
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
