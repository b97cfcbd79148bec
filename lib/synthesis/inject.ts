/**
 * Errors on purpose: wrong entities put into proposals, to measure what validation and curation catch.
 */
import type { Claim, Entity } from "../knowledge/mod.ts";
import { escapeRegExp, type RandomStream } from "../runtime/mod.ts";
import { type ClinicalCase, isSupported } from "./case.ts";
import type { Proposal } from "./draft.ts";
import { displayName, type Source } from "./source.ts";

/**
 * A claim whose object or subject is an entity of the same kind for which the graph has no support.
 *
 * @param source Where wrong entities come from.
 * @param claim A right claim.
 * @param side The side to change.
 * @param random Draws the entity.
 * @returns The changed claim with the entity that was right and the wrong one; undefined when 20 draws gave none.
 */
export function wrongClaim(
  source: Source,
  claim: Claim,
  side: "subject" | "object",
  random: RandomStream,
): {
  claim: Claim;
  right: Entity;
  wrong: Entity;
} | undefined {
  const right = source.knowledge.entities.get(claim[side]);
  if (right === undefined) return undefined;
  for (let attempt = 0; attempt < 20; attempt++) {
    const wrong = random.pick(source.pools[right.kind]);
    const changed: Claim = { ...claim, [side]: wrong.id };
    if (
      wrong.id === right.id ||
      isSupported(source, changed.subject, changed.predicate, changed.object)
    ) continue;
    return { claim: changed, right, wrong };
  }
  return undefined;
}

/**
 * The same proposal with one answer replaced by a wrong entity in reference, claims and case. The checks stay, so they
 * still tell right from wrong.
 *
 * @param source Where wrong entities come from.
 * @param proposal A right proposal.
 * @param random Draws the claim and the entity.
 * @returns The wrong proposal; undefined when no claim's entity stands in the reference.
 */
export function injectError(
  source: Source,
  proposal: Proposal,
  random: RandomStream,
): Proposal | undefined {
  const text = proposal.reference.toLowerCase();
  const places = proposal.claims.flatMap((claim) =>
    (["subject", "object"] as const).filter((side) => {
      const entity = source.knowledge.entities.get(claim[side]);
      return entity !== undefined && !proposal.key.includes(entity.id) &&
        text.includes(displayName(entity).toLowerCase());
    }).map((side) => ({ claim, side }))
  );
  if (places.length === 0) return undefined;
  const { claim, side } = random.pick(places);
  const error = wrongClaim(source, claim, side, random);
  if (error === undefined) return undefined;
  const { right, wrong } = error;
  const swap = (id: string): string => (id === right.id ? wrong.id : id);
  const pattern = new RegExp(escapeRegExp(displayName(right)), "gi");
  return {
    ...proposal,
    reference: proposal.reference.replace(pattern, () => displayName(wrong)),
    claims: proposal.claims.map(({ subject, predicate, object }) => ({
      subject: swap(subject),
      predicate,
      object: swap(object),
    })),
    ...(proposal.clinical === undefined
      ? {}
      : { clinical: swapEntity(proposal.clinical, right, wrong) }),
  };
}

function swapEntity(clinical: ClinicalCase, right: Entity, wrong: Entity): ClinicalCase {
  const swap = (entity: Entity): Entity => (entity.id === right.id ? wrong : entity);
  return {
    ...clinical,
    drug: swap(clinical.drug),
    site: swap(clinical.site),
    shared: clinical.shared.map(swap),
    discriminating: clinical.discriminating.map(swap),
  };
}
