/**
 * Splits by what an item rests on: a disease is trained on or held out, and a fact belongs to one split over all families.
 *
 * Were cases split by their set of findings alone, nearly every edge of a test case would occur in training. Here a training item holds facts of training diseases and of the training split alone; a
 * test item holds at least one fact that no training item of any family holds.
 */
import { randomStream } from "../runtime/mod.ts";
import type { ItemClaim, Split } from "./item.ts";

/** Share of the facts of training diseases that are asked for in validation or test alone. */
export const factShares = { validation: 0.05, test: 0.2 } as const;

/** Share of the diseases of which training holds nothing. */
export const heldOutShare = 0.2;

/** The split of a fact. */
export type FactSplit = "train" | "validation" | "test";

/** A number in [0, 1) that depends on the text alone. */
const share = (text: string): number => randomStream(0, text).next();

/**
 * Whether a disease is held out from training, by its id alone: no seed changes it.
 *
 * @param disease Id of the disease.
 * @returns True for about a fifth of all diseases.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { isHeldOutDisease } from "./split.ts";
 *
 * assertEquals(isHeldOutDisease("DOID:8469"), isHeldOutDisease("DOID:8469"));
 * ```
 */
export function isHeldOutDisease(disease: string): boolean {
  return share(`held-out disease ${disease}`) < heldOutShare;
}

/**
 * The split of a fact about a disease that is trained on, by its two ends alone, whatever relation and family ask for it.
 *
 * @param claim Subject and object by id.
 * @returns The split.
 */
export function splitOfFact({ subject, object }: Pick<ItemClaim, "subject" | "object">): FactSplit {
  const at = share(`fact ${subject} ${object}`);
  if (at < factShares.test) return "test";
  return at < factShares.test + factShares.validation ? "validation" : "train";
}

/**
 * The split of an item by the claims that it states; denied ones do not count.
 *
 * @param claims Claims by id, such as those of an item.
 * @param isDisease Whether an id is that of a disease.
 * @returns `test-diseases` where it is about held-out diseases alone, the split of its rarest fact where it is about
 * training diseases alone; undefined where it is about both, or where a fact of validation meets one of test.
 */
export function splitOfClaims(
  claims: readonly ItemClaim[],
  isDisease: (id: string) => boolean,
): Extract<Split, FactSplit | "test-diseases"> | undefined {
  const stated = claims.filter(({ denied }) => denied === undefined);
  const heldOut = new Set(
    stated.flatMap(({ subject, object }) => [subject, object]).filter(isDisease).map(
      isHeldOutDisease,
    ),
  );
  if (heldOut.size > 1) return undefined;
  if (heldOut.has(true)) return "test-diseases";
  const found = new Set(stated.map(splitOfFact));
  if (found.has("validation") && found.has("test")) return undefined;
  return found.has("test") ? "test" : found.has("validation") ? "validation" : "train";
}
