/**
 * Decisions among options, asked by likelihood: what a model would rather write in the field that states the decision, of all
 * options that the prompt shows. No form has to be kept, so that a score says what a model knows and nothing of its manners.
 *
 * A model prefers some options whatever the patient has: shorter ones, commoner ones, the first. In a group of patients that
 * differ in their findings alone such a preference decides all of them alike and hides what the findings say. So the decision
 * is read off what the findings add: the log-likelihood of an option less that after the same prompt without them, the pointwise
 * mutual information of option and findings (Holtzman et al. 2021, arXiv 2104.08315; `acc_mutual_info` of
 * lm-evaluation-harness). What the likelihood alone says stands beside it.
 *
 * @module
 */
import { type LanguageModel, logLikelihoods, renderChat } from "../model/mod.ts";
import { type OnProgress, type RandomStream, randomStream } from "../runtime/mod.ts";
import { blindPrompt, type Decision, type Item, shuffleOptions } from "../synthesis/mod.ts";

/** How a model decided. */
export interface DecisionOutcome {
  /** Id of the item. */
  readonly id: string;
  /** Its family. */
  readonly family: string;
  /** What is independent of other outcomes: the counterfactual group, or the item. */
  readonly unit: string;
  /** Field that states the decision. */
  readonly field: string;
  /** Number of options. */
  readonly options: number;
  /** Place of the right one. */
  readonly answer: number;
  /** Place of the one that the findings speak for; the likeliest in an item without findings. */
  readonly predicted: number;
  /** Place of the likeliest one, by log-likelihood a token. */
  readonly likeliest: number;
  /** What speaks for each option, in nats: its log-likelihood, less that without the findings where there are any. */
  readonly scores: readonly number[];
}

const letters = "ABCD";

/** Text that leads up to the options of a decision, and the options as they go on from there. */
function continuationsOf(
  item: Item,
  { where, options }: Decision,
): { readonly lead: string; readonly continuations: readonly string[] } {
  if (where.format === "json") {
    return { lead: `{"${where.field}": "`, continuations: options.map((option) => `${option}"`) };
  }
  if (where.format === "text") return { lead: "", continuations: options };
  const lettered = item.checks.some((check) =>
    check.kind === "choice" && check.options.every((option, i) => option === options[i])
  );
  return {
    lead: `${where.field}:`,
    continuations: options.map((option, i) =>
      lettered ? ` ${letters[i]}. ${option}` : ` ${option}`
    ),
  };
}

/** What decisions are asked with. */
export interface DecisionOptions {
  /** The model. */
  readonly language: LanguageModel;
  /** Items; those without decisions are passed over. */
  readonly items: readonly Item[];
  /** System message before each. */
  readonly system: string;
  /** Seed of the order of the options; the order of the prompt when left out. */
  readonly seed?: number;
  /** Called with the number of decisions scored. */
  readonly onProgress?: OnProgress | undefined;
}

/**
 * Lets a model decide.
 *
 * @param options Model and items.
 * @returns An outcome for each decision of each item, in their order.
 */
export async function decide(options: DecisionOptions): Promise<DecisionOutcome[]> {
  const { language, system, seed, onProgress } = options;
  const asked = options.items.flatMap((given) => {
    const item = seed === undefined
      ? given
      : shuffleOptions(given, randomStream(seed, "options", given.id));
    const chats = promptsOf(item).map((prompt) =>
      renderChat(language.tokenizer, [
        { role: "system", content: system },
        { role: "user", content: prompt },
      ], { addGenerationPrompt: true })
    );
    return item.decisions.map((decision) => ({ item, decision, chats }));
  });
  const requests = asked.flatMap(({ item, decision, chats }) => {
    const { lead, continuations } = continuationsOf(item, decision);
    return chats.flatMap((chat) =>
      continuations.map((continuation) => ({
        context: chat + lead,
        continuation,
        chat: true as const,
      }))
    );
  });
  const found = await logLikelihoods(language, requests, onProgress);
  let next = 0;
  return asked.map(({ item, decision: { where, options: shown, answer }, chats }) => {
    const [given, blind] = chats.map(() => found.slice(next, next += shown.length));
    const likeliest = placeOfMost(given!.map(({ logprob, tokens }) => logprob / tokens));
    const scores = given!.map(({ logprob }, i) => logprob - (blind?.[i]?.logprob ?? 0));
    return {
      id: item.id,
      family: item.family,
      unit: item.group ?? item.id,
      field: where.format === "text" ? "" : where.field,
      options: shown.length,
      answer,
      predicted: blind === undefined ? likeliest : placeOfMost(scores),
      likeliest,
      scores,
    };
  });
}

/**
 * Draws an option with probability proportional to the exponential of its score: a model that has no opinion guesses.
 *
 * @param outcome What a model was asked.
 * @param random Draws.
 * @returns The place of the option.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { randomStream } from "../runtime/mod.ts";
 * import { drawOption } from "./decisions.ts";
 *
 * const random = randomStream(0, "draws");
 * const drawn = Array.from({ length: 1000 }, () => drawOption({ scores: [0, Math.log(3)] }, random));
 * const share = drawn.filter((place) => place === 1).length / 1000;
 * assertEquals(share > 0.7 && share < 0.8, true);
 * ```
 */
export function drawOption(
  { scores }: Pick<DecisionOutcome, "scores">,
  random: RandomStream,
): number {
  const most = Math.max(...scores);
  const weights = scores.map((score) => Math.exp(score - most));
  let left = random.next() * weights.reduce((sum, weight) => sum + weight);
  for (const [place, weight] of weights.entries()) {
    left -= weight;
    if (left < 0) return place;
  }
  return scores.length - 1;
}

/** The prompt and, where it holds findings, the same without them. */
function promptsOf(item: Item): string[] {
  const blind = blindPrompt(item);
  return blind === item.prompt ? [item.prompt] : [item.prompt, blind];
}

const placeOfMost = (values: readonly number[]): number => values.indexOf(Math.max(...values));
