/**
 * Measures a model on held-out items by capability, MMLU's biomedical subjects and PubMedQA, with what a reader needs to
 * judge a score: n, interval, share of invalid answers, hash of the prompts.
 *
 * @module
 */

import { join } from "@std/path";
import { z } from "zod";
import {
  type CapabilityResult,
  evaluateItems,
  evaluateMmlu,
  evaluatePubmedqa,
  type LogLikelihood,
  type MmluResult,
  pairedDifference,
  type PubmedqaResult,
} from "../evaluation/mod.ts";
import { csvTable, formatShare, markdownTable, type Row } from "../figures/mod.ts";
import type { Knowledge } from "../knowledge/mod.ts";
import { complete, type LanguageModel, logLikelihoods } from "../model/mod.ts";
import { ruleScores } from "../reward/mod.ts";
import {
  type BackendInfo,
  hashJson,
  type OnProgress,
  type OnStage,
  parseConfig,
  parseJsonLines,
  readText,
  UsageError,
  writeFileAtomic,
} from "../runtime/mod.ts";
import { capabilities, type Item } from "../synthesis/mod.ts";
import { type Metric, readResults, type Results, writeResults } from "./results.ts";
import project from "../../deno.json" with { type: "json" };

/** What a model is measured on, and how. */
export interface MeasureOptions {
  /** The model. */
  readonly language: LanguageModel;
  /** Items to answer, see {@linkcode heldOut}; none leaves them out. */
  readonly items: readonly Item[];
  /** The graph that answers are checked against. */
  readonly knowledge: Knowledge;
  /** System message before the items. */
  readonly system: string;
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
  /** Shows a bar for each benchmark. */
  readonly stage: OnStage;
}

/** What a model scored. */
export interface ModelScores {
  /** Held-out items, by capability; empty where there are none. */
  readonly items: readonly CapabilityResult[];
  /** MMLU's biomedical subjects, null where they were left out. */
  readonly mmlu: MmluResult | null;
  /** PubMedQA, null where it was left out. */
  readonly pubmedqa: PubmedqaResult | null;
  /** Seconds by benchmark. */
  readonly seconds: Readonly<Record<string, number>>;
}

/**
 * The test items that models are measured on.
 *
 * @param items items of all splits
 * @param limit most items of each capability
 * @returns the first ones of each capability by id, whatever the order of the items, capability by capability
 */
export function heldOut(items: readonly Item[], limit: number): Item[] {
  return capabilities.flatMap((capability) =>
    items.filter((item) => item.split === "test" && item.capability === capability)
      .toSorted((a, b) => a.id < b.id ? -1 : 1).slice(0, limit)
  );
}

/**
 * Greedy answers of a model to items' prompts.
 *
 * @param language the model
 * @param prompts the prompts
 * @param options system message, longest answer in tokens, answers that are decoded together
 * @param onProgress told the number of answers
 * @returns an answer for each prompt
 */
export async function greedyAnswers(
  language: LanguageModel,
  prompts: readonly string[],
  options: Pick<MeasureOptions, "system" | "maxNewTokens" | "batchRows">,
  onProgress?: OnProgress,
): Promise<string[]> {
  const greedy = { ...options, temperature: 0, seed: 0 };
  const answers = await complete(language, prompts, greedy, onProgress);
  return answers.map(([first]) => first!.text);
}

/**
 * Measures a model on items, MMLU and PubMedQA. Accuracies have Wilson intervals, mean scores of items bootstrap ones.
 *
 * @param options the model and what it is asked
 * @returns what it scored
 * @throws {WorkbenchError} when a benchmark's files cannot be read
 */
export async function measureModel(options: MeasureOptions): Promise<ModelScores> {
  const { language, items, knowledge, maxNewTokens, seed, stage } = options;
  const seconds: Record<string, number> = {};
  const measure = async <T>(label: string, work: (update: OnProgress) => Promise<T>) => {
    const bar = stage(label);
    const began = performance.now();
    const found = await work(bar.update);
    seconds[label] = (performance.now() - began) / 1000;
    bar.finish();
    return found;
  };
  const loglikelihood: LogLikelihood = (requests, onProgress) =>
    logLikelihoods(language, requests, onProgress);
  const ofItems = items.length === 0
    ? []
    : await measure("Held-out items", (onProgress) =>
      evaluateItems({
        items,
        complete: (prompts, _, onProgress) => greedyAnswers(language, prompts, options, onProgress),
        score: (item, completion) => ruleScores(item, completion, knowledge),
        maxNewTokens,
        seed,
        onProgress,
      }));
  const mmlu = options.mmluQuestions === 0 ? null : await measure(
    "MMLU",
    (onProgress) => evaluateMmlu({ loglikelihood, limit: options.mmluQuestions, seed, onProgress }),
  );
  const pubmedqa = options.pubmedqaQuestions === 0 ? null : await measure(
    "PubMedQA",
    (onProgress) =>
      evaluatePubmedqa({ loglikelihood, limit: options.pubmedqaQuestions, seed, onProgress }),
  );
  return { items: ofItems, mmlu, pubmedqa, seconds };
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

/** What was measured, as it is written. */
export interface EvaluationResult {
  /** A score for each capability and benchmark. */
  readonly metrics: readonly Metric[];
  /** Every answer. */
  readonly answers: readonly Answer[];
  /** Seconds by benchmark. */
  readonly seconds: Readonly<Record<string, number>>;
}

/**
 * Scores as metrics and answers.
 *
 * @param name name of the model in tables
 * @param scores what {@linkcode measureModel} found
 * @returns a metric for each capability and benchmark, and every answer
 */
export function evaluationOf(name: string, scores: ModelScores): EvaluationResult {
  const metrics: Metric[] = [];
  const answers: Answer[] = [];
  const score = (
    capability: string,
    rest: Omit<Metric, "system" | "capability" | "unit" | "seeds">,
  ) => metrics.push({ system: name, capability, unit: "share", seeds: 1, ...rest });
  for (const { capability, n, mean, low, high, invalidRate, promptHash, perItem } of scores.items) {
    score(capability, { n, mean, low, high, invalid_rate: invalidRate, prompt_hash: promptHash });
    for (const { id, score, completion } of perItem) {
      answers.push({ benchmark: capability, id, score, answer: completion });
    }
  }
  if (scores.mmlu !== null) {
    const { scores: { token }, promptHash, perItem } = scores.mmlu;
    const { n, accuracy: mean, low, high } = token;
    score("MMLU", { n, mean, low, high, invalid_rate: 0, prompt_hash: promptHash });
    for (const { id, predicted: { token }, answer } of perItem) {
      answers.push({ benchmark: "MMLU", id, score: Number(token === answer), answer: token });
    }
  }
  if (scores.pubmedqa !== null) {
    const { n, accuracy: mean, low, high, promptHash, perItem } = scores.pubmedqa;
    score("PubMedQA", { n, mean, low, high, invalid_rate: 0, prompt_hash: promptHash });
    for (const { id, predicted: { sum }, answer } of perItem) {
      answers.push({ benchmark: "PubMedQA", id, score: Number(sum === answer), answer: sum });
    }
  }
  return { metrics, answers, seconds: scores.seconds };
}

const answerSchema = z.object({
  benchmark: z.string(),
  id: z.string(),
  score: z.number(),
  answer: z.union([z.string(), z.number()]),
});

/**
 * Every answer of an evaluation that was written to a folder.
 *
 * @param folder where {@linkcode writeEvaluation} wrote them
 * @returns the answers in the order of the questions
 * @throws {UsageError} when there is no such file, or a line is no answer
 */
export async function readAnswers(folder: string): Promise<Answer[]> {
  const path = join(folder, evaluationFiles.answers);
  const text = await readText(path);
  if (text === undefined) {
    throw new UsageError(`Expected the answers of an evaluation but found none at ${path}`);
  }
  return parseJsonLines(text, path).map(({ value, where }) =>
    parseConfig(answerSchema, value, where)
  );
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

/** What results.json of an evaluated run or model names as its experiment. */
export const EVALUATION = "evaluate";

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
    experiment: EVALUATION,
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
