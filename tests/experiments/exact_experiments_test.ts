import { assert, assertEquals } from "@std/assert";
import { advantages } from "../../experiments/advantages/mod.ts";
import { convergence } from "../../experiments/convergence/mod.ts";
import type { Experiment, RunContext } from "../../experiments/core/experiment.ts";
import { type Results, resultsSchema } from "../../lib/runs/results.ts";
import { adamVariants } from "../../lib/balance/mod.ts";
import { openStore } from "../../lib/runtime/mod.ts";
import { sampleResults } from "./sample_results.ts";

/** Runs an experiment twice in a folder of its own: measured, then from the store. */
async function runTwice(experiment: Experiment, given: object) {
  const folder = await Deno.makeTempDir();
  try {
    const config = experiment.config.parse(given);
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
      experiment: experiment.id,
      config,
      metrics,
      comparisons,
      notes,
    });
    assertEquals(JSON.parse(JSON.stringify(second.findings)), first.findings);
    const shown = experiment.view(results, first.findings);
    const again = experiment.view(results, JSON.parse(JSON.stringify(second.findings)));
    return { results, shown, again };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("convergence: no bound is broken, only weights for the whole step never harm, figures from the store are equal", async () => {
  const { results, shown, again } = await runTwice(convergence, {
    instances: 10,
    steps: 20,
    adamInstances: 6,
    horizons: [8, 32],
    noiseProblems: 1,
    noiseRuns: 1,
    noiseHorizons: [16, 64],
    gateGeometries: 3,
    gateSignals: [0.5, 100],
  });
  const of = (name: string) => results.metrics.filter(({ capability }) => capability === name);
  const bounds = of("problems on which it is broken");
  assert(bounds.length > 8, `${bounds.length} bounds`);
  for (const { mean, n, system } of bounds) {
    assertEquals(mean, 0, system);
    assert(n > 0, `${system}: ${n} problems`);
  }
  const harmed = of("harmed steps");
  assertEquals(harmed.length, adamVariants.length);
  for (const { mean, system } of harmed) {
    assertEquals(mean === 0, system === "Adam, momentum-aware", system);
  }
  assertEquals(JSON.stringify(again), JSON.stringify(shown));
  assert(shown.sections.every(({ answer }) => !answer.includes("NaN")));
});

Deno.test("advantages: counts and correlations become tables, figures and sentences", async () => {
  const { results, shown, again } = await runTwice(advantages, {
    twoRewards: [2, 4],
    threeRewards: [2],
    deviations: [1, 5],
    rewards: [2, 3],
    groups: 20,
    draws: 2,
  });
  assertEquals(results.metrics.length, 3 * 3 + 2 * 2 * 2);
  assertEquals(JSON.stringify(again), JSON.stringify(shown));
  assert(shown.sections[0]!.answer.includes("6 of 6 counts"));
  assert(shown.sections.every(({ answer }) => !answer.includes("NaN")));
});
