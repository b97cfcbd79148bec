/**
 * MKGSG, medical-knowledge-grounded synthetic generation: Source2Synth's stages (source selection, seed, stepwise
 * construction, curation) under clinical-workflow constraints and ontology validation.
 *
 * @module
 */
export * from "./check.ts";
export * from "./item.ts";
export * from "./source.ts";
export * from "./workflow.ts";
export * from "./case.ts";
export * from "./draft.ts";
export * from "./tasks/families.ts";
export * from "./validate.ts";
export * from "./curate.ts";
export * from "./inject.ts";
export * from "./inject_text.ts";
export * from "./overlap.ts";
export * from "./tokens.ts";
export * from "./synthesize.ts";
export * from "./rewording.ts";
export * from "./teacher.ts";
export * from "./text_detection.ts";
export * from "./conflicts/closed_prompt.ts";
export * from "./conflicts/controls.ts";
export * from "./conflicts/population.ts";
