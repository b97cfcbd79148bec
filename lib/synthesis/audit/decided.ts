/** Which option of a decision a completion states. @module */
import type { Where } from "../check.ts";
import type { Decision } from "../item.ts";
import { normalizeText } from "../overlap.ts";
import { withoutPhrase } from "./questions.ts";

/** What stands in a field of a completion that keeps to its form; empty where it is not there. */
function fieldOf(completion: string, where: Where): string {
  if (where.format === "text") return completion;
  if (where.format === "line") {
    // A row of a table, too, is a label and what belongs to it.
    const label = `${where.field.toLowerCase()}:`;
    return completion.split("\n")
      .map((line) => line.trim().replace(/^\|\s*([^|]*?)\s*\|(.*)\|$/, "$1:$2"))
      .filter((line) => line.toLowerCase().startsWith(label))
      .map((line) => line.slice(label.length)).join("\n");
  }
  try {
    const value: unknown = JSON.parse(completion)?.[where.field];
    return [value].flat().filter((part) => typeof part === "string").join("\n");
  } catch {
    return "";
  }
}

/**
 * The option that a completion states in a decision's field, by its text or by its letter alone. A name within a longer option
 * counts as the longer one.
 *
 * @param decision The decision.
 * @param completion An answer in the form asked for.
 * @returns Place of the option in `decision.options`; undefined where none or several are stated.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { decidedOption } from "./decided.ts";
 *
 * const where = { format: "line", field: "Diagnosis" } as const;
 * const decision = { where, options: ["anemia", "aplastic anemia"], answer: 0 };
 * assertEquals(decidedOption(decision, "Diagnosis: aplastic anemia"), 1);
 * assertEquals(decidedOption(decision, "Diagnosis: A"), 0);
 * assertEquals(decidedOption(decision, "Diagnosis: gout"), undefined);
 * ```
 */
export function decidedOption(
  { where, options }: Pick<Decision, "where" | "options">,
  completion: string,
): number | undefined {
  let text = normalizeText(fieldOf(completion, where));
  const letter = /^\(?([a-z])\)?[.:]?$/.exec(text)?.[1];
  const stated = new Set<number>();
  const longestFirst = options.map((option, place) => ({ phrase: normalizeText(option), place }))
    .sort((a, b) => b.phrase.length - a.phrase.length);
  for (const { phrase, place } of longestFirst) {
    const rest = withoutPhrase(text, phrase);
    if (rest.times > 0) stated.add(place);
    text = rest.text;
  }
  if (stated.size === 1) return [...stated][0];
  const named = letter === undefined ? options.length : letter.charCodeAt(0) - 97;
  return stated.size === 0 && named < options.length ? named : undefined;
}
