/** Options of the experiment on the convergence theorem. @module */

import { z } from "zod";
import type { Preset } from "../core/experiment.ts";

/** Options. */
export const convergenceSchema = z.object({
  instances: z.int().min(10).default(500).describe("Problems of each kind and step size"),
  steps: z.int().min(10).default(60).describe("Steps of each run"),
  adamInstances: z.int().min(3).default(150).describe("Problems for the comparison with Adam"),
  horizons: z.array(z.int().min(2)).min(2).default([8, 16, 32, 64, 128, 256, 512, 1024])
    .describe("Numbers of steps T at which the smallest norm is read"),
  noiseProblems: z.int().min(1).default(5).describe("Problems with noisy gradients"),
  noiseRuns: z.int().min(1).default(2).describe("Runs of each of them"),
  noiseHorizons: z.array(z.int().min(2)).min(2).default([64, 128, 256, 512, 1024, 2048])
    .describe("Numbers of steps T of runs with noisy gradients"),
  gateGeometries: z.int().min(1).default(60).describe("Geometries on which gates are compared"),
  gateSignals: z.array(z.number().positive()).min(1).default([0.05, 0.2, 0.5, 1, 3, 10])
    .describe("Signal to noise of the gradients that gates are compared at"),
});

/** See {@linkcode convergenceSchema}. */
export type ConvergenceConfig = z.output<typeof convergenceSchema>;

/** The options at each preset. */
export const convergencePresets: Readonly<Record<Preset, z.input<typeof convergenceSchema>>> = {
  smoke: {
    instances: 40,
    steps: 40,
    adamInstances: 15,
    horizons: [8, 16, 32, 64],
    noiseProblems: 2,
    noiseRuns: 1,
    noiseHorizons: [64, 128, 256],
    gateGeometries: 12,
    gateSignals: [0.2, 1, 10],
  },
  quick: {},
  paper: {
    instances: 5000,
    steps: 200,
    adamInstances: 1000,
    noiseProblems: 30,
    noiseRuns: 10,
    gateGeometries: 1000,
    noiseHorizons: [64, 128, 256, 512, 1024, 2048, 4096],
  },
};
