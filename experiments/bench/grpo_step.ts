/**
 * Whole steps of GRPO as `trainGrpo` takes them: sampling, rewards, scoring under policy and reference, gradient and
 * optimizer.
 *
 * @module
 */
import { basePolicy } from "../../lib/model/mod.ts";
import { tf } from "../../lib/runtime/mod.ts";
import { grpoSchema, trainGrpo } from "../../lib/training/mod.ts";
import { GENERATIONS, type GrpoRun } from "./grpo_run.ts";
import { median } from "./measure.ts";

/** What a run took; the first step warms up and counts only in the time of the whole run. */
export interface GrpoTimes {
  /** Median seconds of a step. */
  readonly step: number;
  /** Median seconds of its generation, decoding to text included. */
  readonly generate: number;
  /** Seconds of the run divided by its steps. */
  readonly wallPerStep: number;
  /** Mean number of tokens of the completions. */
  readonly length: number;
}

const rewardNames = ["reward0", "reward1", "reward2", "reward3"] as const;

/** Four numbers that look random, from the characters of a text. */
function rewardsOf(text: string): number[] {
  let total = 0;
  for (const character of text) total += character.codePointAt(0)!;
  return rewardNames.map((_, k) => (total * (k + 3)) % 97 / 97);
}

/** Times the steps of a run. */
export async function timeGrpo(run: GrpoRun): Promise<GrpoTimes> {
  const generating: number[] = [];
  const started = performance.now();
  let stepEnded = started;
  const { trainable, log } = await trainGrpo({
    model: run.model,
    tokenizer: run.tokenizer,
    trainable: run.trainable,
    reference: basePolicy(run.model),
    prompts: run.prompts.map((ids) => ({ ids, stratum: "all" })),
    rewardNames,
    reward: (_prompts, completions) => {
      generating.push((performance.now() - stepEnded) / 1000);
      return Promise.resolve(completions.map(rewardsOf));
    },
    config: grpoSchema.parse({
      maxSteps: run.steps,
      learningRate: 1e-5,
      promptsPerStep: run.promptsPerStep,
      numGenerations: GENERATIONS,
      maxCompletionLength: run.newTokens,
      beta: 0.04,
      rewardWeights: rewardNames.map(() => 1),
    }),
    onStep: () => stepEnded = performance.now(),
  });
  const wall = (performance.now() - started) / 1000;
  tf.dispose([run.trainable.values, trainable.values]);
  return {
    step: median(log.slice(1).map(({ step_time }) => step_time)),
    generate: median(generating.slice(1)),
    wallPerStep: wall / run.steps,
    length: median(log.map((entry) => entry["completions/mean_length"]!)),
  };
}
