import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { contrast, resampledOutcomes } from "../../experiments/sampled/contrasts.ts";
import type { Condition } from "../../experiments/sampled/findings.ts";
import { testedHypotheses } from "../../experiments/sampled/hypotheses.ts";
import { lookupRewards, normalised } from "../../experiments/sampled/lookup.ts";
import { outcomesOf, type RunValues } from "../../experiments/sampled/outcomes.ts";
import { average } from "../../lib/evaluation/mod.ts";
import { randomStream } from "../../lib/runtime/mod.ts";
import type { ClosedPrompt } from "../../lib/synthesis/mod.ts";

const preference = [0.5, 0.5];

Deno.test("outcomes: the largest fall anywhere on the way, the gain at the end, the lowest reward there", () => {
  const means = [[0.5, 0.4], [0.6, 0.1], [0.7, 0.35]];
  const [fall, gain, worstOff] = outcomesOf(means, [0.25, 0.75]);
  assertAlmostEquals(fall!, 0.3, 1e-12);
  assertAlmostEquals(gain!, 0.25 * 0.2 - 0.75 * 0.05, 1e-12);
  assertAlmostEquals(worstOff!, 0.35, 1e-12);
  assertEquals(outcomesOf([[0.1, 0.2], [0.2, 0.3]], preference)[0], 0);
});

/** A run whose second reward falls by `fall` on the way and ends `gain` above the start, as the first one does. */
function run(replicate: number, arm: string, fall: number, gain: number, prompts = 10): RunValues {
  const random = randomStream(replicate, arm);
  const values = (spread: number) =>
    [[0, 0], [gain / 2, -fall], [gain, gain]].map(([a, b]) =>
      Array.from({ length: prompts }, () => {
        const noise = spread * random.normal();
        return [0.5 + a! + noise, 0.5 + b! + noise];
      })
    );
  return { steps: [0, 5, 10], train: values(0), heldOut: values(0.01) };
}

const conditions: Condition[] = [
  { arm: "static", preference: "equal", prompts: 32 },
  { arm: "capability-aware", preference: "equal", prompts: 32 },
  { arm: "static", preference: "equal", prompts: 8 },
  { arm: "capability-aware", preference: "equal", prompts: 8 },
];
const preferences = conditions.map(() => preference);

/** Outcomes of runs whose falls and gains by condition are given, with a replicate's own share. */
const outcomesWith = (
  falls: readonly number[],
  gains: readonly number[],
  replicates = 8,
  own = (r: number) => 1 + 0.1 * r,
) =>
  resampledOutcomes(
    Array.from({ length: replicates }, (_, r) =>
      conditions.map((_, c) => run(r, `${c}`, own(r) * falls[c]!, own(r) * gains[c]!))),
    preferences,
    "train",
    { resamples: 500 },
  );

Deno.test("differences are paired: their interval holds the replicates' spread, not that of the starts", () => {
  const replicates = Array.from({ length: 8 }, (_, r) => {
    // Starts differ widely, the arms' difference does not.
    const level = 0.05 * r;
    return conditions.map((_, c) => {
      const own = run(r, "same", c % 2 === 0 ? 0.2 + level : 0.1 + level, 0.1);
      return { ...own };
    });
  });
  const found = resampledOutcomes(replicates, preferences, "train", { resamples: 500 });
  const { estimate, replicates: single } = contrast(found, [
    { condition: 1, outcome: "largest fall", factor: 1 },
    { condition: 0, outcome: "largest fall", factor: -1 },
  ]);
  single.forEach((x) => assertAlmostEquals(x, -0.1, 1e-12));
  assertAlmostEquals(estimate.low, -0.1, 1e-9);
  assertAlmostEquals(estimate.high, -0.1, 1e-9);
  const alone = contrast(found, [{ condition: 0, outcome: "largest fall", factor: 1 }]);
  assertAlmostEquals(alone.estimate.value, average([0, 1, 2, 3, 4, 5, 6, 7]) * 0.05 + 0.2, 1e-12);
  assert(alone.estimate.high - alone.estimate.low > 0.1);
});

Deno.test("held-out prompts are drawn again too: one replicate has an interval", () => {
  const one = [conditions.map((_, c) => run(0, `${c}`, 0.2, 0.1))];
  const width = (part: "train" | "held out") => {
    const found = resampledOutcomes(one, preferences, part, { resamples: 500 });
    const { estimate } = contrast(found, [{ condition: 0, outcome: "gain", factor: 1 }]);
    return estimate.high - estimate.low;
  };
  assertAlmostEquals(width("train"), 0, 1e-12);
  assert(width("held out") > 0.005);
});

Deno.test("both claims hold where falls shrink and gains stay, by the interval and by Holm's sign test", () => {
  const tested = testedHypotheses(
    outcomesWith([0.2, 0.02, 0.2, 0.2], [0.1, 0.09, 0.1, 0.1]),
    conditions,
    32,
    "train",
  );
  assertEquals(tested.map(({ id, holds, replicates }) => [id, holds, replicates.length]), [
    ["S1", true, 8],
    ["S2", true, 8],
  ]);
  assert(tested.every(({ replicates }) => replicates.every((x) => x > 0)));
  tested.forEach(({ p, holm, low }) => {
    assertAlmostEquals(p, 2 ** -8, 1e-12);
    assertAlmostEquals(holm, 2 * 2 ** -8, 1e-12);
    assert(low > 0);
  });
  assertAlmostEquals(
    tested[0]!.estimate,
    0.18 * average([0, 1, 2, 3, 4, 5, 6, 7].map((r) => 1 + 0.1 * r)),
    1e-12,
  );
});

Deno.test("claims fail where falls grow, gains are lost, the control gains nothing or replicates are few", () => {
  const test = (falls: readonly number[], gains: readonly number[], replicates?: number) =>
    testedHypotheses(outcomesWith(falls, gains, replicates), conditions, 32, "train");
  const [worse] = test([0.02, 0.2, 0, 0], [0.1, 0.1, 0, 0]);
  assert(!worse!.holds && worse!.high < 0 && worse!.replicates.every((x) => x < 0));
  const [, lost] = test([0.2, 0.02, 0, 0], [0.1, 0.01, 0, 0]);
  assert(!lost!.holds && lost!.high < 0);
  // Half of a loss is no claim.
  const [, none] = test([0.2, 0.02, 0, 0], [-0.1, 0.1, 0, 0]);
  assert(none!.low > 0 && none!.p < 0.01 && !none!.meaningful && !none!.holds);
  // 4 replicates: the least p value is 1/16, and twice that with Holm.
  const few = test([0.2, 0.02, 0, 0], [0.1, 0.09, 0, 0], 4);
  assert(few.every(({ low, holds }) => low > 0 && !holds));
  assertAlmostEquals(few[0]!.holm, 1 / 8, 1e-12);
  // The runs with fewer prompts a step say nothing about the claims.
  const [same] = test([0.1, 0.1, 0.3, 0], [0.1, 0.1, 0.1, 0.1]);
  assertEquals([same!.estimate, same!.p, same!.holds], [0, 1, false]);
});

Deno.test("free text earns the rewards of the closed answer that it is, and nothing otherwise", async () => {
  const prompt = (answers: string[], rewards: number[][]): ClosedPrompt => ({
    id: "x",
    task: "t",
    split: "train",
    prompt: "?",
    answers,
    rewards,
  });
  const reward = lookupRewards([
    prompt(["Yes.", "Not sure."], [[1, 0], [0, 1]]),
    prompt(["Yes.", "Caf\u00e9"], [[0.5, 0.5], [0, 0.25]]),
  ], 2);
  assertEquals(
    await reward([0, 0, 1, 1, 1, 0], [
      "Yes.",
      " Not\n sure. ",
      "Yes.",
      "Cafe\u0301",
      "yes.",
      "Yes. Not sure.",
    ]),
    [[1, 0], [0, 1], [0.5, 0.5], [0, 0.25], [0, 0], [0, 0]],
  );
  assertEquals(normalised("  a \t b\n"), "a b");
});
