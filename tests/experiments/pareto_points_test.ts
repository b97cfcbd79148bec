import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import {
  bestWeighted,
  exactFront,
  reachableFronts,
  relativeTo,
  relativeVolume,
  volumeFromStart,
} from "../../experiments/exact/pareto_points.ts";
import { bestInHindsight } from "../../experiments/laboratory/hindsight.ts";
import { cornerShares } from "../../experiments/laboratory/preferences.ts";
import { sweptPreferences } from "../../experiments/pareto/preferences.ts";
import { randomStream } from "../../lib/runtime/mod.ts";

Deno.test("the start has volume 1, and a point with twice of one reward adds as much", () => {
  assertAlmostEquals(relativeVolume([[0.2, 0.5]], [0.2, 0.5]), 1, 1e-12);
  assertAlmostEquals(relativeVolume([[0.2, 0.5], [0.4, 0.5]], [0.2, 0.5]), 2, 1e-12);
  assertEquals(relativeTo([0, 0.5], [0.3, 0.25]), [0.3, 0.5]);
});

Deno.test("from the start a point counts that harms nobody, as a share of all above the start", () => {
  assertAlmostEquals(volumeFromStart([[0.6, 0.75]], [0.2, 0.5]), 0.25, 1e-12);
  assertEquals(volumeFromStart([[0.9, 0.49]], [0.2, 0.5]), 0);
  assertEquals(volumeFromStart([[1, 1]], [1, 0.5]), 0);
});

const random = randomStream(3, "front");
const rewards = Array.from(
  { length: 5 },
  () => Array.from({ length: 6 }, () => [random.next(), random.next()] as const),
);

Deno.test("the exact front touches the best of every preference and is never passed", () => {
  const front = exactFront(rewards);
  for (let k = 0; k <= 40; k++) {
    const p = k / 40;
    const value = ([x, y]: readonly [number, number]) => p * x + (1 - p) * y;
    const best = rewards.reduce((sum, answers) => sum + Math.max(...answers.map(value)), 0) / 5;
    assertAlmostEquals(Math.max(...front.map(value)), best, 1e-12);
    assertAlmostEquals(bestWeighted(rewards, [p, 1 - p]), best, 1e-12);
  }
  // From the right to the top, each step trades less and less.
  for (let k = 1; k < front.length; k++) {
    assert(front[k]![0] < front[k - 1]![0] && front[k]![1] > front[k - 1]![1]);
  }
});

Deno.test("the front on the prompts of two replicates is the mean of their fronts", () => {
  const halves = [rewards.slice(0, 2), rewards.slice(2, 4)];
  const best = (front: { x: number[]; y: number[] }, p: number) =>
    Math.max(...front.x.map((x, k) => p * x + (1 - p) * front.y[k]!));
  const [whole] = reachableFronts(rewards.slice(0, 4));
  const parts = halves.map((half) => reachableFronts(half)[0]!);
  for (let k = 0; k <= 10; k++) {
    const mean = (best(parts[0]!, k / 10) + best(parts[1]!, k / 10)) / 2;
    assertAlmostEquals(best(whole!, k / 10), mean, 1e-12);
  }
});

Deno.test("a long front is thinned out between its ends", () => {
  const random = randomStream(4, "long");
  const many = Array.from(
    { length: 60 },
    () => Array.from({ length: 5 }, () => [random.next(), random.next()] as const),
  );
  const [{ x, y }] = reachableFronts(many) as [{ x: number[]; y: number[] }];
  const corners = exactFront(many);
  assert(corners.length > 60 && x.length === 60, `${corners.length} ${x.length}`);
  assertEquals([x[0], y[0]], [...corners[0]!]);
  assertEquals([x.at(-1), y.at(-1)], [...corners.at(-1)!]);
});

Deno.test("preferences sum to 1, are inside the simplex and stand once each", () => {
  const names = ["a", "b", "c", "d"];
  const all = sweptPreferences(names, { least: 0.05, edges: true, faces: true });
  assertEquals(all.length, 4 + 6 + 4 + 1);
  for (const { weights } of all) {
    assertAlmostEquals(weights.reduce((a, b) => a + b, 0), 1, 1e-12);
    assert(weights.every((w) => w >= 0.05 - 1e-12));
  }
  assertEquals(new Set(all.map(({ name }) => name)).size, 15);
  const few = sweptPreferences(names, { least: 0.05, edges: false, faces: false });
  assertEquals(few.map(({ name }) => name), ["a", "b", "c", "d", "equal"]);
});

Deno.test("a corner is its own soup, an edge the mean of two corners, the centre that of all", () => {
  const [corner, , edge, , , centre] = sweptPreferences(["a", "b", "c"], {
    least: 0.1,
    edges: true,
    faces: false,
  }).map(({ weights }) => cornerShares(weights, 0.1)).filter((_, k) => k !== 1);
  assertEquals(corner!.map((share) => Math.round(share * 1e9) / 1e9), [1, 0, 0]);
  assertEquals(edge!.map((share) => Math.round(share * 1e9) / 1e9), [0.5, 0.5, 0]);
  centre!.forEach((share) => assertAlmostEquals(share, 1 / 3, 1e-12));
});

Deno.test("in hindsight a harmless run wins by its gain, and without one the least harm does", () => {
  const start = [0.5, 0.5];
  const half = [0.5, 0.5];
  assertEquals(bestInHindsight(start, [[0.9, 0.4], [0.6, 0.5], [0.6, 0.7]], half), 2);
  assertEquals(bestInHindsight(start, [[0.9, 0.4], [0.6, 0.45]], half), 1);
  // A fall of the size of rounding is none.
  assertEquals(bestInHindsight(start, [[0.5, 0.51], [0.9, 0.5 - 1e-8]], half), 1);
});
