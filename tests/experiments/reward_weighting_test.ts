import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { rewardWeighting, weightingSchema } from "../../experiments/reward_weighting.ts";
import {
  comparisonsOf,
  metricsOf,
  ruleEstimates,
  startEstimates,
} from "../../experiments/reward_weighting_statistics.ts";
import { MEAN, presentWeighting } from "../../experiments/reward_weighting_view.ts";
import { tabularOutcomes } from "../../experiments/tabular_outcomes.ts";
import type { Runs } from "../../experiments/trial_statistics.ts";
import { ruleGroups, weightingNames, weightingRules } from "../../experiments/weighting_rules.ts";
import { randomStream } from "../../lib/runtime/mod.ts";
import { grpoSchema, type StepLog } from "../../lib/training/mod.ts";
import { sampleResults } from "./sample_results.ts";

const rules = ["GRPO", "static", "MGDA"] as const;
const shifts: Record<string, number> = { start: 0, GRPO: 0.2, static: 0, MGDA: -0.2 };

/** Rewards of 24 items at each seed, `shift` above a common level with little noise. */
function runsOf(name: string, seeds: number): Runs {
  return {
    name,
    heldOut: Array.from({ length: seeds }, (_, s) => {
      const random = randomStream(s, name);
      const noisy = () => 0.4 + shifts[name]! + 0.02 * random.normal();
      return {
        ids: Array.from({ length: 24 }, (_, i) => `i${i}`),
        rewards: Array.from(
          { length: 24 },
          (_, i) => [noisy(), i % 2 ? noisy() : null, noisy(), i % 3 ? null : noisy()],
        ),
      };
    }),
  };
}

const systems = [runsOf("start", 1), ...rules.map((name) => runsOf(name, 3))];

Deno.test("estimates say which rule is better, worse and the same", () => {
  const estimates = ruleEstimates(systems);
  assertAlmostEquals(estimates.get("GRPO")!.fromStart[4]!.value, 0.2, 0.02);
  assert(estimates.get("GRPO")!.fromStart.every(({ low }) => low > 0));
  assert(estimates.get("MGDA")!.fromStatic.high < 0);
  assertEquals(estimates.get("GRPO")!.rank.value, 1);
  assertEquals(estimates.get("MGDA")!.rank.value, 3);
  assertAlmostEquals(estimates.get("GRPO")!.volume.value, 1.5 ** 4, 0.4);
});

Deno.test("the report names what fell below its start and what is best", () => {
  const config = weightingSchema.parse({
    ...rewardWeighting.presets.smoke,
    rules: [...rules],
    tabular: { problems: 2, steps: 5 },
  });
  const tabular = tabularOutcomes(config.tabular);
  const estimates = ruleEstimates(systems);
  const results = {
    ...sampleResults,
    metrics: metricsOf(systems, startEstimates(systems[0]!), estimates, tabular, "hash"),
    comparisons: comparisonsOf(estimates, 24),
  };
  const log: StepLog[] = [1, 2].map((step) => ({
    step,
    loss: 0,
    grad_norm: 1,
    learning_rate: 1,
    step_time: 1,
    "rewards/domain/mean": step / 10,
  }));
  const shown = presentWeighting(results, {
    config,
    logs: new Map(rules.map((name) => [name, [log]])),
  });
  const { answer } = shown.sections[0]!;
  assert(answer.includes("On the mean of the capabilities GRPO is highest"), answer);
  assert(answer.includes("above GRPO; below MGDA"), answer);
  assert(answer.includes("MGDA on domain"), answer);
  assert(
    results.metrics.some(({ system, capability }) => system === "GRPO" && capability === MEAN),
  );
});

Deno.test("every rule is a configuration of GRPO, and is drawn in a group", () => {
  for (const rule of Object.values(weightingRules)) {
    grpoSchema.parse({ maxSteps: 1, learningRate: 1, rewardWeights: [1, 1, 1, 1], ...rule });
  }
  assertEquals(new Set(Object.values(ruleGroups).flat()), new Set(weightingNames));
});

Deno.test("presets are valid; without static there is nothing to compare with", () => {
  for (const preset of Object.values(rewardWeighting.presets)) weightingSchema.parse(preset);
  assertThrows(
    () => weightingSchema.parse({ ...rewardWeighting.presets.smoke, rules: ["GRPO", "MGDA"] }),
    Error,
    "static among the rules",
  );
});
