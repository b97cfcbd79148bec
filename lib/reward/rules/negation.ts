/** Negation around a mention, in the manner of NegEx (Chapman et al. 2001): cues before it and behind it, in its clause. */

/** A place in a text. */
export interface Span {
  /** Index of the first character. */
  readonly start: number;
  /** Index after the last character. */
  readonly end: number;
}

/** At most this many characters before and behind a mention are read, so the time is bounded. */
const farthest = 160;

/** A cue reaches over this many words, or over twice as many in a list that ends with "or". */
const reach = 5;

const cue =
  /\b(?:no(?! doubt| less)|not(?! only| just| merely)|never|without|neither|nor|non|cannot|den(?:y|ies|ied)|absen(?:t|ce of)|exclud(?:e|es|ed|ing)|rul(?:e|es|ed|ing) out|avoid(?:s|ed|ing)?|unlikely|lacks?|free of|negative for|instead of|rather than|other than|except|contraindicated)\b|n['’]t\b/gi;

const auxiliary =
  "(?:is|are|was|were|be|been|does|do|did|has|have|had|can|could|should|would|will|must)";
const denied =
  "(?:absent|unlikely|excluded|contraindicated|denied|ruled out|inappropriate|wrong)\\b";
const behind = new RegExp(
  String.raw`^[\s("'*-]*(?:,?\s*(?:which|that|it|this)\s+)?(?:\w+\s+){0,2}?(?:` +
    String
      .raw`${auxiliary}(?:\s+(?:not|never|(?<=(?:is|are|was|were)\s+)no)\b(?! only)|n['’]t\b|\s+${denied})|cannot\b|never\b|` +
    String
      .raw`not\s+(?:indicated|present|likely|recommended|used|given|appropriate|seen|found)\b|${denied})`,
  "i",
);

/** Where a clause ends. */
const border =
  /[.;:!?](?=\s|$)|\n|\b(?:but|however|though|although|while|whereas|because|since|therefore|yet|and\s+(?:reports?|ha[sd]|have|shows?|presents?|takes?))\b/gi;

/** Words of a gap; a mention in it counts as one. */
const countWords = (text: string): number => text.split(/[\s,]+/).filter(Boolean).length;

function cueBefore(text: string, at: number): boolean {
  const window = text.slice(Math.max(0, at - farthest), at);
  const clause = window.slice([...window.matchAll(border)].reduce((_, m) => m.index + 1, 0));
  const last = [...clause.matchAll(cue)].at(-1);
  if (last === undefined) return false;
  const gap = clause.slice(last.index + last[0].length);
  if (!gap.includes(",")) {
    return countWords(gap) <= reach && !/\b(?:that|which|who)\b/i.test(gap);
  }
  const rest = text.slice(at, at + farthest).split(border)[0]!;
  return countWords(gap) <= 2 * reach && /\b(?:or|nor)\s/i.test(gap + rest);
}

/**
 * Which mentions are denied: "not topiramate", "no fever", "influenza is unlikely". A cue inside a mention is part of
 * the name ("ulcer without hemorrhage") and denies nothing.
 *
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
  let masked = "";
  let at = 0;
  for (const { start, end } of spans) {
    if (start < at) continue;
    masked += text.slice(at, start) + "\u0001".repeat(end - start);
    at = end;
  }
  masked += text.slice(at);
  const flags: boolean[] = spans.map(() => false);
  for (let i = spans.length - 1; i >= 0; i--) {
    const { start, end } = spans[i]!;
    const next = spans.findIndex((other, j) => j > i && other.start >= end);
    const stop = Math.min(end + farthest, next < 0 ? text.length : spans[next]!.start);
    const after = masked.slice(end, stop);
    const shares = next >= 0 && /^\s*(?:and|or|nor)\s*$/i.test(after) && flags[next]!;
    flags[i] = shares || cueBefore(masked, start) ||
      behind.test(after.split(border)[0]!);
  }
  return flags;
}
