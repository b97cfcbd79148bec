import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import {
  binaryGroups,
  correlations,
  countDistinct,
  expectedCorrelation,
  twoCompletions,
} from "../../experiments/advantages/checks.ts";
import { advantageForms } from "../../experiments/advantages/findings.ts";
import { reportedCounts } from "../../experiments/advantages/reported.ts";

for (const { rewards, size, counts } of reportedCounts) {
  Deno.test(`${rewards} binary rewards, ${size} completions: the reported counts`, () => {
    for (const form of advantageForms) {
      assertEquals(countDistinct(form, rewards, size).distinct, counts[form], form);
    }
  });
}

Deno.test("all groups up to order: as many as multisets", () => {
  assertEquals(binaryGroups(2, 4).length, 35); // 7 choose 3
  assertEquals(binaryGroups(3, 4).length, 330); // 11 choose 7
});

Deno.test("summed rewards hide which reward was earned", () => {
  const [one, both, second] = twoCompletions();
  for (const row of [one!, both!, second!]) assertAlmostEquals(row.GRPO, Math.SQRT1_2, 1e-8);
  assertAlmostEquals(one!.GDPO, Math.SQRT1_2, 1e-8);
  assertAlmostEquals(both!.GDPO, Math.SQRT2, 1e-8);
  assertAlmostEquals(second!.GDPO, Math.SQRT1_2, 1e-8);
});

Deno.test("the advantage follows the loud reward unless each is normalised", () => {
  const deviations = [1, 5];
  const rewards = { deviations, groups: 500, completions: 16, seed: 0, draw: 0 };
  for (const form of ["GRPO", "GDPO"] as const) {
    correlations(form, rewards).forEach((c, i) =>
      assertAlmostEquals(c, expectedCorrelation(form, deviations, i), 0.03)
    );
  }
  assertAlmostEquals(expectedCorrelation("GRPO", deviations, 0), 0.196, 1e-3);
  assertAlmostEquals(expectedCorrelation("GDPO", [1, 2, 3, 4], 3), 0.5, 1e-12);
  assert(correlations("GRPO", rewards)[1]! > correlations("GDPO", rewards)[1]!);
});
