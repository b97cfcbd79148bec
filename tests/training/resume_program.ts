/**
 * A small experiment for `resume_test.ts`: supervised fine-tuning, then GRPO, as stages of a store. It writes a line
 * for every step.
 *
 * Arguments: the store's folder, milliseconds to stand still after each step.
 */
import { join } from "@std/path";
import {
  createTransformer,
  readSafetensors,
  type Trainable,
  withValues,
  writeSafetensors,
} from "../../lib/model/mod.ts";
import { openStore, startBackend, tf } from "../../lib/runtime/mod.ts";
import {
  grpoSchema,
  sftSchema,
  type StepLog,
  trainGrpo,
  type TrainingResult,
  trainSft,
} from "../../lib/training/mod.ts";
import {
  busyAdapter,
  letterTokenizer,
  smallCheckpoint,
  smallConfig,
  smallExamples as examples,
} from "../model/small_model.ts";

const [folder, still] = Deno.args as [string, string];
await startBackend();
const store = openStore(folder);
const model = createTransformer(smallCheckpoint(smallConfig("llama")));

const tell = (stage: string) => ({ step }: StepLog): void => {
  Deno.stdout.writeSync(new TextEncoder().encode(`${stage} ${step}\n`));
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Number(still));
};

async function stage(
  kind: string,
  key: unknown,
  train: (scratch: string) => Promise<TrainingResult>,
): Promise<{ path: string; hash: string }> {
  return await store.files(kind, key, async (fresh, scratch) => {
    const { trainable, log } = await train(scratch);
    const data = trainable.values.dataSync() as Float32Array;
    await writeSafetensors(
      join(fresh, "parameters.safetensors"),
      new Map([["values", { shape: [data.length], data }]]),
    );
    const timeless = log.map((entry) => ({ ...entry, step_time: 0 }));
    await Deno.writeTextFile(join(fresh, "log.json"), JSON.stringify(timeless));
  });
}

const start: Trainable = busyAdapter(model);
const sft = sftSchema.parse({
  maxSteps: 7,
  learningRate: 0.02,
  perDeviceTrainBatchSize: 4,
  microBatchSize: 2,
  saveSteps: 2,
});
const tuned = await stage(
  "sft",
  { sft },
  (scratch) =>
    trainSft({
      model,
      trainable: start,
      examples,
      config: sft,
      folder: scratch,
      onStep: tell("sft"),
    }),
);

const values = readSafetensors(join(tuned.path, "parameters.safetensors")).get("values")!;
const grpo = grpoSchema.parse({
  maxSteps: 7,
  learningRate: 0.01,
  promptsPerStep: 6,
  numGenerations: 4,
  maxCompletionLength: 6,
  rewardWeights: [1, 0.5],
  saveSteps: 2,
  weighting: "capability_aware",
  multiObjectiveAggregation: "leave_one_out",
  gramSteps: 2,
});
const reinforced = await stage("grpo", { from: tuned.hash, grpo }, (scratch) =>
  trainGrpo({
    model,
    tokenizer: letterTokenizer,
    trainable: withValues(start, tf.tensor1d(values.data as Float32Array)),
    prompts: examples.map(({ prompt }, i) => ({ ids: prompt, stratum: i % 2 === 0 ? "x" : "y" })),
    rewardNames: ["letters", "brevity"],
    reward: (indices, completions) =>
      Promise.resolve(
        completions.map((text, k) => [
          text.split("e").length / (text.length + 1),
          indices[k]! % 2 === 0 ? null : 1 - text.length / 16,
        ]),
      ),
    config: grpo,
    folder: scratch,
    onStep: tell("grpo"),
  }));
console.log(JSON.stringify([tuned.path, reinforced.path]));
