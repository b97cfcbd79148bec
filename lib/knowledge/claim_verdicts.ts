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
import { normalizeName } from "./names.ts";
import { isSpecific } from "./specificity.ts";
import { textRelationKinds } from "./relation_links.ts";
import { meaningOf } from "./text_names.ts";
import type { CheckedTextClaim, TextClaim, TextName, TextRelation } from "./text_types.ts";
import type { Claim, Evidence, Knowledge } from "./types.ts";

/** A statement by ids, or by words where the graph knows no name. */
export interface JudgedClaim {
  /** Id or words. */
  readonly subject: string;
  /** The relation; never `has` or `takes`. */
  readonly relation: Exclude<TextRelation, "has" | "takes">;
  /** Id or words. */
  readonly object: string;
}

/** What a judge says: the graph's verdict, or that two things are only written about together. */
export interface JudgedEvidence extends Omit<Evidence, "verdict"> {
  /** The verdict. */
  readonly verdict: Evidence["verdict"] | "associated";
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
  const found = (["presents", "resembles"] as const).map((predicate) =>
    checkClaim(k, { subject, predicate, object })
  );
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

function judged(claim: TextClaim, judge: ClaimJudge): JudgedEvidence {
  const { relation } = claim;
  if (relation === "has" || relation === "takes") return unknown("said of a person");
  let evidence: JudgedEvidence;
  if (relation === "is_a") {
    const kinds = (name: TextName) =>
      name.entities.filter(({ kind }) => kind === "disease" || kind === "symptom");
    const pair = kinds(claim.subject).flatMap((a) =>
      kinds(claim.object).filter((b) =>
        a.kind === b.kind
      ).map((b) => [a.id, b.id] as const)
    )[0];
    evidence = judge({
      relation,
      subject: pair?.[0] ?? sideOf(claim.subject, relation, "subject"),
      object: pair?.[1] ?? sideOf(claim.object, relation, "object"),
    });
  } else {
    evidence = judge({
      relation,
      subject: sideOf(claim.subject, relation, "subject"),
      object: sideOf(claim.object, relation, "object"),
    });
  }
  if (claim.polarity === "affirmed") return evidence;
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
    if (claim.relation !== "has" && claim.relation !== "takes") {
      const evidence = judged(claim, judge);
      return { ...claim, ...evidence, path: [...path, ...evidence.path] };
    }
    const evidence = personal(knowledge, facts, claim, closed);
    if (!closed) remember(knowledge, facts, claim, text.slice(claim.start, claim.end));
    return evidence === undefined
      ? { ...claim, verdict: "not a claim", path, reason: "a report on a person" }
      : { ...claim, ...evidence, path: [...path, ...evidence.path] };
  });
}
