/**
 * What guessers get right in items: blind baselines, the form filler, and recall, each with an interval to hold against chance.
 *
 * The questions of a group, or of a case, depend on each other: in a whole counterfactual group a blind guesser is right exactly
 * once. So intervals are those of {@linkcode clusteredShare} over groups: as wide as Wilson's at least, wider where answers of a
 * group go together.
 *
 * @module
 */
import type { Knowledge } from "../knowledge/mod.ts";
import { type BlindChoice, commonAnswers, formFillings, ruleScores } from "../reward/mod.ts";
import { randomStream } from "../runtime/mod.ts";
import {
  capabilities,
  type Capability,
  decideBy,
  decidedOption,
  echo,
  guessCredit,
  type Guesser,
  type Item,
  learnBlindBaselines,
  learnMemory,
  type Question,
  questionsOf,
  renameEntities,
  shuffleEvidence,
  type TestSet,
  testSets,
} from "../synthesis/mod.ts";
import { average, bootstrapInterval, clusteredShare, type MeanInterval } from "./intervals.ts";

/** What one guesser gets right. */
export interface GuessResult {
  /** Questions that it answers. */
  readonly n: number;
  /** Groups, or cases, that they belong to. */
  readonly clusters: number;
  /** Mean over these questions of 1 / number of options. */
  readonly chance: number;
  /** Share of right answers; a tie counts by its odds. */
  readonly accuracy: number;
  /** Lower limit of the 95 % interval. */
  readonly low: number;
  /** Upper limit of the 95 % interval. */
  readonly high: number;
  /** Whether the interval holds chance. */
  readonly inside: boolean;
}

/** Results by the guesser's name. */
export type GuessResults = Readonly<Record<string, GuessResult>>;

/** What guessers get right in some questions. */
export interface GuessTable {
  /** Questions. */
  readonly n: number;
  /** Mean over them of 1 / number of options; null without questions. */
  readonly chance: number | null;
  /** Those that never read the findings: they must not leave chance. */
  readonly baselines: GuessResults;
  /** Those that do: `echo` looks for the options' letters in the findings, `memory` recalls training claims. */
  readonly floors: GuessResults;
  /** Memory with the findings of others, and with invented names: both must be at chance. */
  readonly controls: GuessResults;
}

/** What guessers get right in a family. */
export interface FamilyGuesses extends GuessTable {
  /** Test items that state no decision; nothing is known of these. */
  readonly withoutDecisions: number;
  /** The same by test set. */
  readonly sets: Readonly<Partial<Record<TestSet, GuessTable>>>;
  /**
   * Rule scores that forms earn on whole items, by what decides in them (at random in those of the form filler, which fills the
   * other fields of all of them) and by each capability that the items speak for; means over groups.
   */
  readonly scores: Readonly<Record<string, Readonly<Partial<Record<Capability, MeanInterval>>>>>;
}

/** Times that each form is filled. */
const fillings = 3;

/** Guessers that whole items are answered by, besides the form filler. */
const answering = ["name frequency", "findings-blind", "memory"];

/** Chance that a guesser answers a question rightly, in [0, 1]. */
type Credit = (question: Question) => number | undefined;

/** The credit of a guesser, which answers each question once: a question stands in several tables. */
function creditOf(guess: Guesser): Credit {
  const known = new WeakMap<Question, number>();
  return (question) => {
    let credit = known.get(question);
    if (credit === undefined) {
      const scores = guess(question);
      if (scores === undefined) return undefined;
      known.set(question, credit = guessCredit(scores, question.answer));
    }
    return credit;
  };
}

/** What stands in filled forms. */
interface Filled {
  /** Mean score by capability. */
  readonly scores: Readonly<Partial<Record<Capability, number>>>;
  /** Share of right answers by decision, in their order; a field without one option counts as a guess. */
  readonly credits: readonly number[];
}

/** Fills the forms of items, by one's own choice among options. */
type Fill = (items: readonly Item[], choose?: BlindChoice) => ReadonlyMap<Item, Filled>;

function fillerOf(train: readonly Item[], knowledge: Knowledge): Fill {
  const common = commonAnswers(train, knowledge);
  return (items, choose) =>
    new Map(items.map((item) => {
      const options = { fillings, seed: 0, ...(choose && { choose }) };
      const answers = formFillings(item, knowledge, common, options);
      const rewards = answers.map((answer) => ruleScores(item, answer, knowledge));
      const scores = capabilities.flatMap((capability) => {
        const own = rewards.flatMap((reward) => reward[capability] ?? []);
        return own.length === 0 ? [] : [[capability, average(own)] as const];
      });
      const credits = item.decisions.map((decision) =>
        average(answers.map((answer) => {
          const stated = decidedOption(decision, answer);
          if (stated === undefined) return 1 / decision.options.length;
          return stated === decision.answer ? 1 : 0;
        }))
      );
      return [item, { scores: Object.fromEntries(scores), credits }];
    }));
}

function resultOf(questions: readonly Question[], credit: Credit): GuessResult | undefined {
  const answered = questions.flatMap((question) => {
    const value = credit(question);
    return value === undefined ? [] : [{ value, cluster: question.cluster, question }];
  });
  if (answered.length === 0) return undefined;
  const { mean, low, high, n, clusters } = clusteredShare(answered);
  const chance = average(answered.map(({ question }) => 1 / question.options.length));
  return {
    n,
    clusters,
    chance,
    accuracy: mean,
    low,
    high,
    inside: low <= chance && chance <= high,
  };
}

type Credits = ReadonlyMap<string, Credit>;

function resultsOf(questions: readonly Question[], credits: Credits): GuessResults {
  return Object.fromEntries([...credits].flatMap(([name, credit]) => {
    const result = resultOf(questions, credit);
    return result === undefined ? [] : [[name, result] as const];
  }));
}

/** Everything that guesses, after training. */
interface Guessers {
  readonly baselines: Credits;
  readonly floors: Credits;
  readonly controls: Credits;
  /** Forms filled by some of them. */
  readonly filled: ReadonlyMap<string, ReadonlyMap<Item, Filled>>;
}

/** Credit of a guesser on the same decision of a changed item. */
function onChanged(items: readonly Item[], changed: readonly Item[], guess: Guesser): Credit {
  const changedOf = new Map(items.map((item, i) => [item, questionsOf([changed[i]!])]));
  const credit = creditOf(guess);
  return ({ item, decision }) => {
    const question = changedOf.get(item)?.[item.decisions.indexOf(decision)];
    return question === undefined ? undefined : credit(question);
  };
}

function learnGuessers(
  train: readonly Item[],
  test: readonly Item[],
  knowledge: Knowledge,
): Guessers {
  const blind = learnBlindBaselines({ items: train, questions: questionsOf(train) });
  const memory = learnMemory(train, knowledge);
  const fill = fillerOf(train, knowledge);
  const filled = new Map([["form filler", fill(test)]]);
  const deciding = test.filter(({ decisions }) => decisions.length > 0);
  for (const [name, guess] of [...blind, ...(memory ? [["memory", memory] as const] : [])]) {
    if (!answering.includes(name)) continue;
    filled.set(name, fill(deciding, decideBy(guess, randomStream(0, "guess", name))));
  }
  const baselines = new Map<string, Credit>(
    [...blind].map(([name, guess]) => [name, creditOf(guess)]),
  );
  baselines.set(
    "form filler",
    ({ item, decision }) =>
      filled.get("form filler")?.get(item)?.credits[item.decisions.indexOf(decision)],
  );
  const floors = new Map([["echo", creditOf(echo)]]);
  if (memory === undefined) return { baselines, floors, controls: new Map(), filled };
  const shuffled = onChanged(test, shuffleEvidence(test, 0), memory);
  return {
    baselines,
    floors: floors.set("memory", creditOf(memory)),
    controls: new Map<string, Credit>([
      [
        "memory, shuffled evidence",
        (question) => question.item.evidence === undefined ? undefined : shuffled(question),
      ],
      ["memory, renamed", onChanged(test, renameEntities(test, 0, knowledge), memory)],
    ]),
    filled,
  };
}

function tableOf(questions: readonly Question[], guessers: Guessers): GuessTable {
  return {
    n: questions.length,
    chance: questions.length === 0
      ? null
      : average(questions.map(({ options }) => 1 / options.length)),
    baselines: resultsOf(questions, guessers.baselines),
    floors: resultsOf(questions, guessers.floors),
    controls: resultsOf(questions, guessers.controls),
  };
}

/** Rule scores of filled forms, over groups. Items that state no decision score what the form filler does. */
function formScores(items: readonly Item[], { filled }: Guessers): FamilyGuesses["scores"] {
  const byLot = filled.get("form filler");
  const used = [...filled].filter(([, forms]) => items.some((item) => forms.has(item)));
  return Object.fromEntries(used.map(([name, forms]) => [
    name,
    Object.fromEntries(capabilities.flatMap((capability) => {
      const scored = items.flatMap((item) => {
        const score = (forms.get(item) ?? byLot?.get(item))?.scores[capability];
        return score === undefined ? [] : [{ cluster: item.group ?? item.case, score }];
      });
      if (scored.length === 0) return [];
      const means = Map.groupBy(scored, ({ cluster }) => cluster).values().map((group) =>
        average(group.map(({ score }) => score))
      );
      return [[capability, bootstrapInterval([...means], { seed: 0 })]];
    })),
  ]));
}

/**
 * What guessers get right in test items, after training on the training items of the same file.
 *
 * @param items Items of all splits; those of validation are not used.
 * @param knowledge The graph, for names in texts.
 * @returns By family, in order of name, and by test set over all families.
 */
export function guessItems(
  items: readonly Item[],
  knowledge: Knowledge,
): {
  readonly families: Readonly<Record<string, FamilyGuesses>>;
  readonly sets: Readonly<Partial<Record<TestSet, GuessTable>>>;
} {
  const train = items.filter(({ split }) => split === "train");
  const test = items.filter(({ split }) => testSets.some((set) => set === split));
  const guessers = learnGuessers(train, test, knowledge);
  const questions = questionsOf(test);
  const setsOf = (own: readonly Question[]): FamilyGuesses["sets"] =>
    Object.fromEntries(testSets.flatMap((set) => {
      const inSet = own.filter(({ item }) => item.split === set);
      return inSet.length === 0 ? [] : [[set, tableOf(inSet, guessers)] as const];
    }));
  const names = [...new Set(items.map(({ family }) => family))].sort();
  return {
    families: Object.fromEntries(names.map((family) => {
      const own = questions.filter(({ item }) => item.family === family);
      const asked = test.filter((item) => item.family === family);
      return [family, {
        ...tableOf(own, guessers),
        withoutDecisions: asked.filter(({ decisions }) => decisions.length === 0).length,
        sets: setsOf(own),
        scores: formScores(asked, guessers),
      }];
    })),
    sets: setsOf(questions),
  };
}
