/**
 * The facts that conflict tasks draw from, each in one split: well-supported edges between entities with usable names.
 *
 * A finding counts when the Disease Ontology's definition of the disease states it, an indication when at least two of
 * PharmacotherapyDB's four resources list it, three where the drug relieves symptoms only. What co-occurs in MEDLINE only, and curated non-indications, decide
 * nothing; they only rule out a wrong answer that might be right.
 *
 * @module
 */
import {
  ancestorsOf,
  checkClaim,
  type Entity,
  type Knowledge,
  objectsOf,
  type Predicate,
  subjectsOf,
} from "../../knowledge/mod.ts";
import type { RandomStream } from "../../runtime/mod.ts";
import { isUnambiguous, shareWord } from "../source.ts";

/** A disease with what is well supported about it. */
export interface ConflictDisease {
  /** The disease. */
  readonly disease: Entity;
  /** Findings that its definition states. */
  readonly findings: readonly Entity[];
  /** Drugs of either role, disease-modifying or symptomatic; of its own split only. */
  readonly drugs: readonly Entity[];
}

/** What the prompts of one split are about. */
export interface ConflictFacts {
  /** The graph, which judges every answer. */
  readonly knowledge: Knowledge;
  /** Diseases of this split. */
  readonly diseases: readonly ConflictDisease[];
  /** Drugs of this split. */
  readonly drugs: readonly Entity[];
}

const usableName = /^(?!.*[A-Z]{2})[A-Za-z][A-Za-z0-9' -]{2,29}$/;

/** Findings too vague to tell a disease, those that need an article in a sentence, and a disease of animals. */
const unfit = new RegExp(
  "^(pain|spasm|bleeding|breathing problems|caseation|skin lesion|skin ulcer|mouth sore|blister|" +
    "stiff neck|bloodshot eye|bloody stool|seizure|convulsion|hiccup|aleutian mink disease|(abdominal )?cramp)$",
  "i",
);

const rolesOfDrug = ["treats", "palliates"] as const;

/** How many of PharmacotherapyDB's four resources must list an indication: more where it relieves symptoms only. */
const leastResources = { treats: 2, palliates: 3 } as const;

/** A drug of more diseases is used for too much to be a safely wrong answer. */
const mostUses = 6;

/** A disease with fewer findings, whatever their source, is described too little to be a safely wrong answer. */
const leastFindings = 8;

/**
 * Whether the graph supports the claim, or at least connects the two: what it connects is never taken to be wrong.
 *
 * @param knowledge The graph.
 * @param subject Id of the subject.
 * @param predicate The relation.
 * @param object Id of the object.
 * @returns True for supported and associated, false for contradicted and unknown.
 */
export function supports(
  knowledge: Knowledge,
  subject: string,
  predicate: Predicate,
  object: string,
): boolean {
  const { verdict } = checkClaim(knowledge, { subject, predicate, object });
  return verdict === "supported" || verdict === "associated";
}

/**
 * Whether the graph supports the drug for the disease, in either role.
 *
 * @param knowledge The graph.
 * @param drug Id of the drug.
 * @param disease Id of the disease.
 * @returns True when it is disease-modifying or symptomatic.
 */
export function isDrugOf(knowledge: Knowledge, drug: string, disease: string): boolean {
  return rolesOfDrug.some((role) => supports(knowledge, drug, role, disease));
}

/** Whether the name is short and, looked up, means this entity alone. */
function isUsable(knowledge: Knowledge, entity: Entity): boolean {
  return !entity.obsolete && usableName.test(entity.name) && entity.name.split(" ").length <= 4 &&
    !unfit.test(entity.name) && isUnambiguous(knowledge, entity);
}

/** All diseases with well-supported facts, sorted by id. */
function wellSupported(knowledge: Knowledge): ConflictDisease[] {
  const found: ConflictDisease[] = [];
  for (const disease of knowledge.entities.values()) {
    if (disease.kind !== "disease" || !isUsable(knowledge, disease)) continue;
    const presents = knowledge.edges.presents.forward.get(disease.id);
    const findings = objectsOf(knowledge, disease.id, "presents").filter((finding) =>
      presents?.get(finding.id)?.sources.includes("Disease Ontology definition") &&
      isUsable(knowledge, finding)
    );
    const drugs = rolesOfDrug.flatMap((role) =>
      subjectsOf(knowledge, role, disease.id).filter((drug) =>
        /^\w+$/.test(drug.name) &&
        (knowledge.edges[role].forward.get(drug.id)?.get(disease.id)?.resources ?? 0) >=
          leastResources[role] &&
        isUsable(knowledge, drug)
      )
    );
    if (findings.length + drugs.length > 0) found.push({ disease, findings, drugs });
  }
  return found.sort((a, b) => (a.disease.id < b.disease.id ? -1 : 1));
}

/** Diseases of which one is a kind of the other stay together: by the first one above, or itself. */
function families(knowledge: Knowledge, diseases: readonly ConflictDisease[]): ConflictDisease[][] {
  const own = new Set(diseases.map(({ disease }) => disease.id));
  const groups = new Map<string, ConflictDisease[]>();
  for (const facts of diseases) {
    const { id } = facts.disease;
    const above = [...ancestorsOf(knowledge, id)].filter((other) => own.has(other));
    const head = above.at(-1) ?? id;
    groups.set(head, [...(groups.get(head) ?? []), facts]);
  }
  return [...groups.values()];
}

/** Shares groups between two sides at random, the largest first, each to the side that holds less. */
function halve<T>(
  groups: readonly T[],
  size: (group: T) => number,
  random: RandomStream,
): readonly [T[], T[]] {
  const sides: [T[], T[]] = [[], []];
  const held: [number, number] = [0, 0];
  const order = random.shuffle(groups).sort((a, b) => size(b) - size(a));
  for (const group of order) {
    const side = held[0] === held[1] ? random.integer(2) : held[0] < held[1] ? 0 : 1;
    sides[side as 0 | 1].push(group);
    held[side as 0 | 1] += size(group);
  }
  return sides;
}

/**
 * The well-supported facts of the graph in two splits that share no disease, no kind of a disease and no drug.
 *
 * @param knowledge The graph.
 * @param random Draws which disease and which drug lies in which split.
 * @returns Facts for training and for what is held out.
 */
export function splitFacts(
  knowledge: Knowledge,
  random: RandomStream,
): { readonly train: ConflictFacts; readonly test: ConflictFacts } {
  const all = wellSupported(knowledge);
  const total = (group: readonly ConflictDisease[], of: "findings" | "drugs"): number =>
    group.reduce((sum, facts) => sum + facts[of].length, 0);
  // Diseases with drugs and those with findings only are halved apart, so that each split has enough of both.
  const groups = families(knowledge, all);
  const treated = halve(
    groups.filter((group) => total(group, "drugs") > 0),
    (group) => total(group, "drugs"),
    random.child("treated"),
  );
  const untreated = halve(
    groups.filter((group) => total(group, "drugs") === 0),
    (group) => total(group, "findings"),
    random.child("untreated"),
  );
  const uses = new Map<string, number>();
  for (const { drugs } of all) for (const { id } of drugs) uses.set(id, (uses.get(id) ?? 0) + 1);
  const drugs = halve(
    [...uses.keys()].sort(),
    (id) => uses.get(id) ?? 0,
    random.child("drugs"),
  );
  const facts = (side: 0 | 1): ConflictFacts => {
    const own = new Set(drugs[side]);
    const diseases = [...treated[side], ...untreated[side]].flat().map((entry) => ({
      ...entry,
      drugs: entry.drugs.filter(({ id }) => own.has(id)),
    }));
    return {
      knowledge,
      diseases,
      drugs: drugs[side].flatMap((id) => knowledge.entities.get(id) ?? []),
    };
  };
  return { train: facts(0), test: facts(1) };
}

/** Areas of the ontology that a disease lies in, without the two uppermost levels. */
function areasOf(knowledge: Knowledge, disease: string): Set<string> {
  const isRoot = (id: string): boolean => objectsOf(knowledge, id, "is_a").length === 0;
  return new Set(
    [disease, ...ancestorsOf(knowledge, disease)].filter((id) =>
      !isRoot(id) && !objectsOf(knowledge, id, "is_a").every((parent) => isRoot(parent.id))
    ),
  );
}

/**
 * Whether two diseases lie in different areas of the ontology (such as bacterial and viral infections, or diseases of
 * heart and brain) and have no word in common.
 *
 * @param knowledge The graph.
 * @param a A disease.
 * @param b A disease.
 * @returns True when nothing below the two uppermost levels of the hierarchy is above both.
 */
export function areUnrelated(knowledge: Knowledge, a: Entity, b: Entity): boolean {
  const areas = areasOf(knowledge, a.id);
  return !shareWord(a.name, b.name) && [...areasOf(knowledge, b.id)].every((id) => !areas.has(id));
}

/**
 * Drugs that are safely wrong for a disease: the graph holds no pair of them in any role, they are used for few
 * diseases, all in other areas, and share no class with a drug of this disease.
 *
 * @param facts The split.
 * @param disease The disease.
 * @returns Such drugs of the split.
 */
export function unrelatedDrugs(facts: ConflictFacts, disease: Entity): Entity[] {
  const { knowledge } = facts;
  const own = rolesOfDrug.flatMap((role) => subjectsOf(knowledge, role, disease.id));
  const classes = new Set(
    own.flatMap(({ id }) => subjectsOf(knowledge, "includes", id)).map(({ id }) => id),
  );
  return facts.drugs.filter((drug) => {
    const used = rolesOfDrug.flatMap((role) => objectsOf(knowledge, drug.id, role));
    const denied = objectsOf(knowledge, drug.id, "not_indicated").some(({ id }) =>
      id === disease.id
    );
    return !denied && used.length <= mostUses && !own.some(({ id }) => id === drug.id) &&
      used.every((other) => areUnrelated(knowledge, disease, other)) &&
      !own.some(({ name }) => shareWord(name, drug.name)) &&
      !subjectsOf(knowledge, "includes", drug.id).some(({ id }) => classes.has(id));
  });
}

/**
 * Whether a disease is safely wrong for a patient: it lies in another area than the diagnosis, no source connects it
 * with one of the findings, not even by co-occurrence, its name has no word of theirs, and enough is known of it.
 *
 * @param knowledge The graph.
 * @param other The disease in question.
 * @param diagnosis The right disease.
 * @param findings What the patient has.
 * @returns True when it can be given as a wrong answer.
 */
export function isSafelyWrong(
  knowledge: Knowledge,
  other: Entity,
  diagnosis: Entity,
  findings: readonly Entity[],
): boolean {
  return objectsOf(knowledge, other.id, "presents").length >= leastFindings &&
    areUnrelated(knowledge, diagnosis, other) &&
    findings.every((finding) =>
      !supports(knowledge, other.id, "presents", finding.id) &&
      !shareWord(other.name, finding.name)
    );
}
