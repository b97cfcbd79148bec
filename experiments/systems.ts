/**
 * The systems that experiments compare, trained and evaluated in stages that the store keeps: data, supervised
 * fine-tuning, GRPO with one of the ways to combine rewards, evaluation.
 *
 * @module
 */

export * from "./workshop.ts";
export * from "./train_systems.ts";
export * from "./evaluate_systems.ts";
export * from "./trials.ts";
