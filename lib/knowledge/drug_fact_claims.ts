/**
 * What a sentence says of drugs in a disease, where no pattern reads it: by its words of use and of harm, in whatever order.
 *
 * @module
 */
import type { DrugCondition, FactBook } from "./disease_facts.ts";
import { forbiddenGround } from "./drug_grounds.ts";
import { harm, harmless, use, useless } from "./drug_words.ts";
import { placesOf, spanOf } from "./facts_said.ts";
import { type ClaimJudge, denied, type JudgedEvidence } from "./graph_judge.ts";
import { frame, type PlainStem, plainStems } from "./plain_words.ts";
import {
  general,
  type KnownDisease,
  type ReadSentence,
  stemsIn,
  wordsOf,
} from "./read_sentence.ts";
import { isOf } from "./relation_links.ts";
import { inside, meaningOf, nameAt } from "./text_names.ts";
import { isFirstLine } from "./text_qualifiers.ts";
import type { CheckedTextClaim, TextName } from "./text_types.ts";

/** Before a drug that another takes the place of. */
const replaced =
  /\b(?:instead\s+of|rather\s+than|substitutes?\s+for|alternatives?\s+to|in\s+place\s+of|replac\w+|than|unlike|allergic\s+to|allergy\s+to)\s+(?:[\p{L}-]+\s+(?:or|and)\s+)?(?:an?\s+|the\s+)?$/iu;

/** What a sentence can say of a drug. */
type DrugRelation = "contraindicated" | "treats" | "first_line";

/** What was read of drugs. */
export interface DrugReading {
  /** Claims with their verdicts, of drugs of which nothing else was read. */
  readonly claims: readonly CheckedTextClaim[];
  /** The names that are accounted for. */
  readonly names: readonly TextName[];
  /** When the tables use the drugs: this accounts for what else a sentence names. */
  readonly settings: readonly string[];
}

/** What a sentence says of its drugs: the relation, and whether it is denied; undefined where it says both or nothing. */
function saidOfDrugs(
  words: string,
):
  | { readonly relation: DrugRelation; readonly polarity: CheckedTextClaim["polarity"] }
  | undefined {
  if (harmless.test(words)) return { relation: "contraindicated", polarity: "denied" };
  if (useless.test(words)) return { relation: "treats", polarity: "denied" };
  if (harm.test(words)) return { relation: "contraindicated", polarity: "affirmed" };
  if (/\bcaution/i.test(words)) return undefined;
  // "Cystitis: nitrofurantoin": a note
  if (!use.test(words) && !/^[^:]{3,60}:\s/.test(words)) return undefined;
  return { relation: isFirstLine(words) ? "first_line" : "treats", polarity: "affirmed" };
}

/** Where the part of a sentence ends that says something of a drug. */
const part =
  /[;:]|,\s+(?=(?:and|but|while|whereas|though|although|which|whose|where|when|for\s+which|with|so|as)\b)|\b(?:but|whereas|while|although|though)\b|\band\b(?=[^,;]*\b(?:is|are|was|should|may|can|must)\b)/gi;

/** The words around a drug that say something of it; the whole sentence where they do not. */
function partAround(words: string, at: number): string {
  const borders = [...words.matchAll(part)].map(({ index }) => index);
  const from = borders.filter((border) => border < at).at(-1) ?? 0;
  const own = words.slice(from, borders.find((border) => border >= at) ?? words.length);
  return saidOfDrugs(own) === undefined ? words : own;
}

/** What a drug is used for, behind its name. */
const usedFor = /^[^,;]*?\bfor\s+(?:the\s+)?([^,;]+)/i;

/**
 * The use of another drug of the disease that words behind a drug name, where the tables give this one another: "lactulose for
 * ascites".
 */
function otherSetting(
  behind: string,
  drug: string,
  settings: ReadonlyMap<string, readonly string[]>,
): string | undefined {
  const own = settings.get(drug) ?? [];
  const stems = new Set(plainStems(usedFor.exec(behind)?.[1] ?? "").map(({ stem }) => stem));
  const stemsOf = (setting: string): string[] =>
    plainStems(setting).map(({ stem }) => stem).filter((stem) => !frame.has(stem));
  if (own.length === 0 || own.some((setting) => stemsOf(setting).some((stem) => stems.has(stem)))) {
    return undefined;
  }
  return [...settings.values()].flat().find((setting) => {
    const words = stemsOf(setting);
    return words.length > 0 && words.every((stem) => stems.has(stem));
  });
}

const usedOtherwise = (disease: string, drug: string, setting: string): JudgedEvidence => ({
  verdict: "contradicted",
  path: [`${disease}: ${setting}`],
  reason: `the tables give another drug for "${setting}" than ${drug}`,
});

/** What is known before the drugs of a sentence are read. */
export interface DrugContext {
  /** Claims of the sentence that are supported: of their drugs nothing more is read. */
  readonly supported: readonly CheckedTextClaim[];
  /** Stems of facts that the sentence says: a drug that is one of them is part of a fact. */
  readonly ofFacts: ReadonlySet<string>;
  /** Decides. */
  readonly judge: ClaimJudge;
}

const order = ["supported", "contradicted", "associated", "unknown"] as const;

/**
 * What a sentence says of drugs in the diseases that it names.
 *
 * @param sentence The sentence with its names.
 * @param diseases Its diseases with their facts; of several that one counts of which a source says the same.
 * @param context What is known.
 * @returns Claims, none where it names no other drug or it is not clear what it says of one.
 */
export function drugClaims(
  sentence: ReadSentence,
  diseases: readonly KnownDisease[],
  { supported, ofFacts, judge }: DrugContext,
): DrugReading {
  const { text, place, names } = sentence;
  const idOf = (name: TextName): string | undefined => meaningOf(name, ["drug"])?.id;
  const drugs = names.filter((name) =>
    idOf(name) !== undefined && diseases.every((one) => one.name.start !== name.start)
  );
  const read = new Set(supported.flatMap(({ subject, object }) => [subject.start, object.start]));
  const isPassedOver = ({ start, end }: TextName): boolean =>
    read.has(start) || replaced.test(text.slice(place.start, start)) ||
    plainStems(text.slice(start, end)).every(({ stem }) => ofFacts.has(stem));
  const claims = drugs.filter((name) => !isPassedOver(name)).flatMap((subject) => {
    const words = partAround(wordsOf(sentence), subject.start - place.start);
    const said = saidOfDrugs(words);
    if (said === undefined) return [];
    const { relation, polarity } = said;
    const next = drugs.find(({ start }) => start >= subject.end)?.start ?? place.end;
    const found = diseases.map(({ name, known: { profile, settings } }): CheckedTextClaim => {
      const other = otherSetting(text.slice(subject.end, next), idOf(subject)!, settings);
      const found = other === undefined || relation === "contraindicated"
        ? judge({ subject: idOf(subject)!, relation, object: profile.disease.id })
        : usedOtherwise(profile.disease.name, subject.text, other);
      const { verdict, path, reason } = polarity === "affirmed" ? found : denied(found);
      return {
        ...general(place),
        subject,
        relation,
        object: name,
        polarity,
        rule: "words of use and harm",
        verdict,
        path,
        reason,
      };
    });
    const best = order.flatMap((verdict) => found.filter((one) => one.verdict === verdict));
    return best.slice(0, 1);
  });
  return {
    claims,
    names: drugs.filter((name) =>
      isPassedOver(name) || claims.some(({ subject }) => subject.start === name.start)
    ),
    settings: drugs.flatMap((name) =>
      diseases.flatMap(({ known }) => known.settings.get(idOf(name)!) ?? [])
    ),
  };
}

/** So many other words may stand among those of a condition: "for gout ..., which must not be given as the only treatment". */
const FAR_BETWEEN = 12;

/** Words that take a use back, or a condition. */
const exception = /\b(?:not|no|never|unless|without|except|instead|rather|free\s+of)\b|n['’]t\b/i;

/** Before a drug that somebody has had. */
export const exposure: RegExp =
  /\b(?:(?:after|following|since)(?:\s+(?:starting|taking|receiving|beginning|(?:the\s+)?(?:start|use)\s+of|being\s+given))?|exposure\s+to|(?:caused|induced|triggered|provoked)\s+by|due\s+to)\s+(?:an?\s+|the\s+)?$/i;

/** Before a condition in which something does not hold: "but not if the eye is infected". */
const butNot =
  /\b(?:not|unless|except)\s+(?:if|when|in|with|where|for)?\s*(?:the|an?|there\s+is)?\s*$/i;

/** Where a condition stands in a sentence, by its name or by its words; not where the drug is one: "heparin-induced". */
function placeOf(
  { row, stems: words }: DrugCondition,
  { names }: ReadSentence,
  stems: readonly PlainStem[],
  drug: TextName,
): { readonly start: number; readonly end: number } | undefined {
  const named = names.find(({ entities }) => entities.some(({ id }) => id === row.condition.id));
  if (named !== undefined) return named;
  const places = placesOf(stems, words, FAR_BETWEEN);
  if (places === undefined || places.some((place) => inside(stems[place]!, drug))) return undefined;
  return spanOf(stems, places);
}

/** Whether a part of a sentence forbids a drug, or uses it; undefined where it does neither, or takes it back. */
function saysOfCondition(words: string): boolean | undefined {
  const said = saidOfDrugs(words);
  if (said === undefined) return undefined;
  if (said.relation === "contraindicated" && said.polarity === "affirmed") return true;
  const uses = said.polarity === "affirmed" || harmless.test(words);
  return uses && !exception.test(words.replace(harmless, "")) ? false : undefined;
}

/**
 * What a sentence says of drugs and of conditions that speak against them, whatever these are called: "when the bowel is obstructed".
 *
 * @param sentence The sentence with its names.
 * @param book The conditions.
 * @returns Claims that a drug is contraindicated, which are supported, and that it is used in spite of it, which are contradicted.
 */
export function conditionClaims(sentence: ReadSentence, book: FactBook): CheckedTextClaim[] {
  const { text, place, names } = sentence;
  const words = wordsOf(sentence);
  const stems = stemsIn(sentence);
  return names.flatMap((subject): CheckedTextClaim[] => {
    const drug = meaningOf(subject, ["drug"]);
    // "Five days after heparin was started": no use in what comes of it
    if (drug === undefined || exposure.test(text.slice(place.start, subject.start))) return [];
    return book.conditionsOf(drug.id).flatMap((condition): CheckedTextClaim[] => {
      const at = placeOf(condition, sentence, stems, subject);
      if (at === undefined) return [];
      // "Ectopic pregnancy" is another condition than pregnancy
      const whole = names.find((name) => inside(at, name) && isOf(name, ["disease"]));
      if (whole !== undefined && plainStems(whole.text).length > condition.stems.length) return [];
      const around = (start: number): boolean | undefined =>
        saysOfCondition(partAround(words, start - place.start));
      // "First-line in cystitis, but unsuitable if the kidneys are impaired"
      const isBehind = at.start > subject.end &&
        names.every((name) =>
          name.start < subject.end || name.start > at.start || !isOf(name, ["drug"])
        );
      // "Amoxicillin is first-line; azithromycin is kept for people allergic to penicillin"
      const isOthers = at.start > subject.end && !isBehind &&
        /;|\bbut\b|\bwhile\b/i.test(text.slice(subject.end, at.start));
      if (isOthers) return [];
      const forbids = butNot.test(text.slice(place.start, at.start)) ||
        ((isBehind ? around(at.start) : undefined) ?? around(subject.start));
      if (forbids === undefined || (!forbids && harm.test(words))) return [];
      const { path, reason } = forbiddenGround(drug.name, condition.row);
      return [{
        ...general(place),
        subject,
        relation: "contraindicated",
        object: nameAt(text, at.start, at.end),
        polarity: forbids ? "affirmed" : "denied",
        rule: forbids ? "words of harm" : "used in spite of a contraindication",
        verdict: forbids ? "supported" : "contradicted",
        path,
        reason,
      }];
    });
  });
}
