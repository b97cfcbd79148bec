/** Checks that count only as far as others are met, so that what is said in any case earns nothing. */
import type { Check } from "../../synthesis/mod.ts";

const mean = (xs: readonly number[]): number => xs.reduce((sum, x) => sum + x, 0) / xs.length;

/** Share of a fact's score that is left when the completion does not name what the fact is about. */
const unnamed = 0.25;

/**
 * The scores of an item's checks, each times the condition that it stands under:
 *
 * - a fixed value ("urgent: no") counts as far as the entities of its capability are right;
 * - consistency (the diagnosis is in the differential) counts as far as the inner field is right;
 * - a fact about a disease that the completion has to name counts a quarter when it is not named.
 *
 * @param scores One score for each check, in [0, 1].
 */
export function conditionedScores(
  checks: readonly Check[],
  scores: readonly number[],
): number[] {
  const meanOf = (wanted: (check: Check) => boolean): number => {
    const found = scores.filter((_, i) => wanted(checks[i]!));
    return found.length === 0 ? 1 : mean(found);
  };
  return checks.map((check, i) => {
    const score = scores[i]!;
    switch (check.kind) {
      case "value":
        return score *
          meanOf((other) => other.kind === "entities" && other.capability === check.capability);
      case "subset":
        return score *
          meanOf((other) =>
            other.kind === "entities" && JSON.stringify(other.where) === JSON.stringify(check.inner)
          );
      case "fact":
      case "link": {
        const anchor = check.kind === "fact" ? check.anchor : check.object.anchor;
        const named = meanOf((other) =>
          other.kind === "entities" && other.accepted.length === 1 && other.accepted[0] === anchor
        );
        return score * (unnamed + (1 - unnamed) * named);
      }
      default:
        return score;
    }
  });
}
