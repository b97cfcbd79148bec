/** The experiment on forms of the surrogate. @module */

import { defineExperiment, type Experiment } from "../core/experiment.ts";
import { surrogatePresets, surrogateSchema } from "./config.ts";
import { surrogateFindings } from "./findings.ts";
import { runSurrogate } from "./run.ts";
import { viewSurrogate } from "./view.ts";

/** See the module. */
export const surrogate: Experiment = defineExperiment({
  id: "surrogate",
  question: "When is one backward pass the weighted sum of the rewards' gradients?",
  config: surrogateSchema,
  presets: surrogatePresets,
  seeds: { smoke: 1, quick: 1, paper: 1 },
  findings: surrogateFindings,
  run: runSurrogate,
  view: viewSurrogate,
});
