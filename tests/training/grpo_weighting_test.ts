import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { aggregators } from "../../lib/balance/mod.ts";
import { startBackend } from "../../lib/runtime/mod.ts";
import { type RewardFunction, weightings } from "../../lib/training/mod.ts";
import { aware, train } from "./small_grpo.ts";

await startBackend();

Deno.test("capability-aware weights are measured, logged, and never below the preference", async () => {
  const { log } = await train({ ...aware, maxSteps: 4, promptsPerStep: 8 });
  for (const entry of log) {
    for (const [key, value] of Object.entries(entry)) assert(Number.isFinite(value), key);
    assert(entry["weights/letters"]! >= 1 - 1e-9);
    assert(entry["weights/brevity"]! >= 0.5 - 1e-9);
  }
  assertEquals(log.map((entry) => "balance/kkt" in entry), [true, false, true, false]);
  // A Gram matrix holds from the step behind its own to that of the next one.
  const weights = log.map((entry) => [entry["weights/letters"], entry["weights/brevity"]]);
  assertEquals(weights[0], [1, 0.5]);
  assertEquals(weights[2], weights[1]);
});

Deno.test("opposite rewards have the cosine -1 and get the weights that cancel them, equal ones 1 and the preference", async () => {
  for (const sign of [-1, 1]) {
    const reward: RewardFunction = (_, completions) =>
      Promise.resolve(completions.map((text) => {
        const early = text.replace(/[^a-m]/g, "").length / 8;
        return [early, sign * early];
      }));
    const { log: [first, second] } = await train({
      ...aware,
      maxSteps: 2,
      promptsPerStep: 8,
      numGenerations: 32,
      momentumAware: false,
      minSignalToNoise: 0,
      ridge: 0,
    }, { reward });
    assertAlmostEquals(first!["balance/cosine/letters/brevity"]!, sign, 1e-4);
    assertEquals(second!["weights/letters"], 1);
    assertAlmostEquals(second!["weights/brevity"]!, sign < 0 ? 1 : 0.5, 1e-4);
  }
});

Deno.test("measured weights do not depend on micro-batches, with any number of prompts", async () => {
  const smooth = {
    ...aware,
    adamEpsilon: 1,
    maxGradNorm: 1e6,
    promptsPerStep: 5,
    gramSteps: 1,
    maxSteps: 2,
  };
  const [two, three, five] = await Promise.all(
    [2, 3, 5].map((microBatches) => train({ ...smooth, microBatches })),
  );
  for (const other of [three!, five!]) {
    for (const [key, value] of Object.entries(two!.log[1]!)) {
      if (key === "step_time") continue;
      assertAlmostEquals(other.log[1]![key]!, value, 1e-3 * Math.abs(value) + 1e-6, key);
    }
  }
});

Deno.test("every weighting rule sets the weights of later steps; so does a function", async () => {
  const given: number[][][] = [];
  const own = await train({ ...aware, weighting: "static", maxSteps: 3 }, {
    aggregator: (gram, preference) => {
      given.push(gram.map((row) => [...row]));
      return preference.map((p) => 2 * p);
    },
  });
  assertEquals(own.log.map((entry) => entry["weights/letters"]), [1, 2, 2]);
  assert(given.length === 2 && given.every((gram) => gram.length === 2));
  // The first Gram matrix is the same for all of them; capability-aware weights have a test of their own.
  const moved = weightings.filter((name) => name !== "static" && name !== "capability_aware");
  for (const weighting of moved) {
    const { log } = await train({ ...aware, weighting, maxSteps: 2, gramSteps: 1 });
    const expected = aggregators[weighting](given[0]!, [1, 0.5]);
    assertEquals([log[1]!["weights/letters"], log[1]!["weights/brevity"]], expected, weighting);
    assert("balance/cosine/letters/brevity" in log[0]!, weighting);
  }
  const different = new Set(moved.map((name) => String(aggregators[name](given[0]!, [1, 0.5]))));
  assert(different.size > 8, `${different.size}`);
});

Deno.test("the change that is measured after a step is near the predicted one for a small step", async () => {
  const settings = { ...aware, maxSteps: 2, promptsPerStep: 8, measureChange: true, beta: 0 };
  const small = await train({ ...settings, learningRate: 1e-4, lrSchedulerType: "constant" });
  for (const name of ["letters", "brevity"]) {
    const entry = small.log[1]!;
    const [predicted, realised] = [
      entry[`balance/predicted_change/${name}`]!,
      entry[`balance/realised_change/${name}`]!,
    ];
    assert(predicted !== 0);
    assertAlmostEquals(realised / predicted, 1, 0.05);
  }
});
