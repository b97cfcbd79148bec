import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { costPresets, costSchema } from "../../experiments/cost/config.ts";
import { predictStep, stepFlops } from "../../experiments/cost/devices.ts";
import { shapedConfig, shapeNames } from "../../experiments/cost/shapes.ts";
import { weightShapes } from "../../lib/model/mod.ts";

const config = costSchema.parse({
  ...costPresets.quick,
  work: {
    ...costPresets.quick.work,
    promptsPerStep: 4,
    numGenerations: 8,
    promptLength: 100,
    completionLength: 50,
  },
  devices: {
    list: [{ name: "x", teraflops: 100, terabytesPerSecond: 1 }],
    utilisation: 0.5,
    bandwidthShare: 0.5,
    launchMicroseconds: 1,
    launchesPerLayer: 20,
  },
});
const size = { parameters: 1e9, trained: 1e9, layers: 24, kvWidth: 256 };
const predicted = (
  tuning: "LoRA" | "full",
  device: { teraflops?: number; terabytesPerSecond?: number } = {},
  own: Partial<typeof size> = {},
) => predictStep({ ...size, ...own }, config, tuning, { ...config.devices.list[0]!, ...device });

Deno.test("operations are 2 a parameter and token, twice that for what goes back, half of it again for weights", () => {
  const { prefill, decode, training } = stepFlops(size, config.work, "LoRA");
  assertEquals([prefill, decode, training], [2e9 * 400, 2e9 * 32, 4e9 * 2000]);
  assertEquals(stepFlops(size, config.work, "full").training, 6e9 * 2000);
});

Deno.test("a part takes what its slowest resource takes", () => {
  const { sampling, training } = predicted("full");
  // 12e12 operations at 50 TFLOP/s, then 28 GB of AdamW at 0.5 TB/s.
  assertAlmostEquals(training.seconds, 12 / 50 + 28 / 500, 1e-9);
  // 50 tokens: 2 GB of weights, and keys and values of 400 + 800 tokens, at 0.5 TB/s; before them the prompts' 0.8e12 operations.
  const cache = 2 * 24 * 256 * 1200;
  assertAlmostEquals(sampling.seconds, 0.8 / 50 + 50 * (2e9 + cache) / 5e11, 1e-9);
  assertAlmostEquals(sampling.launches, 51 * 24 * 20 * 1e-6, 1e-9);
  // With a thousand times the bandwidth the arithmetic is left: 64e9 operations a token.
  const fast = predicted("LoRA", { terabytesPerSecond: 1000 }).sampling;
  assertAlmostEquals(fast.seconds, (0.8 + 50 * 0.064) / 50, 1e-9);
  const tiny = predicted("LoRA", {}, { parameters: 1e6, trained: 1e5 });
  assertAlmostEquals(tiny.training.launches, 3 * 24 * 20 * 1e-6, 1e-12);
  assert(tiny.training.seconds >= tiny.training.launches);
});

Deno.test("published shapes have the published numbers of parameters", () => {
  const counted = Object.fromEntries(shapeNames.map((name) => {
    const shapes = weightShapes(shapedConfig(name));
    return [name, [...shapes.values()].reduce((n, shape) => n + shape.reduce((a, b) => a * b), 0)];
  }));
  assertEquals(counted, { "SmolLM2-135M": 134_515_008, "Qwen2.5-0.5B": 494_032_768 });
});
