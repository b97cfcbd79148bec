/**
 * Your own prompts, answers and rewards: a file with a prompt, its answers and what each of them earns on every line, a
 * model, and weights that harm no reward. The policy is a softmax over each list of answers, so that mean rewards and
 * gradients are exact and every step can be judged. `deno task laboratory` trains so with a log, a table and a figure.
 */
import {
  aggregators,
  ascend,
  effectiveSmoothness,
  preservationRatio,
  weighted,
} from "../../lib/balance/mod.ts";
import {
  disposeLaboratory,
  exactGradients,
  exactValues,
  type Laboratory,
  laboratoryObjectives,
  laboratoryProblem,
  openLaboratory,
  readPopulation,
} from "../../lib/laboratory/mod.ts";
import { disposeTransformer, fullParameters, type Trainable } from "../../lib/model/mod.ts";
import { openModel } from "../../lib/runs/mod.ts";
import { progressBar } from "../../lib/runtime/mod.ts";
import { exactSchema, harmfulSteps, trainExact } from "../../lib/training/mod.ts";

/** Opens the laboratory on a file for some work; all weights of the model are what is trained. */
export async function withOwnPrompts<T>(
  path: string,
  modelName: string,
  work: (lab: Laboratory, initial: Trainable) => T | Promise<T>,
): Promise<T> {
  const { rewardNames, train } = await readPopulation(path);
  const { model, tokenizer } = await openModel(modelName, progressBar);
  const lab = openLaboratory({ model, tokenizer, prompts: train, rewardNames });
  const initial = fullParameters(model);
  try {
    return await work(lab, initial);
  } finally {
    initial.values.dispose();
    disposeLaboratory(lab);
    disposeTransformer(model);
  }
}

const equal = ({ rewardNames }: Laboratory): number[] =>
  rewardNames.map(() => 1 / rewardNames.length);

/** Trains with AdamW: mean rewards before and after, [m], and the number of steps that point against some reward. */
export async function trainOnOwnPrompts(
  lab: Laboratory,
  initial: Trainable,
  options: {
    readonly weighting: "static" | "capability_aware";
    readonly maxSteps: number;
    readonly learningRate: number;
  },
): Promise<{ start: number[]; end: number[]; harmful: number }> {
  const { rewardNames } = lab;
  const { trainable, log } = await trainExact({
    objective: { rewardNames, evaluate: (at) => exactGradients(lab, at) },
    trainable: initial,
    config: exactSchema.parse({ ...options, rewardWeights: equal(lab), ridge: 0 }),
  });
  const [start, end] = [exactValues(lab, initial), exactValues(lab, trainable)];
  trainable.values.dispose();
  return { start, end, harmful: harmfulSteps(log, rewardNames).harmful };
}

/**
 * Theorem 7 on your prompts: with steps of c / L, L from a pilot of static weights and half as much again, no reward
 * falls by more than c / (2 - c) of what the preferred sum gains.
 */
export function checkPreservation(
  lab: Laboratory,
  initial: Trainable,
  options: { readonly pilotStep: number; readonly c: number; readonly steps: number },
): { promised: number; seen: number } {
  const { pilotStep, c, steps } = options;
  const [start, preference] = [Float64Array.from(initial.values.dataSync()), equal(lab)];
  const pilot = { rule: aggregators.static, preference, start, stepSize: pilotStep, steps: 3 };
  const met = effectiveSmoothness(laboratoryObjectives(lab, initial), pilot);
  const problem = laboratoryProblem(lab, initial, met.map((value) => 1.5 * value));
  const { values } = ascend(problem, {
    rule: aggregators.capability_aware,
    preference,
    start,
    stepSize: c / Math.max(...problem.smoothness()),
    steps,
  });
  const [before, after] = [values[0]!, values.at(-1)!];
  const gain = weighted(after, preference) - weighted(before, preference);
  const fall = Math.max(0, ...before.map((value, i) => value - after[i]!));
  return { promised: preservationRatio(c), seen: fall / gain };
}
