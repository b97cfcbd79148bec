import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import {
  aggregatorOf,
  ruleGroups,
  unitWeights,
  weightingNames,
  weightingRules,
} from "../../experiments/exact/rules.ts";
import { tabularRun } from "../../experiments/exact/tabular.ts";
import { ascentGeometry } from "../../experiments/laboratory/ascent_cell.ts";
import { fallToGain, largestFall } from "../../experiments/laboratory/trajectory.ts";
import { aggregators, preservationRatio, rewardTable } from "../../lib/balance/mod.ts";

const table = rewardTable({ prompts: 4, answers: 5, rewards: 3, conflict: 1, seed: 2 });
const preference = [0.8, 0.1, 0.1];
const settings = { steps: 60, learningRate: 8 };

Deno.test("under conflict fixed weights lower a reward, the margin variant never does", () => {
  const fixed = tabularRun(table, weightingRules.static, preference, settings);
  assert(largestFall(fixed.values) > 0.1);
  assert(ascentGeometry(fixed, preference).harmful > 30);
  const margin = tabularRun(table, weightingRules.margin, preference, settings);
  assertEquals(largestFall(margin.values), 0);
  assertEquals(ascentGeometry(margin, preference).harmful, 0);
  // It keeps them by small steps, not by none: every reward has risen.
  margin.values.at(-1)!.forEach((x, i) => assert(x > margin.values[0]![i]! + 0.02));
});

Deno.test("capability-aware weights keep falls under the bound, fixed ones do not", () => {
  // Weights of absolute sum 1 have at most the length of those of the theorem.
  const bound = preservationRatio(settings.learningRate / (3 * Math.sqrt(3)) / 4);
  const ratio = (rule: "static" | "capability-aware") =>
    fallToGain(tabularRun(table, weightingRules[rule], preference, settings).values, preference)!;
  assert(ratio("capability-aware") < bound);
  assert(ratio("static") > bound);
});

Deno.test("the smoothness along a run stays below that of the policy", () => {
  const run = tabularRun(table, weightingRules.static, preference, settings);
  const { smoothness } = ascentGeometry(run, preference);
  assert(smoothness > 0.1 && smoothness <= 1, `${smoothness}`);
});

Deno.test("weights count by direction alone, unless their own length is asked for", () => {
  const gram = [[1, -0.2], [-0.2, 0.1]];
  const own = aggregatorOf(weightingRules["capability-aware"], [1, 1], 1, "own")(gram, [0.5, 0.5]);
  const unit = aggregatorOf(weightingRules["capability-aware"], [1, 1], 1, "unit")(
    gram,
    [0.5, 0.5],
  );
  assertEquals(own, aggregators.capability_aware(gram, [0.5, 0.5]));
  assertAlmostEquals(unit[0]! / unit[1]!, own[0]! / own[1]!, 1e-12);
  assertAlmostEquals(unit[0]! + unit[1]!, 1, 1e-12);
  assertEquals(unitWeights(() => [0, 0])([[0, 0], [0, 0]], [0.5, 0.5]), [0, 0]);
});

Deno.test("the cap bounds what is added to a weight", () => {
  const gram = [[1, -0.2], [-0.2, 0.1]];
  const { rule, cap } = weightingRules.capped;
  const capped = aggregatorOf({ rule, cap }, [1, 1], 1, "own")(gram, [0.5, 0.5]);
  assertAlmostEquals(capped[1]!, 0.5 + cap, 1e-12);
  assert(aggregators.capability_aware(gram, [0.5, 0.5])[1]! > 0.5 + 2 * cap);
});

Deno.test("every rule runs, raises the mean reward, and is drawn in a group that can be told apart", () => {
  const thirds = [1 / 3, 1 / 3, 1 / 3];
  const mild = rewardTable({ prompts: 3, answers: 4, rewards: 3, conflict: 0.5, seed: 1 });
  for (const name of weightingNames) {
    const { values } = tabularRun(mild, weightingRules[name], thirds, {
      steps: 10,
      learningRate: 2,
    });
    const mean = (row: readonly number[]) => row.reduce((a, b) => a + b, 0) / row.length;
    assert(mean(values.at(-1)!) > mean(values[0]!), name);
  }
  assertEquals(new Set(Object.values(ruleGroups).flat()), new Set(weightingNames));
  for (const members of Object.values(ruleGroups)) assert(members.length <= 5);
});

Deno.test("of lib/balance's rules only those that coincide with another have no row", () => {
  const rows = new Set<string>(Object.values(weightingRules).map(({ rule }) => rule));
  const without = Object.keys(aggregators).filter((name) => !rows.has(name)) as [
    "mean",
    "dual_proj",
  ];
  assertEquals(without, ["mean", "dual_proj"]);
  const gram = [[1, -0.5, 0.1], [-0.5, 0.6, -0.2], [0.1, -0.2, 0.3]];
  const by = [0.6, 0.3, 0.1];
  aggregators.dual_proj(gram, by).forEach((w, i) =>
    assertAlmostEquals(w, aggregators.capability_aware(gram, by)[i]!, 1e-9)
  );
  assertEquals(aggregators.mean(gram, by), aggregators.static(gram, [1 / 3, 1 / 3, 1 / 3]));
});
