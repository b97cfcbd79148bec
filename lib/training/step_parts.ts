/** The parts in which a step of GRPO is computed, one in memory at a time, and the loss of each. @module */

import { type Batch, packGroups } from "../model/mod.ts";
import { type GrpoLoss, grpoLoss, type GrpoLossOptions } from "./grpo_loss.ts";
import type { Samples } from "./samples.ts";
import type { GrpoPrompt } from "./strata.ts";

/** Log-probabilities of a part's tokens, `[sequences][tokens]`. */
export type Rows = readonly ArrayLike<number>[];

/** A part of a step: some of its prompts with their completions. */
export interface Part {
  /** The packed prompts and completions. */
  readonly batch: Batch;
  /** Index of its first prompt in the step. */
  readonly first: number;
  /** Bounds in the step of what it holds of each block of prompts. */
  readonly pieces: readonly Bounds[];
  /** Length of each completion. */
  readonly lengths: readonly number[];
  /** Whether each completion counts in the loss. */
  readonly counts: readonly boolean[];
}

/**
 * Cuts one number a token into rows.
 *
 * @param values Numbers of all tokens, row after row.
 * @param lengths Length of each row.
 * @returns The rows, [lengths.length] lists.
 */
export function cutRows(values: ArrayLike<number>, lengths: readonly number[]): number[][] {
  let next = 0;
  return lengths.map((n) => Array.from({ length: n }, () => values[next++]!));
}

/** The first prompt of a run of prompts, and the one behind its last. */
export type Bounds = readonly [number, number];

/**
 * Cuts a run of prompts into parts whose lengths differ by at most 1.
 *
 * @param from First prompt.
 * @param to The one behind the last.
 * @param parts Most parts; none of them is empty.
 * @returns Their bounds.
 */
export function evenBounds(from: number, to: number, parts: number): Bounds[] {
  const count = Math.min(parts, to - from);
  const start = (k: number) => from + Math.ceil(k * (to - from) / count);
  return Array.from({ length: count }, (_, k) => [start(k), start(k + 1)]);
}

/**
 * Packs the samples of a step into its parts.
 *
 * @param samples The step's completions.
 * @param prompts All prompts.
 * @param pieces Bounds of the blocks' prompts that each part holds, in order.
 * @param maskTruncatedCompletions Whether completions without an end token do not count.
 * @returns The parts, in order.
 */
export function partsOf(
  { indices, completions }: Samples,
  prompts: readonly GrpoPrompt[],
  pieces: readonly (readonly Bounds[])[],
  maskTruncatedCompletions: boolean,
): Part[] {
  return pieces.map((held) => {
    const [first, end] = [held[0]![0], held.at(-1)![1]];
    const flat = completions.slice(first, end).flat();
    return {
      batch: packGroups(
        indices.slice(first, end).map((i, g) => ({
          prompt: prompts[i]!.ids,
          completions: completions[first + g]!.map(({ ids }) => ids),
        })),
      ),
      first,
      pieces: held,
      lengths: flat.map(({ ids }) => ids.length),
      counts: flat.map(({ finished }) => finished || !maskTruncatedCompletions),
    };
  });
}

/** Log-probabilities, the advantages of a loss, and the step's totals. */
export interface PartLossInput {
  /** Under the policy. */
  readonly logProbs: Rows;
  /** Under the policy that sampled; undefined on-policy. */
  readonly oldLogProbs: Rows | undefined;
  /** Under the reference; read where beta is not 0. */
  readonly refLogProbs: Rows;
  /** Advantage of each sequence. */
  readonly advantages: readonly number[];
  /** Advantages whose signs decide what is clipped. */
  readonly clipAdvantages: readonly number[];
  /** Sequences of the whole step. */
  readonly sequences: number;
  /** Tokens of the whole step that count. */
  readonly tokens: number;
}

/**
 * The loss of a part; completions that do not count have no tokens in it.
 *
 * @param part The part.
 * @param input Its log-probabilities and advantages, and the step's totals.
 * @param options How token losses are made and averaged.
 * @returns The part's share of the step's loss, with its derivative, [sequences][tokens].
 */
export function partLoss(part: Part, input: PartLossInput, options: GrpoLossOptions): GrpoLoss {
  const counted = (rows: Rows) => rows.map((row, s) => part.counts[s] ? row : []);
  const { oldLogProbs, refLogProbs } = input;
  const loss = grpoLoss({
    logProbs: counted(input.logProbs),
    ...(oldLogProbs !== undefined && { oldLogProbs: counted(oldLogProbs) }),
    ...(options.beta !== 0 && { refLogProbs: counted(refLogProbs) }),
    advantages: input.advantages,
    clipAdvantages: input.clipAdvantages,
    sequences: input.sequences,
    numItemsInBatch: input.tokens,
  }, options);
  const gradient = part.lengths.map((n, s) =>
    part.counts[s] ? loss.gradient[s]! : new Float64Array(n)
  );
  return { ...loss, gradient };
}
