/** The smallest model that has every part, for tests of what measures models. @module */
import { tinyConfig } from "../../experiments/bench/tiny.ts";
import {
  createAdapter,
  createTransformer,
  type ModelConfig,
  projections,
  type Tokenizer,
  type Trainable,
  type Transformer,
  weightShapes,
} from "../../lib/model/mod.ts";
import { randomStream } from "../../lib/runtime/mod.ts";

/** Its sizes. */
export const smallest: ModelConfig = {
  ...tinyConfig,
  vocabSize: 16,
  hiddenSize: 8,
  intermediateSize: 8,
  layers: 1,
  heads: 2,
  kvHeads: 1,
  headDim: 4,
};

/** It, with random weights. */
export function smallestModel(): Transformer {
  const weights = new Map(
    [...weightShapes(smallest)].map(([name, shape]) => {
      const random = randomStream(0, name);
      const size = shape.reduce((n, s) => n * s, 1);
      return [name, { shape, data: Float32Array.from({ length: size }, () => random.normal()) }];
    }),
  );
  return createTransformer({ config: smallest, weights });
}

const decode = (ids: readonly number[]) => ids.map((id) => String.fromCharCode(97 + id)).join("");
/** A letter for each token. */
export const smallestTokenizer = { eosIds: smallest.eosIds, decode } as unknown as Tokenizer;

/** An adapter of rank 1 for all its projections. */
export function smallestAdapter(): Trainable {
  const adapter = createAdapter(
    smallest,
    { r: 1, loraAlpha: 2, targetModules: projections, useRslora: false },
    randomStream(0, "adapter"),
  );
  return { kind: "lora", ...adapter };
}
