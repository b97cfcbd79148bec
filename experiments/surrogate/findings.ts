/** What is stored of a run on forms of the surrogate. @module */

import { z } from "zod";

/** The forms, in the order of tables. */
export const formNames = [
  "leave one out",
  "one constant for each reward",
  "mean over the batch's tokens",
  "mean over each answer's tokens",
  "each reward over its deviation",
  "sum over its deviation",
  "absent rewards as 0",
  "divergence, unknown to the weights",
  "divergence, known to the weights",
  "clipped, each by its own sign",
  "clipped, all by the sum's sign",
] as const;

/** One of {@linkcode formNames}. */
export type FormName = typeof formNames[number];

/** Where batches come from. */
export const sources = ["tabular policies", "language model"] as const;

/** One of {@linkcode sources}. */
export type Source = typeof sources[number];

/** What a batch shows of a form. */
export interface FormOutcome {
  /**
   * `||d - s sum_i w_i d_i|| / ||d||` at the best scale s: d is the surrogate's gradient, d_i that of reward i alone. Where the terms of the sum
   * nearly cancel, relative to a hundredth of the sum of their lengths, as rounding is then all of d.
   */
  readonly deviation: number;
  /** Rewards whose mean the direction lowers to first order although the weights were solved to lower none. */
  readonly harmed: number;
}

/** What each form makes of a batch. */
export type Outcomes = Readonly<Record<FormName, FormOutcome>>;

const summarySchema = z.object({
  batches: z.int().min(1).describe("Batches that were compared"),
  forms: z.record(
    z.enum(formNames),
    z.object({
      largestDeviation: z.number().min(0).describe(
        "Largest deviation of the pass from the weighted sum over the batches, relative to its norm",
      ),
      harmfulBatches: z.int().min(0).describe("Batches in which some reward is harmed"),
    }),
  ),
});

/** What each form makes of all batches of a source. */
export type FormSummary = z.output<typeof summarySchema>;

/** The schema of the findings. */
export const surrogateFindings = z.object({
  sources: z.record(z.enum(sources), summarySchema).describe("By where the batches come from"),
  beta: z.number().describe("Weight of the divergence in the forms that have one"),
  epsilon: z.number().describe("Range of the clipped ratio in the forms that clip"),
});

/** See {@linkcode surrogateFindings}. */
export type SurrogateFindings = z.output<typeof surrogateFindings>;
