import { assert, assertEquals } from "@std/assert";
import {
  type Architecture,
  backwardEach,
  backwardSequences,
  type Batch,
  createTransformer,
  currentPolicy,
  disposePolicy,
  disposeSequenceTape,
  disposeTape,
  disposeTransformer,
  fullParameters,
  packGroups,
  type PromptGroup,
  recordBatch,
  recordSequences,
} from "../../lib/model/mod.ts";
import { disposeGraphs, isRecording, startBackend, tf } from "../../lib/runtime/mod.ts";
import { busyAdapter, normals, smallCheckpoint, smallConfig, unevenGroups } from "./small_model.ts";

await startBackend();
const recording = isRecording();
if (!recording) console.warn("gradients by sequence: skipped, they need the native backend");

/** Groups that fill their grid, so that the stream has a row for each place. */
const evenGroups: readonly PromptGroup[] = [0, 1].map((g) => ({
  prompt: [1, 2, 3, 4 + g],
  completions: [[5, 6, 7, 0], [8, 9, g, 0]],
}));

const temperature = 0.7;

/** A number for each completion of the batch, in each of three losses; the second loss has few. */
function factorsOf({ groups, completions }: Batch): number[][] {
  const count = groups * completions;
  return [
    [...normals(count, "first")],
    Array.from({ length: count }, (_, s) => s === 1 ? 2 : 0),
    [...normals(count, "third")],
  ];
}

for (const architecture of ["llama", "qwen2", "qwen3"] as Architecture[]) {
  for (const [name, groups] of [["uneven", unevenGroups], ["even", evenGroups]] as const) {
    Deno.test({
      name:
        `losses that differ by a number a completion have the gradients of each by itself: ${architecture}, ${name}`,
      ignore: !recording,
      fn: () => {
        const model = createTransformer(smallCheckpoint(smallConfig(architecture, { layers: 3 })));
        const trainable = busyAdapter(model);
        const policy = currentPolicy(model, trainable);
        const batch = packGroups(groups, 4);
        assertEquals(batch.stream === undefined, name === "even");
        const common = normals(batch.targets.length, "common");
        const factors = factorsOf(batch);
        const before = tf.memory().numTensors;
        const plain = recordBatch(policy, trainable, batch, { temperature });
        const owner = Array.from(batch.slots, (s) => Math.floor(s / batch.completionLength));
        const blockOf = (s: number) => Math.min(1, Math.floor(s / batch.completions));
        const coefficients = [0, 1].flatMap((b) =>
          factors.map((of) =>
            common.map((c, n) => blockOf(owner[n]!) === b ? c * of[owner[n]!]! : 0)
          )
        );
        const expected = backwardEach(policy, trainable, plain.tape, coefficients, { temperature });
        disposeTape(plain.tape);
        const blocks = batch.promptLengths.length === 3 ? [0, 1, 1] : [0, 1];
        const recorded = recordSequences(policy, trainable, batch, 3, blocks, { temperature })!;
        const close = (found: ArrayLike<number>, wanted: ArrayLike<number>) => {
          const size = Math.max(1e-3, ...Array.from(wanted, Math.abs));
          assertEquals(found.length, wanted.length);
          Array.from(
            wanted,
            (x, i) => assert(Math.abs(x - found[i]!) < 2e-5 * size, `${x} ${found[i]} of ${size}`),
          );
        };
        close(recorded.logProbs, plain.logProbs);
        close(recorded.entropies, plain.entropies);
        for (const losses of [factors, factors.slice(1, 2)]) {
          const found = backwardSequences(policy, recorded.tape, common, losses);
          assertEquals(found.map((of) => of.length), [losses.length, losses.length]);
          const first = losses === factors ? 0 : 1;
          found.forEach((of, b) =>
            of.forEach((g, i) => close(g.dataSync(), expected[3 * b + first + i]!.dataSync()))
          );
          tf.dispose(found.flat());
        }
        disposeSequenceTape(recorded.tape);
        tf.dispose(expected);
        assertEquals(tf.memory().numTensors, before);
        disposePolicy(policy, trainable);
        trainable.values.dispose();
        disposeTransformer(model);
        disposeGraphs();
      },
    });
  }
}

Deno.test("where it cannot be done nothing is given, and nothing stays in memory", () => {
  const model = createTransformer(smallCheckpoint(smallConfig("llama", { layers: 3 })));
  const [adapter, full] = [busyAdapter(model), fullParameters(model)];
  const batch = packGroups(unevenGroups, 4);
  const prompts = packGroups([{ prompt: [3, 4], completions: [] }], 4);
  const before = tf.memory().numTensors;
  for (
    const [trainable, given, gradientCheckpointing] of [
      [full, batch, undefined],
      [adapter, prompts, undefined],
      [adapter, batch, true],
    ] as const
  ) {
    const policy = currentPolicy(model, trainable);
    const options = { gradientCheckpointing };
    const blocks = Array.from(given.promptLengths, () => 0);
    assertEquals(recordSequences(policy, trainable, given, 2, blocks, options), undefined);
    disposePolicy(policy, trainable);
  }
  assertEquals(tf.memory().numTensors, before);
  tf.dispose([adapter.values, full.values]);
  disposeTransformer(model);
});
