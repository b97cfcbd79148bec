/**
 * Source2Synth's curation with a model: the data is cut in two slices, slice 0 trains an intermediate model, and that
 * model filters slice 1 (an item that none of k tries answers is dropped) and imputes (one part of a reference is
 * blanked and refilled, and kept when the item still holds). Source: arXiv 2409.08239.
 */
import { negationVerbs } from "../knowledge/mod.ts";
import { hashJson, UsageError } from "../runtime/mod.ts";
import type { Item } from "./item.ts";

/** Completions of prompts; `attempt` tells the tries apart, so that each can have its own seed. */
export type Attempt = (prompts: readonly string[], attempt: number) => Promise<readonly string[]>;

/**
 * Cut items into two slices of about equal size; a case lies in one slice.
 *
 * @param items Any items.
 * @returns Slice 0 and slice 1, each in the order of the items.
 */
export function sliceItems(items: readonly Item[]): readonly [Item[], Item[]] {
  const slices: [Item[], Item[]] = [[], []];
  for (const item of items) slices[parseInt(item.case.slice(-1), 16) % 2 === 0 ? 0 : 1].push(item);
  return slices;
}

/** What filtering kept. */
export interface Filtered {
  /** Items that some try answered. */
  readonly kept: Item[];
  /** Items that no try answered. */
  readonly dropped: Item[];
  /** How many items were first answered at each try. */
  readonly answeredAt: readonly number[];
}

/**
 * Keep the items that the model answers in one of its tries.
 *
 * @param options.items What is filtered.
 * @param options.attempt The intermediate model; it is asked for what no earlier try answered.
 * @param options.score Score of a completion, in [0, 1].
 * @param options.threshold The score from which a completion counts as an answer; 0.5 when left out.
 * @param options.tries Number of tries k, at least 1; 3 when left out.
 * @returns What was kept and dropped, in the order of the items, and how many items each try answered.
 * @throws UsageError when tries is not a positive integer, or the model gives another number of completions.
 */
export async function filterByTries(
  { items, attempt, score, threshold = 0.5, tries = 3 }: {
    readonly items: readonly Item[];
    readonly attempt: Attempt;
    readonly score: (item: Item, completion: string) => number;
    readonly threshold?: number;
    readonly tries?: number;
  },
): Promise<Filtered> {
  if (!Number.isInteger(tries) || tries < 1) {
    throw new UsageError(`Expected tries to be an integer greater than 0 but found ${tries}`);
  }
  const answered = new Set<string>();
  const answeredAt: number[] = [];
  for (let number = 0; number < tries; number++) {
    const open = items.filter((item) => !answered.has(item.id));
    const completions = open.length === 0
      ? []
      : await ask(attempt, open.map((item) => item.prompt), number);
    const before = answered.size;
    for (const [i, item] of open.entries()) {
      if (score(item, completions[i]!) >= threshold) answered.add(item.id);
    }
    answeredAt.push(answered.size - before);
  }
  return {
    kept: items.filter((item) => answered.has(item.id)),
    dropped: items.filter((item) => !answered.has(item.id)),
    answeredAt,
  };
}

async function ask(
  attempt: Attempt,
  prompts: readonly string[],
  number: number,
): Promise<readonly string[]> {
  const completions = await attempt(prompts, number);
  if (completions.length !== prompts.length) {
    throw new UsageError(`Expected ${prompts.length} completions but found ${completions.length}`);
  }
  return completions;
}

/** A prompt with its reference in which the value of one labelled line is blank. */
export interface Blanked {
  /** The prompt with the blanked reference. */
  readonly prompt: string;
  /** The line that was blanked. */
  readonly place: number;
}

/**
 * Blank one labelled line of a reference, chosen by the item's hash; undefined when it has fewer than two lines.
 *
 * @param item The item.
 * @returns Prompt and place of the blank, or undefined.
 */
export function blankOne(item: Item): Blanked | undefined {
  const lines = item.reference.split("\n");
  if (lines.length < 2 || lines.some((line) => !line.includes(": "))) return undefined;
  const place = parseInt(item.id.slice(0, 6), 16) % lines.length;
  const label = lines[place]!.split(": ")[0]!;
  const shown = lines.map((line, i) => (i === place ? `${label}: ___` : line)).join("\n");
  return { prompt: `${item.prompt}\n\nFill in the blank with the value only:\n${shown}`, place };
}

/** Words that no name holds: a value with one of them says something of a name, or takes it back. */
const said = new RegExp(
  `\\b(?:${negationVerbs}|not|no|never|nor|without|except|maybe|perhaps|possibly|probably|sorry|think|unsure|unknown|none)\\b`,
  "i",
);

/** Signs of a plain list of names. */
const listOfNames = /^[\p{L}\p{N}\p{M} ,'’()/+-]+$/u;

/**
 * Whether a value is a plain list of names: no mark-up, no sentence, no word of denial or doubt that the old one had not.
 *
 * @param value The new value.
 * @param old The value in its place before.
 * @returns True where it can stand in a reference.
 */
export function isPlainList(value: string, old: string): boolean {
  return (listOfNames.test(value) || !listOfNames.test(old)) &&
    !(said.test(value) && !said.test(old)) &&
    countWords(value) <= 2 * countWords(old) + 4;
}

const countWords = (text: string): number => text.split(/\s+/).filter(Boolean).length;

/**
 * Refill one blanked part of each reference with the model's words; a refilled reference is kept when the words are a plain list of names and
 * `accept` holds,
 * otherwise the item stays as it was. The id is the hash of the new content.
 *
 * @param options.items What is changed.
 * @param options.attempt The model that fills the blanks, in one try.
 * @param options.accept Whether the item holds with its new reference, such as `referencePasses`.
 * @returns All items in their order, how many were refilled, and how many had a blank to fill.
 * @throws UsageError when the model gives another number of completions.
 */
export async function imputeItems(
  { items, attempt, accept }: {
    readonly items: readonly Item[];
    readonly attempt: Attempt;
    readonly accept: (item: Item) => boolean;
  },
): Promise<{ readonly items: Item[]; readonly refilled: number; readonly tried: number }> {
  const blanks = items.map(blankOne);
  const open = [...blanks.entries()].filter((entry): entry is [number, Blanked] =>
    entry[1] !== undefined
  );
  const completions = open.length === 0
    ? []
    : await ask(attempt, open.map(([, { prompt }]) => prompt), 0);
  const result = [...items];
  let refilled = 0;
  for (const [i, [number, { place }]] of open.entries()) {
    const item = items[number]!;
    const lines = item.reference.split("\n");
    const label = lines[place]!.split(": ")[0]!;
    const first = completions[i]!.trim().split("\n")[0]!.trim();
    const value = first.toLowerCase().startsWith(`${label.toLowerCase()}:`)
      ? first.slice(label.length + 1).trim()
      : first;
    const reference = lines.map((line, at) => (at === place ? `${label}: ${value}` : line)).join(
      "\n",
    );
    const old = lines[place]!.slice(label.length + 2);
    if (
      reference === item.reference || !isPlainList(value, old) || !accept({ ...item, reference })
    ) continue;
    const { family, version, prompt, checks } = item;
    result[number] = {
      ...item,
      id: await hashJson({ family, version, prompt, reference, checks }),
      reference,
    };
    refilled += 1;
  }
  return { items: result, refilled, tried: open.length };
}
