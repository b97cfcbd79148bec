import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { harmRatio, harmShare, tabularRun, unitWeights } from "../../experiments/exact/tabular.ts";
import { tabularRules } from "../../experiments/exact/rules.ts";
import { aggregators, preservationRatio, rewardTable } from "../../lib/balance/mod.ts";

const table = rewardTable({ prompts: 4, answers: 5, rewards: 3, conflict: 1, seed: 2 });
const preference = [0.8, 0.1, 0.1];
const settings = { steps: 60, learningRate: 8 };

Deno.test("under conflict fixed weights lower a reward, the margin variant never does", () => {
  assert(harmShare(tabularRun(table, aggregators.static, preference, settings)) > 0.1);
  const margin = tabularRun(table, "margin", preference, settings);
  assertEquals(harmShare(margin), 0);
  // It keeps them by small steps, not by none: every reward has risen.
  margin.values.at(-1)!.forEach((x, i) => assert(x > margin.values[0]![i]! + 0.02));
});

Deno.test("capability-aware weights keep falls under the bound, fixed ones do not", () => {
  // Weights of absolute sum 1 have at most the length of those of the theorem.
  const bound = preservationRatio(settings.learningRate / (3 * Math.sqrt(3)) / 4);
  const ratio = (rule: "static" | "capability_aware") =>
    harmRatio(tabularRun(table, aggregators[rule], preference, settings), preference);
  assert(ratio("capability_aware") < bound);
  assert(ratio("static") > bound);
});

Deno.test("weights count by direction alone", () => {
  const once = tabularRun(table, aggregators.mean, preference, settings);
  const tripled = tabularRun(table, () => [1, 1, 1], preference, settings);
  once.values.at(-1)!.forEach((x, i) => assertAlmostEquals(tripled.values.at(-1)![i]!, x, 1e-12));
  assertEquals(unitWeights(() => [0, 0])([[0, 0], [0, 0]], [0.5, 0.5]), [0, 0]);
});

Deno.test("every rule of the exact problems runs and raises the mean reward", () => {
  const thirds = [1 / 3, 1 / 3, 1 / 3];
  const mild = rewardTable({ prompts: 3, answers: 4, rewards: 3, conflict: 0.5, seed: 1 });
  for (const [name, rule] of Object.entries(tabularRules)) {
    const { values } = tabularRun(mild, rule, thirds, { steps: 10, learningRate: 2 });
    const mean = (row: readonly number[]) => row.reduce((a, b) => a + b, 0) / row.length;
    assert(mean(values.at(-1)!) > mean(values[0]!), name);
  }
});
