import { assertEquals } from "@std/assert";
import { overAll, tally } from "../../experiments/exact/tally.ts";

Deno.test("problems count once, by the worst of what is compared on them", () => {
  const bound = tally("a bound");
  for (const measured of [0.5, 2, 3, 0.1]) bound.compare("a", measured, 1);
  bound.compare("b", 0.25, 1);
  assertEquals(bound.result(), {
    name: "a bound",
    problems: 2,
    broken: 1,
    comparisons: 5,
    largest: 3,
  });
  const zero = tally("bound 0");
  zero.compare("a", -1, 0);
  zero.compare("c", 1e-6, 0); // nothing to relate it to
  assertEquals(zero.result(), {
    name: "bound 0",
    problems: 2,
    broken: 1,
    comparisons: 2,
    largest: null,
  });
  assertEquals(overAll([bound, zero]), { problems: 3, broken: 2 });
});

Deno.test("rounding breaks no bound, and how near the others come is kept", () => {
  const { compare, result } = tally("a bound");
  compare("a", 1, 2);
  compare("b", -3, 0.5);
  compare("c", 2 + 1e-10, 2);
  assertEquals([result().broken, result().largest], [0, 1 + 5e-11]);
  compare("d", 2 + 1e-8, 2);
  assertEquals([result().problems, result().broken], [4, 1]);
});

Deno.test("what is not a number keeps no bound", () => {
  const { compare, result } = tally("a bound");
  compare("a", NaN, 1);
  compare("b", 1, NaN);
  compare("c", Infinity, 1);
  assertEquals([result().problems, result().broken], [3, 3]);
});
