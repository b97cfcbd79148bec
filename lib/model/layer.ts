/**
 * One decoder layer of Llama, Qwen2 or Qwen3 as pure functions: over a batch of prompts with their completions
 * ({@linkcode batchLayer}) and over one new token of each row ({@linkcode decodeLayer}).
 *
 * Letters in shapes: G prompts of P tokens, K completions of C tokens for each, N = G P + G K C rows, D hidden size,
 * H query heads in V groups of R that share a key head, d head size, S cached tokens.
 *
 * @module
 */

import { loraMatmul, matmul, rmsNorm, rotaryEmbedding, swiGlu } from "../runtime/kernels.ts";
import { tf } from "../runtime/mod.ts";
import type { BatchContext, BatchShape } from "./batch.ts";
import type { ModelConfig } from "./config.ts";
import {
  type GroupAdapter,
  type LayerAdapter,
  type ProjectionGroup,
  projectionGroups,
} from "./lora.ts";

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

/** `x W (+ bias)`; with an update, W already holds it and its factors get the gradient. */
function project(
  x: tf.Tensor,
  weight: tf.Tensor,
  update?: GroupAdapter,
  scale = 1,
  bias?: tf.Tensor,
): tf.Tensor {
  const y = update === undefined
    ? matmul(x, weight)
    : loraMatmul(x, weight, update.a, update.b, scale);
  return bias === undefined ? y : tf.add(y, bias);
}

/** Queries `[N, H, d]`, keys `[N, V, d]` (both rotated) and values `[N, V, d]` of rows `[N, D]`. */
function attentionInputs(
  config: ModelConfig,
  { weights, adapter }: Layer,
  x: tf.Tensor,
  cos: tf.Tensor,
  sin: tf.Tensor,
): [tf.Tensor, tf.Tensor, tf.Tensor] {
  const { heads, kvHeads, headDim, rmsNormEps } = config;
  const n = x.shape[0]!;
  const h = rmsNorm(x, weights.inputNorm, rmsNormEps);
  const qkv = project(
    h,
    weights.qkv,
    adapter?.qkv,
    adapter?.scale,
    weights.qkvBias,
  );
  const widths = [heads * headDim, kvHeads * headDim, kvHeads * headDim];
  let [q, k, v] = tf.split(qkv, widths, -1) as [
    tf.Tensor,
    tf.Tensor,
    tf.Tensor,
  ];
  q = tf.reshape(q, [n, heads, headDim]);
  k = tf.reshape(k, [n, kvHeads, headDim]);
  v = tf.reshape(v, [n, kvHeads, headDim]);
  if (weights.queryNorm !== undefined) {
    q = rmsNorm(q, weights.queryNorm, rmsNormEps);
  }
  if (weights.keyNorm !== undefined) {
    k = rmsNorm(k, weights.keyNorm, rmsNormEps);
  }
  q = tf.mul(rotaryEmbedding(q, cos, sin), headDim ** -0.5);
  return [q, rotaryEmbedding(k, cos, sin), v];
}

/** Adds attention's output and the feed-forward block to the residual stream. */
function finish(
  config: ModelConfig,
  { weights, adapter }: Layer,
  x: tf.Tensor,
  attention: tf.Tensor,
): tf.Tensor {
  const scale = adapter?.scale;
  x = tf.add(x, project(attention, weights.output, adapter?.output, scale));
  const h = rmsNorm(x, weights.postNorm, config.rmsNormEps);
  const hidden = swiGlu(project(h, weights.gateUp, adapter?.gateUp, scale));
  return tf.add(x, project(hidden, weights.down, adapter?.down, scale));
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
  /** Next residual stream, `[N, D]`. */
  readonly x: tf.Tensor2D;
  /** Rotated keys of the prompts, `[G V, P, d]`. */
  readonly keys: tf.Tensor3D;
  /** Values of the prompts, `[G V, P, d]`. */
  readonly values: tf.Tensor3D;
}

/** Runs a layer over a batch of prompts and completions: `x` is `[N, D]`. */
export function batchLayer(
  config: ModelConfig,
  shape: BatchShape,
  layer: Layer,
  context: BatchContext,
  x: tf.Tensor,
): BatchLayerOutput {
  const { groups: G, promptLength: P, completions: K, completionLength: C } = shape;
  const { heads, kvHeads: V, headDim: d } = config;
  const R = heads / V;
  const [q, k, v] = attentionInputs(config, layer, x, context.cos, context.sin);
  const promptRows = G * P;
  const ownRows = G * K * C;
  const cut = (t: tf.Tensor) =>
    ownRows === 0 ? [t] : tf.split(t, [promptRows, ownRows]) as [tf.Tensor, tf.Tensor];
  const [qp, qc] = cut(q);
  const [kp, kc] = cut(k);
  const [vp, vc] = cut(v);

  const keys = tf.reshape(swapMiddle(kp!, [G, P, V, d]), [
    G * V,
    P,
    d,
  ]) as tf.Tensor3D;
  const values = tf.reshape(swapMiddle(vp!, [G, P, V, d]), [
    G * V,
    P,
    d,
  ]) as tf.Tensor3D;
  // Tokens stand outside the R query heads that share a key: [G V, P R, d].
  const promptQueries = tf.reshape(swapMiddle(qp!, [G, P, V, R * d]), [
    G * V,
    P * R,
    d,
  ]);
  const promptScores = tf.add(
    tf.matMul(promptQueries, keys, false, true),
    context.promptMask,
  );
  const promptOut = swapMiddle(tf.matMul(tf.softmax(promptScores), values), [
    G,
    V,
    P,
    R * d,
  ]);
  let attention = tf.reshape(promptOut, [promptRows, heads * d]);

  if (qc !== undefined) {
    const queries = swapMiddle(qc, [G, K * C, V, R * d]); // [G, V, K C, R d]
    const prefixScores = tf.add(
      tf.reshape(
        tf.matMul(tf.reshape(queries, [G * V, K * C * R, d]), keys, false, true),
        [G, V, K * C * R, P],
      ),
      context.prefixMask,
    );
    const ownKeys = tf.reshape(swapMiddle(kc!, [G, K * C, V, d]), [
      G * V * K,
      C,
      d,
    ]);
    const ownValues = tf.reshape(swapMiddle(vc!, [G, K * C, V, d]), [
      G * V * K,
      C,
      d,
    ]);
    const ownScores = tf.add(
      tf.matMul(
        tf.reshape(queries, [G * V * K, C * R, d]),
        ownKeys,
        false,
        true,
      ),
      context.ownMask,
    );
    const scores = tf.concat([
      tf.reshape(prefixScores, [G * V * K * C * R, P]),
      tf.reshape(ownScores, [G * V * K * C * R, C]),
    ], -1);
    const [prefix, own] = tf.split(tf.softmax(scores), [P, C], -1) as [
      tf.Tensor,
      tf.Tensor,
    ];
    const fromPrefix = tf.matMul(
      tf.reshape(prefix, [G * V, K * C * R, P]),
      values,
    );
    const fromOwn = tf.matMul(
      tf.reshape(own, [G * V * K, C * R, C]),
      ownValues,
    );
    const out = tf.add(
      tf.reshape(fromPrefix, [G, V, K * C, R * d]),
      tf.reshape(fromOwn, [G, V, K * C, R * d]),
    );
    attention = tf.concat([
      attention,
      tf.reshape(tf.transpose(out, [0, 2, 1, 3]), [ownRows, heads * d]),
    ]);
  }
  return {
    x: finish(config, layer, x, attention) as tf.Tensor2D,
    keys,
    values,
  };
}

/** Keys and values that a decoding step reads. */
export interface LayerCache {
  /** Keys of the prompts, `[G V, P, d]`. */
  readonly promptKeys: tf.Tensor;
  /** Values of the prompts, `[G V, P, d]`. */
  readonly promptValues: tf.Tensor;
  /** Keys of the tokens generated so far, newest last, `[B, V, S, d]` for B = G K rows. */
  readonly keys: tf.Tensor;
  /** Values of the tokens generated so far, `[B, V, S, d]`. */
  readonly values: tf.Tensor;
}

/** What every layer of a decoding step needs besides its activations. */
export interface DecodeContext {
  /** Rotary cosines of the new tokens, `[B, 1, d / 2]`. */
  readonly cos: tf.Tensor;
  /** Rotary sines, `[B, 1, d / 2]`. */
  readonly sin: tf.Tensor;
  /** Hides prompt padding, `[G, 1, 1, P]`. */
  readonly prefixMask: tf.Tensor;
  /** Hides cache places that hold no token yet, `[1, 1, S]`. */
  readonly ownMask: tf.Tensor;
}

/** What a layer computes in a decoding step. */
export interface DecodeLayerOutput {
  /** Next residual stream, `[B, D]`. */
  readonly x: tf.Tensor2D;
  /** The cache with the new token at its end and the oldest place dropped, `[B, V, S, d]`. */
  readonly keys: tf.Tensor4D;
  /** Likewise for the values. */
  readonly values: tf.Tensor4D;
}

/** Runs a layer over one new token of each of B = G K rows: `x` is `[B, D]`. */
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
  const S = cache.keys.shape[2]!;
  const [q, k, v] = attentionInputs(config, layer, x, context.cos, context.sin);
  const push = (past: tf.Tensor, token: tf.Tensor) =>
    tf.concat([
      tf.slice(past, [0, 0, 1, 0], [B, V, S - 1, d]),
      tf.reshape(token, [B, V, 1, d]),
    ], 2) as tf.Tensor4D;
  const keys = push(cache.keys, k);
  const values = push(cache.values, v);

  const byHead = swapMiddle(q, [G, K, V, R * d]); // [G, V, K, R d]
  const prefixScores = tf.add(
    tf.reshape(
      tf.matMul(
        tf.reshape(byHead, [G * V, K * R, d]),
        cache.promptKeys,
        false,
        true,
      ),
      [G, V, K * R, P],
    ),
    context.prefixMask,
  );
  const ownScores = tf.add(
    tf.matMul(
      tf.reshape(q, [B * V, R, d]),
      tf.reshape(keys, [B * V, S, d]),
      false,
      true,
    ),
    context.ownMask,
  );
  const scores = tf.concat([
    tf.reshape(swapMiddle(prefixScores, [G, V, K, R * P]), [B * V, R, P]),
    ownScores,
  ], -1);
  const [prefix, own] = tf.split(tf.softmax(scores), [P, S], -1) as [
    tf.Tensor,
    tf.Tensor,
  ];
  const fromPrefix = tf.matMul(
    tf.reshape(swapMiddle(prefix, [G, K, V, R * P]), [G * V, K * R, P]),
    cache.promptValues,
  );
  const fromOwn = tf.matMul(own, tf.reshape(values, [B * V, S, d]));
  const attention = tf.add(
    tf.reshape(swapMiddle(fromPrefix, [G, V, K, R * d]), [B, heads * d]),
    tf.reshape(fromOwn, [B, heads * d]),
  );
  return {
    x: finish(config, layer, x, attention) as tf.Tensor2D,
    keys,
    values,
  };
}
