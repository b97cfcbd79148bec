/**
 * Decisions among options, asked by likelihood: what a model would rather write in the field that states the decision, of all
 * options that the prompt shows. No form has to be kept, so that a score says what a model knows and nothing of its manners.
 *
 * @module
 */
import { type LanguageModel, logLikelihoods, renderChat } from "../model/mod.ts";
import { type OnProgress, randomStream } from "../runtime/mod.ts";
import { type Decision, type Item, shuffleOptions } from "../synthesis/mod.ts";

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
  /** Place of the likeliest one, by log-likelihood a token. */
  readonly predicted: number;
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
    return item.decisions.map((decision) => ({ item, decision }));
  });
  const requests = asked.flatMap(({ item, decision }) => {
    const chat = renderChat(language.tokenizer, [
      { role: "system", content: system },
      { role: "user", content: item.prompt },
    ], { addGenerationPrompt: true });
    const { lead, continuations } = continuationsOf(item, decision);
    return continuations.map((continuation) => ({
      context: chat + lead,
      continuation,
      chat: true as const,
    }));
  });
  const found = await logLikelihoods(language, requests, onProgress);
  let next = 0;
  return asked.map(({ item, decision: { where, options: shown, answer } }) => {
    const scores = found.slice(next, next += shown.length).map(({ logprob, tokens }) =>
      logprob / tokens
    );
    return {
      id: item.id,
      family: item.family,
      unit: item.group ?? item.id,
      field: where.format === "text" ? "" : where.field,
      options: shown.length,
      answer,
      predicted: scores.indexOf(Math.max(...scores)),
    };
  });
}
