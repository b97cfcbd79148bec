import { assert, assertEquals } from "@std/assert";
import { startBackend, tf } from "../../lib/runtime/mod.ts";
import { parityPath } from "../model/fixtures.ts";
import { seedComparisons } from "../../experiments/parity/seed.ts";

for (const seed of ["seed0", "seed1"]) {
  Deno.test(`${seed}: logits, losses, gradients, AdamW, advantages and tokens are reproduced`, async () => {
    await startBackend();
    const before = tf.memory().numTensors;
    const comparisons = await seedComparisons(parityPath(seed));
    assert(comparisons.length >= 25, `${comparisons.length} comparisons`);
    assertEquals(comparisons.filter((c) => !c.ok), []);
    assertEquals(tf.memory().numTensors, before);
  });
}
