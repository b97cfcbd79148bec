/** Two fields whose entities stand in a relation. */
import { checkClaim, type Claim } from "../../knowledge/mod.ts";
import type { LinkCheck } from "../../synthesis/mod.ts";
import { namedIn, type Reading, shareRight } from "./reading.ts";

/**
 * 1 when the graph supports both hops of the one pair given; more pairs, right or wrong, lose as
 * {@linkcode shareRight} says, and a field that names nothing earns 0.
 */
export function verifyLink(check: LinkCheck, reading: Reading): number {
  const subjects = namedIn(reading, check.subject.where, check.subject.entity);
  const objects = namedIn(reading, check.object.where, check.object.entity);
  const given = (subjects.entities.length + subjects.repeats + subjects.strays) *
    (objects.entities.length + objects.repeats + objects.strays);
  if (given === 0) return 0;
  let right = 0;
  for (const subject of subjects.entities.slice(0, 5)) {
    for (const object of objects.entities.slice(0, 5)) {
      const first = {
        subject: object.id,
        predicate: check.object.predicate,
        object: check.object.anchor,
      };
      const second = { subject: subject.id, predicate: check.predicate, object: object.id };
      const supported = (claim: Claim): boolean =>
        checkClaim(reading.knowledge, claim).verdict === "supported";
      if (supported(first) && supported(second)) right += 1;
    }
  }
  return shareRight(right, given, 1);
}
