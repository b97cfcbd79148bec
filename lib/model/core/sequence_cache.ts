/**
 * One sequence that grows by several tokens at a time: its keys and values stand in tensors with room for more, so that
 * tokens that were only guessed need not be taken out again; the next ones are written over them.
 *
 * Letters in shapes as in layer.ts; S places of the cache, T new tokens.
 *
 * @module
 */

import { recorded, tf } from "../../runtime/mod.ts";
import { MASKED, type RotaryAngles, rotaryAngles } from "./batch.ts";
import type { ModelConfig } from "./config.ts";
import { attentionInputs, finish, type Layer, swapRows } from "./layer.ts";
import type { Policy } from "./transformer.ts";

/** Keys and values of a layer, `[V, S, d]`. */
export interface SequenceCache {
  /** Keys of all tokens so far, and of what was guessed wrong behind them. */
  readonly keys: tf.Tensor;
  /** Values likewise. */
  readonly values: tf.Tensor;
}

/** Places by which a cache grows: few sizes, so that shapes repeat. */
const CACHE_ROOM = 64;

/** Makes room for so many tokens; gives the same cache where it has that. The old one is freed. */
export function withRoom(cache: SequenceCache, tokens: number): SequenceCache {
  const [heads, places, d] = cache.keys.shape as [number, number, number];
  const more = Math.ceil(tokens / CACHE_ROOM) * CACHE_ROOM - places;
  if (more <= 0) return cache;
  const grow = (t: tf.Tensor): tf.Tensor => {
    const grown = tf.tidy(() => tf.concat([t, tf.zeros([heads, more, d])], 1));
    t.dispose();
    return grown;
  };
  return { keys: grow(cache.keys), values: grow(cache.values) };
}

/** What every layer needs besides its activations and its cache. */
interface ExtendContext extends RotaryAngles {
  /** Hides from each new token what comes after it, `[1, T R, S]`. */
  readonly mask: tf.Tensor;
  /** Row of the cache, `[V S, d]`, for each new token and key head, `[T V, 1]`. */
  readonly places: tf.Tensor;
}

/** Runs a layer over new tokens, rows `[T, D]`, and writes their keys and values into the cache. */
function extendLayer(
  config: ModelConfig,
  layer: Layer,
  context: ExtendContext,
  cache: SequenceCache,
  x: tf.Tensor,
): { x: tf.Tensor; keys: tf.Tensor; values: tf.Tensor } {
  const { heads, kvHeads: V, headDim: d } = config;
  const [R, T, S] = [heads / V, x.shape[0]!, cache.keys.shape[1]!];
  const [q, k, v] = attentionInputs(config, layer, x, context);
  const write = (held: tf.Tensor, rows: tf.Tensor) =>
    tf.reshape(
      tf.tensorScatterUpdate(
        tf.reshape(held, [V * S, d]),
        context.places as tf.Tensor2D,
        tf.reshape(rows, [T * V, d]),
      ),
      [V, S, d],
    );
  const [keys, values] = [write(cache.keys, k), write(cache.values, v)];
  const queries = tf.reshape(swapRows(q, [1, T, V, R * d]), [V, T * R, d]);
  const scores = tf.add(tf.matMul(queries, keys, false, true), context.mask);
  const out = tf.matMul(tf.softmax(scores), values);
  const attention = tf.reshape(swapRows(out, [1, V, T, R * d]), [T, heads * d]);
  return { x: finish(config, layer, x, attention), keys, values };
}

/**
 * Runs new tokens of a sequence through a policy; replaces the caches, which have room for them.
 *
 * @param policy the model, updates merged
 * @param caches of each layer
 * @param tokens the new tokens, `[T]`
 * @param start tokens of the sequence before them
 * @returns the residual stream behind the last layer, `[T, D]`
 */
export function extendSequence(
  policy: Policy,
  caches: SequenceCache[],
  tokens: readonly number[],
  start: number,
): tf.Tensor2D {
  const { config } = policy;
  const { heads, kvHeads: V } = config;
  const [R, T, S] = [heads / V, tokens.length, caches[0]!.keys.shape[1]!];
  return tf.tidy(() => {
    const hidden = Float32Array.from(
      { length: T * R * S },
      (_, i) => i % S > start + Math.floor(i / (R * S)) ? MASKED : 0,
    );
    const places = Int32Array.from(
      { length: T * V },
      (_, i) => (i % V) * S + start + Math.floor(i / V),
    );
    const context: ExtendContext = {
      ...rotaryAngles(config, tokens.map((_, t) => start + t)),
      mask: tf.tensor3d(hidden, [1, T * R, S]),
      places: tf.tensor2d(places, [T * V, 1], "int32"),
    };
    let x: tf.Tensor = tf.gather(policy.embedding, tf.tensor1d([...tokens], "int32"));
    const key = `extend ${JSON.stringify(config)}`;
    policy.layers.forEach((layer, l) => {
      const cache = caches[l]!;
      const out = recorded(
        key,
        { layer, context, cache, x },
        (t) => extendLayer(config, t.layer, t.context, t.cache, t.x),
      );
      tf.dispose([cache.keys, cache.values, x]);
      caches[l] = { keys: tf.keep(out.keys), values: tf.keep(out.values) };
      x = out.x;
    });
    return x as tf.Tensor2D;
  });
}
