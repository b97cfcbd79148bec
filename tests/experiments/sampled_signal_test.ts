import { assert, assertAlmostEquals } from "@std/assert";
import { exactScales, gradientsInUnits } from "../../experiments/sampled/exact_units.ts";
import { lookupRewards } from "../../experiments/sampled/lookup.ts";
import { signalToNoise } from "../../experiments/sampled/signal.ts";
import {
  disposeLaboratory,
  exactGradients,
  type Laboratory,
  openLaboratory,
} from "../../lib/laboratory/mod.ts";
import {
  backwardEach,
  currentPolicy,
  disposePolicy,
  disposeTape,
  encodePrompt,
  packGroups,
  type Policy,
  recordBatch,
  type Trainable,
} from "../../lib/model/mod.ts";
import { randomStream, startBackend, tf } from "../../lib/runtime/mod.ts";
import {
  grpoSchema,
  pooledScales,
  sampleCompletions,
  type Samples,
} from "../../lib/training/mod.ts";
import { TEMPERATURE, withLearnt } from "../laboratory/learnt_model.ts";
import { smallPopulation, smallRewards } from "../laboratory/small_laboratory.ts";
import { letterTokenizer } from "../model/small_model.ts";

await startBackend();

const K = 4;
const m = smallRewards.length;
const n = smallPopulation.length;
const prompts = smallPopulation.map(({ prompt, task }) => ({
  ids: encodePrompt(letterTokenizer, prompt),
  stratum: task,
}));
const reward = lookupRewards(smallPopulation, m);
const configWith = (seed: number) =>
  grpoSchema.parse({
    maxSteps: 1,
    learningRate: 1,
    promptsPerStep: n,
    numGenerations: K,
    maxCompletionLength: 20,
    temperature: TEMPERATURE,
    rewardWeights: smallRewards.map(() => 1),
    seed,
  });
const sampling = { prompts, tokenizer: letterTokenizer, rewardNames: smallRewards, reward };

/** The gradient of each reward's mean as one step estimates it: every reward less the mean of its group's others. */
function estimate(
  policy: Policy,
  trainable: Trainable,
  { indices, completions, rewards }: Samples,
) {
  const batch = packGroups(
    indices.map((x, g) => ({
      prompt: prompts[x]!.ids,
      completions: completions[g]!.map(({ ids }) => ids),
    })),
  );
  const { tape } = recordBatch(policy, trainable, batch, { temperature: TEMPERATURE });
  const coefficients = smallRewards.map((_, i) =>
    Float32Array.from(indices.flatMap((_, g) =>
      completions[g]!.flatMap(({ ids }, k) => {
        const own = rewards[g]!.map((row) => row[i]!);
        const others = (own.reduce((a, b) => a + b, 0) - own[k]!) / (K - 1);
        return ids.map(() => (own[k]! - others) / (K * n));
      })
    ))
  );
  const gradients = backwardEach(policy, trainable, tape, coefficients, {
    temperature: TEMPERATURE,
  });
  disposeTape(tape);
  const read = gradients.map((g) => g.dataSync() as Float32Array);
  tf.dispose(gradients);
  return read;
}

const dot = (a: ArrayLike<number>, b: ArrayLike<number>, metric: ArrayLike<number>): number => {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += a[k]! * b[k]! * metric[k]!;
  return sum;
};

/** A diagonal metric that is not the identity. */
const metricOf = (size: number): tf.Tensor1D =>
  tf.tidy(() => tf.add(1, tf.mod(tf.range(0, size), 3)) as tf.Tensor1D);

Deno.test("signal to noise: exact gradients of all prompts, and of each, against draws of completions", async () => {
  await withLearnt(async (model, trainable, lab) => {
    const metric = metricOf(trainable.values.size);
    const diagonal = metric.dataSync();
    const config = configWith(3);
    const { drawn, whole } = await signalToNoise({ ...sampling, lab, trainable, metric, config });
    metric.dispose();
    const read = (of: Laboratory) => {
      const { gradients } = exactGradients(of, trainable);
      const host = gradients.map((g) => g.dataSync() as Float32Array);
      tf.dispose(gradients);
      return host;
    };
    const all = read(lab);
    const own = smallPopulation.map((prompt) => {
      const alone = openLaboratory({
        model,
        tokenizer: letterTokenizer,
        prompts: [prompt],
        rewardNames: smallRewards,
        likelihood: "sequence",
        temperature: TEMPERATURE,
      });
      const host = read(alone);
      disposeLaboratory(alone);
      return host;
    });
    const policy = currentPolicy(model, trainable);
    const draws = 4;
    const squares = smallRewards.map(() => 0);
    for (let draw = 0; draw < draws; draw++) {
      const fresh = { ...config, seed: randomStream(config.seed, "signal").seed32() };
      const samples = await sampleCompletions({ ...sampling, config: fresh }, policy, draw);
      samples.indices.forEach((_, g) => {
        const one: Samples = {
          ...samples,
          indices: [samples.indices[g]!],
          completions: [samples.completions[g]!],
          rewards: [samples.rewards[g]!],
        };
        estimate(policy, trainable, one).forEach((gradient, i) =>
          squares[i]! += n ** 2 * dot(gradient, gradient, diagonal) / (draws * n)
        );
      });
    }
    disposePolicy(policy, trainable);
    smallRewards.forEach((name, i) => {
      const signal = dot(all[i]!, all[i]!, diagonal);
      const each = own.reduce((sum, g) => sum + dot(g[i]!, g[i]!, diagonal) / n, 0);
      assertAlmostEquals(drawn[i]! / (signal / (squares[i]! - signal)), 1, 1e-3, name);
      assertAlmostEquals(whole[i]! / (signal / (squares[i]! - each)), 1, 1e-3, name);
      assert(whole[i]! > drawn[i]!);
    });
  });
});

Deno.test("sampled steps estimate the exact gradients without bias", async () => {
  await withLearnt(async (_, trainable, lab) => {
    const metric = metricOf(trainable.values.size);
    const diagonal = metric.dataSync();
    const exact = exactGradients(lab, trainable).gradients;
    const truth = exact.map((g) => g.dataSync() as Float32Array);
    tf.dispose(exact);
    const policy = currentPolicy(lab.model, trainable);
    const steps = 100;
    const noise = truth.map(() => 0);
    const mean = truth.map((g) => new Float64Array(g.length));
    for (let step = 0; step < steps; step++) {
      const samples = await sampleCompletions({ ...sampling, config: configWith(1) }, policy, step);
      estimate(policy, trainable, samples).forEach((g, i) => {
        const off = g.map((x, k) => x - truth[i]![k]!);
        noise[i]! += dot(off, off, diagonal) / steps;
        g.forEach((x, k) => mean[i]![k]! += x / steps);
      });
    }
    disposePolicy(policy, trainable);
    metric.dispose();
    truth.forEach((g, i) => {
      const off = mean[i]!.map((x, k) => x - g[k]!);
      assertAlmostEquals(dot(off, off, diagonal) / (noise[i]! / steps), 1, 0.5);
    });
  });
});

Deno.test("exact gradients in the trainer's units: over the deviation in a group and the longest completion", async () => {
  await withLearnt(async (_, trainable, lab) => {
    const policy = currentPolicy(lab.model, trainable);
    const config = { ...configWith(2), numGenerations: 600 };
    const { rewards } = await sampleCompletions({ ...sampling, config }, policy, 0);
    disposePolicy(policy, trainable);
    const scales = exactScales(lab, trainable);
    pooledScales(rewards, m).forEach((scale, i) => assertAlmostEquals(scales[i]!, scale, 0.02));
    const plain = exactGradients(lab, trainable).gradients;
    const scaled = gradientsInUnits(lab, trainable, { maxCompletionLength: 20 });
    plain.forEach((g, i) => {
      const [a, b] = [g.dataSync(), scaled[i]!.dataSync()];
      const largest = Math.max(...a.map(Math.abs));
      a.forEach((x, k) => assertAlmostEquals(b[k]! * 20 * scales[i]!, x, 1e-5 * largest));
    });
    tf.dispose([...plain, ...scaled]);
  });
});
