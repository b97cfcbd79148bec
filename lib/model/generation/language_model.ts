/**
 * A tokenizer and a policy together: text in, text or likelihoods out.
 *
 * @module
 */

import { type OnProgress, UsageError } from "../../runtime/mod.ts";
import { commonLength, LENGTH_MULTIPLE, roundUp } from "../core/batch.ts";
import type { ModelConfig } from "../core/config.ts";
import { renderChat } from "../tokenizer/chat.ts";
import type { Completion, SamplingOptions } from "./completion.ts";
import { generate } from "./generate.ts";
import { scoreBatch } from "../core/score.ts";
import { packTrees } from "../core/token_trees.ts";
import type { Tokenizer } from "../tokenizer/tokenizer.ts";
import type { Policy } from "../core/transformer.ts";

/** A policy with the tokenizer that its ids belong to. */
export interface LanguageModel {
  /** Text to ids and back. */
  readonly tokenizer: Tokenizer;
  /** Predicts the next id. */
  readonly policy: Policy;
}

/** Ids of a user's message in the model's chat format, up to where the assistant's answer begins. */
export function encodePrompt(tokenizer: Tokenizer, message: string, system?: string): number[] {
  const messages = [
    ...(system === undefined ? [] : [{ role: "system", content: system }]),
    { role: "user", content: message },
  ];
  const text = renderChat(tokenizer, messages, { addGenerationPrompt: true });
  return tokenizer.encode(text, { addSpecial: false });
}

/**
 * Ids of an assistant's answer: its text and the token that ends it, which is the one that the chat template writes behind
 * an answer, or else the tokenizer's end token.
 */
export function encodeCompletion(tokenizer: Tokenizer, text: string): number[] {
  return [...tokenizer.encode(text, { addSpecial: false }), ...tokenizer.eosIds.slice(0, 1)];
}

/** A text whose length is compared with what a model was made for. */
export interface ContextUse {
  /** Names it in the message: "item 7". */
  readonly name: string;
  /** Its length in tokens, with what is to be added to it. */
  readonly tokens: number;
}

/**
 * Refuses texts that are longer than a model was made for, before anything is computed: nothing is cut, and beyond its
 * positions a model's answers are worth little.
 *
 * @param config the model's shape
 * @param texts what the model is to read and write
 * @throws {UsageError} for the first of them, with its length and the limit
 */
export function checkContext(
  { maxPositions }: Pick<ModelConfig, "maxPositions">,
  texts: Iterable<ContextUse>,
): void {
  for (const { name, tokens } of texts) {
    if (tokens <= maxPositions) continue;
    throw new UsageError(
      `Expected ${name} to have at most ${maxPositions} tokens but found ${tokens}; the model was made for no more: ` +
        "shorten it, or what is to be generated, or take a model with a longer context",
    );
  }
}

/** A completion as text. */
export interface TextCompletion extends Completion {
  /** The text, without special tokens. */
  readonly text: string;
}

/** How prompts are completed. */
export interface CompleteOptions extends Omit<SamplingOptions, "stopIds" | "stop"> {
  /** A completion also ends before the first of these texts; none of them with a constraint. */
  readonly stopStrings?: readonly string[];
}

/** The text up to the first of the stop strings. */
function beforeStop(text: string, stopStrings: readonly string[]): string {
  const ends = stopStrings.map((stop) => text.indexOf(stop)).filter((at) => at >= 0);
  return ends.length === 0 ? text : text.slice(0, Math.min(...ends));
}

/** Samples completions of encoded prompts as text: `[prompts][numGenerations]`. */
export async function completeEncoded(
  { tokenizer, policy }: LanguageModel,
  prompts: readonly (readonly number[])[],
  options: CompleteOptions,
  onProgress?: OnProgress,
): Promise<TextCompletion[][]> {
  const { stopStrings = [], ...sampling } = options;
  const { maxNewTokens } = sampling;
  checkContext(
    policy.config,
    prompts.map(({ length }, i) => ({
      name: `${
        prompts.length === 1 ? "the prompt" : `prompt ${i + 1}`
      } with ${maxNewTokens} new tokens`,
      tokens: length + maxNewTokens,
    })),
  );
  const textOf = (ids: readonly number[]) => tokenizer.decode(ids, { skipSpecial: true });
  const completions = await generate(
    policy,
    prompts,
    {
      ...sampling,
      stopIds: tokenizer.eosIds,
      ...(stopStrings.length > 0 && {
        stop: (ids) => stopStrings.some((stop) => textOf(ids).includes(stop)),
      }),
    },
    onProgress,
  );
  return completions.map((ofPrompt) =>
    ofPrompt.map((completion) => ({
      ...completion,
      text: beforeStop(textOf(completion.ids), stopStrings),
    }))
  );
}

/** Samples completions of chat prompts (one user message each): `[messages][numGenerations]`. */
export function complete(
  model: LanguageModel,
  messages: readonly string[],
  options: CompleteOptions & { readonly system?: string },
  onProgress?: OnProgress,
): Promise<TextCompletion[][]> {
  const { system, ...rest } = options;
  const prompts = messages.map((message) => encodePrompt(model.tokenizer, message, system));
  return completeEncoded(model, prompts, rest, onProgress);
}

/** A text and what may follow it. */
export interface LikelihoodRequest {
  /** What is given. */
  readonly context: string;
  /** What is scored. */
  readonly continuation: string;
  /** Whether the context is a rendered chat, which has its special tokens already; else the tokenizer's are put before. */
  readonly chat?: boolean;
}

/** Likelihood of a continuation. */
export interface Likelihood {
  /** Sum over its tokens of the log-probability, in nats. */
  readonly logprob: number;
  /** Number of its tokens. */
  readonly tokens: number;
}

/**
 * Encodes context and continuation as one text and cuts between tokens: one that spans the cut is scored. Tokens that the
 * tokenizer puts before a text belong to the context; those that it puts behind one are left out.
 */
export function splitEncoding(
  tokenizer: Tokenizer,
  { context, continuation, chat }: LikelihoodRequest,
): { prompt: number[]; completion: number[] } {
  const ids = tokenizer.encode(context + continuation, { addSpecial: false });
  const boundary = new TextEncoder().encode(context).length;
  let bytes = 0;
  const cut = ids.findIndex((id) => (bytes += tokenizer.tokenBytes(id).length) > boundary);
  const at = cut < 0 ? ids.length : cut;
  const prefix = chat ? [] : tokenizer.prefixIds ?? [];
  return { prompt: [...prefix, ...ids.slice(0, at)], completion: ids.slice(at) };
}

/** Most rows of the residual stream in a batch of likelihoods. */
const LIKELIHOOD_ROWS = 4096;

/** Most places in such a batch, which bounds what attention takes. */
const LIKELIHOOD_PLACES = 2 * LIKELIHOOD_ROWS;

/** A prompt with its continuations, and which requests these are. */
interface LikelihoodGroup {
  readonly prompt: readonly number[];
  readonly completions: number[][];
  readonly members: number[];
}

/** Requests with the same prompt together, and next to each other those that open alike. */
function likelihoodGroups(
  { tokenizer, policy }: LanguageModel,
  requests: readonly LikelihoodRequest[],
): LikelihoodGroup[] {
  const groups = new Map<string, LikelihoodGroup>();
  requests.forEach((request, i) => {
    const { prompt, completion } = splitEncoding(tokenizer, request);
    checkContext(policy.config, [{
      name: `the text ${JSON.stringify(request.context.slice(0, 60))} with what follows`,
      tokens: prompt.length + completion.length,
    }]);
    const key = prompt.join(",");
    const group = groups.get(key) ?? { prompt, completions: [], members: [] };
    groups.set(key, group);
    group.completions.push(completion);
    group.members.push(i);
  });
  return [...groups].sort(([a], [b]) => a < b ? -1 : 1).map(([, group]) => group);
}

/** Where the batch that starts with a group ends: the group behind the last that keeps the limits. */
function endOfBatch(groups: readonly LikelihoodGroup[], start: number): number {
  let [rows, longest] = [0, 0];
  for (let end = start; end < groups.length; end++) {
    const { prompt, completions } = groups[end]!;
    const size = prompt.length + completions.reduce((sum, { length }) => sum + length, 0);
    rows += size - (end === start ? 0 : commonLength([groups[end - 1]!.prompt, prompt]));
    longest = Math.max(longest, roundUp(size, LENGTH_MULTIPLE));
    const places = (end + 1 - start) * longest;
    if (end > start && (rows > LIKELIHOOD_ROWS || places > LIKELIHOOD_PLACES)) return end;
  }
  return groups.length;
}

/** Log-likelihood of each continuation given its context. What requests open with alike is computed once. */
export async function logLikelihoods(
  model: LanguageModel,
  requests: readonly LikelihoodRequest[],
  onProgress?: OnProgress,
): Promise<Likelihood[]> {
  const groups = likelihoodGroups(model, requests);
  const results: Likelihood[] = new Array(requests.length);
  for (let start = 0; start < groups.length;) {
    const end = endOfBatch(groups, start);
    const { batch, tokens } = packTrees(groups.slice(start, end));
    const logProbs = scoreBatch(model.policy, batch);
    groups.slice(start, end).forEach(({ members }, g) =>
      members.forEach((request, k) => {
        const own = tokens[g]![k]!;
        results[request] = {
          logprob: own.reduce((sum, token) => sum + logProbs[token]!, 0),
          tokens: own.length,
        };
      })
    );
    start = end;
    onProgress?.(start, groups.length);
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  return results;
}
