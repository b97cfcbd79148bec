/** The comparison of weighting rules. @module */

import { defineExperiment, type Experiment } from "../core/experiment.ts";
import { weightingPresets, weightingSchema } from "./config.ts";
import { weightingFindings } from "./findings.ts";
import { runWeighting } from "./run.ts";
import { unitsOf } from "./statistics.ts";
import { viewWeighting } from "./view.ts";

/** See the module. */
export const rewardWeighting: Experiment = defineExperiment({
  id: "reward-weighting",
  question: "Which rule should weigh the capabilities' rewards?",
  config: weightingSchema,
  presets: weightingPresets,
  seeds: { smoke: 2, quick: 2, paper: 12 },
  findings: weightingFindings,
  run: runWeighting,
  units: unitsOf,
  view: viewWeighting,
});
