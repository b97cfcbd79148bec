import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { studentInterval } from "../../lib/evaluation/intervals.ts";
import { unpairedDifference } from "../../lib/evaluation/unpaired.ts";
import { randomStream } from "../../lib/runtime/mod.ts";

Deno.test("half widths add as squares, each side of its own; p is 0.05 where a limit is 0", () => {
  const a = { mean: 10, low: 7, high: 22 };
  const b = { mean: 5, low: 0, high: 9 };
  // From 10 - 5: below 3 and 4, above 12 and 5.
  const found = unpairedDifference(a, b);
  assertEquals([found.mean, found.low, found.high], [5, 0, 18]);
  assertAlmostEquals(found.p, 0.05, 1e-12);
  const turned = unpairedDifference(b, a);
  assertEquals([turned.mean, turned.low, turned.high], [-5, -18, 0]);
  assertAlmostEquals(turned.p, 0.05, 1e-12);
});

Deno.test("points: equal ones do not differ, others do; equal numbers have p = 1", () => {
  const point = (mean: number) => ({ mean, low: mean, high: mean });
  assertEquals(unpairedDifference(point(2), point(2)), { mean: 0, low: 0, high: 0, p: 1 });
  assertEquals(unpairedDifference(point(2), point(1)).p, 0);
  assertEquals(unpairedDifference({ mean: 2, low: 1, high: 3 }, { mean: 2, low: 0, high: 3 }).p, 1);
});

Deno.test("means of two samples of one population differ in one of twenty pairs", () => {
  const random = randomStream(0, "unpaired");
  const mean = () => studentInterval(Array.from({ length: 40 }, () => random.normal()));
  const pairs = 2000;
  const found = Array.from({ length: pairs }, () => unpairedDifference(mean(), mean()).p)
    .filter((p) => p < 0.05).length;
  // 95 % of binomial counts of 2,000 at 0.05 lie within 20 of 100; Student's halves are 3 % wider than normal ones.
  assert(found > 70 && found < 120, `${found}`);
});
