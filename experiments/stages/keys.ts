/**
 * What the store keeps stages under: everything that a stage's outcome depends on, and nothing else. Files count by their
 * content, not by their name or place; options by their value.
 *
 * @module
 */

import { join } from "@std/path";
import { knowledgeHash } from "../../lib/knowledge/mod.ts";
import { modelHash, resolveEncoder } from "../../lib/model/mod.ts";
import { rulesVersion } from "../../lib/reward/mod.ts";
import { type BackendInfo, dataFolder, hashFiles, type OnProgress } from "../../lib/runtime/mod.ts";
import { families } from "../../lib/synthesis/mod.ts";
import type { GrpoConfig, SftConfig } from "../../lib/training/mod.ts";
import type { SystemsConfig } from "./config.ts";

/** Raised when a stage computes something else from the same inputs, so that stored results are not mixed. */
export const STAGES_VERSION = 5;

/** A stage's key: plain JSON. */
export type StageKey = Readonly<Record<string, unknown>>;

/** Hashes of what stages read. */
export interface StageInputs {
  /** What computes: the backend and its versions. */
  readonly backend: Pick<BackendInfo, "name" | "versions">;
  /** Hash of the model's files. */
  readonly model: string;
  /** Hash of the graph's files. */
  readonly knowledge: string;
  /** Hash of the vignettes written by hand. */
  readonly vignettes: string;
  /** Hash of the sentence encoder's files. */
  readonly encoder: string;
  /** Hash of the benchmarks' files. */
  readonly benchmarks: string;
}

/**
 * Hashes everything that stages read.
 *
 * @param backend what computes
 * @param model name of the model
 * @param onProgress told about downloads
 * @returns the hashes
 */
export async function stageInputs(
  { name, versions }: BackendInfo,
  model: string,
  onProgress?: OnProgress,
): Promise<StageInputs> {
  return {
    backend: { name, versions },
    model: await modelHash(model, onProgress),
    knowledge: await knowledgeHash(),
    vignettes: await hashFiles(join(dataFolder(), "vignettes")),
    encoder: await hashFiles(await resolveEncoder(onProgress)),
    benchmarks: await hashFiles(join(dataFolder(), "benchmarks")),
  };
}

/**
 * Key of the items: the graph they are drawn from, the vignettes among them, the benchmarks they share no text with, the families, the rules that
 * they are checked by.
 */
export function itemsKey(
  { knowledge, vignettes, benchmarks }: Pick<
    StageInputs,
    "knowledge" | "vignettes" | "benchmarks"
  >,
  { items }: Pick<SystemsConfig, "items">,
): StageKey {
  return {
    version: STAGES_VERSION,
    rules: rulesVersion,
    vignettes,
    families: families.map(({ id, version }) => [id, version]),
    knowledge,
    benchmarks,
    count: items,
    seed: 0,
  };
}

/** What every training depends on; `items` is the hash of the items' key and of the chosen families. */
export function trainingKeyOf(
  { backend, model }: StageInputs,
  items: string,
  { model: name, system, tuning }: Pick<SystemsConfig, "model" | "system" | "tuning">,
): StageKey {
  // The tiny model has the tokenizer of another, whose hash it bears.
  const source = { hash: model, tiny: name === "tiny" };
  return { version: STAGES_VERSION, backend, source, items, system, tuning };
}

/** Key of supervised fine-tuning; it sees no reward. */
export function sftKey(training: StageKey, sft: SftConfig): StageKey {
  return { ...training, sft };
}

/** What rewards depend on: the rules, the graph they check against, and the encoder where it has a share. */
export function rewardsKey(
  { knowledge, encoder }: Pick<StageInputs, "knowledge" | "encoder">,
  { mixing }: Pick<SystemsConfig, "mixing">,
): StageKey {
  return { mixing, rules: rulesVersion, knowledge, encoder: mixing === 1 ? null : encoder };
}

/** Key of GRPO from a system. */
export function grpoKeyOf(
  inputs: StageInputs,
  from: string,
  grpo: GrpoConfig,
  config: Pick<SystemsConfig, "mixing">,
): StageKey {
  return { from, grpo, ...rewardsKey(inputs, config) };
}

/** Key of the scores on held-out items and benchmarks. */
export function evaluationKey(
  training: StageKey,
  { knowledge, benchmarks }: StageInputs,
  parameters: string | null,
  config: Pick<SystemsConfig, "testItems" | "maxNewTokens" | "evaluationRows" | "mmluQuestions">,
): StageKey {
  const { testItems, maxNewTokens, evaluationRows, mmluQuestions } = config;
  return {
    ...training,
    rules: rulesVersion,
    knowledge,
    benchmarks: mmluQuestions === 0 ? null : benchmarks,
    parameters,
    testItems,
    maxNewTokens,
    evaluationRows,
    mmluQuestions,
  };
}

/** Key of the form filler's scores. */
export function floorKey(
  { knowledge }: StageInputs,
  items: string,
  { testItems }: Pick<SystemsConfig, "testItems">,
  fillings: number,
): StageKey {
  return {
    version: STAGES_VERSION,
    rules: rulesVersion,
    knowledge,
    items,
    testItems,
    fillings,
  };
}
