/**
 * Timed work, each in a process of its own so that its peak memory is its own: sampling and training steps on random
 * prompts, and whole steps of GRPO. As a program: `workload.ts --json FILE --request JSON`.
 *
 * @module
 */

import { fromFileUrl } from "@std/path";
import { z } from "zod";
import {
  backward,
  createAdapter,
  currentPolicy,
  disposePolicy,
  disposeTape,
  disposeTransformer,
  fullParameters,
  generate,
  loadTransformer,
  packGroups,
  parameterCount,
  readTokenizer,
  recordBatch,
  resolveModel,
  type Tokenizer,
  type Trainable,
  type Transformer,
  withValues,
} from "../../lib/model/mod.ts";
import {
  parseConfig,
  peakMegabytes,
  randomStream,
  runCommand,
  startBackend,
  tf,
  writeFileAtomic,
} from "../../lib/runtime/mod.ts";
import { childJson } from "../core/child_json.ts";
import {
  adamWDefaults,
  adamWState,
  adamWStep,
  disposeAdamWState,
  grpoSchema,
  trainGrpo,
} from "../../lib/training/mod.ts";
import { type Workload, workloadSchema } from "./config.ts";
import type { WorkloadResult } from "./findings.ts";
import { shapedTransformer } from "./shapes.ts";

/** The model with its tokenizer; random weights of a published shape have that of the tiny model, which reads nothing of theirs. */
async function modelOf(
  { model: name, sizes }: Workload,
): Promise<{ readonly model: Transformer; readonly tokenizer: Tokenizer }> {
  if (sizes === undefined) return await loadTransformer(name);
  if (!("shape" in sizes)) return await loadTransformer("tiny", { sizes });
  const tokenizer = await readTokenizer(await resolveModel("smollm2"));
  return { model: shapedTransformer(sizes.shape), tokenizer };
}

function trainableOf(model: Transformer, { tuning }: Workload): Trainable {
  if (tuning.kind === "full") return fullParameters(model);
  return { kind: "lora", ...createAdapter(model.config, tuning, randomStream(0, "adapter")) };
}

function randomPrompts(work: Workload, vocabulary: number, count: number): number[][] {
  const random = randomStream(0, "cost");
  const low = Math.min(300, vocabulary - 1);
  return Array.from(
    { length: count },
    () => Array.from({ length: work.promptLength }, () => low + random.integer(vocabulary - low)),
  );
}

/** Sampling, and a step of training on what was sampled, by themselves. */
async function timeParts(
  work: Workload,
  model: Transformer,
  initial: Trainable,
): Promise<Record<string, number[]>> {
  const prompts = randomPrompts(work, model.config.vocabSize, work.promptsPerStep);
  const K = work.numGenerations;
  const asked = work.sharedPrefix ? prompts : prompts.flatMap((p) => new Array(K).fill(p));
  const seconds = { sampling: [] as number[], training: [] as number[] };
  let values = initial.values;
  let state = adamWState(values.size);
  for (let step = 0; step < work.steps + 1; step++) {
    const trainable = withValues(initial, values);
    const policy = currentPolicy(model, trainable);
    const started = performance.now();
    const rows = await generate(policy, asked, {
      numGenerations: work.sharedPrefix ? K : 1,
      maxNewTokens: work.completionLength,
      temperature: 1,
      stopIds: [],
      seed: step,
      batchRows: work.promptsPerStep * K,
    });
    const sampled = performance.now();
    const batch = packGroups(
      asked.map((prompt, i) => ({ prompt, completions: rows[i]!.map(({ ids }) => ids) })),
    );
    const { logProbs, tape } = recordBatch(policy, trainable, batch);
    // Alternating signs stand for advantages: what they are does not change the work.
    const coefficients = Float32Array.from(
      logProbs,
      (_, n) => (n % 2 === 0 ? 1 : -1) / logProbs.length,
    );
    const gradient = backward(policy, trainable, tape, coefficients);
    disposeTape(tape);
    const next = adamWStep(values, gradient, state, 1e-6, adamWDefaults);
    next.values.dataSync();
    disposePolicy(policy, trainable);
    disposeAdamWState(state);
    tf.dispose([gradient, values]);
    ({ values, state } = next);
    if (step === 0) continue;
    seconds.sampling.push((sampled - started) / 1000);
    seconds.training.push((performance.now() - sampled) / 1000);
  }
  disposeAdamWState(state);
  values.dispose();
  return seconds;
}

const rewardNames = ["first", "second", "third", "fourth"] as const;

/** Numbers from 0 to 1 that look random, from the characters of a text. */
function rewardsOf(text: string): number[] {
  let total = 0;
  for (const character of text) total += character.codePointAt(0)!;
  return rewardNames.map((_, k) => (total * (k + 3)) % 97 / 97);
}

/** Whole steps of GRPO with four rewards; those up to the second solution for the weights warm up. */
async function timeSteps(
  work: Workload,
  tokenizer: Tokenizer,
  model: Transformer,
  initial: Trainable,
): Promise<Record<string, number[]>> {
  const warmUp = work.gramSteps;
  const { trainable, log } = await trainGrpo({
    model,
    tokenizer: { ...tokenizer, eosIds: [] },
    trainable: initial,
    prompts: randomPrompts(work, model.config.vocabSize, 4 * work.promptsPerStep)
      .map((ids) => ({ ids, stratum: "all" })),
    rewardNames,
    reward: (_, completions) => Promise.resolve(completions.map(rewardsOf)),
    config: grpoSchema.parse({
      maxSteps: warmUp + work.steps,
      learningRate: 1e-6,
      promptsPerStep: work.promptsPerStep,
      numGenerations: work.numGenerations,
      maxCompletionLength: work.completionLength,
      beta: 0,
      rewardWeights: rewardNames.map(() => 1 / rewardNames.length),
      multiObjectiveAggregation: "leave_one_out",
      weighting: work.weighting,
      gramSteps: work.gramSteps,
    }),
  });
  tf.dispose([initial.values, trainable.values]);
  return { step: log.slice(warmUp).map(({ step_time }) => step_time) };
}

/**
 * Does the work here.
 *
 * @param work What is measured.
 * @returns Times, memory and numbers of parameters.
 * @throws {UsageError} when there is no such model
 */
export async function doWorkload(work: Workload): Promise<WorkloadResult> {
  const { model, tokenizer } = await modelOf(work);
  const trainable = trainableOf(model, work);
  const trained = trainable.values.size;
  const loadedMb = peakMegabytes();
  const seconds = work.kind === "parts"
    ? await timeParts(work, model, trainable)
    : await timeSteps(work, tokenizer, model, trainable);
  disposeTransformer(model);
  const { layers, kvHeads, headDim } = model.config;
  return {
    parameters: parameterCount(model.config),
    trained,
    layers,
    kvWidth: 2 * kvHeads * headDim,
    seconds,
    loadedMb,
    peakMb: peakMegabytes(),
  };
}

/**
 * Does the work in a process of its own.
 *
 * @param work What is measured.
 * @returns What {@linkcode doWorkload} finds there.
 * @throws {WorkbenchError} when the process fails, with the last line that it said
 */
export async function measureWorkload(work: Workload): Promise<WorkloadResult> {
  const program = fromFileUrl(import.meta.url);
  const args = ["run", "-A", "--quiet", program, "--request", JSON.stringify(work)];
  const { threads } = work;
  return await childJson(
    [Deno.execPath(), ...args],
    `measure ${JSON.stringify(work)}`,
    threads === undefined ? {} : { env: { TF_NUM_INTRAOP_THREADS: String(threads) } },
  ) as WorkloadResult;
}

if (import.meta.main) {
  const schema = z.object({
    json: z.string().describe("The file to write"),
    request: z.string().describe("What to measure, as JSON"),
  });
  await runCommand(
    { name: "cost-workload", summary: "Measures one workload of the cost experiment.", schema },
    Deno.args,
    async ({ json, request }) => {
      const work = parseConfig(workloadSchema, JSON.parse(request), "the request");
      await startBackend();
      await writeFileAtomic(json, JSON.stringify(await doWorkload(work)));
    },
  );
}
