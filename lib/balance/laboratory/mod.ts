/** Exact problems on which every statement of THEORY.md can be checked. @module */

export * from "./adam.ts";
export * from "./ascend.ts";
export * from "./effective_smoothness.ts";
export * from "./problem.ts";
export * from "./quadratic.ts";
export * from "./softmax.ts";
