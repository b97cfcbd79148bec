/**
 * How long-context models slow their rotary frequencies ({@linkcode rotaryFrequencies} says what each scaling does), and
 * how a `config.json` says so.
 *
 * @module
 */

import * as z from "zod";
import { parseConfig, WorkbenchError } from "../../runtime/mod.ts";
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
 * import { parseRopeScaling } from "./rope_scaling.ts";
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
  if ((rope["mrope_section"] ?? null) !== null) {
    fail("no mrope_section: rotary positions of images are not supported", rope["mrope_section"]);
  }
  const layers = Object.keys(rope).find((key) => /_attention$/.test(key));
  if (layers !== undefined) {
    fail(`no ${inMessage(layers)}: one scaling for all layers`, rope[layers]);
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
