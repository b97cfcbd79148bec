import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { weightingPresets, weightingSchema } from "../../experiments/reward_weighting/config.ts";
import { MEAN } from "../../experiments/core/results.ts";
import { weightingFindings } from "../../experiments/reward_weighting/findings.ts";
import { tabularOutcomes } from "../../experiments/reward_weighting/outcomes.ts";
import {
  comparisonsOf,
  estimatesOf,
  metricsOf,
} from "../../experiments/reward_weighting/statistics.ts";
import { viewWeighting } from "../../experiments/reward_weighting/view.ts";
import { ruleGroups, weightingNames, weightingRules } from "../../experiments/exact/rules.ts";
import { holm, type Runs } from "../../experiments/stages/statistics.ts";
import { randomStream } from "../../lib/runtime/mod.ts";
import { grpoSchema } from "../../lib/training/mod.ts";
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
const resamples = 2000;
const estimates = estimatesOf(systems, { resamples });

Deno.test("estimates say which rule is better, worse and the same", () => {
  const [better, , worse] = estimates.rules;
  assertAlmostEquals(better!.fromStart[4]!.value, 0.2, 0.02);
  assert(better!.fromStart.every(({ low }) => low > 0));
  assert(worse!.fromStatic.high < 0);
  assertEquals(better!.rank.value, 1);
  assertEquals(worse!.rank.value, 3);
  assertAlmostEquals(better!.volume.value, 1.5 ** 4, 0.4);
  assertAlmostEquals(estimates.start[4]!.value, 0.4, 0.02);
});

Deno.test("real differences outlive a correction for 76 tests", () => {
  const { p } = estimates.rules[0]!.fromStart[0]!;
  assert(holm([p, ...new Array<number>(75).fill(1)])[0]! < 0.1);
  const many = estimatesOf(systems).rules[0]!.fromStart[0]!.p;
  assert(holm([many, ...new Array<number>(75).fill(1)])[0]! < 0.05);
});

Deno.test("what a run of these systems stores fits the schema and is shown", () => {
  const config = weightingSchema.parse({
    ...weightingPresets.smoke,
    rules: [...rules],
    tabular: { problems: 2, steps: 5 },
  });
  const exact = tabularOutcomes(config.tabular);
  const findings = weightingFindings.parse(JSON.parse(JSON.stringify({
    items: systems[0]!.heldOut[0]!.ids.map((id) => ({ id, family: "f", capability: "domain" })),
    start: {
      log: [{ step: 1, loss: 2 }],
      heldOut: systems[0]!.heldOut[0],
      means: estimates.start,
    },
    rules: rules.map((name, k) => ({
      name,
      estimates: estimates.rules[k],
      heldOut: systems[k + 1]!.heldOut,
      logs: [[1, 2].map((step) => ({ step, loss: 0, "rewards/domain/mean": step / 10 }))],
    })),
    resamples,
    exact,
  })));
  const results = {
    ...sampleResults,
    config,
    metrics: metricsOf(systems, estimates, exact, "hash"),
    comparisons: comparisonsOf(rules, estimates, 24),
  };
  const { answer } = viewWeighting(results, findings).sections[0]!;
  assert(answer.includes("On the mean of the capabilities GRPO is highest"), answer);
  assert(answer.includes("above GRPO; below MGDA"), answer);
  assert(answer.includes("domain (MGDA)"), answer);
  assert(
    results.metrics.some(({ system, capability }) => system === "GRPO" && capability === MEAN),
  );
  assertEquals(results.comparisons.length, 3 * 5 + 2);
});

Deno.test("a metric that no problem has is left out", () => {
  const exact = tabularOutcomes(weightingSchema.parse(weightingPresets.smoke).tabular)
    .map((row) => ({
      ...row,
      ratio: row.ratio.map((x, k) => row.rule === "MGDA" || k ? null : x),
    }));
  const metrics = metricsOf(systems, estimates, exact, "hash");
  const ratio = (rule: string) =>
    metrics.find(({ system, capability }) => system === `exact: ${rule}` && capability === "ratio");
  assertEquals(ratio("MGDA"), undefined);
  assertEquals(ratio("static")!.n, 1);
});

Deno.test("every rule is a configuration of GRPO, and is drawn in a group", () => {
  for (const rule of Object.values(weightingRules)) {
    grpoSchema.parse({ maxSteps: 1, learningRate: 1, rewardWeights: [1, 1, 1, 1], ...rule });
  }
  assertEquals(new Set(Object.values(ruleGroups).flat()), new Set(weightingNames));
});

Deno.test("presets are valid; without static there is nothing to compare with", () => {
  for (const preset of Object.values(weightingPresets)) weightingSchema.parse(preset);
  assertThrows(
    () => weightingSchema.parse({ ...weightingPresets.smoke, rules: ["GRPO", "MGDA"] }),
    Error,
    "static among the rules",
  );
});
