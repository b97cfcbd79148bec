/** What is stored of the main comparison. @module */

import { z } from "zod";
import { capabilities, splits } from "../../lib/synthesis/mod.ts";
import { heldOutItemSchema, stepLogsSchema } from "../stages/findings.ts";

const score = z.number().min(0).max(1);

const itemRunSchema = z.object({
  seed: z.int().min(0).describe("Seed of the training; 0 for what is not trained"),
  scores: z.array(score).readonly().describe("Score of each item, in the order of `items`"),
  invalid: z.array(z.boolean()).readonly().describe("Whether the answer could not be read"),
  mmlu: z.array(score).readonly().nullable().describe(
    "1 for each right answer to MMLU, in the order of the questions; null where it was not asked",
  ),
});

const systemRunsSchema = z.object({
  name: z.string().describe("The system"),
  runs: z.array(itemRunSchema).min(1).readonly().describe("One for each seed"),
});

/** A system's scores at every seed. */
export type SystemRuns = Readonly<z.output<typeof systemRunsSchema>>;

/** The schema of the findings. */
export const mainResultsFindings = z.object({
  data: z.array(z.object({
    capability: z.enum(capabilities),
    family: z.string(),
    split: z.enum(splits),
    items: z.int().min(0),
  })).readonly().describe("Numbers of items that the systems are trained and tested on"),
  items: z.array(heldOutItemSchema).min(1).readonly().describe(
    "The held-out items, capability by capability",
  ),
  promptHash: z.record(z.string(), z.string()).describe(
    "Hash of the prompts of each capability and of MMLU",
  ),
  systems: z.array(systemRunsSchema).readonly().describe(
    "The systems' answers, item by item; without those of a run that did not keep them",
  ),
  sftLogs: z.array(stepLogsSchema).min(1).readonly().describe(
    "Logs of supervised fine-tuning, one a seed",
  ),
  logs: z.record(z.string(), z.array(stepLogsSchema).min(1).readonly()).describe(
    "Logs of each kind of GRPO, one a seed",
  ),
});

/** See {@linkcode mainResultsFindings}. */
export type MainResultsFindings = z.output<typeof mainResultsFindings>;
