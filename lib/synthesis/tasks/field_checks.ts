/** Checks of one field of an answer, a labelled line or a key of a JSON object, that several families use. @module */
import type { Entity } from "../../knowledge/mod.ts";
import type { Check, CheckedCapability, Where } from "../check.ts";
import type { Decision } from "../item.ts";
import { displayName } from "../source.ts";

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
 * The decision for one of the options that a prompt shows.
 *
 * @param where The field that states it.
 * @param options What the prompt offers, in its order.
 * @param answer Place of the right one.
 * @returns The decision, by the names that a prompt prints.
 */
export function decision(where: Where, options: readonly Entity[], answer: number): Decision {
  return { where, options: options.map(displayName), answer };
}
