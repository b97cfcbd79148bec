/**
 * Verdicts of claims that were read in a text: the graph's for statements about diseases and drugs, those of the text itself
 * for statements about a person.
 *
 * | claim | supported | contradicted |
 * |---|---|---|
 * | `treats` | a disease-modifying or a symptomatic use | a curated non-indication |
 * | `modifies` | a disease-modifying use | a symptomatic use or a non-indication |
 * | `contraindicated` | | a curated use |
 * | `associated` | any edge between the two | |
 * | `caused_by`, `transmitted_by` | the words stand in the definition | |
 * | a denied one | what contradicts the affirmed one | what supports it |
 * | of a person | said before of the same person and time | the opposite said before |
 *
 * What only a heading of the hierarchy supports ("influenza presents nervous system symptom") says nothing: unknown.
 *
 * @module
 */
import { checkClaim } from "./claims.ts";
import { ancestorsOf } from "./closure.ts";
import { asideRule } from "./labelled_lines.ts";
import { bareRule } from "./loose_links.ts";
import { normalizeName } from "./names.ts";
import { isSpecific } from "./specificity.ts";
import { textRelationKinds } from "./relation_links.ts";
import { meaningOf } from "./text_names.ts";
import { agreesInDegree, type Extent, type Quantity } from "./text_qualifiers.ts";
import type { CheckedTextClaim, TextClaim, TextName, TextRelation } from "./text_types.ts";
import type { Claim, EntityKind, Evidence, Knowledge } from "./types.ts";

/** A statement by ids, or by words where the graph knows no name. */
export interface JudgedClaim {
  /** Id or words. */
  readonly subject: string;
  /** The relation; never `has` or `takes`. */
  readonly relation: Exclude<TextRelation, "has" | "takes">;
  /** Id or words. */
  readonly object: string;
  /** Words of degree of a finding. */
  readonly degrees?: readonly string[];
  /** Numbers of a finding. */
  readonly quantities?: readonly Quantity[];
}

/** What a judge says: the graph's verdict, or that two things are only written about together. */
export interface JudgedEvidence extends Omit<Evidence, "verdict"> {
  /** The verdict. */
  readonly verdict: Evidence["verdict"] | "associated";
  /** How often a disease shows a finding, where the judge knows. */
  readonly frequency?: "typical" | "uncommon";
}

/** What decides whether an affirmed statement is so. */
export type ClaimJudge = (claim: JudgedClaim) => JudgedEvidence;

const unknown = (reason: string): Evidence => ({ verdict: "unknown", path: [], reason });

/**
 * Whether the words of a definition behind this relation hold all the claimed ones.
 *
 * @param k The graph.
 * @param claim A claim of the relation `caused_by` or `transmitted_by`.
 * @returns Supported by a definition of the disease or of what it is a kind of, else unknown.
 */
export function definedCause(k: Knowledge, claim: JudgedClaim): Evidence {
  const disease = k.entities.get(claim.subject);
  const relation = claim.relation === "caused_by" ? "has_material_basis_in" : "transmitted_by";
  if (disease === undefined) return unknown(`no disease is called "${claim.subject}"`);
  const wanted = normalizeName(claim.object).split(" ").filter((word) => word.length > 2);
  for (const id of [disease.id, ...ancestorsOf(k, disease.id)]) {
    for (const phrase of k.phrases.get(id) ?? []) {
      if (phrase.relation !== relation) continue;
      const words = new Set(normalizeName(phrase.text).split(" "));
      if (wanted.length > 0 && wanted.every((word) => words.has(word))) {
        return {
          verdict: "supported",
          path: [`${disease.name} (${disease.id}) ${relation} ${phrase.text} [definition]`],
          reason: "its definition names it",
        };
      }
    }
  }
  return unknown(`no definition says that ${disease.name} is ${claim.relation} "${claim.object}"`);
}

/** Any use of a drug in a disease. */
function use(k: Knowledge, { subject, object }: JudgedClaim): Evidence {
  const modifies = checkClaim(k, { subject, predicate: "treats", object });
  if (modifies.verdict === "supported") return modifies;
  const relieves = checkClaim(k, { subject, predicate: "palliates", object });
  return relieves.verdict === "unknown" ? modifies : relieves;
}

/** "Is associated with": any edge between the two. */
function association(k: Knowledge, { subject, object }: JudgedClaim): Evidence {
  const found = (["presents", "resembles"] as const).flatMap((predicate) => [
    checkClaim(k, { subject, predicate, object }),
    checkClaim(k, { subject: object, predicate, object: subject }),
  ]);
  return found.find(({ verdict }) => verdict === "supported") ?? found[0]!;
}

/**
 * The judge that asks the graph; `checkClaim` says by what.
 *
 * @param k The graph.
 * @returns A judge of affirmed statements.
 */
export function graphJudge(k: Knowledge): ClaimJudge {
  return (claim) => {
    const { subject, relation, object } = claim;
    switch (relation) {
      case "caused_by":
      case "transmitted_by":
        return definedCause(k, claim);
      case "treats":
        return use(k, claim);
      case "contraindicated": {
        const used = use(k, claim);
        if (used.verdict !== "supported") {
          return unknown("the graph has no contraindications; a non-indication is none");
        }
        return { ...used, verdict: "contradicted", reason: `${used.reason}: it is used for it` };
      }
      case "associated":
        return association(k, claim);
      case "first_line":
      case "has_risk":
      case "red_flag":
        return unknown(`the graph has no edges of the relation ${relation}`);
      default: {
        const stated: Claim = {
          subject,
          predicate: relation === "modifies" ? "treats" : relation,
          object,
        };
        const evidence = checkClaim(k, stated);
        if (evidence.verdict !== "supported" || isSpecific(k, stated)) return evidence;
        return {
          ...evidence,
          verdict: "unknown",
          reason: "holds of most diseases, so says nothing",
        };
      }
    }
  };
}

/** The id that a name has on its side of a relation, or its words. */
function sideOf(name: TextName, relation: TextRelation, side: "subject" | "object"): string {
  const kinds = textRelationKinds[relation][side];
  return (meaningOf(name, kinds) ?? name.entities[0])?.id ?? name.text;
}

/** Names whose words are not those of the entity. */
function resolved(names: readonly TextName[]): string[] {
  return names.flatMap(({ text, entities, standsFor }) => {
    const entity = entities[0];
    if (standsFor !== undefined) return [`"${text}" stands for ${standsFor}`];
    return entity === undefined || entity.name.toLowerCase() === text.toLowerCase()
      ? []
      : [`"${text}" is ${entity.name} (${entity.id})`];
  });
}

const opposite: Readonly<Record<JudgedEvidence["verdict"], Evidence["verdict"]>> = {
  supported: "contradicted",
  contradicted: "supported",
  associated: "unknown",
  unknown: "unknown",
};

/** The kinds in which both sides of a relation between things of several kinds are tried. */
const tried: Partial<
  Readonly<Record<TextRelation, readonly (readonly [subject: EntityKind, object: EntityKind])[]>>
> = {
  is_a: [["disease", "disease"], ["symptom", "symptom"]],
  associated: [["disease", "symptom"], ["symptom", "disease"], ["disease", "disease"]],
};

/** The ids of both sides, or their words; several pairs where both names have several meanings. */
function sidesOf({ subject, relation, object }: TextClaim): (readonly [string, string])[] {
  const pairs = (tried[relation] ?? []).flatMap(([a, b]) => {
    const [from, to] = [meaningOf(subject, [a]), meaningOf(object, [b])];
    return from === undefined || to === undefined ? [] : [[from.id, to.id] as const];
  });
  return pairs.length > 0
    ? pairs
    : [[sideOf(subject, relation, "subject"), sideOf(object, relation, "object")]];
}

/** Relations of which "all" and "always" say no more than the relation itself. */
const lawful: ReadonlySet<TextRelation> = new Set([
  "is_a",
  "includes",
  "localizes",
  "contraindicated",
  "not_indicated",
]);

/** What a statement about all, or about this one only, goes beyond what is known. */
function limited(
  evidence: JudgedEvidence,
  relation: TextRelation,
  extent: Extent | undefined,
): JudgedEvidence {
  if (evidence.verdict !== "supported") return evidence;
  if (extent === "all" && !lawful.has(relation)) {
    return {
      ...evidence,
      verdict: "unknown",
      reason: `${evidence.reason}, but no source says always`,
    };
  }
  if (extent === "only" && !lawful.has(relation)) {
    return {
      ...evidence,
      verdict: "unknown",
      reason: `${evidence.reason}, but no source says only`,
    };
  }
  if ((extent === "most" || extent === "few") && evidence.frequency !== undefined) {
    const fits = (extent === "most") === (evidence.frequency === "typical");
    const reason = `${evidence.reason}, which is ${evidence.frequency}`;
    return { ...evidence, verdict: fits ? "supported" : "contradicted", reason };
  }
  return evidence;
}

function judged(claim: TextClaim, judge: ClaimJudge): JudgedEvidence {
  const { relation, extent, polarity, degrees, quantities } = claim;
  if (relation === "has" || relation === "takes") return unknown("said of a person");
  const found = sidesOf(claim).map(([subject, object]) =>
    judge({
      subject,
      relation,
      object,
      ...(degrees === undefined ? {} : { degrees }),
      ...(quantities === undefined ? {} : { quantities }),
    })
  );
  const evidence = found.find(({ verdict }) => verdict === "supported") ??
    found.find(({ verdict }) => verdict === "contradicted") ?? found[0]!;
  // "fever is rare in it" is no denial where it is known to be uncommon
  const rare = polarity === "denied" && extent === "few" && evidence.frequency !== undefined;
  if (polarity === "affirmed" || rare) return limited(evidence, relation, extent);
  return {
    ...evidence,
    verdict: opposite[evidence.verdict],
    reason: `denied here; affirmed: ${evidence.reason}`,
  };
}

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

/** Keeps a report where none like it is kept: so the lists stay short. */
function remember(k: Knowledge, facts: PersonFacts, claim: TextClaim, quote: string): void {
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

function personal(
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

/** What the claims of a text are compared with. */
export interface VerdictContext {
  /** The graph. */
  readonly knowledge: Knowledge;
  /** What decides about diseases and drugs. */
  readonly judge: ClaimJudge;
  /** What was said of persons before; it grows. */
  readonly facts: PersonFacts;
  /** Whether everything about the person was said before: then what was not said is unknown and no report. */
  readonly closed: boolean;
}

/**
 * The verdict of each claim, in order: later statements about a person are compared with earlier ones.
 *
 * @param text The text that the claims were read in.
 * @param claims Its claims.
 * @param context What they are compared with.
 * @returns The claims with verdict, path and reason.
 */
export function textVerdicts(
  text: string,
  claims: readonly TextClaim[],
  { knowledge, judge, facts, closed }: VerdictContext,
): CheckedTextClaim[] {
  return claims.map((claim): CheckedTextClaim => {
    const path = resolved([claim.subject, claim.object]);
    if (claim.certainty === "hypothetical") {
      return { ...claim, verdict: "not a claim", path, reason: "asked, supposed or demanded" };
    }
    if (claim.rule === bareRule) {
      return { ...claim, verdict: "unknown", path, reason: "the names are not said to be related" };
    }
    if (claim.relation !== "has" && claim.relation !== "takes") {
      const { frequency: _frequency, ...evidence } = judged(claim, judge);
      if (claim.rule === asideRule && evidence.verdict === "unknown") {
        return { ...claim, verdict: "not a claim", path, reason: "ruled out beside the answer" };
      }
      return { ...claim, ...evidence, path: [...path, ...evidence.path] };
    }
    const evidence = personal(knowledge, facts, claim, closed);
    if (!closed) remember(knowledge, facts, claim, text.slice(claim.start, claim.end));
    return evidence === undefined
      ? { ...claim, verdict: "not a claim", path, reason: "a report on a person" }
      : { ...claim, ...evidence, path: [...path, ...evidence.path] };
  });
}
