/**
 * Sampling from a policy in batches: one prefill for each prompt, whose keys and values its K completions share, then
 * one token a step for all completions. Finished ones leave the batch.
 *
 * @module
 */

import {
  type OnProgress,
  type RandomStream,
  randomStream,
  recorded,
  tf,
  UsageError,
} from "../../runtime/mod.ts";
import {
  CACHE_BLOCK,
  compact,
  decodeStep,
  disposeCache,
  firstState,
  nextBlock,
  prefill,
} from "./decode.ts";
import type { GrammarState } from "../constraint/grammar.ts";
import type { Completion, SamplingOptions } from "./completion.ts";
import { generateAlone } from "./lookup.ts";
import { sampleRows } from "./sample.ts";
import { readyToDecode } from "./ready.ts";
import type { Policy } from "../core/transformer.ts";

/** A constraint alone says where a completion ends. */
function checkEnds({ constraint, stopIds, stop }: SamplingOptions): void {
  if (constraint === undefined) return;
  if (stop !== undefined) throw new UsageError("Expected no stop with a constraint but found one");
  const ends = new Set(constraint.endIds);
  if (new Set(stopIds).size !== ends.size || !stopIds.every((id) => ends.has(id))) {
    throw new UsageError(
      `Expected stopIds to be the constraint's end tokens ${[...ends]} but found ${
        JSON.stringify(stopIds)
      }`,
    );
  }
}

/**
 * Samples completions for each prompt (token ids): `[prompts][numGenerations]`.
 *
 * @throws UsageError when completions of a constraint could end by something else
 */
export async function generate(
  policy: Policy,
  prompts: readonly (readonly number[])[],
  options: SamplingOptions,
  onProgress?: OnProgress,
): Promise<Completion[][]> {
  checkEnds(options);
  const { numGenerations = 1, batchRows = 32, reference } = options;
  const policies = reference === undefined ? [policy] : [policy, reference];
  const rows = Math.min(batchRows, prompts.length * numGenerations);
  const { ready, free } = readyToDecode(policies, rows);
  try {
    const sampling = { ...options, numGenerations, batchRows };
    return await generateAll(ready, prompts, sampling, onProgress);
  } finally {
    free();
  }
}

async function generateAll(
  policies: readonly Policy[],
  prompts: readonly (readonly number[])[],
  options: SamplingOptions & { readonly numGenerations: number; readonly batchRows: number },
  onProgress?: OnProgress,
): Promise<Completion[][]> {
  const { numGenerations: K, batchRows, promptLookupNumTokens: guesses = 3 } = options;
  const groupsAtOnce = Math.max(1, Math.floor(batchRows / K));
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
    const [first] = members;
    const alone = policies.length === 1 && streams.length === 1;
    const completions = alone
      ? [await generateAlone(policies[0]!, prompts[first!]!, streams[0]!, options, guesses)]
      : await generateBatch(policies, members.map((p) => prompts[p]!), K, streams, options);
    members.forEach((p, g) => results[p] = completions.slice(g * K, (g + 1) * K));
    onProgress?.(Math.min(start + groupsAtOnce, order.length), order.length);
  }
  return results;
}

async function generateBatch(
  policies: readonly Policy[],
  prompts: readonly (readonly number[])[],
  generations: number,
  streams: readonly RandomStream[],
  options: SamplingOptions,
): Promise<Completion[]> {
  const { config } = policies[0]!;
  const stops = new Set(options.stopIds);
  const ids: number[][] = streams.map(() => []);
  const logProbs: number[][] = streams.map(() => []);
  const samplingLogProbs: number[][] = streams.map(() => []);
  const done: boolean[] = streams.map(() => false);
  const kl: number[][] = streams.map(() => []);
  const { constraint } = options;
  const states: (GrammarState | undefined)[] = streams.map(() => constraint?.start);
  const filled = policies.map((p) => prefill(p, prompts, generations));
  const penalizes = (options.repetitionPenalty ?? 1) !== 1;
  const full = { groups: prompts.length, width: generations };
  let K = generations;
  let state = firstState(filled[0]!.batch, filled.map(({ caches }) => caches), streams.length);
  const owners = tf.tensor1d(state.completions.map((c) => Math.floor(c / K)), "int32");
  let logits = filled.map(({ logits }) => tf.gather(logits, owners) as tf.Tensor2D);
  tf.dispose([owners, ...filled.map(({ logits }) => logits)]);
  for (let step = 0;; step++) {
    const held = penalizes
      ? state.completions.map((c, row) => [
        ...prompts[state.groups[Math.floor(row / K)]!]!,
        ...(ids[c] ?? []),
      ])
      : [];
    const masks = constraint && state.completions.map((c) => {
      const at = states[c];
      return at === undefined || done[c] ? undefined : constraint.allowed(at);
    });
    const drawn = sampleRows(
      logits[0]!,
      state.completions.map((c) => streams[c]),
      options,
      held,
      masks,
    );
    const sampled = drawn.ids;
    const divergence = logits[1] && divergenceOf(logits[0]!, logits[1], options.temperature || 1);
    tf.dispose(logits);
    state.completions.forEach((c, row) => {
      if (c < 0 || done[c]) return;
      ids[c]!.push(sampled[row]!);
      if (drawn.logProbs !== undefined) logProbs[c]!.push(drawn.logProbs[row]!);
      if (drawn.samplingLogProbs !== undefined) {
        samplingLogProbs[c]!.push(drawn.samplingLogProbs[row]!);
      }
      if (divergence !== undefined) kl[c]!.push(divergence[row]!);
      done[c] = stops.has(sampled[row]!) || (options.stop?.(ids[c]!) ?? false);
      const at = states[c];
      if (at !== undefined && !done[c]) states[c] = constraint!.advance(at, sampled[row]!);
    });
    if (step + 1 >= options.maxNewTokens || done.every((d) => d)) break;
    let tokens = sampled;
    const smaller = compact(state, K, done, full, config.kvHeads);
    if (smaller !== undefined) {
      tokens = Int32Array.from(smaller.kept, (r) => sampled[r]!);
      ({ state, K } = smaller);
    }
    if (step > 0 && step % CACHE_BLOCK === 0) {
      state.caches = state.caches.map((layers) => layers.map(nextBlock));
    }
    logits = policies.map((p, i) => decodeStep(p, state, state.caches[i]!, K, tokens, step));
    if (step % 8 === 7) await new Promise((resolve) => setTimeout(resolve, 0));
  }
  state.caches.flat().forEach(disposeCache);
  state.prefixMask.dispose();
  return ids.map((tokens, c) => ({
    ids: tokens,
    finished: done[c]!,
    ...(options.logProbs && { logProbs: logProbs[c]!, samplingLogProbs: samplingLogProbs[c]! }),
    ...(policies.length > 1 && { kl: kl[c]! }),
  }));
}

/** `sum_v p_v (log p_v - log q_v)` of each row, `[B]`, from logits `[B, V]`. */
function divergenceOf(
  logits: tf.Tensor2D,
  reference: tf.Tensor2D,
  temperature: number,
): Float32Array {
  const divergences = recorded(`divergence ${temperature}`, { logits, reference }, (t) => {
    const [p, q] = [t.logits, t.reference].map((x) => tf.logSoftmax(tf.div(x, temperature)));
    return tf.sum(tf.mul(tf.exp(p!), tf.sub(p!, q!)), -1);
  });
  const values = divergences.dataSync() as Float32Array;
  divergences.dispose();
  return values;
}
