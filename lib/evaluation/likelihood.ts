/**
 * What benchmarks ask of a model, and the ranking of choices by likelihood that they share.
 *
 * A model is two functions: one completes prompts, the other says how likely a continuation is. A question's
 * choices are ranked by the log-likelihood of their text after the question's, raw or divided by its length in
 * tokens or in UTF-8 bytes (Brown et al., arXiv 2005.14165; acc, acc_norm of lm-evaluation-harness).
 *
 * @module
 */
import type { Likelihood, LikelihoodRequest } from "../model/mod.ts";
import { type OnProgress, UsageError, WorkbenchError } from "../runtime/mod.ts";
import { type Interval, wilsonInterval } from "./intervals.ts";

/** Completes user messages: prompts in, completions out, in the same order. Temperature 0 is greedy. */
export type Complete = (
  prompts: readonly string[],
  options: {
    readonly maxNewTokens: number;
    readonly temperature: number;
    readonly seed: number;
  },
  onProgress?: OnProgress,
) => Promise<string[]>;

/**
 * Scores continuations; a space between context and continuation belongs to the continuation. The two are encoded
 * together and then split, since a context encoded by itself may end in another token. Requests with the same context
 * stand next to each other.
 */
export type LogLikelihood = (
  requests: readonly LikelihoodRequest[],
  onProgress?: OnProgress,
) => Promise<Likelihood[]>;

/** What a log-likelihood is divided by before choices are compared: nothing, tokens, or UTF-8 bytes. */
export const normalizations = ["sum", "token", "byte"] as const;

/** One of {@linkcode normalizations}. */
export type Normalization = typeof normalizations[number];

/** A question with a closed list of answers. */
export interface ChoiceQuestion {
  /** Names the question. */
  readonly id: string;
  /** Text before the choice. */
  readonly context: string;
  /** Choices as continuations, their leading space included. */
  readonly continuations: readonly string[];
  /** Index of the right choice. */
  readonly answer: number;
}

/** How a model ranked one question's choices. */
export interface ChoiceOutcome {
  /** The question's id. */
  readonly id: string;
  /** Index of the right choice. */
  readonly answer: number;
  /** Summed log-likelihood of each choice. */
  readonly logprobs: readonly number[];
  /** Tokens of each choice. */
  readonly tokens: readonly number[];
  /** UTF-8 bytes of each choice, its leading space included. */
  readonly bytes: readonly number[];
  /** Index of the likeliest choice under each normalisation; the first of equals. */
  readonly predicted: Readonly<Record<Normalization, number>>;
}

/**
 * Ranks the choices of questions by likelihood.
 *
 * @param questions The questions.
 * @param loglikelihood The model.
 * @param onProgress Called with the number of requests done.
 * @returns One outcome for each question, in the same order.
 * @throws {UsageError} If there is no question, or one has a choice twice: which of equals is right cannot be told.
 * @throws {WorkbenchError} If the model gives another number of answers, or one that is not a number.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { rankChoices } from "./likelihood.ts";
 *
 * const questions = [{ id: "a", context: "1 + 1 =", continuations: [" 3", " 2"], answer: 1 }];
 * const outcomes = await rankChoices(questions, (requests) =>
 *   Promise.resolve(requests.map((r) => ({ logprob: r.continuation === " 2" ? -1 : -4, tokens: 1 }))));
 * assertEquals(outcomes[0]?.predicted, { sum: 1, token: 1, byte: 1 });
 * ```
 */
export async function rankChoices(
  questions: readonly ChoiceQuestion[],
  loglikelihood: LogLikelihood,
  onProgress?: OnProgress,
): Promise<ChoiceOutcome[]> {
  if (questions.length === 0) {
    throw new UsageError("Expected at least one question but found none");
  }
  for (const { id, continuations } of questions) {
    const twice = continuations.find((text, i) => continuations.indexOf(text) !== i);
    if (twice !== undefined) {
      throw new UsageError(
        `Expected different choices but found ${JSON.stringify(twice)} twice in question ${id}`,
      );
    }
  }
  const requests = questions.flatMap(({ context, continuations }) =>
    continuations.map((continuation) => ({ context, continuation }))
  );
  const answers = await loglikelihood(requests, onProgress);
  if (answers.length !== requests.length) {
    throw new WorkbenchError(
      `Expected ${requests.length} log-likelihoods but found ${answers.length}`,
    );
  }
  let next = 0;
  return questions.map(({ id, continuations, answer }) => {
    const own = answers.slice(next, next += continuations.length);
    const bad = own.find(({ logprob, tokens }) => Number.isNaN(logprob) || !(tokens > 0));
    if (bad !== undefined) {
      throw new WorkbenchError(
        `Expected log-likelihoods of one token or more for ${id} but found ${bad.logprob} for ${bad.tokens} tokens`,
      );
    }
    const logprobs = own.map((a) => a.logprob);
    const tokens = own.map((a) => a.tokens);
    const bytes = continuations.map((text) => new TextEncoder().encode(text).length);
    const predicted = {
      sum: indexOfMax(logprobs),
      token: indexOfMax(logprobs.map((v, i) => v / tokens[i]!)),
      byte: indexOfMax(logprobs.map((v, i) => v / bytes[i]!)),
    };
    return { id, answer, logprobs, tokens, bytes, predicted };
  });
}

/** Index of the largest value, the first of equals. */
function indexOfMax(values: readonly number[]): number {
  return values.reduce((best, value, i) => value > values[best]! ? i : best, 0);
}

/** How often each choice was predicted, and how often that was right. */
export interface ChoiceSummary extends Interval {
  /** Number of questions. */
  readonly n: number;
  /** Share of right predictions; `low` and `high` are its 95 % Wilson limits. */
  readonly accuracy: number;
  /** Number of predictions of each choice, by index: a lone large one means that the model does not read. */
  readonly predicted: readonly number[];
}

/**
 * Sums up predictions.
 *
 * @param outcomes Outcomes of one or more questions.
 * @param normalization The ranking to look at.
 * @returns Accuracy with n and interval, and the distribution of predictions.
 */
export function summarizeChoices(
  outcomes: readonly ChoiceOutcome[],
  normalization: Normalization,
): ChoiceSummary {
  const predicted: number[] = new Array(
    Math.max(...outcomes.map((o) => o.logprobs.length)),
  ).fill(0);
  let right = 0;
  for (const outcome of outcomes) {
    const index = outcome.predicted[normalization];
    predicted[index]! += 1;
    if (index === outcome.answer) right += 1;
  }
  const n = outcomes.length;
  return { n, accuracy: right / n, ...wilsonInterval(right, n), predicted };
}
