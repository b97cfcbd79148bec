/**
 * Sampling from a policy in batches: one prefill for each prompt, whose keys and values its K completions share, then
 * one token a step for all rows. Finished rows leave the batch.
 *
 * @module
 */

import { matmul, rmsNorm } from "../runtime/kernels.ts";
import { type OnProgress, type RandomStream, randomStream, recorded, tf } from "../runtime/mod.ts";
import { batchContext, MASKED, packGroups, paddingMask, rotaryAngles } from "./batch.ts";
import { batchLayer, type DecodeContext, decodeLayer, type LayerCache } from "./layer.ts";
import { sampleRows, type TokenSampling } from "./sample.ts";
import type { Policy } from "./transformer.ts";

/** How completions are sampled; the names are those of transformers, in camel case. */
export interface SamplingOptions extends TokenSampling {
  /** Completions for each prompt. */
  readonly numGenerations?: number;
  /** Longest completion, in tokens, the end token included. */
  readonly maxNewTokens: number;
  /** A completion ends with the first of these tokens. */
  readonly stopIds: readonly number[];
  /** A completion also ends where this says so of its tokens so far. */
  readonly stop?: (ids: readonly number[]) => boolean;
  /** Fixes the samples: row r of prompt p draws from a stream of its own, whatever else is in the batch. */
  readonly seed: number;
  /** Rows that are decoded together. */
  readonly batchRows?: number;
}

/** A sampled completion. */
export interface Completion {
  /** Its tokens, with the end token where it has one. */
  readonly ids: readonly number[];
  /** Whether it ended by itself rather than at the longest length. */
  readonly finished: boolean;
  /** Log-probability of each token under the model at temperature 1, where asked for. */
  readonly logProbs?: readonly number[];
  /** Log-probability of each token under the distribution that it was drawn from, where asked for. */
  readonly samplingLogProbs?: readonly number[];
}

/** Tokens in a block of the cache. */
const CACHE_BLOCK = 16;

/** Samples completions for each prompt (token ids): `[prompts][numGenerations]`. */
export async function generate(
  policy: Policy,
  prompts: readonly (readonly number[])[],
  options: SamplingOptions,
  onProgress?: OnProgress,
): Promise<Completion[][]> {
  const K = options.numGenerations ?? 1;
  const groupsAtOnce = Math.max(1, Math.floor((options.batchRows ?? 32) / K));
  // Prompts of similar length share a batch, so little is spent on padding.
  const order = prompts.map((_, i) => i).sort((a, b) =>
    prompts[a]!.length - prompts[b]!.length || a - b
  );
  const results: Completion[][] = new Array(prompts.length);
  for (let start = 0; start < order.length; start += groupsAtOnce) {
    const members = order.slice(start, start + groupsAtOnce);
    const streams = members.flatMap((p) =>
      Array.from(
        { length: K },
        (_, k) => randomStream(options.seed, "sample", p, k),
      )
    );
    const rows = await generateBatch(
      policy,
      members.map((p) => prompts[p]!),
      K,
      streams,
      options,
    );
    members.forEach((p, g) => results[p] = rows.slice(g * K, (g + 1) * K));
    onProgress?.(Math.min(start + groupsAtOnce, order.length), order.length);
  }
  return results;
}

/** What decoding carries from step to step. */
interface DecodeState {
  /** Index of each remaining group among the prompts given. */
  groups: number[];
  /** Index of each remaining row among all rows, `[groups * K]`; -1 fills up a group. */
  rows: number[];
  /** Prompt length of each remaining group. */
  lengths: number[];
  caches: LayerCache[];
  prefixMask: tf.Tensor;
}

const disposeCache = (cache: LayerCache): void => tf.dispose(Object.values(cache) as tf.Tensor[]);

/** Runs the prompts; returns each layer's keys and values and the logits after each prompt's last token. */
function prefill(
  policy: Policy,
  prompts: readonly (readonly number[])[],
  K: number,
) {
  const { config } = policy;
  const batch = packGroups(
    prompts.map((prompt) => ({ prompt, completions: [] })),
  );
  const context = batchContext(config, batch);
  const B = prompts.length * K;
  const caches: LayerCache[] = [];
  const key = `prefill ${JSON.stringify([config, batch.groups, batch.promptLength])}`;
  let x = tf.tidy(() => tf.gather(policy.embedding, tf.tensor1d(batch.ids, "int32")));
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
      latest: tf.zeros([B * config.kvHeads, CACHE_BLOCK, 2 * config.headDim]),
    });
  }
  const logits = tf.tidy(() => {
    const last = Int32Array.from(
      batch.promptLengths,
      (n, g) => g * batch.promptLength + n - 1,
    );
    return logitsOf(policy, tf.gather(x, tf.tensor1d(last, "int32")));
  });
  x.dispose();
  tf.dispose(Object.values(context));
  return { batch, caches, logits };
}

function logitsOf({ norm, projection, config }: Policy, x: tf.Tensor): tf.Tensor2D {
  const eps = config.rmsNormEps;
  return recorded(
    `logits ${eps}`,
    { x, norm, projection },
    (t) => matmul(rmsNorm(t.x, t.norm, eps), t.projection),
  );
}

/** Moves the latest block, which is full, behind the earlier ones and begins an empty one. */
function nextBlock(cache: LayerCache): LayerCache {
  const { earlierKeys, earlierValues, latest, ...prompt } = cache;
  const moved = tf.tidy(() => {
    const [keys, values] = tf.split(latest, 2, 2) as [tf.Tensor, tf.Tensor];
    const append = (earlier: tf.Tensor | undefined, block: tf.Tensor) =>
      earlier === undefined ? block : tf.concat([earlier, block], 1);
    return {
      earlierKeys: append(earlierKeys, keys),
      earlierValues: append(earlierValues, values),
      latest: tf.zeros(latest.shape),
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
function compact(
  state: DecodeState,
  K: number,
  done: readonly boolean[],
  full: { readonly groups: number; readonly width: number },
  kvHeads: number,
): { state: DecodeState; K: number; kept: number[] } | undefined {
  const alive = state.groups.map((_, g) =>
    Array.from({ length: K }, (_, k) => g * K + k).filter((r) => {
      const row = state.rows[r]!;
      return row >= 0 && !done[row];
    })
  );
  const unfinished = alive.flatMap((rows, g) => rows.length > 0 ? [g] : []);
  const size = Math.min(state.groups.length, quarterUp(unfinished.length, full.groups));
  const width = Math.min(K, quarterUp(Math.max(...alive.map((rows) => rows.length)), full.width));
  if (size === state.groups.length && width === K) return undefined;
  // Groups and rows that only fill up repeat the first one; their samples are dropped.
  const groups = Array.from({ length: size }, (_, i) => unfinished[i] ?? unfinished[0]!);
  const places = groups.flatMap((g, i) =>
    Array.from({ length: width }, (_, k) => i < unfinished.length ? alive[g]![k] : undefined)
  );
  const kept = places.map((r, i) => r ?? alive[groups[Math.floor(i / width)]!]![0]!);
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
  const caches = state.caches.map((cache) => {
    const next = Object.fromEntries(
      Object.entries(cache).map(([name, t]: [string, tf.Tensor]) => [
        name,
        gather(t, name.startsWith("prompt") ? headIndex : rowIndex),
      ]),
    );
    disposeCache(cache);
    return next as unknown as LayerCache;
  });
  const prefixMask = gather(state.prefixMask, groups);
  state.prefixMask.dispose();
  return {
    state: {
      groups: groups.map((g) => state.groups[g]!),
      rows: places.map((r) => r === undefined ? -1 : state.rows[r]!),
      lengths: groups.map((g) => state.lengths[g]!),
      caches,
      prefixMask,
    },
    K: width,
    kept,
  };
}

async function generateBatch(
  policy: Policy,
  prompts: readonly (readonly number[])[],
  generations: number,
  streams: readonly RandomStream[],
  options: SamplingOptions,
): Promise<Completion[]> {
  const { config } = policy;
  const stops = new Set(options.stopIds);
  const ids: number[][] = streams.map(() => []);
  const logProbs: number[][] = streams.map(() => []);
  const samplingLogProbs: number[][] = streams.map(() => []);
  const done: boolean[] = streams.map(() => false);
  const { batch, caches, logits: promptLogits } = prefill(
    policy,
    prompts,
    generations,
  );
  const penalizes = (options.repetitionPenalty ?? 1) !== 1;
  const full = { groups: prompts.length, width: generations };
  let K = generations;
  let state: DecodeState = {
    groups: prompts.map((_, g) => g),
    rows: streams.map((_, r) => r),
    lengths: [...batch.promptLengths],
    caches,
    prefixMask: paddingMask(batch.promptLengths, batch.promptLength),
  };
  let logits = tf.tidy(() =>
    tf.gather(
      promptLogits,
      tf.tensor1d(state.rows.map((r) => Math.floor(r / K)), "int32"),
    )
  ) as tf.Tensor2D;
  promptLogits.dispose();
  for (let step = 0;; step++) {
    const held = penalizes
      ? state.rows.map((row, i) => [
        ...prompts[state.groups[Math.floor(i / K)]!]!,
        ...(ids[row] ?? []),
      ])
      : [];
    const drawn = sampleRows(logits, state.rows.map((r) => streams[r]), options, held);
    const sampled = drawn.ids;
    logits.dispose();
    state.rows.forEach((row, i) => {
      if (row < 0 || done[row]) return;
      ids[row]!.push(sampled[i]!);
      if (drawn.logProbs !== undefined) logProbs[row]!.push(drawn.logProbs[i]!);
      if (drawn.samplingLogProbs !== undefined) {
        samplingLogProbs[row]!.push(drawn.samplingLogProbs[i]!);
      }
      done[row] = stops.has(sampled[i]!) || (options.stop?.(ids[row]!) ?? false);
    });
    if (step + 1 >= options.maxNewTokens || done.every((d) => d)) break;
    let tokens = sampled;
    const smaller = compact(state, K, done, full, config.kvHeads);
    if (smaller !== undefined) {
      tokens = Int32Array.from(smaller.kept, (r) => sampled[r]!);
      ({ state, K } = smaller);
    }
    if (step > 0 && step % CACHE_BLOCK === 0) state.caches = state.caches.map(nextBlock);
    logits = decodeStep(policy, state, K, tokens, step);
    if (step % 8 === 7) await new Promise((resolve) => setTimeout(resolve, 0));
  }
  state.caches.forEach(disposeCache);
  state.prefixMask.dispose();
  return ids.map((tokens, r) => ({
    ids: tokens,
    finished: done[r]!,
    ...(options.logProbs && { logProbs: logProbs[r]!, samplingLogProbs: samplingLogProbs[r]! }),
  }));
}

/** Runs one new token of each row; replaces the caches in `state` and returns the next logits `[B, V]`. */
function decodeStep(
  policy: Policy,
  state: DecodeState,
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
      const cache = state.caches[l]!;
      const out = recorded(
        key,
        { layer, context, cache, x },
        (t) => ({ ...decodeLayer(config, groups, t.layer, t.context, t.cache, t.x) }),
      );
      tf.dispose([cache.latest, x]);
      state.caches[l] = { ...cache, latest: tf.keep(out.latest) };
      x = out.x;
    });
    return logitsOf(policy, x);
  });
}
