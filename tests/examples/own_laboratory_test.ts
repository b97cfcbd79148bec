/** The worked example of the laboratory does what it says. */
import { assert, assertEquals } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { startBackend, tf } from "../../lib/runtime/mod.ts";
import { cachedSmollm2 } from "../model/fixtures.ts";
import { checkPreservation, trainOnOwnPrompts, withOwnPrompts } from "./own_laboratory.ts";

await startBackend();
const ignore = cachedSmollm2() === undefined;
if (ignore) console.warn("own laboratory: skipped, the tokenizer of smollm2 was not fetched");
const path = fromFileUrl(new URL("own_laboratory.jsonl", import.meta.url));

Deno.test({
  name: "own laboratory: static weights harm rewards, capability-aware ones keep what is promised",
  ignore,
  fn: async () => {
    const before = tf.memory().numTensors;
    await withOwnPrompts(path, "tiny", async (lab, initial) => {
      const options = { maxSteps: 4, learningRate: 2e-5 };
      const kept = await trainOnOwnPrompts(lab, initial, { ...options, weighting: "static" });
      const aware = await trainOnOwnPrompts(lab, initial, {
        ...options,
        weighting: "capability_aware",
      });
      assertEquals(kept.start, aware.start);
      assertEquals([kept.harmful, aware.harmful], [4, 0]);
      const mean = (values: readonly number[]) => values.reduce((sum, x) => sum + x, 0) / 3;
      for (const { start, end } of [kept, aware]) assert(mean(end) > mean(start));
      assert(kept.end.some((x, i) => x < kept.start[i]! - 1e-3));
      const { promised, seen } = checkPreservation(lab, initial, {
        pilotStep: 1e-3,
        c: 0.5,
        steps: 4,
      });
      assert(seen <= promised, `${seen} ${promised}`);
    });
    assertEquals(tf.memory().numTensors, before);
  },
});
