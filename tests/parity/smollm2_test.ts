import { assert, assertEquals } from "@std/assert";
import { readCheckpoint } from "../../lib/model/mod.ts";
import { startBackend } from "../../lib/runtime/mod.ts";
import { cachedSmollm2, parityPath } from "../model/fixtures.ts";
import { smollm2Comparisons } from "../../experiments/parity/smollm2.ts";

const path = cachedSmollm2();
if (!path) console.warn("parity of SmolLM2: skipped, the model was not fetched");

Deno.test({
  name: "SmolLM2: weights, tokens, logits, greedy continuations and likelihoods are reproduced",
  ignore: !path,
  fn: async () => {
    const { name } = await startBackend();
    if (name !== "native" && name !== "gpu") return console.warn(`skipped on ${name}: too slow`);
    const checkpoint = await readCheckpoint(path!);
    const comparisons = await smollm2Comparisons(parityPath("smollm2"), checkpoint, 2);
    assert(comparisons.length >= 9, `${comparisons.length} comparisons`);
    assertEquals(comparisons.filter((c) => !c.ok), []);
  },
});
