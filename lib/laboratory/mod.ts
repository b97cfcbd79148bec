/**
 * The laboratory of language models: exact values and gradients of several rewards on closed lists of answers.
 *
 * @module
 */

export * from "./choice_policy.ts";
export * from "./drawn_step.ts";
export * from "./exact_gradients.ts";
export * from "./form_start.ts";
export * from "./laboratory.ts";
export * from "./population.ts";
export * from "./problem.ts";
export * from "./prompt_products.ts";
export * from "./tiny_laboratory.ts";
export * from "./training.ts";
