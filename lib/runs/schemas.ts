/**
 * The schemas of runs and results, as zod checks them. Their types are what zod infers, so they have no names: they are
 * those of the modules that read them.
 *
 * @module
 */

import { z } from "zod";
import { projections } from "../model/mod.ts";
import { precisionOptions } from "../runtime/mod.ts";
import { capabilities, defaultSystem } from "../synthesis/mod.ts";
import { grpoSchema, sftSchema } from "../training/mod.ts";

/** What is trained of the model. */
export const tuningSchema = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("lora"),
    r: z.int().min(1).default(16).describe("Rank"),
    loraAlpha: z.number().positive().default(32).describe("Numerator of the scale"),
    targetModules: z.array(z.enum(projections)).min(1).default([...projections]).describe(
      "Adapted projections",
    ),
    useRslora: z.boolean().default(false).describe("Scale by alpha / sqrt(r)"),
  }),
  z.object({ kind: z.literal("full") }),
]);

/** The ways to train. */
export const methods = ["sft", "grpo"] as const;

const { seed: _sft, ...sftShape } = sftSchema.shape;
const { seed: _grpo, ...grpoShape } = grpoSchema.shape;
const withDefaults = (maxSteps: number, learningRate: number) => ({
  maxSteps: z.int().min(1).default(maxSteps).describe("Number of optimizer steps"),
  learningRate: z.number().positive().default(learningRate).describe("Highest learning rate"),
});

/** What large matrix products are computed in. */
export const precisionSchema = z.enum(precisionOptions).default("float32").describe(
  "What large matrix products are computed in, bf16 where the processor has it for auto",
);

/** All options of a training run. */
export const trainSchema = z.strictObject({
  method: z.enum(methods).describe("sft: learn the references; grpo: learn from rewards"),
  from: z.string().min(1).optional().describe(
    "Folder of an earlier run to start from; its model, system message, data and tuning are taken over",
  ),
  model: z.string().min(1).default("smollm2").describe(
    "smollm2, tiny, the path of a model or owner/name on the Hub",
  ),
  system: z.string().default(defaultSystem).describe("System message"),
  seed: z.int().min(0).default(0).describe("Fixes order, samples and initial values"),
  precision: precisionSchema,
  data: z.strictObject({
    items: z.string().min(1).optional().describe(
      "JSON Lines file of items, as synthesize writes it, or JSON Lines or CSV of questions; its training split is used",
    ),
    count: z.int().min(40).default(800).describe("Items to generate where no file is given"),
    seed: z.int().min(0).default(0).describe("Seed of the generated items"),
    knowledge: z.string().min(1).optional().describe(
      "Folder with ontology/ and hetionet/ of a graph of one's own; the project's data/ when left out",
    ),
  }).prefault({}),
  tuning: tuningSchema.prefault({ kind: "lora" }),
  rewards: z.strictObject({
    mixing: z.number().min(0).max(1).default(0.8).describe(
      "Share of the rules in a reward; the rest is similarity to the reference",
    ),
  }).prefault({}),
  sft: z.strictObject({ ...sftShape, ...withDefaults(100, 1e-3) }).prefault({}),
  grpo: z.strictObject({
    ...grpoShape,
    ...withDefaults(50, 2e-4),
    rewardWeights: z.array(z.number().min(0)).length(capabilities.length)
      .default(capabilities.map(() => 1 / capabilities.length))
      .describe(`Weight of each reward: ${capabilities.join(",")}`),
  }).prefault({}),
});

/** What is known of a run besides its configuration: `run.json`. */
export const recordSchema = z.object({
  version: z.string().describe("Version of the project"),
  backend: z.object({
    name: z.string(),
    versions: z.record(z.string(), z.string()),
    machine: z.record(z.string(), z.union([z.string(), z.number()])),
  }).describe("What computed"),
  model: z.string().optional().describe("Hash of the model's files"),
  knowledge: z.string().optional().describe("Hash of the graph that rewards are checked against"),
  items: z.string().describe("Hash of the training items"),
  itemCount: z.int().describe("Number of training items"),
  validation: z.string().optional().describe("Hash of the validation items"),
  rules: z.int().describe("Version of the rules that rewards come from"),
  from: z.object({
    hash: z.string().describe("Hash of its parameters"),
    config: z.record(z.string(), z.unknown()).describe("Its configuration"),
  }).nullable().describe("The run that it started from"),
  began: z.iso.datetime().describe("When it was begun, in UTC"),
  ended: z.iso.datetime().optional().describe("When it came to its end, in UTC"),
  seconds: z.number().optional().describe("Sum of the steps' times"),
});

const text = z.string().min(1);
const count = z.int().nonnegative();
const relativePath = text.refine(
  (path) =>
    !path.startsWith("/") && !path.includes("\\") &&
    !path.split("/").includes(".."),
  "a path inside the results' folder, with /",
);

const metricSchema = z.strictObject({
  system: text.describe("The system that was measured, such as CA-GRPO"),
  capability: text.describe("What was measured, such as domain"),
  unit: z.enum(["share", "value"]).default("share").describe(
    "share: from 0 to 1, shown in per cent; value: any number",
  ),
  n: z.int().positive().describe("Number of items"),
  mean: z.number().describe("The score"),
  low: z.number().describe("Lower end of its 95 % interval"),
  high: z.number().describe("Upper end of its 95 % interval"),
  seeds: z.int().positive().describe("Number of runs with different seeds"),
  invalid_rate: z.number().min(0).max(1).describe(
    "Share of answers that could not be read",
  ),
  prompt_hash: text.describe("Hash of the prompts"),
}).refine(
  (m) => m.low <= m.mean && m.mean <= m.high,
  "low <= mean <= high",
).refine(
  (m) => m.unit === "value" || (m.low >= 0 && m.high <= 1),
  "a share from 0 to 1",
);

const comparisonSchema = z.strictObject({
  system: text.describe("The system"),
  baseline: text.describe(
    "The system that it is compared with, on the same items",
  ),
  capability: text.describe("What was measured"),
  n: z.int().positive().describe("Number of pairs"),
  difference: z.number().describe("Mean of system minus baseline"),
  low: z.number().describe("Lower end of its 95 % interval"),
  high: z.number().describe("Upper end of its 95 % interval"),
  p: z.number().min(0).max(1).describe("Two-sided p value of the paired test"),
}).refine(
  (c) => c.low <= c.difference && c.difference <= c.high,
  "low <= difference <= high",
);

/** The schema of `results.json`. */
export const resultsSchema = z.strictObject({
  version: text.describe("Version of the project"),
  experiment: text.describe("Name of the experiment, such as main-results"),
  preset: text.describe("smoke, quick, paper or a name of one's own"),
  date: z.iso.datetime().describe("When the run ended, in UTC"),
  machine: z.strictObject({
    os: text,
    arch: text,
    cpu: text,
    cores: z.int().positive(),
    memory_gb: z.number().positive(),
  }).describe("The machine"),
  backend: z.strictObject({
    name: text.describe("native, gpu, wasm or cpu"),
    versions: z.record(z.string(), text),
    note: text.optional(),
  }).describe("The backend of TensorFlow.js"),
  config: z.record(z.string(), z.unknown()).describe(
    "The configuration that ran",
  ),
  config_hash: z.string().regex(/^[0-9a-f]{16}$/).describe(
    "Hash of the configuration",
  ),
  seeds: z.array(count).min(1).describe("The seeds"),
  seconds: z.record(z.string(), z.number().nonnegative()).describe(
    "Time of each stage",
  ),
  metrics: z.array(metricSchema).describe("Scores: systems x capabilities"),
  comparisons: z.array(comparisonSchema).describe("Paired differences"),
  tables: z.array(relativePath).describe("Paths of the tables"),
  figures: z.array(relativePath).describe("Paths of the figures"),
  notes: z.array(text).describe("What a reader should know"),
}).superRefine((results, context) => {
  const seen = new Set<string>();
  results.metrics.forEach(({ system, capability }, index) => {
    const key = `${system} on ${capability}`;
    if (seen.has(key)) {
      const message = `${key} only once`;
      context.addIssue({ code: "custom", path: ["metrics", index], message });
    }
    seen.add(key);
  });
});
