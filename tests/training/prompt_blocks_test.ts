import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { startBackend, tf, UsageError } from "../../lib/runtime/mod.ts";
import { blockGradients, blockShares, promptBlocks } from "../../lib/training/prompt_blocks.ts";
import { evenBounds } from "../../lib/training/step_parts.ts";

await startBackend();

const alone = { gramBlocks: undefined, crossFit: true, gate: "shrink" } as const;

Deno.test("a run of prompts is cut into parts that differ by one prompt at most", () => {
  assertEquals(evenBounds(0, 8, 2), [[0, 4], [4, 8]]);
  assertEquals(evenBounds(0, 8, 3), [[0, 3], [3, 6], [6, 8]]);
  assertEquals(evenBounds(3, 5, 8), [[3, 4], [4, 5]]);
  for (let to = 1; to < 20; to++) {
    const bounds = evenBounds(0, to, 6);
    const lengths = bounds.map(([a, b]) => b - a);
    assertEquals(bounds.map(([a]) => a), [0, ...bounds.slice(0, -1).map(([, b]) => b)]);
    assertEquals(bounds.at(-1)![1], to);
    assertEquals(Math.max(...lengths) - Math.min(...lengths) <= 1, true);
  }
});

Deno.test("blocks are single prompts up to 16, or as many as asked for", () => {
  assertEquals(promptBlocks(alone, 6).length, 6);
  assertEquals(promptBlocks(alone, 40).length, 16);
  assertEquals(promptBlocks({ ...alone, gramBlocks: 8 }, 40)[0], [0, 5]);
  assertEquals(promptBlocks({ ...alone, gramBlocks: 30 }, 12).length, 12);
});

Deno.test("too few blocks are refused by what needs more", () => {
  const cases = [
    [alone, 5, "at least 6 blocks of prompts with crossFit and gate shrink but found 5"],
    [
      { ...alone, gramBlocks: 4 },
      64,
      "at least 6 blocks of prompts with crossFit and gate shrink but found 4",
    ],
    [{ ...alone, gate: "none" }, 3, "at least 4 blocks of prompts with crossFit but found 3"],
    [{ ...alone, crossFit: false }, 2, "at least 3 blocks of prompts with gate shrink but found 2"],
    [{ ...alone, crossFit: false, gate: "veto" }, 1, "at least 2 blocks of prompts but found 1"],
  ] as const;
  for (const [config, prompts, message] of cases) {
    assertThrows(() => promptBlocks(config, prompts), UsageError, message);
  }
  assertEquals(promptBlocks({ ...alone, gate: "none" }, 4).length, 4);
  assertEquals(promptBlocks({ ...alone, crossFit: false, gate: "none" }, 2).length, 2);
});

Deno.test("shares are those of the groups that tell something about a reward", () => {
  const both = [[1, 1], [0, 0]];
  const first = [[1, null], [0, null]];
  const single = [[1, 1], [0, null]];
  const shares = blockShares([both, first, single, both, both], [[0, 2], [2, 3], [3, 5]], 3);
  assertEquals(shares, [[2 / 5, 1 / 3, 0], [1 / 5, 0, 0], [2 / 5, 2 / 3, 0]]);
});

Deno.test("pieces are added up over their blocks, and the divergence is kept apart", () => {
  const before = tf.memory().numTensors;
  const vector = (x: number) => tf.tensor1d([x, 10 * x]);
  const parts = [1, 2, 3, 4].map((x) => [vector(x), vector(100 * x)]);
  const groups = [0, 1, 2, 3, 4].map(() => [[1], [0]]);
  const pieces = parts.map((vectors, p) => ({ vectors, first: [0, 2, 3, 4][p]! }));
  const found = blockGradients(pieces, [[0, 3], [3, 5]], groups, 1);
  assertEquals(found.rewards.map(([g]) => [...g!.dataSync()]), [[3, 30], [7, 70]]);
  assertEquals(found.divergence!.map((k) => [...k.dataSync()]), [[300, 3000], [700, 7000]]);
  assertEquals(found.shares, [[3 / 5], [2 / 5]]);
  found.divergenceShares!.forEach((s, b) => assertAlmostEquals(s, [3 / 5, 2 / 5][b]!, 1e-12));
  tf.dispose([...found.rewards.flat(), ...found.divergence!]);
  assertEquals(tf.memory().numTensors, before);
  const plain = blockGradients([{ first: 0, vectors: [vector(1)] }], [[0, 5]], groups, 1);
  assertEquals(plain.divergence, undefined);
  tf.dispose(plain.rewards.flat());
});
