/** What is stored of a run question by question. @module */

import { capabilities } from "../../lib/synthesis/mod.ts";
import type { UnitValues } from "../core/experiment.ts";
import type { Checkpoints, SafetyFindings, SampledPrompt, TreatmentCount } from "./findings.ts";
import { treatmentCapabilities } from "./treatments.ts";

/** Whether each answer names such a treatment. */
function treatmentUnits({ system, answers }: TreatmentCount): UnitValues[] {
  return treatmentCapabilities.map(({ capability, verdicts }) => ({
    system,
    capability,
    units: "items",
    values: new Map(answers.map(({ id, verdict }) => [id, Number(verdicts.includes(verdict))])),
  }));
}

/** Falls and divergence of every prompt that has a reward at the start and at the checkpoint. */
function checkpointUnits({ items, samples, drifts }: Checkpoints): UnitValues[] {
  const [start, ...later] = samples;
  return later.flatMap(({ step, prompts }) =>
    drifts.flatMap(({ objective }): UnitValues[] => {
      const reward = capabilities.indexOf(objective);
      const of = (value: (first: number, now: number, prompt: SampledPrompt) => number) =>
        new Map(prompts.flatMap((prompt, x): [string, number][] => {
          const [first, now] = [start!.prompts[x]!.rewards[reward], prompt.rewards[reward]];
          if (typeof first !== "number" || typeof now !== "number") return [];
          return [[items[x]!.id, value(first, now, prompt)]];
        }));
      const common = { system: `step ${step}`, units: "prompts" };
      return [
        { ...common, capability: `fall of ${objective}`, values: of((first, now) => first - now) },
        {
          ...common,
          capability: `divergence in nats, prompts of ${objective}`,
          values: of((_first, _now, { kl }) => kl),
        },
      ];
    })
  );
}

/**
 * Wrong answers, named treatments and falls of rewards, question by question.
 *
 * @param findings what was found
 * @returns what the shares and means of results.json are over, and whether the likeliest option of each question is wrong
 */
export function unitsOf({ selective, treatments, checkpoints }: SafetyFindings): UnitValues[] {
  return [
    {
      system: "SFT",
      capability: "errors, every held-out question answered",
      units: "cases",
      values: new Map(selective.answers.map((answer) => [answer.case, Number(answer.error)])),
    },
    ...treatments.flatMap(treatmentUnits),
    ...checkpointUnits(checkpoints),
  ];
}
