/**
 * Seeds of the clinical families: a disease, findings that tell it from a runner-up, and a drug, as workflow steps.
 */
import {
  ancestorsOf,
  checkClaim,
  type Claim,
  type Entity,
  type Predicate,
} from "../knowledge/mod.ts";
import type { RandomStream } from "../runtime/mod.ts";
import type { Item } from "./item.ts";
import { type DiseaseFacts, shareWord, type Source } from "./source.ts";
import { checkWorkflow, contradicts, type DrugRole, hasRedFlag, type Step } from "./workflow.ts";

/** One patient. Findings and diseases are chosen so that the diagnosis fits better than every other candidate. */
export interface ClinicalCase {
  /** The diagnosis. */
  readonly disease: Entity;
  /** The second of the differential. */
  readonly runnerUp: Entity;
  /** A third candidate that explains at most one of the findings. */
  readonly distant: Entity;
  /** Findings that disease and runner-up both cause. */
  readonly shared: readonly Entity[];
  /** Findings that the disease causes and the runner-up does not; at least two. */
  readonly discriminating: readonly Entity[];
  /** A finding of the runner-up that the patient does not have. */
  readonly absent: Entity;
  /** The affected body part. */
  readonly site: Entity;
  /** The drug of the plan. */
  readonly drug: Entity;
  /** How the drug acts on the disease. */
  readonly role: DrugRole;
  /** Whether a finding is a red flag, so that the patient needs urgent referral. */
  readonly urgent: boolean;
}

/**
 * Whether the graph supports the claim.
 *
 * @param source The selected source, with its graph.
 * @param subject Id or name.
 * @param predicate The relation.
 * @param object Id or name.
 * @returns True for supported, false for contradicted and unknown.
 */
export function isSupported(
  source: Source,
  subject: string,
  predicate: Predicate,
  object: string,
): boolean {
  return checkClaim(source.knowledge, { subject, predicate, object }).verdict === "supported";
}

/**
 * All findings that are present, shared ones first.
 *
 * @param clinical The case.
 * @returns Shared and discriminating findings.
 */
export function findingsOf(clinical: ClinicalCase): Entity[] {
  return [...clinical.shared, ...clinical.discriminating];
}

/**
 * What makes two cases the same: the disease and the set of findings.
 *
 * @param clinical The case.
 * @returns Ids, the findings sorted.
 */
export function caseKey(clinical: ClinicalCase): readonly string[] {
  return ["case", clinical.disease.id, ...findingsOf(clinical).map((finding) => finding.id).sort()];
}

/**
 * The case as steps of the clinical workflow.
 *
 * @param clinical The case.
 * @returns Steps from presentation to follow-up, entities by id.
 */
export function stepsOf(clinical: ClinicalCase): Step[] {
  const ids = (entities: readonly Entity[]): string[] => entities.map((entity) => entity.id);
  return [
    { stage: "presentation", present: ids(clinical.shared), absent: [] },
    { stage: "history", present: ids(clinical.discriminating), absent: [] },
    { stage: "examination", present: [], absent: [clinical.absent.id], site: clinical.site.id },
    { stage: "differential", diseases: ids([clinical.disease, clinical.runnerUp]) },
    { stage: "diagnosis", disease: clinical.disease.id },
    {
      stage: "management",
      drug: clinical.drug.id,
      role: clinical.role,
      urgentReferral: clinical.urgent,
    },
    { stage: "follow_up", after: clinical.drug.id },
  ];
}

/**
 * The relation of the case's drug to its disease.
 *
 * @param clinical The case.
 * @returns `treats` for a disease-modifying drug, else `palliates`.
 */
export function drugPredicate(clinical: Pick<ClinicalCase, "role">): "treats" | "palliates" {
  return clinical.role === "disease-modifying" ? "treats" : "palliates";
}

/**
 * The atomic claims that a case rests on.
 *
 * @param clinical The case.
 * @returns Claims by entity id.
 */
export function claimsOf(clinical: ClinicalCase): Claim[] {
  const disease = clinical.disease.id;
  return [
    ...findingsOf(clinical).map((finding): Claim => ({
      subject: disease,
      predicate: "presents",
      object: finding.id,
    })),
    ...clinical.shared.map((f): Claim => ({
      subject: clinical.runnerUp.id,
      predicate: "presents",
      object: f.id,
    })),
    { subject: clinical.runnerUp.id, predicate: "presents", object: clinical.absent.id },
    { subject: disease, predicate: "localizes", object: clinical.site.id },
    {
      subject: clinical.drug.id,
      predicate: drugPredicate(clinical),
      object: disease,
    },
  ];
}

/** The symptoms that disease a causes and b does not, none sharing a word with what b causes ("pain", "back pain"). */
function onlyIn(source: Source, a: DiseaseFacts, b: DiseaseFacts): Entity[] {
  return a.symptoms.filter((symptom) =>
    !isSupported(source, b.disease.id, "presents", symptom.id) &&
    !b.symptoms.some((other) => shareWord(other.name, symptom.name)) &&
    !shareWord(symptom.name, a.disease.name)
  );
}

/** Rarer symptoms are better evidence: keep those that at most a quarter of the diseases cause. */
function isSpecific(source: Source, symptom: Entity): boolean {
  return (source.frequency.get(symptom.id) ?? 0) <= source.diseases.length / 4;
}

/** Names must differ in every word, so that an answer cannot be right by half. */
function distinctNames(entities: readonly Entity[]): Entity[] {
  const kept: Entity[] = [];
  for (const entity of entities) {
    if (!kept.some((other) => shareWord(other.name, entity.name))) kept.push(entity);
  }
  return kept;
}

/** What {@linkcode lookAlikes} found, by disease: it is asked for in every draw. */
const alikes = new WeakMap<DiseaseFacts, readonly DiseaseFacts[]>();

/** Diseases that share findings with this one and are not a kind of it, most shared first, at most eight. */
function lookAlikes(source: Source, facts: DiseaseFacts): readonly DiseaseFacts[] {
  const known = alikes.get(facts);
  if (known !== undefined) return known;
  const own = new Set(facts.symptoms.map((symptom) => symptom.id));
  const related = ancestorsOf(source.knowledge, facts.disease.id);
  const found = source.diseases
    .filter(({ disease }) =>
      disease.id !== facts.disease.id && !related.has(disease.id) &&
      !shareWord(disease.name, facts.disease.name) &&
      !ancestorsOf(source.knowledge, disease.id).has(facts.disease.id)
    )
    .map((other) => ({
      other,
      shared: other.symptoms.filter((symptom) => own.has(symptom.id)).length,
    }))
    .filter(({ shared }) => shared > 0)
    .sort((a, b) => b.shared - a.shared || (a.other.disease.id < b.other.disease.id ? -1 : 1))
    .slice(0, 8)
    .map(({ other }) => other);
  alikes.set(facts, found);
  return found;
}

/**
 * A drug for the disease that is in one role only and is not a curated non-indication.
 *
 * @param facts What the graph says about the disease.
 * @param random Draws role and drug.
 * @returns Drug and role; undefined when the disease has none.
 */
export function drugFor(
  facts: DiseaseFacts,
  random: RandomStream,
): { drug: Entity; role: DrugRole } | undefined {
  const out = new Set(facts.notIndicated.map((drug) => drug.id));
  const treats = facts.treats.filter((drug) => !out.has(drug.id));
  const palliates = facts.palliates.filter((drug) => !out.has(drug.id));
  const modifying = treats.length > 0 && (palliates.length === 0 || random.next() < 0.7);
  const pool = modifying ? treats : palliates;
  if (pool.length === 0) return undefined;
  return { drug: random.pick(pool), role: modifying ? "disease-modifying" : "symptomatic" };
}

/**
 * Draw one case. `findings` is the number of present findings, at least 3.
 *
 * @param source Where diseases and their facts come from.
 * @param random Draws every part of the case.
 * @param findings Number of present findings, at least 3; a disease with fewer gives fewer, but never below 3.
 * @returns The case; undefined when the disease drawn has no runner-up, too few findings or no drug.
 */
export function drawCase(
  source: Source,
  random: RandomStream,
  findings: number,
): ClinicalCase | undefined {
  const facts = random.pick(source.diseases);
  const treatment = drugFor(facts, random);
  if (treatment === undefined || facts.sites.length === 0) return undefined;
  const alike = lookAlikes(source, facts);
  if (alike.length === 0) return undefined;
  const runnerUp = random.pick(alike);
  const alone = onlyIn(source, facts, runnerUp).filter((symptom) => isSpecific(source, symptom));
  const missing = onlyIn(source, runnerUp, facts);
  const common = facts.symptoms.filter((symptom) =>
    isSupported(source, runnerUp.disease.id, "presents", symptom.id) &&
    !shareWord(symptom.name, facts.disease.name)
  );
  const discriminating = distinctNames(random.shuffle(alone)).slice(0, Math.max(2, findings - 2));
  const shared = distinctNames([...discriminating, ...random.shuffle(common)])
    .slice(discriminating.length).slice(0, Math.max(1, findings - discriminating.length));
  const present = [...shared, ...discriminating];
  const open = missing.filter((symptom) =>
    !present.some((one) => contradicts(source.knowledge, one.id, symptom.id))
  );
  const absent = open.length > 0 ? random.pick(open) : undefined;
  if (discriminating.length < 2 || shared.length < 1 || absent === undefined) return undefined;
  const distant = random.shuffle(source.diseases).slice(0, 40).find(({ disease, sites }) =>
    sites.length > 0 && disease.id !== facts.disease.id && disease.id !== runnerUp.disease.id &&
    !shareWord(disease.name, facts.disease.name) &&
    !shareWord(disease.name, runnerUp.disease.name) &&
    !ancestorsOf(source.knowledge, facts.disease.id).has(disease.id) &&
    !ancestorsOf(source.knowledge, disease.id).has(facts.disease.id) &&
    present.filter((symptom) => isSupported(source, disease.id, "presents", symptom.id)).length <=
      1 &&
    shared.some((symptom) => !isSupported(source, disease.id, "presents", symptom.id))
  );
  if (distant === undefined) return undefined;
  return {
    disease: facts.disease,
    runnerUp: runnerUp.disease,
    distant: distant.disease,
    shared,
    discriminating,
    absent,
    site: random.pick(facts.sites),
    drug: treatment.drug,
    role: treatment.role,
    urgent: hasRedFlag(source.knowledge, present.map((symptom) => symptom.id)),
  };
}

/**
 * Whether the case keeps every rule of the clinical workflow.
 *
 * @param source The selected source, with its graph.
 * @param clinical The case.
 * @returns True when {@linkcode checkWorkflow} reports nothing.
 */
export function isSound(source: Source, clinical: ClinicalCase): boolean {
  return checkWorkflow(source.knowledge, stepsOf(clinical)).length === 0;
}

/** The clinical content of an item, by entity id. */
export interface Vignette {
  /** The diagnosis. */
  readonly disease: string;
  /** The second of the differential. */
  readonly runnerUp: string;
  /** Findings that the patient has. */
  readonly findings: readonly string[];
  /** A finding that the patient does not have. */
  readonly absent: string;
}

/**
 * Read the case behind an item from its claims; undefined for items without a case.
 *
 * @param item Any item.
 * @returns Its case by entity id, or undefined.
 */
export function vignetteOf(item: Pick<Item, "claims">): Vignette | undefined {
  const disease = item.claims.find(({ predicate }) => predicate === "localizes")?.subject;
  const presents = item.claims.filter(({ predicate }) => predicate === "presents");
  const findings = presents.filter(({ subject }) => subject === disease).map(({ object }) =>
    object
  );
  const others = presents.filter(({ subject }) => subject !== disease);
  const absent = others.find(({ object }) => !findings.includes(object));
  if (disease === undefined || absent === undefined) return undefined;
  return { disease, runnerUp: absent.subject, findings, absent: absent.object };
}
