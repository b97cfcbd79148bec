/**
 * A language model on closed lists of answers. The policy over the answers C(x) to a prompt x is
 * `pi(c | x) = softmax over C(x) of l(c | x) / temperature`, with l the answer's log-likelihood, so that the mean
 * reward `J_i = mean_x sum_c pi(c | x) r_i(x, c)` and its gradient are sums over all answers: nothing is sampled, and
 * THEORY.md can be checked on the model itself.
 *
 * @module
 */

import {
  basePolicy,
  type Batch,
  checkContext,
  encodeCompletion,
  encodePrompt,
  packTrees,
  type PromptGroup,
  scoreBatch,
  type ScoreOptions,
  type Tokenizer,
  topLayers,
  type Transformer,
  withLowerLayers,
} from "../model/mod.ts";
import { type OnProgress, UsageError } from "../runtime/mod.ts";
import type { ClosedPrompt } from "../synthesis/mod.ts";

/** What l is, the names of {@linkcode AnswerLikelihood}. */
export const answerLikelihoods = ["per_token", "from_start", "sequence"] as const;

/**
 * `per_token`: an answer's mean log-probability a token, so that long answers are not starved. `from_start`: its
 * log-probability less that of the model as the laboratory was opened, so that all answers start equally likely.
 *
 * `sequence` is another policy: the model's own on free text, of which the answers are a part. `pi(c | x)` is the probability
 * of sampling the answer with its end token and nothing else, at a temperature that divides the logits of every token; it
 * does not add up to 1. Where any other text earns 0, `J_i` is the mean reward of sampled text.
 */
export type AnswerLikelihood = typeof answerLikelihoods[number];

/** What {@linkcode openLaboratory} needs. */
export interface LaboratoryOptions {
  /** The model. */
  readonly model: Transformer;
  /** Its tokenizer. */
  readonly tokenizer: Tokenizer;
  /** System message in front of every prompt; the chat template's own when left out. */
  readonly system?: string | undefined;
  /** The population. */
  readonly prompts: readonly ClosedPrompt[];
  /** Names of the rewards, [m]. */
  readonly rewardNames: readonly string[];
  /** What l is divided by, or the sampling temperature of `sequence`; 0.3 when left out. */
  readonly temperature?: number;
  /** What l is; `per_token` when left out. */
  readonly likelihood?: AnswerLikelihood;
  /** Prompts that are computed at a time; 8 when left out. */
  readonly batchPrompts?: number;
  /**
   * Number of last layers that are trained. What the layers below them compute is kept then, `4 D` bytes a token (D the
   * width of the residual stream), and the laboratory's model is that of the last layers alone. All when left out.
   */
  readonly topLayers?: number | undefined;
  /** Told of the prompts that are encoded and, with `topLayers`, computed up to them. */
  readonly onProgress?: OnProgress | undefined;
}

/** Prompts that are computed together. */
export interface LaboratoryBatch {
  /** Their tokens, equal beginnings once. */
  readonly batch: Batch;
  /** Which prompts of the laboratory they are. */
  readonly members: readonly number[];
  /** The tokens of each of them and its answers. */
  readonly groups: readonly PromptGroup[];
  /** Which of the batch's scored tokens every answer consists of, `[members][answers][tokens]`. */
  readonly tokens: readonly (readonly Int32Array[])[];
  /** What an answer's summed log-probability is measured from, `[members][answers]`. */
  readonly starts: readonly (readonly number[])[];
}

/** A language model with a population of prompts. */
export interface Laboratory {
  /** Names of the rewards, [m]. */
  readonly rewardNames: readonly string[];
  /** The population. */
  readonly prompts: readonly ClosedPrompt[];
  /** The model, or its last layers: what trainables are made for. */
  readonly model: Transformer;
  /** What l is divided by, or the sampling temperature of `sequence`. */
  readonly temperature: number;
  /** What l is. */
  readonly likelihood: AnswerLikelihood;
  /** The prompts, encoded: those on which the same rewards vary together, the short ones first. */
  readonly batches: readonly LaboratoryBatch[];
}

/** Lengths are padded to a multiple of this: a population's shapes are the same at every step. */
const LENGTH_MULTIPLE = 8;

/** Checks a prompt against the laboratory's rewards. */
function checkPrompt({ id, answers, rewards }: ClosedPrompt, rewardNames: readonly string[]): void {
  const fail = (what: string, expected: string, found: unknown): never => {
    throw new UsageError(`Expected ${what} of prompt ${id} to be ${expected} but found ${found}`);
  };
  if (answers.length < 2) fail("answers", "at least 2", answers.length);
  if (rewards.length !== answers.length) {
    fail("rewards", `those of ${answers.length} answers`, rewards.length);
  }
  rewards.forEach((row, a) => {
    if (row.length !== rewardNames.length) {
      fail(`rewards[${a}]`, `${rewardNames.length} numbers`, row.length);
    }
    row.forEach((value, i) => {
      if (!Number.isFinite(value)) fail(`rewards[${a}] ${rewardNames[i]}`, "finite", value);
    });
  });
}

/** Whether a reward tells the answers to a prompt apart: its gradient is 0 otherwise. */
export function varies(rewards: ClosedPrompt["rewards"], reward: number): boolean {
  return rewards.some((row) => row[reward] !== rewards[0]![reward]);
}

/** Encodes a prompt with its answers. */
function encode(
  { model, tokenizer, system }: LaboratoryOptions,
  { id, prompt, answers }: ClosedPrompt,
): PromptGroup {
  const group = {
    prompt: encodePrompt(tokenizer, prompt, system),
    completions: answers.map((answer) => encodeCompletion(tokenizer, answer)),
  };
  const empty = group.completions.findIndex((tokens) => tokens.length === 0);
  if (empty >= 0) {
    throw new UsageError(
      `Expected answers[${empty}] of prompt ${id} to have a token but found none`,
    );
  }
  const longest = group.prompt.length + Math.max(...group.completions.map((c) => c.length));
  const name = `prompt ${id} with its longest answer`;
  checkContext(model.config, [{ name, tokens: longest }]);
  return group;
}

/**
 * Summed log-probability of every answer of a batch, `[members][answers]`.
 *
 * @param part the prompts
 * @param logProbs log-probabilities of the batch's tokens, `[n]`
 * @returns the sums, in double precision
 */
export function answerSums(
  { tokens }: Pick<LaboratoryBatch, "tokens">,
  logProbs: Float32Array,
): number[][] {
  return tokens.map((answers) =>
    answers.map((own) => own.reduce((sum, token) => sum + logProbs[token]!, 0))
  );
}

/**
 * How a laboratory scores tokens.
 *
 * @param lab its policy
 * @returns what tokens' logits are divided by
 */
export function scoring(
  { temperature, likelihood }: Pick<Laboratory, "temperature" | "likelihood">,
): ScoreOptions {
  return likelihood === "sequence" ? { temperature } : {};
}

/** Encodes some prompts as a batch for `model`, the last layers of the whole. */
function laboratoryBatch(
  { model: whole, likelihood }: LaboratoryOptions,
  model: Transformer,
  groups: readonly PromptGroup[],
  members: readonly number[],
): LaboratoryBatch {
  const own = members.map((x) => groups[x]!);
  const { batch: packed, tokens } = packTrees(own, LENGTH_MULTIPLE);
  const { layers } = model.config;
  const batch = layers === whole.config.layers ? packed : withLowerLayers(whole, packed, layers);
  const starts = likelihood === "from_start"
    ? answerSums({ tokens }, scoreBatch(basePolicy(model), batch))
    : tokens.map((answers) => answers.map(() => 0));
  return { batch, members, groups: own, tokens, starts };
}

/**
 * Opens a laboratory: encodes the population in the model's chat format, and reads off what answers start from.
 *
 * @param options the model, the prompts with their answers and rewards, and the policy's temperature and likelihood
 * @returns the laboratory; free it with {@linkcode disposeLaboratory}. The model stays the caller's.
 * @throws UsageError when there is no prompt, a prompt has fewer than two answers, rewards do not fit or are not finite,
 * a text has no or too many tokens, or a number is out of range
 */
export function openLaboratory(options: LaboratoryOptions): Laboratory {
  const { prompts, rewardNames, temperature = 0.3 } = options;
  const { likelihood = "per_token", batchPrompts = 8 } = options;
  if (!(temperature > 0 && Number.isFinite(temperature))) {
    throw new UsageError(`Expected temperature to be a number above 0 but found ${temperature}`);
  }
  if (!(Number.isInteger(batchPrompts) && batchPrompts > 0)) {
    throw new UsageError(
      `Expected batchPrompts to be an integer above 0 but found ${batchPrompts}`,
    );
  }
  if (prompts.length === 0) throw new UsageError("Expected at least 1 prompt but found none");
  if (rewardNames.length === 0) throw new UsageError("Expected at least 1 reward but found none");
  prompts.forEach((prompt) => checkPrompt(prompt, rewardNames));
  const groups = prompts.map((prompt) => encode(options, prompt));
  const kinds = prompts.map(({ rewards }) =>
    Number.parseInt(rewardNames.map((_, i) => Number(varies(rewards, i))).join(""), 2)
  );
  const order = groups.map((_, x) => x).sort((a, b) =>
    kinds[a]! - kinds[b]! || groups[a]!.prompt.length - groups[b]!.prompt.length || a - b
  );
  const model = options.topLayers === undefined
    ? options.model
    : topLayers(options.model, options.topLayers);
  const batches: LaboratoryBatch[] = [];
  for (let start = 0; start < order.length; start += batchPrompts) {
    const members = order.slice(start, start + batchPrompts);
    batches.push(laboratoryBatch(options, model, groups, members));
    options.onProgress?.(start + members.length, order.length);
  }
  return { rewardNames, prompts, model, temperature, likelihood, batches };
}

/** Frees what a laboratory keeps; its model stays the caller's. */
export function disposeLaboratory({ batches }: Laboratory): void {
  for (const { batch } of batches) batch.residual?.dispose();
}
