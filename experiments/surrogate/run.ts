/**
 * When is one backward pass the weighted sum of the rewards' gradients? Theorem 8 of `lib/balance/THEORY.md`: each form
 * of GRPO's surrogate on batches of tabular policies and of a language model, with weights that were solved to harm no
 * reward.
 *
 * @module
 */

import { z } from "zod";
import { bootstrapInterval, wilsonInterval } from "../../lib/evaluation/mod.ts";
import { randomStream } from "../../lib/runtime/mod.ts";
import { breathe, type Experiment, type RunContext, type RunOutput } from "../core/experiment.ts";
import { exact } from "../core/results.ts";
import type { Metric } from "../../lib/runs/mod.ts";
import { modelOutcomes, type Outcomes, tabularBatch } from "./batches.ts";
import { formNames, surrogateOutcomes } from "./forms.ts";
import { presentSurrogate } from "./view.ts";
import {
  gradientSamples,
  gradientSamplesSchema,
  sampledStart,
} from "../stages/gradient_samples.ts";

/** Options. */
export const surrogateSchema = gradientSamplesSchema.extend({
  instances: z.int().min(2).default(300).describe("Batches of tabular policies"),
  pool: z.int().min(8).multipleOf(8).default(144).describe("Prompts on the model"),
  batches: z.int().min(1).default(6).describe("Batches on the model, at most"),
  batchPrompts: z.int().min(4).multipleOf(4).default(8).describe(
    "Prompts of a batch on the model, as many of each capability",
  ),
});

/** See {@linkcode surrogateSchema}. */
export type SurrogateConfig = z.output<typeof surrogateSchema>;

/** Where batches come from. */
export const sources = ["tabular policies", "language model"] as const;

/** One of {@linkcode sources}. */
export type Source = typeof sources[number];

function metricsOf(source: Source, batches: readonly Outcomes[], hash: string): Metric[] {
  const common = { ...exact, prompt_hash: hash };
  const n = batches.length;
  return formNames.flatMap((system): Metric[] => {
    const harmful = batches.filter((batch) => batch[system].harmed > 0).length;
    return [
      {
        ...common,
        system,
        capability: `deviation, ${source}`,
        unit: "value",
        ...bootstrapInterval(batches.map((batch) => batch[system].deviation), { seed: 0 }),
      },
      {
        ...common,
        system,
        capability: `batches with a harmed reward, ${source}`,
        unit: "share",
        n,
        mean: harmful / n,
        ...wilsonInterval(harmful, n),
      },
    ];
  });
}

async function run(context: RunContext, config: SurrogateConfig): Promise<RunOutput> {
  const bar = context.stage("Surrogates of tabular policies");
  const { instances } = config;
  const tabular = await context.store.json(
    "surrogate",
    { version: 1, tabular: instances },
    async () => {
      const found: Outcomes[] = [];
      for (let i = 0; i < instances; i++) {
        found.push(surrogateOutcomes(tabularBatch(randomStream(i, "instance").seed32())));
        if (i % 16 === 0) {
          bar.update(i, instances);
          await breathe();
        }
      }
      return found;
    },
  );
  bar.finish(tabular.cached ? "from the store" : undefined);
  const { workshop, start, samples } = await sampledStart(context, config);
  const model = await modelOutcomes(workshop, start, samples, config);
  return {
    metrics: [
      ...metricsOf("tabular policies", tabular.value, exact.prompt_hash),
      ...metricsOf("language model", model.value, workshop.itemsHash),
    ],
    comparisons: [],
    seconds: {
      "tabular policies": tabular.seconds,
      SFT: start.seconds,
      samples: samples.seconds,
      "language model": model.seconds,
    },
    notes: [
      "Deviations: bootstrap intervals over batches. Shares: Wilson's. A fall is counted from 1e-5 of the product of both norms on.",
      "Batches are on-policy, except for clipping and the divergence: there the policy has moved on from the one that sampled.",
    ],
    present: (results) => presentSurrogate(results, config),
  };
}

/** See the module. */
export const surrogate: Experiment<typeof surrogateSchema> = {
  id: "surrogate",
  question: "When is one backward pass the weighted sum of the rewards' gradients?",
  schema: surrogateSchema,
  presets: {
    smoke: { ...gradientSamples.smoke, instances: 20 },
    quick: gradientSamples.quick,
    paper: { ...gradientSamples.paper, instances: 3000, batches: 120 },
  },
  seeds: { smoke: 1, quick: 1, paper: 1 },
  run,
};
