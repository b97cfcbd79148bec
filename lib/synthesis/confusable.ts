/**
 * Diseases that can be taken for each other, and the findings and drugs that tell them apart: those that no source connects with
 * the others in any way.
 */
import {
  ancestorsOf,
  type Clinical,
  conceptKey,
  deniedSpans,
  type DiseaseFinding,
  entails,
  type Entity,
  mentions,
  raisedFlags,
  type RedFlag,
} from "../knowledge/mod.ts";
import { oppositeFindings } from "./consistency.ts";
import { findingStems } from "./finding_stems.ts";
import {
  type DiseaseFacts,
  displayName,
  type DrugFact,
  type FindingFact,
  mayPresent,
  mayTreat,
  shareWord,
  type Source,
} from "./source.ts";
import { isHeldOutDisease } from "./split.ts";
import { flagsOf } from "./workflow.ts";

/** A disease that can be taken for another. */
export interface Alike {
  /** It. */
  readonly facts: DiseaseFacts;
  /** Number of typical findings of both. */
  readonly shared: number;
  /** Whether they have a specialty or a complaint in common. */
  readonly related: boolean;
}

/** What a disease is called and what it is a kind of. */
interface Identity {
  readonly above: ReadonlySet<string>;
  readonly names: ReadonlySet<string>;
}

/** What was found out about the tables; it is asked for in every draw. */
interface Found {
  /** Whether a finding speaks against a disease. */
  readonly apart: Map<string, boolean>;
  /** Whether two findings can stand in one record. */
  readonly fitting: Map<string, boolean>;
  /** Whether one finding can be denied beside another. */
  readonly deniable: Map<string, boolean>;
  /** Whether a drug may be of no use in a disease. */
  readonly useless: Map<string, boolean>;
  /** The red flags that a finding raises. */
  readonly flags: Map<string, readonly RedFlag[]>;
  /** Whether a finding can be said. */
  readonly sayable: Map<string, boolean>;
  /** What a disease is called and what it is a kind of. */
  readonly identities: Map<string, Identity>;
  /** The rows of a disease by the words of their findings. */
  readonly words: Map<string, ReadonlyMap<string, readonly DiseaseFinding[]>>;
  /** How many diseases have a finding, or a drug. */
  readonly listed: ReadonlyMap<string, number>;
}

const found = new WeakMap<Clinical, Found>();

/** The diseases that are alike, for each source: it says which may be drawn. */
const alike = new WeakMap<Source, Map<string, readonly Alike[]>>();

/** The findings of one disease that tell it from another, for the diseases of each source. */
const apartFrom = new WeakMap<DiseaseFacts, Map<DiseaseFacts, readonly FindingFact[]>>();

function foundOf({ clinical }: Source): Found {
  const before = found.get(clinical);
  if (before !== undefined) return before;
  const fresh: Found = {
    apart: new Map(),
    fitting: new Map(),
    deniable: new Map(),
    useless: new Map(),
    flags: new Map(),
    sayable: new Map(),
    identities: new Map(),
    words: new Map(),
    listed: listedIn(clinical),
  };
  found.set(clinical, fresh);
  return fresh;
}

/** In how many diseases the tables list each finding and each drug, in any role. */
function listedIn({ diseases }: Clinical): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { findings, treatments } of diseases.values()) {
    const ids = new Set([
      ...findings.map(({ finding }) => finding.id),
      ...treatments.map(({ drug }) => drug.id),
    ]);
    for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  return counts;
}

/** The value under a key, computed once. */
function once<T>(known: Map<string, T>, key: string, compute: () => T): T {
  const before = known.get(key);
  if (before !== undefined) return before;
  const value = compute();
  known.set(key, value);
  return value;
}

/** Words that are no noun phrase, offer a choice, speak of a study or deny. */
const unsayable =
  /\b(?:or|not?|without|possible|improves|quality|intensity|associated|normal|negative|absence|onset over|onset with|\w+itis|decreased in|vascular alteration|symptoms worse|kidney problems|allergic reaction)\b|doesn't/i;

/**
 * Whether a finding can stand in a sentence on a patient: by its words it is something that one has, and a reader of the
 * sentence finds it and nothing else, asserted or denied as it is. What is called as a held-out disease is, such as hearing
 * loss, would bring its name into training.
 *
 * @param source The selected source.
 * @param finding The finding.
 * @returns False for what would be misread.
 */
export function isSayable(source: Source, finding: Entity): boolean {
  const { knowledge } = source;
  return once(foundOf(source).sayable, finding.id, () => {
    const name = displayName(finding);
    if (unsayable.test(name)) return false;
    return [false, true].every((denied) => {
      const text = denied ? `The patient denies ${name}.` : `The patient reports ${name}.`;
      const named = mentions(knowledge, text);
      const spans = deniedSpans(text, named);
      const own = named.filter(({ entity: { kind } }) => kind === "symptom");
      return own.length === 1 && own[0]!.entity.id === finding.id &&
        named.every(({ entity }, i) =>
          spans[i] === denied && (entity.kind !== "disease" || !isHeldOutDisease(entity.id))
        );
    });
  });
}

/** The rows of a disease by the words of their findings. */
function wordsOf(
  source: Source,
  { disease, profile }: DiseaseFacts,
): ReadonlyMap<string, readonly DiseaseFinding[]> {
  return once(foundOf(source).words, disease.id, () => {
    const rows = new Map<string, DiseaseFinding[]>();
    for (const row of profile.findings) {
      const names = [row.text, row.finding.name, ...row.finding.entity?.synonyms ?? []];
      for (const stem of new Set(names.flatMap(findingStems))) {
        rows.set(stem, [...rows.get(stem) ?? [], row]);
      }
    }
    return rows;
  });
}

/** A finding of more diseases than so many tells none of them from another: where it is not listed it may be left out. */
const mostWithFinding = 15;

/** A drug of more diseases than so many is of some use in most of them. */
const mostWithDrug = 8;

/** Drugs that any severe illness may need. */
const supportive = /^(?:oxygen|albumin|norepinephrine)$/i;

/**
 * Whether a finding speaks against a disease: it is no common one, no source connects the two, and no finding of the disease has a
 * word or a theme of it, but for one that excludes it, as low TSH excludes high TSH.
 *
 * @param source The selected source.
 * @param fact A finding of another disease.
 * @param other The disease.
 * @returns True where the disease is safely without it.
 */
export function tellsApart(source: Source, fact: FindingFact, other: DiseaseFacts): boolean {
  const { knowledge, clinical } = source;
  const { finding, row } = fact;
  return once(foundOf(source).apart, `${finding.id} ${other.disease.id}`, () => {
    if ((foundOf(source).listed.get(finding.id) ?? 0) > mostWithFinding) return false;
    const rows = wordsOf(source, other);
    const differs = [row.finding.name, finding.name, ...finding.synonyms].flatMap(findingStems)
      .every((
        stem,
      ) =>
        (rows.get(stem) ?? []).every((own) =>
          oppositeFindings(clinical, row.finding, own.finding) !== undefined
        )
      );
    return differs && !mayPresent(knowledge, other.disease.id, finding.id);
  });
}

/**
 * The findings of a disease that tell it from others.
 *
 * @param source The selected source.
 * @param facts The disease.
 * @param others The others.
 * @returns Findings that can be said, in the order of the table.
 */
export function discriminatingFindings(
  source: Source,
  facts: DiseaseFacts,
  others: readonly DiseaseFacts[],
): FindingFact[] {
  const lists = others.map((other) => {
    const own = apartFrom.get(facts) ?? new Map<DiseaseFacts, readonly FindingFact[]>();
    apartFrom.set(facts, own);
    const known = own.get(other) ??
      facts.findings.filter((fact) =>
        isSayable(source, fact.finding) && tellsApart(source, fact, other)
      );
    own.set(other, known);
    return known;
  });
  return facts.findings.filter((fact) => lists.every((list) => list.includes(fact)));
}

/**
 * Whether two findings can stand in one record: neither entails nor excludes the other, and they share no word.
 *
 * @param source The selected source.
 * @param a A finding.
 * @param b Another one.
 * @returns True where a reader takes them for two.
 */
export function fitTogether(source: Source, a: FindingFact, b: FindingFact): boolean {
  const { clinical } = source;
  const [one, two] = [a.row.finding, b.row.finding];
  return once(
    foundOf(source).fitting,
    `${one.id} ${two.id}`,
    () =>
      !shareWord(a.finding.name, b.finding.name) &&
      entails(clinical, one, two) === undefined && entails(clinical, two, one) === undefined &&
      oppositeFindings(clinical, one, two) === undefined,
  );
}

/**
 * Whether one finding can be denied beside another: neither entails the other, and they have no word and no theme in common.
 *
 * @param source The selected source.
 * @param present The finding that is there.
 * @param denied The one that is not.
 * @returns True where the one says nothing of the other.
 */
export function mayBeDenied(source: Source, present: FindingFact, denied: FindingFact): boolean {
  const { clinical } = source;
  const [one, two] = [present.row.finding, denied.row.finding];
  return once(foundOf(source).deniable, `${one.id} ${two.id}`, () => {
    const words = new Set([present.finding.name, one.name].flatMap(findingStems));
    return ![denied.finding.name, two.name].flatMap(findingStems).some((stem) => words.has(stem)) &&
      entails(clinical, one, two) === undefined && entails(clinical, two, one) === undefined;
  });
}

/**
 * The red flags among findings.
 *
 * @param source The selected source.
 * @param facts What a patient has.
 * @returns Flags in the order of the list.
 */
export function flagsIn(source: Source, facts: readonly FindingFact[]): RedFlag[] {
  const { clinical } = source;
  const raised = new Set(
    facts.flatMap(({ row: { finding, text } }) =>
      once(
        foundOf(source).flags,
        `${finding.id} ${text}`,
        () => raisedFlags(clinical, flagsOf(clinical), [{ finding, text }]),
      )
    ),
  );
  return flagsOf(clinical).filter((flag) => raised.has(flag));
}

/**
 * The drugs of a disease that may be of no use in others, and nothing speaks against in the disease itself.
 *
 * @param source The selected source.
 * @param facts The disease.
 * @param others The others.
 * @returns Drugs in the order of the table.
 */
export function discriminatingDrugs(
  source: Source,
  facts: DiseaseFacts,
  others: readonly DiseaseFacts[],
): DrugFact[] {
  const { contraindicated } = source.knowledge.edges;
  const { listed, useless } = foundOf(source);
  return facts.drugs.filter(({ drug }) =>
    (listed.get(drug.id) ?? 0) <= mostWithDrug && !supportive.test(drug.name) &&
    contraindicated.forward.get(drug.id)?.has(facts.disease.id) !== true &&
    others.every(({ disease }) =>
      once(
        useless,
        `${drug.id} ${disease.id}`,
        () => !shareWord(drug.name, disease.name) && !mayTreat(source, drug.id, disease.id),
      )
    )
  );
}

const complaintsOf = ({ profile }: DiseaseFacts): Set<string> =>
  new Set(profile.differentials.map(({ complaint }) => complaint));

/** Whether two diseases have no word of their names in common, and neither is a kind of the other or another name of it. */
function areDistinct(source: Source, a: Entity, b: Entity): boolean {
  if (a.id === b.id || shareWord(a.name, b.name)) return false;
  const { knowledge } = source;
  const read = ({ id, name, synonyms }: Entity): Identity =>
    once(foundOf(source).identities, id, () => ({
      above: ancestorsOf(knowledge, id),
      names: new Set([name, ...synonyms].map(conceptKey)),
    }));
  const [one, two] = [read(a), read(b)];
  return !one.above.has(b.id) && !two.above.has(a.id) &&
    ![...one.names].some((name) => two.names.has(name));
}

/**
 * The diseases that can be taken for one: they share a typical finding, a specialty or a complaint, are no kind of it nor it of
 * them, and each has at least two findings that tell it from the other.
 *
 * @param source The selected source.
 * @param facts The disease.
 * @returns Those diseases, the ones with shared findings first.
 */
export function alikeOf(source: Source, facts: DiseaseFacts): readonly Alike[] {
  const known = alike.get(source) ?? new Map<string, readonly Alike[]>();
  alike.set(source, known);
  return once(known, facts.disease.id, () => {
    const own = new Set(facts.findings.map(({ finding }) => finding.id));
    const complaints = complaintsOf(facts);
    const { specialty } = facts.profile;
    const others = source.diseases.flatMap((other): Alike[] => {
      if (!areDistinct(source, facts.disease, other.disease)) return [];
      const shared = other.findings.filter(({ finding }) =>
        own.has(finding.id) && isSayable(source, finding)
      ).length;
      const related = (specialty !== undefined && specialty === other.profile.specialty) ||
        [...complaintsOf(other)].some((complaint) => complaints.has(complaint));
      if (shared === 0 && !related) return [];
      return discriminatingFindings(source, facts, [other]).length >= 2 &&
          discriminatingFindings(source, other, [facts]).length >= 2
        ? [{ facts: other, shared, related }]
        : [];
    });
    return others.sort((a, b) => b.shared - a.shared);
  });
}

/**
 * Why a disease is said not to have a finding that tells another one from it.
 *
 * @param clinical The curated tables.
 * @param facts The disease.
 * @param fact The finding.
 * @returns A source that says so, the opposite among its typical findings, or that no row lists it.
 */
export function denialOf(
  clinical: Clinical,
  { profile }: DiseaseFacts,
  { row }: FindingFact,
): "source" | "opposite" | "not listed" {
  const denied = [...profile.denials, ...profile.findings].some(({ absent }) =>
    absent.some(({ id }) => id === row.finding.id)
  );
  if (denied) return "source";
  return profile.findings.some((own) =>
      own.rating === "typical" &&
      oppositeFindings(clinical, own.finding, row.finding) !== undefined
    )
    ? "opposite"
    : "not listed";
}
