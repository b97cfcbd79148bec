import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { weightingPresets, weightingSchema } from "../../experiments/reward_weighting/config.ts";
import {
  type ExactRule,
  type RuleFindings,
  tabularName,
  type WeightingFindings,
  weightingFindings,
} from "../../experiments/reward_weighting/findings.ts";
import { viewWeighting } from "../../experiments/reward_weighting/view.ts";
import type { Metric } from "../../lib/runs/mod.ts";
import { capabilities } from "../../lib/synthesis/mod.ts";
import { sampleResults } from "./sample_results.ts";

/** `value` with an interval of `half` to each side; p small when it does not hold 0. */
const about = (value: number, half: number) => ({
  value,
  low: value - half,
  high: value + half,
  p: Math.abs(value) > half ? 1e-4 : 0.5,
});

/** A rule that differs from the start and from static weights by so much, with that rank. */
function rule(name: string, shift: number, rank: number, half = 0.014): RuleFindings {
  const five = (value: number) => [...capabilities, "mean"].map(() => about(value, half));
  return {
    name,
    estimates: {
      means: five(0.4 + shift),
      fromStart: five(shift),
      fromStatic: about(shift, half),
      volume: about(1 + shift, half),
      rank: about(rank, 0.4),
    },
    heldOut: [heldOut],
    logs: [[1, 2, 3, 4].map((step) => ({ step, loss: 0, "rewards/domain/mean": step / 10 }))],
  };
}

const items = Array.from({ length: 12 }, (_, i) => `i${i}`);
const heldOut = { ids: items, rewards: items.map(() => [0.4, 0.4, 0.4, 0.4]) };

const problems = 20;
const repeated = (value: number) => new Array<number>(problems).fill(value);
/** A rule of the exact problems with the same numbers in each of them. */
const exactRule = (name: string, harm: number, ratio: number, volume: number): ExactRule => ({
  rule: name,
  harm: repeated(harm),
  ratio: repeated(ratio),
  gain: repeated(0.04),
  least: repeated(volume - 1),
  volume: repeated(volume),
  rank: repeated(2),
});

const found: WeightingFindings = {
  items: items.map((id) => ({ id, family: "f", capability: "domain" })),
  start: {
    log: [{ step: 1, loss: 2 }],
    heldOut,
    means: [...capabilities, "mean"].map(() => about(0.4, 0.05)),
  },
  rules: [rule("GRPO", 0.05, 1), rule("static", 0, 2), rule("MGDA", -0.05, 3)],
  resamples: 20_000,
  exact: [
    exactRule("static", 0.3, 1.5, 1.2),
    exactRule("capability-aware", 0.2, 0.01, 1.4),
    exactRule("MGDA", 0, 0, 1.3),
  ],
};

function shown(findings: WeightingFindings, seeds: readonly number[] = [0, 1, 2]) {
  const config = weightingSchema.parse({
    ...weightingPresets.smoke,
    model: "m1",
    rules: ["GRPO", "static", "MGDA"],
    tabular: { problems, prompts: 5, answers: 9, conflict: 0.7, steps: 11, learningRate: 3 },
  });
  const metric = (system: string, capability: string, mean: number): Metric => ({
    ...sampleResults.metrics[0]!,
    system,
    capability,
    unit: "value",
    mean,
    low: mean - 0.01,
    high: mean + 0.01,
  });
  const metrics = [
    ...findings.rules.flatMap(({ name, estimates }) => [
      metric(name, "mean", estimates.means[4]!.value),
      metric(name, "hypervolume", estimates.volume.value),
      metric(name, "mean rank", estimates.rank.value),
    ]),
    ...findings.exact.flatMap(({ rule, ...outcome }) =>
      Object.entries(outcome).flatMap(([key, values]) =>
        values[0] === null ? [] : [metric(tabularName(rule), key, values[0]!)]
      )
    ),
  ];
  return viewWeighting(
    { ...sampleResults, seeds: [...seeds], config, metrics, comparisons: [] },
    findings,
  );
}

const answers = (findings: WeightingFindings) =>
  shown(findings).sections.map(({ answer }) => answer);

Deno.test("the best rule: above the start, below it, or not told apart with what is detectable", () => {
  assertStringIncludes(
    answers(found)[0]!,
    "GRPO is highest, 5.0 [3.6, 6.4] points from the start: above it.",
  );
  const lower = [rule("GRPO", -0.03, 1), rule("static", -0.04, 2), rule("MGDA", -0.05, 3)];
  assertStringIncludes(
    answers({ ...found, rules: lower })[0]!,
    "GRPO is highest, −3.0 [−4.4, −1.6] points from the start: below it.",
  );
  const same = [rule("GRPO", 0.01, 1), rule("static", 0, 2), rule("MGDA", 0, 3)];
  assertStringIncludes(
    answers({ ...found, rules: same })[0]!,
    "GRPO is highest, 1.0 [−0.4, 2.4] points from the start: not told apart from it (detectable from 2.0 points on).",
  );
});

Deno.test("against static weights: names on both sides, or how many cannot be told apart", () => {
  const told = answers(found)[0]!;
  assertStringIncludes(told, "above GRPO; below MGDA; not told apart 0 of 2.");
  assertStringIncludes(told, "After Holm's correction for their number 2 are left. The best mean");
  const same = [rule("GRPO", 0.01, 1), rule("static", 0, 2), rule("MGDA", 0, 3, 0)];
  assertStringIncludes(
    answers({ ...found, rules: same })[0]!,
    "above none; below none; not told apart 2 of 2 (1 equal in every resample, detectable from 2.0 points on). The best",
  );
});

Deno.test("ranks: intervals that lie clear of the best one, or none", () => {
  assertStringIncludes(
    answers(found)[0]!,
    "that of GRPO, 1.0 [0.6, 1.4] of 3; clear of it lie the intervals of static, MGDA.",
  );
  const near = [rule("GRPO", 0.05, 2), rule("static", 0, 2), rule("MGDA", 0, 1.9)];
  assertStringIncludes(
    answers({ ...found, rules: near })[0]!,
    "that of MGDA, 1.9 [1.5, 2.3] of 3; no other rule's interval lies clear of it (apart from 1.0 ranks on).",
  );
});

Deno.test("differences to the start: counts and names on both sides, and what Holm's correction leaves", () => {
  const told = answers(found)[0]!;
  assertStringIncludes(told, "Of 12 differences to the start 4 lie above and 4 below 0");
  assertStringIncludes(told, "chance alone would give 0.3 on each side");
  assertStringIncludes(told, "on each side. After Holm's correction for their number 8 are left.");
  assertStringIncludes(told, "beyond the interval: domain (GRPO), reasoning (GRPO)");
  assertStringIncludes(told, "below: domain (MGDA), reasoning (MGDA)");
  assertStringIncludes(told, "not told apart from it 4 (detectable from 2.0 points on).");

  // The same intervals, but p values that are too large for twelve tests.
  const weak = {
    ...found,
    rules: found.rules.map((row) => ({
      ...row,
      estimates: {
        ...row.estimates,
        fromStart: row.estimates.fromStart.map((d) => ({ ...d, p: Math.max(d.p, 0.03) })),
      },
    })),
  };
  assertStringIncludes(
    answers(weak)[0]!,
    "on each side. After Holm's correction for their number none is left.",
  );
  // With 100 resamples the smallest p value is 2 / 101: no twelve tests could leave anything.
  assertStringIncludes(
    answers({ ...weak, resamples: 100 })[0]!,
    "none could be left with 100 resamples.",
  );
  const same = [rule("GRPO", 0, 1), rule("static", 0, 2)];
  assertStringIncludes(
    answers({ ...found, rules: same })[0]!,
    "0 lie above and 0 below 0 beyond",
  );
  assertStringIncludes(
    answers({ ...found, rules: same })[0]!,
    "Above their start beyond the interval: none; below: none; not told apart from it 8",
  );
});

Deno.test("few items are said to tell nothing", () => {
  assert(!answers(found)[0]!.includes("too narrow"));
  const few = { ids: ["a", "b"], rewards: [[0.4, null, 0.4, 0.4], [0.4, 0.4, 0.4, 0.4]] };
  assertStringIncludes(
    answers({ ...found, start: { ...found.start, heldOut: few } })[0]!,
    "A reward applies to only 1 item: intervals over fewer than 10 are too narrow",
  );
});

Deno.test("exact problems: rules that never lower a reward, all of them, or none", () => {
  assertStringIncludes(
    answers(found)[2]!,
    "none of MGDA ever lowers a reward: each does so in 0 of 20 problems (0 % [0, 16]); 2 other rules do.",
  );
  const all = found.exact.map((row) => ({ ...row, harm: repeated(0) }));
  assertStringIncludes(
    answers({ ...found, exact: all })[2]!,
    "no rule ever lowers a reward: each does so in 0 of 20 problems (0 % [0, 16]).",
  );
  const none = found.exact.map((row) => ({ ...row, harm: [0.01, ...repeated(0).slice(1)] }));
  assertStringIncludes(
    answers({ ...found, exact: none })[2]!,
    "every rule lowers a reward in some step of some problem.",
  );
});

Deno.test("exact problems: falls relative to the gain are smaller, larger or not told apart", () => {
  const [fixed, aware, rest] = found.exact;
  const falls = (ratio: readonly (number | null)[]) =>
    answers({ ...found, exact: [fixed!, { ...aware!, ratio: [...ratio] }, rest!] })[2]!;
  assertStringIncludes(
    falls(repeated(0.01)),
    ": smaller relative to the gain (larger in 0 of 20 problems (0 % [0, 16]), p = 2e-6).",
  );
  assertStringIncludes(
    falls(repeated(2)),
    ": larger relative to the gain (larger in 20 of 20 problems (100 % [84, 100]), p = 2e-6).",
  );
  assertStringIncludes(
    falls(repeated(2).fill(0.01, 0, 9)),
    ": not told apart relative to the gain (larger in 11 of 20 problems",
  );
  // Problems without a gain are left out.
  assertStringIncludes(
    falls([null, ...repeated(0.01).slice(1)]),
    "larger in 0 of 19 problems",
  );
  assertStringIncludes(falls(repeated(1.5)), "(equal in every problem)");
  // 15 of 20 have p = 0.041, 14 of 20 have 0.115; five problems cannot reach 0.05.
  assertStringIncludes(falls(repeated(2).fill(0.01, 0, 5)), ": larger relative to the gain");
  assertStringIncludes(falls(repeated(2).fill(0.01, 0, 6)), "p = 0.115; detectable from");
  assertStringIncludes(
    falls([...new Array(15).fill(null), ...repeated(0.01).slice(15)]),
    "p = 0.063; so few problems cannot reach p < 0.05",
  );
});

Deno.test("exact problems: which volume is largest, and whether it is told apart", () => {
  assertStringIncludes(
    answers(found)[2]!,
    "The largest hypervolume is that of capability-aware, 1.400 [1.390, 1.410]; by problem it is larger than that of MGDA",
  );
  const [fixed, aware, rest] = found.exact;
  const most = { ...fixed!, volume: repeated(2).fill(1.3, 0, 9) };
  const answer = answers({ ...found, exact: [most, aware!, rest!] })[2]!;
  assertStringIncludes(answer, "The largest hypervolume is that of static");
  assertStringIncludes(answer, "it is not told apart from that of capability-aware");
  assertStringIncludes(
    answer,
    "(larger in 11 of 20 problems (55 % [34, 74]), p = 0.824; detectable from 79 % of the problems on)",
  );
});

Deno.test("methods and captions name the configuration", () => {
  const { sections, tables } = shown(found);
  assertStringIncludes(
    sections[0]!.method,
    "3 rules from one start (model m1, 40 steps of SFT), 3 seeds, 2 steps of 6 prompts and 2 completions each; 12 held-out items",
  );
  assertStringIncludes(sections[0]!.method, "over items and seeds, 20,000 resamples");
  assertStringIncludes(
    sections[0]!.method,
    "0.96 (12 items for the rarest reward), that over seeds by 0.82",
  );
  assertStringIncludes(
    sections[2]!.method,
    "9 answers to 5 prompts, 4 rewards with conflict 0.7, 11 steps of ascent of size 3",
  );
  assertStringIncludes(tables[1]!.caption, "20 exact problems");
  const one = shown(found, [0]).sections[0]!.method;
  assertStringIncludes(one, "1 seed, 2 steps");
  assertStringIncludes(one, "bootstrap over items, 20,000");

  // The volume is a product of ratios only where the start scores.
  assert(!sections[0]!.method.includes("where the start scores 0"));
  const means = found.start.means.map((m, c) => c === 1 ? about(0, 0) : m);
  assertStringIncludes(
    shown({ ...found, start: { ...found.start, means } }).sections[0]!.method,
    "as it is on reasoning, where the start scores 0",
  );
});

Deno.test("the view is the same twice and from findings that were stored; findings without static are refused", () => {
  const stored = weightingFindings.parse(JSON.parse(JSON.stringify(found)));
  assertEquals(stored, found);
  const first = JSON.stringify(shown(found));
  assertEquals(JSON.stringify(shown(found)), first);
  assertEquals(JSON.stringify(shown(stored)), first);
  assertThrows(() => weightingFindings.parse({ ...found, exact: found.exact.slice(1) }));
});
