/** Fields that name any entity for which the graph supports a claim. */
import { checkClaim, isSpecific, mentions } from "../../knowledge/mod.ts";
import type { FactCheck } from "../../synthesis/mod.ts";
import { isSetAside } from "./assertion.ts";
import { namedIn, type Reading, scoreNamed } from "./reading.ts";

/**
 * Share of the wanted supported entities that the field names; others, repeats and unknown names count against it. A
 * heading of the hierarchy, which holds of most diseases, answers nothing, and neither does free text that sets aside what was
 * asked about.
 */
export function verifyFact(check: FactCheck, reading: Reading): number {
  if (check.where.format === "text") {
    const all = mentions(reading.knowledge, reading.text);
    if (isSetAside(reading.text, all.filter(({ entity }) => entity.id === check.anchor))) return 0;
  }
  const named = namedIn(reading, check.where, check.entity);
  return scoreNamed(reading, named, check.count, ({ id }) => {
    if (id === check.anchor) return false;
    const claim = check.side === "object"
      ? { subject: check.anchor, predicate: check.predicate, object: id }
      : { subject: id, predicate: check.predicate, object: check.anchor };
    return checkClaim(reading.knowledge, claim).verdict === "supported" &&
      (check.side === "subject" || isSpecific(reading.knowledge, claim));
  });
}
