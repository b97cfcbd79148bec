/**
 * When do capabilities conflict, and how can it be seen? Theorems 1, 2, 9 and 10 of `lib/balance/THEORY.md` on random Gram
 * matrices and tabular softmax policies, where gradients are exact, and on a trained tiny model; theorem 3 on its adapters.
 *
 * @module
 */

import { z } from "zod";
import { UsageError } from "../../lib/runtime/mod.ts";
import { breathe, type Experiment, type RunContext, type RunOutput } from "../core/experiment.ts";
import {
  compareMetrics,
  countHarm,
  type HarmCount,
  type MetricPoint,
  opposedProducts,
  type ProductRow,
  sizes,
} from "./checks.ts";
import { type BankOutcome, measureBanks } from "./banks.ts";
import { type ModelGeometry, modelGeometry, poolOf } from "./model.ts";
import { exactMetrics, modelMetrics } from "./metrics.ts";
import { presentGeometry } from "./view.ts";
import {
  gradientSamples,
  gradientSamplesSchema,
  sampledStart,
} from "../stages/gradient_samples.ts";

/** Options. */
export const geometrySchema = gradientSamplesSchema.extend({
  grams: z.int().min(10).default(2000).describe("Gram matrices for each number of capabilities"),
  problems: z.int().min(10).default(1000).describe("Problems on which metrics are compared"),
  prompts: z.array(z.int().min(2).multipleOf(2)).min(2).default([4, 8, 16, 32, 64, 128, 256, 512])
    .describe("Prompts of a batch in the opposed example"),
  draws: z.int().min(10).default(4000).describe("Batches of each size in it"),
  pool: z.int().min(16).multipleOf(8).default(144).describe(
    "Prompts on the model; the first third is for Adam's metric",
  ),
  modelPrompts: z.array(z.int().min(8).multipleOf(8)).min(1).default([8, 16, 32, 64]).describe(
    "Prompts of a batch drawn from the rest, as many of each capability in each half",
  ),
  batchDraws: z.int().min(10).default(200).describe("Batches of each size drawn"),
  furtherPrompts: z.int().min(1).default(4).describe(
    "Prompts of each capability on which banks are measured besides those whose states are removed",
  ),
});

/** See {@linkcode geometrySchema}. */
export type GeometryConfig = z.output<typeof geometrySchema>;

/** What is known exactly. */
export interface ExactGeometry {
  /** Harmful preferences, for each of {@linkcode sizes}. */
  readonly harm: readonly HarmCount[];
  readonly metrics: readonly MetricPoint[];
  readonly products: readonly ProductRow[];
}

/** All that was measured. */
export interface GeometryFindings extends ExactGeometry {
  readonly model: ModelGeometry;
  readonly banks: readonly BankOutcome[];
}

async function measureExact(
  { grams, problems, prompts, draws }: Pick<
    GeometryConfig,
    "grams" | "problems" | "prompts" | "draws"
  >,
  onProgress: (done: number, total: number, note?: string) => void,
): Promise<ExactGeometry> {
  const total = sizes.length + 2;
  const harm: HarmCount[] = [];
  for (const [i, size] of sizes.entries()) {
    onProgress(i, total, `${size} capabilities`);
    await breathe();
    harm.push(countHarm(size, grams));
  }
  onProgress(total - 2, total, "metrics");
  await breathe();
  const metrics = compareMetrics(problems);
  onProgress(total - 1, total, "opposed gradients");
  await breathe();
  const products = opposedProducts(prompts, draws);
  onProgress(total, total);
  return { harm, metrics, products };
}

async function run(context: RunContext, config: GeometryConfig): Promise<RunOutput> {
  const largest = Math.max(...config.modelPrompts);
  if (largest > poolOf(config.pool)) {
    throw new UsageError(
      `Expected modelPrompts to be at most ${
        poolOf(config.pool)
      }, what pool leaves, but found ${largest}`,
    );
  }
  const bar = context.stage("Checking Gram matrices");
  const { grams, problems, prompts, draws } = config;
  const checked = await context.store.json(
    "gradient-geometry",
    { version: 1, grams, problems, prompts, draws },
    () => measureExact(config, bar.update),
  );
  bar.finish(checked.cached ? "from the store" : undefined);
  const { workshop, start, samples } = await sampledStart(context, config);
  const model = await modelGeometry(workshop, start, config, samples);
  const banks = await measureBanks(workshop, start, samples, config.furtherPrompts);
  const findings: GeometryFindings = { ...checked.value, model: model.value, banks: banks.value };
  return {
    metrics: [...exactMetrics(findings), ...modelMetrics(findings, workshop.itemsHash)],
    comparisons: [],
    seconds: {
      checks: checked.seconds,
      SFT: start.seconds,
      samples: samples.seconds,
      gradients: model.seconds,
      banks: banks.seconds,
    },
    notes: [
      "Intervals of products are normal over draws, those of shares Wilson's (of violations Clopper-Pearson's). Those of the model's " +
      "cosines and signals are bootstrapped over prompts; those of batches hold 95 % of the draws; those of banks are bootstrapped " +
      "over the six pairs of two of domain, reasoning and instruction.",
      "The model's gradients are those of a fresh adapter on the fine-tuned model. Its cosines come from products of different " +
      "prompts; a capability whose own product is not above 0 has cosine 0.",
      "Batches are drawn from one pool without replacement: large ones overlap, so that their spread is too small.",
    ],
    present: (results) => presentGeometry(results, findings, config),
  };
}

type Options = z.input<typeof geometrySchema>;

const smoke: Options = {
  ...gradientSamples.smoke,
  grams: 200,
  problems: 100,
  prompts: [4, 16, 64],
  draws: 200,
  modelPrompts: [8],
  batchDraws: 20,
  furtherPrompts: 1,
};

const paper: Options = {
  ...gradientSamples.paper,
  grams: 20_000,
  problems: 20_000,
  draws: 40_000,
  modelPrompts: [8, 16, 32, 64, 128, 256],
  batchDraws: 500,
};

/** See the module. */
export const gradientGeometry: Experiment<typeof geometrySchema> = {
  id: "gradient-geometry",
  question: "When do capabilities conflict, and how many prompts show it?",
  schema: geometrySchema,
  presets: { smoke, quick: gradientSamples.quick, paper },
  seeds: { smoke: 1, quick: 1, paper: 1 },
  run,
};
