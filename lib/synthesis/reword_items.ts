/**
 * Prompts in a teacher's words: items that are asked for once each, and keep their prompt where what comes back does not
 * hold.
 */
import type { Knowledge } from "../knowledge/mod.ts";
import { hashJson } from "../runtime/mod.ts";
import type { Attempt } from "./curate.ts";
import type { Item } from "./item.ts";
import { rewordablePart, rewordingFault, rewordInstruction } from "./rewording.ts";
import { isGrammar, stemOf } from "./wording_words.ts";

/** What came of a rewording. */
export interface Rewording {
  /** All items in their order. */
  readonly items: Item[];
  /** How many the teacher was to reword. */
  readonly tried: number;
  /** How many have a prompt in new words. */
  readonly reworded: number;
  /** Why the others have not: reason and number. */
  readonly refused: Record<string, number>;
}

/** The words of a text that are more than grammar, in their order, by stem. */
const plainWords = (text: string): string[] =>
  (text.match(/\p{L}+|\d+/gu) ?? []).map((word) => word.toLowerCase())
    .filter((word) => !isGrammar(word)).map(stemOf);

/** Whether new words are the old ones, or some of them, in their order: a comma or an article is no rewording. */
function isSame(before: string, after: string): boolean {
  const old = plainWords(before).values();
  return plainWords(after).every((word) => old.some((one) => one === word));
}

/** An item in the words that a teacher wrote for a part of its prompt, or why it cannot be. */
async function inWords(
  item: Item,
  words: string,
  knowledge: Knowledge,
): Promise<Item | string> {
  const part = rewordablePart(item)!;
  const prompt = part.before + words + part.after;
  const fault = rewordingFault(item, prompt, knowledge);
  if (fault !== undefined) return fault;
  if (isSame(part.text, words)) return "the same";
  const { family, version, reference, checks } = item;
  return {
    ...item,
    id: await hashJson({ family, version, prompt, reference, checks }),
    prompt,
    template: `${item.template}+reworded`,
    ...(part.isEvidence ? { evidence: words } : {}),
  };
}

/**
 * Reword a part of each prompt: the sentences of the evidence, or else the first line. Options, decisions, checks and
 * reference stay; the evidence of a reworded item is again a part of its prompt.
 *
 * @param options.items Items whose ids are their own.
 * @param options.attempt The teacher, asked once for each item.
 * @param options.knowledge The graph, which finds entities in texts.
 * @param options.only Which items are reworded; all when left out.
 * @returns All items in their order, how many were reworded, and why the others were not.
 */
export async function rewordItems(
  { items, attempt, knowledge, only = () => true }: {
    readonly items: readonly Item[];
    readonly attempt: Attempt;
    readonly knowledge: Knowledge;
    readonly only?: (item: Item) => boolean;
  },
): Promise<Rewording> {
  const parts = new Map(items.filter(only).map((item) => [item, rewordablePart(item)]));
  const open = [...parts].flatMap(([item, part]) => part === undefined ? [] : [{ item, part }]);
  const asks = open.map(({ part }) => `${rewordInstruction}\n${part.text}`);
  const answers = asks.length === 0 ? [] : await attempt(asks, 0);
  const answerTo = new Map(open.map(({ item }, i) => [item, answers[i]?.trim() ?? ""]));
  const ids = new Set(items.map(({ id }) => id));
  const refused: Record<string, number> = {};
  const result: Item[] = [];
  for (const item of items) {
    const words = answerTo.get(item);
    const made = !parts.has(item)
      ? item
      : words === undefined
      ? "evidence in several lines"
      : await inWords(item, words, knowledge);
    const twin = typeof made !== "string" && made !== item && ids.has(made.id);
    const reason = typeof made === "string" ? made : twin ? "as another item" : undefined;
    if (reason !== undefined) refused[reason] = (refused[reason] ?? 0) + 1;
    const kept = reason === undefined ? made as Item : item;
    ids.add(kept.id);
    result.push(kept);
  }
  const refusals = Object.values(refused).reduce((sum, n) => sum + n, 0);
  return { items: result, tried: parts.size, reworded: parts.size - refusals, refused };
}
