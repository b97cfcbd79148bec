/**
 * Drawing patients whose other conditions leave one of several drugs: the same disease and drugs, and in each patient the
 * conditions speak against all drugs but one.
 */
import {
  ancestorsOf,
  type Concept,
  type Contraindication,
  descendantsOf,
  type Entity,
} from "../knowledge/mod.ts";
import type { RandomStream } from "../runtime/mod.ts";
import { factUse } from "./fact_use.ts";
import { demandOf, demandOfDisease, drawPerson, type Person } from "./person.ts";
import {
  type DiseaseFacts,
  type DrugFact,
  isPlainName,
  isUnambiguous,
  shareWord,
  type Source,
} from "./source.ts";
import { isHeldOutDisease } from "./split.ts";

/** A drug with the condition that speaks against it, and against no other drug of the group. */
export interface BarredDrug {
  /** The drug, by its row for the disease. */
  readonly fact: DrugFact;
  /** The condition. */
  readonly condition: Entity;
}

/** Patients that are counterfactual to each other: patient i has every condition but that of drug i. */
export interface ContraindicationGroup extends Person {
  /** The disease of all patients. */
  readonly facts: DiseaseFacts;
  /** The drugs, in the order in which every prompt shows them. */
  readonly drugs: readonly BarredDrug[];
  /** A condition of every patient that speaks against none of the drugs. */
  readonly neutral: Entity;
}

/** With fewer diseases the items of a split would ask for the same few facts again and again. */
const fewestDiseases = 5;

/** So many drugs are drawn for a disease before it is given up. */
const tries = 20;

/** What was found out about a source; it is asked for in every draw. */
interface Found {
  readonly diseases: readonly DiseaseFacts[];
  readonly conditions: readonly Entity[];
  readonly barred: ReadonlyMap<string, readonly BarredDrug[]>;
}

const found = new WeakMap<Source, Found>();

function foundOf(source: Source): Found {
  const before = found.get(source);
  if (before !== undefined) return before;
  const { clinical, knowledge, split } = source;
  const rows = [...clinical.contraindications.values()].flat();
  const conditions = [...new Set(rows.map(({ condition }) => condition.id))].flatMap((id) => {
    const entity = knowledge.entities.get(id);
    return entity !== undefined && isPlainName(entity.name) &&
        isUnambiguous(knowledge, entity, true) &&
        isHeldOutDisease(id) === (split === "test-diseases")
      ? [entity]
      : [];
  });
  const usable = new Set(conditions.map(({ id }) => id));
  const barred = new Map(source.diseases.map((facts) => [
    facts.disease.id,
    facts.drugs.flatMap((fact) =>
      rowsOf(source, fact.drug.id).flatMap(({ condition, strength }): BarredDrug[] =>
        strength !== "caution" && usable.has(condition.id) &&
          isApart(source, condition, facts.disease) && isSilent(fact.drug, condition) &&
          factUse(source, { subject: fact.drug.id, object: condition.id }) !== undefined
          ? [{ fact, condition: knowledge.entities.get(condition.id)! }]
          : []
      )
    ),
  ]));
  const fresh = {
    diseases: source.diseases.filter(({ disease }) =>
      new Set(barred.get(disease.id)!.map(({ fact }) => fact.drug.id)).size >= 2
    ),
    conditions,
    barred,
  };
  found.set(source, fresh);
  return fresh;
}

const rowsOf = ({ clinical }: Source, drug: string): readonly Contraindication[] =>
  clinical.contraindications.get(drug) ?? [];

/** Whether two conditions are neither the same nor a kind of each other, and share no word. */
function isApart(
  { knowledge }: Source,
  a: Pick<Concept, "id" | "name">,
  b: Pick<Concept, "id" | "name">,
): boolean {
  return a.id !== b.id && !shareWord(a.name, b.name) &&
    !ancestorsOf(knowledge, a.id).has(b.id) && !descendantsOf(knowledge, a.id).has(b.id);
}

/** Whether the name of a condition says nothing of a drug's, as that of penicillin allergy does. */
const isSilent = ({ name, synonyms }: Entity, condition: Pick<Concept, "name">): boolean =>
  ![name, ...synonyms].some((one) => shareWord(one, condition.name));

/** Words for conditions that harm through the same organ or process: what speaks against a drug in one may do so in another. */
const themes: readonly RegExp[] = [
  /hepat|liver|cirrhos|cholest|jaundice|biliary|gallbladder/,
  /renal|kidney|neph|anuria|dialysis|urea/,
  /heart|cardi|coronary|sick sinus|angina|aort|atrial|ventric|mitral|valve|qt/,
  /hypotens|hypovol|dehydrat|shock|blood pressure/,
  /hypertens|pheochromocytoma/,
  /bleed|hemorrh|hemophil|ulcer|thrombocytop|surgery|dyscrasia/,
  /thromb|embol|stroke|cerebrovasc|ischem|peripheral artery|migraine|smoking/,
  /pregnan|breastfe|labor|trimester|newborn|infant|lactat/,
  /asthma|respirat|pulmon|apnea|lung|hypoxi/,
  /infect|sepsis|tubercul|fungal|immun|herpes|viral/,
  /bowel|intestin|colitis|ileus|crohn|diarrh|esoph|achalasia|gastro|malabsorp|stomach/,
  /brain|intracran|cerebr|subarach|seizure|epilep|lewy|parkinson|dementia|sclerosis/,
  /depress|psychos|bipolar|suicid|mania|schizo|nervosa|withdrawal|dyskinesia/,
  /calc|natr|kal(?:em|aem)|electrolyt|phosph|vitamin|adrenal|addison/,
  /diabet|ketoacid|glyc|acidosis|triglycerid/,
  /gout|uric|stone|lithias/,
  /urinary|prostat|retention|bladder/,
  /glaucoma|iritis|optic|eye|retin/,
  /an(?:ae|e)mia|sickle|thalass|porphyr|marrow|hematol|g6pd|glucose-6|agranulo/,
  /cancer|tumou?r|carcinom|neoplas|melanom|lymphom|leuk/,
  /allerg|sensitiv|angioedema|anaphyl/,
  /alcohol|disulfiram|sedative|opioid/,
  /thyroid/,
  /myasthen|neuromusc|tendon|muscle|neuropath|charcot/,
  /\buse of\b/,
  /\bage\b|child/,
];

/** Whether two conditions touch one theme. */
function areLike(a: string, b: string): boolean {
  const [one, two] = [a.toLowerCase(), b.toLowerCase()];
  return themes.some((theme) => theme.test(one) && theme.test(two));
}

/** Whether no source speaks against a drug, or one of its class, in a condition: not even a caution, or in a like condition. */
function isSafe(source: Source, drug: Entity, condition: Entity): boolean {
  const own = new Set((source.classes.get(drug.id) ?? []).map(({ id }) => id));
  const alike = [...source.clinical.contraindications.keys()].filter((id) =>
    id === drug.id || (source.classes.get(id) ?? []).some((group) => own.has(group.id))
  );
  return alike.every((id) =>
    rowsOf(source, id).every((row) =>
      isApart(source, row.condition, condition) && !areLike(row.condition.name, condition.name)
    )
  );
}

/**
 * Draw one group.
 *
 * @param source Where diseases, drugs and conditions come from.
 * @param random Draws every part.
 * @param size Number of drugs, which is that of patients.
 * @returns The group; undefined when the disease drawn does not serve, or the source has too few.
 */
export function drawContraindications(
  source: Source,
  random: RandomStream,
  size: 2 | 3,
): ContraindicationGroup | undefined {
  const { diseases, conditions, barred } = foundOf(source);
  if (diseases.length < fewestDiseases) return undefined;
  const facts = random.pick(diseases);
  for (let attempt = 0; attempt < tries; attempt++) {
    const drugs = drawBarred(source, random.shuffle(barred.get(facts.disease.id)!), size);
    if (drugs === undefined) continue;
    const neutral = random.shuffle(conditions).slice(0, tries).find((condition) =>
      isApart(source, condition, facts.disease) &&
      drugs.every((one) =>
        isApart(source, condition, one.condition) && isSilent(one.fact.drug, condition) &&
        isSafe(source, one.fact.drug, condition)
      )
    );
    if (neutral === undefined || !isOwn(source, drugs)) continue;
    const person = drawPerson(random, [
      demandOfDisease(facts.profile),
      ...[neutral, ...drugs.map(({ condition }) => condition)].map((entity) => {
        const profile = source.clinical.diseases.get(entity.id);
        return profile === undefined
          ? demandOf({ id: entity.id, kind: "disease", name: entity.name })
          : demandOfDisease(profile);
      }),
    ]);
    if (person !== undefined) return { facts, drugs, neutral, ...person };
  }
  return undefined;
}

/** Drugs of which each is barred by its own condition alone. */
function drawBarred(
  source: Source,
  barred: readonly BarredDrug[],
  size: number,
): BarredDrug[] | undefined {
  const drawn: BarredDrug[] = [];
  for (const one of barred) {
    if (drawn.length === size) break;
    const fits = drawn.every((other) =>
      !shareWord(one.fact.drug.name, other.fact.drug.name) &&
      isApart(source, one.condition, other.condition) &&
      isSilent(one.fact.drug, other.condition) && isSilent(other.fact.drug, one.condition) &&
      isSafe(source, one.fact.drug, other.condition) &&
      isSafe(source, other.fact.drug, one.condition)
    );
    if (fits) drawn.push(one);
  }
  return drawn.length === size ? drawn : undefined;
}

/** Whether every patient has a contraindication that belongs to the split alone, or one of the uses does. */
function isOwn(source: Source, drugs: readonly BarredDrug[]): boolean {
  if (source.split === "train" || drugs.some(({ fact }) => fact.own)) return true;
  const own = drugs.filter(({ fact, condition }) =>
    factUse(source, { subject: fact.drug.id, object: condition.id }) === "own"
  );
  // Each patient lacks the condition of one drug.
  return own.length >= 2;
}
