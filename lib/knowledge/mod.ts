/**
 * The knowledge graph: readers for OBO, Hetionet and PharmacotherapyDB, the joined graph, and the validation of claims;
 * curated clinical tables joined with it, and how a claim stands by them.
 *
 * @module
 */
export * from "./abbreviations.ts";
export * from "./anatomy.ts";
export {
  type ClaimJudge,
  graphJudge,
  type JudgedClaim,
  type JudgedEvidence,
} from "./graph_judge.ts";
export * from "./claims.ts";
export * from "./clinical.ts";
export * from "./clinical_facts.ts";
export * from "./clinical_graph.ts";
export * from "./clinical_load.ts";
export * from "./clinical_names.ts";
export * from "./clinical_reader.ts";
export type { DiseaseFact, DiseaseFacts, DrugCondition, FactBook, Stems } from "./disease_facts.ts";
export * from "./clinical_rows.ts";
export * from "./clinical_synonyms.ts";
export * from "./clinical_tables.ts";
export * from "./clinical_vocabulary.ts";
export * from "./closure.ts";
export * from "./curated_edges.ts";
export * from "./curated_judge.ts";
export * from "./cycles.ts";
export * from "./definitions.ts";
export * from "./entailment.ts";
export * from "./everyday.ts";
export * from "./finding_text.ts";
export * from "./graph.ts";
export * from "./graph_draft.ts";
export type { Standing, StandingEvidence } from "./grounds.ts";
export * from "./hetionet.ts";
export * from "./load.ts";
export * from "./mentions.ts";
export * from "./names.ts";
export * from "./negation.ts";
export { negationVerbs } from "./negation_cues.ts";
export * from "./neighbours.ts";
export * from "./obo.ts";
export * from "./obo_line.ts";
export * from "./obo_term.ts";
export * from "./obo_text.ts";
export * from "./ontology.ts";
export type { BoundsOf, PatientBounds } from "./person_profile.ts";
export * from "./red_flags.ts";
export * from "./specificity.ts";
export * from "./spelling.ts";
export { type Relation, type RelationClaim, relations, standingOf } from "./standing.ts";
export * from "./statistics.ts";
export { degreesIn, type Extent, type Quantity } from "./text_qualifiers.ts";
export * from "./text_types.ts";
export * from "./types.ts";
export type { TextFault } from "./text_residue.ts";
export { isRefused, type TextOptions, type TextValidation, validateText } from "./validate_text.ts";
export type { Entails } from "./case_checks.ts";
