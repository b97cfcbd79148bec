import { assert, assertEquals } from "@std/assert";
import { parityPath } from "../model/fixtures.ts";
import { parseReference, theoryComparisons } from "../../experiments/parity/theory.ts";

Deno.test("theory: every reference value is reproduced", async () => {
  const text = await Deno.readTextFile(parityPath("theory", "reference.json"));
  const comparisons = theoryComparisons(parseReference(text));
  assert(comparisons.length > 200);
  assertEquals(comparisons.filter((c) => !c.ok), []);
});

Deno.test("theory: bare Infinity and NaN in a reference become null", () => {
  assertEquals(parseReference('{"a": Infinity, "b": [NaN, -Infinity, 1]}'), {
    a: null,
    b: [null, null, 1],
  });
});
