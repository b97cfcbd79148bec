/**
 * Training runs in folders of their own: begin, go on, evaluate, export; the files that hold what was measured; and all of
 * them as tables.
 *
 * @module
 */
export * from "./config.ts";
export * from "./evaluate.ts";
export * from "./evaluation.ts";
export * from "./export.ts";
export * from "./findings.ts";
export * from "./folder.ts";
export * from "./laboratory_run.ts";
export * from "./log.ts";
export * from "./model.ts";
export * from "./model_card.ts";
export * from "./parameters.ts";
export * from "./progress.ts";
export * from "./results.ts";
export * from "./rewards.ts";
export * from "./run.ts";
export * from "./tables.ts";
export * from "./train.ts";
export * from "./weak_signal.ts";
