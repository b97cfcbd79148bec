/**
 * The floor of a score: answers that keep to the form asked for and know no medicine. A form filler reads which fields an
 * item wants, of which kind and how many, and fills them at random with names that the prompt offers (what it denies is
 * left out). Where the prompt offers none it gives the commonest answer of that kind in the training split. What a system
 * scores above this is what it knows of the case or concludes from it.
 *
 * @module
 */

import { deniedSpans, type EntityKind, type Knowledge, mentions } from "../knowledge/mod.ts";
import { type RandomStream, randomStream } from "../runtime/mod.ts";
import type { Check, Decision, Item } from "../synthesis/mod.ts";
import { ruleScores } from "./rules.ts";

/** What a field takes: names of a kind, or one of some values. */
type Slot =
  | { readonly kind: EntityKind; readonly count: number; readonly within?: string }
  | { readonly values: readonly string[] };

/** The commonest answers of training items: names by kind and values by field, commonest first. */
export interface CommonAnswers {
  /** Names of each kind. */
  readonly names: ReadonlyMap<EntityKind, readonly string[]>;
  /** Values of fields that take one of several. */
  readonly values: ReadonlyMap<string, readonly string[]>;
}

/** Counts texts under keys; the commonest first, then the first one met. */
function counted<K>(pairs: Iterable<readonly [K, string]>): Map<K, string[]> {
  const counts = new Map<K, Map<string, number>>();
  for (const [key, text] of pairs) {
    const own = counts.get(key) ?? new Map<string, number>();
    counts.set(key, own.set(text, (own.get(text) ?? 0) + 1));
  }
  return new Map([...counts].map(([key, own]) => [
    key,
    [...own].sort(([, a], [, b]) => b - a).map(([text]) => text),
  ]));
}

/**
 * Counts the answers of training items.
 *
 * @param items items of the training split
 * @param knowledge the graph, for names
 * @returns names and values, commonest first
 */
export function commonAnswers(items: readonly Item[], knowledge: Knowledge): CommonAnswers {
  return {
    names: counted(
      items.flatMap(({ reference }) =>
        mentions(knowledge, reference).map(({ entity }) => [entity.kind, entity.name] as const)
      ),
    ),
    values: counted(
      items.flatMap(({ checks }) =>
        checks.flatMap((check) =>
          check.kind === "value" && check.where.format !== "text"
            ? [[check.where.field, check.expected] as const]
            : []
        )
      ),
    ),
  };
}

/** Where a prompt stops to tell and begins to ask for a form. */
const request = /\b(?:Reply|Write a|Answer with)\b/;

/**
 * Names that an item's prompt offers, by kind; those that it denies are left out. Words that name entities of several
 * kinds stand last.
 */
function offeredNames(item: Item, knowledge: Knowledge): Map<EntityKind, string[]> {
  const text = item.prompt.split(request)[0]!;
  const found = mentions(knowledge, text);
  const denied = deniedSpans(text, found);
  const offered = found.filter((_, i) => !denied[i]);
  const kindsAt = (start: number) => offered.filter((other) => other.start === start).length;
  const names = new Map<EntityKind, string[]>();
  for (
    const { entity: { kind }, start, end } of offered.toSorted((a, b) =>
      kindsAt(a.start) - kindsAt(b.start)
    )
  ) {
    const name = text.slice(start, end);
    const known = names.get(kind) ?? [];
    if (!known.includes(name)) names.set(kind, [...known, name]);
  }
  return names;
}

/** The fields of an item's checks; facts of a text without fields are numbered. */
function slotsOf(checks: readonly Check[]): Map<string, Slot> {
  const slots = new Map<string, Slot>();
  for (const check of checks) {
    if (check.kind === "entities" || check.kind === "fact") {
      const field = check.where.format === "text" ? `text ${slots.size}` : check.where.field;
      if (!slots.has(field)) slots.set(field, { kind: check.entity, count: check.count });
    } else if (check.kind === "link") {
      const { where, entity } = check.subject;
      if (where.format !== "text") slots.set(where.field, { kind: entity, count: 1 });
    } else if (check.kind === "value" && check.where.format !== "text") {
      slots.set(check.where.field, { values: check.allowed });
    }
  }
  for (const check of checks) {
    if (check.kind !== "subset" || check.inner.format === "text" || check.outer.format === "text") {
      continue;
    }
    const inner = slots.get(check.inner.field);
    if (inner !== undefined && "kind" in inner) {
      slots.set(check.inner.field, { ...inner, within: check.outer.field });
    }
  }
  return slots;
}

/** Fills the slots. A name is used again only where the prompt offers too few. */
function fillSlots(
  slots: ReadonlyMap<string, Slot>,
  offered: ReadonlyMap<EntityKind, readonly string[]>,
  common: CommonAnswers,
  random: RandomStream,
): Map<string, string[]> {
  const filled = new Map<string, string[]>();
  const used = new Set<string>();
  const draw = (kind: EntityKind, count: number): string[] => {
    const names = offered.get(kind) ?? [];
    if (names.length === 0) return (common.names.get(kind) ?? []).slice(0, count);
    const fresh = names.filter((name) => !used.has(name));
    const drawn = random.shuffle(fresh.length >= count ? fresh : names).slice(0, count);
    // A field that takes everything says nothing of the others.
    if (count < names.length) drawn.forEach((name) => used.add(name));
    return drawn;
  };
  const inner = [...slots].filter(([, slot]) => "within" in slot);
  for (const [field, slot] of slots) {
    if ("values" in slot) filled.set(field, [common.values.get(field)?.[0] ?? slot.values[0]!]);
    else if (slot.within === undefined) filled.set(field, draw(slot.kind, slot.count));
  }
  for (const [field, slot] of inner) {
    if (!("kind" in slot)) continue;
    const outer = filled.get(slot.within!) ?? draw(slot.kind, slot.count);
    filled.set(field, outer.slice(0, slot.count));
  }
  return filled;
}

/** Names in a row; without commas where none are allowed. */
const listed = (names: readonly string[], commas: boolean): string =>
  names.join(commas ? ", " : " and ");

/** Free text that says the names under the item's constraints. */
function freeText(checks: readonly Check[], names: readonly string[]): string {
  const keyword = checks.find((check) => check.kind === "keyword");
  const bulleted = checks.some((check) => check.kind === "bullets");
  const sentences = names.map((name) =>
    keyword === undefined ? name : `${keyword.word} has ${name}`
  );
  let text = bulleted
    ? sentences.map((sentence) => `- ${sentence}`).join("\n")
    : sentences.map((sentence) => `${sentence}.`).join(" ");
  for (const check of checks) {
    if (check.kind === "letter_case") {
      text = check.style === "lower" ? text.toLowerCase() : text.toUpperCase();
    } else if (check.kind === "starts") text = `${check.phrase} ${text}`;
    else if (check.kind === "ends") text = `${text}\n${check.phrase}`;
  }
  return text;
}

/** A way to decide without medicine: the place of an option. */
export type BlindChoice = (item: Item, decision: Decision) => number;

/**
 * An answer in an item's form, filled at random.
 *
 * @param item the item; of its checks only what the prompt says too is read: fields, kinds, counts and constraints
 * @param knowledge the graph, for names
 * @param common what it gives where the prompt offers nothing
 * @param random where choices come from
 * @param choose decides among options; at random when left out
 * @returns the answer
 */
export function fillForm(
  item: Item,
  knowledge: Knowledge,
  common: CommonAnswers,
  random: RandomStream,
  choose: BlindChoice = (_, { options }) => random.integer(options.length),
): string {
  const { checks, decisions } = item;
  const choice = checks.find((check) => check.kind === "choice");
  if (choice !== undefined) {
    const [decision] = decisions;
    const place = decision === undefined
      ? random.integer(choice.options.length)
      : choose(item, decision);
    return `Answer: ${"ABCD"[place]}. ${choice.options[place]}`;
  }
  const slots = slotsOf(checks);
  const filled = fillSlots(slots, offeredNames(item, knowledge), common, random);
  const spoken: string[] = [];
  for (const decision of decisions) {
    const chosen = decision.options[choose(item, decision)]!;
    if (decision.where.format === "text") spoken.push(chosen);
    else filled.set(decision.where.field, [chosen]);
  }
  const commas = !checks.some((check) => check.kind === "no_commas");
  for (const check of checks) {
    if (check.kind === "labels") {
      return check.labels.map((label) => `${label}: ${listed(filled.get(label) ?? [], commas)}`)
        .join("\n");
    }
    if (check.kind === "json") {
      return JSON.stringify(Object.fromEntries(check.keys.map(({ key, type }) => {
        const names = filled.get(key) ?? [];
        return [key, type === "array" ? names : listed(names, commas)];
      })));
    }
  }
  const table = checks.find((check) => check.kind === "table");
  if (table !== undefined) {
    const row = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
    return [
      row(table.columns),
      row(table.columns.map(() => "---")),
      ...[...filled].map(([field, names]) => row([field, listed(names, commas)])),
    ].join("\n");
  }
  if (spoken.length > 0) return `The answer is ${listed(spoken, commas)}.`;
  return freeText(checks, [...filled.values()].flat());
}

/** How often each item's form is filled, and how. */
export interface FillingOptions {
  /** Answers to each item. */
  readonly fillings: number;
  /** Same seed, same answers. */
  readonly seed: number;
  /** Decides among options; at random when left out. */
  readonly choose?: BlindChoice;
}

/**
 * Answers in an item's form.
 *
 * @param item the item
 * @param knowledge the graph, for names
 * @param common what is given where the prompt offers nothing
 * @param options how many answers, the seed, and what decides among options
 * @returns the answers
 */
export function formFillings(
  item: Item,
  knowledge: Knowledge,
  common: CommonAnswers,
  { fillings, seed, choose }: FillingOptions,
): string[] {
  const random = randomStream(seed, "form filler", item.id);
  return Array.from({ length: fillings }, () => fillForm(item, knowledge, common, random, choose));
}

/**
 * What a form filler scores on items: the mean over many fillings of each, which is what one filling earns on average.
 *
 * @param items the items
 * @param knowledge the graph
 * @param common what it gives where a prompt offers nothing
 * @param options how often each is filled, the seed, and what decides among options
 * @returns for each item the score of its own capability, in [0, 1]
 */
export function formFillerScores(
  items: readonly Item[],
  knowledge: Knowledge,
  common: CommonAnswers,
  options: FillingOptions,
): number[] {
  return items.map((item) => {
    const scores = formFillings(item, knowledge, common, options).map((answer) =>
      ruleScores(item, answer, knowledge)[item.capability] ?? 0
    );
    return scores.reduce((sum, score) => sum + score, 0) / scores.length;
  });
}
