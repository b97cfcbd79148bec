/** Sizes of published models, for random weights where what is computed does not matter, but how much. @module */

import {
  createTransformer,
  type ModelConfig,
  randomWeight,
  type Transformer,
  weightShapes,
} from "../../lib/model/mod.ts";

/** The models, as their configurations on the Hub have them. */
const published = {
  "SmolLM2-135M": {
    architecture: "llama",
    vocabSize: 49_152,
    hiddenSize: 576,
    intermediateSize: 1536,
    layers: 30,
    heads: 9,
    kvHeads: 3,
    headDim: 64,
    attentionBias: false,
  },
  "Qwen2.5-0.5B": {
    architecture: "qwen2",
    vocabSize: 151_936,
    hiddenSize: 896,
    intermediateSize: 4864,
    layers: 24,
    heads: 14,
    kvHeads: 2,
    headDim: 64,
    attentionBias: true,
  },
} as const;

/** Name of a published model. */
export type ShapeName = keyof typeof published;

/** Names of the published models. */
export const shapeNames = Object.keys(published) as ShapeName[];

/**
 * Sizes of a published model, without a scaling of positions and without tokens that end a text.
 *
 * @param name the model
 */
export function shapedConfig(name: ShapeName): ModelConfig {
  return {
    ...published[name],
    ropeTheta: 10_000,
    rmsNormEps: 1e-6,
    tieWordEmbeddings: true,
    maxPositions: 2048,
    eosIds: [],
  };
}

/**
 * A published model with random weights, which are drawn one at a time.
 *
 * @param name the model
 * @returns its tensors; the caller disposes of them
 */
export function shapedTransformer(name: ShapeName): Transformer {
  const config = shapedConfig(name);
  const shapes = weightShapes(config);
  const get = (weight: string) => {
    const shape = shapes.get(weight);
    return shape === undefined ? undefined : randomWeight(weight, shape, 0);
  };
  return createTransformer({ config, weights: { get } });
}
