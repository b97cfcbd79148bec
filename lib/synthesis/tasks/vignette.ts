/**
 * What the families with a patient have in common: the drugs and diseases to choose from, and the wording of a vignette,
 * a short description of the patient.
 *
 * @module
 */
import type { RandomStream } from "../../runtime/mod.ts";
import { type ClinicalCase, drawCase, findingsOf, isSupported } from "../case.ts";
import { type Variants, type Wording, wordingOf } from "../draft.ts";
import { displayName, shareWord, type Source } from "../source.ts";
import { listed } from "./phrasing.ts";

/**
 * Ids of the diseases that the question offers.
 *
 * @param clinical The case.
 * @returns Diagnosis, runner-up and the distant candidate.
 */
export function candidatesOf(clinical: ClinicalCase): string[] {
  return [clinical.disease.id, clinical.runnerUp.id, clinical.distant.id];
}

/**
 * Two drugs to choose from: the case's own and one that the graph knows no use of in its disease.
 *
 * @param source Where the other drug comes from.
 * @param clinical The case.
 * @param random Draws the other drug and the order.
 * @returns Both names, as in "a or b"; undefined when ten draws gave no other drug.
 */
function drugOptions(
  source: Source,
  clinical: ClinicalCase,
  random: RandomStream,
): string | undefined {
  const disease = clinical.disease.id;
  const refused = source.facts.get(disease)?.notIndicated ?? [];
  const pool = refused.length > 0 && random.next() < 0.5 ? refused : source.pools.drug;
  for (let attempt = 0; attempt < 10; attempt++) {
    const other = random.pick(pool);
    if (other.id === clinical.drug.id || shareWord(other.name, clinical.drug.name)) continue;
    if (
      isSupported(source, other.id, "treats", disease) ||
      isSupported(source, other.id, "palliates", disease)
    ) continue;
    return listed(random.shuffle([clinical.drug, other]).map(displayName), "or");
  }
  return undefined;
}

/**
 * A case whose patient can be treated: three findings, and two drugs to choose from.
 *
 * @param source Where case and drugs come from.
 * @param random Draws them.
 * @returns The case and both drugs' names, as in "a or b"; undefined when no such case was drawn.
 */
export function drawTreatable(
  source: Source,
  random: RandomStream,
): { readonly clinical: ClinicalCase; readonly drugs: string } | undefined {
  const clinical = drawCase(source, random, 3);
  if (clinical === undefined) return undefined;
  const drugs = drugOptions(source, clinical, random);
  return drugs === undefined ? undefined : { clinical, drugs };
}

/**
 * Slots that every vignette has: findings, absent finding, candidates, role.
 *
 * @param clinical The case.
 * @param random Draws the order of findings and candidates.
 * @returns What fills each slot.
 */
export function vignetteSlots(
  clinical: ClinicalCase,
  random: RandomStream,
): Record<string, string> {
  return {
    findings: listed(random.shuffle(findingsOf(clinical)).map(displayName)),
    absent: displayName(clinical.absent),
    candidates: listed(
      random.shuffle([clinical.disease, clinical.runnerUp, clinical.distant]).map(displayName),
      "or",
    ),
    role: clinical.role,
  };
}

/** How a vignette begins. */
const openings: Variants = {
  train: [
    "A patient has {findings}, but no {absent}. ",
    "Present: {findings}. Absent: {absent}. ",
    "Case: the patient reports {findings} and denies {absent}. ",
  ],
  heldOut: ["On examination there is {findings}, without {absent}. "],
};

/**
 * A wording: every opening, followed by the question.
 *
 * @param id The wording's name.
 * @param question What is asked, with its slots.
 * @returns Wordings for training and held-out ones.
 */
export function vignetteWording(id: string, question: string): Wording {
  return wordingOf(id, openings, question);
}
