/**
 * Of whom, when and how surely: what ConText (Harkema et al. 2009) reads beside negation, from words near a name.
 *
 * @module
 */
import type { Certainty, ClaimTime, Experiencer } from "./types.ts";

interface Span {
  readonly start: number;
  readonly end: number;
}

/** So many characters before and behind a name are read. */
const farthest = 120;

/** Where the reach of a word about time or person ends. */
const border =
  /[;.!?\n]|\b(?:but|whereas|while|although|however|now|currently|at\s+present|today|presently|and\s+(?:he|she|the|now|is|has|reports?|presents?|complains?|den(?:y|ies))|whose|who|himself|herself|itself)\b/giu;

const pastBefore =
  /\b(?:history\s+of|past|previous(?:ly)?|prior|former(?:ly)?|earlier|childhood|used\s+to\s+(?:have|suffer\s+from)|recovered\s+from|survived|resolved|remote|once\s+had|years?\s+after|cured\s+of|status\s+post|had\s+had)\b/i;
const pastBehind =
  /\b(?:ago|at\s+(?:the\s+)?age\s+(?:of\s+)?\w+|when\s+(?:he|she|they)\s+(?:was|were)\s+(?:\d|a\s|very|still|young|little|small|in\b)|as\s+an?\s+adult|in\s+the\s+past|as\s+an?\s+(?:child|boy|girl|baby|infant|teenager|young\s+\w+|student)|in\s+(?:(?:his|her|their|the|early)\s+)?(?:childhood|infancy|youth|adolescence|teens|twenties|thirties|(?:19|20)\d\d)|last\s+(?:year|month|summer|winter|spring|autumn)|years?\s+(?:earlier|before)|previously|formerly|since\s+(?:resolved|cured)|(?:has|have|had)\s+(?:since\s+)?(?:resolved|gone|cleared|healed)|earlier\s+in\s+life)\b/i;
const futureBefore =
  /\b(?:(?:at|high|low|increased|raised|higher|lower|greater)\s+(?:\w+\s+)?risk\s+(?:of|for)|risks?\s+(?:of|for|factors?\s+for)|prone\s+to|susceptible\s+to|predispos\w+\s+to|likely\s+to\s+(?:develop|get|have)|(?:may|might|could|will|would|can)\s+(?:\w+\s+)?(?:develop|get|have|suffer|contract)|to\s+prevent|prevention\s+of|prophylaxis\s+(?:of|for|against)|screen(?:ed|ing)?\s+for|watch\s+(?:out\s+)?for|worr\w+\s+(?:about|of)|fears?|afraid\s+of|vaccinated\s+against|vaccination\s+against|expects?|in\s+case\s+of)\b/i;
const futureBehind =
  /\b(?:in\s+(?:the\s+)?future|later\s+in\s+life|is\s+(?:possible|expected|a\s+risk)|tomorrow|next\s+(?:week|month|year))\b/i;
const familyBefore =
  /\b(?:(?:family|familial)\s+history|history\s+in\s+the\s+family|runs\s+in\s+the\s+family)\b/i;
const familyBehind =
  /\b(?:in\s+(?:the|his|her|their|a|an|one)\s+(?:\w+\s+)?(?:mother|father|parents?|brothers?|sisters?|siblings?|sons?|daughters?|aunts?|uncles?|cousins?|grand\w+|family|relatives?)|runs\s+in\s+(?:the|his|her)\s+family)\b/i;

const hedge =
  /\b(?:may|might|could|possibl[ey]|perhaps|probabl[ey]|likely|presumabl[ey]|suspected|suspicion|seems?|appears?|suggests?|sometimes|occasionally|can)\b/i;

/** The words of the clause before and behind a place, without other names: "fear of dying" says nothing of what stands beside it. */
function around(
  text: string,
  start: number,
  end: number,
  { start: from, end: to }: Span,
  others: Iterable<Span>,
) {
  const first = Math.max(from, start - farthest);
  const last = Math.min(to, end + farthest);
  let plain = text.slice(first, last);
  for (const other of others) {
    if (other.start < first || other.end > last || (other.start < end && start < other.end)) {
      continue;
    }
    const [at, length] = [other.start - first, other.end - other.start];
    plain = plain.slice(0, at) + "_".repeat(length) + plain.slice(at + length);
  }
  const before = plain.slice(0, start - first);
  const behind = plain.slice(end - first);
  const cut = [...before.matchAll(border)].at(-1);
  return {
    before: cut === undefined ? before : before.slice(cut.index + cut[0].length),
    now: cut !== undefined && /now|current|present|today/i.test(cut[0]),
    behind: behind.split(border)[0] ?? "",
  };
}

/** What the words around a name say of its claim. */
export interface TextContext {
  /** `family` where the words say so. */
  readonly experiencer?: Extract<Experiencer, "family">;
  /** When. */
  readonly time: ClaimTime;
  /** How surely. */
  readonly certainty: Exclude<Certainty, "hypothetical">;
}

/**
 * Reads the words around a name within its clause.
 *
 * @param text The whole text.
 * @param name The place of the name.
 * @param sentence The place of its sentence.
 * @param others Other names, whose words do not count.
 * @returns Of whom, when and how surely.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { contextOf } from "./context.ts";
 *
 * const text = "a family history of gout";
 * assertEquals(contextOf(text, { start: 20, end: 24 }, { start: 0, end: 24 }), {
 *   experiencer: "family",
 *   time: "now",
 *   certainty: "stated",
 * });
 * ```
 */
export function contextOf(
  text: string,
  name: Span,
  sentence: Span,
  others: Iterable<Span> = [],
): TextContext {
  const { before, behind, now } = around(text, name.start, name.end, sentence, others);
  const relatives = familyBefore.test(before) || familyBehind.test(behind);
  const past = !now &&
    (pastBefore.test(before.replace(familyBefore, "")) || pastBehind.test(before) ||
      pastBehind.test(behind));
  const future = futureBefore.test(before) || futureBehind.test(behind);
  return {
    ...(relatives ? { experiencer: "family" } : {}),
    time: future ? "future" : past ? "past" : "now",
    certainty: hedge.test(before) ? "hedged" : "stated",
  };
}
