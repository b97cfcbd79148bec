/** Consistency between two fields. */
import type { SubsetCheck } from "../../synthesis/mod.ts";
import { namedIn, type Reading, shareRight } from "./reading.ts";

/** The longest outer list that is still a choice; longer ones lose in proportion. */
const longestOuter = 3;

/**
 * 1 when the inner field names one entity, among those that count, that the outer field names too; several inner
 * entities, or a long outer list, lose in proportion; 0 when the inner field
 * names none or the outer one fewer than two.
 */
export function verifySubset(check: SubsetCheck, reading: Reading): number {
  const inner = namedIn(reading, check.inner, check.entity);
  const outer = namedIn(reading, check.outer, check.entity);
  if (inner.entities.length === 0 || outer.entities.length < 2) return 0;
  const among = new Set(check.among);
  const ids = new Set(outer.entities.map((entity) => entity.id));
  const both = inner.entities.filter((entity) => ids.has(entity.id) && among.has(entity.id)).length;
  const listed = outer.entities.length + outer.repeats + outer.strays;
  const given = inner.entities.length + inner.repeats + inner.strays;
  return shareRight(both, given, 1) * Math.min(1, longestOuter / listed);
}
