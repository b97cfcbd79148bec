/** The experiment on what can be promised about a model's errors. @module */

import { defineExperiment, type Experiment } from "../core/experiment.ts";
import { safetyPresets, safetySchema } from "./config.ts";
import { safetyFindings } from "./findings.ts";
import { runSafety } from "./run.ts";
import { unitsOf } from "./units.ts";
import { viewSafety } from "./view.ts";

/** See the module. */
export const safety: Experiment = defineExperiment({
  id: "safety",
  question: "How much can be promised about a model's errors?",
  config: safetySchema,
  presets: safetyPresets,
  seeds: { smoke: 1, quick: 1, paper: 1 },
  findings: safetyFindings,
  run: runSafety,
  units: unitsOf,
  view: viewSafety,
});
