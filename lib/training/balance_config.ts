/** Options of the rewards' weights: the rule, what it is solved from, and the order of the optimizer that it needs. @module */

import { z } from "zod";
import { type AggregatorName, aggregators } from "../balance/mod.ts";
import { loopSchema } from "./loop_config.ts";

/** Ways to set the rewards' weights: kept as they are, or by a rule of `balance/` from the measured Gram matrix. */
export const weightings: [AggregatorName, ...AggregatorName[]] = Object.keys(aggregators) as [
  AggregatorName,
  ...AggregatorName[],
];

/** Options of the rewards' weights. */
export const balanceSchema = z.object({
  weighting: z.enum(weightings).default("static").describe(
    "Keep the reward weights, or set them by a rule from the gradients' Gram matrix",
  ),
  momentumAware: z.boolean().default(true).describe(
    "Capability-aware weights take the optimizer's momentum, decay and the divergence into account",
  ),
  cap: z.number().min(0).default(4).describe("Largest addition to a capability-aware weight"),
  ridge: z.number().min(0).default(0.01).describe(
    "Ridge of capability-aware weights, relative to the Gram matrix's diagonal",
  ),
  gramSteps: z.int().min(1).default(1).describe(
    "Steps from one solution for the weights to the next; between them the last weights hold",
  ),
  gramMetric: z.enum(["optimizer", "euclidean"]).default("optimizer").describe(
    "Metric of the Gram matrix: the optimizer's before the step, or none",
  ),
  gramBlocks: z.int().min(2).optional().describe(
    "Blocks of prompts whose gradients are kept apart; one a prompt, at most 16, when left out",
  ),
  crossFit: z.boolean().default(true).describe(
    "Weights from each half of the blocks multiply the gradients of the other one",
  ),
  gate: z.enum(["none", "shrink", "veto"]).default("none").describe(
    "What noise does to a rule: nothing, shrink products, or take vetoes of capabilities below it",
  ),
  solve: z.enum(["this_step", "next_step"]).default("this_step").describe(
    "Weights hold for the step that they are solved in, or from the next one on",
  ),
  secondMoment: z.enum(["before", "after"]).optional().describe(
    "Divide by the second moment before the step's own gradient, or after it as PyTorch; before for a rule, else after",
  ),
  clip: z.enum(["step", "gradient"]).optional().describe(
    "Scale the step to maxGradNorm, or the gradient before the momentum as PyTorch; step for a rule, else gradient",
  ),
});

const preference = z.array(z.number().min(0)).describe("Weight of each reward");

/** Options of training on an objective whose gradients are exact. */
export const exactSchema = loopSchema.extend({
  ...balanceSchema.shape,
  rewardWeights: preference,
});
