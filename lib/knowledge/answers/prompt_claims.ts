/**
 * Which claims of a prompt it makes: what it asks, demands, offers for choice or puts up to be judged it does not claim.
 *
 * @module
 */
import type { TextReading } from "../text/claims.ts";
import { fitsKinds } from "../text/relation_links.ts";
import type { TextClaim, TextName } from "../text/types.ts";
import { asksForDefinition } from "./definition_checks.ts";

/** Of one of several, or of one patient: what is said holds of that one alone. */
const ofOne =
  /\b(?:one|none|some|any|each|both|neither|which)\s+of\s+(?:the|these|those|them|this|\w+\s+(?:listed|given))\b|\bof\s+(?:the|this)\s+list\b|\bthe\s+following\b|\beach\b|\b(?:an?|the|this|one)\s+(?:patient|person|man|woman|boy|girl|child)\b|\bsome(?:one|body)\b/i;

/** Rules that go by the kinds of names alone. */
const byKinds: ReadonlySet<string> = new Set(["plain sentence", "list behind a name"]);

/**
 * Names that the prompt offers for choice: those of lists with "or".
 *
 * @param asked What was read in the prompt.
 * @returns Where those names begin.
 */
export function offeredPlaces({ text, sentences }: TextReading): ReadonlySet<number> {
  const found = new Set<number>();
  for (const { names } of sentences) {
    let list: TextName[] = [];
    let offers = false;
    for (const [i, name] of names.entries()) {
      const gap = i === 0 ? undefined : text.slice(names[i - 1]!.end, name.start);
      const joins = gap !== undefined && /^\s*(?:,|,?\s*(?:or|and)\s)\s*$/i.test(gap);
      if (!joins) [list, offers] = [[], false];
      list.push(name);
      offers ||= joins && /\bor\b/i.test(gap);
      if (offers) { for (const { start } of list) found.add(start); }
    }
  }
  return found;
}

/**
 * The claims of a prompt: reports on its patient, and statements about the world that it makes itself.
 *
 * @param asked What was read in the prompt.
 * @param judged Whether the answer says that what the prompt states is right or wrong.
 * @returns Those of its claims that it makes.
 */
export function claimsOfPrompt(asked: TextReading, judged: boolean): TextClaim[] {
  const offers = offeredPlaces(asked);
  const defines = asksForDefinition(asked.text);
  return asked.claims.filter((claim) => {
    const { relation, subject, object, rule, start, end } = claim;
    if (relation === "has" || relation === "takes") return !offers.has(object.start);
    if (judged || defines || byKinds.has(rule)) return false;
    return fitsKinds(claim) &&
      !offers.has(subject.start) && !offers.has(object.start) &&
      !ofOne.test(asked.text.slice(start, end));
  });
}
