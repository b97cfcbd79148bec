import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import { readCheckpoint } from "../../lib/model/mod.ts";
import { sharedFolder, startBackend } from "../../lib/runtime/mod.ts";
import { cachedSmollm2 } from "../model/fixtures.ts";
import { smollm2Comparisons } from "./smollm2.ts";

const shared = sharedFolder();
const path = cachedSmollm2();
if (!shared) console.warn("parity of SmolLM2: skipped, there is no shared folder");
else if (!path) console.warn("parity of SmolLM2: skipped, the model was not fetched");

Deno.test({
  name: "SmolLM2: weights, tokens, logits, greedy continuations and likelihoods are reproduced",
  ignore: !shared || !path,
  fn: async () => {
    const { name } = await startBackend();
    if (name !== "native" && name !== "gpu") return console.warn(`skipped on ${name}: too slow`);
    const checkpoint = await readCheckpoint(path!);
    const comparisons = await smollm2Comparisons(join(shared!, "parity", "smollm2"), checkpoint, 2);
    assert(comparisons.length >= 9, `${comparisons.length} comparisons`);
    assertEquals(comparisons.filter((c) => !c.ok), []);
  },
});
