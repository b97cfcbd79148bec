/**
 * Rotary position embeddings (Su et al. 2021, arXiv 2104.09864) and how long-context models slow their frequencies.
 *
 * Pair i of a head of width D turns by `theta^(-2i/D)` a position. Position interpolation (Chen et al. 2023, arXiv
 * 2306.15595) divides all frequencies by one factor; Llama 3.1 (arXiv 2407.21783) divides the slow ones and keeps the
 * fast ones; YaRN (Peng et al. 2023, arXiv 2309.00071) does so with a ramp over the pairs, and scales the attention.
 *
 * @module
 */

import * as z from "zod";
import { parseConfig, WorkbenchError } from "../../runtime/mod.ts";
import type { ModelConfig } from "./config.ts";
import { inMessage } from "../formats/text.ts";

/** How the rotary frequencies of a model are scaled. */
export type RopeScaling =
  | {
    /** All frequencies are divided by the factor. */
    readonly type: "linear";
    /** How many times longer texts become. */
    readonly factor: number;
  }
  | {
    /** Waves longer than `originalMaxPositions / lowFreqFactor` are divided by the factor, short ones kept. */
    readonly type: "llama3";
    /** How many times longer texts become. */
    readonly factor: number;
    /** Turns within the original length below which a wave is long. */
    readonly lowFreqFactor: number;
    /** Turns within the original length above which a wave is short. */
    readonly highFreqFactor: number;
    /** Longest text before scaling, in tokens. */
    readonly originalMaxPositions: number;
  }
  | {
    /** As `llama3`, with a linear ramp over the pairs in between, and a factor on cosine and sine. */
    readonly type: "yarn";
    /** How many times longer texts become. */
    readonly factor: number;
    /** Turns within the original length above which a wave is kept. */
    readonly betaFast: number;
    /** Turns within the original length below which a wave is divided. */
    readonly betaSlow: number;
    /** Longest text before scaling, in tokens. */
    readonly originalMaxPositions: number;
    /** What cosine and sine are multiplied by. */
    readonly attentionFactor: number;
  };

const positive = z.number().positive();
const length = z.number().int().positive();

const schemas = {
  default: z.object({}),
  linear: z.object({ factor: positive }),
  llama3: z.object({
    factor: positive,
    low_freq_factor: positive,
    high_freq_factor: positive,
    original_max_position_embeddings: length,
  }),
  yarn: z.object({
    factor: positive,
    beta_fast: positive.nullish(),
    beta_slow: positive.nullish(),
    original_max_position_embeddings: length,
    attention_factor: positive.nullish(),
    mscale: z.null().optional(),
    mscale_all_dim: z.null().optional(),
    truncate: z.literal(true).nullish(),
  }),
};

/**
 * Reads the scaling from `rope_parameters` (or, in older files, `rope_scaling`) of a `config.json`.
 *
 * @param rope what stands there
 * @param where the file's path, for messages
 * @returns undefined when the frequencies are not scaled
 * @throws UsageError when a number is missing or wrong
 * @throws WorkbenchError when the type is not `default`, `linear`, `llama3` or `yarn`
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseRopeScaling } from "./rotary.ts";
 *
 * const scaling = parseRopeScaling({ rope_type: "linear", factor: 4 }, "config.json");
 * assertEquals(scaling, { type: "linear", factor: 4 });
 * ```
 */
export function parseRopeScaling(
  rope: Readonly<Record<string, unknown>>,
  where: string,
): RopeScaling | undefined {
  const type = rope["rope_type"] ?? rope["type"] ?? "default";
  const fail = (expected: string, found: unknown): never => {
    throw new WorkbenchError(
      `Expected ${expected} but found ${inMessage(JSON.stringify(found))} in ${where}`,
    );
  };
  if ((rope["partial_rotary_factor"] ?? 1) !== 1) {
    fail("partial_rotary_factor to be 1", rope["partial_rotary_factor"]);
  }
  switch (type) {
    case "default":
      return undefined;
    case "linear":
      return { type: "linear", factor: parseConfig(schemas.linear, rope, where).factor };
    case "llama3": {
      const raw = parseConfig(schemas.llama3, rope, where);
      if (!(raw.low_freq_factor < raw.high_freq_factor)) {
        fail(`low_freq_factor to be below ${raw.high_freq_factor}`, raw.low_freq_factor);
      }
      return {
        type: "llama3",
        factor: raw.factor,
        lowFreqFactor: raw.low_freq_factor,
        highFreqFactor: raw.high_freq_factor,
        originalMaxPositions: raw.original_max_position_embeddings,
      };
    }
    case "yarn": {
      const raw = parseConfig(schemas.yarn, rope, where);
      return {
        type: "yarn",
        factor: raw.factor,
        betaFast: raw.beta_fast ?? 32,
        betaSlow: raw.beta_slow ?? 1,
        originalMaxPositions: raw.original_max_position_embeddings,
        attentionFactor: raw.attention_factor ??
          (raw.factor <= 1 ? 1 : 0.1 * Math.log(raw.factor) + 1),
      };
    }
    default:
      return fail(`rope_type to be one of ${Object.keys(schemas).join(", ")}`, type);
  }
}

/**
 * What `config.json` says of a scaling: the inverse of {@link parseRopeScaling}.
 *
 * @param scaling undefined for frequencies that are not scaled
 */
export function ropeScalingToHuggingFace(
  scaling: RopeScaling | undefined,
): Record<string, string | number> {
  if (scaling === undefined) return { rope_type: "default" };
  const { type, factor } = scaling;
  switch (type) {
    case "linear":
      return { rope_type: type, factor };
    case "llama3":
      return {
        rope_type: type,
        factor,
        low_freq_factor: scaling.lowFreqFactor,
        high_freq_factor: scaling.highFreqFactor,
        original_max_position_embeddings: scaling.originalMaxPositions,
      };
    case "yarn":
      return {
        rope_type: type,
        factor,
        beta_fast: scaling.betaFast,
        beta_slow: scaling.betaSlow,
        original_max_position_embeddings: scaling.originalMaxPositions,
        attention_factor: scaling.attentionFactor,
      };
  }
}

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
