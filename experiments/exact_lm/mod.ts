/** The exact experiment on language models. @module */

import { defineExperiment, type Experiment } from "../core/experiment.ts";
import { exactLmPresets, exactLmSchema } from "./config.ts";
import { exactLmFindings } from "./findings.ts";
import { unitsOf } from "./metrics.ts";
import { runExactLm } from "./run.ts";
import { viewExactLm } from "./view.ts";

/** See the module. */
export const exactLm: Experiment = defineExperiment({
  id: "exact-lm",
  question:
    "Do the weights keep a language model's capabilities from harm, where nothing is sampled?",
  config: exactLmSchema,
  presets: exactLmPresets,
  seeds: { smoke: 2, quick: 2, paper: 6 },
  options: ["studies"],
  findings: exactLmFindings,
  run: runExactLm,
  units: unitsOf,
  view: viewExactLm,
});
