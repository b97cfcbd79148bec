import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import { readTokenizer, tinyCheckpoint } from "../../lib/model/mod.ts";
import { sharedFolder, startBackend } from "../../lib/runtime/mod.ts";
import { cachedSmollm2, inTemporaryFolder } from "../model/fixtures.ts";
import { formatComparisons } from "./formats.ts";

const python = Deno.env.get("BALANCEDBIO_PYTHON");
const [shared, gguf] = [sharedFolder(), cachedSmollm2()];

Deno.test({
  name: `formats: transformers, PEFT and gguf read what is written${
    python ? "" : " (needs BALANCEDBIO_PYTHON, a Python with those packages)"
  }`,
  ignore: python === undefined || shared === undefined || gguf === undefined,
  fn: async () => {
    await startBackend();
    const { tokenizer } = tinyCheckpoint({ tokenizer: await readTokenizer(gguf!), seed: 0 });
    await inTemporaryFolder(async (folder) => {
      const seed = join(shared!, "parity", "seed0");
      const comparisons = await formatComparisons(python!, seed, tokenizer, folder);
      assert(comparisons.length >= 14, `${comparisons.length} comparisons`);
      assertEquals(comparisons.filter(({ ok }) => !ok), []);
    });
  },
});
