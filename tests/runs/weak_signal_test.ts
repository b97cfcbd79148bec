import { assertEquals, assertStringIncludes } from "@std/assert";
import { weakSignal } from "../../lib/runs/mod.ts";
import type { StepLog } from "../../lib/training/mod.ts";

const entry = (signals: Record<string, number>): StepLog => ({
  step: 1,
  loss: 0,
  grad_norm: 1,
  learning_rate: 1e-4,
  step_time: 1,
  ...Object.fromEntries(
    Object.entries(signals).map(([name, x]) => [`balance/signal_to_noise/${name}`, x]),
  ),
});

Deno.test("weights that follow noise are told of, by the mean over steps and rewards", () => {
  const weak = weakSignal([entry({ domain: 0.5, reasoning: -0.1 }), entry({ domain: 0.2 })]);
  assertStringIncludes(weak!, "was 0.20 on average");
  assertEquals(weakSignal([entry({ domain: 0.5, reasoning: 3 })]), undefined);
});

Deno.test("nothing is said where no step solved for weights", () => {
  assertEquals(weakSignal([]), undefined);
  assertEquals(weakSignal([entry({})]), undefined);
});
