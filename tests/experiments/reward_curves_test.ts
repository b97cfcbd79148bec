import { assert, assertAlmostEquals, assertEquals, assertStringIncludes } from "@std/assert";
import { rewardCurves, windowsOf } from "../../experiments/stages/reward_curves.ts";
import { capabilities } from "../../lib/synthesis/mod.ts";

/** A log whose rewards of all capabilities are these. */
const log = (rewards: readonly (number | null)[]) =>
  rewards.map((reward, i) => ({
    step: i + 1,
    ...(reward === null
      ? {}
      : Object.fromEntries(capabilities.map((c) => [`rewards/${c}/mean`, reward]))),
  }));

interface Trace {
  readonly name: string;
  readonly mode: string;
  readonly x: readonly number[];
  readonly y: readonly (number | null)[];
  readonly xaxis: string;
}

/** The traces of the first panel. */
const first = (figure: { spec: { data: unknown } }) =>
  (figure.spec.data as Trace[]).filter(({ xaxis }) => xaxis === "x");

Deno.test("windows cover every step once and are as long as asked for, or one step longer", () => {
  assertEquals(windowsOf(6, 2), [[0, 2], [2, 4], [4, 6]]);
  assertEquals(windowsOf(4, 1).length, 4);
  assertEquals(windowsOf(3, 10), [[0, 3]]);
  for (const [count, length] of [[53, 5], [7, 3], [50, 5]] as const) {
    const windows = windowsOf(count, length);
    assertEquals(windows.flatMap(([a, b]) => Array.from({ length: b - a }, (_, k) => a + k)), [
      ...Array(count).keys(),
    ]);
    assert(windows.every(([a, b]) => b - a === length || b - a === length + 1), `${windows}`);
  }
});

Deno.test("a single high step at the start makes no fall: each point of a line is the mean of a whole window", () => {
  // Rewards go up and down about one level; a mean of the first step alone would start at 1.
  const rewards = Array.from({ length: 20 }, (_, i) => i % 2 === 0 ? 1 : 0);
  const figure = rewardCurves(new Map([["GRPO", [log(rewards)]]]), ["GRPO"]);
  const [points, line] = first(figure);
  assertEquals([points!.mode, line!.mode], ["markers", "lines+markers"]);
  assertEquals(points!.y, rewards);
  assertEquals(points!.x, rewards.map((_, i) => i + 1));
  assertEquals(line!.y, Array(10).fill(0.5));
  assertEquals([line!.x[0], line!.x.at(-1)], [1.5, 19.5]);
  assertStringIncludes(figure.caption, "means over windows of 2 steps, at their middle");
});

Deno.test("means are over the steps that have the reward, then over the seeds, whose range is the band", () => {
  const logs = new Map([["GRPO", [log([0.2, null, 0.4, 0.6]), log([0.4, 0.6, null, null])]]]);
  const [band, points, line] = first(rewardCurves(logs, ["GRPO"], { window: 2 }));
  [0.35, 0.5].forEach((v, i) => assertAlmostEquals(line!.y[i]!, v, 1e-12));
  // The second seed has no reward in the second window: one value, so that the band is as narrow as it.
  assertEquals(band!.y.map((v) => v!.toFixed(2)), ["0.50", "0.50", "0.50", "0.20"]);
  assertEquals(points!.y.map((v) => v?.toFixed(2)), ["0.30", "0.60", "0.40", "0.60"]);
});

Deno.test("where each step is a window of its own, the line is of the steps and there are no points", () => {
  const figure = rewardCurves(new Map([["GRPO", [log([0.1, 0.2, 0.3])]]]), ["GRPO"]);
  assertEquals(first(figure).map(({ mode, y }) => [mode, y]), [["lines+markers", [0.1, 0.2, 0.3]]]);
  assert(!figure.caption.includes("windows"));
});
