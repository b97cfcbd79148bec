/** Options of language models in the laboratory: the model, its start, its prompts, and the policy over their answers. @module */

import { z } from "zod";
import { answerLikelihoods } from "../../lib/laboratory/mod.ts";
import { tuningSchema } from "../../lib/runs/mod.ts";
import { sftSchema } from "../../lib/training/mod.ts";

/** Options of a language model in the laboratory. */
export const laboratorySchema = z.object({
  model: z.string().default("smollm2").describe(
    "smollm2, tiny, the path of a model or owner/name on the Hub",
  ),
  sizes: z.object({
    hiddenSize: z.int().min(96).describe("Width of the tiny model"),
    layers: z.int().min(1).describe("Its layers"),
  }).optional().describe("Other sizes of the tiny model"),
  system: z.string().default("You are a clinical assistant.").describe("System message"),
  start: sftSchema.omit({ seed: true }).extend({
    promptsPerTask: z.int().min(1).default(48).describe("Training prompts of each task"),
    heldOut: z.boolean().default(false).describe(
      "Whether as many held-out prompts are among them: free text to a prompt has its form only then",
    ),
    answers: z.enum(["one", "all"]).default("one").describe(
      "One answer of each prompt's closed set, drawn at random, or all of them",
    ),
  }).optional().describe(
    "Supervised fine-tuning of all weights on answers of the closed sets; none when left out",
  ),
  startPerReplicate: z.boolean().default(true).describe(
    "Whether every replicate is fine-tuned by itself, or all from one start",
  ),
  tuning: tuningSchema.describe("What is trained from the start on"),
  topLayers: z.int().min(1).optional().describe(
    "Last layers that are trained; what those below compute is kept. All when left out",
  ),
  promptsPerTask: z.int().min(1).default(24).describe(
    "Training prompts of each task; as many are held out",
  ),
  dial: z.number().min(0).max(1).default(0.5).describe(
    "Share of the prompts on which the rewards conflict on the same prompt; the others conflict between prompts",
  ),
  temperature: z.number().positive().default(0.3).describe(
    "What log-likelihoods of answers are divided by",
  ),
  likelihood: z.enum(answerLikelihoods).default("per_token").describe(
    "An answer's log-likelihood: its mean a token, or its sum less that of the start",
  ),
  batchPrompts: z.int().min(1).default(8).describe("Prompts that are computed at a time"),
});

/** See {@linkcode laboratorySchema}. */
export type LaboratoryConfig = z.output<typeof laboratorySchema>;

/** Options of a pilot. */
export const pilotSchema = z.object({
  steps: z.int().min(1).default(5).describe("Steps of Adam with static equal weights"),
  learningRate: z.number().positive().default(1e-3).describe("Their step size"),
  beta2: z.number().min(0).lt(1).default(0.99).describe("Decay of the second moment"),
  damping: z.number().positive().default(0.1).describe(
    "Added to the root of the second moment, in units of its root mean square",
  ),
  safety: z.number().min(1).default(1.5).describe("Factor on the smoothness that is measured"),
});
