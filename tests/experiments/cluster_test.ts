import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { type ClusterBehaviour, simulateSweep, type Wave } from "../../experiments/cost/cluster.ts";
import { randomStream, UsageError } from "../../lib/runtime/mod.ts";

const steady: ClusterBehaviour = {
  spread: 0,
  failureRate: 0,
  repair: 3600,
  requeue: 120,
  checkpoint: 60,
  longestArray: 1001,
};
const wave = (...cells: number[]): Wave => ({ plan: 0, start: 0, cells });
const equal = (count: number, seconds: number): Wave => wave(...new Array(count).fill(seconds));

Deno.test("steady nodes share cells; a wave ends with its last cell, an array before the next begins", () => {
  const makespan = (waves: Wave[], nodes: number, longestArray = 1001) =>
    simulateSweep(waves, nodes, { ...steady, longestArray }, randomStream(0)).makespan;
  assertEquals(makespan([equal(12, 10)], 1), 120);
  assertEquals(makespan([equal(12, 10)], 5), 30);
  assertEquals(makespan([equal(12, 10)], 100), 10);
  assertEquals(makespan([wave(10), wave(3, 4)], 2), 14);
  // Six nodes, but two cells at a time.
  assertEquals(makespan([equal(6, 10)], 6, 2), 30);
  assertEquals(makespan([{ plan: 7, start: 2, cells: [10, 10] }], 1), 7 + 24);
});

Deno.test("the nodes' time is what stayed, what was lost, what began, and what waited", () => {
  const waves = [{ plan: 5, start: 3, cells: new Array<number>(40).fill(5000) }];
  const failing = { ...steady, failureRate: 1 / 20_000, spread: 0.2 };
  for (let seed = 0; seed < 20; seed++) {
    const run = simulateSweep(waves, 8, failing, randomStream(seed));
    const { makespan, useful, lost, starting, failures } = run;
    assert(useful + lost + starting <= 8 * makespan);
    assert(lost <= failures * 60 * 2, `${lost} s lost with ${failures} failures`);
    assert((lost > 0) === (failures > 0));
    assertEquals(simulateSweep(waves, 8, failing, randomStream(seed)), run);
  }
});

Deno.test("failures come as often as they are assumed to, and cost what lies behind checkpoints", () => {
  const rate = 1 / 10_000;
  const behaviour = { ...steady, failureRate: rate, repair: 0, requeue: 0 };
  const runs = Array.from(
    { length: 50 },
    (_, seed) => simulateSweep([equal(100, 2000)], 10, behaviour, randomStream(seed, "often")),
  );
  const sum = (part: "failures" | "lost" | "useful") =>
    runs.reduce((total, run) => total + run[part], 0);
  const computed = sum("useful") + sum("lost");
  // A Poisson process: 20 per run; the standard error over 50 runs is 0.63.
  assertAlmostEquals(sum("failures") / 50, computed / 50 * rate, 2.5);
  assertAlmostEquals(sum("useful") / 50, 200_000, 1e-6);
  // A failure falls anywhere between two checkpoints.
  assertAlmostEquals(sum("lost") / sum("failures"), 30, 3);
});

Deno.test("without checkpoints in reach a cell begins anew, with them it goes on", () => {
  const cells = [equal(200, 10_000)];
  const at = (checkpoint: number) =>
    simulateSweep(cells, 20, { ...steady, failureRate: 1 / 40_000, checkpoint }, randomStream(3));
  const [often, seldom] = [at(60), at(20_000)];
  assert(seldom.lost > 20 * often.lost);
  assert(seldom.makespan > often.makespan);
  const never = { ...steady, failureRate: 1 / 100, checkpoint: 20_000 };
  assertThrows(() => simulateSweep(cells, 20, never, randomStream(0)), UsageError, "a checkpoint");
});
