import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { forwardFlops, trainingFlops } from "../../experiments/bench/flops.ts";
import { profileDifference, profileOperations } from "../../experiments/bench/operations.ts";
import { profileGrpo, profileReport } from "../../experiments/bench/profile.ts";
import { randomSequences } from "../../experiments/bench/sequences.ts";
import { soak, soakFaults, type SoakSample } from "../../experiments/bench/soak.ts";
import {
  backward,
  basePolicy,
  currentPolicy,
  disposePolicy,
  disposeTape,
  disposeTransformer,
  fullParameters,
  packGroups,
  recordBatch,
  scoreBatch,
} from "../../lib/model/mod.ts";
import { isNative, matmul, setRecording, startBackend, tf } from "../../lib/runtime/mod.ts";
import { smallest, smallestAdapter, smallestModel, smallestTokenizer } from "./smallest.ts";

await startBackend();
const native = isNative();

Deno.test({
  name: "operations are counted and timed one by one, and recording is as it was afterwards",
  ignore: !native,
  fn: async () => {
    const x = tf.ones([4, 6]);
    const y = tf.ones([4, 5]);
    const found = await profileOperations(() => {
      for (let i = 0; i < 3; i++) matmul(x, y, true).dispose();
      tf.tidy(() => void tf.matMul(tf.ones([2, 3, 4]), tf.ones([2, 4, 5])));
      tf.neg(x).dispose();
    });
    const of = (name: RegExp) => found.operations.find((o) => name.test(o.name))!;
    assertEquals([of(/^MatMul/).calls, of(/^MatMul/).flops], [3, 3 * 2 * 6 * 4 * 5]);
    assertEquals(of(/^BatchMatMul/).flops, 2 * 2 * 3 * 4 * 5);
    assertEquals(of(/^Neg/).flops, 0);
    assert(found.operations.reduce((n, { seconds }) => n + seconds, 0) <= found.seconds);
    // Once more, after the first: nothing is timed twice.
    const again = await profileOperations(() => matmul(x, y, true).dispose());
    assertEquals(again.operations.map(({ calls }) => calls), [1]);
    assertEquals(
      profileDifference(found, again, 2).operations.find((o) => o.name === "MatMul")!.calls,
      1,
    );
    assert(setRecording(true));
    tf.dispose([x, y]);
  },
});

Deno.test({
  name: "the operations that a model's shapes need are those that it is seen to do",
  ignore: !native,
  fn: async () => {
    const model = smallestModel();
    const before = tf.memory().numTensors;
    // 64 tokens to score: the head pads their number to a multiple of that.
    const ids = (n: number) => Array.from({ length: n }, (_, i) => 3 + i % 12);
    const batch = packGroups([
      { prompt: ids(3), completions: [ids(20), ids(14)] },
      { prompt: ids(1), completions: [ids(19), ids(11)] },
    ]);
    const count = async (work: () => void) =>
      (await profileOperations(work)).operations.reduce((n, { flops }) => n + flops, 0);
    const forward = forwardFlops(smallest, batch);
    // Rotary embeddings may be computed as small products, which are not counted as needed.
    const scored = await count(() => void scoreBatch(basePolicy(model), batch));
    assert(scored >= forward && scored <= 1.1 * forward, `${scored} of ${forward}`);
    for (const trainable of [smallestAdapter(), fullParameters(model)]) {
      const policy = currentPolicy(model, trainable);
      const needed = trainingFlops(smallest, batch, trainable);
      assert(needed > 2 * forward && needed <= 3 * forward);
      const done = await count(() => {
        const { tape } = recordBatch(policy, trainable, batch);
        const coefficients = new Float32Array(batch.targets.length).fill(1);
        backward(policy, trainable, tape, coefficients).dispose();
        disposeTape(tape);
      });
      // What is computed twice is not needed, at most another forward pass and the factors' blanks.
      assert(done >= needed && done < 1.6 * needed, `${done} of ${needed}`);
      disposePolicy(policy, trainable);
      trainable.values.dispose();
    }
    assertEquals(tf.memory().numTensors, before);
    disposeTransformer(model);
  },
});

Deno.test({
  name: "a profile has each part of a step and its operations, and leaves no tensors",
  ignore: !native,
  fn: async () => {
    const model = smallestModel();
    const before = tf.memory().numTensors;
    const profile = await profileGrpo({
      model,
      tokenizer: smallestTokenizer,
      trainable: smallestAdapter(),
      prompts: randomSequences(3, 4, [3, 16], "test"),
      promptsPerStep: 2,
      newTokens: 20,
      steps: 2,
    }, 1e7);
    assertEquals(tf.memory().numTensors, before);
    assert(Object.values(profile.parts).every((seconds) => seconds > 0));
    const calls = profile.decoding.operations.find(({ name }) => name === "MatMul")!.calls;
    // Four projections, the logits, and perhaps one for rotary embeddings.
    assert(calls === 5 || calls === 6, `${calls} products`);
    const report = profileReport("smallest", profile);
    for (const text of ["score reference", "% of the", "MatMul", "outside operations"]) {
      assertStringIncludes(report, text);
    }
    disposeTransformer(model);
  },
});

Deno.test("20 steps of all kinds and 10 generations leave no tensors", async () => {
  const model = smallestModel();
  const done: number[] = [];
  const samples = await soak({
    model,
    tokenizer: smallestTokenizer,
    steps: 20,
    generations: 10,
    onProgress: (n, total) => done.push(n / total),
  });
  assertEquals(samples.length, 11);
  assertEquals([samples[5]!.steps, samples[5]!.generations], [10, 5]);
  assertEquals(done.at(-1), 1);
  assertEquals(new Set(samples.map(({ tensors }) => tensors)).size, 1);
  disposeTransformer(model);
});

Deno.test("tensors may not grow at all, memory little after the first fifth", () => {
  const run = (tensors: number[], memory: number[]): SoakSample[] =>
    tensors.map((n, i) => ({
      steps: i,
      generations: i,
      tensors: n,
      residentMb: memory[i]!,
      graphs: 0,
    }));
  assertEquals(soakFaults(run([5, 5, 5, 5], [100, 900, 1000, 1110])), []);
  const faults = soakFaults(run([5, 5, 5, 6], [100, 900, 1000, 1120]));
  assertEquals(faults.length, 2);
  assertStringIncludes(
    faults[0]!,
    "Expected 5 tensors after 3 steps and 3 generations but found 6",
  );
  assertStringIncludes(faults[1]!, "at most 1114 MB");
});
