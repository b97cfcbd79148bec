/**
 * Benchmarks, one in each file, and the statistics of their results.
 *
 * @module
 */
export * from "./audit.ts";
export * from "./decisions.ts";
export * from "./guessing.ts";
export * from "./items.ts";
export * from "./likelihood.ts";
export * from "./log_slope.ts";
export * from "./mmlu.ts";
export * from "./pubmedqa.ts";
export * from "./sample.ts";
export * from "./intervals.ts";
export * from "./paired.ts";
export * from "./paired_tests.ts";
export * from "./unpaired.ts";
export * from "./kl_inverse.ts";
export * from "./hypervolume.ts";
export * from "./selective.ts";
export * from "./hybrid_weight.ts";
