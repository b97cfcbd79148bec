/** GRPO of a small model on cheap rewards. @module */

import { createTransformer, disposeTransformer, type Tokenizer } from "../../lib/model/mod.ts";
import {
  type GrpoOptions,
  type GrpoPrompt,
  grpoSchema,
  type RewardFunction,
  type StepLog,
  trainGrpo,
  type TrainingResult,
} from "../../lib/training/mod.ts";
import {
  busyAdapter,
  letterTokenizer,
  smallCheckpoint,
  smallConfig,
} from "../model/small_model.ts";

/** Eight prompts of two strata. */
export const prompts: GrpoPrompt[] = [
  "ache",
  "a fever",
  "cough",
  "the rash",
  "burn",
  "cut deep",
  "pain",
  "cold",
]
  .map((text, i) => ({ ids: letterTokenizer.encode(text), stratum: i % 2 === 0 ? "x" : "y" }));

/** How much of a text is one letter. */
export const share = (text: string, letter: string): number =>
  text.length === 0 ? 0 : text.split(letter).length / (text.length + 1);

/** How much of a completion is the letter e, and how short it is; the second is absent for prompts of y. */
export function cheapReward(
  indices: readonly number[],
  completions: readonly string[],
): Promise<(number | null)[][]> {
  return Promise.resolve(
    completions.map((text, k) => [
      share(text, "e"),
      prompts[indices[k]!]!.stratum === "y" ? null : 1 - text.length / 16,
    ]),
  );
}

/** Trains, reads the trained values, frees everything. */
export async function train(
  changes: Partial<Parameters<typeof grpoSchema.parse>[0] & object> = {},
  { layers = 2, ...options }: {
    folder?: string;
    onStep?: (log: StepLog) => void;
    reward?: RewardFunction;
    tokenizer?: Tokenizer;
    layers?: number;
  } & Pick<Partial<GrpoOptions>, "aggregator" | "banks" | "penalty" | "observe"> = {},
): Promise<{ values: Float32Array; start: Float32Array; log: TrainingResult["log"] }> {
  const model = createTransformer(smallCheckpoint(smallConfig("llama", { layers })));
  const trainable = busyAdapter(model);
  const start = trainable.values.dataSync() as Float32Array;
  try {
    const result = await trainGrpo({
      model,
      tokenizer: letterTokenizer,
      trainable,
      prompts,
      rewardNames: ["letters", "brevity"],
      ...options,
      reward: options.reward ?? cheapReward,
      config: grpoSchema.parse({
        maxSteps: 3,
        learningRate: 0.01,
        promptsPerStep: 4,
        numGenerations: 4,
        maxCompletionLength: 8,
        rewardWeights: [1, 0.5],
        microBatches: 2,
        saveSteps: 2,
        ...changes,
      }),
    });
    const values = result.trainable.values.dataSync() as Float32Array;
    result.trainable.values.dispose();
    return { values, start, log: result.log };
  } finally {
    trainable.values.dispose();
    disposeTransformer(model);
  }
}

/** Capability-aware weights, solved in every second step. */
export const aware = {
  weighting: "capability_aware",
  multiObjectiveAggregation: "leave_one_out",
  gramSteps: 2,
  promptsPerStep: 6,
} as const;

/** A log without its times. */
export const withoutTime = (log: readonly StepLog[]): StepLog[] =>
  log.map((entry) => ({ ...entry, step_time: 0 }));
