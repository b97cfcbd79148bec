/** The experiment on synthesis. @module */

import { defineExperiment, type Experiment } from "../core/experiment.ts";
import { synthesisPresets, synthesisSchema } from "./config.ts";
import { synthesisFindings } from "./findings.ts";
import { runSynthesis } from "./run.ts";
import { unitsOf } from "./statistics.ts";
import { viewSynthesis } from "./view.ts";

/** See the module. */
export const synthesis: Experiment = defineExperiment({
  id: "synthesis",
  question: "What do validation and curation of synthetic items buy?",
  config: synthesisSchema,
  presets: synthesisPresets,
  seeds: { smoke: 1, quick: 1, paper: 3 },
  findings: synthesisFindings,
  run: runSynthesis,
  units: unitsOf,
  view: viewSynthesis,
});
