/**
 * The texts of the benchmarks that models are measured on: what nobody may train on.
 */
import { join } from "@std/path";
import {
  dataFolder,
  parseConfig,
  parseCsv,
  parseJson,
  parseJsonLines,
  readText,
} from "../runtime/mod.ts";
import { z } from "zod";

/** One question, context or prompt of a benchmark. */
export interface BenchmarkText {
  /** The benchmark. */
  readonly benchmark: "MMLU" | "PubMedQA" | "IFEval";
  /** Its place there, such as `anatomy 12`. */
  readonly id: string;
  /** What it says; options stand behind their question. */
  readonly text: string;
  /** The question alone, where options stand behind it. */
  readonly question?: string;
}

const pubmedqaSchema = z.record(
  z.string(),
  z.object({ QUESTION: z.string(), CONTEXTS: z.array(z.string()) }),
);
const ifevalSchema = z.object({ key: z.int(), prompt: z.string() });

/** Questions of MMLU's test files with their four options. */
async function mmluTexts(folder: string): Promise<BenchmarkText[]> {
  const names: string[] = [];
  try {
    for await (const { name } of Deno.readDir(folder)) {
      if (name.endsWith("_test.csv")) names.push(name);
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  const texts: BenchmarkText[] = [];
  for (const name of names.sort()) {
    const path = join(folder, name);
    const { rows } = parseCsv(await readText(path) ?? "", path);
    for (const [i, { cells }] of rows.entries()) {
      const [question, ...options] = Object.values(cells).slice(0, 5);
      texts.push({
        benchmark: "MMLU",
        id: `${name.replace("_test.csv", "")} ${i + 1}`,
        text: [question, ...options].join(" "),
        question: question!,
      });
    }
  }
  return texts;
}

/** Questions and contexts of PubMedQA, each a text of its own. */
async function pubmedqaTexts(path: string): Promise<BenchmarkText[]> {
  const entries = parseConfig(pubmedqaSchema, parseJson(await readText(path) ?? "{}", path), path);
  return Object.entries(entries).flatMap(([id, { QUESTION, CONTEXTS }]) =>
    [QUESTION, ...CONTEXTS].map((text) => ({ benchmark: "PubMedQA" as const, id, text }))
  );
}

/** Prompts of IFEval. */
async function ifevalTexts(path: string): Promise<BenchmarkText[]> {
  return parseJsonLines(await readText(path) ?? "", path).map(({ value, where }) => {
    const { key, prompt } = parseConfig(ifevalSchema, value, where);
    return { benchmark: "IFEval", id: String(key), text: prompt };
  });
}

/**
 * The benchmarks in a data folder: MMLU's test questions with their options, PubMedQA's questions and contexts, IFEval's
 * prompts.
 *
 * @param folder A data folder; the project's when left out.
 * @returns Their texts; none when the folder has no benchmarks.
 * @throws UsageError when a file is not of its format.
 */
export async function readBenchmarks(folder: string = dataFolder()): Promise<BenchmarkText[]> {
  const benchmarks = join(folder, "benchmarks");
  return [
    ...await mmluTexts(join(benchmarks, "mmlu")),
    ...await pubmedqaTexts(join(benchmarks, "pubmedqa", "ori_pqal.json")),
    ...await ifevalTexts(join(benchmarks, "ifeval", "input_data.jsonl")),
  ];
}
