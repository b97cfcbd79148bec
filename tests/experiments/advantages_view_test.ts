import { assertEquals, assertStringIncludes } from "@std/assert";
import { advantagesSchema } from "../../experiments/advantages/config.ts";
import { advantageForms, type AdvantagesFindings } from "../../experiments/advantages/findings.ts";
import { advantages } from "../../experiments/advantages/mod.ts";
import { sampleResults } from "./sample_results.ts";

const results = { ...sampleResults, config: advantagesSchema.parse({}) };

const followed = (form: "GRPO" | "GDPO", reward: number, mean: number, derived: number) => ({
  form,
  deviations: [1, 5],
  reward,
  mean,
  low: mean - 0.01,
  high: mean + 0.01,
  n: 10,
  derived,
});

/** Findings in which counts are as reported, or one too many, and correlations off by `gap`. */
function made(extra: number, gap: number): AdvantagesFindings {
  const reported = { GRPO: 7, "GRPO without std": 10, GDPO: 14 };
  const rows = (["GRPO", "GDPO"] as const).flatMap((form) =>
    [0, 1].map((reward) => followed(form, reward, 0.5 + gap, 0.5))
  );
  return {
    counts: advantageForms.map((form) => ({
      form,
      rewards: 2,
      size: 4,
      groups: 35,
      distinct: reported[form] + extra,
    })),
    pairs: rows,
    many: rows,
    twoCompletions: [{ sums: "(0, 1)", GRPO: 0.7, GDPO: 0.7 }],
  };
}

/** The answers by section. */
function answers(findings: AdvantagesFindings): Record<string, string> {
  const shown = advantages.view(results, JSON.parse(JSON.stringify(findings)));
  assertEquals(JSON.stringify(advantages.view(results, findings)), JSON.stringify(shown));
  return Object.fromEntries(shown.sections.map(({ id, answer }) => [id, answer]));
}

Deno.test("counts that agree with others' are said to, and those that do not", () => {
  assertStringIncludes(
    answers(made(0, 0))["distinct-groups"]!,
    "3 of 3 counts that others report come out the same",
  );
  assertStringIncludes(
    answers(made(1, 0))["distinct-groups"]!,
    "0 of 3 counts that others report come out the same",
  );
});

Deno.test("how far correlations lie from what is derived is measured", () => {
  const near = answers(made(0, 0))["reward-correlation"]!;
  assertStringIncludes(near, "no mean is further than 0.000 from what is derived for large groups");
  assertStringIncludes(near, "0 of 8 intervals miss it");
  const far = answers(made(0, 0.25))["reward-correlation"]!;
  assertStringIncludes(far, "no mean is further than 0.250 from what is derived for large groups");
  assertStringIncludes(far, "8 of 8 intervals miss it");
});
