/**
 * Prompts in a teacher's words: items that are asked for once each, and keep their prompt where what comes back does not
 * hold.
 */
import type { Knowledge } from "../knowledge/mod.ts";
import { hashJson } from "../runtime/mod.ts";
import type { Attempt } from "./curate.ts";
import type { Item } from "./item.ts";
import { rewordablePart, rewordingFault, rewordInstruction } from "./rewording.ts";

/** What came of a rewording. */
export interface Rewording {
  /** All items in their order. */
  readonly items: Item[];
  /** How many have a prompt in new words. */
  readonly reworded: number;
  /** Why the others have not: reason and number. */
  readonly refused: Record<string, number>;
}

/** An item in the words that a teacher wrote for a part of its prompt, or why it cannot be. */
async function inWords(
  item: Item,
  words: string,
  knowledge: Knowledge,
): Promise<Item | string> {
  const part = rewordablePart(item)!;
  const prompt = part.before + words + part.after;
  if (prompt === item.prompt) return "the same";
  const fault = rewordingFault(item, prompt, knowledge);
  if (fault !== undefined) return fault;
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
 * @param options.items What is reworded.
 * @param options.attempt The teacher, asked once for each item.
 * @param options.knowledge The graph, which finds entities in texts.
 * @returns All items in their order, how many were reworded, and why the others were not.
 */
export async function rewordItems(
  { items, attempt, knowledge }: {
    readonly items: readonly Item[];
    readonly attempt: Attempt;
    readonly knowledge: Knowledge;
  },
): Promise<Rewording> {
  const parts = items.map(rewordablePart);
  const open = [...items.keys()].filter((i) => parts[i] !== undefined);
  const asks = open.map((i) => `${rewordInstruction}\n${parts[i]!.text}`);
  const answers = asks.length === 0 ? [] : await attempt(asks, 0);
  const answerTo = new Map(open.map((i, place) => [i, answers[place]?.trim() ?? ""]));
  const ids = new Set(items.map(({ id }) => id));
  const refused: Record<string, number> = {};
  const result: Item[] = [];
  for (const [i, item] of items.entries()) {
    const words = answerTo.get(i);
    const made = words === undefined
      ? "evidence in several lines"
      : await inWords(item, words, knowledge);
    const reason = typeof made === "string"
      ? made
      : ids.has(made.id)
      ? "as another item"
      : undefined;
    if (reason !== undefined) refused[reason] = (refused[reason] ?? 0) + 1;
    const kept = reason === undefined ? made as Item : item;
    ids.add(kept.id);
    result.push(kept);
  }
  const reworded = items.length - Object.values(refused).reduce((sum, n) => sum + n, 0);
  return { items: result, reworded, refused };
}
