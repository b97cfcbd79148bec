/** How much of what is asked for a completion answers at all, right or wrong. */
import type { Check } from "../../synthesis/mod.ts";
import { readChoice } from "./choice.ts";
import { namedIn, type Reading } from "./reading.ts";
import { readValue } from "./value.ts";

/** Share of one check's answer that is there, in [0, 1]; undefined for a check of form. */
function answerOf(check: Check, reading: Reading): number | undefined {
  switch (check.kind) {
    case "choice": {
      const { pointed, quoted } = readChoice(check, reading);
      return ((pointed ?? -1) >= 0 ? 0.5 : 0) + (quoted >= 0 ? 0.5 : 0);
    }
    case "value":
      return readValue(check, reading) === undefined ? 0 : 1;
    case "entities":
    case "fact": {
      const { entities, repeats, strays } = namedIn(reading, check.where, check.entity);
      const anchor = check.kind === "fact" ? check.anchor : undefined;
      const named = entities.filter(({ id }) => id !== anchor).length;
      const given = named + repeats + strays;
      return Math.min(named, check.count) / Math.max(check.count, given);
    }
    case "link": {
      const { where, entity } = check.subject;
      return namedIn(reading, where, entity).entities.length > 0 ? 1 : 0;
    }
    default:
      return undefined;
  }
}

/**
 * Mean over what an item asks for: does the field name something of the kind wanted, and no more than wanted? 1 for an
 * item that asks for form only.
 */
export function answeredShare(checks: readonly Check[], reading: Reading): number {
  const seen = new Set<string>();
  const shares: number[] = [];
  for (const check of checks) {
    const place = "where" in check
      ? JSON.stringify([check.where, "entity" in check ? check.entity : check.kind])
      : check.kind;
    if (seen.has(place)) continue;
    const share = answerOf(check, reading);
    if (share === undefined) continue;
    seen.add(place);
    shares.push(share);
  }
  return shares.length === 0 ? 1 : shares.reduce((sum, share) => sum + share, 0) / shares.length;
}
