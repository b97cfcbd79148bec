/** The experiment on the convergence theorem. @module */

import { defineExperiment, type Experiment } from "../core/experiment.ts";
import { convergencePresets, convergenceSchema } from "./config.ts";
import { convergenceFindings } from "./findings.ts";
import { runConvergence } from "./run.ts";
import { unitsOf } from "./units.ts";
import { viewConvergence } from "./view.ts";

/** See the module. */
export const convergence: Experiment = defineExperiment({
  id: "convergence",
  question: "Does the convergence theorem hold, and how near to its bounds do exact problems come?",
  config: convergenceSchema,
  presets: convergencePresets,
  seeds: { smoke: 1, quick: 1, paper: 1 },
  findings: convergenceFindings,
  run: runConvergence,
  units: unitsOf,
  view: viewConvergence,
});
