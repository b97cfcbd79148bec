import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import {
  type Architecture,
  backward,
  type Batch,
  createTransformer,
  currentPolicy,
  disposePolicy,
  disposeTape,
  disposeTransformer,
  fullParameters,
  packGroups,
  packTrees,
  type Policy,
  type PromptGroup,
  recordBatch,
  scoreBatch,
  streamRows,
  type Trainable,
} from "../../lib/model/mod.ts";
import { disposeGraphs, startBackend, tf, UsageError } from "../../lib/runtime/mod.ts";
import { busyAdapter, normals, smallCheckpoint, smallConfig, unevenGroups } from "./small_model.ts";

await startBackend();

/** Prompts that open alike, one that ends where another goes on, completions that share, repeat or hold nothing. */
const groups: readonly PromptGroup[] = [
  { prompt: [5, 9, 3, 30], completions: [[7, 8, 1], [7, 8, 0], [7, 8, 1], [7]] },
  { prompt: [5, 9, 3], completions: [[30, 7, 8], [], [4, 0]] },
  { prompt: [5, 9, 21, 2, 2], completions: [[7, 8, 1], [2, 0]] },
  ...unevenGroups,
];

/** Number of different beginnings of a prompt and of what is read of its completions. */
function beginnings(): number {
  const found = new Set<string>();
  for (const { prompt, completions } of groups) {
    for (const tokens of [prompt, ...completions.map((c) => [...prompt, ...c.slice(0, -1)])]) {
      tokens.forEach((_, t) => found.add(tokens.slice(0, t + 1).join()));
    }
  }
  return found.size;
}

function gradientOf(
  policy: Policy,
  trainable: Trainable,
  batch: Batch,
  coefficients: Float32Array,
): Float32Array {
  const { tape } = recordBatch(policy, trainable, batch);
  const gradient = backward(policy, trainable, tape, coefficients);
  disposeTape(tape);
  const host = gradient.dataSync() as Float32Array;
  gradient.dispose();
  return host;
}

for (const architecture of ["llama", "qwen2", "qwen3"] as Architecture[]) {
  for (const kind of ["lora", "full"] as const) {
    Deno.test(`shared beginnings change no log-probability and no gradient: ${architecture}, ${kind}`, () => {
      const model = createTransformer(smallCheckpoint(smallConfig(architecture, { layers: 3 })));
      const trainable = kind === "lora" ? busyAdapter(model) : fullParameters(model);
      const policy = currentPolicy(model, trainable);
      const before = tf.memory().numTensors;
      for (const multiple of [1, 4]) {
        const packed = packGroups(groups, multiple);
        const { batch, tokens: byGroup } = packTrees(groups, multiple);
        const tokens = byGroup.flat().flatMap((own) => [...own]);
        const expected = scoreBatch(policy, packed);
        const found = scoreBatch(policy, batch);
        assertEquals(tokens.length, expected.length);
        tokens.forEach((token, n) => assertAlmostEquals(found[token]!, expected[n]!, 1e-5));
        const coefficients = normals(tokens.length, "coefficients");
        const shared = new Float32Array(batch.targets.length);
        tokens.forEach((token, n) => shared[token]! += coefficients[n]!);
        const reference = gradientOf(policy, trainable, packed, coefficients);
        const gradient = gradientOf(policy, trainable, batch, shared);
        const largest = Math.max(...reference.map(Math.abs));
        gradient.forEach((x, k) => assertAlmostEquals(x, reference[k]!, 1e-5 * largest));
      }
      assertEquals(tf.memory().numTensors, before);
      disposePolicy(policy, trainable);
      trainable.values.dispose();
      disposeTransformer(model);
      disposeGraphs();
    });
  }
}

Deno.test("every beginning has one row, and every token behind it is scored once", () => {
  const { batch } = packTrees(groups, 4);
  const rows = beginnings();
  assert(streamRows(batch) > rows && streamRows(batch) <= rows * 9 / 8 + 1);
  const { places, rows: rowOf, backRows } = batch.stream!;
  const used = new Set(rowOf);
  used.delete(places.length - 1);
  assertEquals(used.size, rows);
  // Every row is read off one place and gives its gradient to the same.
  for (const row of used) {
    assertEquals(rowOf[places[row]!], row);
    assertEquals(backRows!.filter((back) => back === row).length, 1);
    assertEquals(backRows![places[row]!], row);
  }
  const scored = new Set(
    groups.flatMap(({ completions }, g) =>
      completions.flatMap((c) => c.map((_, t) => [g, ...c.slice(0, t + 1)].join()))
    ),
  );
  assertEquals(batch.targets.length, scored.size);
});

Deno.test("prompts without completions are trees, too, and an empty one is refused", () => {
  const { batch, tokens } = packTrees(
    [{ prompt: [5, 6], completions: [] }, { prompt: [5, 7], completions: [[]] }],
    1,
  );
  assertEquals([...batch.stream!.rows], [0, 1, 0, 2]);
  assertEquals([...batch.stream!.backRows!], [0, 1, 3, 2]);
  assertEquals([...batch.parents!], [-1, 0, -1, 0]);
  assertEquals(tokens.map((own) => own.map(({ length }) => length)), [[], [0]]);
  assertThrows(
    () => packTrees([{ prompt: [], completions: [[1]] }]),
    UsageError,
    "Expected a prompt of at least 1 token but found 0 in group 0",
  );
});
