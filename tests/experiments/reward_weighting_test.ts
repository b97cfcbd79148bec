import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { weightingPresets, weightingSchema } from "../../experiments/reward_weighting/config.ts";
import { HINDSIGHT, weightingFindings } from "../../experiments/reward_weighting/findings.ts";
import {
  type MeasuredRun,
  outcomeOf,
  outcomesOf,
} from "../../experiments/reward_weighting/measures.ts";
import {
  comparedPreferences,
  hindsightPreferences,
} from "../../experiments/reward_weighting/model.ts";
import { trainerParts } from "../../experiments/reward_weighting/parts.ts";
import {
  comparisonsOf,
  metricsOf,
  settingOf,
  type Unit,
} from "../../experiments/reward_weighting/statistics.ts";
import { tabularUnit } from "../../experiments/reward_weighting/tabular.ts";
import { trainingSchema } from "../../experiments/laboratory/training_cell.ts";
import { resultsSchema } from "../../lib/runs/mod.ts";
import { randomStream } from "../../lib/runtime/mod.ts";
import { sampleResults } from "./sample_results.ts";

const half = [0.5, 0.5];
const run = (values: MeasuredRun["values"], more: Partial<MeasuredRun> = {}): MeasuredRun => ({
  values,
  heldOut: null,
  harmful: 0,
  smoothness: 0.5,
  ...more,
});

Deno.test("a run's harm and gain are what its values say", () => {
  const found = outcomeOf(
    run([[0.4, 0.4], [0.5, 0.3], [0.7, 0.35], [0.7, 0.36]], {
      heldOut: [[0.4, 0.4], [0.5, 0.39]],
      harmful: 2,
    }),
    half,
  );
  assertAlmostEquals(found.harmful!, 1 / 3, 1e-12);
  assertAlmostEquals(found.first_order!, 2 / 3, 1e-12);
  assertAlmostEquals(found.fall!, 0.1, 1e-12);
  assertAlmostEquals(found.falls!, 0.1, 1e-12);
  // In the first step a reward falls while the sum does not rise: no ratio.
  assertEquals(found.ratio, null);
  assertAlmostEquals(found.gain!, 0.13, 1e-12);
  assertAlmostEquals(found.least!, -0.04, 1e-12);
  assertAlmostEquals(found.volume!, 0.7 * 0.36 / 0.16, 1e-12);
  assertEquals(found.reach, 0);
  assertAlmostEquals(found.held_out_fall!, 0.01, 1e-12);
  assertAlmostEquals(found.held_out_gain!, 0.045, 1e-12);
  assertAlmostEquals(found.held_out_least!, -0.01, 1e-12);
});

Deno.test("a step that lowers a reward by rounding harms nobody", () => {
  const found = outcomeOf(run([[0.4, 0.4], [0.5, 0.4 - 1e-8]]), half);
  assertEquals([found.harmful, found.ratio], [0, 0]);
  assertEquals(found.held_out_gain, null);
});

Deno.test("ranks are means over the rewards, 1 the best", () => {
  const start = [0.4, 0.4];
  const ranks = outcomesOf(
    [run([start, [0.6, 0.5]]), run([start, [0.5, 0.5]]), run([start, [0.4, 0.3]])],
    half,
  ).map(({ rank }) => rank);
  assertEquals(ranks, [1.25, 1.75, 3]);
});

const names = ["static", "capability-aware", "MGDA"];
const preference = { name: "equal", weights: half };

/** A replicate in which static lowers the second reward, MGDA is best for the worst-off. */
function unitOf(seed: number): Unit {
  const random = randomStream(seed, "unit");
  const noise = () => 0.002 * random.normal();
  const ended = (a: number, b: number, harmful: number) =>
    run([[0.4, 0.4], [0.4 + a + noise(), 0.4 + b + noise()]], {
      heldOut: [[0.4, 0.4], [0.4 + a / 2, 0.4 + b / 2]],
      harmful,
    });
  const fixed = ended(0.3, -0.1, 1);
  return {
    runs: [fixed, ended(0.15, 0, 0), ended(0.1, 0.1, 0)],
    statics: [{ preference: "equal", run: fixed }, {
      preference: "second",
      run: ended(0.05, 0.02, 0),
    }],
  };
}

const units = Array.from({ length: 10 }, (_, seed) => unitOf(seed));
const setting = settingOf({ ground: "model", preference }, names, units);

Deno.test("rules are told apart from both baselines, paired and corrected for their number", () => {
  const of = (system: string, baseline: string, measure: string) =>
    setting.differences.find((row) =>
      row.system === system && row.baseline === baseline && row.measure === measure
    )!;
  const least = of("capability-aware", "static", "least");
  assertAlmostEquals(least.value, 0.1, 0.01);
  // All ten pairs differ in one direction: 2 / 2^10, and the smallest of three in the correction.
  assertAlmostEquals(least.p, 2 / 1024, 1e-12);
  assertAlmostEquals(least.p_holm, 3 * 2 / 1024, 1e-12);
  assertAlmostEquals(least.p_least, 3 * 2 / 1024, 1e-12);
  assert(of("MGDA", "capability-aware", "least").low > 0);
  assert(of("static", "capability-aware", "gain").low > 0);
  assert(least.detectable! > 0 && least.detectable! < 0.01);
});

Deno.test("in hindsight the harmless static preference is chosen; it is compared and not ranked", () => {
  assertEquals(setting.systems, [...names, HINDSIGHT]);
  assertEquals(new Set(setting.chosen), new Set(["second"]));
  const estimates = setting.estimates.filter(({ system }) => system === HINDSIGHT);
  assert(!estimates.some(({ measure }) => measure === "rank"));
  assertAlmostEquals(estimates.find(({ measure }) => measure === "least")!.value, 0.02, 0.01);
});

Deno.test("intervals end where a measure cannot be", () => {
  const share = setting.estimates.find((row) =>
    row.system === "static" && row.measure === "harmful"
  )!;
  assertEquals([share.value, share.low, share.high], [1, 1, 1]);
  for (const { measure, low } of setting.estimates) {
    if (measure === "reach" || measure === "falls") assert(low >= 0, measure);
  }
});

Deno.test("where no unit has a number there is no estimate, and pairs without one are left out", () => {
  const falling = run([[0.4, 0.4], [0.4, 0.3]]);
  const broken = units.map(({ runs }, k): Unit => ({
    runs: [k === 0 ? runs[0]! : falling, runs[1]!, falling],
    statics: [],
  }));
  const found = settingOf({ ground: "trainer", preference }, names, broken);
  const ratio = (system: string) =>
    found.estimates.find((row) => row.system === system && row.measure === "ratio");
  assertEquals(ratio("static")!.n, 1);
  assertEquals(ratio("MGDA"), undefined);
  assertEquals([found.systems, found.chosen], [names, []]);
});

Deno.test("tabular problems: the rules differ as their theory says, the same in every run", () => {
  const config = weightingSchema.parse({
    ...weightingPresets.smoke,
    rules: ["static", "capability-aware", "margin", "MGDA"],
    tabular: { problems: 4, steps: 60 },
  });
  const [, lopsided] = comparedPreferences(config);
  const problems = Array.from({ length: 4 }, (_, seed) => tabularUnit(config, lopsided!, seed));
  assertEquals(tabularUnit(config, lopsided!, 0), problems[0]);
  const found = settingOf({ ground: "tabular", preference: lopsided! }, config.rules, problems);
  const mean = (system: string, measure: string) =>
    found.estimates.find((row) => row.system === system && row.measure === measure)!.value;
  assert(mean("static", "harmful") > 0.9);
  assertEquals(mean("margin", "falls"), 0);
  assertEquals(mean("capability-aware", "first_order"), 0);
  assert(mean("static", "gain") > mean("capability-aware", "gain"));
  assert(mean("capability-aware", "least") > mean("static", "least"));
  assert(mean("static", "smoothness") <= 1);
  assert(found.estimates.every(({ measure }) => !measure.startsWith("held_out")));
});

Deno.test("what a run stores fits the schemas of findings and results", () => {
  const settings = [setting];
  const stored = {
    protocol: "p",
    rewardNames: ["a", "b"],
    settings,
    runs: [{
      ground: "model",
      preference: "equal",
      system: "static",
      seed: 0,
      values: [[0.4, 0.4]],
      heldOut: [[0.4, 0.4]],
    }],
  };
  const text = JSON.stringify(stored);
  assertEquals(JSON.stringify(weightingFindings.parse(JSON.parse(text))), text);
  resultsSchema.parse({
    ...sampleResults,
    metrics: metricsOf(settings, "hash"),
    comparisons: comparisonsOf(settings),
  });
});

Deno.test("presets are valid, and every setting of the trainer is one", () => {
  for (const preset of Object.values(weightingPresets)) weightingSchema.parse(preset);
  const all = Object.values(trainerParts).map(({ options }) =>
    JSON.stringify(trainingSchema.parse({
      maxSteps: 1,
      learningRate: 1,
      rewardWeights: [1],
      ...options,
    }))
  );
  assertEquals(new Set(all).size, all.length);
  assertThrows(
    () => weightingSchema.parse({ ...weightingPresets.smoke, rules: ["static", "MGDA"] }),
    Error,
    "static and capability-aware among the rules",
  );
});

Deno.test("hindsight chooses from corners and centre, and from edges where asked", () => {
  const config = weightingSchema.parse(weightingPresets.smoke);
  assertEquals(hindsightPreferences(config).length, 5);
  const edges = { ...config, preferences: { ...config.preferences, edges: true } };
  assertEquals(hindsightPreferences(edges).length, 11);
  const names = hindsightPreferences(config).map(({ name }) => name);
  // The compared preferences are among them, so that their static runs are made once.
  for (const { name } of comparedPreferences(config)) assert(names.includes(name), name);
});
