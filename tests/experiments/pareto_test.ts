import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { paretoPresets, paretoSchema } from "../../experiments/pareto/config.ts";
import { paretoFindings, pointName, sweeps } from "../../experiments/pareto/findings.ts";
import { comparisonsOf, metricsOf, statisticsOf } from "../../experiments/pareto/statistics.ts";
import { simplexPreferences } from "../../experiments/pareto/preferences.ts";
import { tabularSweep } from "../../experiments/pareto/tabular.ts";
import { viewPareto } from "../../experiments/pareto/view.ts";
import { bestWeighted, exactFront } from "../../experiments/exact/pareto_points.ts";
import type { Runs } from "../../experiments/stages/statistics.ts";
import { randomStream } from "../../lib/runtime/mod.ts";
import { sampleResults } from "./sample_results.ts";

const preferences = simplexPreferences(false);
const points = sweeps.flatMap((sweep) => preferences.map((preference) => ({ sweep, preference })));
const height = { static: 0.3, "capability-aware": 0.5, "rewarded soups": 0.3 };
const resamples = 400;

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
const statistics = statisticsOf(systems, points, { resamples });

Deno.test("a higher sweep has more volume, equal ones cannot be told apart, and corners lead", () => {
  const [higher, same] = statistics.differences;
  assert(higher!.estimate.low > 0);
  assert(same!.estimate.low < 0 && same!.estimate.high > 0);
  for (const { lead } of statistics.corners) {
    assertAlmostEquals(lead.value, 0.2, 0.02);
    assert(lead.low > 0.15 && lead.high < 0.25);
  }
  const [fixed, aware] = statistics.sweeps;
  assertAlmostEquals(
    higher!.estimate.value,
    aware!.volume.value - fixed!.volume.value,
    1e-12,
  );
  for (const { kneeShare } of statistics.sweeps) assert(kneeShare > 0 && kneeShare <= 1);
});

Deno.test("what a run of these systems stores fits the schema and is shown", () => {
  const config = paretoSchema.parse({ ...paretoPresets.smoke, tabular: { steps: 20 } });
  const { means, ...estimated } = statistics;
  const findings = paretoFindings.parse(JSON.parse(JSON.stringify({
    items: systems[0]!.heldOut[0]!.ids.map((id) => ({ id, family: "f", capability: "domain" })),
    preferences,
    start: { log: [{ step: 1, loss: 2 }], heldOut: systems[0]!.heldOut[0], means: means[0] },
    points: points.map(({ sweep, preference }, k) => ({
      sweep,
      preference: preference.name,
      means: means[k + 1],
      heldOut: systems[k + 1]!.heldOut,
      logs: sweep === "rewarded soups" ? [] : [[{ step: 1, loss: 2 }]],
    })),
    resamples,
    ...estimated,
    tabular: tabularSweep(config.tabular, preferences),
  })));
  const results = {
    ...sampleResults,
    config,
    metrics: metricsOf(systems, statistics, 1, "hash"),
    comparisons: comparisonsOf(statistics, 20),
  };
  const { answer } = viewPareto(results, findings).sections[0]!;
  assert(answer.includes("capability-aware lies above static"), answer);
  assert(answer.includes("not told apart: static and rewarded soups"), answer);
  assert(answer.includes("4 of 4 corners"), answer);
});

Deno.test("in the tabular problem no sweep passes the exact front, and corners come near its ends", () => {
  const config = paretoSchema.parse({ ...paretoPresets.smoke, tabular: { steps: 400 } });
  const { table, points, start } = tabularSweep(config.tabular, preferences);
  const front = exactFront(table.map((rows) => rows.map((r) => [r[0]!, r[1]!] as const)));
  for (let k = 0; k <= 10; k++) {
    const value = ([x, y]: readonly number[]) => x! * k / 10 + y! * (1 - k / 10);
    const limit = Math.max(...front.map(value));
    assertAlmostEquals(bestWeighted(table, [k / 10, 1 - k / 10, 0, 0]), limit, 1e-12);
    for (const sweep of sweeps) assert(Math.max(...points[sweep].map(value)) <= limit + 1e-12);
  }
  assertAlmostEquals(points.static[0]![0]!, front[0]![0], 0.03);
  assert(points.static[0]![0]! > start[0]! + 0.1);
  // A soup of one corner is that corner.
  assertEquals(points["rewarded soups"][0], points.static[0]);
});

Deno.test("presets are valid", () => {
  for (const preset of Object.values(paretoPresets)) paretoSchema.parse(preset);
});
