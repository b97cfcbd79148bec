import { assert, assertEquals } from "@std/assert";
import {
  type Architecture,
  backwardEach,
  createTransformer,
  currentPolicy,
  disposePolicy,
  disposeTape,
  disposeTransformer,
  fullParameters,
  packGroups,
  recordBatch,
  type Tape,
  type Trainable,
} from "../../lib/model/mod.ts";
import {
  disposeGraphs,
  isRecording,
  setRecording,
  startBackend,
  tf,
} from "../../lib/runtime/mod.ts";
import { busyAdapter, normals, smallCheckpoint, smallConfig, unevenGroups } from "./small_model.ts";

await startBackend();
const recording = isRecording();
if (!recording) console.warn("kept forward passes: skipped, they need the native backend");

const batch = packGroups(unevenGroups, 4);
const losses = ["a", "b"].map((name) => normals(batch.targets.length, name));

/** Log-probabilities and both losses' gradients. */
function gradientsOf(
  policy: ReturnType<typeof currentPolicy>,
  trainable: Trainable,
  gradientCheckpointing: boolean | undefined,
  look: (tape: Tape) => void = () => {},
): number[] {
  const temperature = 0.7;
  const { logProbs, tape } = recordBatch(policy, trainable, batch, {
    temperature,
    gradientCheckpointing,
  });
  look(tape);
  const gradients = backwardEach(policy, trainable, tape, losses, { temperature });
  disposeTape(tape);
  const found = gradients.flatMap((g) => [...g.dataSync()]);
  tf.dispose(gradients);
  return [...logProbs, ...found];
}

function assertClose(found: readonly number[], expected: readonly number[]): void {
  const size = Math.max(...expected.map(Math.abs));
  assertEquals(found.length, expected.length);
  found.forEach((x, i) => assert(Math.abs(x - expected[i]!) < 1e-5 * size, `${x} ${expected[i]}`));
}

for (const architecture of ["llama", "qwen2", "qwen3"] as Architecture[]) {
  for (const kind of ["lora", "full"] as const) {
    Deno.test({
      name:
        `a kept forward pass, layers computed again, and no graphs give one gradient: ${architecture}, ${kind}`,
      ignore: !recording,
      fn: () => {
        const model = createTransformer(smallCheckpoint(smallConfig(architecture, { layers: 3 })));
        const trainable = kind === "lora" ? busyAdapter(model) : fullParameters(model);
        const policy = currentPolicy(model, trainable);
        const before = tf.memory().numTensors;
        const kept = gradientsOf(policy, trainable, false, ({ layers, head }) => {
          assert(layers.every(({ pullback }) => pullback !== undefined));
          assertEquals(head.logitGradients.length, kind === "full" ? 1 : 0);
        });
        const again = gradientsOf(policy, trainable, true, ({ layers, head }) => {
          assert(layers.every(({ pullback }) => pullback === undefined));
          assertEquals(head.logitGradients.length, 0);
        });
        setRecording(false);
        const plain = gradientsOf(policy, trainable, undefined);
        setRecording(true);
        assertClose(again, plain);
        assertClose(kept, plain);
        assertEquals(gradientsOf(policy, trainable, false), kept);
        assertEquals(tf.memory().numTensors, before);
        disposePolicy(policy, trainable);
        trainable.values.dispose();
        disposeTransformer(model);
        disposeGraphs();
      },
    });
  }
}
