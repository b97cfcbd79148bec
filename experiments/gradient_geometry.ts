/**
 * When do capabilities conflict, and how can it be seen? Theorems 1, 2, 9 and 10 of `lib/balance/THEORY.md` on random Gram
 * matrices and tabular softmax policies, where gradients are exact, and the cosines of a trained tiny model.
 *
 * @module
 */

import { z } from "zod";
import { bootstrapInterval, clopperPearson, wilsonInterval } from "../lib/evaluation/mod.ts";
import { capabilities } from "../lib/synthesis/mod.ts";
import { breathe, type Experiment, type RunContext, type RunOutput } from "./experiment.ts";
import {
  compareMetrics,
  countHarm,
  type HarmCount,
  type MetricPoint,
  opposedProducts,
  type ProductRow,
  sizes,
} from "./gradient_geometry_checks.ts";
import { type BatchGeometry, capabilityPairs, modelGeometry } from "./gradient_geometry_model.ts";
import { presentGeometry } from "./gradient_geometry_view.ts";
import { exact, type Metric } from "./results.ts";
import { openWorkshop, supervised } from "./systems.ts";
import { systemsSchema } from "./systems_config.ts";
import { paperStart, smokeStart, START_SEED, tinyStart } from "./tiny_start.ts";

/** Options. */
export const geometrySchema = systemsSchema.pick({
  model: true,
  system: true,
  items: true,
  families: true,
  tuning: true,
  sft: true,
  grpo: true,
  mixing: true,
}).extend({
  grams: z.int().min(10).default(2000).describe("Gram matrices for each number of capabilities"),
  problems: z.int().min(10).default(1000).describe("Problems on which metrics are compared"),
  prompts: z.array(z.int().min(2).multipleOf(2)).min(2).default([4, 8, 16, 32, 64, 128, 256, 512])
    .describe("Prompts of a batch in the opposed example"),
  draws: z.int().min(10).default(4000).describe("Batches of each size in it"),
  modelPrompts: z.array(z.int().min(8).multipleOf(8)).min(1).default([8, 16, 32]).describe(
    "Prompts of a batch on the model, as many of each capability in each half",
  ),
  rank: z.int().default(8),
  batchDraws: z.int().default(200),
  pool: z.int().min(8).default(64).describe("Prompts on the model for all batches of a size"),
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
  readonly model: readonly BatchGeometry[];
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

/** Problems on which two metrics disagree about the sign of the cosine. */
export function signChanges(
  points: readonly MetricPoint[],
  a: keyof MetricPoint,
  b: keyof MetricPoint,
): number {
  return points.filter((point) => point[a] * point[b] < 0).length;
}

/** Pairs of metrics that are compared. */
export const metricPairs = [["euclidean", "adam"], ["euclidean", "natural"], [
  "adam",
  "natural",
]] as const satisfies readonly (readonly [keyof MetricPoint, keyof MetricPoint])[];

function exactMetrics({ harm, metrics, products }: ExactGeometry): Metric[] {
  return [
    ...harm.flatMap(({ points, violations, conflicts }, i): Metric[] => {
      const n = points.length;
      const system = `${sizes[i]} capabilities`;
      const common = { ...exact, system, unit: "share", n } as const;
      return [
        {
          ...common,
          capability: "violations",
          mean: violations / n,
          ...clopperPearson(violations, n),
        },
        {
          ...common,
          capability: "Gram matrices with a negative cosine",
          mean: conflicts / n,
          ...wilsonInterval(conflicts, n),
        },
        {
          ...common,
          capability: "preferences that harm",
          ...bootstrapInterval(points.map(({ share }) => share), { seed: 0 }),
        },
      ];
    }),
    ...metricPairs.map(([a, b]): Metric => {
      const k = signChanges(metrics, a, b);
      const n = metrics.length;
      return {
        ...exact,
        system: `${a} against ${b}`,
        capability: "cosines of another sign",
        unit: "share",
        n,
        mean: k / n,
        ...wilsonInterval(k, n),
      };
    }),
    ...products.flatMap(({ prompts, draws, single, cross }) =>
      ([["single batch", single], ["across halves", cross]] as const).flatMap((
        [system, { mean, half, positive }],
      ): Metric[] => [
        {
          ...exact,
          system,
          capability: `product, ${prompts} prompts`,
          unit: "value",
          n: draws,
          mean,
          low: mean - half,
          high: mean + half,
        },
        {
          ...exact,
          system,
          capability: `wrong sign, ${prompts} prompts`,
          unit: "share",
          n: draws,
          mean: positive / draws,
          ...wilsonInterval(positive, draws),
        },
      ])
    ),
  ];
}

function modelMetrics({ model }: GeometryFindings, hash: string): Metric[] {
  const bySize = [...Map.groupBy(model, ({ prompts }) => prompts)];
  const metric = (system: string, capability: string, values: readonly number[]): Metric => ({
    system,
    capability,
    unit: "value",
    ...bootstrapInterval(values, { seed: 0 }),
    seeds: 1,
    invalid_rate: 0,
    prompt_hash: hash,
  });
  return bySize.flatMap(([prompts, batches]) => {
    const system = `tiny model, ${prompts} prompts`;
    return [
      ...capabilityPairs.map(([a, b], p) =>
        metric(system, `cosine of ${a} and ${b}`, batches.map(({ cosines }) => cosines[p]!))
      ),
      ...capabilities.map((c, i) =>
        metric(system, `signal to noise of ${c}`, batches.map(({ signal }) => signal[i]!))
      ),
    ];
  });
}

async function run(context: RunContext, config: GeometryConfig): Promise<RunOutput> {
  const bar = context.stage("Checking Gram matrices");
  const { grams, problems, prompts, draws } = config;
  const checked = await context.store.json(
    "gradient-geometry",
    { version: 1, grams, problems, prompts, draws },
    () => measureExact(config, bar.update),
  );
  bar.finish(checked.cached ? "from the store" : undefined);
  const workshop = await openWorkshop(context, {
    ...config,
    testItems: 1,
    maxNewTokens: 1,
    evaluationRows: 1,
    mmluQuestions: 0,
  });
  const start = await supervised(workshop, START_SEED);
  const { batches: model, seconds } = await modelGeometry(
    workshop,
    start,
    config.modelPrompts,
    config.pool,
  );
  const findings: GeometryFindings = { ...checked.value, model };
  return {
    metrics: [...exactMetrics(findings), ...modelMetrics(findings, workshop.itemsHash)],
    comparisons: [],
    seconds: {
      checks: checked.seconds,
      SFT: start.seconds,
      "tiny model": seconds,
    },
    notes: [
      "Intervals of products are normal over draws, those of shares Wilson's (of violations Clopper-Pearson's), those of the model " +
      "bootstrapped over batches.",
      "Cosines of the model come from the product across the halves of a batch, with negative eigenvalues cut off, in the Euclidean " +
      "metric: the optimizer has made no step.",
    ],
    present: (results) => presentGeometry(results, findings, config),
  };
}

type Options = z.input<typeof geometrySchema>;

/** The one step that is sampled for; nobody sees where it leads. */
const grpo = { maxSteps: 1, learningRate: 1e-6, beta: 0, numGenerations: 4 } as const;

const smoke: Options = {
  ...smokeStart,
  grpo: { ...grpo, numGenerations: 2, maxCompletionLength: 8 },
  grams: 200,
  problems: 100,
  prompts: [4, 16, 64],
  draws: 200,
  modelPrompts: [8],
  pool: 8,
};

const quick: Options = { ...tinyStart, grpo: { ...grpo, maxCompletionLength: 32 } };

const paper: Options = {
  ...paperStart,
  grpo: { ...grpo, numGenerations: 8, maxCompletionLength: 56 },
  grams: 20_000,
  problems: 20_000,
  draws: 40_000,
  modelPrompts: [8, 16, 32, 64, 128],
  pool: 512,
};

/** See the module. */
export const gradientGeometry: Experiment<typeof geometrySchema> = {
  id: "gradient-geometry",
  question: "When do capabilities conflict, and how many prompts show it?",
  schema: geometrySchema,
  presets: { smoke, quick, paper },
  seeds: { smoke: 1, quick: 1, paper: 1 },
  run,
};
