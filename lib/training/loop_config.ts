/** Options of the optimizer and the loop. @module */

import { z } from "zod";
import { lrSchedulerTypes } from "./schedule.ts";

/** Options of the optimizer and the loop, under TRL's names in camel case. */
export const loopSchema = z.object({
  maxSteps: z.int().min(1).describe("Number of optimizer steps"),
  learningRate: z.number().positive().describe("Highest learning rate"),
  lrSchedulerType: z.enum(lrSchedulerTypes).default("linear").describe("Fall after warm-up"),
  warmupRatio: z.number().min(0).max(1).default(0.1).describe("Share of steps of warm-up"),
  warmupSteps: z.int().min(0).default(0).describe(
    "Steps of warm-up in place of the share, where not 0",
  ),
  minLrRate: z.number().min(0).max(1).default(0).describe(
    "Least learning rate as a share of the highest, in cosine_with_min_lr and polynomial",
  ),
  lrPower: z.number().positive().default(1).describe("Exponent of the polynomial schedule"),
  weightDecay: z.number().min(0).default(0).describe("Decoupled weight decay"),
  adamBeta1: z.number().min(0).lt(1).default(0.9).describe("Decay of the first moment"),
  adamBeta2: z.number().min(0).lt(1).default(0.999).describe("Decay of the second moment"),
  adamEpsilon: z.number().positive().default(1e-8).describe(
    "Added to the root of the second moment",
  ),
  maxGradNorm: z.number().positive().default(1).describe(
    "Gradients are scaled to at most this norm",
  ),
  gradientCheckpointing: z.boolean().optional().describe(
    "Compute layers again in the backward pass; left out, the memory at hand decides",
  ),
  saveSteps: z.int().min(1).default(10).describe("Steps between checkpoints"),
  seed: z.int().min(0).default(0).describe("Fixes order, samples and initial values"),
});
