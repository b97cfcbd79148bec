/** The experiment on sampled answers. @module */

import { defineExperiment, type Experiment } from "../core/experiment.ts";
import { sampledPresets, sampledSchema } from "./config.ts";
import { sampledFindings } from "./findings.ts";
import { unitsOf } from "./metrics.ts";
import { runSampled } from "./run.ts";
import { viewSampled } from "./view.ts";

/** See the module. */
export const sampled: Experiment = defineExperiment({
  id: "sampled",
  question: "Does CA-GRPO on sampled answers keep rewards from falling, and at what price?",
  config: sampledSchema,
  presets: sampledPresets,
  seeds: { smoke: 2, quick: 1, paper: 6 },
  findings: sampledFindings,
  run: runSampled,
  units: unitsOf,
  view: viewSampled,
});
