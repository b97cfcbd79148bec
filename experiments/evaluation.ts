/**
 * Measures a model on held-out items by capability, MMLU's biomedical subjects and PubMedQA, with what a reader needs to
 * judge a score: n, interval, share of invalid answers, hash of the prompts.
 *
 * @module
 */

import { join } from "@std/path";
import {
  evaluateItems,
  evaluateMmlu,
  evaluatePubmedqa,
  type LogLikelihood,
  pairedDifference,
} from "../lib/evaluation/mod.ts";
import { csvTable, formatShare, markdownTable, type Row } from "../lib/figures/mod.ts";
import { loadKnowledge } from "../lib/knowledge/mod.ts";
import { complete, type LanguageModel, logLikelihoods } from "../lib/model/mod.ts";
import { ruleScores } from "../lib/reward/mod.ts";
import { type BackendInfo, hashJson, UsageError, writeFileAtomic } from "../lib/runtime/mod.ts";
import { capabilities, type Item } from "../lib/synthesis/mod.ts";
import type { RunContext } from "./experiment.ts";
import { type Metric, readResults, type Results, writeResults } from "./results.ts";
import project from "../deno.json" with { type: "json" };

/** What is measured. */
export interface EvaluationOptions {
  /** The model. */
  readonly language: LanguageModel;
  /** Held-out items. */
  readonly items: readonly Item[];
  /** Folder of the graph that answers are checked against; the project's data when left out. */
  readonly knowledge?: string | undefined;
  /** System message before the items. */
  readonly system: string;
  /** Most items of each capability. */
  readonly testItems: number;
  /** Longest answer, in tokens. */
  readonly maxNewTokens: number;
  /** Answers that are decoded together. */
  readonly batchRows: number;
  /** Questions of MMLU; none with 0, all when left out. */
  readonly mmluQuestions?: number | undefined;
  /** Questions of PubMedQA; none with 0, all when left out. */
  readonly pubmedqaQuestions?: number | undefined;
  /** Seed of draws and intervals. */
  readonly seed: number;
  /** Name of the model in tables. */
  readonly name: string;
  /** Shows a bar for each benchmark. */
  readonly stage: RunContext["stage"];
}

/** One answer, so that runs can be compared item by item. */
export interface Answer {
  /** Capability or benchmark. */
  readonly benchmark: string;
  /** The item's id. */
  readonly id: string;
  /** In [0, 1]. */
  readonly score: number;
  /** What the model wrote, or the index of the choice that it found likeliest. */
  readonly answer: string | number;
}

/** What was measured. */
export interface EvaluationResult {
  /** A score for each capability and benchmark. */
  readonly metrics: readonly Metric[];
  /** Every answer. */
  readonly answers: readonly Answer[];
  /** Seconds by benchmark. */
  readonly seconds: Readonly<Record<string, number>>;
}

/** At most `limit` test items of each capability. */
export function heldOut(items: readonly Item[], limit: number): Item[] {
  return capabilities.flatMap((capability) =>
    items.filter((item) => item.split === "test" && item.capability === capability)
      .toSorted((a, b) => a.id < b.id ? -1 : 1).slice(0, limit)
  );
}

/** Measures a model; benchmarks without questions are left out. */
export async function evaluateModel(options: EvaluationOptions): Promise<EvaluationResult> {
  const { language, name, seed, stage } = options;
  const metrics: Metric[] = [];
  const answers: Answer[] = [];
  const seconds: Record<string, number> = {};
  const measure = async <T>(
    label: string,
    work: (update: (done: number, total: number) => void) => Promise<T>,
  ): Promise<T> => {
    const bar = stage(label);
    const began = performance.now();
    const found = await work(bar.update);
    seconds[label] = (performance.now() - began) / 1000;
    bar.finish();
    return found;
  };
  const score = (
    capability: string,
    rest: Omit<Metric, "system" | "capability" | "unit" | "seeds">,
  ) => metrics.push({ system: name, capability, unit: "share", seeds: 1, ...rest });
  const loglikelihood: LogLikelihood = (requests, onProgress) =>
    logLikelihoods(language, requests, onProgress);

  const items = heldOut(options.items, options.testItems);
  if (items.length > 0) {
    const knowledge = await loadKnowledge(options.knowledge);
    const results = await measure("Held-out items", (onProgress) =>
      evaluateItems({
        items,
        complete: async (prompts, sampling, onProgress) =>
          (await complete(language, prompts, {
            ...sampling,
            system: options.system,
            batchRows: options.batchRows,
          }, onProgress)).map(([first]) => first!.text),
        score: (item, completion) => ruleScores(item, completion, knowledge),
        maxNewTokens: options.maxNewTokens,
        seed,
        onProgress,
      }));
    for (const { capability, n, mean, low, high, invalidRate, promptHash, perItem } of results) {
      score(capability, { n, mean, low, high, invalid_rate: invalidRate, prompt_hash: promptHash });
      for (const { id, score, completion } of perItem) {
        answers.push({ benchmark: capability, id, score, answer: completion });
      }
    }
  }
  if (options.mmluQuestions !== 0) {
    const found = await measure(
      "MMLU",
      (onProgress) =>
        evaluateMmlu({ loglikelihood, limit: options.mmluQuestions, seed, onProgress }),
    );
    const { n, accuracy: mean, low, high } = found.scores.token;
    score("MMLU", { n, mean, low, high, invalid_rate: 0, prompt_hash: found.promptHash });
    for (const { id, predicted: { token }, answer } of found.perItem) {
      answers.push({ benchmark: "MMLU", id, score: Number(token === answer), answer: token });
    }
  }
  if (options.pubmedqaQuestions !== 0) {
    const found = await measure(
      "PubMedQA",
      (onProgress) =>
        evaluatePubmedqa({ loglikelihood, limit: options.pubmedqaQuestions, seed, onProgress }),
    );
    const { n, accuracy: mean, low, high } = found;
    score("PubMedQA", { n, mean, low, high, invalid_rate: 0, prompt_hash: found.promptHash });
    for (const { id, predicted: { sum }, answer } of found.perItem) {
      answers.push({ benchmark: "PubMedQA", id, score: Number(sum === answer), answer: sum });
    }
  }
  return { metrics, answers, seconds };
}

/** Every answer of an evaluation that was written to a folder. */
async function readAnswers(folder: string): Promise<Answer[]> {
  const path = join(folder, evaluationFiles.answers);
  const text = await Deno.readTextFile(path).catch(() => {
    throw new UsageError(`Expected the answers of an evaluation but found none at ${path}`);
  });
  return text.trimEnd().split("\n").map((line) => JSON.parse(line));
}

/**
 * Paired differences from an earlier evaluation, item by item, where both asked the same questions.
 *
 * @throws UsageError when there is no evaluation in the folder
 */
export async function compareWith(
  folder: string,
  { metrics, answers }: EvaluationResult,
  seed: number,
): Promise<Results["comparisons"]> {
  const [earlier, theirs] = [await readResults(folder), await readAnswers(folder)];
  return metrics.flatMap(({ capability, prompt_hash, system }) => {
    const other = earlier.metrics.find((m) => m.capability === capability);
    if (other?.prompt_hash !== prompt_hash) return [];
    const scoresOf = (all: readonly Answer[]) =>
      all.filter(({ benchmark }) => benchmark === capability).map(({ score }) => score);
    const { mean: difference, low, high, p, n } = pairedDifference(
      scoresOf(answers),
      scoresOf(theirs),
      { seed },
    );
    return [{ system, baseline: other.system, capability, n, difference, low, high, p }];
  });
}

/** A row for each score. */
export function scoreTable(metrics: readonly Metric[]): Row[] {
  return metrics.map((m): Row => ({
    measured: m.capability,
    n: m.n,
    "score (%)": formatShare(m.mean),
    "95 % interval": `[${formatShare(m.low)}, ${formatShare(m.high)}]`,
    "invalid (%)": formatShare(m.invalid_rate),
    prompts: m.prompt_hash,
  }));
}

/** A row for each paired difference. */
export function differenceTable(comparisons: Results["comparisons"]): Row[] {
  return comparisons.map((c): Row => ({
    measured: c.capability,
    n: c.n,
    "difference (points)": formatShare(c.difference),
    "95 % interval": `[${formatShare(c.low)}, ${formatShare(c.high)}]`,
    p: c.p < 0.001 ? "< 0.001" : c.p.toFixed(3),
  }));
}

/** Files that {@linkcode writeEvaluation} writes besides results.json. */
export const evaluationFiles = {
  markdown: "results.md",
  csv: "results.csv",
  answers: "answers.jsonl",
} as const;

/** Writes results.json, the table as Markdown and CSV, and every answer; each file appears whole or not at all. */
export async function writeEvaluation(
  folder: string,
  { metrics, answers, seconds }: EvaluationResult,
  comparisons: Results["comparisons"],
  run: {
    readonly config: Record<string, unknown>;
    readonly backend: BackendInfo;
    readonly seed: number;
  },
): Promise<void> {
  const rows = scoreTable(metrics);
  const { markdown, csv } = evaluationFiles;
  await writeFileAtomic(join(folder, markdown), markdownTable(rows));
  await writeFileAtomic(join(folder, csv), csvTable(rows));
  await writeFileAtomic(
    join(folder, evaluationFiles.answers),
    answers.map((answer) => `${JSON.stringify(answer)}\n`).join(""),
  );
  const { name, versions, machine, note } = run.backend;
  await writeResults(folder, {
    version: project.version,
    experiment: "evaluate",
    preset: "own",
    date: new Date().toISOString(),
    machine,
    backend: { name, versions: { ...versions }, ...(note !== undefined && { note }) },
    config: run.config,
    config_hash: await hashJson(run.config),
    seeds: [run.seed],
    seconds: { ...seconds },
    metrics: [...metrics],
    comparisons,
    tables: [markdown, csv],
    figures: [],
    notes: [
      "Items: greedy answers scored by the rules, 95 % bootstrap interval over the items. MMLU: biomedical subjects, " +
      "cloze by likelihood per token; PubMedQA: yes, no or maybe after the abstract, by likelihood; Wilson intervals.",
    ],
  });
}
