/**
 * Refused claims that are no misreading, whatever the facts of a disease say of their sentence.
 *
 * @module
 */
import { between, inside, overlaps } from "../text/names.ts";
import { agreesInDegree, hasQuantity } from "../text/qualifiers.ts";
import { fitsKinds, isOf } from "../text/relation_links.ts";
import type { CheckedTextClaim, TextName } from "../text/types.ts";
import { type DiseaseFact, holds } from "./disease_facts.ts";
import type { FactReader, FactReading } from "./fact_reading.ts";
import type { SaidFact } from "./facts_said.ts";
import { stemsOf } from "./plain_words.ts";

/** Where a clause ends, or one begins: names on either side of it are seldom sides of one claim. */
export const clauseEnd: RegExp =
  /[,;:]|\b(?:who|whose|which|when|they|he|she|you|someone|anyone)\b/i;

/** Far from each other, what these rules link is often not linked. */
const looseRules: ReadonlySet<string> = new Set(["has", "seen in"]);
const far = /^(?:\s+\S+){5}/;

/** Whether the sides of a claim are turned round: "joint pain presents with gout", "asthma treats albuterol". */
function isTurned(
  { subject, relation, object, rule }: CheckedTextClaim,
  said: readonly SaidFact[],
  text: string,
): boolean {
  if (fitsKinds({ subject, relation, object })) return false;
  const words = between(text, subject, object);
  if (clauseEnd.test(words) || (looseRules.has(rule) && far.test(words))) return false;
  // "Must not be missed in a patient with pain"
  if (/\b(?:missed|overlooked|considered|suspected|excluded)\b/i.test(words)) return false;
  // "A high CRP may well have": somebody has
  if (rule === "has" && /\b(?:may|might|could|must|probably)\b/i.test(words)) return false;
  if (relation !== "presents" && relation !== "red_flag" && relation !== "has_risk") {
    return isOf(subject, ["disease"]) && isOf(object, ["drug"]);
  }
  // "Malabsorption can lead to a lack of vitamin K", "pain provokes a faint"
  const isCause = relation === "presents" &&
    said.some((one) =>
      (one.fact.relation === "has_risk" || /\b(?:provok|trigger)/i.test(one.fact.text)) &&
      inside(subject, one)
    );
  return !isCause && isOf(subject, ["symptom"]) &&
    isOf(object, ["disease"]) && (!isOf(object, ["symptom"]) || rule === "is caused by");
}

/** "Spread by the faecal-oral route" where a fact says "faecal-oral transmission". */
function isMostlySaid({ text }: TextName, facts: readonly DiseaseFact[]): boolean {
  const stems = stemsOf(text);
  return facts.some((fact) =>
    3 * stems.filter((one) => fact.stems.includes(one)).length >= 2 * stems.length
  );
}

/** Whether words mean a word of degree, in whatever words: "markedly elevated", "high". */
function says(words: string, degree: string): boolean {
  const stems = stemsOf(words);
  return stemsOf(degree).every((stem) => stems.includes(stem));
}

/** Words of degree that say of a finding no more than that it is there. */
const persistent: ReadonlySet<string> = new Set(["constant", "continuous"]);

const onset = stemsOf("sudden").join();

const saysAsStems = (fact: DiseaseFact, degree: string): boolean => holds(fact, stemsOf(degree));

/**
 * Whether a refused claim stays refused whatever facts say: it goes beyond a source, or its sides are turned round.
 *
 * @param claim The claim.
 * @param reading What facts say of its sentence.
 * @param text The whole text.
 * @param reader The facts.
 * @returns False where its sentence may be read otherwise.
 */
export function isFirm(
  claim: CheckedTextClaim,
  { said: all, facts: said, drugs }: FactReading,
  text: string,
  { book }: FactReader,
): boolean {
  const facts = all.flatMap(({ disease }) => disease.known.facts);
  const { subject, relation, object, extent, degrees = [], quantities } = claim;
  const isOther =
    quantities?.some((quantity) => !facts.some((fact) => hasQuantity(fact.text, quantity))) ??
      false;
  // Insulin in type 1 diabetes: "always"
  if (extent === "all" && drugs.settings.includes("always")) return false;
  if (
    extent === "all" || extent === "only" || isOther ||
    ((relation === "caused_by" || relation === "transmitted_by") && !isMostlySaid(object, facts))
  ) return true;
  const own = said.filter((one) => inside(object, one)).map(({ fact }) => fact);
  // "Mild fever" where a fact is "low-grade fever"
  const finding = object.text.split(" ").at(-1)!;
  const last = stemsOf(finding)[0] ?? "";
  const asFound = facts.flatMap(({ relation: other, text }) =>
    other === relation && text.includes(finding)
      ? text.slice(0, text.indexOf(finding)).split(/[,;]/).at(-1)!
      : []
  );
  const isOfFact = (degree: string): boolean =>
    persistent.has(degree) || asFound.some((words) =>
      agreesInDegree(degree, words) === true || says(words, degree)
    ) ||
    // "A painful red eye" where facts are a red eye and pain of the eye
    facts.some((fact) =>
      fact.stems.includes(last) && (says(fact.text, degree) || saysAsStems(fact, degree))
    ) ||
    // "Sudden weakness" where a fact is an acute onset
    (stemsOf(degree).join() === onset && facts.some((fact) => saysAsStems(fact, degree))) ||
    own.some((fact) => agreesInDegree(degree, fact.text) === true || saysAsStems(fact, degree));
  if (!degrees.every(isOfFact)) return true;
  const isTable = object.entities.some(({ id, kind }) =>
    kind === "disease" && book.factsOf(id)?.profile.disease.id === id
  );
  // "Apixaban is given to prevent stroke" in atrial fibrillation
  const settings = new Set(drugs.settings.flatMap(stemsOf));
  const isSetting = stemsOf(object.text).every((stem) => settings.has(stem));
  // "Pre-eclampsia, with its high blood pressure": a finding here
  const isFinding = said.some((one) => overlaps(one, object));
  const isUse = relation !== "presents" && isOf(subject, ["drug"]) && isTable;
  return (isUse && !isSetting && !isFinding) || isTurned(claim, said, text);
}
