/** Policies made ready for decoding, which reads all weights for every token. @module */

import { packMatrix, packsMatrices, tf } from "../../runtime/mod.ts";
import { projectionGroups } from "../core/lora.ts";
import type { LayerWeights } from "../core/layer.ts";
import type { Policy } from "../core/transformer.ts";

/** Policies with what is to be freed after decoding. */
export interface ReadyPolicies {
  /** The policies, with packed weights where that serves. */
  readonly ready: readonly Policy[];
  /** Frees what was added to them. */
  readonly free: () => void;
}

/** Rows of a step from which products with packed weights are faster: with fewer, oneDNN only reads, and rearranges bfloat16 first. */
const PACKED_ROWS = 8;

/** Numbers from which a matrix is worth packing: smaller ones stay in the processor's cache. */
const PACKED_SIZE = 2 ** 18;

/**
 * Packs the weights of policies where large products are computed in bfloat16.
 *
 * @param policies what is to decode; they stay as they are
 * @param rows completions that are decoded together
 * @returns the policies to decode with
 */
export function readyToDecode(policies: readonly Policy[], rows: number): ReadyPolicies {
  if (!packsMatrices() || rows < PACKED_ROWS) return { ready: policies, free: () => {} };
  const packed: tf.Tensor[] = [];
  const pack = (matrix: tf.Tensor): tf.Tensor2D => {
    if (matrix.size < PACKED_SIZE || matrix.shape[1]! % 2 === 1) return matrix as tf.Tensor2D;
    const result = packMatrix(matrix as tf.Tensor2D);
    packed.push(result);
    return result;
  };
  const packLayer = (weights: LayerWeights): LayerWeights => ({
    ...weights,
    ...Object.fromEntries(
      Object.keys(projectionGroups).map((group) => [
        group,
        pack(weights[group as keyof typeof projectionGroups]),
      ]),
    ),
  });
  const ready = policies.map((policy) => ({
    ...policy,
    projection: pack(policy.projection),
    layers: policy.layers.map(({ weights }) => ({ weights: packLayer(weights) })),
  }));
  return { ready, free: () => tf.dispose(packed) };
}
