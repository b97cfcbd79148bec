/**
 * Words that say of a drug that it is used, that it does nothing, and that it must not be given.
 *
 * @module
 */
import { isFirstLine } from "./qualifiers.ts";
import type { CheckedTextClaim } from "./types.ts";

const given = String
  .raw`(?:giv\w+|us(?:e[ds]?|ing)|tak(?:en?|es|ing)|prescrib\w*|start\w*|offer\w*|administ\w*|receiv\w*|combin\w*)`;
const may = "(?:must|should|ought|shall|may|can|could|do|does|is|are|will|would|need)";

/** That a drug must not be given. */
export const harm: RegExp = new RegExp(
  String
    .raw`\b(?:contra-?indicat\w*|avoid(?:s|ed|ing)?|withh[eo]ld\w*|harm(?:s|ful|ed)?|dangerous|hazardous|unsafe|unsuitable|inadvisable|advis(?:es?|ed|ing)\s+against|given\s+neither|forbid(?:s|den)?|prohibit(?:s|ed)?|preclud(?:es?|ed)|(?:ruled\s+out|barred|excluded)\s+(?:by|in|during)|off[-\s]limits|ill-advised|not\s+for\s+(?:you|them)|(?:steer\s+clear|rules?\s+(?:it|them|this|that)\s+out|(?:stay|keep|kept)\s+(?:away|clear))|` +
    String
      .raw`${may}\s*(?:not|never|n['’]t)\s+be\s+(?:the|its|their)\s+(?:only|sole)|(?:nobody|no[\s-]one|no\s+patients?)\b[^.;,]{0,60}?\b(?:should|must|may|can|ought\s+to)\s+(?:be\s+)?${given}|` +
    String
      .raw`${may}\s*(?:not|n['’]t)\s+(?:to\s+)?(?:be\s+|ever\s+)?(?:${given}|get|have)|(?:cannot|never)\s+(?:be\s+)?${given}|not\s+(?:to\s+be\s+)?(?:given|used|recommended|allowed|permitted|advis\w+)|` +
    String
      .raw`neither\s+(?:(?:[\p{L}-]+\s+){1,3}?nor\s+(?:[\p{L}-]+\s+){1,3}?)?${may}\s+(?:to\s+)?(?:be\s+)?${given})\b`,
  "iu",
);
/** That it is not. */
export const harmless: RegExp =
  /\b(?:not|never|n['’]t)\s+(?:be\s+|strictly\s+)?(?:contra-?indicat\w*|harmful|dangerous|unsafe|avoided)|\bneed\s+not\s+be\s+avoided|\bno\s+(?:harm|danger|contra-?indication\w*)\b|\b(?:perfectly|entirely|completely|quite|considered)\s+safe\b|\bsafe(?:ly)?\s+(?:to|in|for|be)\b|\bis\s+(?:an?\s+)?safe\b|\bwithout\s+(?:any\s+|much\s+)?(?:risk|danger|worry|concern|hesitation|problems?)\b/i;
/** That it does nothing. */
export const useless: RegExp =
  /\b(?:useless|worthless|ineffective|of\s+no\s+(?:use|benefit|value|help)|no\s+(?:role|place|benefit|effect)|(?:does|do|did|will|would)\s*(?:not|n['’]t)\s+(?:help|work|treat|relieve|improve|benefit)|not\s+(?:effective|useful|helpful|indicated|used|a\s+treatment)|never\s+(?:used|helps))\b/i;
/** That it is used. */
const use =
  /\b(?:treat\w*|first|1st|tx|rx|choice|choose|chosen|giv\w+|start\w*|beg[iau]n\w*|us(?:e|es|ed|ing|ually)|help\w*|reliev\w*|eas(?:e|es|ed)|standard|recommend\w*|options?|therap\w*|prescri\w*|indicated|effective|works?|control\w*|manag\w*|corrected\s+with|drugs?|medic\w*|substitut\w*|add(?:ed|s)?|offer\w*|line|administ\w*|tak(?:e|en|es|ing)|receiv\w*|agents?|antibiotics?|prevent\w*|mainstays?|respond\w*|benefit\w*|combin\w*|initiat\w*|preferred|kept|left\s+for|replaced\s+by|reserved?|abolish\w*|suitable|painkillers?|indispensable|essential|calls?\s+for|requires?|need(?:s|ed)?|backbone|cornerstone)\b/i;

const measured =
  "(?:high|low|raised|elevated|increased|decreased|reduced|normal|deficient|measured)";
const measuredBefore = new RegExp(
  String
    .raw`\b(?:${measured}\s+(?:\w+\s+)?|(?:lack|shortage|deficiency|absence|want)\s+of\s+(?:\w+\s+)?)$`,
  "i",
);
const measuredBehind = new RegExp(
  String.raw`^\s+(?:levels?\s+)?(?:(?:is|are|may\s+be|can\s+be)\s+)(?:\w+\s+)?${measured}\b`,
  "i",
);

/**
 * Whether a drug stands for its level in the blood: "a high glucose", "their testosterone may be elevated".
 *
 * @param text The text.
 * @param name Where the drug stands.
 * @returns True where it is measured and not given.
 */
export const isLevel = (
  text: string,
  { start, end }: { readonly start: number; readonly end: number },
): boolean =>
  measuredBefore.test(text.slice(Math.max(0, start - 30), start)) ||
  measuredBehind.test(text.slice(end, end + 40));

/** Before a drug that somebody has had. */
export const exposure: RegExp =
  /\b(?:(?:after|following|since)(?:\s+(?:starting|taking|receiving|beginning|(?:the\s+)?(?:start|use)\s+of|being\s+given))?|(?:days?|weeks?)\s+(?:[\p{L}\d-]+\s+)?(?:of|on|into)|exposure\s+to|history\s+of\s+(?:taking|using|use\s+of)|(?:caused|induced|triggered|provoked)\s+by|due\s+to)\s+(?:an?\s+|the\s+)?$/iu;

/** That a drug is given with caution. */
export const caution: RegExp = /\bcautio(?:n|us)/i;

/** That a drug is given late, which no table says of one. */
export const postponed: RegExp =
  /\bha(?:s|ve)\s+to\s+wait\s+until\b|\b(?:(?:kept|held|keep|hold)\s+back|with(?:held|hold)|delay(?:ed)?|postpone[ds]?|not\s+(?:be\s+)?(?:given|started|used|begun|start|give|use))\s+(?:\w+\s+){0,4}?until\b/i;

/** That it is not, or no longer, first-line. */
const notFirst =
  /\b(?:not|never|no\s+longer)\s+(?:considered\s+|regarded\s+as\s+)?(?:an?\s+|the\s+|among\s+the\s+)?first[-\s](?:line|choice)|\b(?:has|have)\s+(?:largely\s+|mostly\s+|now\s+)*been\s+replaced\b/i;

/** What words say of a drug. */
export interface SaidOfDrug {
  /** The relation. */
  readonly relation: "contraindicated" | "treats" | "first_line";
  /** Whether it is denied. */
  readonly polarity: CheckedTextClaim["polarity"];
}

/**
 * What a sentence, or a part of one, says of its drugs.
 *
 * @param words The words.
 * @returns The relation, and whether it is denied; undefined where they say nothing, or ask for caution.
 */
export function saidOfDrugs(words: string): SaidOfDrug | undefined {
  if (notFirst.test(words)) return { relation: "first_line", polarity: "denied" };
  if (harmless.test(words)) return { relation: "contraindicated", polarity: "denied" };
  if (useless.test(words)) return { relation: "treats", polarity: "denied" };
  if (harm.test(words)) return { relation: "contraindicated", polarity: "affirmed" };
  if (caution.test(words)) return undefined;
  // "Cystitis: nitrofurantoin": a note
  if (!use.test(words) && !/^[^:]{3,60}:\s/.test(words)) return undefined;
  return { relation: isFirstLine(words) ? "first_line" : "treats", polarity: "affirmed" };
}

/** Where the part of a sentence ends that says something of a drug. */
const part =
  /[;:]|\.\s|,\s+(?=(?:(?:it|they)\s+(?:is|are|must|should|may|can)|and|but|yet|while|whereas|though|although|which|whose|where|when|for\s+which|with|so|as|because|since|[a-z]+\s+being)\b)|\b(?:but|whereas|while|although|though|however)\b|\band\b(?=\s+(?:avoid|keep|stay|steer|withhold|stop|do\s+not|never)\b)|(?<=\b(?:is|are|was|were|has|have|should|may|can|must)\b[^;.]*)\band\b(?=[^,;.]*\b(?:is|are|was|should|may|can|must)\b)/gi;

/**
 * The words around a drug that say something of it.
 *
 * @param words A sentence.
 * @param at Where the drug stands in it.
 * @returns The part between commas, "but" and the like, or that and the next; the whole sentence where these say nothing of a drug.
 */
export function partAround(words: string, at: number): string {
  const borders = [...words.matchAll(part)].map(({ index }) => index);
  const from = borders.filter((border) => border < at).at(-1) ?? 0;
  const ends = [...borders.filter((border) => border >= at), words.length];
  const parts = ends.slice(0, 2).map((end) => words.slice(from, end));
  return parts.find((own) => saidOfDrugs(own) !== undefined || caution.test(own)) ?? words;
}
