import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import { sharedFolder } from "../../lib/runtime/mod.ts";
import { parseReference, theoryComparisons } from "./theory.ts";

const shared = sharedFolder();
if (!shared) {
  console.warn(
    "parity with the theory's reference values: skipped, there is no shared folder",
  );
}

Deno.test({
  name: "theory: every reference value is reproduced",
  ignore: !shared,
  fn: async () => {
    const reference = parseReference(
      await Deno.readTextFile(
        join(shared!, "parity", "theory", "reference.json"),
      ),
    );
    const comparisons = theoryComparisons(reference);
    assert(comparisons.length > 200);
    assertEquals(comparisons.filter((c) => !c.ok), []);
  },
});

Deno.test("theory: bare Infinity and NaN in a reference become null", () => {
  assertEquals(parseReference('{"a": Infinity, "b": [NaN, -Infinity, 1]}'), {
    a: null,
    b: [null, null, 1],
  });
});
