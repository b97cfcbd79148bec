/**
 * A model of about 2 M parameters with random weights, for smoke tests and studies over many seeds.
 *
 * @module
 */

import { randomStream } from "../runtime/mod.ts";
import type { Checkpoint } from "./checkpoint.ts";
import type { ModelConfig } from "./config.ts";
import { type Tokenizer, truncateTokenizer } from "./tokenizer.ts";
import { type Weights, weightShapes } from "./weights.ts";

/** Tokens that the tiny model keeps. */
export const tinyVocabSize = 2048;

/**
 * Makes the tiny model: Llama architecture, 4 layers of width 192, and the first 2048 tokens of a tokenizer.
 *
 * Weights are drawn from a normal distribution of standard deviation 0.02; norms are 1. Each weight has its own random
 * stream, named after it.
 *
 * @param options tokenizer to take the vocabulary from, and the seed of the weights
 * @throws WorkbenchError when the tokenizer's special tokens and bytes are more than 2048
 */
export function tinyCheckpoint(
  options: { readonly tokenizer: Tokenizer; readonly seed: number },
): Checkpoint {
  const tokenizer = truncateTokenizer(options.tokenizer, tinyVocabSize);
  const config: ModelConfig = {
    architecture: "llama",
    vocabSize: tinyVocabSize,
    hiddenSize: 192,
    intermediateSize: 512,
    layers: 4,
    heads: 4,
    kvHeads: 2,
    headDim: 48,
    ropeTheta: 10000,
    rmsNormEps: 1e-5,
    tieWordEmbeddings: true,
    maxPositions: 1024,
    attentionBias: false,
    eosIds: tokenizer.eosIds,
    ...(tokenizer.bosId === undefined ? {} : { bosId: tokenizer.bosId }),
    ...(tokenizer.padId === undefined ? {} : { padId: tokenizer.padId }),
  };
  const weights = new Map<string, Weights>();
  for (const [name, shape] of weightShapes(config)) {
    const data = new Float32Array(
      shape.reduce((product, size) => product * size, 1),
    );
    if (shape.length === 1) data.fill(1);
    else {
      const stream = randomStream(options.seed, "tiny", name);
      for (let i = 0; i < data.length; i++) data[i] = 0.02 * stream.normal();
    }
    weights.set(name, { shape, data });
  }
  return {
    config,
    weights,
    tokenizer,
    source: { path: "", format: "random", name: "tiny" },
  };
}
