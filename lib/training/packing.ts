/**
 * Micro-batches of examples in which little is computed twice or in vain. The residual stream has no row for padding,
 * but in attention every prompt takes the room of the longest one, and so does every completion (see `packGroups`).
 *
 * @module
 */

import {
  type Batch,
  commonLength,
  LENGTH_MULTIPLE,
  packGroups,
  type PromptGroup,
  roundUp,
  streamRows,
} from "../model/mod.ts";

/** A prompt and the completion to learn, as token ids. */
export interface SftExample {
  /** Names it in messages. */
  readonly id?: string | undefined;
  /** Given. */
  readonly prompt: readonly number[];
  /** Learned, with its end token. */
  readonly completion: readonly number[];
}

/**
 * Ways to pack. `length`: examples of like lengths stand together. `prefix`: moreover the tokens with which all prompts of a
 * micro-batch begin, such as those of a system message, are computed once, and each example continues them in the same row
 * without attending to the others.
 */
export const packingStrategies = ["prefix", "length"] as const;

/** One of {@linkcode packingStrategies}. */
export type PackingStrategy = typeof packingStrategies[number];

/** How examples are cut into micro-batches. */
export interface PackingOptions {
  /** Most examples in a micro-batch. */
  readonly size: number;
  /** Undefined: in order of the prompts' lengths, without packing. */
  readonly strategy?: PackingStrategy | undefined;
}

/** A micro-batch of examples. */
export interface PackedBatch extends Batch {
  /** Number of its rows that hold a token; the others are padding. */
  readonly tokens: number;
}

/**
 * Share of padding in the rows of micro-batches; 0 where there are none.
 *
 * @param batches Micro-batches of {@linkcode packExamples}.
 * @returns Rows without a token over all rows of the residual stream, in [0, 1).
 */
export function paddingShare(batches: readonly PackedBatch[]): number {
  const rows = total(batches.map(streamRows));
  return rows === 0 ? 0 : 1 - total(batches.map(({ tokens }) => tokens)) / rows;
}

const padded = (lengths: readonly number[]): number =>
  roundUp(Math.max(0, ...lengths), LENGTH_MULTIPLE);

/** Places that a batch of examples takes in attention, padding included. */
function placesOf(examples: readonly SftExample[]): number {
  const prompt = padded(examples.map(({ prompt }) => prompt.length));
  return examples.length * (prompt + padded(examples.map(({ completion }) => completion.length)));
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from(
    { length: Math.ceil(items.length / size) },
    (_, i) => items.slice(i * size, (i + 1) * size),
  );
}

const total = (xs: readonly number[]): number => xs.reduce((a, b) => a + b, 0);

const byPrompt = (a: SftExample, b: SftExample): number => a.prompt.length - b.prompt.length;
const byCompletion = (a: SftExample, b: SftExample): number =>
  a.completion.length - b.completion.length;
const byBoth = (a: SftExample, b: SftExample): number => byPrompt(a, b) + byCompletion(a, b);

/** As few places as exchanges of two examples reach, from the best of three orders. */
function arrangeByLength(examples: readonly SftExample[], size: number): SftExample[][] {
  const cost = (parts: readonly (readonly SftExample[])[]) => total(parts.map(placesOf));
  const parts = [byPrompt, byCompletion, byBoth]
    .map((order) => chunks(examples.toSorted(order), size))
    .reduce((best, other) => cost(other) < cost(best) ? other : best);
  const exchange = (p: number, i: number, q: number, j: number): boolean => {
    const [a, b] = [parts[p]!, parts[q]!];
    const before = placesOf(a) + placesOf(b);
    [a[i], b[j]] = [b[j]!, a[i]!];
    if (placesOf(a) + placesOf(b) < before) return true;
    [a[i], b[j]] = [b[j]!, a[i]!];
    return false;
  };
  for (let better = true; better;) {
    better = false;
    for (let p = 0; p < parts.length; p++) {
      for (let q = p + 1; q < parts.length; q++) {
        for (let i = 0; i < parts[p]!.length; i++) {
          for (let j = 0; j < parts[q]!.length; j++) better = exchange(p, i, q, j) || better;
        }
      }
    }
  }
  return parts;
}

/** As `packGroups`, with the number of tokens. */
function packTokens(groups: readonly PromptGroup[]): PackedBatch {
  const batch = packGroups(groups);
  return { ...batch, tokens: total([...batch.promptLengths]) + batch.slots.length };
}

/** Examples as continuations of their common beginning; only the completions' tokens are scored. */
function continuations(examples: readonly SftExample[], common: number): PackedBatch {
  const batch = packTokens([{
    prompt: examples[0]!.prompt.slice(0, common),
    completions: examples.map(({ prompt, completion }) => [...prompt.slice(common), ...completion]),
  }]);
  const rest = examples.map(({ prompt }) => prompt.length - common);
  const scored = (_: unknown, n: number) => {
    const slot = batch.slots[n]!;
    const k = Math.floor(slot / batch.completionLength);
    return slot - k * batch.completionLength >= rest[k]!;
  };
  return {
    ...batch,
    predictors: batch.predictors.filter(scored),
    targets: batch.targets.filter(scored),
    slots: batch.slots.filter(scored),
  };
}

/**
 * Cuts examples into micro-batches of at most `size`. Their number and what is learned do not depend on the strategy.
 *
 * @param examples Prompts and completions, in any order.
 * @param options Size of a micro-batch and the strategy.
 * @returns The micro-batches; every completion token is scored in exactly one of them.
 * @example
 * ```ts
 * import { streamRows } from "../model/mod.ts";
 * import { packExamples } from "./packing.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const examples = [{ prompt: [1, 2, 3], completion: [4] }, { prompt: [1, 2, 5], completion: [6] }];
 * const [apart] = packExamples(examples, { size: 2 });
 * const [together] = packExamples(examples, { size: 2, strategy: "prefix" });
 * assertEquals([...together!.targets], [...apart!.targets]);
 * // Two prompts and two completions, or the common [1, 2] and two continuations; each time a row of padding behind them.
 * assertEquals([apart, together].map((batch) => streamRows(batch!)), [9, 7]);
 * ```
 */
export function packExamples(
  examples: readonly SftExample[],
  { size, strategy }: PackingOptions,
): PackedBatch[] {
  const groups = (part: readonly SftExample[]) =>
    packTokens(part.map(({ prompt, completion }) => ({ prompt, completions: [completion] })));
  if (strategy === undefined) return chunks(examples.toSorted(byPrompt), size).map(groups);
  if (strategy === "length") return arrangeByLength(examples, size).map(groups);
  const sum = ({ prompt, completion }: SftExample) => prompt.length + completion.length;
  const parts = chunks(examples.toSorted((a, b) => sum(a) - sum(b)), size);
  return parts.map((part) => {
    const common = commonLength(part.map(({ prompt }) => prompt));
    return common === 0 ? groups(part) : continuations(part, common);
  });
}
