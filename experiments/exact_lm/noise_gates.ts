/** Weights from the products of drawn batches under each gate, judged by the exact gradients. @module */

import { weighted } from "../../lib/balance/mod.ts";
import { average } from "../../lib/evaluation/mod.ts";
import { type RandomStream, tf } from "../../lib/runtime/mod.ts";
import { balanceSchema, blockWeights, meanWeights } from "../../lib/training/mod.ts";
import {
  type AnswerPopulation,
  type BatchSizes,
  drawBatch,
  type PopulationMoments,
} from "./answer_noise.ts";
import { type Gate, gates, type NoiseRow } from "./findings.ts";

/** Entries of the batches' coefficients that are multiplied at a time. */
const CHUNK = 2 ** 23;

/** Products between the blocks of some batches, [batches][blocks * m][blocks * m]. */
function blockProducts(
  { products, width, probabilities }: AnswerPopulation,
  coefficients: readonly Float32Array[],
): number[][][] {
  const size = probabilities.length * width;
  const rows = coefficients[0]!.length / size;
  return tf.tidy(() => {
    const flat = new Float32Array(coefficients.length * rows * size);
    coefficients.forEach((own, k) => flat.set(own, k * own.length));
    const all = tf.tensor3d(flat, [coefficients.length, rows, size]);
    const matrix = tf.tensor2d(products, [size, size]);
    const half = tf.reshape(tf.matMul(tf.reshape(all, [-1, size]), matrix), all.shape);
    return (tf.matMul(half, all, false, true) as tf.Tensor3D).arraySync();
  });
}

/** What weights do, judged by the exact gradients. */
export interface JudgedWeights {
  /** `max_i -<g_i, d> / (|g_i| |d|)`, at least 0: minus the least cosine of `d = sum_i w_i g_i` with a gradient. */
  readonly harm: number;
  /** `max_i -<g_i, d> / (|g_i| |u|)`, at least 0: the same in units of the preferred step's length. */
  readonly fall: number;
  /** `<u, d> / |u|^2`: gain of the preferred sum to first order, 1 for w = p. */
  readonly gain: number;
  /** `|d| / |u|`. */
  readonly length: number;
}

/**
 * Judges weights by the exact gradients.
 *
 * @param gram the population's Gram matrix G, [m, m]
 * @param weights w, [m]
 * @param preference p, [m]
 * @returns harm, fall, gain and length
 */
export function judgeWeights(
  gram: PopulationMoments["gram"],
  weights: readonly number[],
  preference: readonly number[],
): JudgedWeights {
  const rates = gram.map((row) => weighted(row, weights));
  const preferred = Math.sqrt(weighted(preference, gram.map((row) => weighted(row, preference))));
  const length = Math.sqrt(Math.max(0, weighted(weights, rates)));
  const least = Math.min(
    ...rates.flatMap((rate, i) => gram[i]![i]! > 0 ? [rate / Math.sqrt(gram[i]![i]!)] : []),
  );
  const below = (scale: number) => scale > 0 ? Math.max(0, -least / scale) : 0;
  return {
    harm: below(length),
    fall: below(preferred),
    gain: weighted(preference, rates) / preferred ** 2,
    length: length / preferred,
  };
}

/** Weights of a gate from one batch's products. */
function gatedWeights(
  gate: Gate,
  flat: readonly (readonly number[])[],
  shares: readonly number[],
  preference: readonly number[],
  names: readonly string[],
): readonly number[] {
  if (gate === "static") return preference;
  const m = preference.length;
  const blocks = shares.map((_, b) => b);
  const gram = blocks.map((b) =>
    blocks.map((c) => names.map((_, i) => names.map((_, j) => flat[b * m + i]![c * m + j]!)))
  );
  const config = balanceSchema.parse({ weighting: "capability_aware", momentumAware: false, gate });
  const { weights } = blockWeights({
    products: {
      gram,
      momentum: blocks.map(() => names.map(() => 0)),
      divergence: undefined,
      penalty: undefined,
      decay: undefined,
    },
    shares: shares.map((share) => names.map(() => share)),
    divergenceShares: blocks.map(() => 0),
    config: { ...config, rewardWeights: [...preference] },
    beta1: 0,
    aggregator: undefined,
    names,
  });
  return meanWeights(weights);
}

/** What batches are drawn for. */
export interface GateTrial {
  /** Sizes of a batch. */
  readonly sizes: BatchSizes;
  /** Number of batches. */
  readonly draws: number;
  /** Preference p, [m]. */
  readonly preference: readonly number[];
  /** Names of the rewards, [m]. */
  readonly names: readonly string[];
}

/**
 * Draws batches and judges the weights that every gate makes of them.
 *
 * @param population answers and products
 * @param moments the population's exact Gram matrix
 * @param trial sizes and number of the batches
 * @param random where the batches come from; all gates see the same ones
 * @returns means over the batches, a row for each gate
 */
export function trialGates(
  population: AnswerPopulation,
  moments: Pick<PopulationMoments, "gram">,
  { sizes, draws, preference, names }: GateTrial,
  random: RandomStream,
): NoiseRow["gates"] {
  const entries = sizes.blocks * names.length * population.rewards.length * population.width;
  const together = Math.max(1, Math.floor(CHUNK / entries));
  const judged = gates.map(() => [] as JudgedWeights[]);
  for (let done = 0; done < draws; done += together) {
    const batches = Array.from(
      { length: Math.min(together, draws - done) },
      () => drawBatch(population, sizes, random),
    );
    const products = blockProducts(population, batches.map(({ coefficients }) => coefficients));
    batches.forEach(({ shares }, k) =>
      gates.forEach((gate, g) => {
        const weights = gatedWeights(gate, products[k]!, shares, preference, names);
        judged[g]!.push(judgeWeights(moments.gram, weights, preference));
      })
    );
  }
  return gates.map((gate, g) => {
    const mean = (pick: (found: JudgedWeights) => number) => average(judged[g]!.map(pick));
    return {
      gate,
      harm: mean(({ harm }) => harm),
      fall: mean(({ fall }) => fall),
      gain: mean(({ gain }) => gain),
      length: mean(({ length }) => length),
    };
  });
}
