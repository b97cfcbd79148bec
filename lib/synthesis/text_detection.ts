/**
 * What a validator that reads finds of errors that were put into the texts of right items, and how often it is alarmed by
 * items that nobody touched.
 */
import { randomStream } from "../runtime/mod.ts";
import { injectWrongAnswer } from "./inject.ts";
import { injectTextError, textErrors } from "./inject_text.ts";
import type { Item } from "./item.ts";
import type { Source } from "./source.ts";
import { textFault } from "./validate.ts";

/** Counts of alarms: how many items, and in how many of them a fault is found. */
export interface Alarms {
  /** Items. */
  readonly items: number;
  /** Those with a fault. */
  readonly alarms: number;
}

/** Alarms with and without errors. */
export interface TextDetection {
  /** Of items without an error. */
  readonly untouched: Alarms;
  /** Of items with an error of a kind; `wrong answer` is one decision answered by another option. */
  readonly errors: readonly (Alarms & { readonly kind: string })[];
  /** By family: of untouched items, and of those with one decision answered by another option. */
  readonly families: readonly {
    readonly family: string;
    readonly untouched: Alarms;
    readonly wrong: Alarms;
  }[];
}

type ItemText = Pick<Item, "prompt" | "reference">;

/**
 * Puts errors into items and counts alarms: what `textFault` finds.
 *
 * @param source The tables, and where wrong names come from.
 * @param items Right items; each gets one error of each kind, if it has a place for it.
 * @param most At most so many items with an error of each kind; of wrong answers all.
 * @param seed Draws places, names and options.
 * @returns Counts of items and alarms.
 */
export function detectTextErrors(
  source: Source,
  items: readonly Item[],
  most: number,
  seed: number,
): TextDetection {
  const isAlarm = (text: ItemText): boolean => textFault(source.clinical, text) !== undefined;
  const count = (texts: readonly ItemText[]): Alarms => ({
    items: texts.length,
    alarms: texts.filter(isAlarm).length,
  });
  const random = randomStream(seed, "text errors", "wrong answer");
  const families = [...Map.groupBy(items, ({ family }) => family)].sort(([a], [b]) =>
    a < b ? -1 : 1
  ).map(([family, own]) => ({
    family,
    untouched: count(own),
    wrong: count(own.flatMap((item) => injectWrongAnswer(item, random) ?? [])),
  }));
  const sum = (rows: readonly Alarms[]): Alarms => ({
    items: rows.reduce((all, row) => all + row.items, 0),
    alarms: rows.reduce((all, row) => all + row.alarms, 0),
  });
  const errors = textErrors.map((kind) => {
    const random = randomStream(seed, "text errors", kind);
    const texts = items.flatMap((item) => injectTextError(source, item, kind, random) ?? []);
    return { kind, ...count(texts.slice(0, most)) };
  });
  return {
    untouched: sum(families.map(({ untouched }) => untouched)),
    errors: [{ kind: "wrong answer", ...sum(families.map(({ wrong }) => wrong)) }, ...errors],
    families,
  };
}
