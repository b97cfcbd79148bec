/**
 * Claims that patterns read and that are none: of purposes, of what was given before, of places and kinds that are not said.
 *
 * @module
 */
import { caution, exposure, harm, isLevel, partAround } from "../text/drug_words.ts";
import { between, inside } from "../text/names.ts";
import { fitsKinds, isOf } from "../text/relation_links.ts";
import type { CheckedTextClaim } from "../text/types.ts";
import { type FactBook, holds } from "./disease_facts.ts";
import type { FactReading } from "./fact_reading.ts";
import { isPurpose } from "./fact_verdicts.ts";
import { clauseEnd } from "./firm_claims.ts";
import { plain, stemsOf } from "./plain_words.ts";
import { type KnownDisease, type ReadSentence, wordsOf } from "./read_sentence.ts";

/** Words that stand for tests of any kind, or for the disease that is spoken of. */
const anyName =
  /^(?:(?:laboratory|blood|lab)\s+)?(?:tests?|labs?|bloods|results?|imaging|examinations?|scans?|biops(?:y|ies))$|^pregnan(?:t|cy)$|^(?:(?:chronic|acute|the|an?)\s+)*(?:infections?|diseases?|illness|condition|picture|attacks?|episodes?|flares?)$/i;

const useWords = /\b(?:first|choice|drug|treatment|line|option)\b/i;

/** "To reduce the bleeding of fibroids": read as a denial that is none. */
const isOfPurpose = (
  { relation, verdict, polarity, object }: CheckedTextClaim,
  { place, text }: ReadSentence,
): boolean =>
  relation === "presents" && verdict === "contradicted" && polarity === "denied" &&
  isPurpose(text.slice(place.start), object.start - place.start);

/** "Begins five days after heparin": what was given before treats nothing. */
const isOfExposure = (
  { relation, subject, rule }: CheckedTextClaim,
  { place, text }: ReadSentence,
): boolean =>
  relation === "treats" && rule === "plain sentence" &&
  exposure.test(text.slice(place.start, subject.start));

/** Whether a disease is said to be a kind of itself, which says nothing; "is also called" says something. */
const isOfItself = ({ subject, object, rule }: CheckedTextClaim): boolean =>
  subject.text.toLowerCase() === object.text.toLowerCase() ||
  (rule !== "is also called" &&
    subject.entities.some(({ id }) => object.entities.some((entity) => entity.id === id)));

const noDrug = /\bno\s+(?:first-line\s+)?(?:drugs?|medicines?|medications?|tablets?)\b/i;

/**
 * Whether a pattern read a claim where none is made.
 *
 * @param claim The claim.
 * @param sentence Its sentence.
 * @returns True for "a migraine attack" read as a place that migraine attacks.
 */
export function isNoClaim(claim: CheckedTextClaim, sentence: ReadSentence): boolean {
  const { subject, relation, object } = claim;
  const words = between(sentence.text, subject, object);
  const isUse = relation === "treats" || relation === "first_line";
  return isOfPurpose(claim, sentence) || isOfExposure(claim, sentence) ||
    // "Kept for people allergic to penicillin": no drug for an allergy
    (isUse && /^allerg/i.test(object.text)) ||
    // "It calls for caution in pregnancy"
    caution.test(words) ||
    // "No drug is needed, since the remedy is a gluten-free diet": the diet is not denied
    (isUse && claim.polarity === "denied" && noDrug.test(wordsOf(sentence)) &&
      (object.end < subject.start ||
        subject.entities.some(({ id }) => id.startsWith("measure:")))) ||
    // "A state in which metformin is forbidden": a drug is no finding
    (relation === "presents" && isOf(object, ["drug"]) && !isOf(object, ["symptom"])) ||
    // "... goes along with raised IgG and is treated with": no name
    (object.entities.length === 0 && /\b(?:and|or)$/i.test(object.text)) ||
    // "Resembles a tight band around the head"
    (relation === "resembles" && isOf(object, ["anatomy"])) ||
    // "A migraine attack": no place that migraine attacks; "casts in the urine": the place of a finding
    (relation === "localizes" && (!isOf(subject, ["disease"]) || isOf(object, ["drug"]))) ||
    (relation === "is_a" &&
      (anyName.test(object.text) || isOfItself(claim) ||
        // "Letrozole is a first choice where infertility is the trouble"
        (isOf(subject, ["drug"]) && useWords.test(words)) ||
        object.entities.some(({ id }) => id.startsWith("measure:")))) ||
    (isOf(subject, ["drug"]) && isLevel(sentence.text, subject));
}

/** What accounts for the names of a claim. */
export interface Accounts {
  /** The whole text. */
  readonly text: string;
  /** What facts say of the sentence. */
  readonly reading: FactReading;
  /** Its claims that are supported. */
  readonly supported: readonly CheckedTextClaim[];
  /** Its diseases. */
  readonly diseases: readonly KnownDisease[];
  /** The facts. */
  readonly book: FactBook;
}

/**
 * Whether both sides of a refused claim are accounted for without it: then it is misread.
 *
 * @param claim The claim.
 * @param accounts What accounts for its names.
 * @returns True where nothing is left that it could say.
 */
export function isAccounted(
  { subject, relation, object, verdict }: CheckedTextClaim,
  { text, reading: { free, explained }, supported, diseases, book }: Accounts,
): boolean {
  // "Affects a few joints": a place of its findings
  const isPlace = (stems: readonly string[]): boolean =>
    diseases.some(({ known }) => known.facts.some((fact) => holds(fact, stems)));
  if (relation === "localizes" && isPlace(stemsOf(object.text))) return true;
  // "Headache and vomiting, it is a glaucoma": a finding is no kind of a disease
  if (relation === "is_a" && isOf(subject, ["symptom"]) && !isOf(subject, ["disease"])) return true;
  // "Bloating and loose bowels belong to irritable bowel syndrome": what they are called is no kind
  if (
    relation === "is_a" && subject.entities.length === 0 &&
    /\bbelongs?\s+to\b/i.test(between(text, subject, object))
  ) return true;
  // "Psoriasis is an infection of the heart valves": one disease is not another
  const diseaseAt = ({ start }: { readonly start: number }): KnownDisease | undefined =>
    diseases.find(({ name }) => name.start === start);
  const [one, other] = [diseaseAt(subject), diseaseAt(object)];
  if (relation === "is_a" && one !== undefined && other !== undefined) {
    return one.known === other.known;
  }
  // "Treated by drawing off blood": blood is no drug
  if ((relation === "treats" || relation === "first_line") && isOf(subject, ["anatomy"])) {
    return true;
  }
  // "First-line in mania, when patients need little sleep": no drug is said to be sleep
  if (
    clauseEnd.test(between(text, subject, object)) && !fitsKinds({ subject, relation, object })
  ) {
    return true;
  }
  // "Blisters" where the fact is a blistering rash
  const isPart = ({ text }: Pick<CheckedTextClaim["subject"], "text">): boolean => {
    const all = stemsOf(text);
    const words = all.filter((stem) => !plain.has(stem));
    // "Burning pain" where the fact is a pain in one dermatome
    const own = words.length > 0 ? words : all;
    return relation === "presents" && verdict === "unknown" && own.length > 0 &&
      diseases.some(({ known }) =>
        known.facts.some((fact) =>
          (fact.relation === "presents" || fact.relation === "has_risk") && !fact.absent &&
          holds(fact, own)
        )
      );
  };
  return [subject, object].every((name) =>
    isPart(name) ||
    // "Without any pain" where the fact is a painless one
    free.some((one) => inside(name, one) && explained.has(one.stem)) || isOf(name, ["drug"]) ||
    anyName.test(name.text) ||
    supported.some((one) => inside(name, one.subject) || inside(name, one.object)) ||
    diseases.some((one) => one.name.start === name.start) ||
    free.every((one) =>
      !inside(one, name) || explained.has(one.stem) || plain.has(one.stem) ||
      (name.entities.length === 0 && book.findingsWith(one.stem).length === 0)
    )
  );
}

/** Between a disease and a condition that those have who have it too. */
const whoHas = /\b(?:who|with|having|if|when)\b/i;

/**
 * Claims with those of conditions: what is said of the same drug and not known is said of that condition, and nothing twice.
 *
 * @param sentence The sentence.
 * @param patterns What patterns read in it.
 * @param conditions What it says of drugs and conditions against them.
 * @returns Both, without misreadings of the one by the other.
 */
export function withConditions(
  sentence: ReadSentence,
  patterns: readonly CheckedTextClaim[],
  conditions: readonly CheckedTextClaim[],
): CheckedTextClaim[] {
  const { text, place } = sentence;
  const words = wordsOf(sentence);
  // "Must not be used for migraine in coronary disease": that it is not used for migraine is not said,
  // nor "in migraine" of "in a migraine patient with coronary disease"
  const isOfCondition = (
    { subject, relation, object, polarity, verdict }: CheckedTextClaim,
  ): boolean =>
    conditions.some((one) =>
      one.subject.start === subject.start &&
      (verdict === "unknown" ||
        (verdict === "contradicted" && (relation === "contraindicated"
          ? polarity === "affirmed" && ((one.object.start > object.end &&
            whoHas.test(text.slice(object.end, one.object.start))) ||
            !harm.test(partAround(words, object.start - place.start)))
          : polarity === "denied" || (one.verdict === "supported" && inside(object, one.object)))))
    );
  const isSaid = ({ subject, object }: CheckedTextClaim): boolean =>
    patterns.some((one) =>
      one.subject.start === subject.start && one.relation === "contraindicated" &&
      one.verdict === "supported" && (inside(object, one.object) || inside(one.object, object))
    );
  return [
    ...patterns.filter((claim) => !isOfCondition(claim)),
    ...conditions.filter((claim) => !isSaid(claim)),
  ];
}
