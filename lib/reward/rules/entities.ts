/** Fields that name entities from a given list. */
import type { EntitiesCheck } from "../../synthesis/mod.ts";
import { namedIn, type Reading, scoreNamed } from "./reading.ts";

/** Share of the wanted entities that the field names; others, repeats and unknown names count against it. */
export function verifyEntities(check: EntitiesCheck, reading: Reading): number {
  const accepted = new Set(check.accepted);
  return scoreNamed(
    reading,
    namedIn(reading, check.where, check.entity),
    check.count,
    (entity) => accepted.has(entity.id),
  );
}
