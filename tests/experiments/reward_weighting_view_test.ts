import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { weightingPresets, weightingSchema } from "../../experiments/reward_weighting/config.ts";
import {
  type Ground,
  type Setting,
  type WeightingFindings,
  weightingFindings,
} from "../../experiments/reward_weighting/findings.ts";
import type { MeasuredRun } from "../../experiments/reward_weighting/measures.ts";
import { settingOf, type Unit } from "../../experiments/reward_weighting/statistics.ts";
import { viewWeighting } from "../../experiments/reward_weighting/view.ts";
import { sampleResults } from "./sample_results.ts";

const config = weightingSchema.parse({ ...weightingPresets.smoke, model: "m1" });
const rewardNames = ["domain", "reasoning", "instruction", "integration"];
const equal = { name: "equal", weights: [0.25, 0.25, 0.25, 0.25] };
const reasoning = { name: "reasoning", weights: [0.1, 0.7, 0.1, 0.1] };

/** Changes of a rule in its one step: of the first two rewards, and what it harms to first order. */
interface Effect {
  readonly up: number;
  readonly down: number;
  readonly harmful: number;
  readonly smoothness?: number;
}

type Effects = Readonly<Record<string, Effect>>;

const fixed: Effect = { up: 0.2, down: -0.1, harmful: 1 };
const aware: Effect = { up: 0.15, down: 0.01, harmful: 0 };
const effects: Effects = {
  static: fixed,
  "capability-aware": aware,
  MGDA: { up: 0.05, down: 0.05, harmful: 0 },
};

/** Replicates in which all rules do the same up to a little. */
function setting(
  ground: Ground,
  preference: Setting["preference"],
  n: number,
  of: Effects = effects,
  chosen = true,
): Setting {
  const run = ({ up, down, harmful, smoothness = 0.5 }: Effect, k: number): MeasuredRun => {
    const more = up === down ? 0 : 0.001 * (k % 3 - 1);
    const start = [0.3, 0.4, 0.5, 0.2];
    const end = start.map((x, i) => x + (i === 0 ? up + more : i === 1 ? down : 0.02));
    return {
      values: [start, end],
      heldOut: ground === "tabular" ? null : [start, end.map((x, i) => (x + start[i]!) / 2)],
      harmful,
      smoothness: ground === "trainer" ? null : smoothness,
    };
  };
  const units = Array.from({ length: n }, (_, k): Unit => ({
    runs: Object.values(of).map((effect) => run(effect, k)),
    statics: chosen && ground !== "trainer"
      ? [
        { preference: "equal", run: run(of.static!, k) },
        { preference: "domain", run: run({ up: 0.02, down: 0, harmful: 0 }, k) },
      ]
      : [],
  }));
  return settingOf({ ground, preference }, Object.keys(of), units);
}

/** The trainer has settings where the rules are. */
const settingsOf = ({ MGDA, ...of }: Effects): Effects => ({ ...of, "every 2 steps": MGDA! });

const findingsOf = (n: number, of: Effects = effects): WeightingFindings => ({
  protocol: "p",
  rewardNames,
  settings: [
    setting("model", equal, n, of),
    setting("model", reasoning, n, of),
    setting("trainer", reasoning, n, settingsOf(of)),
    setting("tabular", equal, n, of),
    setting("tabular", reasoning, n, of),
  ],
  runs: [0, 1].flatMap((seed) =>
    Object.keys(of).map((system) => ({
      ground: "model" as const,
      preference: "reasoning",
      system,
      seed,
      values: [[0.3, 0.4, 0.5, 0.2], [0.35, 0.41 + seed / 100, 0.5, 0.2]],
      heldOut: [[0.3, 0.4, 0.5, 0.2]],
    }))
  ),
});

const results = { ...sampleResults, config, metrics: [], comparisons: [] };
const shown = (findings: WeightingFindings) => viewWeighting(results, findings);
const answers = (findings: WeightingFindings) =>
  shown(findings).sections.map(({ answer }) => answer);

const found = findingsOf(12);

Deno.test("harm: how often and by how much, who never does, or all, or none", () => {
  const [some] = answers(found);
  assertStringIncludes(
    some!,
    "static 100.0 [100.0, 100.0] %, falls of 10.000 [10.000, 10.000] points",
  );
  assertStringIncludes(some!, "capability-aware 0.0 [0.0, 0.0] %, falls of 0.000");
  assertStringIncludes(
    some!,
    "A reward falls beyond rounding in no step of 12 replicates under capability-aware, MGDA, in some step under static.",
  );
  const harmed = Object.fromEntries(Object.keys(effects).map((name) => [name, fixed]));
  assertStringIncludes(
    answers(findingsOf(12, harmed))[0]!,
    "A reward is harmed to first order in some step of 12 replicates under every one of 3.",
  );
  const spared = Object.fromEntries(Object.keys(effects).map((name) => [name, aware]));
  assertStringIncludes(
    answers(findingsOf(12, spared))[0]!,
    "A reward falls beyond rounding in no step of 12 replicates under any of 3.",
  );
});

Deno.test("the bound: kept, broken, or not to be applied where the premise fails", () => {
  assertStringIncludes(
    answers(found)[0]!,
    "in 12 of 12 replicates (100 % [76, 100]) under static and in 0 of 12 replicates (0 % [0, 24]) under capability-aware " +
      "weights, none of which is less smooth than the L that sets the step.",
  );
  const broken = { ...effects, "capability-aware": { ...fixed, smoothness: 1.5 } };
  assertStringIncludes(
    answers(findingsOf(12, broken))[0]!,
    "in 12 of 12 replicates (100 % [76, 100]) under capability-aware weights, 12 of which are less smooth than the L that sets " +
      "the step, so that the bound does not speak of them.",
  );
  // c = 0.2 on the model; size 10 on 6 prompts.
  assertStringIncludes(answers(found)[0]!, "c / (2 - c) = 0.111");
  assertStringIncludes(answers(found).at(-1)!, "c / (2 - c) = 0.191");
});

Deno.test("differences: told apart after the correction, not at all, or by single intervals", () => {
  const [told] = answers(found);
  assertStringIncludes(told!, "Differences after Holm's correction for 3 at a time.");
  assertStringIncludes(
    told!,
    "Change of the worst-off reward against static: above capability-aware (11.000 [11.000, 11.000])",
  );
  assertStringIncludes(told!, "Gain of the preferred sum against capability-aware:");
  assertStringIncludes(told!, "Held out: change of the worst-off reward against static:");
  const same = Object.fromEntries(Object.keys(effects).map((name) => [name, aware]));
  assertStringIncludes(
    answers(findingsOf(12, same))[0]!,
    "Gain of the preferred sum against static: above none; below none; not told apart capability-aware, MGDA, best static in " +
      "hindsight (3 equal in all).",
  );
  assertStringIncludes(
    answers(findingsOf(4))[0]!,
    "Over 4 replicates no difference could outlive Holm's correction for 3 (smallest p 0.38)",
  );
  assertStringIncludes(answers(findingsOf(1))[0]!, "One replicate tells nothing apart.");
});

Deno.test("ranks: with the interval, who lies clear of it, and nothing with one replicate", () => {
  const [first] = answers(found);
  assertStringIncludes(first!, "The best mean rank is that of static, 2.0 [2.0, 2.0] of 3;");
  const better = { ...effects, MGDA: { up: 0.3, down: 0.2, harmful: 0 } };
  assertStringIncludes(
    answers(findingsOf(12, better))[0]!,
    "that of MGDA, 1.5 [1.5, 1.5] of 3; clear of it lie those of static, capability-aware.",
  );
  const same = Object.fromEntries(Object.keys(effects).map((name) => [name, aware]));
  assertStringIncludes(answers(findingsOf(12, same))[0]!, "no other interval lies clear of it");
  assertStringIncludes(answers(findingsOf(1))[0]!, "With one replicate ranks say nothing.");
});

Deno.test("hindsight: which static preferences, whether they harm on the way, beside capability-aware", () => {
  const [answer] = answers(found);
  assertStringIncludes(
    answer!,
    "in hindsight in each replicate (domain 12), lowers a reward on the way",
  );
  assertStringIncludes(
    answer!,
    "in 0 of 12 replicates (0 % [0, 24]); the worst-off reward changes by 0.000",
  );
  assertStringIncludes(answer!, "under capability-aware weights by 1.000 [1.000, 1.000]");
  const without = {
    ...found,
    settings: found.settings.map((one) =>
      one.ground === "trainer" ? one : setting(one.ground, one.preference, 12, effects, false)
    ),
  };
  assert(!answers(without)[0]!.includes("hindsight"), answers(without)[0]);
});

Deno.test("the trainer: differences from its default, and settings that did not act", () => {
  const trainer = {
    ...found,
    settings: found.settings.map((one) =>
      one.ground === "trainer"
        ? setting("trainer", reasoning, 12, {
          "capability-aware": aware,
          static: fixed,
          "no cap": aware,
          "every 2 steps": { ...aware, down: -0.02 },
        })
        : one
    ),
  };
  const answer = answers(trainer)[2]!;
  assertStringIncludes(answer, "Sum of falls against capability-aware: above");
  assertStringIncludes(answer, "The same as the default in every run: no cap.");
  assert(!answers(found)[2]!.includes("The same as the default"), answers(found)[2]);
});

Deno.test("methods name the configuration, and where the rest is measured", () => {
  const { method } = shown(found).sections[0]!;
  assertStringIncludes(
    method,
    "Model m1 after 4 steps of SFT on random answers, LoRA of rank 4 of all layers; 4 prompts of 4",
  );
  assertStringIncludes(method, "2 steps of exact ascent of size c / L, c = 0.2");
  for (const other of ["advantages", "surrogate", "exact-lm", "sampled"]) {
    assertStringIncludes(method, other);
  }
  assertStringIncludes(
    shown(found).sections.at(-1)!.method,
    "12 problems, 20 steps of ascent of size 10",
  );
});

Deno.test("tables have every system, measure and difference; figures stand once under a name", () => {
  const { tables, figures, sections } = shown(found);
  const rows = tables.find(({ name }) => name === "model-equal")!.rows;
  assertEquals(rows.map(({ rule }) => rule), [...Object.keys(effects), "best static in hindsight"]);
  assertEquals(rows[0]!["sum of falls (points)"], "10.000 [10.000, 10.000]");
  assertEquals(rows[0]!["fall / gain"], "2.857 [2.846, 2.868]");
  assertEquals(rows.at(-1)!["mean rank"], "\u2013");
  const differences = tables.find(({ name }) => name === "tabular-reasoning-differences")!.rows;
  assertEquals(differences.length, 3 + 3);
  assert(!Object.keys(differences[0]!).some((column) => column.startsWith("held out")));
  assertEquals(new Set(figures.map(({ name }) => name)).size, figures.length);
  for (const figure of sections.flatMap((section) => section.figures)) {
    assert(figures.some((one) => one.figure === figure));
  }
});

Deno.test("a fall without gain has no number and is said, in the table and in the figure", () => {
  const falling = { ...effects, MGDA: { up: -0.1, down: -0.1, harmful: 1 } };
  const { tables, figures } = shown(findingsOf(3, falling));
  const row = tables.find(({ name }) => name === "model-equal")!.rows[2]!;
  assertEquals([row.rule, row["fall / gain"]], ["MGDA", "\u2013"]);
  const { figure } = figures.find(({ name }) => name === "model-equal")!;
  assertStringIncludes(figure.alt, "no gain");
});

Deno.test("the view is the same from stored findings, twice, and with one replicate", () => {
  const stored = weightingFindings.parse(JSON.parse(JSON.stringify(found)));
  assertEquals(JSON.stringify(shown(stored)), JSON.stringify(shown(found)));
  for (const { answer } of shown(findingsOf(1)).sections) {
    assert(!/NaN|undefined|Infinity|\[object/.test(answer), answer);
  }
});
