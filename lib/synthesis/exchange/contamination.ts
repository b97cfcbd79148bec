/**
 * Contamination by the words in a row that a text shares with a benchmark.
 *
 * Thirteen words, as GPT-3's authors (Brown et al. 2020, appendix C) and lm-evaluation-harness look for: texts are compared
 * as small letters without punctuation, so that other quotes, dashes or line breaks hide nothing, which they do from a
 * comparison of characters. A benchmark's text of 8 to 12 words counts as a whole, since GPT-3's shortest pattern has 8 words:
 * many questions of MMLU are no longer. Words in a row that stand in more than ten texts of the benchmarks are the form of
 * its prompts ("First repeat the request word for word without change, then give your answer") and tell nothing.
 */
import type { BenchmarkText } from "../benchmarks.ts";

/** Words in a row that count, the fewest words of a text that can be looked for, and in how many texts words are form. */
export const contaminationRule = { words: 13, fewest: 8, texts: 10 } as const;

/** What a text shares with a benchmark. */
export interface Contamination extends Pick<BenchmarkText, "benchmark" | "id"> {
  /** The words that it shares. */
  readonly words: string;
}

/** Benchmarks, indexed for {@linkcode findContamination}. */
export interface ContaminationIndex {
  /** The indexed texts. */
  readonly texts: readonly BenchmarkText[];
  /** Words in a row, with spaces between them, to the number of the first text that has them. */
  readonly grams: ReadonlyMap<string, number>;
  /** The numbers of words in a row that occur among the grams, in descending order. */
  readonly lengths: readonly number[];
}

/**
 * The words of a text: letters and digits in small letters, in Unicode's form NFKC.
 *
 * @param text Any text.
 * @returns Its words in order.
 */
export function plainWords(text: string): string[] {
  return text.normalize("NFKC").toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}

/** The distinct runs of `length` words. */
function runsOf(words: readonly string[], length: number): Set<string> {
  const line = words.join(" ");
  const starts = [0];
  for (const word of words) starts.push(starts.at(-1)! + word.length + 1);
  const runs = new Set<string>();
  for (let at = 0; at + length <= words.length; at++) {
    runs.add(line.slice(starts[at], starts[at + length]! - 1));
  }
  return runs;
}

/** What a benchmark's text is found by. */
function gramsOf({ text, question }: BenchmarkText): Set<string> {
  const { words: most, fewest } = contaminationRule;
  const parts = question === undefined ? [text] : [text, question];
  return new Set(
    parts.map(plainWords).filter((words) => words.length >= fewest)
      .flatMap((words) => [...runsOf(words, Math.min(most, words.length))]),
  );
}

/**
 * Index the texts of benchmarks.
 *
 * @param texts Texts, such as those of `readBenchmarks`.
 * @returns The index.
 */
export function indexBenchmarks(texts: readonly BenchmarkText[]): ContaminationIndex {
  const found = new Map<string, { readonly first: number; count: number }>();
  for (const [number, text] of texts.entries()) {
    for (const gram of gramsOf(text)) {
      const entry = found.get(gram);
      if (entry === undefined) found.set(gram, { first: number, count: 1 });
      else entry.count++;
    }
  }
  const grams = new Map(
    [...found].filter(([, { count }]) => count <= contaminationRule.texts)
      .map(([gram, { first }]) => [gram, first]),
  );
  const lengths = new Set([...grams.keys()].map((gram) => gram.split(" ").length));
  return { texts, grams, lengths: [...lengths].sort((a, b) => b - a) };
}

/**
 * What a text shares with a benchmark.
 *
 * @param index Indexed benchmarks.
 * @param text The text to look at; that of a question with options has the options behind it, without letters.
 * @returns The first of the longest runs of words that it shares; undefined when it shares none.
 * @example
 * ```ts
 * import { findContamination, indexBenchmarks } from "./contamination.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const text = "Which nerve runs through the stylomastoid foramen?";
 * const index = indexBenchmarks([{ benchmark: "MMLU", id: "anatomy 1", text }]);
 * assertEquals(findContamination(index, "Say which: nerve runs through the vagal foramen?"), undefined);
 * // Seven words are too few to be looked for.
 * assertEquals(findContamination(index, text), undefined);
 * const longer = indexBenchmarks([{ benchmark: "MMLU", id: "anatomy 1", text: `${text} The facial nerve` }]);
 * assertEquals(findContamination(longer, `"${text}" - the FACIAL nerve!`)?.id, "anatomy 1");
 * ```
 */
export function findContamination(
  { texts, grams, lengths }: ContaminationIndex,
  text: string,
): Contamination | undefined {
  const words = plainWords(text);
  for (const length of lengths) {
    for (const run of runsOf(words, length)) {
      const number = grams.get(run);
      if (number === undefined) continue;
      const { benchmark, id } = texts[number]!;
      return { benchmark, id, words: run };
    }
  }
  return undefined;
}
