/**
 * Blind baselines: what answers that never read the findings get right. Items whose findings decide leave them at chance.
 *
 * | baseline | chooses |
 * |---|---|
 * | first | the option that the prompt shows first |
 * | longest | the option with the most characters |
 * | options-only | by naive Bayes on names of options and their words |
 * | name frequency | the option that was right most often in training |
 * | name mentions | the option that most training items name |
 * | findings-blind | by naive Bayes on everything in the prompt but the evidence, with each option's name and place |
 *
 * Those that learn do so on the training items of the same file, of all families together and of the question's own family and
 * field, each as features of their own.
 *
 * @module
 */
import type { RandomStream } from "../../runtime/mod.ts";
import type { Decision, Item } from "../item.ts";
import { learnWeights, newVocabulary, pairOf, type Vocabulary } from "./naive_bayes.ts";
import { normalizeText } from "../overlap.ts";
import { bestPlaces, type Question, questionsOf, withoutPhrase, wordsIn } from "./questions.ts";

/** Scores of a question's options, the highest is chosen; undefined where the question is none for this guesser. */
export type Guesser = (question: Question) => readonly number[] | undefined;

/**
 * How a guesser decides: the option with its highest score, one of several by lot, and any where the question is none for it.
 *
 * @param guess The guesser.
 * @param random Draws among equals.
 * @returns From an item and a decision of its own, the place of an option in that decision.
 */
export function decideBy(
  guess: Guesser,
  random: RandomStream,
): (item: Item, decision: Decision) => number {
  const known = new WeakMap<Decision, readonly number[]>();
  return (item, decision) => {
    let best = known.get(decision);
    if (best === undefined) {
      const question = questionsOf([item])[item.decisions.indexOf(decision)]!;
      const scores = guess(question) ?? question.options.map(() => 0);
      known.set(decision, best = bestPlaces(scores).map((place) => question.places[place]!));
    }
    return random.pick(best);
  };
}

/** What guessers learn from. */
export interface Training {
  /** Items of the training split. */
  readonly items: readonly Item[];
  /** Their questions. */
  readonly questions: readonly Question[];
}

/** The names of the blind baselines. */
export const blindBaselines = [
  "first",
  "longest",
  "options-only",
  "name frequency",
  "name mentions",
  "findings-blind",
] as const;

/** One of {@linkcode blindBaselines}. */
export type BlindBaseline = (typeof blindBaselines)[number];

/** Features of an option under contexts; every context counts in all families and in the scope of the question. */
function optionFeatures(
  vocabulary: Vocabulary,
  scope: string,
  contexts: readonly string[],
  parts: readonly string[],
): number[] {
  const words = [...new Set(parts)].map(vocabulary);
  return contexts.flatMap((context) =>
    ["", scope].flatMap((place) => {
      const number = vocabulary(`${place} ${context}`);
      return words.map((word) => pairOf(number, word));
    })
  );
}

/** Naive Bayes on features of options. */
function naiveBayes(
  questions: readonly Question[],
  featuresOf: (question: Question) => readonly (readonly number[])[] | undefined,
): Guesser {
  const score = learnWeights(
    questions.values().map((question) => ({
      options: featuresOf(question) ?? [],
      answer: question.answer,
    })),
  );
  return (question) => featuresOf(question)?.map(score);
}

function optionsOnly({ questions }: Training): Guesser {
  const vocabulary = newVocabulary();
  return naiveBayes(
    questions,
    ({ options, scope }) =>
      options.map((option) =>
        optionFeatures(vocabulary, scope, [""], [`name ${option}`, ...wordsIn(option)])
      ),
  );
}

/** The words of a prompt without its evidence and without the options of the question. */
function otherWords({ item, options }: Question, evidence: string): string[] {
  let text = normalizeText(item.prompt).replaceAll(normalizeText(evidence), " ");
  for (const option of options.toSorted((a, b) => b.length - a.length)) {
    text = withoutPhrase(text, option).text;
  }
  return [...new Set(wordsIn(text))];
}

function findingsBlind({ questions }: Training): Guesser {
  const vocabulary = newVocabulary();
  return naiveBayes(questions, (question) => {
    const { item: { evidence }, options, scope } = question;
    if (evidence === undefined) return undefined;
    const contexts = ["", ...otherWords(question, evidence)];
    return options.map((option, place) =>
      optionFeatures(vocabulary, scope, contexts, [`name ${option}`, `place ${place}`])
    );
  });
}

function nameFrequency({ questions }: Training): Guesser {
  const right = new Map<string, number>();
  for (const { options, answer } of questions) {
    right.set(options[answer]!, (right.get(options[answer]!) ?? 0) + 1);
  }
  return ({ options }) => options.map((option) => right.get(option) ?? 0);
}

function nameMentions({ items }: Training): Guesser {
  const texts = items.map(({ prompt, reference }) =>
    ` ${wordsIn(`${prompt}\n${reference}`).join(" ")} `
  );
  const withWord = new Map<string, number[]>();
  for (const [number, text] of texts.entries()) {
    for (const word of new Set(text.trim().split(" "))) {
      const numbers = withWord.get(word);
      if (numbers === undefined) withWord.set(word, [number]);
      else numbers.push(number);
    }
  }
  const known = new Map<string, number>();
  const mentioned = (name: string): number => {
    const words = wordsIn(name);
    const rarest = words.map((word) => withWord.get(word) ?? []).sort((a, b) =>
      a.length - b.length
    );
    return (rarest[0] ?? []).filter((number) => texts[number]!.includes(` ${words.join(" ")} `))
      .length;
  };
  return ({ options }) =>
    options.map((option) => {
      let count = known.get(option);
      if (count === undefined) known.set(option, count = mentioned(option));
      return count;
    });
}

/**
 * The blind baselines.
 *
 * @param training What they learn from.
 * @returns A guesser for each; those that learn are left out where training asks nothing.
 */
export function learnBlindBaselines(training: Training): Map<BlindBaseline, Guesser> {
  const guessers = new Map<BlindBaseline, Guesser>([
    ["first", ({ options }) => options.map((_, place) => -place)],
    ["longest", ({ options }) => options.map((option) => option.length)],
  ]);
  if (training.questions.length > 0) {
    guessers.set("options-only", optionsOnly(training))
      .set("name frequency", nameFrequency(training));
  }
  if (training.items.length > 0) guessers.set("name mentions", nameMentions(training));
  if (training.questions.some(({ item }) => item.evidence !== undefined)) {
    guessers.set("findings-blind", findingsBlind(training));
  }
  return guessers;
}
