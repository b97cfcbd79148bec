/**
 * Your own prompts, answers and rewards: a file with a prompt, its answers and what each of them earns on every line, a
 * model, and weights that harm no reward. The policy is a softmax over each list of answers, so that mean rewards and
 * gradients are exact and every step can be judged. `deno task laboratory` does the same with a log, a table and a figure.
 */
import {
  disposeLaboratory,
  exactGradients,
  exactValues,
  openLaboratory,
  readPopulation,
} from "../../lib/laboratory/mod.ts";
import { disposeTransformer, fullParameters } from "../../lib/model/mod.ts";
import { openModel } from "../../lib/runs/mod.ts";
import { progressBar } from "../../lib/runtime/mod.ts";
import { exactSchema, harmfulSteps, trainExact } from "../../lib/training/mod.ts";

/** How a training with one rule went. */
export interface RuleOutcome {
  /** Mean rewards before and after, [m]. */
  readonly start: readonly number[];
  readonly end: readonly number[];
  /** Steps that point against some reward. */
  readonly harmful: number;
}

/** Trains on a file of prompts with a rule for the rewards' weights. */
export async function trainOnOwnPrompts(
  path: string,
  weighting: "static" | "capability_aware",
  options: { readonly model: string; readonly steps: number; readonly learningRate: number },
): Promise<RuleOutcome> {
  const { rewardNames, train } = await readPopulation(path);
  const { model, tokenizer } = await openModel(options.model, progressBar);
  const lab = openLaboratory({ model, tokenizer, prompts: train, rewardNames });
  const initial = fullParameters(model);
  const { trainable, log } = await trainExact({
    objective: { rewardNames, evaluate: (at) => exactGradients(lab, at) },
    trainable: initial,
    config: exactSchema.parse({
      weighting,
      rewardWeights: rewardNames.map(() => 1 / rewardNames.length),
      maxSteps: options.steps,
      learningRate: options.learningRate,
      ridge: 0,
    }),
  });
  const outcome = {
    start: exactValues(lab, initial),
    end: exactValues(lab, trainable),
    harmful: harmfulSteps(log, rewardNames).harmful,
  };
  trainable.values.dispose();
  initial.values.dispose();
  disposeLaboratory(lab);
  disposeTransformer(model);
  return outcome;
}
