/**
 * A trained model as a checkpoint: the flat vector of what was trained goes back into weights by name.
 *
 * @module
 */

import { WorkbenchError } from "../../runtime/mod.ts";
import type { Checkpoint } from "./checkpoint.ts";
import type { LayerWeights } from "../core/layer.ts";
import { toPeftTensors } from "../core/lora.ts";
import { mergedCheckpoint } from "./merge.ts";
import type { FloatTensor } from "../formats/stored_tensor.ts";
import type { FullParameters, Trainable } from "../core/trainable.ts";

/** The weights, by Hugging Face name behind `model.layers.N.`, that stand side by side in each weight of a layer. */
const parts: Readonly<Record<keyof LayerWeights, readonly string[]>> = {
  inputNorm: ["input_layernorm.weight"],
  qkv: ["q", "k", "v"].map((name) => `self_attn.${name}_proj.weight`),
  qkvBias: ["q", "k", "v"].map((name) => `self_attn.${name}_proj.bias`),
  queryNorm: ["self_attn.q_norm.weight"],
  keyNorm: ["self_attn.k_norm.weight"],
  output: ["self_attn.o_proj.weight"],
  postNorm: ["post_attention_layernorm.weight"],
  gateUp: ["gate", "up"].map((name) => `mlp.${name}_proj.weight`),
  down: ["mlp.down_proj.weight"],
};

/**
 * The model with its trained values: an adapter is merged into the weights, full parameters take their place.
 *
 * @param checkpoint the model that was trained
 * @param trainable what was trained; only its layout is read
 * @param values all parameters, `[n]`
 * @throws WorkbenchError when there are more or fewer values than the layout has, or an adapter was merged before
 */
export function trainedCheckpoint(
  checkpoint: Checkpoint,
  trainable: Trainable,
  values: Float32Array,
): Checkpoint {
  if (values.length !== trainable.values.size) {
    throw new WorkbenchError(
      `Expected ${trainable.values.size} trained values but found ${values.length}`,
    );
  }
  if (trainable.kind === "lora") {
    const tensors = toPeftTensors(checkpoint.config, trainable, values);
    return mergedCheckpoint(checkpoint, { config: trainable.config, tensors });
  }
  return { ...checkpoint, weights: fullWeights(checkpoint, trainable, values) };
}

/** Cuts the vector into weights, in the order of the checkpoint's own. */
function fullWeights(
  { config, weights }: Checkpoint,
  { segments, layerSize }: FullParameters,
  values: Float32Array,
): Map<string, FloatTensor> {
  const found = new Map<string, Float32Array>();
  let at = 0;
  const take = (name: string): void => {
    found.set(name, values.slice(at, at += weights.get(name)!.data.length));
  };
  for (let layer = 0; layer < config.layers; layer++) {
    at = layer * layerSize;
    for (const { name, shape } of segments) {
      const names = parts[name].map((part) => `model.layers.${layer}.${part}`);
      if (shape.length === 1) names.forEach(take);
      else {
        const [rows, columns] = shape as [number, number];
        let first = 0;
        for (const part of names) {
          const [out] = weights.get(part)!.shape as [number, number];
          const data = new Float32Array(out * rows);
          for (let o = 0; o < out; o++) {
            for (let i = 0; i < rows; i++) {
              data[o * rows + i] = values[at + i * columns + first + o]!;
            }
          }
          found.set(part, data);
          first += out;
        }
        at += rows * columns;
      }
    }
  }
  take("model.embed_tokens.weight");
  take("model.norm.weight");
  if (!config.tieWordEmbeddings) take("lm_head.weight");
  return new Map(
    [...weights].map(([name, { shape }]) => [name, { shape, data: found.get(name)! }]),
  );
}
