import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { paretoPresets, paretoSchema } from "../../experiments/pareto/config.ts";
import { HINDSIGHT, paretoFindings, type SweptUnit } from "../../experiments/pareto/findings.ts";
import { measureSweep, sweeps } from "../../experiments/pareto/measures.ts";
import { sweptPreferences } from "../../experiments/pareto/preferences.ts";
import { comparisonsOf, groundOf, metricsOf } from "../../experiments/pareto/statistics.ts";
import { sweptProblem } from "../../experiments/pareto/tabular.ts";
import { preferredSum } from "../../experiments/laboratory/trajectory.ts";
import { resultsSchema } from "../../lib/runs/mod.ts";
import { randomStream } from "../../lib/runtime/mod.ts";
import { sampleResults } from "./sample_results.ts";

const half = [0.5, 0.5];

Deno.test("a sweep's volumes, harm and gain are what its ends say", () => {
  const found = measureSweep({
    start: [0.4, 0.4],
    ends: [[0.7, 0.3], [0.5, 0.5], [0.4 - 1e-8, 0.6]],
    weights: [[0.8, 0.2], half, [0.2, 0.8]],
    best: [1, 1, 0.9],
  });
  assertAlmostEquals(found.harmed!, 1 / 3, 1e-12);
  assertAlmostEquals(found.fall!, 0.1 / 3, 1e-12);
  assertAlmostEquals(found.worst!, 0.1, 1e-12);
  assertAlmostEquals(found.gain!, (0.22 + 0.1 + 0.16) / 3, 1e-6);
  assertAlmostEquals(found.least!, (-0.1 + 0.1 - 1e-8) / 3, 1e-12);
  assertAlmostEquals(found.way!, (0.22 / 0.6 + 0.1 / 0.6 + 0.16 / 0.5) / 3, 1e-6);
  // Only the second point lies above the start in both.
  assertAlmostEquals(found.reach!, 0.01 / 0.36, 1e-6);
  assertAlmostEquals(found.volume!, (0.7 * 0.3 + 0.5 * 0.2 + 0.4 * 0.1) / 0.16, 1e-6);
});

Deno.test("there is no way where nothing can be gained, or the best is not known", () => {
  const points = { start: [1, 1], ends: [[1, 1]], weights: [half] };
  assertEquals(measureSweep({ ...points, best: [1] }).way, null);
  assertEquals(measureSweep({ ...points, best: null }).way, null);
});

const names = ["a", "b", "c"];
const preferences = sweptPreferences(names, { least: 0.1, edges: false, faces: false });
const table = [[[1, 0, 0], [0, 1, 0], [0, 0, 1]]];

/** A replicate: static corners harm the others, capability-aware ones nobody. */
function unitOf(seed: number): SweptUnit {
  const random = randomStream(seed, "unit");
  const start = names.map(() => 0.3);
  const sweep = (own: number, others: number) =>
    preferences.map(({ weights }) =>
      weights.map((w) =>
        w > 0.5
          ? 0.3 + own + 0.002 * random.normal()
          : w > 0.2
          ? 0.3 + own / 3
          : 0.3 + others + 0.002 * random.normal()
      )
    );
  const points = {
    start,
    ends: {
      static: sweep(0.3, -0.1),
      "capability-aware": sweep(0.15, 0.03),
      UPGrad: sweep(0.15, 0.03),
      "rewarded soups": sweep(0.3, -0.12),
      MGDA: [[0.35, 0.35, 0.35]],
    },
  };
  return { seed, train: points, heldOut: points, best: [1, 1, 1, 1] };
}

const units = Array.from({ length: 10 }, (_, seed) => unitOf(seed));
const ground = groundOf("model", names, preferences, units, table);

Deno.test("sweeps are told apart, paired and corrected for the number of pairs", () => {
  const of = (sweep: string, baseline: string, measure: string) =>
    ground.differences.find((row) =>
      row.sweep === sweep && row.baseline === baseline && row.measure === measure &&
      row.part === "train"
    )!;
  const harmed = of("capability-aware", "static", "harmed");
  assertAlmostEquals(harmed.value, -0.75, 1e-12);
  assertAlmostEquals(harmed.p, 2 / 1024, 1e-12);
  assertAlmostEquals(harmed.p_least, 5 * 2 / 1024, 1e-12);
  assert(of("capability-aware", "static", "gain").high < 0);
  // From the start only the centres count, and that of static weights is further.
  assert(of("capability-aware", "static", "reach").high < 0);
  assert(of("rewarded soups", "static", "fall").low > 0);
  // MGDA is one point and not compared.
  assert(
    ground.differences.every(({ sweep, baseline }) => sweep !== "MGDA" && baseline !== "MGDA"),
  );
});

Deno.test("corners lead in their own reward, and hindsight takes the harmless centre", () => {
  for (const { sweep, value } of ground.corners) {
    assertAlmostEquals(value, sweep === "static" ? 0.4 : 0.12, 0.01);
  }
  assertEquals(new Set(ground.chosen), new Set(["equal"]));
  const [fixed] = ground.singles;
  const best = ground.singles.find(({ system }) => system === HINDSIGHT)!;
  assertEquals([best.gain, best.leastLess], [fixed!.gain, fixed!.leastLess]);
  assertEquals(ground.singles.find(({ system }) => system === "capability-aware")!.leastLess, null);
});

Deno.test("MGDA is measured by the equal preference alone", () => {
  const way = ground.estimates.find((row) =>
    row.sweep === "MGDA" && row.measure === "way" && row.part === "train"
  )!;
  assertAlmostEquals(way.value, 0.05 / 0.7, 1e-12);
});

Deno.test("tabular problems: nothing passes the best, corners are their own soups, and rules spare the worst-off", () => {
  const four = sweptPreferences(["a", "b", "c", "d"], { least: 0.05, edges: true, faces: false });
  const config = {
    problems: 1,
    prompts: 4,
    answers: 5,
    conflict: 0.9,
    steps: 150,
    learningRate: 10,
  };
  const { unit, rewards } = sweptProblem(config, four, 0.05, 1);
  assertEquals(sweptProblem(config, four, 0.05, 1).unit, unit);
  for (const end of sweeps.flatMap((sweep) => unit.train.ends[sweep]!)) {
    four.forEach(({ weights }, k) => assert(preferredSum(end, weights) <= unit.best[k]! + 1e-12));
  }
  const { static: fixed, "rewarded soups": soups } = unit.train.ends;
  fixed.slice(0, 4).forEach((end, k) =>
    end.forEach((x, i) => assertAlmostEquals(soups[k]![i]!, x, 1e-9))
  );
  const found = groundOf("tabular", ["a", "b", "c", "d"], four, [unit], rewards);
  const value = (sweep: string, measure: string) =>
    found.estimates.find((row) => row.sweep === sweep && row.measure === measure)!.value;
  assert(value("static", "fall") > 0.05);
  assert(value("capability-aware", "fall") < 0.002);
  assertEquals(value("UPGrad", "fall"), 0);
  assert(value("static", "way") > value("capability-aware", "way"));
  assert(found.estimates.every(({ part }) => part === "train"));
  assertEquals(found.singles[0]!.heldOutGain, null);
});

Deno.test("what a run stores fits the schemas of findings and results", () => {
  const stored = { protocol: "p", rewardNames: names, preferences, grounds: [ground] };
  const text = JSON.stringify(stored);
  assertEquals(JSON.stringify(paretoFindings.parse(JSON.parse(text))), text);
  resultsSchema.parse({
    ...sampleResults,
    metrics: metricsOf([ground], "hash"),
    comparisons: comparisonsOf([ground]),
  });
});

Deno.test("presets are valid; a least weight that leaves nothing to prefer is refused", () => {
  for (const preset of Object.values(paretoPresets)) paretoSchema.parse(preset);
  assertThrows(() => paretoSchema.parse({ ...paretoPresets.smoke, preferences: { least: 0.25 } }));
});
