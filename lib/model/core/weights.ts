/**
 * A model's named weights, and which names and shapes each architecture has.
 *
 * @module
 */

import { type OnProgress, WorkbenchError } from "../../runtime/mod.ts";
import type { ModelConfig } from "./config.ts";
import type { FloatTensor } from "../formats/stored_tensor.ts";
import { inMessage } from "../formats/text.ts";

/** A model on the host: its shape and its weights. */
export interface ModelWeights {
  /** Its shape. */
  readonly config: ModelConfig;
  /** Its weights by Hugging Face name, rows in Hugging Face's order. */
  readonly weights: ReadonlyMap<string, FloatTensor>;
}

/** A model whose weights are read from its files when they are asked for, and not kept; closes the files when disposed of. */
export interface OpenWeights extends Disposable {
  /** Its shape. */
  readonly config: ModelConfig;
  /** Its weights by Hugging Face name; reading one that is damaged throws. */
  readonly weights: {
    /** Names of all weights. */
    readonly names: readonly string[];
    /** Reads a weight; undefined where there is none of that name. */
    readonly get: (name: string) => FloatTensor | undefined;
  };
}

/**
 * Opens weights that files hold.
 *
 * @param config the model's shape
 * @param readers reads each weight, by Hugging Face name
 * @param files what to close
 * @param onProgress told the number of weights read and of all, each time that one was read
 * @returns the weights, which close the files when they are disposed of
 */
export function openWeights(
  config: ModelConfig,
  readers: ReadonlyMap<string, () => FloatTensor>,
  files: DisposableStack,
  onProgress?: OnProgress,
): OpenWeights {
  let done = 0;
  const get = (name: string): FloatTensor | undefined => {
    const tensor = readers.get(name)?.();
    if (tensor !== undefined) onProgress?.(++done, readers.size, name);
    return tensor;
  };
  return {
    config,
    weights: { names: [...readers.keys()], get },
    [Symbol.dispose]: () => files.dispose(),
  };
}

/**
 * Reads all weights.
 *
 * @param open weights in files
 * @returns weights by name, in the files' order
 * @throws WorkbenchError when one is damaged
 */
export function readWeights({ weights: { names, get } }: OpenWeights): Map<string, FloatTensor> {
  return new Map(names.map((name) => [name, get(name)!]));
}

/**
 * Number of parameters of a model.
 *
 * @param config the model's shape
 * @returns numbers in all of its weights
 */
export function parameterCount(config: ModelConfig): number {
  return [...weightShapes(config).values()]
    .reduce((sum, shape) => sum + shape.reduce((product, size) => product * size, 1), 0);
}

/**
 * Every weight that a model has: Hugging Face names and shapes, in the order of the forward pass.
 *
 * @param config the model's shape
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { weightShapes } from "./weights.ts";
 *
 * const shapes = weightShapes({
 *   architecture: "llama", vocabSize: 32, hiddenSize: 8, intermediateSize: 16, layers: 1, heads: 2, kvHeads: 1,
 *   headDim: 4, ropeTheta: 10000, rmsNormEps: 1e-5, tieWordEmbeddings: true, maxPositions: 64, attentionBias: false,
 *   eosIds: [],
 * });
 * assertEquals(shapes.get("model.layers.0.self_attn.k_proj.weight"), [4, 8]);
 * assertEquals(shapes.size, 1 + 9 + 1);
 * ```
 */
export function weightShapes(
  config: ModelConfig,
): Map<string, readonly number[]> {
  const { hiddenSize, intermediateSize, headDim } = config;
  const [queryWidth, keyWidth] = [
    config.heads * headDim,
    config.kvHeads * headDim,
  ];
  const shapes = new Map<string, readonly number[]>();
  shapes.set("model.embed_tokens.weight", [config.vocabSize, hiddenSize]);
  for (let layer = 0; layer < config.layers; layer++) {
    const set = (name: string, ...shape: number[]): void => {
      shapes.set(`model.layers.${layer}.${name}`, shape);
    };
    set("input_layernorm.weight", hiddenSize);
    for (
      const [name, width] of [["q", queryWidth], ["k", keyWidth], [
        "v",
        keyWidth,
      ]] as const
    ) {
      set(`self_attn.${name}_proj.weight`, width, hiddenSize);
      if (config.attentionBias) set(`self_attn.${name}_proj.bias`, width);
    }
    if (config.architecture === "qwen3") {
      set("self_attn.q_norm.weight", headDim);
      set("self_attn.k_norm.weight", headDim);
    }
    set("self_attn.o_proj.weight", hiddenSize, queryWidth);
    set("post_attention_layernorm.weight", hiddenSize);
    set("mlp.gate_proj.weight", intermediateSize, hiddenSize);
    set("mlp.up_proj.weight", intermediateSize, hiddenSize);
    set("mlp.down_proj.weight", hiddenSize, intermediateSize);
  }
  shapes.set("model.norm.weight", [hiddenSize]);
  if (!config.tieWordEmbeddings) {
    shapes.set("lm_head.weight", [config.vocabSize, hiddenSize]);
  }
  return shapes;
}

/**
 * Checks that a model's weights are all there, once each and in the right shape, and nothing else is.
 *
 * @param config the model's shape
 * @param found shape of each weight found, by Hugging Face name
 * @param where the file's path, for messages
 * @throws WorkbenchError that names the first weight that is missing, unexpected or of another shape
 */
export function checkWeightShapes(
  config: ModelConfig,
  found: ReadonlyMap<string, readonly number[]>,
  where: string,
): void {
  if (config.layers > found.size) {
    throw new WorkbenchError(
      `Expected weights of ${config.layers} layers but found ${found.size} weights in ${where}`,
    );
  }
  const expected = weightShapes(config);
  for (const [name, shape] of expected) {
    const other = found.get(name);
    if (other === undefined) {
      throw new WorkbenchError(
        `Expected a weight ${name} but found none in ${where}`,
      );
    }
    if (
      other.length !== shape.length ||
      other.some((size, axis) => size !== shape[axis])
    ) {
      throw new WorkbenchError(
        `Expected ${name} to have shape [${shape}] but found [${other}] in ${where}`,
      );
    }
  }
  for (const name of found.keys()) {
    if (!expected.has(name)) {
      throw new WorkbenchError(
        `Expected only weights of a ${config.architecture} model but found ${
          inMessage(name)
        } in ${where}`,
      );
    }
  }
}
