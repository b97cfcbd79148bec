/** The preference sweep. @module */

import { defineExperiment, type Experiment } from "../core/experiment.ts";
import { paretoPresets, paretoSchema } from "./config.ts";
import { paretoFindings } from "./findings.ts";
import { runPareto } from "./run.ts";
import { unitsOf } from "./statistics.ts";
import { viewPareto } from "./view.ts";

/** See the module. */
export const pareto: Experiment = defineExperiment({
  id: "pareto",
  question: "What does a preference among the capabilities buy?",
  config: paretoSchema,
  presets: paretoPresets,
  seeds: { smoke: 2, quick: 3, paper: 12 },
  findings: paretoFindings,
  run: runPareto,
  units: unitsOf,
  view: viewPareto,
});
