/** The experiment on what training costs. @module */

import { defineExperiment, type Experiment } from "../core/experiment.ts";
import { costPresets, costSchema } from "./config.ts";
import { costFindings } from "./findings.ts";
import { runCost } from "./run.ts";
import { unitsOf } from "./units.ts";
import { viewCost } from "./view.ts";

/** See the module. */
export const cost: Experiment = defineExperiment({
  id: "cost",
  question: "What does training cost, and what saves it?",
  config: costSchema,
  presets: costPresets,
  seeds: { smoke: 1, quick: 1, paper: 3 },
  timed: ["cost", "adaptation"],
  findings: costFindings,
  run: runCost,
  units: unitsOf,
  view: viewCost,
});
