import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { costPresets, costSchema, workloadSchema } from "../../experiments/cost/config.ts";
import { workloads } from "../../experiments/cost/run.ts";
import { commonTarget, firstReached, runningMean } from "../../experiments/cost/statistics.ts";
import { doWorkload } from "../../experiments/cost/workload.ts";
import { logSlope } from "../../lib/evaluation/mod.ts";
import { readTokenizer, tinyCheckpoint } from "../../lib/model/mod.ts";
import { startBackend, tf, UsageError } from "../../lib/runtime/mod.ts";
import { cachedSmollm2 } from "../model/fixtures.ts";

const run = (losses: number[]) => losses.map((loss, i) => ({ loss, seconds: (i + 1) / 2 }));

Deno.test("a loss is reached when its running mean is, and the common one is reached by all", () => {
  assertEquals(runningMean([4, 2, 0], 2), [null, 3, 1]);
  assertEquals(firstReached(run([4, 2, 0]), 3, 2), { step: 2, seconds: 1 });
  assertEquals(firstReached(run([4, 2, 0]), 0.5, 2), undefined);
  const adaptation = { LoRA: [run([5, 4, 3])], full: [run([4, 2, 0])] };
  assertEquals(commonTarget(adaptation, 2), 3.5);
});

Deno.test("the slope of a power is its exponent", () => {
  assertAlmostEquals(logSlope([2, 4, 8], [4, 16, 64]), 2, 1e-12);
});

Deno.test("all presets are valid, and each workload is timed once", () => {
  for (const preset of Object.values(costPresets)) {
    const config = costSchema.parse(preset);
    const planned = workloads(config, 4);
    const keys = planned.map(({ work }) => JSON.stringify(work));
    assertEquals(new Set(keys).size, keys.length);
    // Two ways to tune, no shared prefix, two ways to weigh, and both ways to tune for each size.
    const { threads, ...held } = config.growth;
    const grown = Object.values(held).flat().length + threads.filter((n) => n < 4).length;
    assertEquals(keys.length, 5 + 2 * preset.sizes.length + grown);
    assertEquals(workloads(config, 1).filter(({ name }) => name === "threads"), []);
    // The steps that solve for weights count with those that they serve.
    const whole = planned.filter(({ work }) => work.kind === "grpo");
    assertEquals(whole.map(({ work }) => work.weighting), ["static", "capability_aware"]);
    for (const { work } of whole) {
      assertEquals(work.steps % work.gramSteps, 0);
      assert(work.steps >= preset.work.steps);
    }
  }
});

Deno.test({
  name: "a tiny model's width is a multiple of 96",
  ignore: cachedSmollm2() === undefined,
  fn: async () => {
    const tokenizer = await readTokenizer(cachedSmollm2()!);
    const wide = tinyCheckpoint({ tokenizer, seed: 0, sizes: { hiddenSize: 288, layers: 1 } });
    assertEquals([wide.config.heads, wide.config.kvHeads, wide.config.layers], [6, 3, 1]);
    assertThrows(
      () => tinyCheckpoint({ tokenizer, seed: 0, sizes: { hiddenSize: 100, layers: 1 } }),
      UsageError,
      "multiple of 96",
    );
  },
});

Deno.test({
  name: "a workload counts parameters and times every step, and leaves no tensors",
  ignore: cachedSmollm2() === undefined,
  fn: async () => {
    await startBackend();
    const before = tf.memory().numTensors;
    for (const kind of ["parts", "grpo"] as const) {
      const found = await doWorkload(workloadSchema.parse({
        model: "tiny",
        sizes: { hiddenSize: 96, layers: 1 },
        tuning: { kind: "lora", r: 2 },
        kind,
        weighting: kind === "grpo" ? "capability_aware" : "static",
        promptsPerStep: 6,
        numGenerations: 2,
        promptLength: 5,
        completionLength: 3,
        steps: 2,
      }));
      // Embedding, projections and norms of one layer, the last norm; rank 2 times inputs and outputs of all projections.
      const projections = 2 * 96 * 96 + 2 * 96 * 48 + 3 * 96 * 256;
      assertEquals(found.parameters, 2048 * 96 + projections + 3 * 96);
      assertEquals(found.trained, 2 * (2 * (96 + 96) + 2 * (96 + 48) + 3 * (96 + 256)));
      assertEquals(
        Object.entries(found.seconds).map(([part, seconds]) => [part, seconds.length]),
        kind === "grpo" ? [["step", 2]] : [["sampling", 2], ["training", 2]],
      );
      assert(Object.values(found.seconds).flat().every((seconds) => seconds > 0));
      assert(found.loadedMb > 10 && found.peakMb >= found.loadedMb);
      assertEquals(tf.memory().numTensors, before);
    }
  },
});
