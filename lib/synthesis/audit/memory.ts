/**
 * Memory: what plain recall of the training items' claims answers. It reads the findings, so it is not blind; it says how much
 * of a score needs no more than having seen which entities stood together.
 *
 * @module
 */
import { deniedSpans, type Knowledge, mentions } from "../../knowledge/mod.ts";
import type { Decision, Item } from "../item.ts";
import type { Guesser } from "./blind.ts";
import { bestPlaces, type Question, questionsOf } from "./questions.ts";

/** Entities that a text names and does not deny, by id. */
function namedIn(knowledge: Knowledge, text: string): Set<string> {
  const found = mentions(knowledge, text);
  const denied = deniedSpans(text, found);
  return new Set(found.filter((_, i) => !denied[i]).map(({ entity }) => entity.id));
}

/** How often entities stood in a claim, alone and in pairs. */
interface Recall {
  readonly alone: ReadonlyMap<string, number>;
  readonly together: ReadonlyMap<string, number>;
}

const pair = (a: string, b: string): string => (a < b ? `${a}\t${b}` : `${b}\t${a}`);

function recallOf(items: readonly Item[]): Recall {
  const alone = new Map<string, number>();
  const together = new Map<string, number>();
  const count = (counts: Map<string, number>, key: string): void =>
    void counts.set(key, (counts.get(key) ?? 0) + 1);
  for (const { claims } of items) {
    for (const { subject, object, denied } of claims) {
      if (denied !== undefined) continue;
      count(alone, subject);
      count(alone, object);
      count(together, pair(subject, object));
    }
  }
  return { alone, together };
}

/** Log-probability of the anchors given an option, by naive Bayes with one added count. */
function likelihood(
  recall: Recall,
  anchors: ReadonlySet<string>,
  options: ReadonlySet<string>,
): number {
  const known = recall.alone.size;
  let sum = 0;
  for (const anchor of anchors) {
    if (options.has(anchor)) continue;
    const shares = [...options].map((option) =>
      ((recall.together.get(pair(anchor, option)) ?? 0) + 1) /
      ((recall.alone.get(option) ?? 0) + known)
    );
    sum += Math.log(
      shares.length === 0 ? 1 / known : shares.reduce((most, share) => Math.max(most, share)),
    );
  }
  return sum;
}

/**
 * A guesser by recall: of an item's evidence (without evidence, of its prompt without the options) it takes the entities
 * named, and chooses the option that stood with them in training claims. What it chooses for one decision of an item is named
 * for the others: the diagnosis recalls the drug.
 *
 * @param items Items of the training split.
 * @param knowledge The graph, which finds entities in texts.
 * @returns The guesser; undefined where training states no claim.
 */
export function learnMemory(items: readonly Item[], knowledge: Knowledge): Guesser | undefined {
  const recall = recallOf(items);
  if (recall.alone.size === 0) return undefined;
  const scoresOf = (question: Question, anchors: ReadonlySet<string>): number[] =>
    question.options.map((option) => likelihood(recall, anchors, namedIn(knowledge, option)));
  const read = (item: Item): Map<Decision, readonly number[]> => {
    const questions = questionsOf([item]);
    const evidence = item.evidence ??
      item.decisions.flatMap(({ options }) => options).reduce(
        (text, option) => text.replaceAll(option, " "),
        item.prompt,
      );
    const anchors = namedIn(knowledge, evidence);
    const chosen = questions.map((question) => {
      const best = bestPlaces(scoresOf(question, anchors));
      return best.length > 1 ? new Set<string>() : namedIn(knowledge, question.options[best[0]!]!);
    });
    return new Map(questions.map((question, number) => {
      const others = chosen.filter((_, other) => other !== number);
      const all = others.reduce((named, other) => named.union(other), anchors);
      return [question.decision, scoresOf(question, all)];
    }));
  };
  const known = new WeakMap<Item, Map<Decision, readonly number[]>>();
  return ({ item, decision }) => {
    let scores = known.get(item);
    if (scores === undefined) known.set(item, scores = read(item));
    return scores.get(decision);
  };
}
