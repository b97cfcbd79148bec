/**
 * Batches of prompts with several completions each, in the layout that lets the completions share their prompt.
 *
 * A batch holds G prompts padded to P tokens and, for each, K completions padded to C tokens: a grid whose places are
 * first the G * P prompt tokens, then the G * K * C completion tokens. A completion token attends to its prompt and to
 * the earlier tokens of its own completion, so each prompt is computed once, not K times.
 *
 * Only attention needs the grid. The residual stream, and with it every projection, has a row for each token and almost
 * none for padding ({@linkcode StreamLayout}; TRL's collator calls this padding-free). The rows of a batch are
 * always those of the stream: one for each token here, one for the latest token of each completion in decoding.
 *
 * @module
 */

import { quarterTurn, tf, UsageError } from "../../runtime/mod.ts";
import type { ModelConfig } from "./config.ts";
import { rotaryFrequencies } from "./rotary.ts";

/** A prompt and the completions that follow it, as token ids. */
export interface PromptGroup {
  /** Tokens of the prompt, at least one. */
  readonly prompt: readonly number[];
  /** Tokens of each completion; may be empty. */
  readonly completions: readonly (readonly number[])[];
}

/** Sizes of a batch. */
export interface BatchShape {
  /** Number of prompts, G. */
  readonly groups: number;
  /** Padded prompt length, P. */
  readonly promptLength: number;
  /** Completions of each prompt, K; 0 in a batch of prompts alone. */
  readonly completions: number;
  /** Padded completion length, C. */
  readonly completionLength: number;
}

/**
 * Which places of a batch have a row of the residual stream. The last row is padding and stands for all places of
 * padding: nothing that is scored reads from these, so no gradient comes to it.
 */
export interface StreamLayout {
  /** Place of each row, `[N]`; rows of padding have a place of padding. */
  readonly places: Int32Array;
  /** Row of each place, `[G P + G K C]`. */
  readonly rows: Int32Array;
  /**
   * Where several places have one row (`packTrees`): as `rows`, with the row of padding for every place
   * but that of {@linkcode StreamLayout.places}, `[G P + G K C]`.
   */
  readonly backRows?: Int32Array;
}

/** A padded batch on the host, with the place of every token that is predicted. */
export interface Batch extends BatchShape {
  /** Token ids, `[G P + G K C]`. */
  readonly ids: Int32Array;
  /** Position of each place in its own sequence, `[G P + G K C]`. */
  readonly positions: Int32Array;
  /** The residual stream's rows; undefined where there is one for each place, in their order. */
  readonly stream: StreamLayout | undefined;
  /** Length of each prompt, `[G]`. */
  readonly promptLengths: Int32Array;
  /** Place whose hidden state predicts each valid completion token, `[n]`. */
  readonly predictors: Int32Array;
  /** The valid completion tokens, `[n]`. */
  readonly targets: Int32Array;
  /** Where each valid token stands in `[G, K, C]`, `[n]`; empty in a batch of trees. */
  readonly slots: Int32Array;
  /**
   * In a batch of trees (`packTrees`), which stand in the place of prompts: the place in its prompt of the token before
   * each, -1 for a first one and padding, `[G P]`. A token attends to itself and those before it.
   */
  readonly parents?: Int32Array;
  /**
   * The residual stream before the policy's first layer, `[N, D]`, where layers below it have been computed already
   * ({@linkcode withLowerLayers}); it begins with the embedding of `ids` otherwise.
   */
  readonly residual?: tf.Tensor2D;
  /**
   * In a batch of trees, the number of rows that the policy's last layer gives, R: the stream's first ones, among which
   * are all that predict.
   */
  readonly outputRows?: number;
}

/** A finite stand-in for minus infinity: masked scores vanish in the softmax and nothing becomes NaN. */
export const MASKED: number = -1e9;

/** Lengths are padded to a multiple of this unless something else is asked for, so that shapes repeat. */
export const LENGTH_MULTIPLE = 32;

/** The least multiple that is not below `n`. */
export const roundUp = (n: number, multiple: number): number => Math.ceil(n / multiple) * multiple;

/** Number of tokens with which all sequences begin, of which there is at least one. */
export function commonLength(sequences: readonly (readonly number[])[]): number {
  const [first, ...others] = sequences;
  const differ = first!.findIndex((id, i) => others.some((other) => other[i] !== id));
  return differ < 0 ? first!.length : differ;
}

/** Rows for so many tokens and one of padding: few numbers, so that shapes repeat, at most an eighth above. */
export function streamLength(tokens: number): number {
  return roundUp(tokens + 1, Math.max(1, 2 ** (Math.floor(Math.log2(tokens + 1)) - 3)));
}

/** Lays the places that hold a token out in a stream, where that takes fewer rows than there are places. */
export function streamLayout(holdsToken: readonly boolean[]): StreamLayout | undefined {
  const tokens = holdsToken.flatMap((holds, place) => holds ? [place] : []);
  const length = streamLength(tokens.length);
  if (length >= holdsToken.length) return undefined;
  const places = new Int32Array(length).fill(holdsToken.indexOf(false));
  places.set(tokens);
  const rows = new Int32Array(holdsToken.length).fill(length - 1);
  tokens.forEach((place, row) => rows[place] = row);
  return { places, rows };
}

/** Number of rows of a batch's residual stream, N. */
export function streamRows({ ids, stream }: Pick<Batch, "ids" | "stream">): number {
  return stream?.places.length ?? ids.length;
}

/** What stands at the place of each row, `[G P + G K C] -> [N]`. */
export function inStream({ stream }: Batch, values: Int32Array): Int32Array {
  return stream === undefined ? values : stream.places.map((place) => values[place]!);
}

/** Rows of the residual stream at some places. */
export function rowsAt({ stream }: Batch, places: Int32Array): Int32Array {
  return stream === undefined ? places : places.map((place) => stream.rows[place]!);
}

/**
 * Pads groups to one batch. Lengths are rounded up to a multiple of `multiple`, so that shapes repeat.
 *
 * @example
 * ```ts
 * import { packGroups } from "./batch.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const batch = packGroups([{ prompt: [5, 6], completions: [[7], [8, 9]] }], 4);
 * assertEquals(batch.promptLength, 4);
 * // The first token of each completion is predicted by the last token of the prompt.
 * assertEquals([...batch.predictors], [1, 1, 8]);
 * assertEquals([...batch.targets], [7, 8, 9]);
 * ```
 */
export function packGroups(
  groups: readonly PromptGroup[],
  multiple = LENGTH_MULTIPLE,
): Batch {
  const longest = (lengths: number[]) => lengths.reduce((a, b) => Math.max(a, b), 0);
  const G = groups.length;
  const P = roundUp(longest(groups.map((g) => g.prompt.length)), multiple);
  const K = longest(groups.map((g) => g.completions.length));
  const C = roundUp(
    longest(groups.flatMap((g) => g.completions.map((c) => c.length))),
    multiple,
  );
  const completionPlaces = G * P;
  const ids = new Int32Array(completionPlaces + G * K * C);
  const positions = new Int32Array(ids.length);
  const promptLengths = Int32Array.from(groups, (g) => g.prompt.length);
  const predictors: number[] = [];
  const targets: number[] = [];
  const slots: number[] = [];
  const holdsToken = new Array<boolean>(ids.length).fill(false);
  groups.forEach(({ prompt, completions }, g) => {
    if (prompt.length === 0) {
      throw new UsageError(
        `Expected a prompt of at least 1 token but found 0 in group ${g}`,
      );
    }
    for (let t = 0; t < P; t++) {
      ids[g * P + t] = prompt[t] ?? 0;
      positions[g * P + t] = Math.min(t, prompt.length - 1);
      holdsToken[g * P + t] = t < prompt.length;
    }
    for (let k = 0; k < K; k++) {
      const completion = completions[k] ?? [];
      for (let t = 0; t < C; t++) {
        const slot = (g * K + k) * C + t;
        ids[completionPlaces + slot] = completion[t] ?? 0;
        positions[completionPlaces + slot] = prompt.length + t;
        if (t < completion.length) {
          holdsToken[completionPlaces + slot] = true;
          predictors.push(
            t === 0 ? g * P + prompt.length - 1 : completionPlaces + slot - 1,
          );
          targets.push(completion[t]!);
          slots.push(slot);
        }
      }
    }
  });
  return {
    groups: G,
    promptLength: P,
    completions: K,
    completionLength: C,
    ids,
    positions,
    stream: streamLayout(holdsToken),
    promptLengths,
    predictors: Int32Array.from(predictors),
    targets: Int32Array.from(targets),
    slots: Int32Array.from(slots),
  };
}

/** Constants of the rotary embedding of queries and keys, which are turned together. */
export interface RotaryAngles {
  /** Cosines, `[N, H + V, d]`; those of the H query heads hold the factor `d^-1/2` of attention too. */
  readonly cos: tf.Tensor3D;
  /** Sines, likewise. */
  readonly sin: tf.Tensor3D;
  /** The quarter turn, `[d, d]`. */
  readonly turn: tf.Tensor2D;
}

/** Rotary constants at `positions`; the caller disposes of them. */
export function rotaryAngles(config: ModelConfig, positions: ArrayLike<number>): RotaryAngles {
  const { heads, kvHeads, headDim } = config;
  const half = headDim / 2;
  const n = positions.length;
  const all = heads + kvHeads;
  const cos = new Float32Array(n * all * headDim);
  const sin = new Float32Array(cos.length);
  const { frequencies, attentionFactor } = rotaryFrequencies(config);
  const queryScale = headDim ** -0.5;
  for (let r = 0; r < n; r++) {
    for (let i = 0; i < half; i++) {
      const angle = Math.fround(positions[r]! * frequencies[i]!);
      const c = Math.cos(angle);
      const s = Math.sin(angle);
      for (let h = 0; h < all; h++) {
        const scale = h < heads ? queryScale * attentionFactor : attentionFactor;
        const at = (r * all + h) * headDim + i;
        cos[at] = cos[at + half] = c * scale;
        sin[at] = sin[at + half] = s * scale;
      }
    }
  }
  const shape: [number, number, number] = [n, all, headDim];
  return {
    cos: tf.tensor3d(cos, shape),
    sin: tf.tensor3d(sin, shape),
    turn: quarterTurn(headDim),
  };
}

/** What every layer needs to know of a batch besides its activations; the angles are those of the stream's rows. */
export interface BatchContext extends RotaryAngles {
  /** Place of each row of the stream, `[N]`, where there is not one for each place. */
  readonly places?: tf.Tensor1D;
  /** Row of each place, `[G P + G K C]`, likewise. */
  readonly rows?: tf.Tensor1D;
  /** Where places share rows: row of each place that stands for its row, that of padding for the others. */
  readonly backRows?: tf.Tensor1D;
  /** Added to prompt scores: causal, `[P R, P]` (R query heads share a key head); `[G, 1, P R, P]` for trees. */
  readonly promptMask: tf.Tensor;
  /** Added to completion-to-prompt scores: hides prompt padding, `[G, 1, 1, P]`. */
  readonly prefixMask: tf.Tensor4D;
  /** Added to completion-to-completion scores: causal, `[C R, C]`. */
  readonly ownMask: tf.Tensor2D;
}

/** Causal mask for `length` tokens, each repeated for `repeats` query heads: `[length * repeats, length]`. */
function causalMask(length: number, repeats: number): tf.Tensor2D {
  const mask = new Float32Array(length * repeats * length);
  for (let row = 0; row < length * repeats; row++) {
    mask.fill(
      MASKED,
      row * length + Math.floor(row / repeats) + 1,
      (row + 1) * length,
    );
  }
  return tf.tensor2d(mask, [length * repeats, length]);
}

/** Shows each token of the trees itself and those before it, for `repeats` query heads: `[G, 1, P repeats, P]`. */
function treeMask(
  { groups: G, promptLength: P, parents }: Batch & { readonly parents: Int32Array },
  repeats: number,
): tf.Tensor4D {
  const mask = new Float32Array(G * P * repeats * P).fill(MASKED);
  const row = (g: number, t: number): number => (g * P + t) * repeats * P;
  for (let g = 0; g < G; g++) {
    for (let t = 0; t < P; t++) {
      const parent = parents[g * P + t]!;
      const at = row(g, t);
      if (parent >= 0) mask.copyWithin(at, row(g, parent), row(g, parent) + P);
      mask[at + t] = 0;
      for (let r = 1; r < repeats; r++) mask.copyWithin(at + r * P, at, at + P);
    }
  }
  return tf.tensor4d(mask, [G, 1, P * repeats, P]);
}

/** Hides the padding behind each prompt: `[G, 1, 1, P]`. */
export function paddingMask(
  lengths: ArrayLike<number>,
  promptLength: number,
): tf.Tensor4D {
  const mask = new Float32Array(lengths.length * promptLength);
  for (let g = 0; g < lengths.length; g++) {
    mask.fill(MASKED, g * promptLength + lengths[g]!, (g + 1) * promptLength);
  }
  return tf.tensor4d(mask, [lengths.length, 1, 1, promptLength]);
}

const hasParents = (batch: Batch): batch is Batch & { readonly parents: Int32Array } =>
  batch.parents !== undefined;

/** Builds the tensors that all layers share; the caller disposes of them. */
export function batchContext(config: ModelConfig, batch: Batch): BatchContext {
  const repeats = config.heads / config.kvHeads;
  return {
    ...rotaryAngles(config, inStream(batch, batch.positions)),
    ...(batch.stream && {
      places: tf.tensor1d(batch.stream.places, "int32"),
      rows: tf.tensor1d(batch.stream.rows, "int32"),
    }),
    ...(batch.stream?.backRows && { backRows: tf.tensor1d(batch.stream.backRows, "int32") }),
    promptMask: hasParents(batch)
      ? treeMask(batch, repeats)
      : causalMask(batch.promptLength, repeats),
    prefixMask: paddingMask(batch.promptLengths, batch.promptLength),
    ownMask: causalMask(batch.completionLength, repeats),
  };
}
