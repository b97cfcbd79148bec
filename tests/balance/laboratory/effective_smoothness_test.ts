// What a run shows of L_i, section 0 of lib/balance/THEORY.md, on problems whose L_i are known.
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import {
  aggregators,
  effectiveSmoothness,
  quadraticForms,
  quadraticProblem,
  sharpExample,
} from "../../../lib/balance/mod.ts";
import { randomStream } from "../../../lib/runtime/mod.ts";

const rule = aggregators.static;

Deno.test("in one dimension a pilot measures the smoothness itself, in any metric", () => {
  for (const scale of [1, 0.25, 9]) {
    const found = effectiveSmoothness(sharpExample(2), {
      rule,
      preference: [0.9, 0.1],
      stepSize: 0.1,
      steps: 4,
      metric: Float64Array.of(scale),
    });
    found.forEach((value) => assertAlmostEquals(value, 2 * scale, 1e-6));
  }
});

Deno.test("a pilot's smoothness is that of its own steps, and at most the true one", () => {
  for (let seed = 0; seed < 20; seed++) {
    const problem = quadraticProblem(quadraticForms({ size: 6, objectives: 3, seed }));
    const random = randomStream(seed, "metric");
    const metric = Float64Array.from({ length: 6 }, () => 0.2 + random.next());
    const stepSize = 0.5 / Math.max(...problem.smoothness(metric));
    const points: Float64Array[] = [];
    const watched = {
      ...problem,
      evaluate: (point: Float64Array) => {
        points.push(point.slice());
        return problem.evaluate(point);
      },
    };
    const pilot = { rule, preference: [0.5, 0.3, 0.2], stepSize, steps: 8, metric };
    const found = effectiveSmoothness(watched, pilot);
    assertEquals(points.length, 9);
    const expected = found.map(() => 0);
    points.slice(1).forEach((point, t) => {
      const change = point.map((x, k) => x - points[t]![k]!);
      const squared = change.reduce((sum, d, k) => sum + d * d / metric[k]!, 0);
      problem.forms.forEach(({ curvature }, i) => {
        let quadratic = 0;
        curvature.forEach((row, a) =>
          row.forEach((x, b) => quadratic += x * change[a]! * change[b]!)
        );
        expected[i] = Math.max(expected[i]!, quadratic / squared);
      });
    });
    const largest = problem.smoothness(metric);
    found.forEach((value, i) => {
      assertAlmostEquals(value, expected[i]!, 1e-6 * largest[i]!);
      assert(value > 0 && value <= largest[i]! * (1 + 1e-6));
    });
  }
});

Deno.test("a pilot that stays where it is shows nothing, and each step is told of", () => {
  const told: number[][] = [];
  const found = effectiveSmoothness(sharpExample(2), {
    rule: () => [0, 0],
    preference: [0.5, 0.5],
    stepSize: 0.1,
    steps: 2,
    onStep: (done, total) => void told.push([done, total]),
  });
  assertEquals(found, [0, 0]);
  assertEquals(told, [[1, 2], [2, 2]]);
});
