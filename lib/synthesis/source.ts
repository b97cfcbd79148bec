/**
 * Source selection: the entities and facts that items are built from, chosen for short, unambiguous names.
 *
 * Hetionet's symptoms are MeSH terms that co-occur with a disease in MEDLINE. Many of them are syndromes, groups of
 * symptoms or measurements; what is no finding that a patient can have is left out.
 */
import {
  type Entity,
  type EntityKind,
  type Knowledge,
  mentions,
  objectsOf,
  subjectsOf,
} from "../knowledge/mod.ts";

/** What the graph says about one disease, as far as items can use it. */
export interface DiseaseFacts {
  /** The disease. */
  readonly disease: Entity;
  /** Findings that it causes. */
  readonly symptoms: readonly Entity[];
  /** Body parts that it affects. */
  readonly sites: readonly Entity[];
  /** Disease-modifying drugs. */
  readonly treats: readonly Entity[];
  /** Symptomatic drugs. */
  readonly palliates: readonly Entity[];
  /** Curated non-indications. */
  readonly notIndicated: readonly Entity[];
}

/** Everything that the task families draw from. */
export interface Source {
  /** The graph. */
  readonly knowledge: Knowledge;
  /** Diseases with clinical facts, sorted by id. */
  readonly diseases: readonly DiseaseFacts[];
  /** Diseases by id. */
  readonly facts: ReadonlyMap<string, DiseaseFacts>;
  /** In how many of the diseases each symptom occurs, by symptom id. */
  readonly frequency: ReadonlyMap<string, number>;
  /** The usable classes of each drug, sorted by id, by drug id. */
  readonly classes: ReadonlyMap<string, readonly Entity[]>;
  /** Pools of usable entities of each kind, sorted by id, for questions and distractors. */
  readonly pools: Readonly<Record<EntityKind, readonly Entity[]>>;
  /** How many diseases with symptoms the graph has, and how many of them are usable. */
  readonly produced: number;
}

const notAFinding = new RegExp(
  "manifestations|disorders?$|syndrome|disease|deficiency|retardation|weight$|fetal|hydrops|brain death|" +
    "prodromal|thinness|urinoma|pseudophakia|threshold|dystrophy|telangiectasia|phantom|postoperative|acute pain|" +
    "visceral|nociceptive|referred|withdrawal|down syndrome|macrosomia|reticulocytosis|coma$|hyperoxia|labor|tinea|" +
    "cystinosis|lissencephal|intellectual|pediatric|ataxias$|hyperemesis|articulation|sleep deprivation|mobility|chronic pain",
  "i",
);
const plain = /^[A-Za-z][A-Za-z0-9' -]{2,23}$/;
const joining = /\b(and|or|of|in|with|nos|due|by|type)\b/i;

/**
 * The name as it stands in a prompt: MeSH symptoms and drug names in small letters, all others as they are.
 *
 * @param entity The entity.
 * @returns Its name in a prompt.
 */
export function displayName(entity: Entity): string {
  return entity.kind === "symptom" || entity.kind === "drug"
    ? entity.name.toLowerCase()
    : entity.name;
}

/**
 * Whether a name is short and plain enough for a prompt.
 *
 * @param name A name.
 * @returns True for 3 to 24 characters in at most three words, none of them a joining one.
 */
export function isPlainName(name: string): boolean {
  return plain.test(name) && name.split(" ").length <= 3 && !joining.test(name);
}

/**
 * Whether the displayed name, looked up in text, is found as this very entity, and as no other of its kind. A disease
 * must not share its name with an entity of another kind (headache), since its name stands in every answer about it.
 *
 * @param knowledge The graph.
 * @param entity The entity.
 * @returns Whether its name can stand in a text.
 */
export function isUnambiguous(knowledge: Knowledge, entity: Entity): boolean {
  const name = displayName(entity);
  const found = mentions(knowledge, name).filter(({ entity: { kind } }) =>
    entity.kind === "disease" || kind === entity.kind
  );
  return found.length === 1 && found[0]?.entity.id === entity.id &&
    found[0].end - found[0].start === name.length;
}

/**
 * Whether two names have a word of four letters or more in common, as "pain" and "back pain" have.
 *
 * @param a A name.
 * @param b A name.
 * @returns True when the first seven letters of a word agree.
 */
export function shareWord(a: string, b: string): boolean {
  const words = new Set(wordStems(a));
  return wordStems(b).some((word) => words.has(word));
}

function wordStems(name: string): string[] {
  return name.toLowerCase().split(/[^a-z0-9]+/).filter((word) => word.length >= 4).map((word) =>
    word.slice(0, 7)
  );
}

/**
 * Select the usable entities and facts of the graph.
 *
 * A name is usable when it is plain (no comma, at most 24 characters and three words) and when looking it up in text
 * finds exactly this entity; a symptom must also be a finding that a patient can have.
 *
 * @param knowledge The graph.
 * @returns Usable entities and facts, sorted by id.
 */
export function selectSource(knowledge: Knowledge): Source {
  const isUsable = usableIn(knowledge);
  const sorted = (entities: readonly Entity[]): Entity[] =>
    entities.filter(isUsable).sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));

  const all = [...knowledge.entities.values()];
  let produced = 0;
  const diseases: DiseaseFacts[] = [];
  const pools: Record<EntityKind, Entity[]> = {
    disease: [],
    symptom: [],
    drug: [],
    anatomy: [],
    class: [],
  };
  const seen = new Set<string>();
  const remember = (entities: readonly Entity[]): void => {
    for (const entity of entities) {
      if (seen.has(entity.id)) continue;
      seen.add(entity.id);
      pools[entity.kind].push(entity);
    }
  };
  for (const disease of all) {
    if (disease.kind !== "disease") continue;
    const parents = objectsOf(knowledge, disease.id, "is_a");
    const symptoms = objectsOf(knowledge, disease.id, "presents");
    if (symptoms.length > 0) produced += 1;
    if (!isUsable(disease)) continue;
    if (parents.length > 0) remember([disease]);
    if (symptoms.length === 0) continue;
    const facts: DiseaseFacts = {
      disease,
      symptoms: sorted(symptoms),
      sites: sorted(objectsOf(knowledge, disease.id, "localizes")),
      treats: sorted(subjectsOf(knowledge, "treats", disease.id)),
      palliates: sorted(subjectsOf(knowledge, "palliates", disease.id)),
      notIndicated: sorted(subjectsOf(knowledge, "not_indicated", disease.id)),
    };
    if (facts.symptoms.length < 3) continue;
    diseases.push(facts);
    remember([
      ...facts.symptoms,
      ...facts.sites,
      ...facts.treats,
      ...facts.palliates,
      ...facts.notIndicated,
    ]);
  }
  for (const entity of all) {
    if (entity.kind !== "class" || !isUsable(entity)) continue;
    remember([entity]);
    remember(sorted(objectsOf(knowledge, entity.id, "includes")));
  }
  diseases.sort((a, b) => (a.disease.id < b.disease.id ? -1 : 1));
  for (const pool of Object.values(pools)) pool.sort((a, b) => (a.id < b.id ? -1 : 1));
  return {
    knowledge,
    diseases,
    facts: new Map(diseases.map((facts) => [facts.disease.id, facts])),
    frequency: symptomFrequency(diseases),
    classes: classesByDrug(knowledge, pools.class),
    pools,
    produced,
  };
}

/** Whether an entity's name can be used; what was asked once is remembered. */
function usableIn(knowledge: Knowledge): (entity: Entity) => boolean {
  const known = new Map<string, boolean>();
  return (entity) => {
    const before = known.get(entity.id);
    if (before !== undefined) return before;
    const usable = !entity.obsolete && isPlainName(entity.name) &&
      (entity.kind !== "symptom" || !notAFinding.test(entity.name)) &&
      isUnambiguous(knowledge, entity);
    known.set(entity.id, usable);
    return usable;
  };
}

/** In how many of the diseases each symptom occurs. */
function symptomFrequency(diseases: readonly DiseaseFacts[]): Map<string, number> {
  const frequency = new Map<string, number>();
  for (const { symptoms } of diseases) {
    for (const { id } of symptoms) frequency.set(id, (frequency.get(id) ?? 0) + 1);
  }
  return frequency;
}

/** The classes of each drug, in the order in which they are given. */
function classesByDrug(knowledge: Knowledge, groups: readonly Entity[]): Map<string, Entity[]> {
  const classes = new Map<string, Entity[]>();
  for (const group of groups) {
    for (const { id } of objectsOf(knowledge, group.id, "includes")) {
      classes.set(id, [...(classes.get(id) ?? []), group]);
    }
  }
  return classes;
}
