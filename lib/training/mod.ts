/**
 * Training: the optimizer, advantages, losses, and the loops of supervised fine-tuning and GRPO.
 *
 * @module
 */

export * from "./adamw.ts";
export * from "./advantages.ts";
export * from "./balance_step.ts";
export * from "./banks.ts";
export * from "./block_weights.ts";
export * from "./checkpoint.ts";
export * from "./conditions.ts";
export * from "./config.ts";
export * from "./event_file.ts";
export * from "./exact.ts";
export * from "./finite.ts";
export * from "./gradient_products.ts";
export * from "./grpo.ts";
export * from "./grpo_loss.ts";
export * from "./grpo_options.ts";
export * from "./loop.ts";
export * from "./measured_change.ts";
export * from "./packing.ts";
export * from "./samples.ts";
export * from "./schedule.ts";
export * from "./sft.ts";
export * from "./step_log.ts";
export * from "./strata.ts";
