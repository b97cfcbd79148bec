/** The relations that domain tasks ask about: which facts can be asked, and why a wrong answer is wrong. @module */
import type { Claim, Entity, Predicate } from "../../knowledge/mod.ts";
import { isSayable } from "../confusable.ts";
import type { Variants } from "../draft.ts";
import type { DenialBasis } from "../item.ts";
import { displayName, isPlainName, isUnambiguous, shareWord, type Source } from "../source.ts";
import { isHeldOutDisease, splitOfFact } from "../split.ts";
import {
  classDenial,
  contraindicationDenial,
  drugDenial,
  findingDenial,
  isTelling,
} from "./denials.ts";
import { oncePerSource } from "./memo.ts";
import { relationWordings, statements } from "./relation_wordings.ts";
import { definitionOf, groupsOf, isUsableDisease, placeOf, usableDiseases } from "./taxonomy.ts";

/** The two ends of a claim. */
export type Side = "subject" | "object";

/** A fact that a source's split can be asked for. */
export interface Fact {
  /** The one end. */
  readonly subject: Entity;
  /** The other end. */
  readonly object: Entity;
  /** Facts in one set of options are of one look: the kind of finding, the division of the ontology. */
  readonly look: string;
}

/** A relation as a question. */
export interface Relation {
  /** Its name. */
  readonly id: string;
  /** The predicate of its claims. */
  readonly predicate: Predicate;
  /** The facts that are the source's own, in a fixed order. */
  readonly facts: (source: Source) => readonly Fact[];
  /** Why a claim is wrong; undefined where it may be right. */
  readonly denial: (source: Source, subject: Entity, object: Entity) => DenialBasis | undefined;
  /** How an end is written in a question. */
  readonly write: (entity: Entity, side: Side) => string;
  /** Questions by the end that they ask for; the other is `{anchor}`. */
  readonly asks: Readonly<Partial<Record<Side, Variants>>>;
  /** Statements with both ends, without a stop. */
  readonly states: readonly string[];
}

/**
 * Whether a fact belongs to a source's split alone: of a training split by `splitOfFact` and about diseases that are trained
 * on, or about held-out diseases alone.
 *
 * @param source The selected source.
 * @param claim The fact by id.
 * @returns Whether no other split may use it.
 */
export function isOwn({ knowledge, split }: Source, claim: Pick<Claim, Side>): boolean {
  const diseases = [claim.subject, claim.object].filter((id) =>
    knowledge.entities.get(id)?.kind === "disease"
  );
  const heldOut = diseases.filter(isHeldOutDisease).length;
  return split === "test-diseases"
    ? diseases.length > 0 && heldOut === diseases.length
    : heldOut === 0 && splitOfFact(claim) === split;
}

/** The facts among candidates that are a source's own and whose ends share no word. */
function ownFacts(
  id: string,
  candidates: (source: Source) => readonly Fact[],
): (source: Source) => readonly Fact[] {
  return (source) =>
    oncePerSource(
      source,
      `facts ${id}`,
      () =>
        candidates(source).filter(({ subject, object }) =>
          isOwn(source, { subject: subject.id, object: object.id }) &&
          (subject === object || !shareWord(displayName(subject), displayName(object)))
        ),
    );
}

const findings = (source: Source): Fact[] =>
  source.diseases.flatMap(({ disease, findings }) =>
    findings.filter(({ finding }) => isTelling(source, finding) && isSayable(source, finding)).map((
      { finding, row: { kind } },
    ) => ({ subject: disease, object: finding, look: kind }))
  );

const drugs = (source: Source): Fact[] =>
  source.diseases.flatMap(({ disease, drugs }) =>
    drugs.filter(({ row: { role } }) => role !== "symptom relief")
      .map(({ drug }) => ({ subject: drug, object: disease, look: "drug" }))
  );

/** Conditions that are states of a person rather than diseases, or of which no list is complete. */
const vague =
  /\b(?:use|age|children|pregnancy|breastfeeding|newborn|allergy|impairment|surgery|trimester|dialysis)\b/i;

/**
 * The drugs that a condition speaks against, as facts; cautions are none.
 *
 * @param source The selected source.
 * @returns Facts in the order of the table.
 */
export function contraindicationFacts(source: Source): readonly Fact[] {
  return oncePerSource(
    source,
    "contraindications",
    () =>
      [...source.clinical.contraindications.values()].flat().flatMap((row) => {
        const drug = source.knowledge.entities.get(row.drug.id);
        const condition = source.knowledge.entities.get(row.condition.id);
        if (row.strength === "caution" || drug === undefined || condition === undefined) return [];
        if (vague.test(condition.name) || !isUsableDisease(source, condition)) return [];
        return isPlainName(drug.name) && isUnambiguous(source.knowledge, drug, true)
          ? [{ subject: drug, object: condition, look: "contraindication" }]
          : [];
      }),
  );
}

/** Classes that name a group of drugs, not what these change in the body or in other drugs, or a part of their molecule. */
const telling =
  /^(?!.*(?:Cytochrome|Glycoprotein|UGT|Increased|Decreased|Activity|Compounds|Acids|Amides|Sulfonamides|Esters|Dyes|Pyridines|Purines|Allergens|Androstanes|Catecholamines|Benzylamines|Benzothiazoles)).*s$/i;

/**
 * The one class of a drug that can be asked for.
 *
 * @param source The selected source.
 * @param drug Id of the drug.
 * @returns The class; undefined where the drug is of none or of several.
 */
export function classOf(source: Source, drug: string): Entity | undefined {
  const found = (source.classes.get(drug) ?? []).filter(({ name }) => telling.test(name));
  return found.length === 1 ? found[0] : undefined;
}

const classes = (source: Source): Fact[] =>
  [...source.classes.keys()].sort().flatMap((id) => {
    const group = classOf(source, id);
    const drug = source.knowledge.entities.get(id);
    return group !== undefined && drug !== undefined && isPlainName(drug.name) &&
        isUnambiguous(source.knowledge, drug, true)
      ? [{ subject: group, object: drug, look: "class" }]
      : [];
  });

const kinds = (source: Source): Fact[] =>
  usableDiseases(source).flatMap((disease) =>
    groupsOf(source, disease).map((group) => ({
      subject: disease,
      object: group,
      look: placeOf(source, disease.id)!.division,
    }))
  );

const definitions = (source: Source): Fact[] =>
  usableDiseases(source).flatMap((disease) => {
    const place = placeOf(source, disease.id);
    return place === undefined || definitionOf(disease) === undefined
      ? []
      : [{ subject: disease, object: disease, look: place.division }];
  });

/** Diseases in different parts of one division of the ontology. */
function otherPart(source: Source, disease: Entity, other: Entity): DenialBasis | undefined {
  const [a, b] = [placeOf(source, disease.id), placeOf(source, other.id)];
  return a !== undefined && b !== undefined && a.division === b.division && a.part !== b.part
    ? "hierarchy"
    : undefined;
}

const write = (entity: Entity): string => displayName(entity);

/** Every relation that domain tasks ask about. */
export const relations: readonly Relation[] = [
  {
    id: "finding",
    predicate: "presents",
    facts: ownFacts("finding", findings),
    denial: findingDenial,
    write,
    asks: relationWordings.finding,
    states: statements.finding,
  },
  {
    id: "drug",
    predicate: "treats",
    facts: ownFacts("drug", drugs),
    denial: drugDenial,
    write,
    asks: relationWordings.drug,
    states: statements.drug,
  },
  {
    id: "contraindication",
    predicate: "contraindicated",
    facts: ownFacts("contraindication", contraindicationFacts),
    denial: contraindicationDenial,
    write,
    asks: relationWordings.contraindication,
    states: statements.contraindication,
  },
  {
    id: "class",
    predicate: "includes",
    facts: ownFacts("class", classes),
    denial: classDenial,
    write,
    asks: relationWordings.class,
    states: statements.class,
  },
  {
    id: "kind",
    predicate: "is_a",
    facts: ownFacts("kind", kinds),
    denial: otherPart,
    write,
    asks: relationWordings.kind,
    states: statements.kind,
  },
  {
    id: "definition",
    predicate: "is_a",
    facts: ownFacts("definition", definitions),
    denial: otherPart,
    write: (entity, side) => side === "subject" ? definitionOf(entity)! : displayName(entity),
    asks: relationWordings.definition,
    states: statements.definition,
  },
];

/**
 * A relation by its name.
 *
 * @param id One of those in {@linkcode relations}.
 * @returns The relation.
 */
export function relationOf(id: keyof typeof relationWordings): Relation {
  return relations.find((relation) => relation.id === id)!;
}

/**
 * The claim that two entities stand in a relation.
 *
 * @param relation The relation.
 * @param subject The one end.
 * @param object The other end.
 * @returns The claim by entity id.
 */
export function claimOf({ predicate }: Relation, subject: Entity, object: Entity): Claim {
  return { subject: subject.id, predicate, object: object.id };
}
