/**
 * The knowledge graph: readers for OBO, Hetionet and PharmacotherapyDB, the joined graph, and the validation of claims;
 * curated clinical tables joined with it, and how a claim stands by them.
 *
 * @module
 */
export * from "./types.ts";
export * from "./ontology/cycles.ts";
export * from "./ontology/definitions.ts";
export * from "./ontology/hetionet.ts";
export * from "./ontology/obo.ts";
export * from "./ontology/obo_line.ts";
export * from "./ontology/obo_term.ts";
export * from "./ontology/obo_text.ts";
export * from "./graph/abbreviations.ts";
export * from "./graph/anatomy.ts";
export * from "./graph/claims.ts";
export * from "./graph/closure.ts";
export * from "./graph/everyday.ts";
export * from "./graph/graph_draft.ts";
export * from "./graph/mentions.ts";
export * from "./graph/names.ts";
export * from "./graph/neighbours.ts";
export * from "./graph/ontology.ts";
export * from "./graph/specificity.ts";
export * from "./graph/spelling.ts";
export * from "./graph/statistics.ts";
export * from "./clinical/clinical.ts";
export * from "./clinical/curated_edges.ts";
export * from "./clinical/entailment.ts";
export * from "./clinical/facts.ts";
export * from "./clinical/finding_text.ts";
export * from "./clinical/graph.ts";
export type { Standing, StandingEvidence } from "./clinical/grounds.ts";
export * from "./clinical/load.ts";
export * from "./clinical/names.ts";
export * from "./clinical/red_flags.ts";
export * from "./clinical/rows.ts";
export { type Relation, type RelationClaim, relations, standingOf } from "./clinical/standing.ts";
export * from "./clinical/synonyms.ts";
export * from "./clinical/tables.ts";
export * from "./clinical/vocabulary.ts";
export * from "./text/negation.ts";
export { negationVerbs } from "./text/negation_cues.ts";
export { degreesIn, type Extent, type Quantity } from "./text/qualifiers.ts";
export type { TextFault } from "./text/residue.ts";
export * from "./text/types.ts";
export type { Entails } from "./answers/case_checks.ts";
export * from "./judges/curated_judge.ts";
export {
  type ClaimJudge,
  graphJudge,
  type JudgedClaim,
  type JudgedEvidence,
} from "./judges/graph_judge.ts";
export type { BoundsOf, PatientBounds } from "./judges/person_profile.ts";
export type { DiseaseFact, DiseaseFacts, DrugCondition, FactBook } from "./facts/disease_facts.ts";
export type { Stems } from "./facts/fact_units.ts";
export * from "./clinical_reader.ts";
export * from "./joined_graph.ts";
export * from "./load.ts";
export { isRefused, type TextOptions, type TextValidation, validateText } from "./validate_text.ts";
