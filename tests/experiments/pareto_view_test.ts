import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { paretoPresets, paretoSchema } from "../../experiments/pareto/config.ts";
import {
  type ParetoFindings,
  paretoFindings,
  pointName,
  sweeps,
} from "../../experiments/pareto/findings.ts";
import { simplexPreferences } from "../../experiments/pareto/preferences.ts";
import { viewPareto } from "../../experiments/pareto/view.ts";
import { capabilities } from "../../lib/synthesis/mod.ts";
import { sampleResults } from "./sample_results.ts";

const preferences = simplexPreferences(false);
const config = paretoSchema.parse({ ...paretoPresets.smoke, model: "m1", tabular: { steps: 7 } });

/** `value` with an interval of `half` to each side; p small when it does not hold 0. */
const about = (value: number, half: number) => ({
  value,
  low: value - half,
  high: value + half,
  p: Math.abs(value) > half ? 1e-4 : 0.5,
});
/** Systems score their weight on a capability where `obeyed` holds, else the others' mean weight. */
const score = (weights: readonly number[], c: number, obeyed: boolean) =>
  0.4 + 0.2 * (obeyed ? weights[c]! : -weights[c]!);
const heldOut = { ids: ["a", "b"], rewards: [[0.4, 0.4, null, null], [null, null, 0.4, 0.4]] };
const four = (value: number) => capabilities.map(() => about(value, 0.05));

/** Two answers to one prompt: the best of every reward is 1, of their sum 1. */
const table = [[[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]]];
const inside = preferences.map(({ weights }) => weights.map((w) => 0.25 + (w - 0.25) * 0.5));

const found: ParetoFindings = {
  items: heldOut.ids.map((id) => ({ id, family: "f", capability: "domain" })),
  preferences,
  start: { log: [{ step: 1, loss: 2 }], heldOut, means: four(0.4) },
  points: sweeps.flatMap((sweep) =>
    preferences.map(({ name }) => ({
      sweep,
      preference: name,
      means: four(0.4),
      heldOut: [heldOut],
      logs: [],
    }))
  ),
  resamples: 20_000,
  sweeps: sweeps.map((sweep) => ({
    sweep,
    volume: about(1.5, 0.2),
    knee: "all",
    kneeShare: 0.99,
  })),
  differences: [
    { system: "capability-aware", baseline: "static", estimate: about(0.5, 0.1) },
    { system: "static", baseline: "rewarded soups", estimate: about(-0.4, 0.1) },
    { system: "capability-aware", baseline: "rewarded soups", estimate: about(0.3, 0.1) },
  ],
  corners: capabilities.map((capability) => ({ capability, lead: about(0.02, 0.01) })),
  tabular: {
    table,
    start: [0.25, 0.25, 0.25, 0.25],
    points: { static: inside, "capability-aware": inside, "rewarded soups": inside },
  },
};

function shown(findings: ParetoFindings, obeyed = true, seeds: readonly number[] = [0]) {
  const metric = (system: string, capability: string, mean: number) => ({
    ...sampleResults.metrics[0]!,
    system,
    capability,
    mean,
    low: mean - 0.05,
    high: mean + 0.05,
  });
  return viewPareto({
    ...sampleResults,
    seeds: [...seeds],
    config,
    metrics: [
      ...capabilities.map((capability) => metric("start", capability, 0.4)),
      ...sweeps.flatMap((sweep) =>
        preferences.flatMap((preference) =>
          capabilities.map((capability, c) =>
            metric(
              pointName({ sweep, preference }),
              capability,
              score(preference.weights, c, obeyed),
            )
          )
        )
      ),
    ],
    comparisons: [],
  }, findings);
}

const answers = (findings: ParetoFindings, obeyed = true) =>
  shown(findings, obeyed).sections.map(({ answer }) => answer);

Deno.test("volumes: told apart on either side, with what is left after Holm; or not, with what is detectable", () => {
  const [told] = answers(found);
  assertStringIncludes(told!, "capability-aware lies above static (difference 0.50 [0.40, 0.60])");
  assertStringIncludes(told!, "static lies below rewarded soups (difference −0.40 [−0.50, −0.30])");
  assertStringIncludes(told!, "After Holm's correction for 3 comparisons 3 of 3 are left");

  const weak = found.differences.map((row, k) => ({
    ...row,
    estimate: k === 0 ? { ...about(0.5, 0.1), p: 0.03 } : about(0, 0.7),
  }));
  const [some] = answers({ ...found, differences: weak });
  assertStringIncludes(
    some!,
    "not told apart: static and rewarded soups, capability-aware and rewarded soups (detectable from 1.00 on)",
  );
  assertStringIncludes(some!, "After Holm's correction for 3 comparisons none is left");

  const none = found.differences.map((row) => ({ ...row, estimate: about(0.1, 0.7) }));
  const [same] = answers({ ...found, differences: none });
  assertStringIncludes(same!, "cannot be told apart: every interval of 3 differences holds 0");
  assertStringIncludes(same!, "detectable from 1.00 on");
  assert(!same!.includes("Holm"), same);
});

Deno.test("corners: obeyed or not, and their leads on either side or not told apart", () => {
  const [obeyed] = answers(found);
  assertStringIncludes(obeyed!, "the corner of domain, reasoning, instruction, integration has");
  assertStringIncludes(obeyed!, "4 of 4 corners (100 % [51, 100]); one by chance");
  assertStringIncludes(obeyed!, "beyond the interval: domain (2.0 [1.0, 3.0] points)");
  assertStringIncludes(obeyed!, "below: none; not told apart: none");

  const corners = capabilities.map((capability, c) => ({
    capability,
    lead: c === 0 ? about(-0.02, 0.01) : about(0, 0.07),
  }));
  const [not] = answers({ ...found, corners }, false);
  assertStringIncludes(not!, "no corner has the highest score of all corners");
  assertStringIncludes(not!, "0 of 4 corners (0 % [0, 49])");
  assertStringIncludes(not!, "above 0 beyond the interval: none; below: domain (−2.0 [−3.0, −1.0]");
  assertStringIncludes(
    not!,
    "not told apart: reasoning, instruction, integration (detectable from 10.0 points on)",
  );
});

Deno.test("few items are said to tell nothing", () => {
  assertStringIncludes(answers(found)[0]!, "A reward applies to only 1 item");
  const ids = Array.from({ length: 12 }, (_, i) => `i${i}`);
  const enough = { ids, rewards: ids.map(() => [0.4, 0.4, 0.4, 0.4]) };
  const [more] = answers({ ...found, start: { ...found.start, heldOut: enough } });
  assert(!more!.includes("too narrow"), more);
});

Deno.test("knees: settled, some of them, or none", () => {
  assertStringIncludes(answers(found)[1]!, "All are settled: the same in at least 95 %");
  const sharing = (shares: readonly number[]) => ({
    ...found,
    sweeps: found.sweeps.map((row, k) => ({ ...row, kneeShare: shares[k]! })),
  });
  assertStringIncludes(answers(sharing([0.99, 0.2, 0.3]))[1]!, "static; the others are not");
  const none = answers(sharing([0.4, 0.2, 0.3]))[1]!;
  assertStringIncludes(none, "None is settled: no knee is the same in 95 % of 20,000 resamples");
  assertStringIncludes(none, "static at all (in 40.0 %)");
});

Deno.test("the tabular problem: nothing beyond the front, or something; how far, and what fell", () => {
  const within = answers(found)[2]!;
  assertStringIncludes(within, "None of 33 points");
  assertStringIncludes(within, "static 50.0 %, capability-aware 50.0 %");
  const beyond = {
    ...found,
    tabular: {
      ...found.tabular,
      points: {
        ...found.tabular.points,
        static: inside.map((row, k) => k === 0 ? [1.5, 0.3, 0.3, 0.3] : row),
      },
    },
  };
  const wrong = answers(beyond)[2]!;
  assertStringIncludes(wrong, "1 of 33 points in the tabular problem");
  assertStringIncludes(wrong, "lies beyond what a policy can reach, so these numbers are wrong");
  // Ending below the start is counted: of the first static point nothing is any more.
  assertStringIncludes(within, "static 24 of 44");
  assertStringIncludes(wrong, "static 21 of 44");
});

Deno.test("methods name the configuration, and seeds where there are several", () => {
  const { method } = shown(found).sections[0]!;
  assertStringIncludes(method, "11 preferences from one start (model m1, 40 steps of SFT)");
  assertStringIncludes(method, "2 steps of GRPO each at 1 seed, 2 held-out items");
  assertStringIncludes(method, "20,000 resamples of items, the same");
  assertStringIncludes(
    shown(found, true, [0, 1, 2]).sections[0]!.method,
    "20,000 resamples of items and seeds",
  );
  assertStringIncludes(shown(found).figures[3]!.figure.caption, "7 steps of exact ascent");
});

Deno.test("the view is the same twice and from findings that were stored", () => {
  const stored = paretoFindings.parse(JSON.parse(JSON.stringify(found)));
  assertEquals(stored, found);
  const first = JSON.stringify(shown(found));
  assertEquals(JSON.stringify(shown(found)), first);
  assertEquals(JSON.stringify(shown(stored)), first);
});
