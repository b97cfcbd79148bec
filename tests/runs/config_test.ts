import { assertEquals, assertThrows } from "@std/assert";
import { z } from "zod";
import {
  commandOptions,
  completeConfig,
  fromOptions,
  overlay,
  trainSchema,
} from "../../lib/runs/config.ts";
import { UsageError } from "../../lib/runtime/mod.ts";

Deno.test("every option has a default or is a choice to make, and a description", () => {
  assertEquals(completeConfig({ method: "sft" }, "x").sft?.maxSteps, 100);
  const grpo = completeConfig({ method: "grpo" }, "x");
  assertEquals([grpo.grpo?.rewardWeights, grpo.rewards?.mixing], [[0.25, 0.25, 0.25, 0.25], 0.8]);
  assertEquals(["sft" in grpo, "rewards" in completeConfig({ method: "sft" }, "x")], [
    false,
    false,
  ]);
  for (const [key, type] of Object.entries(commandOptions())) {
    assertEquals([key, type.safeParse(undefined).success, (type.description ?? "").length > 5], [
      key,
      true,
      true,
    ]);
  }
});

Deno.test("a completed configuration completes to itself", () => {
  for (const method of ["sft", "grpo"]) {
    const config = completeConfig({ method, tuning: { r: 4 }, seed: 3 }, "x");
    assertEquals(completeConfig(config, "x"), config);
  }
});

Deno.test("options of the command line find their place", () => {
  const options = z.object(commandOptions()).parse({
    model: "tiny",
    dataCount: 90,
    tuningR: 4,
    maxSteps: 3,
    rewardsMixing: 1,
  });
  const groups = { data: { count: 90 }, tuning: { r: 4 }, model: "tiny", rewards: { mixing: 1 } };
  assertEquals(fromOptions(options, "grpo"), { ...groups, grpo: { maxSteps: 3 } });
  assertThrows(
    () => fromOptions(options, "sft"),
    UsageError,
    "rewardsMixing, which is one of grpo",
  );
  assertThrows(() => fromOptions({ beta: 0 }, "sft"), UsageError, "Expected options of sft");
  assertThrows(
    () => fromOptions({ microBatchSize: 2 }, "grpo"),
    UsageError,
    "Expected options of grpo",
  );
});

Deno.test("later configurations win, group by group; another tuning is another group", () => {
  const base = { seed: 1, data: { count: 80, seed: 2 }, tuning: { kind: "lora", r: 8 } };
  assertEquals(overlay(base, { seed: 3, data: { count: 90 }, tuning: { r: 4 } }), {
    seed: 3,
    data: { count: 90, seed: 2 },
    tuning: { kind: "lora", r: 4 },
  });
  assertEquals(overlay(base, { tuning: { kind: "full" } }).tuning, { kind: "full" });
});

Deno.test("a fault is one line with the key, what was expected, what was found and where", () => {
  for (
    const [given, message] of [
      [{}, "Expected method to be one of sft, grpo but found nothing in run.json"],
      [
        { method: "sft", sft: { maxSteps: 0 } },
        "Expected sft.maxSteps to be an integer at least 1",
      ],
      [{ method: "sft", sft: { steps: 3 } }, "Expected only known keys but found sft.steps"],
      [{ method: "sft", modell: "tiny" }, "Expected only known keys but found modell"],
      [{ method: "grpo", grpo: { rewardWeights: [1] } }, "grpo.rewardWeights"],
      [{ method: "sft", tuning: { kind: "half" } }, "tuning.kind"],
      [{ method: "sft", tuning: { kind: "full", r: 3 } }, "only options of full tuning"],
      [{ method: "sft", tuning: { rank: 3 } }, "tuning.rank"],
      [
        { method: "grpo", rewards: { mixing: 2 } },
        "Expected rewards.mixing to be a number at most 1",
      ],
    ] as [Record<string, unknown>, string][]
  ) assertThrows(() => completeConfig(given, "run.json"), UsageError, message);
  assertEquals(trainSchema.safeParse({ method: "sft" }).success, true);
});
