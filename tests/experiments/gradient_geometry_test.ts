import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import {
  compareMetrics,
  countHarm,
  opposedExact,
  opposedProducts,
  sizes,
} from "../../experiments/gradient_geometry/checks.ts";
import { signChanges } from "../../experiments/gradient_geometry/metrics.ts";

Deno.test("gradient geometry: some preference harms exactly where a cosine is negative", () => {
  for (const size of sizes) {
    const { points, violations, conflicts } = countHarm(size, 60);
    assertEquals(violations, 0);
    assert(conflicts > 0);
    assert(conflicts < 60);
    assertEquals(points.filter(({ share }) => share > 0).length, conflicts);
  }
});

Deno.test("gradient geometry: metrics disagree about the sign of some cosines, never with themselves", () => {
  const points = compareMetrics(80);
  assert(signChanges(points, "euclidean", "adam") > 0);
  assert(signChanges(points, "euclidean", "natural") > 0);
  assertEquals(signChanges(points, "natural", "natural"), 0);
  for (const point of points) {
    for (const cosine of Object.values(point)) assert(Math.abs(cosine) < 1 + 1e-12);
  }
});

Deno.test("gradient geometry: a single batch has G + C / n, halves have G", () => {
  const { cosine, gram, flip } = opposedExact();
  assertAlmostEquals(cosine, -0.78, 0.01);
  const [few, many] = opposedProducts([4, 64], 1500);
  assert(flip > 4);
  assert(flip < 64);
  for (const row of [few!, many!]) {
    assert(Math.abs(row.single.mean - row.predicted) < 2 * row.single.half);
    assert(Math.abs(row.cross.mean - gram[0]![1]!) < 2 * row.cross.half);
  }
  assert(few!.single.mean > 0);
  assert(many!.single.mean < 0);
  assert(few!.single.positive > few!.cross.positive);
});
