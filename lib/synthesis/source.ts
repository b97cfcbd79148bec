/**
 * Source selection: the entities and curated facts that items are built from, chosen for short, unambiguous names.
 *
 * Only curated facts carry answers. What co-occurs in the literature carries none, and is no wrong answer either.
 */
import {
  ancestorsOf,
  checkClaim,
  type Clinical,
  curatedEdges,
  type DiseaseFinding,
  type DiseaseProfile,
  type Entity,
  isAtomicFinding,
  isShown,
  type Knowledge,
  mentions,
  objectsOf,
  subjectsOf,
  type Treatment,
} from "../knowledge/mod.ts";
import type { TestSet } from "./item.ts";
import { type FactSplit, isHeldOutDisease, splitOfFact } from "./split.ts";

/** A finding of a disease. */
export interface FindingFact {
  /** The finding. */
  readonly finding: Entity;
  /** The row that says so. */
  readonly row: DiseaseFinding;
  /** Whether the fact belongs to the source's split alone. */
  readonly own: boolean;
}

/** A drug for a disease. */
export interface DrugFact {
  /** The drug. */
  readonly drug: Entity;
  /** The row that says so. */
  readonly row: Treatment;
  /** Whether the fact belongs to the source's split alone. */
  readonly own: boolean;
}

/** What the curated sources say about one disease, as far as items can use it. */
export interface DiseaseFacts {
  /** The disease. */
  readonly disease: Entity;
  /** Everything that is known of it. */
  readonly profile: DiseaseProfile;
  /** Typical findings, in the order of the table. */
  readonly findings: readonly FindingFact[];
  /** First-line and accepted drugs and those that relieve symptoms, in the order of the table. */
  readonly drugs: readonly DrugFact[];
}

/** Which facts a source holds: those of training diseases up to a split, or all of held-out diseases. */
export type SourceSplit = FactSplit | Extract<TestSet, "test-diseases">;

/** Everything that the task families draw from, for one split. */
export interface Source {
  /** The graph. */
  readonly knowledge: Knowledge;
  /** The curated tables. */
  readonly clinical: Clinical;
  /** What it may be used for. */
  readonly split: SourceSplit;
  /** Diseases with at least three findings that this split may use, sorted by id. */
  readonly diseases: readonly DiseaseFacts[];
  /** The same by id. */
  readonly facts: ReadonlyMap<string, DiseaseFacts>;
  /** The usable classes of each drug, sorted by id, by drug id. */
  readonly classes: ReadonlyMap<string, readonly Entity[]>;
  /** How many diseases the tables have. */
  readonly produced: number;
}

const plain = /^[A-Za-z][A-Za-z0-9' -]{2,33}$/;
const joining = /\b(and|or|in|with|nos|due|by)\b/i;

/**
 * The name as it stands in a prompt: MeSH symptoms and drug names in small letters, all others as they are.
 *
 * @param entity The entity.
 * @returns Its name in a prompt.
 */
export function displayName(entity: Entity): string {
  return entity.id.startsWith("MESH:") || entity.kind === "drug"
    ? entity.name.toLowerCase()
    : entity.name;
}

/**
 * Whether a name is short and plain enough for a prompt.
 *
 * @param name A name.
 * @returns True for 3 to 34 characters in at most four words, none of them a joining one.
 */
export function isPlainName(name: string): boolean {
  return plain.test(name) && name.split(" ").length <= 4 && !joining.test(name);
}

/**
 * Whether the displayed name, looked up in text, is found as this very entity, and as no other of its kind. A disease
 * must not share its name with an entity of another kind (headache), where its name stands in a text about findings.
 *
 * @param knowledge The graph.
 * @param entity The entity.
 * @param ofItsKind True where only entities of its kind are looked for.
 * @returns Whether its name can stand in a text.
 */
export function isUnambiguous(knowledge: Knowledge, entity: Entity, ofItsKind = false): boolean {
  const name = displayName(entity);
  const found = mentions(knowledge, name).filter(({ entity: { kind } }) =>
    (entity.kind === "disease" && !ofItsKind) || kind === entity.kind
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
 * Whether any source connects a disease with a finding: what may be a finding of it is never a wrong one.
 *
 * @param knowledge The graph.
 * @param disease Id of the disease.
 * @param finding Id of the finding.
 * @returns True for a stated or associated finding, one that a stated finding entails, or a special form of a stated one.
 */
export function mayPresent(knowledge: Knowledge, disease: string, finding: string): boolean {
  const { verdict } = checkClaim(knowledge, {
    subject: disease,
    predicate: "presents",
    object: finding,
  });
  if (verdict === "supported" || verdict === "associated") return true;
  const edges = knowledge.edges.presents.forward.get(disease);
  return edges !== undefined && [...ancestorsOf(knowledge, finding)].some((id) => edges.has(id));
}

/**
 * Whether a drug may be of use in a disease: any source connects the two in any role, or the drug shares a pharmacologic class
 * with one that is used.
 *
 * @param source The selected source.
 * @param drug Id of the drug.
 * @param disease Id of the disease.
 * @returns False where the drug is a safely wrong answer.
 */
export function mayTreat({ knowledge, classes }: Source, drug: string, disease: string): boolean {
  const used = new Set(
    (["treats", "palliates"] as const).flatMap((role) => subjectsOf(knowledge, role, disease))
      .map(({ id }) => id),
  );
  if (used.has(drug)) return true;
  const own = new Set((classes.get(drug) ?? []).map(({ id }) => id));
  return [...used].some((other) => (classes.get(other) ?? []).some(({ id }) => own.has(id)));
}

/** Which facts of training diseases a split may use; the last of them are its own. */
const usable: Readonly<Record<FactSplit, readonly FactSplit[]>> = {
  train: ["train"],
  validation: ["train", "validation"],
  test: ["train", "test"],
};

/**
 * Select the usable diseases and curated facts for a split.
 *
 * A name is usable when it is plain and when looking it up in text finds exactly this entity. A fact is usable when it may
 * carry an answer (`curatedEdges`) and belongs to the split or, in validation and test, to training.
 *
 * @param clinical The curated tables, joined with the graph.
 * @param split What the items are for.
 * @returns Usable diseases and facts, sorted by id.
 */
export function selectSource(clinical: Clinical, split: SourceSplit): Source {
  const { knowledge } = clinical;
  const answers = new Set(curatedEdges(clinical).map(({ at }) => at));
  const isUsable = usableIn(knowledge);
  const isOwn = (subject: string, object: string): boolean | undefined => {
    if (split === "test-diseases") return true;
    const of = splitOfFact({ subject, object });
    return usable[split].includes(of) ? of === split : undefined;
  };
  const diseases: DiseaseFacts[] = [];
  for (const profile of clinical.diseases.values()) {
    const disease = knowledge.entities.get(profile.disease.id);
    if (disease === undefined || !isUsable(disease)) continue;
    if (isHeldOutDisease(disease.id) !== (split === "test-diseases")) continue;
    const seen = new Set<string>();
    /** The entity of a fact with whether it is the split's own; none where this split may not use it. */
    const fact = (id: string, drug: boolean): { entity: Entity; own: boolean } | undefined => {
      const entity = knowledge.entities.get(id);
      if (entity === undefined || seen.has(id) || !isUsable(entity)) return undefined;
      const own = drug ? isOwn(id, disease.id) : isOwn(disease.id, id);
      if (own === undefined) return undefined;
      seen.add(id);
      return { entity, own };
    };
    const facts: DiseaseFacts = {
      disease,
      profile,
      findings: profile.findings.flatMap((row) => {
        if (!isTypical(row) || !answers.has(row.at) || shareWord(row.text, disease.name)) return [];
        const found = fact(row.finding.id, false);
        return found === undefined ? [] : [{ finding: found.entity, row, own: found.own }];
      }),
      drugs: profile.treatments.flatMap((row) => {
        if (row.role === "uncommon" || !answers.has(row.at)) return [];
        const found = fact(row.drug.id, true);
        return found === undefined ? [] : [{ drug: found.entity, row, own: found.own }];
      }),
    };
    if (facts.findings.length >= 3) diseases.push(facts);
  }
  diseases.sort((a, b) => (a.disease.id < b.disease.id ? -1 : 1));
  return {
    knowledge,
    clinical,
    split,
    diseases,
    facts: new Map(diseases.map((facts) => [facts.disease.id, facts])),
    classes: classesByDrug(knowledge, isUsable),
    produced: clinical.diseases.size,
  };
}

const isTypical = (row: DiseaseFinding): boolean => row.rating === "typical" && isShown(row);

/** Whether an entity's name can be used; what was asked once is remembered. */
function usableIn(knowledge: Knowledge): (entity: Entity) => boolean {
  const known = new Map<string, boolean>();
  return (entity) => {
    const before = known.get(entity.id);
    if (before !== undefined) return before;
    const short = entity.kind === "symptom"
      ? isAtomicFinding(entity.name) && entity.name.length <= 40
      : isPlainName(entity.name);
    const usable = !entity.obsolete && short && isUnambiguous(knowledge, entity, true);
    known.set(entity.id, usable);
    return usable;
  };
}

/** The classes of each drug, sorted by id. */
function classesByDrug(
  knowledge: Knowledge,
  isUsable: (entity: Entity) => boolean,
): Map<string, Entity[]> {
  const classes = new Map<string, Entity[]>();
  const groups = [...knowledge.entities.values()]
    .filter((entity) => entity.kind === "class" && isUsable(entity))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  for (const group of groups) {
    for (const { id } of objectsOf(knowledge, group.id, "includes")) {
      classes.set(id, [...(classes.get(id) ?? []), group]);
    }
  }
  return classes;
}
