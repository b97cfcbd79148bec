/**
 * Verdicts of claims that were read in a text: the judge's for statements about diseases and drugs, those of the text itself
 * for statements about a person. What is denied is supported where the affirmed statement is contradicted, and the other way
 * round. A statement about all, or about this one only, goes beyond every source: it is never supported, but where its
 * relation holds of all (a kind, a class, a site, a contraindication).
 *
 * @module
 */
import { asideRule } from "../text/labelled_lines.ts";
import { meaningOf } from "../text/names.ts";
import { bareRule } from "../text/plain_links.ts";
import type { Extent } from "../text/qualifiers.ts";
import { textRelationKinds } from "../text/relation_links.ts";
import type { CheckedTextClaim, TextClaim, TextName, TextRelation } from "../text/types.ts";
import type { EntityKind, Knowledge } from "../types.ts";
import { type ClaimJudge, denied, type JudgedEvidence } from "./graph_judge.ts";
import { type PersonFacts, personVerdict, remember } from "./person_reports.ts";

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
  if (relation === "has" || relation === "takes") {
    return { verdict: "unknown", path: [], reason: "said of a person" };
  }
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
  return denied(evidence);
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
    const evidence = personVerdict(knowledge, facts, claim, closed);
    if (!closed) remember(knowledge, facts, claim, text.slice(claim.start, claim.end));
    return evidence === undefined
      ? { ...claim, verdict: "not a claim", path, reason: "a report on a person" }
      : { ...claim, ...evidence, path: [...path, ...evidence.path] };
  });
}
