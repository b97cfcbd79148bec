import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import {
  type AdvantageOptions,
  conditionRewards,
  groupAdvantages,
  type GroupRewards,
  poolDeviations,
  pooledScales,
  rewardAdvantages,
  sampleDeviation,
  scalesOf,
} from "../../lib/training/mod.ts";
import { randomStream, UsageError } from "../../lib/runtime/mod.ts";

const grpo = {
  multiObjectiveAggregation: "sum_then_normalize",
  scaleRewards: "group",
  rewardWeights: [1, 1],
} as const satisfies AdvantageOptions;
const plain = { ...grpo, scaleRewards: "none" } as const;
const gdpo = { ...grpo, multiObjectiveAggregation: "normalize_then_sum" } as const;
const oneOut = { ...grpo, multiObjectiveAggregation: "leave_one_out" } as const;

/** All groups of `size` completions with `rewards` binary rewards, up to the order of the completions. */
function binaryGroups(size: number, rewards: number): GroupRewards[] {
  const kinds = Array.from(
    { length: 2 ** rewards },
    (_, bits) => Array.from({ length: rewards }, (_, i) => (bits >> i) & 1),
  );
  const grow = (group: number[][], from: number): number[][][] =>
    group.length === size
      ? [group]
      : kinds.slice(from).flatMap((kind, i) => grow([...group, kind], from + i));
  return grow([], 0);
}

/** Number of different sorted advantages; equal means up to what the epsilon in the deviation changes. */
function distinct(advantages: readonly number[][]): number {
  const found: number[][] = [];
  for (const row of advantages) {
    const sorted = row.toSorted((a, b) => a - b);
    if (!found.some((other) => other.every((x, i) => Math.abs(x - sorted[i]!) < 2e-3))) {
      found.push(sorted);
    }
  }
  return found.length;
}

for (
  const [size, rewards, ...counts] of [
    [2, 2, 2, 3, 3],
    [4, 2, 7, 10, 14],
    [8, 2, 29, 36, 81],
    [4, 3, 14, 20, 45],
  ] as const
) {
  Deno.test(`${rewards} binary rewards, groups of ${size}: ${counts} distinct advantages`, () => {
    const groups = binaryGroups(size, rewards);
    const rewardWeights = new Array<number>(rewards).fill(1);
    assertEquals(
      [grpo, plain, gdpo].map((options) =>
        distinct(groupAdvantages(groups, { ...options, rewardWeights }))
      ),
      [...counts],
    );
  });
}

Deno.test("the advantage follows the loudest reward, or all alike once each is normalised", () => {
  const stream = randomStream(0, "rewards");
  const groups = Array.from(
    { length: 500 },
    () => Array.from({ length: 16 }, () => [stream.normal(), 5 * stream.normal()]),
  );
  const correlations = (options: AdvantageOptions) => {
    const advantages = groupAdvantages(groups, options).flat();
    return [0, 1].map((i) => {
      const centred = groups.flatMap((group) => {
        const mean = group.reduce((a, row) => a + row[i]!, 0) / group.length;
        return group.map((row) => row[i]! - mean);
      });
      const dot = (a: number[], b: number[]) => a.reduce((s, x, k) => s + x * b[k]!, 0);
      return dot(centred, advantages) /
        Math.sqrt(dot(centred, centred) * dot(advantages, advantages));
    });
  };
  correlations(grpo).forEach((c, i) => assertAlmostEquals(c, [0.19, 0.98][i]!, 0.03));
  correlations(gdpo).forEach((c, i) => assertAlmostEquals(c, [0.71, 0.71][i]!, 0.03));
});

Deno.test("deviations have one degree of freedom less, and a single value has none", () => {
  assertAlmostEquals(sampleDeviation([1, 2, 4]), Math.sqrt(7 / 3), 1e-12);
  assertEquals([sampleDeviation([5]), sampleDeviation([])], [0, 0]);
});

Deno.test("a group is normalised by its own mean and deviation, or by the batch's deviation", () => {
  const groups = [[[0, 1], [1, 1], [1, 2]], [[4, 0], [4, 0], [4, 0]]];
  const sums = [1, 2, 3];
  const [first, second] = groupAdvantages(groups, grpo);
  first!.forEach((a, k) => assertAlmostEquals(a, (sums[k]! - 2) / (1 + 1e-4), 1e-12));
  assertEquals(second, [0, 0, 0]);
  const batch = sampleDeviation([1, 2, 3, 4, 4, 4]);
  groupAdvantages(groups, { ...grpo, scaleRewards: "batch" })[0]!
    .forEach((a, k) => assertAlmostEquals(a, (sums[k]! - 2) / (batch + 1e-4), 1e-12));
  assertEquals(groupAdvantages(groups, plain)[0], [-1, 0, 1]);
  const weighted = groupAdvantages(groups, { ...plain, rewardWeights: [3, 0] });
  assertEquals(weighted[0], [-2, 1, 1]);
});

Deno.test("without the batch, rewards that are normalised one by one are only summed", () => {
  const groups = [[[0, 5], [1, 9]], [[3, 3], [1, 3]]];
  const options = { ...gdpo, scaleRewards: "none", rewardWeights: [1, 2] } as const;
  const [first, second] = [Math.SQRT1_2 / (Math.SQRT1_2 + 1e-4), Math.SQRT2 / (Math.SQRT2 + 1e-4)];
  const wide = Math.sqrt(8);
  const unit = Math.SQRT1_2;
  assertAlmostEquals(
    groupAdvantages(groups, options)[0]![1]!,
    first * unit + 2 * 2 / (wide + 1e-4),
    1e-12,
  );
  assertAlmostEquals(groupAdvantages(groups, options)[1]![0]!, second * unit, 1e-12);
});

Deno.test("leave-one-out compares with the mean of the others, scaled by a constant", () => {
  const group = [[1, 0], [4, 0], [7, 6]];
  assertEquals(rewardAdvantages([group], 0, oneOut)[0], [1 - 5.5, 0, 7 - 2.5]);
  const options = { ...oneOut, rewardWeights: [1, 2], rewardScales: [3, 0.5] };
  const others = [[-4.5, -3], [0, -3], [4.5, 6]];
  groupAdvantages([group], options)[0]!.forEach((a, k) =>
    assertAlmostEquals(a, others[k]![0]! / 3 + 2 * others[k]![1]! / 0.5, 1e-12)
  );
});

Deno.test("the constant divisors are the deviations within groups, pooled, and never below 0.05", () => {
  // Within groups the first reward varies by 1 and 7, the second in one group only, the third hardly.
  const groups = [
    [[0, 1, 0.5], [Math.SQRT2, null, 0.51]],
    [[3, 2, 0.5], [3 + 7 * Math.SQRT2, 2 + 3 * Math.SQRT2, 0.5]],
  ];
  const [first, second, third, absent] = pooledScales(groups, 4);
  assertAlmostEquals(first!, 5, 1e-12); // the root of (1 + 49) / 2
  assertAlmostEquals(second!, 3, 1e-12);
  assertEquals([third, absent], [0.05, 0.05]);
});

Deno.test("the steps before are pooled; a reward that they lack has the scale of its own step", () => {
  const earlier = poolDeviations([[[0, null], [1, null], [2, null]], [[1, null], [1, null]]], 2);
  assertEquals(earlier, { variances: [1, 0], groups: [2, 0] });
  const fresh = poolDeviations([[[0, 0], [3, 4], [6, 8]]], 2);
  assertEquals(fresh, { variances: [9, 16], groups: [1, 1] });
  assertEquals(poolDeviations([[[0, 0], [3, 4], [6, 8]]], 2, earlier), {
    variances: [10, 16],
    groups: [3, 1],
  });
  assertEquals(scalesOf(earlier, fresh), [Math.sqrt(1 / 2), 4]);
  assertEquals(scalesOf(fresh), [3, 4]);
});

Deno.test("a reward is 0 where the one that decides is below its threshold, and kept where either is absent", () => {
  const names = ["facts", "form", "length"];
  const condition = { reward: "form", on: "facts", threshold: 0.5 };
  const rows = [[0.5, 2, 3], [0.4, 2, 3], [null, 2, 3], [0.1, null, 3]];
  assertEquals(conditionRewards(rows, [condition], names), [
    [0.5, 2, 3],
    [0.4, 0, 3],
    ...rows.slice(2),
  ]);
  assertEquals(rows[1], [0.4, 2, 3]);
  // Conditions look at the rewards as they came, not at what another one has made of them.
  const chain = [condition, { reward: "length", on: "form", threshold: 1 }];
  assertEquals(conditionRewards([[0.4, 2, 3]], chain, names), [[0.4, 0, 3]]);
  const unknown = { ...condition, on: "style" };
  assertThrows(() => conditionRewards(rows, [unknown], names), UsageError, "but found style");
});

Deno.test("an absent reward is not zero: it stays out of the statistics and its advantage is 0", () => {
  const group = [[1, null], [3, 2], [null, 4], [2, null]];
  for (const options of [gdpo, oneOut]) {
    const [found] = rewardAdvantages([group], 0, options);
    const [without] = rewardAdvantages([[[1], [3], [2]]], 0, options);
    // The loss averages over all four completions, of which three count.
    const up = options === oneOut ? 4 / 3 : 1;
    assertEquals(found, [up * without![0]!, up * without![1]!, 0, up * without![2]!]);
    // Among the present ones alone: two values.
    const [other] = rewardAdvantages([group], 1, options);
    assertEquals([other![0], other![3]], [0, 0]);
    assertAlmostEquals(other![1]! + other![2]!, 0, 1e-12);
    assert(other![2]! > 0);
  }
  for (const options of [grpo, gdpo, oneOut]) {
    assertEquals(groupAdvantages([[[null, null], [null, null]]], options), [[0, 0]]);
    // A single present value says nothing about the group.
    assertEquals(rewardAdvantages([[[null], [5]]], 0, options), [[0, 0]]);
  }
});

Deno.test("a completion without any reward stays out of its group's mean and deviation", () => {
  const group = [[1, null], [null, null], [3, 1]];
  for (const options of [grpo, plain]) {
    const [found] = groupAdvantages([group], options);
    const [without] = groupAdvantages([[[1, null], [3, 1]]], options);
    assertEquals(found, [without![0], 0, without![1]]);
  }
  assertEquals(groupAdvantages([group, [[1, 1], [2, 0]]], gdpo)[0]![1], 0);
});

Deno.test("leave-one-out estimates each reward's mean over the groups that have it", () => {
  const groups = [[[1, null], [3, null]], [[0, 4], [2, 0]], [[5, 1], [4, 2]], [[1, null], [
    1,
    null,
  ]]];
  const [first, second] = [0, 1].map((i) => rewardAdvantages(groups, i, oneOut));
  assertEquals(first![1], [-2, 2]);
  assertEquals(second![1], [4 * 2, -4 * 2]); // two of four groups
  assertEquals(second![0], [0, 0]);
});

Deno.test("a group's advantages do not depend on the groups beside it, except through the batch", () => {
  const stream = randomStream(1, "groups");
  const groups = Array.from(
    { length: 3 },
    () => Array.from({ length: 4 }, () => [stream.next(), stream.next()]),
  );
  for (const options of [grpo, plain, oneOut]) {
    const together = groupAdvantages(groups, options);
    groups.forEach((group, g) => assertEquals(groupAdvantages([group], options)[0], together[g]));
  }
  const flat = groupAdvantages(groups, gdpo).flat();
  assertAlmostEquals(flat.reduce((a, b) => a + b, 0), 0, 1e-9);
  assertAlmostEquals(sampleDeviation(flat), 1, 1e-3);
});
