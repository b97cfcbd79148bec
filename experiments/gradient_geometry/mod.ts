/** The experiment on the gradients' geometry. @module */

import { defineExperiment, type Experiment } from "../core/experiment.ts";
import { geometryPresets, geometrySchema } from "./config.ts";
import { geometryFindings } from "./findings.ts";
import { runGeometry } from "./run.ts";
import { unitsOf } from "./units.ts";
import { viewGeometry } from "./view.ts";

/** See the module. */
export const gradientGeometry: Experiment = defineExperiment({
  id: "gradient-geometry",
  question: "When do capabilities conflict, and how many prompts show it?",
  config: geometrySchema,
  presets: geometryPresets,
  seeds: { smoke: 1, quick: 1, paper: 1 },
  findings: geometryFindings,
  run: runGeometry,
  units: unitsOf,
  view: viewGeometry,
});
