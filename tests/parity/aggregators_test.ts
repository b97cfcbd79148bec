import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import { sharedFolder } from "../../lib/runtime/mod.ts";
import { aggregatorComparisons } from "./aggregators.ts";

const shared = sharedFolder();
if (!shared) {
  console.warn("parity of the aggregators: skipped, there is no shared folder");
}

for (const seed of ["seed0", "seed1"]) {
  Deno.test({
    name: `aggregators: the combined gradients of ${seed} are reproduced`,
    ignore: !shared,
    fn: async () => {
      const reference = JSON.parse(
        await Deno.readTextFile(
          join(shared!, "parity", seed, "reference.json"),
        ),
      );
      const comparisons = aggregatorComparisons(reference);
      assert(comparisons.length >= 90);
      assertEquals(comparisons.filter((c) => !c.ok), []);
    },
  });
}
