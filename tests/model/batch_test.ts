import { assert, assertEquals } from "@std/assert";
import {
  backward,
  type Batch,
  createTransformer,
  currentPolicy,
  disposePolicy,
  disposeTape,
  disposeTransformer,
  fullParameters,
  inStream,
  packGroups,
  type PromptGroup,
  recordBatch,
  rowsAt,
  streamRows,
} from "../../lib/model/mod.ts";
import { randomStream, startBackend } from "../../lib/runtime/mod.ts";
import { relativeDifference } from "../../experiments/parity/comparison.ts";
import { busyAdapter, normals, smallCheckpoint, smallConfig, unevenGroups } from "./small_model.ts";

await startBackend();

const tokensOf = ({ prompt, completions }: PromptGroup): number =>
  completions.reduce((n, completion) => n + completion.length, prompt.length);

/** Groups of any lengths, empty completions and single prompts among them. */
function randomGroups(seed: number): PromptGroup[] {
  const random = randomStream(seed, "groups");
  const ids = (n: number) => Array.from({ length: n }, () => 1 + random.integer(30));
  return Array.from({ length: 1 + random.integer(5) }, () => ({
    prompt: ids(1 + random.integer(40)),
    completions: Array.from({ length: random.integer(4) }, () => ids(random.integer(20))),
  }));
}

Deno.test("the stream has each token in a row of its own, and at most an eighth of padding", () => {
  for (let seed = 0; seed < 200; seed++) {
    const groups = randomGroups(seed);
    const tokens = groups.reduce((n, group) => n + tokensOf(group), 0);
    const batch = packGroups(groups, 1 + seed % 16);
    const rows = streamRows(batch);
    assert(rows <= batch.ids.length && rows >= tokens);
    if (batch.stream === undefined) continue;
    assert(rows > tokens && rows <= 1.125 * (tokens + 1) + 1, `${rows} rows of ${tokens} tokens`);
    const owners = new Map<number, number>();
    batch.stream.rows.forEach((row, place) => {
      if (row < rows - 1) assertEquals(owners.set(row, place).get(row), place);
      if (row < tokens) assertEquals(batch.stream!.places[row], place);
    });
    assertEquals(owners.size, tokens);
    assertEquals(new Set(batch.stream.places.subarray(tokens)).size, 1);
    const scored = rowsAt(batch, batch.predictors);
    assertEquals(
      [...scored].map((row) => inStream(batch, batch.ids)[row]),
      [...batch.predictors].map((place) => batch.ids[place]),
    );
  }
});

Deno.test("a batch without padding has a row for each place", () => {
  const groups = [{ prompt: [1, 2], completions: [[3, 4], [5, 6]] }, {
    prompt: [7, 8],
    completions: [[9, 1], [2, 3]],
  }];
  const batch = packGroups(groups, 2);
  assertEquals(batch.stream, undefined);
  assertEquals(inStream(batch, batch.ids), batch.ids);
  assertEquals(rowsAt(batch, batch.predictors), batch.predictors);
});

for (const kind of ["lora", "full"] as const) {
  Deno.test(`padding has no part in log-probabilities and gradients: ${kind}`, () => {
    const model = createTransformer(smallCheckpoint(smallConfig("qwen3", { layers: 3 })));
    const trainable = kind === "lora" ? busyAdapter(model) : fullParameters(model);
    const policy = currentPolicy(model, trainable);
    const found = (batch: Batch) => {
      const { logProbs, tape } = recordBatch(policy, trainable, batch);
      const gradient = backward(policy, trainable, tape, normals(logProbs.length, "losses"));
      const values = gradient.dataSync();
      gradient.dispose();
      disposeTape(tape);
      return { logProbs, values };
    };
    const batch = packGroups(unevenGroups, 4);
    assert(batch.stream !== undefined);
    const stream = found(batch);
    const grid = found({ ...batch, stream: undefined });
    assert(relativeDifference(stream.logProbs, grid.logProbs) < 1e-6);
    assert(relativeDifference(stream.values, grid.values) < 1e-5);
    // Other tokens in the places of padding change no bit.
    const held = new Set([...batch.stream.places].slice(0, streamRows(batch) - 1));
    const ids = batch.ids.map((id, place) => held.has(place) ? id : (place * 7) % 30);
    assert(ids.some((id, place) => id !== batch.ids[place]));
    for (const [layout, before] of [[batch.stream, stream], [undefined, grid]] as const) {
      const after = found({ ...batch, ids, stream: layout });
      assertEquals([after.logProbs, after.values], [before.logProbs, before.values]);
    }
    disposePolicy(policy, trainable);
    trainable.values.dispose();
    disposeTransformer(model);
  });
}
