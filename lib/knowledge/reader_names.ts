/**
 * Words that tell a reader what a text speaks of though they are no names: adjectives of diseases and findings, and how
 * allergies are said. They are read and never written.
 *
 * @module
 */
import type { ConceptKind } from "./clinical_names.ts";

/** Name in the tables to the words that stand for it. */
export const readerWords: Readonly<
  Record<Extract<ConceptKind, "disease" | "finding">, Readonly<Record<string, readonly string[]>>>
> = {
  disease: {
    "asthma": ["asthmatic", "asthmatics"],
    "epilepsy": ["epileptic", "epileptics"],
    "hypertension": ["hypertensive", "hypertensives"],
    "hypothyroidism": ["hypothyroid"],
    "hyperthyroidism": ["hyperthyroid"],
    "liver cirrhosis": ["cirrhotic", "cirrhotics"],
    "hemophilia A": ["hemophiliac", "hemophiliacs"],
    "migraine": ["migraineur", "migraineurs"],
    "major depressive disorder": ["depression"],
    "osteoporosis": ["osteoporotic"],
    "panic disorder": ["panic attack", "panic attacks"],
    "Parkinson's disease": ["parkinsonian"],
    "pregnancy": ["pregnant"],
    "schizophrenia": ["schizophrenic"],
  },
  finding: {
    "bloating": ["bloated"],
    "constipation": ["constipated"],
    "cyanosis": ["cyanotic"],
    "dizziness": ["dizzy"],
    "drowsiness": ["drowsy"],
    "excessive thirst": ["thirsty"],
    "fatigue": ["tired", "fatigued"],
    "fever": ["feverish"],
    "heavy alcohol use": ["heavy drinking"],
    "hoarseness": ["hoarse"],
    "itching": ["itchy"],
    "jaundice": ["jaundiced", "icteric"],
    "lethargy": ["lethargic"],
    "low blood pressure": ["hypotensive"],
    "nausea": ["nauseous", "nauseated"],
    "pallor": ["pale"],
    "rapid heartbeat": ["tachycardic"],
    "high respiratory rate": ["tachypneic"],
    "shortness of breath": ["breathless", "short of breath"],
    "weight gain": ["gain weight", "gains weight", "gaining weight"],
    "weight loss": ["lose weight", "loses weight", "losing weight"],
  },
};

/**
 * How a quantity that is high or low is said otherwise.
 *
 * @param name A name in the tables.
 * @returns "Blood pressure is high" for "high blood pressure"; nothing for other names.
 */
export function quantityWords(name: string): string[] {
  const found = /^(raised|high|elevated|increased|low|decreased) ([a-z ]+)$/.exec(name);
  return found === null ? [] : [`${found[2]} is ${found[1]}`];
}

/**
 * How a complaint in a part of the body is said otherwise.
 *
 * @param name A name in the tables.
 * @returns "Swelling of the leg" and "swelling in the leg" for "leg swelling"; nothing for other names.
 */
export function siteWords(name: string): string[] {
  const found = /^([a-z]+) (swelling|pain|edema|weakness|cramps?|stiffness|tenderness)$/.exec(name);
  return found === null
    ? []
    : ["of", "in"].map((within) => `${found[2]} ${within} the ${found[1]}`);
}

/**
 * How an allergy is said otherwise.
 *
 * @param name A name in the tables.
 * @returns "Allergic to penicillin" and the like for "penicillin allergy"; nothing for a name of anything else.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { allergyWords } from "./reader_names.ts";
 *
 * assertEquals(allergyWords("penicillin allergy").includes("allergic to penicillin"), true);
 * assertEquals(allergyWords("gout"), []);
 * ```
 */
export function allergyWords(name: string): string[] {
  const to = /^(.+) allergy$/.exec(name)?.[1];
  if (to === undefined) return [];
  const stems = ["allergic", "allergy", "allergies", "hypersensitive", "hypersensitivity"];
  return [...stems.map((stem) => `${stem} to ${to}`), `${to} hypersensitivity`, `${to}-allergic`];
}
