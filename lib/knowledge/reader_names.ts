/**
 * Words that tell a reader what a text speaks of though they are no names: adjectives of diseases and findings, and how
 * allergies are said. They are read and never written.
 *
 * @module
 */
import type { ConceptKind } from "./clinical_names.ts";

/** Diseases in the tables to abbreviations and short names of notes; those that mean several things stand in abbreviations.ts. */
export const shortNames: Readonly<Record<string, string>> = {
  "aortic dissection": "AoD",
  "acute angle-closure glaucoma": "AACG; acute angle closure",
  "acute interstitial nephritis": "AIN",
  "acute kidney injury": "AKI",
  "acute tubular necrosis": "ATN",
  "adult-onset Still's disease": "AOSD",
  "alpha 1-antitrypsin deficiency": "AATD; A1AT deficiency",
  "alcohol withdrawal": "EtOH withdrawal",
  "atopic dermatitis": "eczema",
  "attention deficit hyperactivity disorder": "ADHD",
  "autoimmune hepatitis": "AIH",
  "basal cell carcinoma": "BCC",
  "carpal tunnel syndrome": "CTS",
  "cerebral venous thrombosis": "CVT; CVST",
  "chronic kidney disease": "CKD",
  "chronic venous insufficiency": "CVI",
  "diabetic ketoacidosis": "DKA",
  "disseminated intravascular coagulation": "DIC",
  "giant cell arteritis": "GCA; temporal arteritis",
  "Guillain-Barre syndrome": "GBS",
  "hemophilia A": "haemophilia",
  "heparin-induced thrombocytopenia": "HIT",
  "hepatorenal syndrome": "HRS",
  "infectious mononucleosis": "mono; IM",
  "interstitial cystitis": "IC; bladder pain syndrome",
  "interstitial lung disease": "ILD",
  "intracerebral hemorrhage": "ICH",
  "iron deficiency anemia": "IDA",
  "myasthenia gravis": "myasthenia",
  "non-alcoholic fatty liver disease": "NAFLD; NASH; fatty liver",
  "orthostatic hypotension": "postural hypotension",
  "overactive bladder": "OAB",
  "polycystic kidney disease": "PKD; ADPKD",
  "post-traumatic stress disorder": "PTSD",
  "primary biliary cholangitis": "PBC",
  "primary sclerosing cholangitis": "PSC",
  "psoriatic arthritis": "PsA",
  "pulmonary hypertension": "PAH",
  "rapidly progressive glomerulonephritis": "RPGN",
  "restless legs syndrome": "RLS",
  "sickle cell anemia": "sickle cell disease; SCD",
  "sleep apnea": "OSA",
  "subarachnoid hemorrhage": "SAH",
  "substance use disorder": "SUD; opioid use disorder",
  "systemic scleroderma": "scleroderma; SSc",
  "tension headache": "TTH; tension-type headache",
  "thrombotic thrombocytopenic purpura": "TTP",
  "tuberculosis": "TB",
  "traumatic brain injury": "TBI",
  "urinary tract obstruction": "obstructive uropathy",
  "vitamin K deficiency": "VKD",
  "von Willebrand's disease": "vWD; VWD",
};

/**
 * The short name of an eponym.
 *
 * @param name A name in the tables.
 * @returns "Wilson's" for "Wilson disease"; nothing for other names.
 */
export function eponymWords(name: string): string[] {
  const found = /^(\p{Lu}[\p{L}-]+?)(?:'s)? (?:disease|syndrome)$/u.exec(name);
  return found === null ? [] : [`${found[1]}'s`];
}

/** Name in the tables to the words that stand for it. */
export const readerWords: Readonly<
  Record<Extract<ConceptKind, "disease" | "finding">, Readonly<Record<string, readonly string[]>>>
> = {
  disease: {
    "acute cystitis": ["cystitis", "bladder infection"],
    "asthma": ["asthmatic", "asthmatics"],
    "epilepsy": ["epileptic", "epileptics"],
    "hypertension": ["hypertensive", "hypertensives"],
    "hypothyroidism": ["hypothyroid"],
    "hyperthyroidism": ["hyperthyroid"],
    "liver cirrhosis": ["cirrhotic", "cirrhotics"],
    "hemophilia A": ["hemophilia", "hemophiliac", "hemophiliacs"],
    "migraine": ["migraineur", "migraineurs"],
    "major depressive disorder": ["depression"],
    "osteoporosis": ["osteoporotic"],
    "panic disorder": ["panic attack", "panic attacks"],
    "Parkinson's disease": ["parkinsonian"],
    "pregnancy": ["pregnant"],
    "schizophrenia": ["schizophrenic"],
    "skin squamous cell carcinoma": [
      "squamous cell carcinoma of the skin",
      "squamous cell skin cancer",
    ],
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
