/**
 * The numbers of an answer against those of its prompt: "for three days" is not "for three weeks".
 *
 * @module
 */
import { measureOf, quantitiesIn } from "../text/qualifiers.ts";
import type { CheckedTextClaim, TextName } from "../text/types.ts";

/**
 * Checks every number with a unit that an answer gives, where the prompt gives numbers of the same dimension.
 *
 * @param prompt The prompt.
 * @param text The answer.
 * @returns A claim for each such number: supported where the prompt has it, contradicted where it has others only.
 */
export function numberChecks(prompt: string, text: string): CheckedTextClaim[] {
  const given = quantitiesIn(prompt).map((quantity) => ({
    ...measureOf(quantity),
    words: prompt.slice(quantity.start, quantity.end),
  }));
  return quantitiesIn(text).flatMap(({ start, end, ...quantity }): CheckedTextClaim[] => {
    const measured = measureOf(quantity);
    const like = given.filter(({ of }) => of === measured.of);
    if (like.length === 0) return [];
    const name = (words: string): TextName => ({ start, end, text: words, entities: [] });
    const same = like.some(({ value }) => value === measured.value);
    return [{
      subject: name(measured.of),
      relation: "has",
      object: name(text.slice(start, end)),
      polarity: "affirmed",
      experiencer: "patient",
      time: "now",
      certainty: "stated",
      start,
      end,
      rule: "number of the prompt",
      verdict: same ? "supported" : "contradicted",
      path: [`in the prompt: ${like.map(({ words }) => words).join(", ")}`],
      reason: same ? "the prompt says so" : "the prompt gives another number",
    }];
  });
}
