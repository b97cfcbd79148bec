/**
 * Rotary position embeddings (Su et al. 2021, arXiv 2104.09864) and how long-context models slow their frequencies.
 *
 * Pair i of a head of width D turns by `theta^(-2i/D)` a position. Position interpolation (Chen et al. 2023, arXiv
 * 2306.15595) divides all frequencies by one factor; Llama 3.1 (arXiv 2407.21783) divides the slow ones and keeps the
 * fast ones; YaRN (Peng et al. 2023, arXiv 2309.00071) does so with a ramp over the pairs, and scales the attention.
 *
 * @module
 */

import type { ModelConfig } from "./config.ts";

/** What positions are multiplied by before cosine and sine are taken, and what those are multiplied by. */
export interface RotaryFrequencies {
  /** Radians per position of each pair, `[headDim / 2]`. */
  readonly frequencies: Float32Array;
  /** Factor of cosine and sine of queries and keys, 1 for all scalings but YaRN. */
  readonly attentionFactor: number;
}

/**
 * The rotary frequencies of a model.
 *
 * @param config its head width, base and scaling
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { rotaryFrequencies } from "./rotary.ts";
 *
 * const scaling = { type: "linear", factor: 4 } as const;
 * const config = { headDim: 4, ropeTheta: 10000, ropeScaling: scaling };
 * assertEquals([...rotaryFrequencies(config).frequencies], [0.25, Math.fround(0.0025)]);
 * ```
 */
export function rotaryFrequencies(
  config: Pick<ModelConfig, "headDim" | "ropeTheta" | "ropeScaling">,
): RotaryFrequencies {
  const { headDim, ropeTheta, ropeScaling: scaling } = config;
  const divide = divisor(config);
  return {
    frequencies: Float32Array.from(
      { length: headDim / 2 },
      (_, i) => ropeTheta ** (-(2 * i) / headDim) / divide(i),
    ),
    attentionFactor: scaling?.type === "yarn" ? scaling.attentionFactor : 1,
  };
}

/**
 * What the frequency of each pair is divided by, as llama.cpp stores it for Llama 3 (`rope_freqs.weight`).
 *
 * @param config head width, base and scaling of the model
 * @returns `[headDim / 2]`
 */
export function rotaryDivisors(
  config: Pick<ModelConfig, "headDim" | "ropeTheta" | "ropeScaling">,
): Float32Array {
  const divide = divisor(config);
  return Float32Array.from({ length: config.headDim / 2 }, (_, i) => divide(i));
}

/** What the frequency of each pair is divided by. */
function divisor(
  { headDim, ropeTheta, ropeScaling: scaling }: Pick<
    ModelConfig,
    "headDim" | "ropeTheta" | "ropeScaling"
  >,
): (pair: number) => number {
  // A share `kept` of the frequency stays, the rest is divided.
  const blend = (factor: number, kept: number): number => 1 / ((1 - kept) / factor + kept);
  const clamp = (x: number): number => Math.min(Math.max(x, 0), 1);
  switch (scaling?.type) {
    case undefined:
      return () => 1;
    case "linear":
      return () => scaling.factor;
    case "llama3": {
      const { factor, lowFreqFactor: low, highFreqFactor: high } = scaling;
      return (i) => {
        const turns = scaling.originalMaxPositions * ropeTheta ** (-(2 * i) / headDim) /
          (2 * Math.PI);
        return blend(factor, clamp((turns - low) / (high - low)));
      };
    }
    case "yarn": {
      // The pair whose wave turns a number of times within the original length.
      const pairAt = (turns: number): number =>
        headDim * Math.log(scaling.originalMaxPositions / (turns * 2 * Math.PI)) /
        (2 * Math.log(ropeTheta));
      const first = Math.max(Math.floor(pairAt(scaling.betaFast)), 0);
      const last = Math.min(Math.ceil(pairAt(scaling.betaSlow)), headDim - 1);
      const width = first === last ? 0.001 : last - first;
      return (i) => blend(scaling.factor, 1 - clamp((i - first) / width));
    }
  }
}
