/**
 * How a claim stands: curated, contradicted by curation, only associated, or unknown.
 *
 * Curated are the clinical tables, the hierarchies and definitions of the ontologies, PharmacotherapyDB's disease-modifying
 * and symptomatic drugs, and the pharmacologic classes. Co-occurrence (MEDLINE, through Hetionet) says that two things are
 * written about together: such a claim is no answer, and no wrong one either. PharmacotherapyDB's non-indications are no
 * contraindications: they deny nothing.
 *
 * | relation | curated by | contradicted by |
 * |---|---|---|
 * | `presents` | a finding of the disease that is or entails the claimed one | a source that says that it, or what it entails, is absent; the same quantity in the other direction |
 * | `lacks` | a source that says so | a typical finding of the disease |
 * | `has_risk`, `red_flag` | a row of that kind | |
 * | `treats` | any accepted use | a contraindication in the disease or in what it is a kind of |
 * | `first_line` | a first-line drug | the same; no drug is first-line; it is a reserve |
 * | `relieves` | symptom relief | the same |
 * | `contraindicated` | strength contraindicated or avoid, in the disease or in what it is a kind of | an accepted use in the disease |
 * | `tested_by`, `suggests` | a row | |
 * | `is_a` | the hierarchy | the hierarchy the other way round |
 * | `localizes` | a definition | |
 * | `includes` | the pharmacologic classes | |
 * | `resembles` | | |
 *
 * Where one source states what another contradicts the claim is unknown and both are in the path.
 *
 * @module
 */

import { checkClaim } from "../graph/claims.ts";
import type { Predicate } from "../types.ts";
import type { Clinical } from "./clinical.ts";
import { contraindicationGrounds, treatmentGrounds } from "./drug_grounds.ts";
import { entails } from "./entailment.ts";
import type { DiseaseFinding, DiseaseProfile } from "./facts.ts";
import { measuredIn } from "./finding_text.ts";
import { isShown } from "./graph.ts";
import {
  decide,
  edgeTo,
  type Ground,
  ground,
  type Grounds,
  sayEdge,
  type StandingEvidence,
} from "./grounds.ts";
import { type Concept, conceptKey, type ConceptKind, readName } from "./names.ts";

/** What a claim can state. */
export const relations = [
  "presents",
  "lacks",
  "has_risk",
  "red_flag",
  "treats",
  "first_line",
  "relieves",
  "contraindicated",
  "tested_by",
  "suggests",
  "is_a",
  "localizes",
  "includes",
  "resembles",
] as const;

/** One of {@linkcode relations}. */
export type Relation = typeof relations[number];

/** A claim in names or ids. */
export interface RelationClaim {
  /** Name or id; of `suggests` a complaint. */
  readonly subject: string;
  /** The relation. */
  readonly relation: Relation;
  /** Name or id; of `tested_by` the words of a test. */
  readonly object: string;
  /** The text around it, for ambiguous abbreviations. */
  readonly context?: string;
}

/**
 * How a claim stands; the rules stand at the top of this file.
 *
 * @param clinical The curated knowledge.
 * @param claim Subject and object by name or id.
 * @returns Standing, sources, path and reason; unknown for a name that is unknown or ambiguous, with the question.
 */
export function standingOf(clinical: Clinical, claim: RelationClaim): StandingEvidence {
  const { subject, relation, object, context } = claim;
  if (
    relation === "is_a" || relation === "localizes" || relation === "includes" ||
    relation === "resembles"
  ) {
    return decide(graphGrounds(clinical, subject, relation, object));
  }
  const read = (kind: ConceptKind, text: string): Concept | string => {
    const reading = readName(clinical.knowledge, clinical.names, kind, text, context);
    if (reading.status === "read") return reading.concept;
    return reading.status === "ambiguous"
      ? reading.question
      : `no ${kind} is called ${JSON.stringify(text)}`;
  };
  const asked = relation === "treats" || relation === "first_line" || relation === "relieves" ||
    relation === "contraindicated";
  const disease = read("disease", asked || relation === "suggests" ? object : subject);
  if (typeof disease === "string") return decide({ otherwise: disease });
  const profile = clinical.diseases.get(disease.id);
  if (asked) {
    const drug = read("drug", subject);
    if (typeof drug === "string") return decide({ otherwise: drug });
    return decide(
      relation === "contraindicated"
        ? contraindicationGrounds(clinical, drug, disease)
        : treatmentGrounds(clinical, drug, relation, disease),
    );
  }
  if (relation === "suggests" || relation === "tested_by") {
    return decide(listedGrounds(profile, relation, relation === "suggests" ? subject : object));
  }
  const finding = read("finding", object);
  if (typeof finding === "string") return decide({ otherwise: finding });
  return decide(
    relation === "presents" || relation === "lacks"
      ? findingGrounds(clinical, disease, relation, finding)
      : kindGrounds(clinical, profile, relation, finding),
  );
}

/** The first fact, typical ones first, that is or entails the finding. */
function shown(
  clinical: Clinical,
  facts: readonly DiseaseFinding[],
  finding: Concept,
): Ground | undefined {
  for (const rating of ["typical", "uncommon"] as const) {
    for (const fact of facts) {
      if (fact.rating !== rating) continue;
      const way = entails(clinical, fact.finding, finding, fact.text);
      if (way === undefined) continue;
      const words = `${fact.disease.name} presents ${fact.text} (${rating} ${fact.kind})`;
      return ground(words, fact, `a ${rating} ${fact.kind} of ${fact.disease.name}`, way);
    }
  }
  return undefined;
}

function findingGrounds(
  clinical: Clinical,
  disease: Concept,
  relation: "presents" | "lacks",
  finding: Concept,
): Grounds {
  const profile = clinical.diseases.get(disease.id);
  const findings = (profile?.findings ?? []).filter(isShown);
  const absent = denied(clinical, profile, finding);
  const otherwise = `no curated source says whether ${disease.name} presents ${finding.name}`;
  if (relation === "lacks") {
    const typical = findings.filter(({ rating }) => rating === "typical");
    return { known: absent, against: shown(clinical, typical, finding), otherwise };
  }
  return {
    known: shown(clinical, findings, finding) ?? definedFinding(clinical, disease, finding),
    against: absent ?? measuredOtherwise(findings, finding),
    association: associated(clinical, disease, "presents", finding),
    otherwise,
  };
}

/** A source that says that the finding, or what it entails, is absent. */
function denied(
  clinical: Clinical,
  profile: DiseaseProfile | undefined,
  finding: Concept,
): Ground | undefined {
  for (const fact of [...profile?.denials ?? [], ...profile?.findings ?? []]) {
    for (const absent of fact.absent) {
      const way = entails(clinical, finding, absent);
      if (way === undefined) continue;
      const reason = `a source says that ${fact.disease.name} comes without ${absent.name}`;
      return ground(`${fact.disease.name}: ${fact.text}`, fact, reason, way);
    }
  }
  return undefined;
}

/** A typical finding with the same quantity in the other direction, where none has it in the claimed one. */
function measuredOtherwise(
  findings: readonly DiseaseFinding[],
  finding: Concept,
): Ground | undefined {
  const claimed = measuredIn(finding.name);
  if (claimed === undefined) return undefined;
  const same = findings.filter(({ measured }) =>
    measured !== undefined && conceptKey(measured.quantity) === conceptKey(claimed.quantity)
  );
  const other = same.find(({ rating }) => rating === "typical");
  if (other === undefined || same.some((fact) => fact.measured?.direction === claimed.direction)) {
    return undefined;
  }
  const words = `${other.disease.name} presents ${other.text} (typical ${other.kind})`;
  return ground(words, other, `${other.text} is typical of ${other.disease.name}`);
}

function definedFinding(
  clinical: Clinical,
  disease: Concept,
  finding: Concept,
): Ground | undefined {
  const edge = edgeTo(clinical, disease, "presents", finding, true);
  return edge && {
    sources: edge.sources.filter((source) => source !== "Hetionet"),
    path: [sayEdge(clinical, edge)],
    reason: `the definition of ${disease.name} says so`,
  };
}

function associated(
  clinical: Clinical,
  from: Concept,
  predicate: Predicate,
  to: Concept,
): Ground | undefined {
  const edge = edgeTo(clinical, from, predicate, to, false);
  return edge && {
    sources: edge.sources,
    path: [sayEdge(clinical, edge).replace(` ${predicate} `, " is associated with ")],
    reason: "they occur together in the literature, which states nothing of patients",
  };
}

function kindGrounds(
  clinical: Clinical,
  profile: DiseaseProfile | undefined,
  relation: "has_risk" | "red_flag",
  finding: Concept,
): Grounds {
  const kind = relation === "has_risk" ? "risk" : "red flag";
  const rows = profile?.findings.filter((fact) => fact.kind === kind) ?? [];
  return { known: shown(clinical, rows, finding), otherwise: `no curated ${kind} of that name` };
}

function listedGrounds(
  profile: DiseaseProfile | undefined,
  relation: "suggests" | "tested_by",
  text: string,
): Grounds {
  const key = conceptKey(text);
  const otherwise = `no curated row names ${JSON.stringify(text)}`;
  if (profile === undefined || key === "") return { otherwise };
  const name = profile.disease.name;
  if (relation === "suggests") {
    const row = profile.differentials.find(({ complaint }) => conceptKey(complaint) === key);
    return {
      known: row &&
        ground(`${row.complaint}: ${name} (${row.likelihood})`, row, "a listed differential"),
      otherwise,
    };
  }
  const row = profile.tests.find(({ test }) => ` ${conceptKey(test)} `.includes(` ${key} `));
  return { known: row && ground(`${name}: ${row.test}`, row, "a listed test"), otherwise };
}

function graphGrounds(
  { knowledge }: Clinical,
  subject: string,
  predicate: "is_a" | "localizes" | "includes" | "resembles",
  object: string,
): Grounds {
  const { verdict, path, reason } = checkClaim(knowledge, { subject, predicate, object });
  const sources = [
    ...new Set(path.flatMap((said) => /\[(.*)\]$/.exec(said)?.[1]?.split(", ") ?? [])),
  ];
  const found = { sources: sources.length > 0 ? sources : ["ontology"], path, reason };
  if (verdict === "contradicted") return { against: found, otherwise: reason };
  if (verdict === "associated") return { association: found, otherwise: reason };
  return verdict === "unknown" ? { otherwise: reason } : { known: found, otherwise: reason };
}
