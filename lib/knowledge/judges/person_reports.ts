/**
 * What a text says of persons: later statements are compared with earlier ones of the same person and time.
 *
 * @module
 */
import { ancestorsOf } from "../graph/closure.ts";
import { agreesInDegree } from "../text/qualifiers.ts";
import type { TextClaim } from "../text/types.ts";
import type { Evidence, Knowledge } from "../types.ts";

/** Something said of a person, in its words. */
interface Report {
  readonly claim: TextClaim;
  readonly quote: string;
}

/** What was said of persons so far. */
export interface PersonFacts {
  /** Reports by id of what is said. */
  readonly exact: Map<string, Report[]>;
  /** Reports by id of everything that it is a kind of. */
  readonly kinds: Map<string, Report[]>;
}

/**
 * Nothing said yet.
 *
 * @returns Facts to be filled by {@linkcode textVerdicts}.
 */
export function noFacts(): PersonFacts {
  return { exact: new Map(), kinds: new Map() };
}

const idsOf = ({ object }: TextClaim): string[] => object.entities.map(({ id }) => id);

const alike = (a: TextClaim, b: TextClaim): boolean =>
  a.experiencer === b.experiencer && a.time === b.time && a.relation === b.relation;

/**
 * Keeps a report where none like it is kept: so the lists stay short.
 *
 * @param k The graph.
 * @param facts What was said so far; it grows.
 * @param claim A claim about a person.
 * @param quote Its words.
 */
export function remember(k: Knowledge, facts: PersonFacts, claim: TextClaim, quote: string): void {
  const keep = (map: Map<string, Report[]>, id: string): void => {
    const known = map.get(id) ?? [];
    if (known.some((one) => alike(one.claim, claim) && one.claim.polarity === claim.polarity)) {
      return;
    }
    map.set(id, [...known, { claim, quote }]);
  };
  for (const id of idsOf(claim)) {
    keep(facts.exact, id);
    for (const above of ancestorsOf(k, id)) keep(facts.kinds, above);
  }
}

/**
 * The verdict of a claim about a person: whoever has a kind of something has it, whoever has it not has no kind of it.
 *
 * @param k The graph.
 * @param facts What was said before.
 * @param claim The claim.
 * @param closed Whether everything was said before.
 * @returns The verdict; undefined where nothing was said of it and more may be said.
 */
export function personVerdict(
  k: Knowledge,
  facts: PersonFacts,
  claim: TextClaim,
  closed: boolean,
): Evidence | undefined {
  const ids = idsOf(claim);
  const same = ids.flatMap((id) => facts.exact.get(id) ?? []);
  const below = ids.flatMap((id) => facts.kinds.get(id) ?? []);
  const above = ids.flatMap((id) => [...ancestorsOf(k, id)]).flatMap((id) =>
    facts.exact.get(id) ?? []
  );
  const affirmed = claim.polarity === "affirmed";
  const quoted = ({ quote }: Report): string => `said before: "${quote}"`;
  // whoever has a kind of it has it; whoever has it not has no kind of it
  const against = [...same, ...(affirmed ? above : below)].find((one) =>
    alike(one.claim, claim) && one.claim.polarity !== claim.polarity
  );
  if (against !== undefined) {
    return {
      verdict: "contradicted",
      path: [quoted(against)],
      reason: "the text says the opposite",
    };
  }
  const otherwise = same.find((one) =>
    alike(one.claim, claim) && one.claim.polarity === claim.polarity &&
    claim.degrees?.some((degree) =>
      agreesInDegree(degree, (one.claim.degrees ?? []).join(" ")) === false
    )
  );
  if (otherwise !== undefined) {
    return {
      verdict: "contradicted",
      path: [quoted(otherwise)],
      reason: "the text says another degree",
    };
  }
  const agrees = [...same, ...(affirmed ? below : above)].find((one) =>
    alike(one.claim, claim) && one.claim.polarity === claim.polarity
  );
  if (agrees !== undefined) {
    return { verdict: "supported", path: [quoted(agrees)], reason: "the text says so" };
  }
  const elsewhere = same.find((one) => one.claim.polarity === claim.polarity);
  if (elsewhere !== undefined && claim.experiencer !== "family") {
    const { experiencer, time } = elsewhere.claim;
    const reason = experiencer === claim.experiencer
      ? `said only of the ${time}`
      : `said only of the ${experiencer}`;
    return { verdict: "unknown", path: [quoted(elsewhere)], reason };
  }
  return closed
    ? { verdict: "unknown", path: [], reason: "the prompt does not say so" }
    : undefined;
}
