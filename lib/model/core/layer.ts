/**
 * One decoder layer of Llama, Qwen2 or Qwen3 as pure functions: over a batch of prompts with their completions
 * ({@linkcode batchLayer}) and over one new token of each completion ({@linkcode decodeLayer}).
 *
 * Letters in shapes: G prompts of P tokens, K completions of C tokens for each, N rows of the residual stream, D hidden
 * size, H query heads in V groups of R that share a key head, d head size, S cached tokens.
 *
 * @module
 */

import {
  loraMatmul,
  loraMatmulEach,
  matmul,
  matmulEach,
  rearrange,
  rmsNorm,
  rotaryEmbedding,
  spread,
  swiGlu,
  tf,
} from "../../runtime/mod.ts";
import type { BatchContext, BatchShape, RotaryAngles } from "./batch.ts";
import type { ModelConfig } from "./config.ts";
import { type LayerAdapter, type ProjectionGroup, projectionGroups } from "./lora.ts";

/** Weights of a layer, stored `[in, out]`, projections that read the same input side by side. */
export interface LayerWeights {
  /** `[D]` */
  readonly inputNorm: tf.Tensor;
  /** `[D, (H + 2 V) d]` */
  readonly qkv: tf.Tensor;
  /** `[(H + 2 V) d]`, in models with attention bias. */
  readonly qkvBias?: tf.Tensor;
  /** `[d]`, in Qwen3. */
  readonly queryNorm?: tf.Tensor;
  /** `[d]`, in Qwen3. */
  readonly keyNorm?: tf.Tensor;
  /** `[H d, D]` */
  readonly output: tf.Tensor;
  /** `[D]` */
  readonly postNorm: tf.Tensor;
  /** `[D, 2 F]` */
  readonly gateUp: tf.Tensor;
  /** `[F, D]` */
  readonly down: tf.Tensor;
}

/** A layer's weights and, where gradients of low-rank updates are wanted, their factors. */
export interface Layer {
  /** The weights, with the updates in them. */
  readonly weights: LayerWeights;
  /** The factors of the updates that the weights hold. */
  readonly adapter?: LayerAdapter;
}

/** The weights with low-rank updates added, `W + scale A B`; those without an update stay the same tensors. */
export function mergeAdapter(weights: LayerWeights, adapter: LayerAdapter): LayerWeights {
  const merged: Partial<Record<ProjectionGroup, tf.Tensor>> = {};
  for (const group of Object.keys(projectionGroups) as ProjectionGroup[]) {
    const update = adapter[group];
    if (update === undefined) continue;
    merged[group] = tf.add(weights[group], tf.mul(matmul(update.a, update.b), adapter.scale));
  }
  return { ...weights, ...merged };
}

/** `x W` of a group of projections; with an update, W already holds it and its factors get the gradient. */
function project({ weights, adapter }: Layer, group: ProjectionGroup, x: tf.Tensor): tf.Tensor {
  const [weight, update] = [weights[group], adapter?.[group]];
  if (adapter === undefined || update === undefined) return matmul(x, weight);
  const { scale, groups } = adapter;
  return groups === undefined
    ? loraMatmul(x, weight, update.a, update.b, scale)
    : loraMatmulEach(x, weight, update.a, update.b, groups, scale);
}

/** Queries `[N, H, d]` and keys `[N, V, d]`, turned, and values `[N, V, d]` of rows `[N, D]`. */
export function attentionInputs(
  config: ModelConfig,
  layer: Layer,
  x: tf.Tensor,
  { cos, sin, turn }: RotaryAngles,
): [tf.Tensor, tf.Tensor, tf.Tensor] {
  const { heads, kvHeads, headDim, rmsNormEps } = config;
  const { weights } = layer;
  const n = x.shape[0]!;
  const h = rmsNorm(x, weights.inputNorm, rmsNormEps);
  const product = project(layer, "qkv", h);
  const qkv = weights.qkvBias === undefined ? product : tf.add(product, weights.qkvBias);
  const all = tf.reshape(qkv, [n, heads + 2 * kvHeads, headDim]);
  let [qk, v] = tf.split(all, [heads + kvHeads, kvHeads], 1) as [tf.Tensor, tf.Tensor];
  if (weights.queryNorm !== undefined && weights.keyNorm !== undefined) {
    const [q, k] = tf.split(qk, [heads, kvHeads], 1) as [tf.Tensor, tf.Tensor];
    qk = tf.concat([
      rmsNorm(q, weights.queryNorm, rmsNormEps),
      rmsNorm(k, weights.keyNorm, rmsNormEps),
    ], 1);
  }
  const turned = rotaryEmbedding(qk, cos, sin, turn);
  const [q, k] = tf.split(turned, [heads, kvHeads], 1) as [tf.Tensor, tf.Tensor];
  return [q, k, v];
}

/** Adds attention's output and the feed-forward block to the residual stream. */
export function finish(
  config: ModelConfig,
  layer: Layer,
  x: tf.Tensor,
  attention: tf.Tensor,
): tf.Tensor {
  x = tf.add(x, project(layer, "output", attention));
  const h = rmsNorm(x, layer.weights.postNorm, config.rmsNormEps);
  return tf.add(x, project(layer, "down", swiGlu(project(layer, "gateUp", h))));
}

/** `[A, B, V, E] -> [A, V, B, E]`: brings the key heads in front of the tokens, or back. */
function swapMiddle(
  x: tf.Tensor,
  shape: [number, number, number, number],
): tf.Tensor {
  return tf.transpose(tf.reshape(x, shape), [0, 2, 1, 3]);
}

/** What a layer computes for a batch. */
export interface BatchLayerOutput {
  /** Next residual stream, `[N, D]`, or its first rows. */
  readonly x: tf.Tensor2D;
  /** Rotated keys of the prompts, `[G V, P, d]`. */
  readonly keys: tf.Tensor3D;
  /** Values of the prompts, `[G V, P, d]`. */
  readonly values: tf.Tensor3D;
}

/** Attention of prompt tokens to the earlier ones of their prompt: queries `[G P, H, d]` give `[G P, H d]`. */
function promptAttention(
  { heads, kvHeads: V, headDim: d }: ModelConfig,
  { groups: G, promptLength: P }: BatchShape,
  { promptMask }: BatchContext,
  q: tf.Tensor,
  keys: tf.Tensor3D,
  values: tf.Tensor3D,
): tf.Tensor {
  const R = heads / V;
  // Tokens stand outside the R query heads that share a key: [G V, P R, d].
  const queries = tf.reshape(swapMiddle(q, [G, P, V, R * d]), [G * V, P * R, d]);
  const scores = tf.reshape(tf.matMul(queries, keys, false, true), [G, V, P * R, P]);
  const attention = tf.reshape(tf.softmax(tf.add(scores, promptMask)), [G * V, P * R, P]);
  const out = swapMiddle(tf.matMul(attention, values), [G, V, P, R * d]);
  return tf.reshape(out, [G * P, heads * d]);
}

/** Keys and values of the prompts, `[G V, P, d]`, or m equal copies of them. */
export interface Prefix {
  /** Keys of the prompts' tokens. */
  readonly keys: tf.Tensor;
  /** Values of the prompts' tokens. */
  readonly values: tf.Tensor;
  /** Where there are copies: what each completion counts in the loss of each, `[G V, K, m]`. */
  readonly factors?: tf.Tensor;
}

/**
 * Attention of completion tokens to their prompt and to the earlier tokens of their completion (`k`, `v`,
 * `[G K C, V, d]`): queries `[G K C, H, d]` give `[G K C, H d]`.
 */
function completionAttention(
  { heads, kvHeads: V, headDim: d }: ModelConfig,
  { groups: G, promptLength: P, completions: K, completionLength: C }: BatchShape,
  { prefixMask, ownMask }: BatchContext,
  { keys, values, factors }: Prefix,
  q: tf.Tensor,
  k: tf.Tensor,
  v: tf.Tensor,
): tf.Tensor {
  const R = heads / V;
  const product = (a: tf.Tensor, b: tf.Tensor, transposeB: boolean) =>
    factors === undefined
      ? tf.matMul(a, b, false, transposeB)
      : matmulEach(a, b, factors, transposeB);
  const queries = swapMiddle(q, [G, K * C, V, R * d]); // [G, V, K C, R d]
  const prefixScores = tf.add(
    tf.reshape(
      product(tf.reshape(queries, [G * V, K * C * R, d]), keys, true),
      [G, V, K * C * R, P],
    ),
    prefixMask,
  );
  const ownKeys = tf.reshape(swapMiddle(k, [G, K * C, V, d]), [G * V * K, C, d]);
  const ownValues = tf.reshape(swapMiddle(v, [G, K * C, V, d]), [G * V * K, C, d]);
  const ownScores = tf.add(
    tf.matMul(tf.reshape(queries, [G * V * K, C * R, d]), ownKeys, false, true),
    ownMask,
  );
  const scores = tf.concat([
    tf.reshape(prefixScores, [G * V * K * C * R, P]),
    tf.reshape(ownScores, [G * V * K * C * R, C]),
  ], -1);
  const [prefix, own] = tf.split(tf.softmax(scores), [P, C], -1) as [tf.Tensor, tf.Tensor];
  const fromPrefix = product(tf.reshape(prefix, [G * V, K * C * R, P]), values, false);
  const fromOwn = tf.matMul(tf.reshape(own, [G * V * K, C * R, C]), ownValues);
  const out = tf.add(
    tf.reshape(fromPrefix, [G, V, K * C, R * d]),
    tf.reshape(fromOwn, [G, V, K * C, R * d]),
  );
  return tf.reshape(tf.transpose(out, [0, 2, 1, 3]), [G * K * C, heads * d]);
}

/**
 * Runs a layer over a batch of prompts and completions: `x` is `[N, D]`. With `outputRows` it gives so many of the first
 * rows; all rows are attended to.
 */
export function batchLayer(
  config: ModelConfig,
  shape: BatchShape,
  layer: Layer,
  context: BatchContext,
  x: tf.Tensor,
  outputRows?: number,
): BatchLayerOutput {
  const { groups: G, promptLength: P, completions: K, completionLength: C } = shape;
  const { kvHeads: V, headDim: d } = config;
  const { places, rows, backRows } = context;
  const inPlaces = (t: tf.Tensor) => places && rows ? rearrange(t, rows, places) : t;
  const inAllPlaces = (t: tf.Tensor) => rows && backRows ? spread(t, rows) : inPlaces(t);
  const inStream = (t: tf.Tensor) => places && rows ? rearrange(t, places, backRows ?? rows) : t;
  const [queries, ...read] = attentionInputs(config, layer, x, context);
  // Of places that share a row, one alone gives its attention to the stream: only its query has a gradient.
  const q = inPlaces(queries);
  const [k, v] = read.map(inAllPlaces);
  const ownRows = G * K * C;
  const cut = (t: tf.Tensor) =>
    ownRows === 0 ? [t] : tf.split(t, [G * P, ownRows]) as [tf.Tensor, tf.Tensor];
  const [qp, qc] = cut(q);
  const [kp, kc] = cut(k!);
  const [vp, vc] = cut(v!);
  const headsFirst = (t: tf.Tensor) =>
    tf.reshape(swapMiddle(t, [G, P, V, d]), [G * V, P, d]) as tf.Tensor3D;
  const keys = headsFirst(kp!);
  const values = headsFirst(vp!);
  let attention = promptAttention(config, shape, context, qp!, keys, values);
  if (qc !== undefined) {
    attention = tf.concat([
      attention,
      completionAttention(config, shape, context, { keys, values }, qc, kc!, vc!),
    ]);
  }
  const output = (t: tf.Tensor) => outputRows === undefined ? t : tf.slice(t, 0, outputRows);
  return {
    x: finish(config, layer, output(x), output(inStream(attention))) as tf.Tensor2D,
    keys,
    values,
  };
}

/**
 * Runs a layer over completions alone, for m losses that differ by a factor for each completion: `x` is `[N, D]`, without the
 * prompts, of whose keys and values there are m copies `[m, G V, P, d]`, and factors `[G K, m]`. The context is that of the
 * completions' rows.
 */
export function completionLayer(
  config: ModelConfig,
  shape: BatchShape,
  layer: Layer,
  context: BatchContext,
  x: tf.Tensor,
  { keys, values, factors }: Required<Prefix>,
): tf.Tensor2D {
  const { groups: G, completions: K } = shape;
  const { kvHeads: V } = config;
  const { places, rows } = context;
  const inPlaces = (t: tf.Tensor) => places && rows ? rearrange(t, rows, places) : t;
  const inStream = (t: tf.Tensor) => places && rows ? rearrange(t, places, rows) : t;
  const [q, k, v] = attentionInputs(config, layer, x, context).map(inPlaces);
  const m = factors.shape[1]!;
  const each = tf.tile(tf.reshape(factors, [G, 1, K, m]), [1, V, 1, 1]);
  const prefix = { keys, values, factors: tf.reshape(each, [G * V, K, m]) };
  const attention = completionAttention(config, shape, context, prefix, q!, k!, v!);
  return finish(config, layer, x, inStream(attention)) as tf.Tensor2D;
}

/**
 * Keys and values that a decoding step reads. The tokens generated so far are in two parts, so that a step copies only
 * the short one.
 */
export interface LayerCache {
  /** Keys of the prompts, `[G V, P, d]`. */
  readonly promptKeys: tf.Tensor;
  /** Values of the prompts, `[G V, P, d]`. */
  readonly promptValues: tf.Tensor;
  /** Keys of earlier tokens, whole blocks, `[G V K, E, d]`; absent before the first block is full. */
  readonly earlierKeys?: tf.Tensor;
  /** Values of earlier tokens, `[G V K, E, d]`. */
  readonly earlierValues?: tf.Tensor;
  /** Keys and values side by side of the latest tokens, newest last, `[G V K, S, 2 d]`. */
  readonly latest: tf.Tensor;
}

/** What every layer of a decoding step needs besides its activations. */
export interface DecodeContext extends RotaryAngles {
  /** Hides prompt padding, `[G, 1, 1, P]`. */
  readonly prefixMask: tf.Tensor;
  /** Hides places of the latest block that hold no token yet, `[1, 1, S]`. */
  readonly ownMask: tf.Tensor;
}

/** What a layer computes in a decoding step. */
export interface DecodeLayerOutput {
  /** Next residual stream, `[B, D]`. */
  readonly x: tf.Tensor2D;
  /** The latest block with the new token at its end and its oldest place dropped, `[G V K, S, 2 d]`. */
  readonly latest: tf.Tensor3D;
}

/**
 * Blocks `[A, B, V]` of a matrix's numbers, of E each, in the order `[A, V, B]`: as a gather, which for the few rows of a decoding
 * step is faster than a transpose.
 */
export function swapRows(
  x: tf.Tensor,
  [A, B, V, E]: readonly [number, number, number, number],
): tf.Tensor {
  const rows = tf.reshape(x, [A * B * V, E]);
  if (B === 1 || V === 1) return rows;
  const order = Int32Array.from({ length: A * V * B }, (_, i) => {
    const [b, v, a] = [i % B, Math.floor(i / B) % V, Math.floor(i / (B * V))];
    return (a * B + b) * V + v;
  });
  return tf.gather(rows, tf.tensor1d(order, "int32"));
}

/**
 * Runs a layer over one new token of each of B = G K completions: `x` is `[B, D]`, rows of a group side by side.
 * Inside, attention has the key heads in front of a group's rows, `[G, V, K]`, so that prompt and own scores line up.
 */
export function decodeLayer(
  config: ModelConfig,
  groups: number,
  layer: Layer,
  context: DecodeContext,
  cache: LayerCache,
  x: tf.Tensor,
): DecodeLayerOutput {
  const { heads, kvHeads: V, headDim: d } = config;
  const R = heads / V;
  const B = x.shape[0]!;
  const G = groups;
  const K = B / G;
  const P = cache.promptKeys.shape[1]!;
  const S = cache.latest.shape[1]!;
  const [q, k, v] = attentionInputs(config, layer, x, context);
  const token = swapRows(tf.concat([k, v], 2), [G, K, V, 2 * d]);
  const latest = tf.concat([
    tf.slice(cache.latest, [0, 1, 0], [B * V, S - 1, 2 * d]),
    tf.reshape(token, [B * V, 1, 2 * d]),
  ], 1) as tf.Tensor3D;
  const [keys, values] = tf.split(latest, 2, 2) as [tf.Tensor, tf.Tensor];

  const queries = swapRows(q, [G, K, V, R * d]); // [G V K, R d]
  const ownQueries = tf.reshape(queries, [G * V * K, R, d]);
  const prefixScores = tf.add(
    tf.reshape(
      tf.matMul(tf.reshape(queries, [G * V, K * R, d]), cache.promptKeys, false, true),
      [G, V, K * R, P],
    ),
    context.prefixMask,
  );
  const { earlierKeys, earlierValues } = cache;
  const E = earlierKeys?.shape[1] ?? 0;
  const earlierScores = earlierKeys === undefined
    ? []
    : [tf.matMul(ownQueries, earlierKeys, false, true)];
  const ownScores = tf.add(tf.matMul(ownQueries, keys, false, true), context.ownMask);
  const scores = tf.concat(
    [tf.reshape(prefixScores, [B * V, R, P]), ...earlierScores, ownScores],
    -1,
  );
  const parts = tf.split(tf.softmax(scores), E === 0 ? [P, S] : [P, E, S], -1);
  const fromPrefix = tf.matMul(tf.reshape(parts[0]!, [G * V, K * R, P]), cache.promptValues);
  let fromOwn = tf.matMul(parts.at(-1)!, values);
  if (earlierValues !== undefined) {
    fromOwn = tf.add(fromOwn, tf.matMul(parts[1]!, earlierValues));
  }
  const out = tf.add(
    tf.reshape(fromPrefix, [B * V, R * d]),
    tf.reshape(fromOwn, [B * V, R * d]),
  );
  const attention = tf.reshape(swapRows(out, [G, V, K, R * d]), [B, heads * d]);
  return { x: finish(config, layer, x, attention) as tf.Tensor2D, latest };
}
