import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import {
  createTransformer,
  currentPolicy,
  disposePolicy,
  disposeTransformer,
  fullParameters,
  withValues,
} from "../../lib/model/mod.ts";
import { disposeGraphs, isRecording, startBackend, tf } from "../../lib/runtime/mod.ts";
import { grpoSchema } from "../../lib/training/config.ts";
import { grpoLossDefaults } from "../../lib/training/grpo_loss.ts";
import { passPart, type SharedByParts } from "../../lib/training/part_pass.ts";
import { type Bounds, partsOf } from "../../lib/training/step_parts.ts";
import { busyAdapter, normals, smallCheckpoint, smallConfig } from "../model/small_model.ts";

await startBackend();

/** Prompts and completions of different lengths. */
const prompts = [2, 7, 1, 4, 6].map((length, p) => ({
  ids: Array.from({ length }, (_, t) => 1 + (5 * p + 3 * t) % 25),
  stratum: "all",
}));
const completions = prompts.map((_, p) =>
  [0, 1, 2].map((k) => ({
    ids: Array.from({ length: 1 + (2 * p + 3 * k) % 6 }, (_, t) => 1 + (p + 7 * k + 2 * t) % 25),
    finished: (p + k) % 4 !== 0,
  }))
);
const samples = { indices: [0, 1, 2, 3, 4], completions, rewards: [], resampled: 0 };
const blocks: Bounds[] = [[0, 1], [1, 3], [3, 5]];

/** Advantages of three rewards; the second tells nothing of the middle block, the third nothing at all. */
const own = [0, 1, 2].map((i) =>
  prompts.map((_, p) =>
    [...normals(3, "advantage", i, p)].map((a) =>
      i === 2 || i === 1 && (p === 1 || p === 2) ? 0 : a
    )
  )
);

/** The policies that are trained and compared with, and what is trained. */
type Model = Pick<SharedByParts, "policy" | "reference" | "trainable">;

/** What the parts of a step share. */
function sharedBy(
  model: Model,
  beta: number,
  apart: boolean,
  combined: SharedByParts["combined"],
): SharedByParts {
  const config = grpoSchema.parse({
    maxSteps: 1,
    learningRate: 1,
    rewardWeights: [1, 1, 1],
    lossType: "dr_grpo",
    beta,
  });
  const lossOptions = { ...grpoLossDefaults, ...config, epsilonHigh: 0.2 };
  return { ...model, config, lossOptions, combined, own, sequences: 15, tokens: 40, apart };
}

/** The loss and its gradient for some advantages on a block, by a backward pass of their own. */
function alone(model: Model, block: Bounds, advantages: SharedByParts["combined"], beta: number) {
  const [part] = partsOf(samples, prompts, [[block]], true);
  const pass = passPart(sharedBy(model, beta, false, advantages), part!, undefined)!;
  return { loss: pass.loss.loss, gradient: pass.pieces[0]!.vectors[0]! };
}

function assertClose(found: tf.Tensor, wanted: tf.Tensor): void {
  const [x, y] = [found.dataSync(), wanted.dataSync()];
  const size = Math.max(1e-6, ...y.map(Math.abs));
  assertEquals(x.length, y.length);
  y.forEach((value, k) => assert(Math.abs(value - x[k]!) < 2e-5 * size, `${value} ${x[k]}`));
}

function checkGradients(model: Model, beta: number, inOne: boolean): void {
  const shared = sharedBy(model, beta, true, own[0]!);
  const parts = (pieces: Bounds[][]) => partsOf(samples, prompts, pieces, true);
  const one = passPart(shared, parts([blocks])[0]!, undefined);
  assertEquals(one !== undefined, inOne);
  const passes = one === undefined
    ? parts(blocks.map((block) => [block])).map((part) => passPart(shared, part, undefined)!)
    : [one];
  const pieces = passes.flatMap((pass) => pass.pieces);
  assertEquals(pieces.map(({ first }) => first), [0, 1, 3]);
  let divergence = 0;
  for (const [b, { vectors, losses }] of pieces.entries()) {
    const wanted = own.map((advantages) => alone(model, blocks[b]!, advantages, 0));
    assertEquals(losses.length, 3);
    losses.forEach((loss, i) => assertAlmostEquals(loss, wanted[i]!.loss, 1e-9));
    if (beta !== 0) {
      const none = prompts.map(() => [0, 0, 0]);
      wanted.push(alone(model, blocks[b]!, none, beta));
      divergence += wanted[3]!.loss;
    }
    assertEquals(vectors.length, wanted.length);
    vectors.forEach((vector, i) => assertClose(vector, wanted[i]!.gradient));
    tf.dispose([...vectors, ...wanted.map(({ gradient }) => gradient)]);
  }
  assertAlmostEquals(passes.reduce((sum, pass) => sum + pass.divergence, 0), divergence, 1e-6);
  assertEquals(divergence > 1e-3, beta !== 0);
}

for (const [kind, layers] of [["lora", 3], ["lora", 2], ["full", 3]] as const) {
  Deno.test(`each reward has on each block the gradient of a backward pass of its own: ${kind}, ${layers} layers`, () => {
    const model = createTransformer(smallCheckpoint(smallConfig("llama", { layers })));
    const start = busyAdapter(model);
    const trainable = kind === "lora"
      ? withValues(start, tf.mul(start.values, 0.5))
      : fullParameters(model);
    const [policy, reference] = [currentPolicy(model, trainable), currentPolicy(model, start)];
    const tensors = tf.memory().numTensors;
    for (const beta of [0, 0.3]) {
      const inOne = kind === "lora" && layers === 3 && isRecording();
      checkGradients({ policy, reference, trainable }, beta, inOne);
    }
    assertEquals(tf.memory().numTensors, tensors);
    disposePolicy(policy, trainable);
    disposePolicy(reference, start);
    tf.dispose([trainable.values, start.values]);
    disposeTransformer(model);
    disposeGraphs();
  });
}
