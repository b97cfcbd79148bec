/** What a language model in the laboratory is, in words. @module */

import { conflictTasks } from "../../lib/synthesis/mod.ts";
import type { LaboratoryConfig } from "./config.ts";

/**
 * The model, what is trained of it, and its prompts, for methods.
 *
 * @param config options
 * @returns a part of a sentence
 */
export function modelText(
  { model, start, tuning, topLayers, promptsPerTask, dial }: LaboratoryConfig,
): string {
  const tuned = start === undefined
    ? "as it is"
    : `after ${start.maxSteps} steps of SFT on random answers`;
  const layers = topLayers === undefined
    ? "all layers"
    : topLayers === 1
    ? "its last layer"
    : `its ${topLayers} last layers`;
  const trained = tuning.kind === "full" ? "all weights" : `LoRA of rank ${tuning.r}`;
  return `model ${model} ${tuned}, ${trained} of ${layers}; ${
    conflictTasks.length * promptsPerTask
  } prompts of ${conflictTasks.length} conflict tasks, as many held out, dial ${dial}`;
}
