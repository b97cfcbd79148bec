import { assert, assertEquals } from "@std/assert";
import { advantages } from "../../experiments/advantages.ts";
import { convergence } from "../../experiments/convergence.ts";
import type { Experiment, RunContext } from "../../experiments/experiment.ts";
import { type Results, resultsSchema } from "../../experiments/results.ts";
import { adamVariants } from "../../lib/balance/mod.ts";
import { openStore } from "../../lib/runtime/mod.ts";
import { sampleResults } from "./sample_results.ts";

/** Runs an experiment twice in a folder of its own: measured, then from the store. */
async function runTwice(experiment: Experiment, given: object) {
  const folder = await Deno.makeTempDir();
  try {
    const config = experiment.schema.parse(given);
    const context: RunContext = {
      store: openStore(folder),
      backend: { name: "cpu", versions: {}, machine: sampleResults.machine },
      seeds: [0],
      stage: () => ({ update: () => {}, finish: () => {} }),
    };
    const first = await experiment.run(context, config);
    const second = await experiment.run(context, config);
    assertEquals(second.metrics, first.metrics);
    const { metrics, comparisons, notes } = first;
    const results: Results = resultsSchema.parse({
      ...sampleResults,
      metrics,
      comparisons,
      notes,
    });
    return { results, shown: first.present(results), again: second.present(results) };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("convergence: no bound is broken, only momentum-aware weights never harm, figures from the store are equal", async () => {
  const { results, shown, again } = await runTwice(convergence as unknown as Experiment, {
    instances: 10,
    steps: 20,
    adamInstances: 6,
    horizons: [8, 32],
    noiseProblems: 1,
    noiseRuns: 1,
    noiseHorizons: [16, 64],
  });
  const of = (name: string) => results.metrics.filter(({ capability }) => capability === name);
  const bounds = of("violations");
  assert(bounds.length > 8, `${bounds.length} bounds`);
  for (const { mean, n, system } of bounds) {
    assertEquals(mean, 0, system);
    assert(n > 0, `${system}: ${n} comparisons`);
  }
  const harmed = of("harmed steps");
  assertEquals(harmed.length, adamVariants.length);
  for (const { mean, system } of harmed) {
    assertEquals(mean === 0, system === "Adam, momentum-aware");
  }
  assertEquals(again.figures, shown.figures);
  assert(shown.sections.every(({ answer }) => !answer.includes("NaN")));
});

Deno.test("advantages: counts and correlations become tables, figures and sentences", async () => {
  const { results, shown, again } = await runTwice(advantages as unknown as Experiment, {
    twoRewards: [2, 4],
    threeRewards: [2],
    deviations: [1, 5],
    rewards: [2, 3],
    groups: 20,
    draws: 2,
  });
  assertEquals(results.metrics.length, 3 * 3 + 2 * 2 * 2);
  assertEquals(again.figures, shown.figures);
  assert(shown.sections[0]!.answer.includes("6 of 6 counts"));
  assert(shown.sections.every(({ answer }) => !answer.includes("NaN")));
});
