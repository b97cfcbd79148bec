import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { AscentRow, ExactLmFindings } from "../../experiments/exact_lm/findings.ts";
import { exactLmFindings as schema } from "../../experiments/exact_lm/findings.ts";
import { judgeHypotheses } from "../../experiments/exact_lm/hypotheses.ts";
import { exactLm } from "../../experiments/exact_lm/mod.ts";
import { exactLmConfig, exactLmFindings as found } from "./exact_lm_findings.ts";
import { sampleResults } from "./sample_results.ts";

/** What is shown of findings that went through a file, with their hypotheses judged anew. */
function shown(changes: Partial<ExactLmFindings> = {}, config = exactLmConfig) {
  const merged = { ...found, ...changes };
  const findings = { ...merged, hypotheses: judgeHypotheses(merged, config) };
  const results = {
    ...sampleResults,
    experiment: "exact-lm",
    preset: "quick",
    seeds: [0, 1, 2, 3, 4, 5],
    config,
    metrics: [],
    comparisons: [],
  };
  const view = exactLm.view(results, JSON.parse(JSON.stringify(findings)));
  assertEquals(JSON.stringify(exactLm.view(results, findings)), JSON.stringify(view));
  for (const { answer, method } of view.sections) {
    assert(!/NaN|undefined|Infinity|null/.test(answer + method), answer);
  }
  return view;
}

function answers(changes: Partial<ExactLmFindings> = {}): Record<string, string> {
  return Object.fromEntries(shown(changes).sections.map(({ id, answer }) => [id, answer]));
}

function says(answer: string | undefined, ...parts: string[]) {
  for (const part of parts) assertStringIncludes(answer ?? "", part);
}

const ascents = (change: (row: AscentRow) => Partial<AscentRow>) =>
  found.ascents!.map((row) => ({ ...row, ...change(row) }));

Deno.test("exact-lm view: what holds is said with counts, and what chance has to do with it", () => {
  const { tables, figures, sections } = shown();
  assertEquals(tables.map(({ name }) => name), [
    "hypotheses",
    "conflict",
    "ascent",
    "controls",
    "optimizer",
    "noise",
    "volumes",
    "hindsight",
  ]);
  assertEquals(figures.length, 15);
  assertEquals(new Set(figures.map(({ name }) => name)).size, figures.length);
  assertEquals(sections.length, 6);
  const { "exact-lm": first } = answers();
  says(
    first,
    "H1 holds: static weights at the preference reasoning exceed c / (2 − c) in 6 of 6 replicates",
  );
  says(first, "capability-aware weights at some preference in 0");
  says(
    first,
    "chance is not ruled out, which 6 replicates cannot (p = 0.031, at least 0.031; p = 0.125",
  );
  says(first, "H2 holds", "0.80 of it on average", "that of Theorem 4d in all");
  says(first, "H3 holds", "(50 % on average), and solve-then-step harms in none");
  says(first, "H4 holds", "signal to noise of 0.5", "0.25 of it on average");
  assert(!first!.includes("Not tested"), first);
  says(sections[0]!.command, "task experiments exact-lm --preset quick --seeds 6");
  assert(!sections[0]!.command.includes("--studies"));
});

Deno.test("exact-lm view: broken hypotheses are said to be broken, by which side", () => {
  const ratios = answers({
    ascents: ascents(({ rule, control }) =>
      control === null ? { ratio: rule === "static" ? 0.01 : null } : {}
    ),
  });
  says(ratios["exact-lm"], "H1 does not hold", "in 0 of 6 replicates", "at some preference in 6");
  says(ratios["exact-lm-ascent"], "The theorem's bound is broken with capability-aware weights");
  says(ratios["exact-lm-ascent"], "capability-aware in 12 of 12 runs (largest ∞)");
  const poor = answers({
    ascents: ascents(({ rule }) =>
      rule === "capability_aware" ? { gain: 0.02, predicted: 0.02, residual: 0.1 } : {}
    ),
  });
  says(
    poor["exact-lm"],
    "H2 does not hold",
    "in 0 of 6 replicates (0.20",
    "not that of Theorem 4d in 6",
  );
  const harmful = answers({
    optimizers: found.optimizers!.map((row) => ({
      ...row,
      harmful: row.way === "capability_aware" ? 1 : 0,
    })),
  });
  says(harmful["exact-lm"], "H3 does not hold", "solve-then-step harms in 6");
  says(
    harmful["exact-lm-optimizer"],
    "No: even where weights are solved before the step 6 of 60 steps harm",
  );
});

Deno.test("exact-lm view: twelve replicates rule out chance, or do not", () => {
  const twelve = (favourable: number) =>
    [...found.optimizers!, ...found.optimizers!.map((row) => ({ ...row, seed: row.seed + 6 }))]
      .map((row) =>
        row.way === "version_0_1" ? { ...row, harmful: row.seed < favourable ? 5 : 0 } : row
      );
  says(
    answers({ optimizers: twelve(12) })["exact-lm"],
    "on average), and solve-then-step harms in none; beyond chance (p < 0.001",
  );
  says(
    answers({ optimizers: twelve(8) })["exact-lm"],
    "H3 does not hold",
    "in 8 of 12",
    "not beyond chance (p = 0.388",
  );
});

Deno.test("exact-lm view: studies that did not run are left out, their hypotheses absent, the command says which ran", () => {
  const { conflict: _, ascents: _a, noise: _n, fronts: _f, ...some } = found;
  const config = { ...exactLmConfig, studies: [2] };
  const findings = { ...some, hypotheses: judgeHypotheses(some, config) };
  const results = {
    ...sampleResults,
    experiment: "exact-lm",
    config,
    metrics: [],
    comparisons: [],
  };
  const { sections, tables } = exactLm.view(results, findings);
  assertEquals(sections.map(({ id }) => id), ["exact-lm", "exact-lm-optimizer"]);
  assertEquals(tables.length, 2);
  says(
    sections[0]!.answer,
    "H3 holds",
    "Not tested, because the study did not run or there was nothing to compare: H1, H2, H4.",
  );
  says(sections[0]!.command, "--studies 2");
  assertEquals(Object.keys(findings.hypotheses), ["H3"]);
  schema.parse(findings);
  const none = { ...found, ascents: undefined, optimizers: undefined, noise: undefined };
  const { conflict } = found;
  const only = { ...none, hypotheses: {}, trainer: {}, fronts: undefined, conflict };
  const alone = exactLm.view(results, JSON.parse(JSON.stringify(only)));
  says(alone.sections[0]!.answer, "Not tested", "H1, H2, H3, H4");
});

Deno.test("exact-lm view: the dial goes, or does not", () => {
  says(answers()["exact-lm-conflict"], "Yes: go", "in 6 of 6 replicates", "least cosine is −0.60");
  const calm = found.conflict!.map((row) => ({
    ...row,
    cosines: row.cosines.map((line, i) => line.map((x, j) => i === j ? 1 : Math.abs(x ?? 0))),
  }));
  says(
    answers({ conflict: calm })["exact-lm-conflict"],
    "No: the dial does not go",
    "in 0 of 6 replicates",
  );
  // Not one but two replicates without conflict are too many.
  const but = (n: number) =>
    found.conflict!.map((row, k) => row.seed < n && row.control === null ? calm[k]! : row);
  says(answers({ conflict: but(1) })["exact-lm-conflict"], "Yes: go", "in 5 of 6");
  says(answers({ conflict: but(2) })["exact-lm-conflict"], "No: the dial does not go", "in 4 of 6");
});

Deno.test("exact-lm view: a broken premise, the worst-off reward and the controls", () => {
  const { "exact-lm-ascent": fine } = answers();
  says(fine, "No step was less smooth than the L that was used (largest 0.50 L)");
  says(fine, "at equal capability-aware (0.0000");
  says(fine, "the weights stay at the preference (largest deviation 0.000000)");
  says(fine, "move the preferred sum by 0.000000", "(static: 0.2000)");
  says(fine, "largest addition to a weight is 0.35");
  const other = answers({
    ascents: ascents(({ rule, control }) => ({
      ...control === "aligned" && { deviation: 0.2 },
      ...rule === "static" && {
        smoothness: 1.4,
        values: [[0.5, 0.5, 0.5, 0.5], [0.5, 0.5, 0.5, 0.5], [0.7, 0.7, 0.7, 0.7]],
      },
    })),
  })["exact-lm-ascent"];
  says(other, "In 12 of 24 runs a step was less smooth", "(largest 1.40 L)", "Rules: static.");
  says(other, "at equal static (0.2000 [0.2000, 0.2000], capability-aware 0.0000");
  says(other, "the weights leave the preference (largest deviation 0.200000)");
});

Deno.test("exact-lm view: steps that harm nowhere, or with the other ways alone", () => {
  const { "exact-lm-optimizer": fine } = answers();
  says(
    fine,
    "Yes: where weights are solved before the step 0 of 60 steps harm",
    "50 [50, 50] % with static",
  );
  const calm = answers({ optimizers: found.optimizers!.map((row) => ({ ...row, harmful: 0 })) });
  says(calm["exact-lm-optimizer"], "None of the ways harms a reward in a step");
});

Deno.test("exact-lm view: gates that leave half of the harm, more, or all of it; nothing to compare", () => {
  says(
    answers()["exact-lm-noise"],
    "Shrunk products leave 25 % of the hard gate's harm, at most half",
  );
  const harms = (shrink: number, veto: number) =>
    answers({
      noise: found.noise!.map((row) => ({
        ...row,
        gates: row.gates.map((gate) => ({
          ...gate,
          harm: gate.gate === "shrink" ? shrink : gate.gate === "veto" ? veto : gate.harm,
        })),
      })),
    })["exact-lm-noise"];
  says(harms(0.3, 0.4), "Shrunk products leave 75 % of the hard gate's harm, more than half");
  says(harms(0.5, 0.4), "Shrunk products harm no less than the hard gate");
  says(harms(0, 0), "The hard gate harms nobody, so there is nothing to compare");
  const far = answers({ noise: found.noise!.filter(({ target }) => !target) });
  says(far["exact-lm-noise"], "No number of prompts of at least 4 gives a signal to noise of 0.5");
  says(far["exact-lm"], "Not tested", "H4");
});

Deno.test("exact-lm view: volumes told apart or not, ranks, and what hindsight would have chosen", () => {
  const { "exact-lm-fronts": fine } = answers();
  says(fine, "Volume from 0 against capability-aware weights: static more (difference");
  says(
    fine,
    "UPGrad not told apart",
    "best mean rank over rewards, preferences and replicates is static's",
  );
  says(
    fine,
    "harms nobody at the end in 2 of 2 replicates, and gains more of the equal sum than capability-aware weights at equal preference in 2 of them",
  );
  const harmed = answers({
    fronts: {
      ...found.fronts!,
      rows: found.fronts!.rows.map((row) =>
        row.sweep === "static" ? { ...row, values: [0.9, 0.9, 0.45, 0.9] } : row
      ),
    },
  })["exact-lm-fronts"];
  says(
    harmed,
    "harms nobody at the end in 0 of 2 replicates;",
    "the best static preference with 0.0500",
  );
});
