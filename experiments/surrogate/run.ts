/**
 * When is one backward pass the weighted sum of the rewards' gradients? Theorem 8 of `lib/balance/THEORY.md`: each form
 * of GRPO's surrogate on batches of tabular policies and of a language model, with weights that were solved to harm no
 * reward.
 *
 * @module
 */

import { bootstrapInterval, wilsonInterval } from "../../lib/evaluation/mod.ts";
import type { Metric } from "../../lib/runs/mod.ts";
import { randomStream, UsageError } from "../../lib/runtime/mod.ts";
import { breathe, type RunContext, type RunOutput } from "../core/experiment.ts";
import { exact } from "../core/results.ts";
import { sampledStart } from "../stages/gradient_samples.ts";
import { modelOutcomes, tabularBatch } from "./batches.ts";
import type { SurrogateConfig } from "./config.ts";
import {
  formNames,
  type FormSummary,
  type Outcomes,
  type Source,
  type SurrogateFindings,
} from "./findings.ts";
import { BETA, EPSILON, ROUNDING, surrogateOutcomes } from "./forms.ts";

/**
 * Deviation and share of batches with harm of each form.
 *
 * @param source where the batches come from
 * @param batches what each form makes of every batch
 * @param hash hash of the prompts
 * @returns the metrics of results.json
 */
export function surrogateMetrics(
  source: Source,
  batches: readonly Outcomes[],
  hash: string,
): Metric[] {
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

/**
 * What each form makes of all batches together.
 *
 * @param batches what each form makes of every batch
 * @returns largest deviations and numbers of batches with harm
 */
export function summaryOf(batches: readonly Outcomes[]): FormSummary {
  return {
    batches: batches.length,
    forms: Object.fromEntries(formNames.map((form) => [form, {
      largestDeviation: Math.max(...batches.map((batch) => batch[form].deviation)),
      harmfulBatches: batches.filter((batch) => batch[form].harmed > 0).length,
    }])) as FormSummary["forms"],
  };
}

/**
 * Compares the forms on batches of tabular policies and of the model.
 *
 * @param context store, backend and bars; the seeds are not read
 * @param config options
 * @returns metrics and findings
 * @throws {UsageError} when a batch is larger than the pool, or there is no such model
 */
export async function runSurrogate(
  context: RunContext,
  config: SurrogateConfig,
): Promise<RunOutput<SurrogateFindings>> {
  if (config.batchPrompts > config.pool) {
    throw new UsageError(
      `Expected batchPrompts to be at most pool, ${config.pool}, but found ${config.batchPrompts}`,
    );
  }
  const bar = context.stage("Surrogates of tabular policies");
  const { instances } = config;
  const tabular = await context.store.json(
    "surrogate",
    { version: 2, tabular: instances },
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
      ...surrogateMetrics("tabular policies", tabular.value, exact.prompt_hash),
      ...surrogateMetrics("language model", model.value, workshop.itemsHash),
    ],
    comparisons: [],
    seconds: {
      "tabular policies": tabular.seconds,
      SFT: start.seconds,
      samples: samples.seconds,
      "language model": model.seconds,
    },
    notes: [
      "Deviations: bootstrap intervals over batches. Shares: Wilson's. A fall is counted from " +
      `${
        ROUNDING.toExponential(0)
      } of the product of a gradient's norm and the lengths of the sum's terms on.`,
      "Batches are on-policy, except for clipping and the divergence: there the policy has moved on from the one that sampled.",
    ],
    findings: {
      sources: {
        "tabular policies": summaryOf(tabular.value),
        "language model": summaryOf(model.value),
      },
      beta: BETA,
      epsilon: EPSILON,
    },
  };
}
