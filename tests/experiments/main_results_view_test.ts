import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { mainResults } from "../../experiments/main_results/mod.ts";
import type { MainResultsFindings } from "../../experiments/main_results/findings.ts";
import { comparisonsOf, metricsOf } from "../../experiments/main_results/statistics.ts";
import { systemsSchema } from "../../experiments/stages/config.ts";
import type { Results } from "../../lib/runs/mod.ts";
import { capabilities } from "../../lib/synthesis/mod.ts";
import { sampleResults } from "./sample_results.ts";

const EACH = 10;

const items = capabilities.flatMap((capability) =>
  Array.from({ length: EACH }, (_, i) => ({
    id: `${capability} ${i}`,
    capability,
    family: `${capability}-${i % 2}`,
  }))
);

/** A step of GRPO: weights at the preference but for one capability. */
const step = (at: number, reward: number, raised: number, ratio: number) => ({
  step: at,
  loss: 0.1,
  grad_norm: 1,
  learning_rate: 1e-4,
  step_time: 1,
  "balance/kkt": 0,
  ...Object.fromEntries(
    capabilities.flatMap((c, i) => [
      [`rewards/${c}/mean`, reward],
      [`weights/${c}`, 0.25 + (i === 0 ? raised : 0)],
      [`balance/signal_to_noise/${c}`, ratio],
    ]),
  ),
});

interface Made {
  /** Share of the items that a system solves. */
  readonly solved: Readonly<Record<string, number>>;
  /** First and last loss of SFT. */
  readonly loss?: readonly [number, number];
  /** What CA-GRPO adds to a weight. */
  readonly raised?: number;
  /** Signal to noise of the gradients. */
  readonly ratio?: number;
}

/** Made-up findings: each system solves the first items of each capability. */
function made({ solved, loss = [3, 2], raised = 0, ratio = 0.5 }: Made): MainResultsFindings {
  const scoresOf = (share: number) => items.map((_, i) => Number(i % EACH < share * EACH));
  const grpo = [[step(1, 0.2, 0, ratio), step(2, 0.3, raised, ratio)]];
  return {
    data: [{ capability: "domain", family: "domain-0", split: "train", items: 5 }],
    items,
    promptHash: Object.fromEntries([...capabilities, "MMLU"].map((name) => [name, "ab12"])),
    systems: Object.entries(solved).map(([name, share]) => ({
      name,
      runs: [{
        seed: 0,
        scores: scoresOf(share),
        invalid: items.map(() => false),
        mmlu: name === "form filler" ? null : [1, 0, 1, 0],
      }],
    })),
    sftLogs: [[step(1, 0, 0, 0), step(2, 0, 0, 0)].map((log, i) => ({ ...log, loss: loss[i]! }))],
    logs: { GRPO: grpo, GDPO: grpo, "CA-GRPO": grpo },
  };
}

/** What is shown of findings. */
function shownOf(findings: MainResultsFindings) {
  const results: Results = {
    ...sampleResults,
    config: systemsSchema.parse({
      tuning: { kind: "lora" },
      sft: { maxSteps: 2, learningRate: 1e-3 },
      grpo: { maxSteps: 2, learningRate: 1e-4 },
    }),
    metrics: metricsOf(findings),
    comparisons: comparisonsOf(findings),
  };
  const shown = mainResults.view(results, JSON.parse(JSON.stringify(findings)));
  const again = mainResults.view(results, findings);
  assertEquals(JSON.stringify(again), JSON.stringify(shown));
  return shown;
}

/** The answers by section. */
const answers = (findings: MainResultsFindings): Record<string, string> =>
  Object.fromEntries(shownOf(findings).sections.map(({ id, answer }) => [id, answer]));

const good = {
  solved: { "form filler": 0.4, base: 0, SFT: 0.9, GRPO: 0.9, GDPO: 0.9, "CA-GRPO": 0.9 },
};

Deno.test("systems above base and floor are said to be, and those below too", () => {
  const found = answers(made({
    solved: { "form filler": 0.4, base: 0, SFT: 1, GRPO: 1, GDPO: 1, "CA-GRPO": 1 },
  }));
  assertStringIncludes(found["main-results"]!, "every trained system beats the base model");
  assertStringIncludes(found["main-results"]!, "is above it beyond the interval");
  assertStringIncludes(found.floor!, "base is below it in");
  assertEquals(found.floor!.includes("points on"), false);
  const near = answers(made({ solved: { ...good.solved, "form filler": 0.8 } })).floor!;
  assertMatch(near, /SFT is not told apart from it in .* \(apart from \d+\.\d points on\)\./);
  assertMatch(
    answers(made(good)).paired!,
    /not told apart .*GRPO − SFT \(0\.0\).*: \d equal in every resample\.$/,
  );
  assertStringIncludes(found.floor!, "SFT is above it in domain, reasoning");

  const bad = answers(made({
    solved: { "form filler": 0.9, base: 0.5, SFT: 0.1, GRPO: 0.5, GDPO: 0.5, "CA-GRPO": 0.5 },
  }));
  assertStringIncludes(bad["main-results"]!, "no trained system beats the base model");
  assertStringIncludes(bad["main-results"]!, "SFT lie below it");
  assertStringIncludes(bad["main-results"]!, "is below it beyond the interval");
  assertStringIncludes(bad.floor!, "SFT is below it in domain, reasoning");

  const some = answers(made({
    solved: { "form filler": 0.9, base: 0.5, SFT: 1, GRPO: 0.5, GDPO: 0.5, "CA-GRPO": 0.5 },
  }));
  assertStringIncludes(some["main-results"]!, "SFT beat the base model");
  assertStringIncludes(some["main-results"]!, "the others do not");
});

Deno.test("the standing of CA-GRPO against summed rewards is read from the interval", () => {
  const against = (share: number) =>
    answers(made({ solved: { ...good.solved, "CA-GRPO": share } }))["main-results"]!;
  assertStringIncludes(against(0.9), "it is not told apart from it (equal in every resample).");
  assertStringIncludes(against(0.2), "it is below it beyond the interval.");
  assertStringIncludes(against(1), "it is above it beyond the interval.");
  const paired = answers(made({ solved: { ...good.solved, "CA-GRPO": 0.2 } })).paired!;
  assertStringIncludes(paired, "CA-GRPO \u2212 GRPO (\u221270.0)");
});

Deno.test("losses that rise and weights that move are said to", () => {
  const falling = answers(made(good)).training!;
  assertStringIncludes(falling, "the loss falls from 3.00 to 2.00");
  assertStringIncludes(falling, "moved a weight from the preference in 0 of 2 steps");
  assertStringIncludes(falling, "for 4 of 4");
  const rising = answers(made({ ...good, loss: [2, 3], raised: 0.1, ratio: 2 })).training!;
  assertStringIncludes(rising, "the loss rises from 2.00 to 3.00");
  assertStringIncludes(rising, "in 1 of 2 steps");
  assertStringIncludes(rising, "for 0 of 4");
});

Deno.test("weights that coincide are all in sight, on an axis from 0, with the measure beside each panel", () => {
  const { figure } = shownOf(made(good)).figures.find(({ name }) => name === "weights")!;
  const { yaxis, annotations } = figure.spec.layout as {
    yaxis: { range: [number, number] };
    annotations: { text: string; textangle?: number }[];
  };
  assert(yaxis.range[0] < 0 && yaxis.range[1] > 0.25);
  const beside = annotations.filter(({ textangle }) => textangle === -90).map(({ text }) => text);
  assertEquals(beside, ["Weight", "Signal / noise"]);
  // All four are one line: each is drawn beside the others.
  const heights = capabilities.map((name) =>
    (figure.spec.data.find((t) => t.name === name && t.xaxis === "x")!.y as number[])[0]!
  );
  assertEquals(heights.toSorted((a, b) => b - a), heights);
  assertEquals(new Set(heights).size, capabilities.length);
  assert(heights.every((height) => Math.abs(height - 0.25) < 0.01), `${heights}`);
});

Deno.test("gradients whose signal was never measured are said to be so", () => {
  const findings = made(good);
  const logs = structuredClone(findings.logs);
  for (const entry of Object.values(logs).flat(2)) {
    for (const c of capabilities) delete entry[`balance/signal_to_noise/${c}`];
  }
  assertStringIncludes(
    answers({ ...findings, logs }).training!,
    "its gradients' signal to noise was not measured.",
  );
});

Deno.test("an accuracy at one seed has Wilson's interval, the mean over seeds a bootstrap one", () => {
  const one = made(good);
  const base = (findings: MainResultsFindings) =>
    metricsOf(findings).find((m) => m.system === "base" && m.capability === "MMLU")!;
  // Wilson's interval of 2 out of 4 by hand: (2 + z^2 / 2) / (4 + z^2) -+ ...
  assertEquals(base(one).low.toFixed(4), "0.1500");
  assertEquals(base(one).high.toFixed(4), "0.8500");
  const two = {
    ...one,
    systems: one.systems.map((system) => ({
      ...system,
      runs: [...system.runs, ...system.runs.map((run) => ({ ...run, seed: 1 }))],
    })),
  };
  assertEquals(base(two).low, 0);
});

Deno.test("a run that kept no answers is compared by its intervals", () => {
  const findings = made(good);
  const results: Results = {
    ...sampleResults,
    config: systemsSchema.parse({
      tuning: { kind: "lora" },
      sft: { maxSteps: 2, learningRate: 1e-3 },
      grpo: { maxSteps: 2, learningRate: 1e-4 },
    }),
    metrics: metricsOf(findings),
    comparisons: comparisonsOf(findings).filter(({ baseline }) => baseline !== "form filler"),
  };
  const { sections, tables } = mainResults.view(results, { ...findings, systems: [] });
  assertStringIncludes(sections[0]!.answer, "the intervals do not meet");
  assertEquals(tables.map(({ name }) => name), ["scores", "differences", "items"]);
});
