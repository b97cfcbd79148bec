/** The experiment on forms of the advantage. @module */

import { defineExperiment, type Experiment } from "../core/experiment.ts";
import { advantagesPresets, advantagesSchema } from "./config.ts";
import { advantagesFindings } from "./findings.ts";
import { runAdvantages } from "./run.ts";
import { viewAdvantages } from "./view.ts";

/** See the module. */
export const advantages: Experiment = defineExperiment({
  id: "advantages",
  question: "What does each form of the advantage keep of several rewards?",
  config: advantagesSchema,
  presets: advantagesPresets,
  seeds: { smoke: 1, quick: 3, paper: 5 },
  findings: advantagesFindings,
  run: runAdvantages,
  view: viewAdvantages,
});
