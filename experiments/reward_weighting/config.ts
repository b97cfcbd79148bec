/** Options of the comparison of weighting rules. @module */

import { z } from "zod";
import type { Preset } from "../core/experiment.ts";
import { tabularSchema } from "../exact/config.ts";
import { weightingNames } from "../exact/rules.ts";
import { systemsSchema } from "../stages/config.ts";
import {
  paperGrpo,
  paperStart,
  smokeGrpo,
  smokeStart,
  tinyGrpo,
  tinyStart,
} from "../stages/tiny_start.ts";

/** Options. */
export const weightingSchema = systemsSchema.omit({ mmluQuestions: true }).extend({
  rules: z.array(z.enum(weightingNames)).min(2).default([...weightingNames]).describe(
    "The rules; static must be among them",
  ).refine((rules) => rules.includes("static"), "static among the rules"),
  tabular: tabularSchema.prefault({}).describe("The exact problems beside it"),
});

/** See {@linkcode weightingSchema}. */
export type WeightingConfig = z.output<typeof weightingSchema>;

/** The options at each preset. */
export const weightingPresets: Readonly<Record<Preset, z.input<typeof weightingSchema>>> = {
  smoke: {
    ...smokeStart,
    grpo: { ...smokeGrpo, maxSteps: 2 },
    testItems: 2,
    maxNewTokens: 8,
    evaluationRows: 128,
    rules: ["GRPO", "GDPO", "conditioned", "static", "capability-aware", "momentum-aware", "MGDA"],
    tabular: { problems: 3, steps: 20 },
  },
  quick: {
    ...tinyStart,
    grpo: tinyGrpo,
    testItems: 12,
    maxNewTokens: 32,
    evaluationRows: 128,
  },
  paper: {
    ...paperStart,
    grpo: paperGrpo,
    testItems: 100,
    maxNewTokens: 56,
    evaluationRows: 128,
    tabular: { problems: 100, steps: 500 },
  },
};
