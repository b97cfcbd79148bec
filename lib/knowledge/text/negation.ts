/**
 * Negation around a mention: is what a text names asserted or denied? The one reader of it for rewards, claims and
 * rewordings; the words it knows stand in `negation_cues.ts`.
 *
 * A cue before the name denies it as far as it reaches in its clause; of several cues that reach it, an even number
 * affirms ("no influenza without fever"). A denial behind the name counts up to the next name, and a name shares that of
 * the next one where both are one phrase ("fever and rash are excluded", "fever in influenza is a myth").
 *
 * Not read: irony, questions that are answered sentences later, what a pronoun stands for ("fever is rare; so is it here"),
 * and whose finding it is ("his brother has fever").
 *
 * @module
 */
import type { EntityKind } from "../types.ts";
import {
  answerBehind,
  border,
  cuesBefore,
  denialBehind,
  harmBehind,
  negationVerbs,
  pseudoNegations,
  type Reach,
  refuted,
  retraction,
  seldomBehind,
} from "./negation_cues.ts";

/** A place in a text. */
export interface Span {
  /** Index of the first character. */
  readonly start: number;
  /** Index after the last character. */
  readonly end: number;
  /** What is named there: that a drug causes a disease is no use of it. */
  readonly entity?: { readonly kind: EntityKind };
}

/** At most this many characters before and behind a mention are read, so the time is bounded. */
const farthest = 160;

/** A cue reaches over this many words, or over twice as many in a list that ends with "or". */
const reachInWords: Readonly<Record<Exclude<Reach, "clause" | "word">, number>> = {
  words: 8,
  phrase: 5,
};

/** A name, and a cue that denies nothing, in the masked text. */
const nameMark = "\u0001";
const plainMark = "\u0002";

const verb = new RegExp(String.raw`\b${negationVerbs}\b`, "i");

/** Between two names that a cue reaches as one. */
const joint = /^\s*(?:(?:,|\/|and|or|nor|of|in|with|any|the|a|an)\s*)+$/i;

/** Between two names that share a denial behind the second. */
const onePhrase =
  /^\s*(?:(?:and|or|nor|in|of|for|during|from|as|an?|the|symptom|sign|finding|treatment|therapy|drug)\s*)+$/i;

/** Words of a gap; a mention in it counts as one. */
const countWords = (text: string): number => text.split(/[\s,]+/).filter(Boolean).length;

/** Whether a cue reaches a name behind `gap`; `rest` is the clause behind the name. */
function reaches(reach: Reach, gap: string, rest: string): boolean {
  if (reach === "word") return /^[\s-]?$/.test(gap);
  if (reach === "clause") return true;
  const most = reachInWords[reach];
  if (reach === "phrase") {
    if (verb.test(gap)) return false;
    const last = gap.lastIndexOf(nameMark);
    if (last >= 0 && !joint.test(gap.slice(last + 1))) return false;
  }
  if (gap.includes(",")) return countWords(gap) <= 2 * most && /\b(?:or|nor)\s/i.test(gap + rest);
  return countWords(gap) <= most && !/\b(?:that|which|who)\b/i.test(gap.replace(/^\s*that\b/i, ""));
}

/**
 * Whether an odd number of cues before `at` reaches it, and whether one of them is about the whole clause ("it is wrong that").
 * A cue behind "and", "or" or a comma starts anew.
 */
function deniedBefore(masked: string, at: number): { denied: boolean; clause: boolean } {
  const window = masked.slice(Math.max(0, at - farthest), at);
  const clause = window.slice([...window.matchAll(border)].reduce((_, m) => m.index + 1, 0));
  const rest = masked.slice(at, at + farthest).split(border)[0] ?? "";
  const cues = cuesBefore.flatMap(({ reach, pattern }) =>
    [...clause.matchAll(pattern)].map((match) => ({
      reach,
      start: match.index,
      end: match.index + match[0].length,
    }))
  ).sort((a, b) => b.end - a.end || a.start - b.start);
  let odd = false;
  let whole = false;
  let before = clause.length + 1;
  for (const { reach, start, end } of cues) {
    if (end > before || !reaches(reach, clause.slice(end), rest)) continue;
    odd = !odd;
    whole ||= reach === "clause";
    before = start;
    const cue = clause.slice(start, end);
    if (/^nor$/i.test(cue) || /(?:\b(?:and|or|nor)|,)\s*$/i.test(clause.slice(0, start))) break;
  }
  return { denied: odd, clause: whole };
}

/** The text with names and pseudo-negations masked, at their places. */
function mask(text: string, spans: readonly Span[]): string {
  let masked = "";
  let at = 0;
  for (const { start, end } of spans) {
    if (start < at) continue;
    masked += text.slice(at, start) + nameMark.repeat(end - start);
    at = end;
  }
  masked += text.slice(at);
  return pseudoNegations.reduce(
    (plain, pattern) => plain.replace(pattern, (found) => plainMark.repeat(found.length)),
    masked,
  );
}

/**
 * Which mentions are denied: "not topiramate", "no fever", "influenza is unlikely", "fever? No." A cue inside a mention is
 * part of the name ("ulcer without hemorrhage") and denies nothing.
 *
 * @param text Any text.
 * @param spans The mentions, from left to right, which do not overlap unless they are at one place.
 * @returns One flag for each.
 *
 * @example
 * ```ts
 * import { deniedSpans } from "./negation.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const text = "nausea, no fever";
 * assertEquals(deniedSpans(text, [{ start: 0, end: 6 }, { start: 11, end: 16 }]), [false, true]);
 * ```
 */
export function deniedSpans(text: string, spans: readonly Span[]): boolean[] {
  const masked = mask(text, spans);
  const takenBack = [...text.matchAll(retraction)].map((match) => match.index);
  const calledFalse = [...text.matchAll(refuted)].map(({ index, 0: found }) =>
    [index, index + found.length] as const
  );
  const flags: boolean[] = spans.map(() => false);
  const behind: boolean[] = spans.map(() => false);
  for (let i = spans.length - 1; i >= 0; i--) {
    const { start, end, entity } = spans[i]!;
    const next = spans.findIndex((other, j) => j > i && other.start >= end);
    const stop = Math.min(end + farthest, next < 0 ? text.length : spans[next]!.start);
    const after = masked.slice(end, stop);
    const clause = after.split(border)[0] ?? "";
    behind[i] = denialBehind.test(clause) || answerBehind.test(masked.slice(end, end + farthest)) ||
      (entity?.kind === "drug" && harmBehind.test(clause)) ||
      (next >= 0 && onePhrase.test(after) && behind[next]!);
    const joined = next >= 0 && /^\s*(?:and|or|nor)\s*$/i.test(after) && flags[next]!;
    const { denied: before, clause: whole } = deniedBefore(masked, start);
    const struck = masked.slice(0, start).endsWith("~~") && masked.startsWith("~~", end);
    // "it is wrong that gout does not cause pain"
    const twice = before && (seldomBehind.test(clause) || (whole && behind[i]!));
    const denied = !twice && (before || behind[i]!);
    flags[i] = joined || struck || denied ||
      takenBack.some((at) => at >= end && at - end <= farthest) ||
      calledFalse.some(([from, to]) => from <= start && end <= to);
  }
  return flags;
}

/**
 * Whether a line takes back what the line above it says: "No.", "That is wrong.", "No, it is cough".
 *
 * @param line One line.
 * @returns True for an answer of denial or a retraction.
 */
export function takesBack(line: string): boolean {
  return answerBehind.test(`\n${line}`) || line.search(retraction) >= 0;
}
