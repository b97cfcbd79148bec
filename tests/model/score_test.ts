import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import {
  architectures,
  backward,
  basePolicy,
  batchLogits,
  createTransformer,
  currentPolicy,
  disposePolicy,
  disposeTape,
  disposeTransformer,
  fullParameters,
  packGroups,
  type PromptGroup,
  recordBatch,
  scoreBatch,
  type Trainable,
  type Transformer,
  withValues,
} from "../../lib/model/mod.ts";
import { startBackend, tf, UsageError } from "../../lib/runtime/mod.ts";
import { relativeDifference } from "../../experiments/parity/comparison.ts";
import { naiveLogits, naiveLogProbs } from "./naive.ts";
import {
  busyAdapter,
  normals,
  oneByOne,
  smallCheckpoint,
  smallConfig,
  unevenGroups,
} from "./small_model.ts";

await startBackend();

/** Log-probabilities, and the gradient of their weighted sum; the weights follow the tokens. */
function scoreAndGradient(
  model: Transformer,
  trainable: Trainable,
  batches: readonly (readonly PromptGroup[])[],
  weights: Float32Array,
  options: { multiple?: number; temperature?: number } = {},
): { logProbs: number[]; gradient: Float32Array } {
  const { multiple = 4, temperature = 1 } = options;
  const policy = currentPolicy(model, trainable);
  const logProbs: number[] = [];
  const gradient = new Float32Array(trainable.values.size);
  for (const groups of batches) {
    const batch = packGroups(groups, multiple);
    const { logProbs: found, tape } = recordBatch(policy, trainable, batch, { temperature });
    const coefficients = weights.slice(logProbs.length, logProbs.length + found.length);
    const part = backward(policy, trainable, tape, coefficients, { temperature });
    part.dataSync().forEach((g, i) => gradient[i]! += g);
    part.dispose();
    disposeTape(tape);
    logProbs.push(...found);
  }
  disposePolicy(policy, trainable);
  return { logProbs, gradient };
}

const tokenCount = oneByOne(unevenGroups).reduce((n, g) => n + g.completions[0]!.length, 0);

for (const architecture of architectures) {
  Deno.test(`${architecture}: logits and log-probabilities equal the plain computation`, () => {
    const checkpoint = smallCheckpoint(smallConfig(architecture));
    const model = createTransformer(checkpoint);
    const batch = packGroups(unevenGroups, 4);
    const logProbs = scoreBatch(basePolicy(model), batch);
    const expected = oneByOne(unevenGroups).flatMap(({ prompt, completions }) =>
      naiveLogProbs(checkpoint, prompt, completions[0]!)
    );
    assertEquals(logProbs.length, expected.length);
    expected.forEach((x, i) => assertAlmostEquals(logProbs[i]!, x, 2e-5));
    const { prompt } = unevenGroups[1]!;
    const prompts = packGroups([{ prompt: [3], completions: [] }, { prompt, completions: [] }], 4);
    const rows = Int32Array.from(prompt, (_, t) => prompts.promptLength + t);
    const logits = batchLogits(basePolicy(model), prompts, rows);
    const difference = relativeDifference(
      logits.dataSync(),
      naiveLogits(checkpoint, prompt).flat(),
    );
    assert(difference < 1e-5, `${difference}`);
    logits.dispose();
    disposeTransformer(model);
  });

  Deno.test(`${architecture}: every weight's gradient equals finite differences`, () => {
    const model = createTransformer(smallCheckpoint(smallConfig(architecture), 2));
    const weights = normals(tokenCount, "weights");
    for (const trainable of [fullParameters(model), busyAdapter(model)]) {
      checkGradient(model, trainable, weights);
      trainable.values.dispose();
    }
    disposeTransformer(model);
  });
}

/** Where each tensor of the vector starts and ends: those of the layers, then what stands outside. */
function partsOf(model: Transformer, trainable: Trainable): [string, number, number][] {
  const parts: [string, number, number][] = [];
  let at = 0;
  const add = (name: string, size: number) => parts.push([name, at, at += size]);
  for (let l = 0; l < model.config.layers; l++) {
    for (const segment of trainable.segments) {
      const name = "name" in segment
        ? segment.name
        : `${segment.group} ${segment.factor} ${segment.modules}`;
      add(`layer ${l} ${name}`, segment.shape.reduce((a, b) => a * b, 1));
    }
  }
  if (trainable.kind === "full") {
    add("embedding", model.embedding.size);
    add("norm", model.norm.size);
    if (!model.config.tieWordEmbeddings) add("head", model.head.size);
  }
  assertEquals(at, trainable.values.size);
  return parts;
}

/** Compares the slope along a direction within each tensor, which the gradient and random numbers make up. */
function checkGradient(model: Transformer, trainable: Trainable, weights: Float32Array): void {
  const temperature = 1.3;
  const { gradient } = scoreAndGradient(model, trainable, [unevenGroups], weights, { temperature });
  const batch = packGroups(unevenGroups, 4);
  const start = trainable.values.dataSync();
  const objective = (direction: Float32Array, step: number): number => {
    const moved = withValues(
      trainable,
      tf.tensor1d(Float32Array.from(start, (v, i) => v + step * direction[i]!)),
    );
    const policy = currentPolicy(model, moved);
    const logProbs = scoreBatch(policy, batch, { temperature });
    disposePolicy(policy, moved);
    moved.values.dispose();
    return logProbs.reduce((sum, x, i) => sum + x * weights[i]!, 0);
  };
  for (const [name, from, to] of partsOf(model, trainable)) {
    const part = gradient.subarray(from, to);
    const norm = Math.hypot(...part);
    assert(norm > 1e-4, `${name}: gradient of norm ${norm}`);
    const random = normals(part.length, name);
    const length = Math.hypot(...random);
    const direction = new Float32Array(gradient.length);
    part.forEach((g, i) => direction[from + i] = g / norm + random[i]! / length);
    const slope = part.reduce((sum, g, i) => sum + g * direction[from + i]!, 0);
    const step = 4e-3;
    const difference = (objective(direction, step) - objective(direction, -step)) / (2 * step);
    assertAlmostEquals(difference, slope, 1e-3 + 2e-3 * norm, name);
  }
}

Deno.test("a shared prompt gives what one row per completion gives, gradients included", () => {
  const model = createTransformer(smallCheckpoint(smallConfig("llama")));
  const weights = normals(tokenCount, "shared");
  for (const trainable of [fullParameters(model), busyAdapter(model)]) {
    const shared = scoreAndGradient(model, trainable, [unevenGroups], weights);
    const alone = scoreAndGradient(
      model,
      trainable,
      oneByOne(unevenGroups).filter(({ completions }) => completions[0]!.length > 0)
        .map((group) => [group]),
      weights,
    );
    assert(relativeDifference(shared.logProbs, alone.logProbs) < 1e-5);
    for (const [name, from, to] of partsOf(model, trainable)) {
      const difference = relativeDifference(
        shared.gradient.subarray(from, to),
        alone.gradient.subarray(from, to),
      );
      assert(difference < 1e-4, `${name}: ${difference}`);
    }
    trainable.values.dispose();
  }
  disposeTransformer(model);
});

Deno.test("the amount of padding changes neither log-probabilities nor gradients", () => {
  const model = createTransformer(smallCheckpoint(smallConfig("qwen2")));
  const trainable = busyAdapter(model);
  const weights = normals(tokenCount, "padding");
  const tight = scoreAndGradient(model, trainable, [unevenGroups], weights, { multiple: 1 });
  for (const multiple of [8, 16, 40]) {
    const padded = scoreAndGradient(model, trainable, [unevenGroups], weights, { multiple });
    assert(relativeDifference(padded.logProbs, tight.logProbs) < 1e-5);
    assert(relativeDifference(padded.gradient, tight.gradient) < 1e-4);
  }
  trainable.values.dispose();
  disposeTransformer(model);
});

Deno.test("a tape serves several gradients, and they add up", () => {
  const model = createTransformer(smallCheckpoint(smallConfig("llama")));
  const trainable = busyAdapter(model);
  const policy = currentPolicy(model, trainable);
  const { tape } = recordBatch(policy, trainable, packGroups(unevenGroups, 4));
  const [a, b] = [normals(tokenCount, "a"), normals(tokenCount, "b")];
  const read = (c: Float32Array) => {
    const g = backward(policy, trainable, tape, c);
    const data = g.dataSync();
    g.dispose();
    return data;
  };
  const [first, second, both] = [read(a), read(b), read(a.map((x, i) => x + b[i]!))];
  assert(relativeDifference(first.map((x, i) => x + second[i]!), both) < 1e-5);
  assert(read(new Float32Array(tokenCount)).every((g) => g === 0));
  disposeTape(tape);
  disposePolicy(policy, trainable);
  trainable.values.dispose();
  disposeTransformer(model);
});

Deno.test("scoring and gradients leave no tensor behind", () => {
  const once = () => {
    const model = createTransformer(smallCheckpoint(smallConfig("qwen2")));
    const before = tf.memory().numTensors;
    for (const trainable of [busyAdapter(model), fullParameters(model)]) {
      scoreAndGradient(model, trainable, [unevenGroups], normals(tokenCount, "leaks"));
      trainable.values.dispose();
    }
    scoreBatch(basePolicy(model), packGroups(unevenGroups, 4));
    const left = tf.memory().numTensors - before;
    disposeTransformer(model);
    return left;
  };
  once(); // what is kept for later calls of the same shapes is made now
  const before = tf.memory().numTensors;
  for (let i = 0; i < 3; i++) assertEquals(once(), 0);
  assertEquals(tf.memory().numTensors, before);
});

Deno.test("a batch without any completion token has no log-probability and a zero gradient", () => {
  const model = createTransformer(smallCheckpoint(smallConfig("llama")));
  const trainable = busyAdapter(model);
  const { logProbs, gradient } = scoreAndGradient(
    model,
    trainable,
    [[{ prompt: [1, 2], completions: [[], []] }]],
    new Float32Array(),
  );
  assertEquals(logProbs, []);
  assert(gradient.every((g) => g === 0));
  trainable.values.dispose();
  disposeTransformer(model);
});

Deno.test("an empty prompt and a missing weight are refused by name", () => {
  assertThrows(
    () => packGroups([{ prompt: [], completions: [[1]] }]),
    UsageError,
    "Expected a prompt of at least 1 token but found 0 in group 0",
  );
  const checkpoint = smallCheckpoint(smallConfig("llama"));
  const weights = new Map(checkpoint.weights);
  weights.delete("model.layers.1.mlp.down_proj.weight");
  assertThrows(
    () => createTransformer({ ...checkpoint, weights }),
    UsageError,
    "model.layers.1.mlp.down_proj.weight",
  );
});
