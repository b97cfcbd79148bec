/**
 * When an answer is safely wrong, and what says so. The tables list what is typical, not all that can be: that a row is missing
 * denies nothing by itself. An answer counts as wrong where a source speaks against it, or where no source connects it with
 * what is asked about and nothing near it is connected either.
 *
 * @module
 */
import {
  ancestorsOf,
  checkClaim,
  type Clinical,
  descendantsOf,
  type Entity,
  isStated,
  measuredIn,
  objectsOf,
  standingOf,
  subjectsOf,
} from "../../knowledge/mod.ts";
import type { DenialBasis } from "../item.ts";
import { mayPresent, mayTreat, shareWord, type Source } from "../source.ts";
import { isOneKind } from "./drug_stems.ts";
import { topicsOf } from "./finding_topics.ts";
import { oncePerSource } from "./memo.ts";
import { placeOf } from "./taxonomy.ts";

/** A finding that more of the tables' diseases may present is wrong for none of the others: fever, fatigue, nausea. */
const mostDiseases = 20;

/** A drug of more uses is wrong for no disease: prednisone, ibuprofen. */
const mostUses = 3;

/** What speaks against so many drugs is not listed in full: pregnancy. */
const mostDrugs = 24;

/** A drug of which fewer conditions are listed has no list, and one of which more are listed has an open one. */
const listedConditions = { least: 2, most: 7 } as const;

/** Findings that any illness can bring. */
const general =
  /^(?:dizziness|lightheadedness|malaise|weakness|anxiety|irritability|tachycardia|confusion|palpitation|low blood pressure|diaphoresis|chills|sleep disturbance|restlessness|weight gain|bloating)$/i;

/** Drugs that any severe illness may need. */
const supportive = /^(?:oxygen|albumin|norepinephrine|sodium chloride|dextrose|glucose)$/i;

const topicsByDisease = new WeakMap<Clinical, Map<string, ReadonlySet<string>>>();

/**
 * Of how many diseases of the tables a finding may be one.
 *
 * @param source The selected source.
 * @param finding Id of the finding.
 * @returns Their number.
 */
export function diseasesWith(source: Source, finding: string): number {
  return oncePerSource(
    source,
    `diseases with ${finding}`,
    () =>
      [...source.clinical.diseases.keys()].filter((disease) =>
        mayPresent(source.knowledge, disease, finding)
      ).length,
  );
}

/**
 * Whether a finding can be wrong for some disease: it tells a part of the body, and few diseases may present it.
 *
 * @param source The selected source.
 * @param finding The finding.
 * @returns False for fever, fatigue or pain that is worse at night.
 */
export function isTelling(source: Source, finding: Entity): boolean {
  return !general.test(finding.name) && topicsOf(finding.name).length > 0 &&
    diseasesWith(source, finding.id) <= mostDiseases;
}

/**
 * Why a finding is none of a disease.
 *
 * @param source The selected source.
 * @param disease The disease.
 * @param finding The finding.
 * @returns The basis; undefined where the disease may present it, where it has a finding of the same topic, or where the
 * finding is so common that nobody can tell.
 */
export function findingDenial(
  source: Source,
  disease: Entity,
  finding: Entity,
): DenialBasis | undefined {
  const { knowledge, clinical } = source;
  if (mayPresent(knowledge, disease.id, finding.id)) return undefined;
  if (isContradicted(clinical, disease.id, finding)) {
    return measuredIn(finding.name) === undefined ? "source" : "opposite";
  }
  if (!isTelling(source, finding)) return undefined;
  const shown = shownTopics(source, disease.id);
  return topicsOf(finding.name).some((topic) => shown.has(topic)) ? undefined : "not listed";
}

/** Whether a source says that the disease comes without the finding, or with the same quantity in the other direction. */
function isContradicted(clinical: Clinical, disease: string, finding: Entity): boolean {
  const profile = clinical.diseases.get(disease);
  const denies = [...profile?.denials ?? [], ...profile?.findings ?? []].some(({ absent }) =>
    absent.length > 0
  );
  if (!denies && measuredIn(finding.name) === undefined) return false;
  const claim = { subject: disease, relation: "presents", object: finding.id } as const;
  return standingOf(clinical, claim).standing === "contradicted";
}

/** The topics of everything that a disease is said to show, risks and red flags too. */
function shownTopics({ knowledge, clinical }: Source, disease: string): ReadonlySet<string> {
  const known = topicsByDisease.get(clinical)?.get(disease);
  if (known !== undefined) return known;
  const rows = clinical.diseases.get(disease)?.findings ?? [];
  const edges = [...knowledge.edges.presents.forward.get(disease)?.values() ?? []]
    .filter(isStated).map(({ object }) => knowledge.entities.get(object)?.name ?? "");
  const shown = new Set([...rows.map(({ text }) => text), ...edges].flatMap(topicsOf));
  const own = topicsByDisease.get(clinical) ?? new Map<string, ReadonlySet<string>>();
  topicsByDisease.set(clinical, own.set(disease, shown));
  return shown;
}

/** A disease, what it is a kind of, and its kinds. */
function family(source: Source, disease: string): ReadonlySet<string> {
  return oncePerSource(source, `family of ${disease}`, () =>
    new Set([
      disease,
      ...ancestorsOf(source.knowledge, disease),
      ...descendantsOf(source.knowledge, disease),
    ]));
}

/** The diseases that a drug is used for. */
function usesOf({ knowledge }: Source, drug: string): string[] {
  return (["treats", "palliates"] as const).flatMap((role) => objectsOf(knowledge, drug, role))
    .map(({ id }) => id);
}

/** The drugs that are used for a disease. */
function drugsFor({ knowledge }: Source, disease: string): string[] {
  return (["treats", "palliates"] as const).flatMap((role) => subjectsOf(knowledge, role, disease))
    .map(({ id }) => id);
}

const nameOf = ({ knowledge }: Source, id: string): string =>
  knowledge.entities.get(id)?.name ?? id;

/** The drugs of a drug's classes and those that are used for a disease for which it is used: it may stand for any of them. */
function alike(source: Source, drug: string): ReadonlySet<string> {
  return oncePerSource(source, `alike ${drug}`, () => {
    const classes = source.classes.get(drug) ?? [];
    return new Set([
      drug,
      ...classes.flatMap(({ id }) => objectsOf(source.knowledge, id, "includes")).map(({ id }) =>
        id
      ),
      ...usesOf(source, drug).flatMap((disease) => drugsFor(source, disease)),
    ]);
  });
}

/**
 * Why a drug is none for a disease.
 *
 * @param source The selected source.
 * @param drug The drug.
 * @param disease The disease.
 * @returns The basis; undefined where the drug may be of use in the disease, in a kind of it or in what it is a kind of, and
 * where any disease is treated both with it and with a drug of this one.
 */
export function drugDenial(
  source: Source,
  drug: Entity,
  disease: Entity,
): DenialBasis | undefined {
  const near = family(source, disease.id);
  if ([...near].some((id) => mayTreat(source, drug.id, id))) return undefined;
  if (isForbidden(source, drug, disease)) return "contraindication";
  if (usesOf(source, drug.id).length > mostUses || supportive.test(drug.name)) return undefined;
  const like = alike(source, drug.id);
  return drugsFor(source, disease.id).some((other) =>
      like.has(other) || isOneKind(drug.name, nameOf(source, other))
    )
    ? undefined
    : "not listed";
}

function isForbidden({ knowledge }: Source, drug: Entity, disease: Entity): boolean {
  const claim = { subject: drug.id, predicate: "contraindicated", object: disease.id } as const;
  return checkClaim(knowledge, claim).verdict === "supported";
}

/** Ids of the drugs of which any source warns in a condition, one that shares a word with it, a kind of it or what it is one of. */
function warnedOf(source: Source, condition: Entity): ReadonlySet<string> {
  return oncePerSource(source, `warned of in ${condition.id}`, () => {
    const near = family(source, condition.id);
    return new Set(
      [...source.clinical.contraindications].filter(([, rows]) =>
        rows.some(({ condition: { id, name } }) => near.has(id) || shareWord(name, condition.name))
      ).map(([drug]) => drug),
    );
  });
}

/** Whether two conditions are of one part of the ontology, or their names of one topic: what forbids a drug in one may in the other. */
function areNeighbours(
  source: Source,
  a: Pick<Entity, "id" | "name">,
  b: Pick<Entity, "id" | "name">,
): boolean {
  const [part, other] = [placeOf(source, a.id)?.part, placeOf(source, b.id)?.part];
  const topics = topicsOf(a.name);
  return (part !== undefined && part === other) ||
    topicsOf(b.name).some((topic) => topics.includes(topic));
}

/** How many drugs a condition speaks against. */
function drugsAgainst(source: Source, condition: string): number {
  return subjectsOf(source.knowledge, "contraindicated", condition).length;
}

/**
 * Why a condition does not speak against a drug.
 *
 * @param source The selected source.
 * @param drug The drug.
 * @param condition The condition.
 * @returns The basis: `source` for an accepted use; undefined where any source warns of the drug or one like it in this
 * condition, in one that shares a word with it, in a kind of it or in what it is a kind of, where it warns of the drug in a
 * condition of the same part of the body, and where the drug's list is too short or open.
 */
export function contraindicationDenial(
  source: Source,
  drug: Entity,
  condition: Entity,
): DenialBasis | undefined {
  if (drugsAgainst(source, condition.id) > mostDrugs) return undefined;
  const warned = warnedOf(source, condition);
  if (warned.has(drug.id)) return undefined;
  if (usesOf(source, drug.id).includes(condition.id)) return "source";
  const rows = source.clinical.contraindications.get(drug.id) ?? [];
  const { least, most } = listedConditions;
  if (rows.length < least || rows.length > most) return undefined;
  if (rows.some((row) => areNeighbours(source, row.condition, condition))) return undefined;
  const isWarned = (id: string): boolean =>
    warned.has(id) && (alike(source, drug.id).has(id) || isOneKind(drug.name, nameOf(source, id)));
  return [...warned].some(isWarned) ? undefined : "not listed";
}

/** Words that many names of classes have. */
const commonWords =
  /\b(?:agonists?|antagonists?|inhibitors?|analogs?|receptor|channel|uptake|acids?|compounds|congeners|full|partial|competitive|activity)\b/gi;

/**
 * Why a drug is not of a pharmacologic class.
 *
 * @param source The selected source.
 * @param group The class.
 * @param drug The drug.
 * @returns The basis; undefined where the drug is of the class, or of one with a telling word in common.
 */
export function classDenial(source: Source, group: Entity, drug: Entity): DenialBasis | undefined {
  const bare = (name: string): string => name.replace(commonWords, "");
  const own = source.classes.get(drug.id) ?? [];
  return own.length === 0 || own.some(({ name }) => shareWord(bare(name), bare(group.name)))
    ? undefined
    : "not listed";
}
