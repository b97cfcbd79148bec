/**
 * Rewards: exact rules, a sentence encoder, and their mix.
 *
 * @module
 */
export type { BertConfig } from "./bert.ts";
export * from "./encoder.ts";
export * from "./form_filler.ts";
export * from "./hybrid.ts";
export * from "./rules.ts";
