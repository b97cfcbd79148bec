/**
 * Facts that are no row of a source's diseases, such as the class of a drug: whether the items of a split may state them.
 */
import type { Claim } from "../knowledge/mod.ts";
import type { Source } from "./source.ts";
import { isHeldOutDisease, splitOfFact } from "./split.ts";

/** `own`: of this split alone; `known`: training may state it too. */
export type FactUse = "own" | "known";

/**
 * What a split may do with a fact.
 *
 * @param source The split's source.
 * @param fact Its two ends by id.
 * @returns Its use; undefined where the fact belongs to another split, or is about a disease that does.
 */
export function factUse(
  { knowledge, split }: Pick<Source, "knowledge" | "split">,
  fact: Pick<Claim, "subject" | "object">,
): FactUse | undefined {
  const diseases = [fact.subject, fact.object]
    .filter((id) => knowledge.entities.get(id)?.kind === "disease");
  if (diseases.some((id) => isHeldOutDisease(id) !== (split === "test-diseases"))) return undefined;
  if (split === "test-diseases") return diseases.length > 0 ? "own" : "known";
  const of = splitOfFact(fact);
  if (of === split) return "own";
  return of === "train" ? "known" : undefined;
}
