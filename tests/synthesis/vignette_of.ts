import type { Item } from "../../lib/synthesis/mod.ts";

/** The clinical content of an item, by entity id. */
export interface Vignette {
  /** The diagnosis. */
  readonly disease: string;
  /** The candidate that the absent finding would speak for. */
  readonly runnerUp: string;
  /** Findings that the patient has. */
  readonly findings: readonly string[];
  /** A finding that the patient does not have. */
  readonly absent: string;
}

/**
 * Read the case behind an item from its claims; undefined for items without a case.
 *
 * @param item Any item.
 * @returns Its case by entity id, or undefined.
 */
export function vignetteOf(item: Pick<Item, "claims" | "evidence">): Vignette | undefined {
  if (item.evidence === undefined) return undefined;
  const presents = item.claims.filter(({ predicate }) => predicate === "presents");
  const disease = presents[0]?.subject;
  const denied = presents.find((claim) => claim.subject === disease && claim.denied !== undefined);
  const other = presents.find((claim) =>
    claim.denied === undefined && claim.subject !== disease && claim.object === denied?.object
  );
  if (disease === undefined || denied === undefined || other === undefined) return undefined;
  const findings = presents.filter((claim) =>
    claim.subject === disease && claim.denied === undefined
  )
    .map(({ object }) => object);
  return { disease, runnerUp: other.subject, findings, absent: denied.object };
}
