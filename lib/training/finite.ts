/** Numbers that are not finite, and the names of the parameters where they stand. @module */

import type { ModelConfig, Trainable } from "../model/mod.ts";
import type { tf } from "../runtime/mod.ts";

/**
 * Name of the parameter at an index of the flat vector: `layers.3.q_proj.lora_A`, `layers.0.qkv`, or `embedding`, `norm`
 * or `head`.
 *
 * @param config The model's sizes.
 * @param trainable The vector's layout.
 * @param index Counted from 0.
 * @returns The name.
 */
export function parameterName(
  config: Pick<ModelConfig, "layers" | "vocabSize" | "hiddenSize">,
  trainable: Trainable,
  index: number,
): string {
  const { layerSize } = trainable;
  const layer = Math.floor(index / layerSize);
  let within = index % layerSize;
  if (trainable.kind === "lora") {
    const { segments, config: { r } } = trainable;
    const { factor, modules, offset, shape } = segments.findLast(({ offset }) => offset <= within)!;
    const column = (within - offset) % shape[1];
    const module = modules[factor === "A" ? Math.floor(column / r) : 0]!;
    return `layers.${layer}.${module}.lora_${factor}`;
  }
  const matrix = config.vocabSize * config.hiddenSize;
  const inside = layer < config.layers;
  if (!inside) within = index - config.layers * layerSize;
  const parts: (readonly [string, number])[] = inside
    ? trainable.segments.map(({ name, shape }) => [
      `layers.${layer}.${name}`,
      shape.reduce((a, b) => a * b, 1),
    ])
    : [["embedding", matrix], ["norm", config.hiddenSize], ["head", matrix]];
  let end = 0;
  return parts.find(([, size]) => within < (end += size))![0];
}

/**
 * Index of the first number of a vector that is not finite, and the number; undefined where all are.
 *
 * @param vector [n], read from the backend.
 * @returns Index from 0 and number, or undefined.
 */
export function firstNonFinite(
  vector: tf.Tensor1D,
): { readonly index: number; readonly value: number } | undefined {
  const values = vector.dataSync();
  const index = values.findIndex((x) => !Number.isFinite(x));
  return index < 0 ? undefined : { index, value: values[index]! };
}
