/** Options of the exact tabular problems. @module */

import { z } from "zod";

/** Options. */
export const tabularSchema = z.object({
  problems: z.int().min(1).default(20).describe("Problems, one a seed"),
  prompts: z.int().min(1).default(6).describe("Prompts"),
  answers: z.int().min(2).default(8).describe("Answers to each prompt"),
  conflict: z.number().min(0).max(1).default(0.9).describe(
    "0: independent rewards; 1: as opposed as they can be",
  ),
  steps: z.int().min(1).default(200).describe("Steps of ascent"),
  learningRate: z.number().positive().default(10).describe("Step size"),
});

/** See {@linkcode tabularSchema}. */
export type TabularConfig = z.output<typeof tabularSchema>;
