import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import { sharedFolder, startBackend, tf } from "../../lib/runtime/mod.ts";
import { seedComparisons } from "./seed.ts";

const shared = sharedFolder();
if (!shared) console.warn("parity of the small models: skipped, there is no shared folder");

for (const seed of ["seed0", "seed1"]) {
  Deno.test({
    name: `${seed}: logits, losses, gradients, AdamW, advantages and tokens are reproduced`,
    ignore: !shared,
    fn: async () => {
      await startBackend();
      const before = tf.memory().numTensors;
      const comparisons = await seedComparisons(join(shared!, "parity", seed));
      assert(comparisons.length >= 25, `${comparisons.length} comparisons`);
      assertEquals(comparisons.filter((c) => !c.ok), []);
      assertEquals(tf.memory().numTensors, before);
    },
  });
}
