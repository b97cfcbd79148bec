/**
 * Decoding with cached keys and values: prompts once, then one token of every completion a step. The residual stream
 * has a row for each completion; finished ones leave.
 *
 * @module
 */

import { matmul, recorded, rmsNorm, tf } from "../../runtime/mod.ts";
import {
  type Batch,
  batchContext,
  MASKED,
  packGroups,
  paddingMask,
  rotaryAngles,
  rowsAt,
} from "../core/batch.ts";
import { batchLayer, type DecodeContext, decodeLayer, type LayerCache } from "../core/layer.ts";
import { embedBatch } from "../core/run_layers.ts";
import type { Policy } from "../core/transformer.ts";

/** Tokens in a block of the cache. */
export const CACHE_BLOCK = 16;

/** What decoding carries from step to step. */
export interface DecodeState {
  /** Index of each remaining group among the prompts given. */
  groups: number[];
  /** Index of each row's completion among all of them, `[groups * K]`; -1 fills up a group. */
  completions: number[];
  /** Prompt length of each remaining group. */
  lengths: number[];
  /** Caches of each policy that reads along, layer by layer. */
  caches: LayerCache[][];
  prefixMask: tf.Tensor;
}

export const disposeCache = (cache: LayerCache): void =>
  tf.dispose(Object.values(cache) as tf.Tensor[]);

/** A block without tokens; filled by the backend, since zeros of TensorFlow.js are an array to be copied and collected. */
const emptyBlock = (shape: number[]): tf.Tensor => tf.fill(shape, 0);

/** What the prompts leave behind. */
export interface Prefilled {
  readonly batch: Batch;
  /** Keys and values of each layer. */
  readonly caches: LayerCache[];
  /** After each prompt's last token, `[groups, V]`. */
  readonly logits: tf.Tensor2D;
}

/** Runs the prompts; returns each layer's keys and values and the logits after each prompt's last token. */
export function prefill(
  policy: Policy,
  prompts: readonly (readonly number[])[],
  K: number,
): Prefilled {
  const { config } = policy;
  const batch = packGroups(
    prompts.map((prompt) => ({ prompt, completions: [] })),
  );
  const context = batchContext(config, batch);
  const B = prompts.length * K;
  const caches: LayerCache[] = [];
  const key = `prefill ${JSON.stringify([config, batch.groups, batch.promptLength])}`;
  let x = embedBatch(policy, batch);
  for (const layer of policy.layers) {
    const out = recorded(key, { layer, context, x }, (t) => {
      const { x: next, keys, values } = batchLayer(config, batch, t.layer, t.context, t.x);
      return { next, keys, values };
    });
    x.dispose();
    x = out.next;
    caches.push({
      promptKeys: out.keys,
      promptValues: out.values,
      latest: emptyBlock([B * config.kvHeads, CACHE_BLOCK, 2 * config.headDim]),
    });
  }
  const logits = tf.tidy(() => {
    const last = Int32Array.from(
      batch.promptLengths,
      (n, g) => g * batch.promptLength + n - 1,
    );
    return logitsOf(policy, tf.gather(x, tf.tensor1d(rowsAt(batch, last), "int32")));
  });
  x.dispose();
  tf.dispose(Object.values(context));
  return { batch, caches, logits };
}

/** Logits of rows `[B, D]` of the residual stream behind the last layer, `[B, V]`. */
export function logitsOf({ norm, projection, config }: Policy, x: tf.Tensor): tf.Tensor2D {
  const eps = config.rmsNormEps;
  return recorded(
    `logits ${eps}`,
    { x, norm, projection },
    (t) => matmul(rmsNorm(t.x, t.norm, eps), t.projection),
  );
}

/** Adds the padding mask to what {@linkcode prefill} gives of every policy. */
export function firstState(
  batch: Batch,
  caches: LayerCache[][],
  completions: number,
): DecodeState {
  return {
    groups: Array.from({ length: batch.groups }, (_, g) => g),
    completions: Array.from({ length: completions }, (_, c) => c),
    lengths: [...batch.promptLengths],
    caches,
    prefixMask: paddingMask(batch.promptLengths, batch.promptLength),
  };
}

/** Moves the latest block, which is full, behind the earlier ones and begins an empty one. */
export function nextBlock(cache: LayerCache): LayerCache {
  const { earlierKeys, earlierValues, latest, ...prompt } = cache;
  const moved = tf.tidy(() => {
    const [keys, values] = tf.split(latest, 2, 2) as [tf.Tensor, tf.Tensor];
    const append = (earlier: tf.Tensor | undefined, block: tf.Tensor) =>
      earlier === undefined ? block : tf.concat([earlier, block], 1);
    return {
      earlierKeys: append(earlierKeys, keys),
      earlierValues: append(earlierValues, values),
      latest: emptyBlock(latest.shape),
    };
  });
  tf.dispose([latest, ...(earlierKeys && earlierValues ? [earlierKeys, earlierValues] : [])]);
  return { ...prompt, ...moved };
}

/** The smallest of the four quarters of `full` that holds `n`: few sizes, so that shapes repeat. */
function quarterUp(n: number, full: number): number {
  return Math.ceil(Math.ceil((n * 4) / full) * full / 4);
}

/**
 * Drops finished groups and narrows the others, where that makes the batch smaller. `kept` says which of the old rows
 * each new row was.
 */
export function compact(
  state: DecodeState,
  K: number,
  done: readonly boolean[],
  full: { readonly groups: number; readonly width: number },
  kvHeads: number,
): { state: DecodeState; K: number; kept: number[] } | undefined {
  const alive = state.groups.map((_, g) =>
    Array.from({ length: K }, (_, k) => g * K + k).filter((r) => {
      const completion = state.completions[r]!;
      return completion >= 0 && !done[completion];
    })
  );
  const unfinished = alive.flatMap((rows, g) => rows.length > 0 ? [g] : []);
  const size = Math.min(state.groups.length, quarterUp(unfinished.length, full.groups));
  const width = Math.min(K, quarterUp(Math.max(...alive.map((rows) => rows.length)), full.width));
  if (size === state.groups.length && width === K) return undefined;
  // Groups and rows that only fill up repeat the first one; their samples are dropped.
  const groups = Array.from({ length: size }, (_, i) => unfinished[i] ?? unfinished[0]!);
  const rows = groups.flatMap((g, i) =>
    Array.from({ length: width }, (_, k) => i < unfinished.length ? alive[g]![k] : undefined)
  );
  const kept = rows.map((r, i) => r ?? alive[groups[Math.floor(i / width)]!]![0]!);
  const keyHeads = Array.from({ length: kvHeads }, (_, h) => h);
  const headIndex = groups.flatMap((g) => keyHeads.map((h) => g * kvHeads + h));
  // Own keys stand as [group, key head, row of the group].
  const rowIndex = groups.flatMap((g, i) =>
    keyHeads.flatMap((h) =>
      kept.slice(i * width, (i + 1) * width).map((r) => (g * kvHeads + h) * K + r % K)
    )
  );
  const gather = (t: tf.Tensor, index: number[]) =>
    tf.tidy(() => tf.gather(t, tf.tensor1d(index, "int32")));
  const caches = state.caches.map((layers) =>
    layers.map((cache) => {
      const next = Object.fromEntries(
        Object.entries(cache).map(([name, t]: [string, tf.Tensor]) => [
          name,
          gather(t, name.startsWith("prompt") ? headIndex : rowIndex),
        ]),
      );
      disposeCache(cache);
      return next as unknown as LayerCache;
    })
  );
  const prefixMask = gather(state.prefixMask, groups);
  state.prefixMask.dispose();
  return {
    state: {
      groups: groups.map((g) => state.groups[g]!),
      completions: rows.map((r) => r === undefined ? -1 : state.completions[r]!),
      lengths: groups.map((g) => state.lengths[g]!),
      caches,
      prefixMask,
    },
    K: width,
    kept,
  };
}

/** Runs one new token of each row through a policy; replaces its caches and returns the next logits `[B, V]`. */
export function decodeStep(
  policy: Policy,
  state: DecodeState,
  caches: LayerCache[],
  K: number,
  tokens: Int32Array,
  step: number,
): tf.Tensor2D {
  const { config } = policy;
  const positions = state.lengths.flatMap((n) => new Array<number>(K).fill(n + step));
  return tf.tidy(() => {
    const held = step % CACHE_BLOCK + 1;
    const own = Float32Array.from(
      { length: CACHE_BLOCK },
      (_, s) => s < CACHE_BLOCK - held ? MASKED : 0,
    );
    const context: DecodeContext = {
      ...rotaryAngles(config, positions),
      prefixMask: state.prefixMask,
      ownMask: tf.tensor3d(own, [1, 1, CACHE_BLOCK]),
    };
    let x: tf.Tensor = tf.gather(
      policy.embedding,
      tf.tensor1d(tokens, "int32"),
    );
    const groups = state.groups.length;
    const key = `decode ${groups} ${JSON.stringify(config)}`;
    policy.layers.forEach((layer, l) => {
      const cache = caches[l]!;
      const out = recorded(
        key,
        { layer, context, cache, x },
        (t) => ({ ...decodeLayer(config, groups, t.layer, t.context, t.cache, t.x) }),
      );
      tf.dispose([cache.latest, x]);
      caches[l] = { ...cache, latest: tf.keep(out.latest) };
      x = out.x;
    });
    return logitsOf(policy, x);
  });
}
