import { assert, assertEquals } from "@std/assert";
import {
  basePolicy,
  createTransformer,
  disposeTransformer,
  forEachLayerInputs,
  packGroups,
} from "../../lib/model/mod.ts";
import { rmsNorm, startBackend, tf } from "../../lib/runtime/mod.ts";
import { relativeDifference } from "../../experiments/parity/comparison.ts";
import { smallCheckpoint, smallConfig, unevenGroups } from "./small_model.ts";

await startBackend();

Deno.test("what the projections read is what the layer computes with, on valid tokens alone", () => {
  for (const architecture of ["llama", "qwen2", "qwen3"] as const) {
    const config = smallConfig(architecture);
    const model = createTransformer(smallCheckpoint(config));
    const policy = basePolicy(model);
    const tokens = unevenGroups.flatMap(({ prompt, completions }) => [
      prompt.length,
      ...completions.map(({ length }) => length),
    ]).reduce((a, b) => a + b, 0);
    const near = (found: tf.Tensor, expected: tf.Tensor, what: string) => {
      assertEquals(found.shape, expected.shape);
      const [a, b] = [found, expected].map((t) => t.dataSync() as Float32Array);
      assert(relativeDifference(a!, b!) < 1e-5, `${architecture} ${what}`);
    };
    for (const multiple of [1, 16]) {
      const batch = packGroups(unevenGroups, multiple);
      const before = tf.memory().numTensors;
      let visited = 0;
      let stream: tf.Tensor | undefined;
      forEachLayerInputs(policy, batch, (inputs, l) => {
        assertEquals(l, visited++);
        const { weights } = policy.layers[l]!;
        if (stream === undefined) {
          const ids = [
            ...unevenGroups.flatMap(({ prompt }) => prompt),
            ...unevenGroups.flatMap(({ completions }) => completions.flat()),
          ];
          stream = tf.gather(policy.embedding, tf.tensor1d(ids, "int32"));
        }
        // Each input leads to the next one.
        near(inputs.qkv, rmsNorm(stream, weights.inputNorm, config.rmsNormEps), "qkv");
        assertEquals(inputs.output.shape, [tokens, config.heads * config.headDim]);
        const middle = tf.add(stream, tf.matMul(inputs.output, weights.output as tf.Tensor2D));
        near(inputs.gateUp, rmsNorm(middle, weights.postNorm, config.rmsNormEps), "gateUp");
        stream.dispose();
        stream = tf.keep(tf.add(middle, tf.matMul(inputs.down, weights.down as tf.Tensor2D)));
      });
      stream!.dispose();
      assertEquals(visited, config.layers);
      assertEquals(tf.memory().numTensors, before);
    }
    disposeTransformer(model);
  }
});
