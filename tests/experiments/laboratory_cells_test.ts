import { assert, assertAlmostEquals, assertEquals, assertNotEquals } from "@std/assert";
import {
  ascentCell,
  ascentGeometry,
  type AscentRun,
} from "../../experiments/laboratory/ascent_cell.ts";
import type { Bench } from "../../experiments/laboratory/bench.ts";
import { laboratorySchema } from "../../experiments/laboratory/config.ts";
import { pilotCell } from "../../experiments/laboratory/pilot.ts";
import { keptAscents } from "../../experiments/laboratory/premise.ts";
import { type Ground, withReplicate } from "../../experiments/laboratory/replicate.ts";
import { replicateDifference, replicateMean } from "../../experiments/laboratory/replicates.ts";
import {
  keptParameters,
  soupCell,
  trainingCell,
} from "../../experiments/laboratory/training_cell.ts";
import { fallToGain, gainOf } from "../../experiments/laboratory/trajectory.ts";
import { preservationRatio } from "../../lib/balance/mod.ts";
import { loadKnowledge } from "../../lib/knowledge/mod.ts";
import { disposeLaboratory, exactValues, openLaboratory } from "../../lib/laboratory/mod.ts";
import { createTransformer, disposeTransformer } from "../../lib/model/mod.ts";
import { hashJson, openStore, startBackend, tf } from "../../lib/runtime/mod.ts";
import { smallPopulation, smallRewards } from "../laboratory/small_laboratory.ts";
import { inTemporaryFolder } from "../model/fixtures.ts";
import {
  busyAdapter,
  letterTokenizer,
  smallCheckpoint,
  smallConfig,
} from "../model/small_model.ts";

await startBackend();

const preference = [0.7, ...smallRewards.slice(1).map(() => 0.3 / (smallRewards.length - 1))];

/** A ground on the smallest model whose laboratory counts how often it is opened. */
async function withGround(check: (ground: Ground, opened: () => number) => Promise<void>) {
  await inTemporaryFolder(async (folder) => {
    const before = tf.memory().numTensors;
    const model = createTransformer(smallCheckpoint(smallConfig("llama")));
    const start = busyAdapter(model);
    const lab = openLaboratory({
      model,
      tokenizer: letterTokenizer,
      prompts: smallPopulation,
      rewardNames: smallRewards,
    });
    let opened = 0;
    const ground = {
      seed: 0,
      bench: { context: { store: openStore(folder) } },
      rewardNames: smallRewards,
      train: smallPopulation,
      heldOut: smallPopulation,
      key: { of: "a test" },
      open: () => {
        opened++;
        return Promise.resolve({ train: lab, heldOut: () => lab, start });
      },
    } as unknown as Ground;
    await check(ground, () => opened);
    disposeLaboratory(lab);
    start.values.dispose();
    disposeTransformer(model);
    assertEquals(tf.memory().numTensors, before);
  });
}

const options = {
  maxSteps: 4,
  learningRate: 2e-3,
  lrSchedulerType: "constant",
  warmupRatio: 0,
  adamBeta2: 0.99,
  rewardWeights: preference,
} as const;

Deno.test("a training is made once, its values are those of its parameters, and solve-then-step harms nobody", () =>
  withGround(async (ground, opened) => {
    const spec = {
      options: { ...options, weighting: "static" as const },
      heldOutSteps: 2,
      keep: [0, 4],
    };
    const run = await trainingCell(ground, spec);
    assertEquals([run.steps, run.values.length, run.weights.length, run.cosines.length], [
      4,
      5,
      4,
      4,
    ]);
    assertEquals(run.heldOut.map(({ step }) => step), [0, 2, 4]);
    // The held-out prompts are the same here.
    for (const { step, values } of run.heldOut) {
      values.forEach((value, i) => assertAlmostEquals(value, run.values[step]![i]!, 1e-6));
    }
    assertEquals(run.weights, Array.from({ length: 4 }, () => preference));
    assert(gainOf(run.values, preference) > 0);
    const before = opened();
    assertEquals(await trainingCell(ground, spec), run);
    assertEquals(opened(), before);

    const { train } = await ground.open();
    for (const step of [0, 4]) {
      const kept = await keptParameters(ground, run, step);
      exactValues(train, kept).forEach((value, i) =>
        assertAlmostEquals(value, run.values[step]![i]!, 1e-6)
      );
      kept.values.dispose();
    }
    const other = await trainingCell(ground, {
      ...spec,
      options: { ...spec.options, rewardWeights: [...preference].reverse() },
    });
    assertNotEquals(other.hash, run.hash);
    // A soup of one training is that training; of two it is neither.
    const [one, two] = [
      await soupCell(ground, [{ run, share: 1 }]),
      await soupCell(ground, [{ run, share: 0.5 }, { run: other, share: 0.5 }]),
    ];
    one.train.forEach((value, i) => assertAlmostEquals(value, run.values[4]![i]!, 1e-6));
    assert(two.train.some((value, i) => Math.abs(value - run.values[4]![i]!) > 1e-6));

    const aware = await trainingCell(ground, {
      ...spec,
      options: { ...options, weighting: "capability_aware", cap: 1e9, ridge: 0 },
    });
    assertEquals(aware.harmful, 0, `least cosine ${aware.worst_cosine}`);
  }));

Deno.test("an ascent keeps to Theorem 7 where its premise holds, and is read from the store", () =>
  withGround(async (ground, opened) => {
    const pilotOptions = {
      ...{ steps: 3, learningRate: 1e-3, beta2: 0.99, damping: 0.1 },
      ...{ checkSteps: 6, c: 0.2, safety: 2 },
    };
    const pilot = await pilotCell(ground, pilotOptions);
    assertEquals(pilot.smoothness.length, smallRewards.length);
    assert(pilot.metric.every((x) => x > 0));
    assert(pilot.smoothness[0]! > 0 && pilot.smoothness[1]! > 0);
    const spec = { preference, steps: 6, c: 0.2, heldOutSteps: 3 };
    const gains: Record<string, number> = {};
    for (const rule of ["static", "capability_aware", "margin"] as const) {
      const run = await ascentCell(ground, pilot, { ...spec, rule });
      assertEquals([run.values.length, run.grams.length], [7, 6]);
      assertEquals(run.heldOut.map(({ step }) => step), [0, 3, 6]);
      const geometry = ascentGeometry(run, preference);
      gains[rule] = gainOf(run.values, preference);
      if (rule === "static") {
        // The pilot made sure of the premise on a static run.
        assertEquals(geometry.deviation, 0);
        continue;
      }
      assertEquals(geometry.harmful, 0, rule);
      if (geometry.smoothness > 1) continue;
      const ratio = fallToGain(run.values, preference);
      assert(ratio !== null && ratio <= preservationRatio(spec.c), `${rule}: ${ratio}`);
      if (rule === "capability_aware") {
        assert(Math.abs(gains[rule]! / geometry.predicted - 1) <= spec.c / 2);
      }
    }
    assert(gains["static"]! > 0 && gains["capability_aware"]! > 0);
    const before = opened();
    await ascentCell(ground, pilot, { ...spec, rule: "margin" });
    await pilotCell(ground, pilotOptions);
    assertEquals(opened(), before);
  }));

Deno.test("L grows until all runs keep to it, or as often as it may", () =>
  withGround(async (ground) => {
    const options = {
      ...{ steps: 3, learningRate: 1e-3, beta2: 0.99, damping: 0.1 },
      ...{ checkSteps: 6, c: 0.2, safety: 2 },
    };
    const pilot = await pilotCell(ground, options);
    // An L that is a thirtieth of what the pilot met.
    const rough = { ...pilot, smoothness: pilot.smoothness.map((x) => x / 60), hash: "rough" };
    const specs = (["static", "capability_aware"] as const).map((rule) => ({
      ...{ rule, preference, steps: 4, c: 0.2, heldOutSteps: 4 },
    }));
    const excess = (runs: readonly AscentRun[]) =>
      Math.max(...runs.map((run) => ascentGeometry(run, preference).smoothness));
    const none = await keptAscents(ground, rough, specs, 0);
    assertEquals([none.growth, none.runs.length], [1, 2]);
    assert(excess(none.runs) > 1);
    const kept = await keptAscents(ground, rough, specs, 4);
    assert(kept.growth >= 4 && Number.isInteger(Math.log2(kept.growth) / 2), `${kept.growth}`);
    assert(excess(kept.runs) <= 1);
    assertAlmostEquals(kept.runs[0]!.smoothness, kept.growth * Math.max(...rough.smoothness), 1e-6);
    // The round before did not keep to it.
    const before = await keptAscents(ground, rough, specs, Math.log2(kept.growth) / 2 - 1);
    assert(excess(before.runs) > 1);
  }));

Deno.test("what a replicate's cells depend on: every option that changes them, the population and the number", async () => {
  const knowledge = await loadKnowledge(undefined, undefined, { clinical: false });
  const config = laboratorySchema.parse({
    tuning: { kind: "lora" },
    promptsPerTask: 1,
  });
  const start = laboratorySchema.shape.start.parse({ maxSteps: 1, learningRate: 1e-3 });
  type Options = typeof config;
  const keyOf = (changes: Partial<Options>, seed = 0, control?: "aligned") => {
    const all = { ...config, ...changes };
    const bench = { config: all, knowledge, key: { model: all.model } } as unknown as Bench;
    return withReplicate(bench, seed, async (replicate) => {
      const ground = await replicate.ground(control && { dial: all.dial, control });
      assertEquals(await replicate.ground(control && { dial: all.dial, control }), ground);
      return await hashJson(ground.key);
    });
  };
  const first = await keyOf({});
  assertEquals(await keyOf({}), first);
  const moved: Partial<Options>[] = [
    { dial: 0 },
    { promptsPerTask: 2 },
    { temperature: 0.5 },
    { likelihood: "from_start" },
    { topLayers: 1 },
    { tuning: { kind: "full" } },
    { start },
  ];
  for (const change of moved) assertNotEquals(await keyOf(change), first, JSON.stringify(change));
  // How many prompts are computed together changes time and memory alone.
  assertEquals(await keyOf({ batchPrompts: 3 }), first);
  assertNotEquals(await keyOf({}, 1), first);
  assertNotEquals(await keyOf({}, 0, "aligned"), first);
});

Deno.test("means and paired differences over replicates; one replicate has no spread", () => {
  assertEquals(replicateMean([3]), { mean: 3, low: 3, high: 3, n: 1 });
  const { mean, low, high, n } = replicateMean([1, 2, 3]);
  assertEquals([mean, n], [2, 3]);
  assertAlmostEquals(high - mean, 4.302652729911275 / Math.sqrt(3), 1e-9);
  assertAlmostEquals(mean - low, high - mean, 1e-12);
  const difference = replicateDifference([2, 3, 4, 5, 6, 7], [1, 1, 1, 1, 1, 1]);
  assertAlmostEquals(difference.mean, 3.5, 1e-12);
  assertAlmostEquals(difference.p, 2 / 64, 1e-12);
});
