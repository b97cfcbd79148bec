/** Checks of one field of an answer, a labelled line or a key of a JSON object, that several families use. @module */
import type { Entity } from "../../knowledge/mod.ts";
import { type ClinicalCase, drugPredicate } from "../case.ts";
import type { Check, CheckedCapability, Where } from "../check.ts";

/**
 * The labelled line of that name.
 *
 * @param field The label.
 * @returns Where a check looks.
 */
export function line(field: string): Where {
  return { format: "line", field };
}

/**
 * The value at a key of the JSON object.
 *
 * @param field The key.
 * @returns Where a check looks.
 */
export function jsonField(field: string): Where {
  return { format: "json", field };
}

/**
 * A check that a field names `count` of these entities, all of one kind.
 *
 * @param capability The capability that the check speaks for.
 * @param where The field.
 * @param accepted Entities that count, at least one.
 * @param count How many are wanted; all of them when left out.
 * @returns The check.
 */
export function names(
  capability: CheckedCapability,
  where: Where,
  accepted: readonly Entity[],
  count: number = accepted.length,
): Check {
  return {
    kind: "entities",
    capability,
    where,
    entity: accepted[0]!.kind,
    accepted: accepted.map((entity) => entity.id),
    count,
  };
}

/**
 * A check that a field names a drug in the case's role for its disease.
 *
 * @param clinical The case.
 * @param where The field.
 * @returns The check, which speaks for domain.
 */
export function drugFact(clinical: ClinicalCase, where: Where): Check {
  return {
    kind: "fact",
    capability: "domain",
    where,
    entity: "drug",
    predicate: drugPredicate(clinical),
    side: "subject",
    anchor: clinical.disease.id,
    count: 1,
  };
}

/**
 * A check that a field names findings that the diagnosed disease causes.
 *
 * @param clinical The case.
 * @param where The field.
 * @param count How many findings are wanted.
 * @returns The check, which speaks for domain.
 */
export function findingFact(clinical: ClinicalCase, where: Where, count: number): Check {
  return {
    kind: "fact",
    capability: "domain",
    where,
    entity: "symptom",
    predicate: "presents",
    side: "object",
    anchor: clinical.disease.id,
    count,
  };
}
