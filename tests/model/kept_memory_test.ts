import { assert, assertEquals } from "@std/assert";
import { keptRoom, memoryNote } from "../../lib/model/core/kept_memory.ts";
import { smallConfig } from "./small_model.ts";

const small = smallConfig("llama");
/** About the size of SmolLM2-135M. */
const large = {
  ...small,
  vocabSize: 49152,
  hiddenSize: 576,
  intermediateSize: 1536,
  layers: 30,
  heads: 9,
  kvHeads: 3,
  headDim: 64,
};
const GB = 1e9;

Deno.test("layers are kept in a quarter of the memory, in less where a step needs the rest, in none where it is short", () => {
  assertEquals(keptRoom(large, undefined, 24 * GB), 6 * GB);
  assertEquals(keptRoom(small, undefined, 4 * GB), GB);
  const room = keptRoom(large, undefined, 4 * GB);
  assert(room > 0.2 * GB && room < GB, String(room));
  assertEquals(keptRoom(large, undefined, 3 * GB), 0);
  for (const limit of [GB, 24 * GB]) {
    assertEquals(keptRoom(large, true, limit), 0);
    assertEquals(keptRoom(large, false, limit), Infinity);
  }
});

Deno.test("before the work a user is told with numbers that memory is short, and what is done about it", () => {
  assertEquals(memoryNote(large, undefined, 24 * GB), undefined);
  assertEquals(memoryNote(small, undefined, 4 * GB), undefined);
  const recomputed = memoryNote(large, undefined, 4 * GB)!;
  assert(
    recomputed.includes("may use 4.0 GB") && recomputed.includes("takes about 3."),
    recomputed,
  );
  assert(recomputed.endsWith("as with --gradient-checkpointing"), recomputed);
  assertEquals(memoryNote(large, true, 4 * GB), undefined);
  assert(memoryNote(large, false, 4 * GB)!.includes("it may be killed"));
  for (const option of [undefined, true, false]) {
    assert(memoryNote(large, option, 2 * GB)!.includes("it may be killed; more memory"));
  }
});
