/** What the replicates of a language model in the laboratory share. @module */

import { type Knowledge, loadKnowledge } from "../../lib/knowledge/mod.ts";
import { modelHash, type Tokenizer, type Transformer } from "../../lib/model/mod.ts";
import { openModel } from "../../lib/runs/mod.ts";
import type { RunContext } from "../core/experiment.ts";
import type { StageKey } from "../stages/keys.ts";
import type { LaboratoryConfig } from "./config.ts";

/** Raised when the laboratory computes something else from the same inputs, so that stored cells are not mixed. */
const LABORATORY_VERSION = 1;

/** What replicates share: the model as it is, the graph and the options. */
export interface Bench {
  /** Store, backend and bars. */
  readonly context: RunContext;
  /** Options. */
  readonly config: LaboratoryConfig;
  /** The graph that prompts are drawn from and answers are judged by. */
  readonly knowledge: Knowledge;
  /** The model before any training. */
  readonly model: Transformer;
  /** Its tokenizer. */
  readonly tokenizer: Tokenizer;
  /** What all cells depend on. */
  readonly key: StageKey;
}

/**
 * Loads what replicates share.
 *
 * @param context store, backend and bars
 * @param config options
 * @returns the bench
 * @throws {UsageError} when there is no such model
 */
export async function openBench(context: RunContext, config: LaboratoryConfig): Promise<Bench> {
  const { name, versions } = context.backend;
  const { model, tokenizer } = await openModel(config.model, context.stage, config.sizes);
  const key = {
    version: LABORATORY_VERSION,
    backend: { name, versions },
    // The tiny model has the tokenizer of another, whose hash it bears.
    source: {
      hash: await modelHash(config.model),
      tiny: config.model === "tiny",
      ...(config.sizes !== undefined && { sizes: config.sizes }),
    },
    system: config.system,
  };
  const knowledge = await loadKnowledge(
    undefined,
    (line) => console.error(`warning: ${line}`),
    { clinical: false }, // its facts are those of definitions and of PharmacotherapyDB
  );
  return { context, config, knowledge, model, tokenizer, key };
}
