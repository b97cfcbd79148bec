/**
 * Twins: prompts that say nearly the same, by the Jaccard similarity of their runs of three words. An inverted index and the
 * prefix filter of Bayardo, Ma and Srikant (2007) find the nearest one without comparing all pairs.
 *
 * @module
 */
import type { Item } from "../item.ts";
import { newVocabulary } from "./naive_bayes.ts";
import { wordsIn } from "./questions.ts";

/** A text as its runs of three words, numbered; one of fewer words is one run. */
export type Shingles = readonly number[];

/**
 * Shingles of texts, numbered alike in all of them.
 *
 * @param texts Any texts.
 * @returns The distinct runs of three words of each.
 */
export function shinglesOf(texts: readonly string[]): Shingles[] {
  const number = newVocabulary();
  return texts.map((text) => {
    const words = wordsIn(text);
    const runs = words.length < 3
      ? [words.join(" ")]
      : words.slice(2).map((last, i) => `${words[i]} ${words[i + 1]} ${last}`);
    return [...new Set(runs.map(number))];
  });
}

/** A nearest text. */
export interface Twin {
  /** Its place among the texts that were searched. */
  readonly place: number;
  /** Shared shingles over all shingles of both, in [0, 1]. */
  readonly similarity: number;
}

/** Postings that one search reads at most, those of the rarest shingles first, so that time grows with the number of texts. */
const mostPostings = 200_000;

/**
 * The nearest of some texts to each of others, where it is near enough.
 *
 * A text that is as similar as `atLeast` shares one of the rarest shingles, all but `atLeast` of their number; only texts that
 * do are compared. Where these shingles stand in more than 200,000 texts together the commoner ones are passed over, and a
 * twin can be missed.
 *
 * @param queries Texts to find twins of.
 * @param pool Texts to find them in, with shingles numbered as in `queries`.
 * @param atLeast Least similarity, above 0.
 * @param mayBe Whether a text may be the twin of another; all may when left out.
 * @returns For each query its nearest text, the first of several; undefined where none is near enough.
 */
export function nearestTwins(
  queries: readonly Shingles[],
  pool: readonly Shingles[],
  atLeast: number,
  mayBe: (query: number, place: number) => boolean = () => true,
): (Twin | undefined)[] {
  const postings = new Map<number, number[]>();
  for (const [place, shingles] of pool.entries()) {
    for (const shingle of shingles) {
      const places = postings.get(shingle);
      if (places === undefined) postings.set(shingle, [place]);
      else places.push(place);
    }
  }
  const found = (shingle: number): readonly number[] => postings.get(shingle) ?? [];
  const shared = new Uint16Array(pool.length);
  return queries.map((query, number) => {
    const rarest = query.toSorted((a, b) => found(a).length - found(b).length);
    // Rounding of the product must not leave a shingle out.
    const prefix = rarest.length - Math.ceil(atLeast * rarest.length - 1e-9) + 1;
    const candidates: number[] = [];
    let read = 0;
    for (const shingle of rarest.slice(0, prefix)) {
      const places = found(shingle);
      read += places.length;
      if (read > mostPostings) break;
      for (const place of places) {
        if (shared[place] === 0) candidates.push(place);
        shared[place]!++;
      }
    }
    const own = new Set(query);
    let best: Twin | undefined;
    // The more a text shares of the prefix, the more it can share at all.
    candidates.sort((a, b) => shared[b]! - shared[a]! || a - b);
    for (const place of candidates) {
      const other = pool[place]!;
      const reachable = shared[place]! + rarest.length - Math.min(prefix, rarest.length);
      const most = similarity(Math.min(reachable, other.length), query.length, other.length);
      if (most < (best?.similarity ?? atLeast)) continue;
      if (!mayBe(number, place)) continue;
      const both = other.reduce((sum, shingle) => sum + (own.has(shingle) ? 1 : 0), 0);
      const found = similarity(both, query.length, other.length);
      if (found < atLeast) continue;
      if (
        best === undefined || found > best.similarity ||
        (found === best.similarity && place < best.place)
      ) best = { place, similarity: found };
      if (best?.similarity === 1) break;
    }
    for (const place of candidates) shared[place] = 0;
    return best;
  });
}

const similarity = (both: number, a: number, b: number): number => both / (a + b - both);

/** Items that say what an earlier one says. */
export interface Duplicates {
  /** Same prompt, character by character. */
  readonly exact: number;
  /** Same words in the same order, whatever case, punctuation and white space; those above included. */
  readonly normalised: number;
  /** Similarity of at least {@linkcode nearDuplicate} with an item of another group; those above included. */
  readonly near: number;
}

/** Similarity from which two prompts are called near duplicates. */
export const nearDuplicate = 0.8;

/**
 * Count the items that have an earlier duplicate; a group's own items are alike on purpose and are none of each other.
 *
 * @param items Any items.
 * @returns Numbers of items.
 */
export function countDuplicates(items: readonly Item[]): Duplicates {
  const repeats = (keys: readonly string[]): boolean[] => {
    const seen = new Set<string>();
    return keys.map((key) => seen.size === seen.add(key).size);
  };
  const exact = repeats(items.map(({ prompt }) => prompt));
  const normalised = repeats(items.map(({ prompt }) => wordsIn(prompt).join(" ")));
  // Equal texts need no search, and would make lists of places long.
  const distinct = items.filter((_, i) => !normalised[i]);
  const shingles = shinglesOf(distinct.map(({ prompt }) => prompt));
  const near = nearestTwins(shingles, shingles, nearDuplicate, (query, place) =>
    place < query &&
    (distinct[query]!.group === undefined || distinct[query]!.group !== distinct[place]!.group));
  const number = (flags: readonly unknown[]): number => flags.filter(Boolean).length;
  return {
    exact: number(exact),
    normalised: number(normalised),
    near: number(normalised) + number(near),
  };
}

/** Lower ends of the bins of similarity; below the first, no twin is looked for. */
export const similarityBins = [0.5, 0.6, 0.7, 0.8, 0.9, 1] as const;

/** How near the nearest training item is. */
export interface TwinReport {
  /** Items that were looked at. */
  readonly n: number;
  /** Items without a training item of similarity 0.5 or more. */
  readonly none: number;
  /** Items by similarity: from each of {@linkcode similarityBins} to below the next; the last holds equal sets of words. */
  readonly bins: readonly number[];
  /** The item that is nearest to one of training; left out where none is near. */
  readonly nearest?: { readonly item: string; readonly twin: string; readonly similarity: number };
}

/**
 * How near the nearest training item is to each test item.
 *
 * @param test Test items.
 * @param train Training items.
 * @returns Numbers of items by similarity, and the nearest pair by id.
 */
export function trainingTwins(test: readonly Item[], train: readonly Item[]): TwinReport {
  const shingles = shinglesOf([...test, ...train].map(({ prompt }) => prompt));
  const pool = shingles.slice(test.length);
  const twins = nearestTwins(shingles.slice(0, test.length), pool, similarityBins[0]);
  const bins = similarityBins.map(() => 0);
  let nearest: TwinReport["nearest"];
  for (const [i, twin] of twins.entries()) {
    if (twin === undefined) continue;
    bins[similarityBins.findLastIndex((low) => twin.similarity >= low)]!++;
    if (twin.similarity > (nearest?.similarity ?? 0)) {
      nearest = { item: test[i]!.id, twin: train[twin.place]!.id, similarity: twin.similarity };
    }
  }
  const none = twins.filter((twin) => twin === undefined).length;
  return { n: test.length, none, bins, ...(nearest === undefined ? {} : { nearest }) };
}
