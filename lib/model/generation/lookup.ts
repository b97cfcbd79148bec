/**
 * Sampling one completion alone, with the tokens that may come next looked up in the text so far (prompt lookup decoding, Saxena
 * 2023): where its last token stood before, what followed it there is guessed again. A pass over all weights takes
 * hardly longer for a few tokens than for one, and tells of each guess whether it is what would have been drawn. So the completion is the
 * same as without guesses, but for rounding.
 *
 * @module
 */

import { type RandomStream, tf } from "../../runtime/mod.ts";
import { extendSequence, type SequenceCache, withRoom } from "../core/sequence_cache.ts";
import type { GrammarState } from "../constraint/grammar.ts";
import type { Policy } from "../core/transformer.ts";
import { logitsOf, prefill } from "./decode.ts";
import type { Completion, SamplingOptions } from "./completion.ts";
import { sampleRows } from "./sample.ts";

/**
 * What followed the last earlier place of a text's last token.
 *
 * @param ids the text
 * @param most tokens at most
 * @returns the tokens; none where the last token stands for the first time
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { lookUp } from "./lookup.ts";
 *
 * assertEquals(lookUp([7, 1, 2, 3, 4, 1], 3), [2, 3, 4]);
 * assertEquals(lookUp([7, 1, 2], 3), []);
 * ```
 */
export function lookUp(ids: readonly number[], most: number): number[] {
  const at = ids.lastIndexOf(ids.at(-1)!, -2);
  return at < 0 ? [] : ids.slice(at + 1, at + 1 + most);
}

/**
 * Samples one completion of one prompt.
 *
 * @param policy the model, updates merged
 * @param prompt its tokens
 * @param stream draws the tokens, one number each
 * @param options how to sample
 * @param guesses tokens that are guessed at a time at most
 */
export async function generateAlone(
  policy: Policy,
  prompt: readonly number[],
  stream: RandomStream,
  options: SamplingOptions,
  guesses: number,
): Promise<Completion> {
  const { maxNewTokens, stopIds, constraint } = options;
  const filled = prefill(policy, [prompt], 1);
  let caches = filled.caches.map(
    ({ promptKeys: keys, promptValues: values, latest }): SequenceCache => {
      latest.dispose();
      return { keys, values };
    },
  );
  let logits = filled.logits;
  // Tokens that are guessed, and where the constraint stands before each of them and behind the last.
  let guessed: readonly number[] = [];
  let states: readonly (GrammarState | undefined)[] = [constraint?.start];
  const penalizes = (options.repetitionPenalty ?? 1) !== 1;
  const ids: number[] = [];
  const logProbs: number[] = [];
  const samplingLogProbs: number[] = [];
  const draws: number[] = [];
  let finished = false;
  for (let pass = 0;; pass++) {
    // Row i is what comes behind the first i guesses; rows behind those only fill up.
    const rows = Array.from({ length: logits.shape[0] }, (_, i) => i <= guessed.length);
    while (draws.length <= guessed.length) draws.push(stream.next());
    const drawn = sampleRows(
      logits,
      rows.map((used, i) => used ? { next: () => draws[i]! } : undefined),
      options,
      penalizes
        ? rows.map((used, i) => used ? [...prompt, ...ids, ...guessed.slice(0, i)] : [])
        : [],
      constraint && rows.map((used, i) => used ? constraint.allowed(states[i]!) : undefined),
    );
    logits.dispose();
    let state: GrammarState | undefined;
    let row = 0;
    for (;; row++) {
      const token = drawn.ids[row]!;
      ids.push(token);
      if (drawn.logProbs !== undefined) logProbs.push(drawn.logProbs[row]!);
      if (drawn.samplingLogProbs !== undefined) samplingLogProbs.push(drawn.samplingLogProbs[row]!);
      finished = stopIds.includes(token) || (options.stop?.(ids) ?? false);
      if (!finished && constraint !== undefined) state = constraint.advance(states[row]!, token);
      if (finished || ids.length >= maxNewTokens || guessed[row] !== token) break;
    }
    if (finished || ids.length >= maxNewTokens) break;
    draws.splice(0, row + 1);
    ({ guessed, states } = allowedGuesses(
      lookUp([...prompt, ...ids], Math.min(guesses, maxNewTokens - ids.length - 1)),
      options,
      state,
    ));
    const width = guessed.length === 0 ? 1 : guesses + 1;
    const start = prompt.length + ids.length - 1;
    caches = caches.map((cache) => withRoom(cache, start + width));
    const tokens = Array.from({ length: width }, (_, t) => [ids.at(-1)!, ...guessed][t] ?? 0);
    const x = extendSequence(policy, caches, tokens, start);
    logits = logitsOf(policy, x);
    x.dispose();
    if (pass % 8 === 7) await new Promise((resolve) => setTimeout(resolve, 0));
  }
  for (const { keys, values } of caches) tf.dispose([keys, values]);
  return { ids, finished, ...(options.logProbs && { logProbs, samplingLogProbs }) };
}

/** The guesses up to the first that would end the completion or that a constraint does not allow, and its states around them. */
function allowedGuesses(
  guesses: readonly number[],
  { stopIds, constraint }: SamplingOptions,
  state: GrammarState | undefined,
): { guessed: readonly number[]; states: readonly (GrammarState | undefined)[] } {
  const states = [state];
  for (const [i, token] of guesses.entries()) {
    const at = states[i];
    const allowed = at === undefined || constraint!.allowed(at)[token] === 1;
    if (stopIds.includes(token) || !allowed) return { guessed: guesses.slice(0, i), states };
    states.push(at === undefined ? undefined : constraint!.advance(at, token));
  }
  return { guessed: guesses, states };
}
