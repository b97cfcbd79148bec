import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import {
  exactFront,
  kneeOf,
  relativeTo,
  relativeVolume,
} from "../../experiments/exact/pareto_points.ts";
import { simplexPreferences } from "../../experiments/pareto/preferences.ts";
import { randomStream } from "../../lib/runtime/mod.ts";

Deno.test("the start has volume 1, and a point with twice of one reward adds as much", () => {
  assertAlmostEquals(relativeVolume([[0.2, 0.5]], [0.2, 0.5]), 1, 1e-12);
  assertAlmostEquals(relativeVolume([[0.2, 0.5], [0.4, 0.5]], [0.2, 0.5]), 2, 1e-12);
  assertEquals(relativeTo([0, 0.5], [0.3, 0.25]), [0.3, 0.5]);
});

Deno.test("the knee is the balanced point, never a dominated one", () => {
  assertEquals(kneeOf([[1, 0], [0.8, 0.8], [0, 1], [0.7, 0.7]]), 1);
  assertEquals(kneeOf([[0.5, 0.5], [1, 1]]), 1);
});

Deno.test("the exact front touches the best of every preference and is never passed", () => {
  const random = randomStream(3, "front");
  const rewards = Array.from(
    { length: 5 },
    () => Array.from({ length: 6 }, () => [random.next(), random.next()] as const),
  );
  const front = exactFront(rewards);
  for (let k = 0; k <= 40; k++) {
    const p = k / 40;
    const value = ([x, y]: readonly [number, number]) => p * x + (1 - p) * y;
    const best = rewards.reduce((sum, answers) => sum + Math.max(...answers.map(value)), 0) / 5;
    assertAlmostEquals(Math.max(...front.map(value)), best, 1e-12);
  }
  // From the right to the top, each step trades less and less.
  for (let k = 1; k < front.length; k++) {
    assert(front[k]![0] < front[k - 1]![0] && front[k]![1] > front[k - 1]![1]);
  }
});

Deno.test("preferences sum to 1 and stand once each", () => {
  const all = simplexPreferences(true);
  assertEquals(all.length, 15);
  for (const { weights } of all) assertAlmostEquals(weights.reduce((a, b) => a + b, 0), 1, 1e-12);
  assertEquals(new Set(all.map(({ name }) => name)).size, 15);
});
