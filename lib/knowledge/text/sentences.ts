/**
 * The sentences and labelled lines of a text, each with its place and its form.
 *
 * @module
 */

/** What a sentence does. */
export type SentenceForm = "statement" | "question" | "condition" | "instruction";

/** One sentence, or one labelled line. */
export interface Sentence {
  /** Index of the first character in the text. */
  readonly start: number;
  /** Index after the last character. */
  readonly end: number;
  /** What it does. */
  readonly form: SentenceForm;
  /** Of a line such as "Diagnosis: gout" the label in small letters; its value is the sentence. */
  readonly label?: string;
  /** Where that label begins. */
  readonly labelStart?: number;
}

/** A longer sentence is read in parts: the time that one takes stays bounded. */
export const longest = 600;

/** A full stop behind these ends no sentence. */
const abbreviation =
  /\b(?:dr|mr|mrs|ms|prof|st|vs|approx|no|fig|etc|resp|cf|al|hx|pt|e\.g|i\.e|a\.m|p\.m)\.$/i;

/** Nor behind the initial of a name; behind a word in small letters it is part of what that says: "vitamin D". */
const initial = /(?<!\p{Ll}\s)\b\p{Lu}\.$/u;

/** A sentence's end: a stop before white space, or a line break. */
const stop = /[.!?]+["'”’)\]*]*(?=\s|$)|\n+|;(?=\s)/g;

const label =
  /^[\s>#*_-]*(?:\d{1,2}[.)]\s+)?[*_]*([A-Za-z][A-Za-z -]{1,30}?)[*_]*\s*[:：][*_]*\s*(?=\S)/;

const question =
  /^(?:which|what|who|whom|whose|where|why|how|does|do|did|is|are|was|were|can|could|would|will|has|have|had)\b/i;
const condition = new RegExp(
  String
    .raw`^(?:if(?!\s+(?:\w+ly\s+|not\s+)*(?:started|given|taken|begun|caught|used|needed|tolerated|available|treated)\b)|unless|should|were|suppose|assuming|assume|provided|imagine|in\s+case|in\s+the\s+event)\b|` +
    // "helps if started early" says when, and supposes nothing
    String
      .raw`\b(?:whether|(?<!\bas\s+)if(?!\s+(?:\w+ly\s+|not\s+|left\s+)*(?:\w+ed|given|taken|begun|caught|found|left|possible|necessary|appropriate)\b)|unless|provided\s+that|assuming|in\s+case)\b`,
  "i",
);
const instruction = new RegExp(
  String
    .raw`^(?:please\s+)?(?:name|write|list|state|describe|explain|choose|select|reply|answer|respond|complete|tell|mention|` +
    String
      .raw`say|put|summari[sz]e|discuss|compare|identify|provide|think|let|do\s+not|don['’]t|remember|ask|look|read)\b`,
  "i",
);

function formOf(text: string): SentenceForm {
  const words = text.replace(/^[\s>#*_"'“”(-]+/, "");
  if (/\?["'”’)\]*]*\s*$/.test(text)) return "question";
  if (condition.test(words)) return "condition";
  if (instruction.test(words)) return "instruction";
  if (!question.test(words)) return "statement";
  // "What makes gout painful is that ..." is none
  return /^(?:wh|how)/i.test(words) && /[.!]["'”’)\]*]*\s*$/.test(text) ? "statement" : "question";
}

/** Parts of at most {@linkcode longest} characters, cut at white space. */
function* parts(text: string, start: number, end: number): Generator<[number, number]> {
  while (end - start > longest) {
    const space = text.lastIndexOf(" ", start + longest);
    const cut = space > start ? space : start + longest;
    yield [start, cut];
    start = cut;
  }
  yield [start, end];
}

/**
 * Splits a text into sentences and labelled lines.
 *
 * @param text Any text.
 * @returns Sentences from left to right, without the white space around them; long ones in parts of 600 characters.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { sentencesOf } from "./sentences.ts";
 *
 * const text = "Diagnosis: gout\nIs it e.g. Dr. X? If so, treat it.";
 * assertEquals(
 *   sentencesOf(text).map(({ start, end, form, label }) => [text.slice(start, end), form, label]),
 *   [["gout", "statement", "diagnosis"], ["Is it e.g. Dr. X?", "question", undefined], [
 *     "If so, treat it.",
 *     "condition",
 *     undefined,
 *   ]],
 * );
 * ```
 */
export function sentencesOf(text: string): Sentence[] {
  const found: Sentence[] = [];
  let from = 0;
  const add = (to: number): void => {
    for (const [first, last] of parts(text, from, to)) {
      const raw = text.slice(first, last);
      const start = first + raw.length - raw.trimStart().length;
      const end = first + raw.trimEnd().length;
      if (start >= end) continue;
      const sentence = text.slice(start, end);
      const named = label.exec(sentence);
      const form = formOf(sentence);
      if (named !== null) {
        const key = named[1]!.toLowerCase().replace(/\s+/g, " ").trim();
        const value = sentence.slice(named[0].length);
        found.push({
          start: start + named[0].length,
          end,
          form: formOf(value),
          label: key,
          labelStart: start,
        });
      } else found.push({ start, end, form });
    }
    from = to;
  };
  for (const match of text.matchAll(stop)) {
    const end = match.index + match[0].length;
    const last = text.slice(Math.max(from, end - 12), end);
    if (match[0] === "." && (abbreviation.test(last) || initial.test(last))) continue;
    add(end);
  }
  add(text.length);
  return found;
}
