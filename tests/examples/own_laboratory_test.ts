/** The worked example of the laboratory does what it says. */
import { assert, assertEquals } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { startBackend } from "../../lib/runtime/mod.ts";
import { cachedSmollm2 } from "../model/fixtures.ts";
import { trainOnOwnPrompts } from "./own_laboratory.ts";

await startBackend();
const ignore = cachedSmollm2() === undefined;
if (ignore) console.warn("own laboratory: skipped, the tokenizer of smollm2 was not fetched");

Deno.test({
  name: "own laboratory: of two rules on the same prompts one harms rewards and the other does not",
  ignore,
  fn: async () => {
    const path = fromFileUrl(new URL("own_laboratory.jsonl", import.meta.url));
    const options = { model: "tiny", steps: 4, learningRate: 2e-5 };
    const kept = await trainOnOwnPrompts(path, "static", options);
    const aware = await trainOnOwnPrompts(path, "capability_aware", options);
    assertEquals(kept.start, aware.start);
    assertEquals(kept.harmful, 4);
    assertEquals(aware.harmful, 0);
    const mean = (values: readonly number[]) => values.reduce((sum, x) => sum + x, 0) / 3;
    for (const { start, end } of [kept, aware]) assert(mean(end) > mean(start));
    assert(kept.end.some((x, i) => x < kept.start[i]! - 1e-3));
  },
});
