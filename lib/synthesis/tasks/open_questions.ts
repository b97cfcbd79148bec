/**
 * Open questions to which no answer is right often: what is left beside the findings or drugs that the question lists, a drug
 * for one disease that another one forbids, a class drawn before its drug, a group of one disease and not of another, a
 * definition.
 *
 * @module
 */
import {
  ancestorsOf,
  descendantsOf,
  type Entity,
  isSpecific,
  isStated,
  type Knowledge,
  objectsOf,
  subjectsOf,
} from "../../knowledge/mod.ts";
import type { RandomStream } from "../../runtime/mod.ts";
import { isSayable } from "../confusable.ts";
import type { Variants } from "../draft.ts";
import type { ItemClaim } from "../item.ts";
import { type DiseaseFacts, displayName, shareWord, type Source } from "../source.ts";
import { isHeldOutDisease, splitOfFact } from "../split.ts";
import { isTelling } from "./denials.ts";
import { oncePerSource } from "./memo.ts";
import { openWordings } from "./open_wordings.ts";
import { anchorSlots, listed } from "./phrasing.ts";
import {
  classOf,
  contraindicationFacts,
  type Fact,
  isOwn,
  type Relation,
  relationOf,
} from "./relations.ts";
import { definitionOf, isUsableDisease, placeOf, usableDiseases } from "./taxonomy.ts";

/** A question with everything that answers it. */
export interface OpenQuestion {
  /** Ids of what is asked about. */
  readonly key: readonly string[];
  /** What fills the wordings' slots. */
  readonly slots: Readonly<Record<string, string>>;
  /** The answer of the reference. */
  readonly answer: Entity;
  /** Ids of all right answers. */
  readonly accepted: readonly string[];
  /** The facts that it rests on. */
  readonly claims: readonly ItemClaim[];
}

/** A kind of open question. */
export interface OpenKind {
  /** Its name. */
  readonly id: string;
  /** What the answer is called in a prompt. */
  readonly noun: string;
  /** How it is asked. */
  readonly wordings: Variants;
  /** Draws a question; undefined where the facts drawn do not serve. */
  readonly draw: (source: Source, random: RandomStream) => OpenQuestion | undefined;
}

/** A question lists so many findings or drugs at most. */
const mostListed = 7;

/** What is left to answer is at most so much of what a split may use. */
const mostLeft = 3;

/** A drug of more uses answers too many questions: it is listed. */
const mostUses = 4;

/** A drug of more uses is no answer to what is forbidden. */
const mostForbiddenUses = 6;

const usesOf = (knowledge: Knowledge, drug: string): number =>
  objectsOf(knowledge, drug, "treats").length + objectsOf(knowledge, drug, "palliates").length;

/** What a disease is stated to show, with what that entails. */
function shownBy(source: Source, disease: string): readonly Entity[] {
  const { knowledge } = source;
  return oncePerSource(source, `shown by ${disease}`, () => {
    const stated = [...knowledge.edges.presents.forward.get(disease)?.values() ?? []]
      .filter(isStated).map(({ object }) => object);
    const all = new Set(stated.flatMap((id) => [id, ...ancestorsOf(knowledge, id)]));
    return [...all].flatMap((id) => {
      const entity = knowledge.entities.get(id);
      const claim = { subject: disease, predicate: "presents", object: id } as const;
      return entity !== undefined && isSpecific(knowledge, claim) ? [entity] : [];
    });
  });
}

/** Every drug of a disease. */
function drugsOf(knowledge: Knowledge, disease: string): Entity[] {
  return (["treats", "palliates"] as const).flatMap((role) => subjectsOf(knowledge, role, disease));
}

/** Facts of a disease. */
interface Listing {
  /** Those that the split may use. */
  readonly usable: readonly Entity[];
  /** Those of them that may be left to answer. */
  readonly open: readonly Entity[];
  /** All that the sources state. */
  readonly all: readonly Entity[];
  /** Whether something is a right answer to many questions: it must be on the list. */
  readonly isFrequent: (entity: Entity) => boolean;
}

/** The question for what is left beside a list of all that is usable but some that no other split asks for. */
function beside(
  { disease }: DiseaseFacts,
  { usable, open, all, isFrequent }: Listing,
  claim: (answer: Entity) => ItemClaim,
  knowledge: Knowledge,
  random: RandomStream,
): OpenQuestion | undefined {
  const left = random.shuffle(open).slice(0, 1 + random.integer(mostLeft));
  const shown = random.shuffle(usable.filter((entity) => !left.includes(entity)));
  const [answer] = left;
  if (answer === undefined || shown.length < 2 || shown.length > mostListed) return undefined;
  const known = new Set(shown.flatMap(({ id }) => [id, ...ancestorsOf(knowledge, id)]));
  const right = all.filter(({ id }) => !known.has(id));
  if (!right.includes(answer) || right.some(isFrequent)) return undefined;
  return {
    key: [disease.id, ...left.map(({ id }) => id).sort()],
    slots: {
      ...anchorSlots(displayName(disease)),
      listed: listed(shown.map(displayName)),
    },
    answer,
    accepted: [...new Set(right.map(({ id }) => id))],
    claims: [claim(answer)],
  };
}

const otherFinding: OpenKind = {
  id: "other-finding",
  noun: "finding",
  wordings: openWordings.otherFinding,
  draw(source, random) {
    const facts = random.pick(source.diseases);
    const findings = facts.findings.filter(({ finding }) => isSayable(source, finding));
    const isFrequent = (finding: Entity): boolean => !isTelling(source, finding);
    const listing: Listing = {
      usable: findings.map(({ finding }) => finding),
      open: findings.filter(({ finding, own }) => own && !isFrequent(finding))
        .map(({ finding }) => finding),
      all: shownBy(source, facts.disease.id),
      isFrequent,
    };
    const claim = ({ id }: Entity): ItemClaim => ({
      subject: facts.disease.id,
      predicate: "presents",
      object: id,
    });
    return beside(facts, listing, claim, source.knowledge, random);
  },
};

const otherDrug: OpenKind = {
  id: "other-drug",
  noun: "drug",
  wordings: openWordings.otherDrug,
  draw(source, random) {
    const { knowledge } = source;
    const facts = random.pick(source.diseases);
    const isFrequent = ({ id }: Entity): boolean => usesOf(knowledge, id) > mostUses;
    const listing: Listing = {
      usable: facts.drugs.map(({ drug }) => drug),
      open: facts.drugs.filter(({ drug, own, row: { role } }) =>
        own && role !== "symptom relief" && !isFrequent(drug)
      ).map(({ drug }) => drug),
      all: drugsOf(knowledge, facts.disease.id),
      isFrequent,
    };
    const claim = ({ id }: Entity): ItemClaim => ({
      subject: id,
      predicate: "treats",
      object: facts.disease.id,
    });
    return beside(facts, listing, claim, knowledge, random);
  },
};

const forbiddenDrug: OpenKind = {
  id: "forbidden-drug",
  noun: "drug",
  wordings: openWordings.forbiddenDrug,
  draw(source, random) {
    const { knowledge, split } = source;
    const usable = (a: string, b: string): boolean => {
      const of = splitOfFact({ subject: a, object: b });
      return split === "test-diseases" || of === split || of === "train";
    };
    const rows = contraindicationFacts(source).filter(({ object }) =>
      isHeldOutDisease(object.id) === (split === "test-diseases")
    );
    const { disease, drugs } = random.pick(source.diseases);
    const known = new Set(drugs.map(({ drug }) => drug.id));
    const pool = rows.filter(({ subject, object }) =>
      known.has(subject.id) && usable(subject.id, object.id)
    );
    if (pool.length === 0) return undefined;
    const { subject: drug, object: condition } = random.pick(pool);
    const accepted = drugsOf(knowledge, disease.id).map(({ id }) => id).filter((id) =>
      rows.some(({ subject, object }) => subject.id === id && object.id === condition.id)
    );
    const own = (id: string): boolean =>
      isOwn(source, { subject: id, object: disease.id }) ||
      isOwn(source, { subject: id, object: condition.id });
    // One drug in two roles would make the disease the condition itself.
    if (condition.id === disease.id || shareWord(condition.name, disease.name)) return undefined;
    if (!accepted.every(own) || accepted.some((id) => usesOf(knowledge, id) > mostForbiddenUses)) {
      return undefined;
    }
    const relief = drugs.find((fact) => fact.drug.id === drug.id)?.row.role === "symptom relief";
    return {
      key: [disease.id, condition.id],
      slots: { ...anchorSlots(displayName(disease)), condition: displayName(condition) },
      answer: drug,
      accepted: [...new Set(accepted)],
      claims: [
        { subject: drug.id, predicate: relief ? "palliates" : "treats", object: disease.id },
        { subject: drug.id, predicate: "contraindicated", object: condition.id },
      ],
    };
  },
};

/** The facts of a relation by their answer, so that every answer is as likely as the others. */
function byAnswer(
  source: Source,
  { id, facts }: Relation,
  side: "subject" | "object",
): readonly (readonly Fact[])[] {
  return oncePerSource(source, `answers of ${id}`, () => {
    const groups = new Map<string, Fact[]>();
    for (const fact of facts(source)) {
      const key = fact[side].id;
      groups.set(key, [...(groups.get(key) ?? []), fact]);
    }
    return [...groups.values()];
  });
}

const drugClass: OpenKind = {
  id: "class",
  noun: "class",
  wordings: openWordings.class,
  draw(source, random) {
    const groups = byAnswer(source, relationOf("class"), "subject");
    if (groups.length === 0) return undefined;
    const { subject: group, object: drug } = random.pick(random.pick(groups));
    const claim = { subject: group.id, predicate: "includes", object: drug.id } as const;
    const right = (source.classes.get(drug.id) ?? []).filter(({ id }) =>
      id === group.id || classOf(source, drug.id)?.id !== id
    );
    return {
      key: [drug.id],
      slots: anchorSlots(displayName(drug)),
      answer: group,
      accepted: right.map(({ id }) => id),
      claims: [claim],
    };
  },
};

/** A group of more kinds answers too many questions. */
const mostKinds = 100;

/** So many diseases are tried as what a group does not include. */
const mostDraws = 40;

const groupOfOne: OpenKind = {
  id: "group",
  noun: "group of diseases",
  wordings: openWordings.group,
  draw(source, random) {
    const { knowledge, split } = source;
    const groups = byAnswer(source, relationOf("kind"), "object");
    if (groups.length === 0) return undefined;
    const { subject: disease, object: group } = random.pick(random.pick(groups));
    const above = [...ancestorsOf(knowledge, disease.id)];
    const part = placeOf(source, disease.id)?.part;
    const pool = usableDiseases(source);
    for (let draw = 0; draw < mostDraws; draw++) {
      const other = random.pick(pool);
      if (placeOf(source, other.id)?.part !== part || other.id === disease.id) continue;
      if (isHeldOutDisease(other.id) !== (split === "test-diseases")) continue;
      const beyond = new Set([other.id, ...ancestorsOf(knowledge, other.id)]);
      if (beyond.has(group.id) || beyond.has(disease.id) || above.includes(other.id)) continue;
      if (shareWord(other.name, group.name) || shareWord(other.name, disease.name)) continue;
      const accepted = above.filter((id) => {
        const entity = knowledge.entities.get(id);
        return !beyond.has(id) && entity !== undefined && isUsableDisease(source, entity) &&
          isSpecific(knowledge, { subject: disease.id, predicate: "is_a", object: id });
      });
      if (accepted.some((id) => descendantsOf(knowledge, id).size > mostKinds)) continue;
      return {
        key: [disease.id, group.id],
        slots: { ...anchorSlots(displayName(disease)), other: displayName(other) },
        answer: group,
        accepted,
        claims: [
          { subject: disease.id, predicate: "is_a", object: group.id },
          { subject: other.id, predicate: "is_a", object: group.id, denied: "hierarchy" },
        ],
      };
    }
    return undefined;
  },
};

const defined: OpenKind = {
  id: "definition",
  noun: "disease",
  wordings: openWordings.definition,
  draw(source, random) {
    const facts = relationOf("definition").facts(source);
    if (facts.length === 0) return undefined;
    const { subject: disease } = random.pick(facts);
    return {
      key: [disease.id],
      slots: anchorSlots(definitionOf(disease)!),
      answer: disease,
      accepted: [disease.id],
      claims: [{ subject: disease.id, predicate: "is_a", object: disease.id }],
    };
  },
};

/** Every kind of open question. */
export const openKinds: readonly OpenKind[] = [
  otherFinding,
  otherDrug,
  forbiddenDrug,
  drugClass,
  groupOfOne,
  defined,
];
