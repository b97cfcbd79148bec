/**
 * Contamination: an item that shares 64 characters in a row with a real benchmark's text is not used.
 *
 * Every 32nd position of the benchmark texts starts an indexed block of 32 characters. Two texts that share 64
 * characters share at least one whole block, so looking up every position of an item, and extending the hits on both
 * sides, finds every overlap.
 */
import { dataFolder, UsageError } from "../runtime/mod.ts";
import { readBenchmarks } from "./benchmarks.ts";

const block = 32;

/**
 * Texts in one form: small letters, white space as single spaces.
 *
 * @param text Any text.
 * @returns The text in that form, without white space at its ends.
 */
export function normalizeText(text: string): string {
  return text.toLowerCase().replace(/\s+/g, " ").trim();
}

/** Benchmark texts, indexed for {@linkcode sharesPassage}. */
export interface OverlapIndex {
  /** The texts, normalised. */
  readonly texts: readonly string[];
  /** For each block of 32 characters, the places where it stands: text number and position. */
  readonly blocks: ReadonlyMap<string, readonly (readonly [text: number, position: number])[]>;
}

/**
 * Index texts for overlap checks.
 *
 * @param texts Any texts, such as those of {@linkcode benchmarkTexts}.
 * @returns The index.
 */
export function indexTexts(texts: readonly string[]): OverlapIndex {
  const normalized = texts.map(normalizeText);
  const blocks = new Map<string, [number, number][]>();
  for (const [number, text] of normalized.entries()) {
    for (let at = 0; at + block <= text.length; at += block) {
      const key = text.slice(at, at + block);
      const places = blocks.get(key);
      if (places === undefined) blocks.set(key, [[number, at]]);
      else if (places.length < 16) places.push([number, at]);
    }
  }
  return { texts: normalized, blocks };
}

/**
 * Whether a text shares `length` characters in a row with an indexed text, after normalisation.
 *
 * @param index Indexed texts.
 * @param text The text to look at.
 * @param length Characters in a row; at least 63, so that every overlap holds a whole block.
 * @returns True when it does with at least one text.
 * @throws UsageError when length is below 63.
 * @example
 * ```ts
 * import { indexTexts, sharesPassage } from "./overlap.ts";
 * import { assert } from "@std/assert";
 *
 * const question = "A lesion causing compression of the facial nerve at the stylomastoid foramen will cause";
 * assert(sharesPassage(indexTexts([question]), `Say why: ${question.slice(5)}`));
 * ```
 */
export function sharesPassage(index: OverlapIndex, text: string, length = 64): boolean {
  if (length < 2 * block - 1) {
    throw new UsageError(`Expected length to be at least ${2 * block - 1} but found ${length}`);
  }
  const own = normalizeText(text);
  for (let at = 0; at + block <= own.length; at++) {
    for (const [number, position] of index.blocks.get(own.slice(at, at + block)) ?? []) {
      const other = index.texts[number]!;
      let before = 0;
      while (
        before < length && at > before && position > before &&
        own[at - before - 1] === other[position - before - 1]
      ) {
        before++;
      }
      let after = block;
      while (
        before + after < length && at + after < own.length && position + after < other.length &&
        own[at + after] === other[position + after]
      ) after++;
      if (before + after >= length) return true;
    }
  }
  return false;
}

/**
 * The texts of the benchmarks in a data folder, as {@linkcode readBenchmarks} reads them.
 *
 * @param folder A data folder; the project's when left out.
 * @returns The texts, an empty list when the folder has no benchmarks.
 * @throws UsageError when a file is damaged.
 */
export async function benchmarkTexts(folder: string = dataFolder()): Promise<string[]> {
  return (await readBenchmarks(folder)).map(({ text }) => text);
}
