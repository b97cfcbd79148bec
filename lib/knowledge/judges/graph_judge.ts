/**
 * Who judges a statement about diseases and drugs, and the judge that asks the graph alone.
 *
 * | claim | supported | contradicted |
 * |---|---|---|
 * | `treats` | a disease-modifying or a symptomatic use | a curated non-indication |
 * | `modifies` | a disease-modifying use | a symptomatic use or a non-indication |
 * | `contraindicated` | | a curated use |
 * | `associated` | any edge between the two | |
 * | `caused_by`, `transmitted_by` | the words stand in the definition | |
 *
 * What only a heading of the hierarchy supports ("influenza presents nervous system symptom") says nothing: unknown.
 *
 * @module
 */
import { checkClaim } from "../graph/claims.ts";
import { ancestorsOf } from "../graph/closure.ts";
import { findEntity, normalizeName } from "../graph/names.ts";
import { isSpecific } from "../graph/specificity.ts";
import type { Quantity } from "../text/qualifiers.ts";
import type { TextRelation } from "../text/types.ts";
import type { Claim, Evidence, Knowledge } from "../types.ts";
import { hierarchyBounds } from "./person_profile.ts";
import { judgePopulation } from "./population_judge.ts";

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

/** What a verdict on an affirmed statement makes of its denial. */
export const opposite: Readonly<Record<JudgedEvidence["verdict"], Evidence["verdict"]>> = {
  supported: "contradicted",
  contradicted: "supported",
  associated: "unknown",
  unknown: "unknown",
};

/**
 * What is found out about the denial of a statement.
 *
 * @param evidence What is found out about the statement.
 * @returns The opposite verdict, with a reason that says so.
 */
export const denied = <E extends JudgedEvidence>(evidence: E): E => ({
  ...evidence,
  verdict: opposite[evidence.verdict],
  reason: `denied here; affirmed: ${evidence.reason}`,
});

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
  const disease = findEntity(k, claim.subject, "disease");
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
      case "affects":
        return judgePopulation(object, hierarchyBounds(k)(subject));
      case "associated":
        return association(k, claim);
      case "diagnosed_by":
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
