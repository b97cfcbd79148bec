/**
 * Pairs of things of which one has what the other has not. A question about such a pair has no answer that is right often: what
 * many diseases share is no answer to it.
 *
 * @module
 */
import {
  ancestorsOf,
  type Entity,
  isSpecific,
  isStated,
  objectsOf,
  subjectsOf,
} from "../../knowledge/mod.ts";
import type { RandomStream } from "../../runtime/mod.ts";
import { displayName, mayPresent, mayTreat, shareWord, type Source } from "../source.ts";
import { isTelling, oncePerSource } from "./denials.ts";
import { isOwn } from "./relations.ts";

/** What one thing of a pair has and the other has not. */
export interface Contrast {
  /** What is asked about. */
  readonly of: Entity;
  /** What it is told from. */
  readonly than: Entity;
  /** An answer that is the source's own fact. */
  readonly answer: Entity;
  /** Ids of all answers that are right. */
  readonly accepted: readonly string[];
}

/** A drug of more uses answers too many questions. */
const mostUses = 4;

/** So many partners are tried for each disease. */
const mostDraws = 60;

/** Everything that a disease shows, with what it entails, by statements and not by co-occurrence. */
function shownBy(source: Source, disease: string): readonly Entity[] {
  const { knowledge } = source;
  return oncePerSource(source, `shown by ${disease}`, () => {
    const stated = [...knowledge.edges.presents.forward.get(disease)?.values() ?? []]
      .filter(isStated).map(({ object }) => object);
    const all = new Set([...stated, ...stated.flatMap((id) => [...ancestorsOf(knowledge, id)])]);
    return [...all].flatMap((id) => {
      const entity = knowledge.entities.get(id);
      const claim = { subject: disease, predicate: "presents", object: id } as const;
      return entity !== undefined && isSpecific(knowledge, claim) ? [entity] : [];
    });
  });
}

/** Every drug of a disease. */
function drugsOf({ knowledge }: Source, disease: string): Entity[] {
  return [
    ...new Set(
      (["treats", "palliates"] as const).flatMap((role) => subjectsOf(knowledge, role, disease)),
    ),
  ];
}

const usesOf = ({ knowledge }: Source, drug: string): number =>
  objectsOf(knowledge, drug, "treats").length + objectsOf(knowledge, drug, "palliates").length;

/** Whether one disease is a kind of the other, or their names have a word in common. */
function areNear({ knowledge }: Source, a: Entity, b: Entity): boolean {
  return a.id === b.id || ancestorsOf(knowledge, a.id).has(b.id) ||
    ancestorsOf(knowledge, b.id).has(a.id) || shareWord(a.name, b.name);
}

/**
 * What a disease has and another has not, where every answer is the source's own and none is frequent.
 *
 * @param source The selected source.
 * @param of The one disease.
 * @param than The other.
 * @param kind Whether findings or drugs are meant.
 * @param random Draws the answer.
 * @returns The contrast; undefined where a fact of another split, a frequent finding or a drug of many uses answers it too.
 */
function contrastOf(
  source: Source,
  of: Entity,
  than: Entity,
  kind: "finding" | "drug",
  random: RandomStream,
): Contrast | undefined {
  const facts = source.facts.get(of.id);
  if (facts === undefined) return undefined;
  const findings = kind === "finding";
  const right = findings
    ? shownBy(source, of.id).filter(({ id }) => !mayPresent(source.knowledge, than.id, id))
    : drugsOf(source, of.id).filter(({ id }) => !mayTreat(source, id, than.id));
  const frequent = findings
    ? right.some((entity) => !isTelling(source, entity))
    : right.some(({ id }) => usesOf(source, id) > mostUses);
  if (frequent || right.some(({ name }) => shareWord(name, of.name))) return undefined;
  const stated = right.filter(({ id }) =>
    findings ? facts.profile.findings.some((row) => row.finding.id === id) : true
  );
  const own = ({ id }: Entity): boolean =>
    isOwn(source, findings ? { subject: of.id, object: id } : { subject: id, object: of.id });
  if (!stated.every(own)) return undefined;
  const ids = new Set(right.map(({ id }) => id));
  const answers = findings
    ? facts.findings.filter(({ finding }) => ids.has(finding.id)).map(({ finding }) => finding)
    : facts.drugs.filter(({ drug }) => ids.has(drug.id)).map(({ drug }) => drug);
  if (answers.length === 0) return undefined;
  return { of, than, answer: random.pick(answers), accepted: [...ids] };
}

/**
 * Draw two diseases each of which has a finding, or a drug, that the other has not.
 *
 * @param source The selected source.
 * @param kind Whether findings or drugs are meant.
 * @param random Draws them.
 * @returns Both contrasts; undefined where the disease drawn has no partner.
 */
export function drawContrasts(
  source: Source,
  kind: "finding" | "drug",
  random: RandomStream,
): readonly [Contrast, Contrast] | undefined {
  const { disease: of } = random.pick(source.diseases);
  for (let draw = 0; draw < mostDraws; draw++) {
    const { disease: than } = random.pick(source.diseases);
    if (areNear(source, of, than)) continue;
    const forth = contrastOf(source, of, than, kind, random);
    if (forth === undefined) continue;
    const back = contrastOf(source, than, of, kind, random);
    if (back === undefined || displayName(forth.answer) === displayName(back.answer)) continue;
    return [forth, back];
  }
  return undefined;
}
