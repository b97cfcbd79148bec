import { assertEquals } from "@std/assert";
import { counter } from "../../experiments/exact/bound_check.ts";

Deno.test("a bound that is exceeded beyond rounding is counted, and how near the others came", () => {
  const { compare, result } = counter("a bound");
  compare(1, 2);
  compare(-3, 0.5);
  compare(2 + 1e-10, 2);
  assertEquals(result(), { name: "a bound", checks: 3, violations: 0, largest: 1 + 5e-11 });
  compare(2 + 1e-8, 2);
  compare(1e-6, 0); // nothing to relate it to
  assertEquals([result().checks, result().violations], [5, 2]);
  compare(3, 2);
  assertEquals(result(), { name: "a bound", checks: 6, violations: 3, largest: 1.5 });
});

Deno.test("what is not a number keeps no bound", () => {
  const { compare, result } = counter("a bound");
  compare(NaN, 1);
  compare(1, NaN);
  compare(Infinity, 1);
  assertEquals([result().checks, result().violations], [3, 3]);
});
