/**
 * MKGSG, medical-knowledge-grounded synthetic generation: Source2Synth's stages (source selection, seed, stepwise
 * construction, curation) under clinical-workflow constraints and ontology validation.
 *
 * @module
 */
export * from "./check.ts";
export * from "./item.ts";
export * from "./source.ts";
export * from "./split.ts";
export * from "./section.ts";
export * from "./consistency.ts";
export * from "./workflow.ts";
export * from "./case.ts";
export * from "./case_group.ts";
export * from "./draft.ts";
export * from "./tasks/families.ts";
export * from "./validate.ts";
export * from "./shuffle_options.ts";
export * from "./curate.ts";
export * from "./inject.ts";
export * from "./benchmarks.ts";
export * from "./inject_text.ts";
export * from "./overlap.ts";
export * from "./audit/mod.ts";
export * from "./tokens.ts";
export type { StageReport } from "./retention.ts";
export * from "./synthesize.ts";
export * from "./rewording.ts";
export * from "./reword_items.ts";
export * from "./teacher.ts";
export * from "./vignettes.ts";
export * from "./text_detection.ts";
export * from "./conflicts/closed_prompt.ts";
export * from "./conflicts/controls.ts";
export * from "./conflicts/population.ts";
export * from "./exchange/contamination.ts";
export * from "./exchange/data_card.ts";
export * from "./exchange/data_set.ts";
export * from "./exchange/import.ts";
export * from "./exchange/item_file.ts";
export * from "./exchange/question.ts";
export * from "./exchange/rows.ts";
export * from "./exchange/sources.ts";
