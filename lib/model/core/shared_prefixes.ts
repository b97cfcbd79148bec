/**
 * Batches in which equal beginnings are computed once: prompts that open alike, and completions of a prompt that do. A
 * token's hidden state depends on the tokens up to it alone, so that one row of the residual stream serves all places
 * with the same ones.
 *
 * @module
 */

import { type Batch, streamLength } from "./batch.ts";

/** A batch with shared rows. */
export interface SharedBatch {
  /** The batch; a token that several completions share is scored once. */
  readonly batch: Batch;
  /** Which of its scored tokens stands for each scored token of the batch as it was, `[n]`. */
  readonly tokens: Int32Array;
}

/** A beginning of sequences: its last token behind a shorter beginning. */
interface Prefix {
  /** The first place that holds its last token. */
  readonly place: number;
  /** Whether a hidden state is read there: by later tokens, or as a part of a prompt. */
  read: boolean;
  /** What goes on from it, by token. */
  readonly next: Map<number, Prefix>;
}

/** The prefix that ends at each place, undefined where there is padding, `[G P + G K C]`. */
function prefixesOf(
  { groups, promptLength, completions, completionLength, ids, promptLengths, slots }: Batch,
): (Prefix | undefined)[] {
  const root: Prefix = { place: -1, read: false, next: new Map() };
  const prefixes = new Array<Prefix | undefined>(ids.length).fill(undefined);
  const goOn = (from: Prefix, place: number): Prefix => {
    from.read = true;
    const id = ids[place]!;
    const known = from.next.get(id) ?? { place, read: false, next: new Map() };
    from.next.set(id, known);
    return prefixes[place] = known;
  };
  for (let g = 0; g < groups; g++) {
    let at = root;
    for (let t = 0; t < promptLengths[g]!; t++) at = goOn(at, g * promptLength + t);
    at.read = true;
  }
  for (const slot of slots) {
    const place = groups * promptLength + slot;
    const group = Math.floor(slot / (completions * completionLength));
    const before = slot % completionLength === 0
      ? group * promptLength + promptLengths[group]! - 1
      : place - 1;
    goOn(prefixes[before]!, place);
  }
  return prefixes;
}

/**
 * Lets places with equal beginnings share rows of the residual stream, and scores each token of theirs once. The last
 * tokens of completions, which nothing reads, have no row.
 *
 * @param batch as `packGroups` makes it
 * @returns the batch and where its tokens went: the derivative of a loss with respect to a shared token's
 * log-probability is the sum over the tokens that it stands for
 * @example
 * ```ts
 * import { packGroups } from "./batch.ts";
 * import { sharePrefixes } from "./shared_prefixes.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const packed = packGroups([{ prompt: [5, 6], completions: [[7, 8], [7, 9]] }], 1);
 * const { batch, tokens } = sharePrefixes(packed);
 * assertEquals([...batch.targets], [7, 8, 9]);
 * assertEquals([...tokens], [0, 1, 0, 2]);
 * ```
 */
export function sharePrefixes(batch: Batch): SharedBatch {
  const { groups, promptLength, ids, slots } = batch;
  const prefixes = prefixesOf(batch);
  const own = prefixes.flatMap((prefix, place) =>
    prefix?.read && prefix.place === place ? [place] : []
  );
  const length = streamLength(own.length);
  const padding = length - 1;
  const unread = Math.max(0, prefixes.findIndex((prefix) => !prefix?.read));
  const places = new Int32Array(length).fill(unread);
  places.set(own);
  const rowOf = new Map(own.map((place, row) => [place, row]));
  const rows = Int32Array.from(prefixes, (prefix) => rowOf.get(prefix?.place ?? -1) ?? padding);
  const backRows = Int32Array.from(ids, (_, place) => rowOf.get(place) ?? padding);
  const scored = new Map<Prefix, number>();
  const first: number[] = [];
  const tokens = Int32Array.from(slots, (slot, n) => {
    const prefix = prefixes[groups * promptLength + slot]!;
    if (!scored.has(prefix)) scored.set(prefix, first.push(n) - 1);
    return scored.get(prefix)!;
  });
  const pick = (values: Int32Array) => Int32Array.from(first, (n) => values[n]!);
  return {
    batch: {
      ...batch,
      stream: { places, rows, backRows },
      predictors: pick(batch.predictors),
      targets: pick(batch.targets),
      slots: pick(slots),
    },
    tokens,
  };
}
