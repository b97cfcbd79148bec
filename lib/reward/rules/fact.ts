/** Fields that name any entity for which the graph supports a claim. */
import { checkClaim, isSpecific } from "../../knowledge/mod.ts";
import type { FactCheck } from "../../synthesis/mod.ts";
import { namedIn, type Reading, scoreNamed } from "./reading.ts";

/** At most this many entities of a field are looked up; more than that is a list, not an answer. */
const mostLookedUp = 20;

/**
 * Share of the wanted supported entities that the field names; others, repeats and unknown names count against it. A
 * heading of the hierarchy, which holds of most diseases, answers nothing.
 */
export function verifyFact(check: FactCheck, reading: Reading): number {
  const named = namedIn(reading, check.where, check.entity);
  const looked = new Set(named.entities.slice(0, mostLookedUp).map((entity) => entity.id));
  return scoreNamed(named, check.count, ({ id }) => {
    if (!looked.has(id) || id === check.anchor) return false;
    const claim = check.side === "object"
      ? { subject: check.anchor, predicate: check.predicate, object: id }
      : { subject: id, predicate: check.predicate, object: check.anchor };
    return checkClaim(reading.knowledge, claim).verdict === "supported" &&
      (check.side === "subject" || isSpecific(reading.knowledge, claim));
  });
}
