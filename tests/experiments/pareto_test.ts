import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { pareto, paretoSchema, tabularSweep } from "../../experiments/pareto/run.ts";
import { exactFront } from "../../experiments/exact/pareto_points.ts";
import {
  comparisonsOf,
  metricsOf,
  pointName,
  statisticsOf,
  sweeps,
} from "../../experiments/pareto/statistics.ts";
import { presentPareto } from "../../experiments/pareto/view.ts";
import { simplexPreferences } from "../../experiments/pareto/preferences.ts";
import type { Runs } from "../../experiments/stages/statistics.ts";
import { randomStream } from "../../lib/runtime/mod.ts";
import { sampleResults } from "./sample_results.ts";

const preferences = simplexPreferences(false);
const points = sweeps.flatMap((sweep) => preferences.map((preference) => ({ sweep, preference })));
const height = { static: 0.3, "capability-aware": 0.5, "rewarded soups": 0.3 };

/** A system whose capabilities score `level` plus a fifth of their weight. */
function runs(name: string, level: number, weights: readonly number[]): Runs {
  const random = randomStream(0, name);
  return {
    name,
    heldOut: [{
      ids: Array.from({ length: 20 }, (_, i) => `i${i}`),
      rewards: Array.from(
        { length: 20 },
        () => weights.map((w) => level + 0.2 * w + 0.01 * random.normal()),
      ),
    }],
  };
}

const systems = [
  runs("start", 0.3, [0, 0, 0, 0]),
  ...points.map((point) => runs(pointName(point), height[point.sweep], point.preference.weights)),
];

Deno.test("a higher sweep has more volume, equal ones cannot be told apart, and corners are obeyed", () => {
  const statistics = statisticsOf(systems, points);
  const [higher, same] = statistics.differences;
  assert(higher!.estimate.low > 0);
  assert(same!.estimate.low < 0 && same!.estimate.high > 0);
  const config = paretoSchema.parse({ ...pareto.presets.smoke, tabular: { steps: 20 } });
  const results = {
    ...sampleResults,
    metrics: metricsOf(systems, statistics, 1, "hash"),
    comparisons: comparisonsOf(statistics, 20),
  };
  const shown = presentPareto(results, {
    config,
    preferences,
    statistics: statistics.sweeps,
    tabular: tabularSweep(config.tabular, preferences),
  });
  const { answer } = shown.sections[0]!;
  assert(answer.includes("capability-aware above static"), answer);
  assert(answer.includes("the others cannot be told apart"), answer);
  assert(answer.includes("(4 of 4; one by chance)"), answer);
});

Deno.test("in the tabular problem no sweep passes the exact front, and corners come near its ends", () => {
  const config = paretoSchema.parse({ ...pareto.presets.smoke, tabular: { steps: 400 } });
  const { table, points, start } = tabularSweep(config.tabular, preferences);
  const front = exactFront(table.map((rows) => rows.map((r) => [r[0]!, r[1]!] as const)));
  for (let k = 0; k <= 10; k++) {
    const value = ([x, y]: readonly number[]) => x! * k / 10 + y! * (1 - k / 10);
    const limit = Math.max(...front.map(value));
    for (const sweep of sweeps) assert(Math.max(...points[sweep].map(value)) <= limit + 1e-12);
  }
  assertAlmostEquals(points.static[0]![0]!, front[0]![0], 0.03);
  assert(points.static[0]![0]! > start[0]! + 0.1);
  // A soup of one corner is that corner.
  assertEquals(points["rewarded soups"][0], points.static[0]);
});

Deno.test("presets are valid", () => {
  for (const preset of Object.values(pareto.presets)) paretoSchema.parse(preset);
});
