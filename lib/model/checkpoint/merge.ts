/**
 * Puts a LoRA adapter into the weights of its model, which then need no adapter any more.
 *
 * @module
 */

import { WorkbenchError } from "../../runtime/mod.ts";
import type { AdapterFiles } from "./adapter_files.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { loraScale, type Projection } from "../core/lora.ts";
import type { FloatTensor } from "../formats/stored_tensor.ts";
import { inMessage } from "../formats/text.ts";

const block = (name: Projection): string => /^[qkvo]_/.test(name) ? "self_attn" : "mlp";

/**
 * A model whose weights hold an adapter's update: `W + s B A` with W `[out, in]`, A `[r, in]`, B `[out, r]` and s of
 * alpha / r (Hu et al. 2021, arXiv 2106.09685) or alpha / sqrt(r). Sums are made in float64 and rounded once.
 *
 * Weights without an update are shared with the model, not copied. `source.merged` tells what was merged; it is kept in
 * the files that `writeCheckpoint` writes.
 *
 * @param checkpoint the model
 * @param adapter the adapter, from `readAdapter`
 * @throws WorkbenchError when an adapter was merged before, or a factor is missing, left over or does not fit
 */
export function mergedCheckpoint(checkpoint: Checkpoint, adapter: AdapterFiles): Checkpoint {
  const { config, weights, source } = checkpoint;
  if (source.merged !== undefined) {
    throw new WorkbenchError(
      `Expected a model without a merged adapter but found one (${
        inMessage(source.merged)
      }) in ${source.name}`,
    );
  }
  const { r, loraAlpha, targetModules, useRslora } = adapter.config;
  const scale = loraScale(adapter.config);
  const result = new Map(weights);
  const used = new Set<string>();
  for (let layer = 0; layer < config.layers; layer++) {
    for (const target of targetModules) {
      const name = `model.layers.${layer}.${block(target)}.${target}`;
      const factor = (letter: "A" | "B"): FloatTensor => {
        const key = `${name}.lora_${letter}.weight`;
        used.add(key);
        const found = adapter.tensors.get(key);
        if (found === undefined) {
          throw new WorkbenchError(`Expected a factor ${key} but found none in the adapter`);
        }
        return found;
      };
      const stored = weights.get(`${name}.weight`)!;
      result.set(`${name}.weight`, updated(name, stored, factor("A"), factor("B"), scale));
    }
  }
  for (const name of adapter.tensors.keys()) {
    if (!used.has(name)) {
      throw new WorkbenchError(
        `Expected only factors of the model's ${config.layers} layers but found ${
          inMessage(name)
        } in the adapter`,
      );
    }
  }
  const merged = `LoRA r ${r}, alpha ${loraAlpha}${useRslora ? ", rank-stabilised" : ""}, on ${
    targetModules.join(", ")
  }`;
  return { ...checkpoint, weights: result, source: { ...source, merged } };
}

/** W + scale B A. */
function updated(
  name: string,
  stored: FloatTensor,
  a: FloatTensor,
  b: FloatTensor,
  scale: number,
): FloatTensor {
  const [out, width] = stored.shape as [number, number];
  const rank = a.shape[0]!;
  for (
    const [letter, { shape }, expected] of [["A", a, [rank, width]], ["B", b, [out, rank]]] as const
  ) {
    if (shape.length !== 2 || shape.some((size, axis) => size !== expected[axis])) {
      throw new WorkbenchError(
        `Expected lora_${letter} of ${name} to have shape [${expected}] but found [${shape}] in the adapter`,
      );
    }
  }
  const data = new Float32Array(stored.data.length);
  const row = new Float64Array(width);
  for (let o = 0; o < out; o++) {
    row.fill(0);
    for (let k = 0; k < rank; k++) {
      const factor = b.data[o * rank + k]!;
      const at = k * width;
      for (let i = 0; i < width; i++) row[i]! += factor * a.data[at + i]!;
    }
    const at = o * width;
    for (let i = 0; i < width; i++) data[at + i] = stored.data[at + i]! + scale * row[i]!;
  }
  return { shape: stored.shape, data };
}
