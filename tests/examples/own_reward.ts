/**
 * Your own reward. A reward is a function of prompts (by index) and completions; GRPO takes several at once, each with
 * its name, and null where a reward does not apply to a prompt: absent is not 0.
 */
import { encodePrompt } from "../../lib/model/mod.ts";
import {
  type GrpoOptions,
  grpoSchema,
  type RewardFunction,
  trainGrpo,
  type TrainingResult,
} from "../../lib/training/mod.ts";

const questions = [
  { text: "Name a symptom of influenza.", stratum: "symptom", wanted: "fever" },
  { text: "Name a drug for asthma.", stratum: "drug", wanted: "salbutamol" },
  { text: "Write a short note.", stratum: "note", wanted: null },
];

/** Two rewards in [0, 1]: the wanted word is there, where one is wanted, and the answer is short. */
export function reward(
  prompts: readonly number[],
  completions: readonly string[],
): ReturnType<RewardFunction> {
  return Promise.resolve(completions.map((completion, i) => {
    const { wanted } = questions[prompts[i]!]!;
    const correct = wanted === null ? null : Number(completion.toLowerCase().includes(wanted));
    // Degrees teach more than yes and no: the completions of a group then have advantages of their own.
    const words = completion.split(/\s+/).filter(Boolean).length;
    return [correct, 1 / (1 + words / 8)];
  }));
}

/**
 * Trains with them. Every step's log has `rewards/correct/mean` and `rewards/short/mean`.
 *
 * @param start `model` is createTransformer(checkpoint), `tokenizer` the checkpoint's, `trainable` an adapter
 * (createAdapter) or all weights (fullParameters)
 */
export function trainOnOwnReward(
  start: Pick<GrpoOptions, "model" | "tokenizer" | "trainable">,
  maxSteps: number,
): Promise<TrainingResult> {
  return trainGrpo({
    ...start,
    // Every step takes prompts of all strata in turn.
    prompts: questions.map(({ text, stratum }) => ({
      ids: encodePrompt(start.tokenizer, text),
      stratum,
    })),
    rewardNames: ["correct", "short"],
    reward,
    config: grpoSchema.parse({
      maxSteps,
      learningRate: 1e-3,
      promptsPerStep: 3,
      maxCompletionLength: 16,
      rewardWeights: [0.5, 0.5],
      // Each reward is normalised in its group before they are added, so that a rare one is not drowned (GDPO).
      multiObjectiveAggregation: "normalize_then_sum",
    }),
  });
}
