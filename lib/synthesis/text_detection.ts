/**
 * What a validator that reads finds of errors that were put into the texts of right items, and how often it is alarmed by
 * items that nobody touched.
 */
import { isRefused, type TextOptions, validateText } from "../knowledge/mod.ts";
import { randomStream } from "../runtime/mod.ts";
import { injectTextError, type ItemText, type TextError, textErrors } from "./inject_text.ts";
import type { Item } from "./item.ts";
import type { Source } from "./source.ts";

/** Counts of alarms. */
export interface TextDetection {
  /** Items without an error: how many, and how many of them raise an alarm. */
  readonly untouched: { readonly items: number; readonly alarms: number };
  /** For each kind of error how many items had one, and how many of those raise an alarm. */
  readonly errors: readonly {
    readonly kind: TextError;
    readonly items: number;
    readonly alarms: number;
  }[];
}

/**
 * Puts errors into items and counts alarms: a claim of the reference, read with its prompt, that is contradicted or unknown.
 *
 * @param source The graph, and where wrong names come from.
 * @param items Right items; each gets one error of each kind, if it has a place for it.
 * @param most At most so many items with an error of each kind.
 * @param seed Draws places and names.
 * @param options What decides about diseases and drugs; the graph when left out.
 * @returns Counts of items and alarms.
 */
export function detectTextErrors(
  source: Source,
  items: readonly Item[],
  most: number,
  seed: number,
  options: Omit<TextOptions, "prompt"> = {},
): TextDetection {
  const alarmed = ({ prompt, reference }: ItemText): boolean =>
    isRefused(validateText(reference, source.knowledge, { ...options, prompt }));
  const errors = textErrors.map((kind) => {
    const random = randomStream(seed, "text errors", kind);
    const texts = items.flatMap((item) => injectTextError(source, item, kind, random) ?? [])
      .slice(0, most);
    return { kind, items: texts.length, alarms: texts.filter(alarmed).length };
  });
  return { untouched: { items: items.length, alarms: items.filter(alarmed).length }, errors };
}
