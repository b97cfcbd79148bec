/** The main comparison. @module */

import { defineExperiment, type Experiment } from "../core/experiment.ts";
import { systemsSchema } from "../stages/config.ts";
import { mainResultsPresets } from "./config.ts";
import { mainResultsFindings } from "./findings.ts";
import { runMainResults } from "./run.ts";
import { unitsOf } from "./statistics.ts";
import { viewMainResults } from "./view.ts";

/** See the module. */
export const mainResults: Experiment = defineExperiment({
  id: "main-results",
  question: "Which of five systems is best on the four capabilities?",
  config: systemsSchema,
  presets: mainResultsPresets,
  seeds: { smoke: 1, quick: 1, paper: 3 },
  findings: mainResultsFindings,
  run: runMainResults,
  units: unitsOf,
  view: viewMainResults,
});
