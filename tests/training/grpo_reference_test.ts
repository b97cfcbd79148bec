import { assert, assertAlmostEquals } from "@std/assert";
import {
  backward,
  createTransformer,
  currentPolicy,
  disposePolicy,
  disposeTape,
  disposeTransformer,
  packGroups,
  recordBatch,
  scoreBatch,
  withValues,
} from "../../lib/model/mod.ts";
import { startBackend, tf } from "../../lib/runtime/mod.ts";
import {
  adamWState,
  adamWStep,
  disposeAdamWState,
  type GrpoConfig,
  grpoSchema,
  type RewardFunction,
  sampleCompletions,
  trainGrpo,
} from "../../lib/training/mod.ts";
import { relativeDifference } from "../../experiments/parity/comparison.ts";
import {
  busyAdapter,
  letterTokenizer,
  smallCheckpoint,
  smallConfig,
} from "../model/small_model.ts";

await startBackend();

const prompts = ["ache", "a fever", "cough", "the rash"]
  .map((text) => ({ ids: letterTokenizer.encode(text), stratum: "x" }));

const reward: RewardFunction = (_, completions) =>
  Promise.resolve(completions.map((text) => [text.split("e").length, text.length]));

/** Two optimizer steps on the same completions, written out: one batch, plain loops, no options left. */
async function referenceSteps(config: GrpoConfig): Promise<Float32Array> {
  const model = createTransformer(smallCheckpoint(smallConfig("llama")));
  let trainable = busyAdapter(model);
  const reference = currentPolicy(model, trainable);
  const before = trainable;
  const given = { config, tokenizer: letterTokenizer, prompts, rewardNames: ["e", "n"], reward };
  const { indices, completions, rewards } = await sampleCompletions(given, reference, 0);
  const advantages = rewards.flatMap((group) => {
    const sums = group.map(([e, n]) => e! + 0.5 * n!);
    const mean = sums.reduce((a, b) => a + b) / sums.length;
    const variance = sums.reduce((a, x) => a + (x - mean) ** 2, 0) / (sums.length - 1);
    return sums.map((x) => (x - mean) / (Math.sqrt(variance) + 1e-4));
  });
  const batch = packGroups(indices.map((i, g) => ({
    prompt: prompts[i]!.ids,
    completions: completions[g]!.map(({ ids }) => ids),
  })));
  const lengths = completions.flat().map(({ ids }) => ids.length);
  const ref = scoreBatch(reference, batch);
  let old: Float32Array | undefined;
  let optimizer = adamWState(trainable.values.size);
  let clips = 0;
  for (let step = 0; step < 2; step++) {
    const policy = currentPolicy(model, trainable);
    const { logProbs, tape } = recordBatch(policy, trainable, batch);
    old ??= logProbs.slice();
    const slope = new Float32Array(logProbs.length);
    let at = 0;
    lengths.forEach((n, s) => {
      const A = advantages[s]!;
      const tokens = Array.from({ length: n }, () => at++);
      const difference = (t: number) => logProbs[t]! - old![t]!;
      const mean = tokens.reduce((sum, t) => sum + difference(t), 0) / n;
      const sequence = config.importanceSamplingLevel === "sequence";
      let shared = 0;
      for (const t of tokens) {
        const ratio = Math.exp(sequence ? mean : difference(t));
        const clipped = A > 0 ? ratio > 1 + config.epsilonHigh! : ratio < 1 - config.epsilon;
        if (clipped) clips++;
        const r = Math.exp(ref[t]! - logProbs[t]!);
        // k3 times the ratio: its own slope, and the slope of the ratio.
        const k3 = r - Math.log(r) - 1;
        const through = (clipped ? 0 : -A * ratio) + config.beta * k3 * ratio;
        slope[t]! += config.beta * (1 - r) * ratio + (sequence ? 0 : through);
        shared += through / n;
      }
      if (sequence) tokens.forEach((t) => slope[t]! += shared);
    });
    const mean = slope.map((x) => x / logProbs.length);
    const gradient = backward(policy, trainable, tape, mean);
    disposeTape(tape);
    disposePolicy(policy, trainable);
    const next = adamWStep(trainable.values, gradient, optimizer, config.learningRate, {
      betas: [config.adamBeta1, config.adamBeta2],
      eps: config.adamEpsilon,
      weightDecay: 0,
    });
    disposeAdamWState(optimizer);
    tf.dispose([gradient, trainable === before ? [] : trainable.values]);
    trainable = withValues(trainable, next.values);
    optimizer = next.state;
  }
  assert(clips > 0, "nothing is clipped");
  const values = trainable.values.dataSync() as Float32Array;
  disposePolicy(reference, before);
  disposeAdamWState(optimizer);
  tf.dispose([trainable.values, before.values]);
  disposeTransformer(model);
  return values;
}

for (const importanceSamplingLevel of ["token", "sequence"] as const) {
  Deno.test(`two inner epochs by ${importanceSamplingLevel} are those of the loop written out`, async () => {
    const config = grpoSchema.parse({
      maxSteps: 2,
      numIterations: 2,
      learningRate: 0.5,
      lrSchedulerType: "constant",
      warmupRatio: 0,
      adamEpsilon: 1,
      maxGradNorm: 1e6,
      epsilon: 0.002,
      epsilonHigh: 0.003,
      beta: 0.05,
      lossType: "dapo",
      importanceSamplingLevel,
      promptsPerStep: 4,
      numGenerations: 4,
      maxCompletionLength: 8,
      rewardWeights: [1, 0.5],
      microBatches: 2,
    });
    const expected = await referenceSteps(config);
    const model = createTransformer(smallCheckpoint(smallConfig("llama")));
    const trainable = busyAdapter(model);
    const start = trainable.values.dataSync() as Float32Array;
    const { trainable: trained, log } = await trainGrpo({
      model,
      tokenizer: letterTokenizer,
      trainable,
      prompts,
      rewardNames: ["e", "n"],
      reward,
      config,
    });
    const found = trained.values.dataSync() as Float32Array;
    tf.dispose([trained.values, trainable.values]);
    disposeTransformer(model);
    assert(relativeDifference(found, start) > 1e-3);
    assert(relativeDifference(found, expected) < 1e-5, `${relativeDifference(found, expected)}`);
    assertAlmostEquals(log[0]!.reward!, log[1]!.reward!, 0);
  });
}
