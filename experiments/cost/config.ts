/** Options of the cost experiment. @module */

import { z } from "zod";
import { sftSchema } from "../../lib/training/mod.ts";
import { tuningSchema } from "../../lib/runs/mod.ts";
import type { Preset } from "../core/experiment.ts";
import { shapeNames } from "./shapes.ts";
import { paperStart, smokeStart, tinyStart } from "../stages/tiny_start.ts";

const sizesSchema = z.union([
  z.object({
    hiddenSize: z.int().min(96).describe("Width of the tiny model"),
    layers: z.int().min(1).describe("Its number of layers"),
  }),
  z.object({ shape: z.enum(shapeNames).describe("Published model, with random weights") }),
]);

/** Sizes of a model with random weights. */
export type Sizes = z.output<typeof sizesSchema>;

/** What a process of its own measures. */
export const workloadSchema = z.object({
  model: z.string().describe("tiny, smollm2 or a path"),
  sizes: sizesSchema.optional().describe("Another model, with random weights"),
  tuning: tuningSchema,
  kind: z.enum(["parts", "grpo"]).describe(
    "parts: sampling and a training step by themselves; grpo: whole steps",
  ),
  sharedPrefix: z.boolean().default(true).describe(
    "Completions of a prompt share its computation; else each is a group of its own (parts)",
  ),
  weighting: z.enum(["static", "capability_aware"]).default("static").describe(
    "Weights of the rewards (grpo)",
  ),
  gramSteps: z.int().min(1).default(1).describe("Steps between solutions for the weights (grpo)"),
  promptsPerStep: z.int().min(2).describe("Prompts in a step"),
  numGenerations: z.int().min(2).describe("Completions of each prompt"),
  promptLength: z.int().min(1).describe("Tokens of a prompt"),
  completionLength: z.int().min(1).describe("Tokens of a completion"),
  steps: z.int().min(1).describe("Timed steps, after those that warm up"),
  threads: z.int().min(1).optional().describe(
    "Threads of an operation; as many as there are processors when left out",
  ),
});

/** See {@linkcode workloadSchema}. */
export type Workload = z.output<typeof workloadSchema>;

/** What of a step cost grows with, one at a time, besides the model. */
export const grownOptions = [
  "promptsPerStep",
  "promptLength",
  "completionLength",
  "threads",
] as const;

/** One of {@linkcode grownOptions}. */
export type GrownOption = typeof grownOptions[number];

/** Names of the ways to tune. */
export const tunings = ["LoRA", "full"] as const;

/** One of {@linkcode tunings}. */
export type TuningName = typeof tunings[number];

const { seed: _, ...sftShape } = sftSchema.shape;

/** Options. */
export const costSchema = z.object({
  model: z.string().default("tiny").describe("tiny, smollm2 or the path of a model"),
  items: z.int().min(40).default(1600).describe("Synthetic items, over all splits"),
  lora: z.object({
    r: z.int().min(1).default(16).describe("Rank"),
    loraAlpha: z.number().positive().default(32).describe("Numerator of the scale"),
  }).prefault({}).describe("The adapter"),
  start: z.object({
    families: z.array(z.string()).min(1).describe("Families that the start is tuned on"),
    sft: z.object(sftShape).describe("Supervised fine-tuning"),
  }).optional().describe("Full tuning before the comparison; left out, the model as it is"),
  adaptation: z.object({
    families: z.array(z.string()).min(1).describe("Families of items that are new"),
    learningRates: z.object({
      LoRA: z.number().positive().describe("With an adapter"),
      full: z.number().positive().describe("With all parameters"),
    }),
    maxSteps: z.int().min(8).describe("Steps of each way to tune"),
    perDeviceTrainBatchSize: z.int().min(1).default(8).describe("Examples in a step"),
    window: z.int().min(1).default(10).describe("Steps in the running mean of the loss"),
  }).describe("Cost to reach a given loss on new tasks, each example seen once"),
  work: workloadSchema.pick({
    promptsPerStep: true,
    numGenerations: true,
    promptLength: true,
    completionLength: true,
    steps: true,
    gramSteps: true,
  }).describe("The steps that are timed"),
  sizes: z.array(sizesSchema).min(2).describe("Sizes of models over which cost grows"),
  growth: z.object({
    promptsPerStep: z.array(z.int().min(2)).min(1).default([2, 32]).describe("Prompts of a step"),
    promptLength: z.array(z.int().min(1)).min(1).default([32, 512]).describe("Tokens of a prompt"),
    completionLength: z.array(z.int().min(1)).min(1).default([12, 192]).describe(
      "Tokens of a completion",
    ),
    threads: z.array(z.int().min(1)).min(1).default([1, 2, 4, 8, 16, 32, 64]).describe(
      "Threads of an operation; only those are tried that are fewer than the machine's processors",
    ),
  }).prefault({}).describe("Values that take the place of those of `work`, one at a time"),
  cluster: z.object({
    nodes: z.array(z.int().min(1)).min(2).default([1, 3, 10, 30, 100, 300, 1000]).describe(
      "Numbers of nodes, each of which computes as fast as this machine",
    ),
    trainings: z.int().min(1).default(1000).describe("Trainings of the sweep"),
    trainingSteps: z.int().min(1).default(200).describe("Steps of each"),
    checkpointSteps: z.int().min(1).default(10).describe("Steps between checkpoints"),
    evaluationSamplings: z.int().min(1).default(50).describe(
      "An evaluation behind each training, as so many samplings of a step",
    ),
    spread: z.number().min(0).default(0.1).describe(
      "Standard deviation of the logarithm of a node's speed",
    ),
    daysBetweenFailures: z.number().positive().default(150).describe("Of one node, on average"),
    repairHours: z.number().min(0).default(2).describe("How long a node that failed is away"),
    requeueSeconds: z.number().min(0).default(120).describe(
      "After what time Slurm begins a lost cell again",
    ),
    longestArray: z.int().min(1).default(1001).describe("Tasks of an array job of Slurm"),
    draws: z.int().min(2).default(20).describe("Simulations of each number of nodes"),
  }).prefault({}).describe("A sweep on a cluster, simulated from measured steps"),
  devices: z.object({
    list: z.array(z.object({
      name: z.string().min(1),
      teraflops: z.number().positive().describe("Peak of bf16 products without sparsity"),
      terabytesPerSecond: z.number().positive().describe("Bandwidth of its memory"),
    })).min(1).default([
      { name: "L4", teraflops: 121, terabytesPerSecond: 0.3 },
      { name: "A100 80 GB", teraflops: 312, terabytesPerSecond: 2.039 },
      { name: "H200", teraflops: 989, terabytesPerSecond: 4.8 },
    ]).describe("Devices, as their data sheets have them"),
    utilisation: z.number().positive().max(1).default(0.4).describe("Share of the peak"),
    bandwidthShare: z.number().positive().max(1).default(0.7).describe("Share of the bandwidth"),
    launchMicroseconds: z.number().min(0).default(10).describe("Start of a kernel"),
    launchesPerLayer: z.int().min(1).default(20).describe("Kernels of a layer's pass"),
  }).prefault({}).describe("Other hardware, on which a step is predicted"),
});

/** See {@linkcode costSchema}. */
export type CostConfig = z.output<typeof costSchema>;

/** Families of the new tasks, of which no start is tuned on any. */
const newFamilies = ["domain-open", "reasoning-contraindication", "instruction-note"];

/** The options at each preset. */
export const costPresets: Readonly<Record<Preset, z.input<typeof costSchema>>> = {
  smoke: {
    items: smokeStart.items!,
    start: { families: [...smokeStart.families!], sft: smokeStart.sft },
    adaptation: {
      families: newFamilies,
      learningRates: { LoRA: 3e-3, full: 1e-3 },
      maxSteps: 8,
      window: 2,
    },
    work: {
      promptsPerStep: 6,
      numGenerations: 2,
      promptLength: 32,
      completionLength: 8,
      steps: 1,
    },
    sizes: [{ hiddenSize: 96, layers: 1 }, { hiddenSize: 192, layers: 2 }],
    growth: { promptsPerStep: [2], promptLength: [16], completionLength: [4] },
    cluster: { nodes: [1, 10, 100], trainings: 100, draws: 4 },
  },
  quick: {
    items: tinyStart.items!,
    start: { families: [...tinyStart.families!], sft: tinyStart.sft },
    adaptation: {
      families: newFamilies,
      learningRates: { LoRA: 3e-3, full: 1e-3 },
      maxSteps: 60,
    },
    work: {
      promptsPerStep: 8,
      numGenerations: 4,
      promptLength: 128,
      completionLength: 48,
      steps: 4,
    },
    sizes: [
      { hiddenSize: 96, layers: 2 },
      { hiddenSize: 192, layers: 4 },
      { hiddenSize: 384, layers: 4 },
    ],
  },
  paper: {
    model: "smollm2",
    items: paperStart.items!,
    adaptation: {
      families: newFamilies,
      learningRates: { LoRA: 1e-3, full: 1e-4 },
      maxSteps: 100,
    },
    work: {
      promptsPerStep: 8,
      numGenerations: 8,
      promptLength: 128,
      completionLength: 64,
      steps: 8,
    },
    sizes: [
      { hiddenSize: 96, layers: 2 },
      { hiddenSize: 192, layers: 4 },
      { hiddenSize: 384, layers: 8 },
      { shape: "SmolLM2-135M" },
      { shape: "Qwen2.5-0.5B" },
    ],
    growth: {
      promptsPerStep: [2, 4, 16],
      promptLength: [32, 64, 256, 512],
      completionLength: [16, 32, 128, 256],
    },
  },
};

/**
 * The configuration of tuning by its name.
 *
 * @param config Options of the experiment.
 * @param name Which way to tune.
 * @returns The tuning.
 */
export function tuningOf(config: CostConfig, name: TuningName): z.output<typeof tuningSchema> {
  return tuningSchema.parse(name === "full" ? { kind: "full" } : { kind: "lora", ...config.lora });
}
