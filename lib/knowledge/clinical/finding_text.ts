/**
 * What the words of a finding say: whether it is one finding, which findings it says to be absent, which quantity is high
 * or low, and which plainer finding it is a special form of.
 *
 * @module
 */

/** A quantity that is too high or too low. */
export interface Measured {
  /** The quantity in words: `tsh`, `fasting glucose`. */
  readonly quantity: string;
  /** Which way. */
  readonly direction: "high" | "low";
}

const measuredPattern =
  /^(?:(high|elevated|increased|raised)|(low|reduced|decreased)) (?:circulating )?(.+?)(?: level| concentration| count)?$/i;

/** Words of degree, course, side, place and quality that make a finding special and leave it what it is. */
const qualifiers = new Set(
  ("severe mild moderate intense excruciating worst sudden sudden-onset abrupt acute subacute chronic persistent prolonged " +
    "progressive recurrent repeated intermittent episodic spontaneous new new-onset unilateral bilateral one-sided left " +
    "right upper lower central diffuse generalized generalised localized localised widespread throbbing pulsating " +
    "pulsatile sharp dull burning stabbing tearing colicky cramping crampy pleuritic dry nonproductive productive barking " +
    "watery bloody profuse heavy light low-grade high-grade painful painless morning nocturnal daytime exertional " +
    "postprandial gradual rapid fluctuating unexplained unintentional marked slight watery constant constricting " +
    "pressing visible gross microscopic anterior posterior proximal distal symmetric symmetrical asymmetric " +
    "epigastric periumbilical suprapubic projectile forceful")
    .split(" "),
);

/** Where a remark on circumstances begins, behind the finding itself. */
const remark =
  /\s(?:with|without|from|after|during|on|at|in|while|when|that|which|lasting|radiating|spreading|worse|worsened|worsening|relieved|improved|brought|triggered|followed|despite|over|aggravated|especially|often|usually)\s|[,(]/i;

/** So many words of degree before a finding are passed over. */
const mostQualifiers = 8;

/**
 * Whether words name one finding, short enough for a sentence: at most six words, no list, remark, number or comparison.
 *
 * @param text The words of a finding.
 * @returns False for a list or a whole sentence.
 */
export function isAtomicFinding(text: string): boolean {
  return !/[,;:()<>=%/+?]|\d|\band\b|\bvs\b/i.test(text) && text.split(/\s+/).length <= 6;
}

/** The members of "a, b, or c". */
function members(list: string): string[] {
  return list.split(/, or |, and | or | and |,/).map((member) => member.trim())
    .filter((member) => member !== "");
}

/** What a text says to be absent. */
export interface Absence {
  /** The absent findings in words. */
  readonly absent: readonly string[];
  /** True when the text says nothing else: "absence of cough", not "nausea without vomiting". */
  readonly whole: boolean;
}

/**
 * The findings that a text says to be absent: "absence of cough or rhinorrhea", "no nausea or vomiting", "nausea without
 * vomiting". Absent pulses and an absent reflex are findings that are there.
 *
 * @param text The words of a finding.
 * @returns What is absent; undefined where the text denies nothing.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { absenceIn } from "./finding_text.ts";
 * assertEquals(absenceIn("absence of cough, rhinorrhea, or conjunctivitis"), {
 *   absent: ["cough", "rhinorrhea", "conjunctivitis"],
 *   whole: true,
 * });
 * ```
 */
export function absenceIn(text: string): Absence | undefined {
  const whole = /^(?:absence of|no(?: associated)?|not) (.+)$/i.exec(text);
  if (whole !== null) return { absent: members(whole[1]!), whole: true };
  const at = text.lastIndexOf(" without ");
  const behind = text.slice(at + " without ".length);
  if (at <= 0 || /[,;]/.test(behind) || text.slice(0, at).endsWith(" or")) return undefined;
  return { absent: members(behind), whole: false };
}

/**
 * The quantity that a text calls too high or too low.
 *
 * @param text The words of a finding.
 * @returns Quantity and direction; undefined for other findings.
 */
export function measuredIn(text: string): Measured | undefined {
  const found = measuredPattern.exec(text);
  if (found === null) return undefined;
  const quantity = found[3]!.toLowerCase();
  return { quantity, direction: found[1] === undefined ? "low" : "high" };
}

/**
 * The plainer findings that a finding entails by its words, the nearest first: without circumstances, then word by word
 * without degree, side and quality: "severe unilateral headache behind one eye" is a unilateral headache and a headache.
 *
 * @param text The words of a finding.
 * @returns Plainer wordings, which need not be names of anything; none for a text that denies.
 */
export function plainerFindings(text: string): string[] {
  if (absenceIn(text)?.whole === true) return [];
  const plain = new Set<string>();
  const bare = text.slice(0, remark.exec(text)?.index).trim();
  const pieces = bare.split(" and ");
  for (const piece of pieces.length > 1 ? [bare, ...pieces] : [bare]) {
    plain.add(piece.trim());
    const words = piece.trim().split(" ");
    for (let i = 0; i < mostQualifiers && words.length > 1; i++) {
      if (!qualifiers.has(words[0]!.toLowerCase())) break;
      words.shift();
      plain.add(words.join(" "));
    }
  }
  plain.delete("");
  plain.delete(text);
  return [...plain];
}
