/**
 * The numbers of an answer against those of its prompt: "for three days" is not "for three weeks".
 *
 * @module
 */
import { quantitiesIn } from "./text_qualifiers.ts";
import type { CheckedTextClaim, TextName } from "./text_types.ts";

/**
 * Checks every number with a unit that an answer gives, where the prompt gives numbers of this unit.
 *
 * @param prompt The prompt.
 * @param text The answer.
 * @returns A claim for each such number: supported where the prompt has it, contradicted where it has others only.
 */
export function numberChecks(prompt: string, text: string): CheckedTextClaim[] {
  const given = new Map<string, Set<string>>();
  for (const { value, unit } of quantitiesIn(prompt)) {
    given.set(unit, (given.get(unit) ?? new Set()).add(value));
  }
  return quantitiesIn(text).flatMap(({ value, unit, start, end }): CheckedTextClaim[] => {
    const values = given.get(unit);
    if (values === undefined) return [];
    const name = (words: string): TextName => ({ start, end, text: words, entities: [] });
    const same = values.has(value);
    return [{
      subject: name(unit),
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
      path: [`in the prompt: ${[...values].join(", ")} ${unit}`],
      reason: same ? "the prompt says so" : "the prompt gives another number",
    }];
  });
}
