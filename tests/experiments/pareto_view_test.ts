import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { paretoPresets, paretoSchema } from "../../experiments/pareto/config.ts";
import {
  type Ground,
  type ParetoFindings,
  paretoFindings,
  type SweptGround,
  type SweptUnit,
} from "../../experiments/pareto/findings.ts";
import { type Sweep, sweeps } from "../../experiments/pareto/measures.ts";
import { sweptPreferences } from "../../experiments/pareto/preferences.ts";
import { groundOf } from "../../experiments/pareto/statistics.ts";
import { viewPareto } from "../../experiments/pareto/view.ts";
import { sampleResults } from "./sample_results.ts";

const config = paretoSchema.parse({ ...paretoPresets.smoke, model: "m1" });
const rewardNames = ["domain", "reasoning", "instruction", "integration"];
const preferences = sweptPreferences(rewardNames, { least: 0.05, edges: true, faces: false });
const table = [[[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]]];

/** What a sweep does to a reward that a preference favours, and to the others. */
type Effect = readonly [own: number, others: number];

type Effects = Readonly<Record<Exclude<Sweep, "MGDA">, Effect>>;

const effects: Effects = {
  static: [0.2, -0.05],
  "capability-aware": [0.1, 0.01],
  UPGrad: [0.1, 0.01],
  "rewarded soups": [0.15, -0.05],
};

/** Replicates in which the sweeps do that up to a little. */
function ground(name: Ground, n: number, of: Effects, best = 2): SweptGround {
  const units = Array.from({ length: n }, (_, seed): SweptUnit => {
    const start = rewardNames.map(() => 0.2);
    const ends = ([own, others]: Effect) =>
      preferences.map(({ weights }) =>
        weights.map((w) => 0.2 + (w > 0.2 ? own + 0.001 * (seed % 3 - 1) : others))
      );
    const points = {
      start,
      ends: {
        static: ends(of.static),
        "capability-aware": ends(of["capability-aware"]),
        UPGrad: ends(of.UPGrad),
        "rewarded soups": ends(of["rewarded soups"]),
        MGDA: [rewardNames.map(() => 0.22)],
      },
    };
    return {
      seed,
      train: points,
      heldOut: name === "model" ? points : null,
      best: preferences.map(() => best),
    };
  });
  return groundOf(name, rewardNames, preferences, units, table);
}

const findingsOf = (n: number, of: Effects = effects, best?: number): ParetoFindings => ({
  protocol: "p",
  rewardNames,
  preferences,
  grounds: [ground("model", n, of, best), ground("tabular", n, of, best)],
});

const found = findingsOf(12);
const results = { ...sampleResults, config, metrics: [], comparisons: [] };
const shown = (findings: ParetoFindings) => viewPareto(results, findings);
const answers = (findings: ParetoFindings) => shown(findings).sections.map(({ answer }) => answer);

Deno.test("harm: under how many preferences, by how much, on held-out prompts too where there are any", () => {
  const [model, , tabular] = answers(found);
  // Corners and edges, not the centre: 10 of 11.
  assertStringIncludes(model!, "static 90.9 [90.9, 90.9] %, by 4.55 [4.55, 4.55] points over all");
  assertStringIncludes(model!, "capability-aware 0.0 [0.0, 0.0] %, by 0.00 [0.00, 0.00] points");
  assertStringIncludes(model!, "On held-out prompts some reward ends below the start");
  assert(!tabular!.includes("held-out"), tabular);
});

Deno.test("sweeps: told apart on both sides after the correction, or by single intervals, or not", () => {
  const [told] = answers(found);
  assertStringIncludes(told!, "Differences after Holm's correction for 5 at a time.");
  assertStringIncludes(
    told!,
    "Fall of the worst-off: above none; below capability-aware against static (−4.55",
  );
  assertStringIncludes(
    told!,
    "not told apart capability-aware against UPGrad, rewarded soups against static (2 equal in all)",
  );
  assertStringIncludes(told!, "Held out: fall of the worst-off:");
  const other = { ...effects, "capability-aware": [0.1, -0.1] as const };
  assertStringIncludes(
    answers(findingsOf(12, other))[0]!,
    "Fall of the worst-off: above capability-aware against static (4.55 [4.55, 4.55])",
  );
  assertStringIncludes(
    answers(findingsOf(4))[0]!,
    "Over 4 replicates no difference could outlive Holm's correction for 5 (smallest p 0.63)",
  );
  assertStringIncludes(answers(findingsOf(1))[0]!, "One replicate tells nothing apart.");
});

Deno.test("the front: nothing beyond it, or something, which is a fault; and how far the sweeps go", () => {
  const [within] = answers(found);
  assertStringIncludes(within!, "None of 540 points, compared under 11 preferences, lies beyond");
  assertStringIncludes(within!, "on average, static");
  const wrong = answers(findingsOf(12, effects, 0.25))[0]!;
  assertStringIncludes(wrong, "lie beyond what a policy can reach, so these numbers are wrong.");
});

Deno.test("corners: above, below, or not told apart, by sweep", () => {
  const [, points] = answers(found);
  assertStringIncludes(
    points!,
    "static above 0 in domain (25.0 [24.9, 25.1]), reasoning (25.0 [24.9, 25.1]), instruction",
  );
  const against = { ...effects, static: [-0.1, 0.05] as const };
  assertStringIncludes(
    answers(findingsOf(12, against))[1]!,
    "static above 0 in none, below in domain (−15.0 [−15.1, −14.9])",
  );
  const none = { ...effects, static: [0, 0] as const };
  assertStringIncludes(
    answers(findingsOf(12, none))[1]!,
    "static above 0 in none, below in none, not told apart in domain (0.0",
  );
  assertStringIncludes(
    answers(findingsOf(1))[1]!,
    "static higher in domain, reasoning, instruction",
  );
});

Deno.test("hindsight: which static preferences, and what they give beside capability-aware weights", () => {
  const [, points] = answers(found);
  assertStringIncludes(
    points!,
    "chosen in hindsight in each replicate (equal 12), changes 20.00 [19.95, 20.05]",
  );
  assertStringIncludes(points!, "capability-aware weights at equal preference 10.00 [9.95, 10.05]");
  assertStringIncludes(
    points!,
    "Change of the worst-off at equal preference less that of capability-aware: above static",
  );
  const worse = { ...effects, static: [0.05, 0.02] as const };
  assertStringIncludes(
    answers(findingsOf(12, worse))[1]!,
    "below static (−5.00 [−5.00, −5.00]), MGDA (−8.00",
  );
});

Deno.test("methods name the configuration", () => {
  const [model, , tabular] = shown(found).sections;
  assertStringIncludes(
    model!.method,
    "11 preferences, no weight below 0.05; model m1 after 4 steps of SFT",
  );
  assertStringIncludes(model!.method, "2 steps of AdamW with exact gradients, learning rate 0.005");
  assertStringIncludes(
    tabular!.method,
    "Softmax policies over 8 answers to 6 prompts, 4 rewards with conflict 0.9",
  );
});

Deno.test("tables have every sweep and preference; fronts have start, reachable front and intervals", () => {
  const { tables, figures, sections } = shown(found);
  assertEquals(tables.find(({ name }) => name === "sweeps-model")!.rows.length, sweeps.length);
  const points = tables.find(({ name }) => name === "points-tabular")!.rows;
  assertEquals(points.length, 1 + 4 * 11 + 1);
  assertEquals(points[0]!.domain, "20.0 [20.0, 20.0]");
  assertEquals(points.at(-1)!.sweep, "MGDA");
  const figure = (name: string) => figures.find((one) => one.name === name)!.figure;
  for (const name of ["fronts-model", "fronts-tabular"]) {
    const { rows } = figure(name);
    const of = (series: string) => rows.filter((row) => Object.values(row).includes(series));
    assert(of("start").length === 6 && of("exact front").length > 6, name);
    assert(JSON.stringify(figure(name).spec).includes("error_x"), name);
  }
  assertStringIncludes(figure("profiles-static").caption, "Bands");
  assertEquals(new Set(figures.map(({ name }) => name)).size, figures.length);
  for (const one of sections.flatMap((section) => section.figures)) {
    assert(figures.some(({ figure }) => figure === one));
  }
});

Deno.test("the view is the same from stored findings, twice, and with one replicate", () => {
  const stored = paretoFindings.parse(JSON.parse(JSON.stringify(found)));
  assertEquals(JSON.stringify(shown(stored)), JSON.stringify(shown(found)));
  for (const { answer } of shown(findingsOf(1)).sections) {
    assert(!/NaN|undefined|Infinity|\[object/.test(answer), answer);
  }
});
