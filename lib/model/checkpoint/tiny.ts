/**
 * A model of about 2 M parameters with random weights, for smoke tests and studies over many seeds.
 *
 * @module
 */

import { randomStream, UsageError } from "../../runtime/mod.ts";
import type { Checkpoint } from "./checkpoint.ts";
import type { ModelConfig } from "../core/config.ts";
import type { FloatTensor } from "../formats/stored_tensor.ts";
import { type Tokenizer, truncateTokenizer } from "../tokenizer/tokenizer.ts";
import { weightShapes } from "../core/weights.ts";

/** Tokens that the tiny model keeps. */
export const tinyVocabSize = 2048;

/** Width and depth of a tiny model. */
export interface TinySizes {
  /** Width, a multiple of 96; attention heads have 48 of it each. */
  readonly hiddenSize: number;
  /** Number of layers. */
  readonly layers: number;
}

/**
 * Makes the tiny model: Llama architecture, 4 layers of width 192 unless `sizes` says otherwise, and the first 2048
 * tokens of a tokenizer.
 *
 * Weights are random ({@linkcode randomWeight}).
 *
 * @param options tokenizer to take the vocabulary from, the seed of the weights, and sizes
 * @throws WorkbenchError when the tokenizer's special tokens and bytes are more than 2048
 * @throws UsageError when the width is no multiple of 96 or there is no layer
 */
export function tinyCheckpoint(
  options: {
    readonly tokenizer: Tokenizer;
    readonly seed: number;
    readonly sizes?: TinySizes | undefined;
  },
): Checkpoint {
  const { hiddenSize, layers } = options.sizes ?? { hiddenSize: 192, layers: 4 };
  if (!(hiddenSize > 0 && hiddenSize % 96 === 0 && Number.isInteger(layers) && layers > 0)) {
    throw new UsageError(
      `Expected hiddenSize to be a multiple of 96 and layers at least 1 but found ${hiddenSize} and ${layers}`,
    );
  }
  const tokenizer = truncateTokenizer(options.tokenizer, tinyVocabSize);
  const config: ModelConfig = {
    architecture: "llama",
    vocabSize: tinyVocabSize,
    hiddenSize,
    intermediateSize: hiddenSize * 8 / 3,
    layers,
    heads: hiddenSize / 48,
    kvHeads: hiddenSize / 96,
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
  return {
    config,
    weights: new Map(
      [...weightShapes(config)].map(([name, shape]) => [
        name,
        randomWeight(name, shape, options.seed),
      ]),
    ),
    tokenizer,
    source: { path: "", format: "random", name: "tiny" },
  };
}

/**
 * A random weight: normal with a standard deviation of 0.02, or 1 where it is a vector. Each weight has its own random stream, named
 * after it.
 *
 * @param name name of the weight
 * @param shape its shape
 * @param seed seed of all weights
 */
export function randomWeight(name: string, shape: readonly number[], seed: number): FloatTensor {
  const data = new Float32Array(shape.reduce((product, size) => product * size, 1));
  if (shape.length === 1) return { shape, data: data.fill(1) };
  const stream = randomStream(seed, "tiny", name);
  for (let i = 0; i < data.length; i++) data[i] = 0.02 * stream.normal();
  return { shape, data };
}
