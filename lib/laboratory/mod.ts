/**
 * The laboratory of language models: exact values and gradients of several rewards on closed lists of answers.
 *
 * @module
 */

export * from "./choice_policy.ts";
export * from "./exact_gradients.ts";
export * from "./laboratory.ts";
export * from "./population.ts";
export * from "./problem.ts";
export * from "./prompt_products.ts";
