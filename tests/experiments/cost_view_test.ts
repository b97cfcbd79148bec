import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { costPresets, costSchema, type TuningName } from "../../experiments/cost/config.ts";
import {
  type AdaptationStep,
  type CostFindings,
  costFindings,
  type Measurement,
} from "../../experiments/cost/findings.ts";
import { summarizeAdaptation } from "../../experiments/cost/statistics.ts";
import { viewCost } from "../../experiments/cost/view.ts";
import type { Metric } from "../../lib/runs/mod.ts";
import { sampleResults } from "./sample_results.ts";

const config = costSchema.parse({ ...costPresets.quick, lora: { r: 8 } });

/** A run whose loss falls by one a step, with steps of some seconds. */
const falling = (seconds: number): AdaptationStep[] =>
  [5, 4, 3, 2].map((loss, i) => ({ loss, seconds: seconds * (i + 1) }));

const adaptationOf = (LoRA: readonly number[], full: readonly number[]) =>
  summarizeAdaptation({ LoRA: LoRA.map(falling), full: full.map(falling) }, 2);

function measurement(
  group: Measurement["group"],
  name: string,
  { width, memory = 10 }: { width?: number; memory?: number } = {},
): Measurement {
  const size = width ?? 96;
  const lora = name !== "full";
  return {
    group,
    name,
    work: {
      ...config.work,
      model: "tiny",
      ...(width !== undefined && { sizes: { hiddenSize: width, layers: 1 } }),
      tuning: lora
        ? { kind: "lora", r: 8, loraAlpha: 32, targetModules: ["q_proj"], useRslora: false }
        : { kind: "full" },
      kind: group === "weighting" ? "grpo" : "parts",
      sharedPrefix: group !== "prefix",
      weighting: name === "CA-GRPO" ? "capability_aware" : "static",
    },
    found: {
      parameters: size * size,
      trained: lora ? size : size * size,
      seconds: group === "weighting" ? { step: [1, 2] } : {
        sampling: [size / 1000],
        training: [lora ? size / 100 : size * size / 1e4],
      },
      loadedMb: 100,
      peakMb: 100 + memory,
    },
  };
}

const findingsOf = (
  { widths = [96, 192, 384], loraMemory = 10, adaptation = adaptationOf([1], [2]) } = {},
): CostFindings =>
  costFindings.parse({
    adaptation,
    measurements: [
      measurement("tuning", "LoRA", { memory: loraMemory }),
      measurement("tuning", "full", { memory: 20 }),
      measurement("prefix", "each completion by itself"),
      measurement("weighting", "GRPO"),
      measurement("weighting", "CA-GRPO"),
      ...widths.flatMap((width) =>
        (["LoRA", "full"] as const).map((name) => measurement("size", name, { width }))
      ),
    ],
  });

type Times = Readonly<Record<TuningName | "apart" | "GRPO" | "CA-GRPO", number>>;

const faster: Times = { LoRA: 1, full: 2, apart: 3, GRPO: 4, "CA-GRPO": 6 };

/** Metrics of these seconds, with intervals of half a width on each side. */
function metricsOf(times: Times, half = 0.1, n = 4): Metric[] {
  const metric = (system: string, capability: string, mean: number): Metric => ({
    system,
    capability,
    unit: "value",
    n,
    mean,
    low: mean - half,
    high: mean + half,
    seeds: 1,
    invalid_rate: 0,
    prompt_hash: "none",
  });
  const parts = ([["LoRA", "tuning: LoRA"], ["full", "tuning: full"], [
    "apart",
    "prefix: each completion by itself",
  ]] as const).flatMap(([name, system]) =>
    ["sampling (s)", "training (s)"].map((part) => metric(system, part, times[name]))
  );
  return [
    ...parts,
    ...(["GRPO", "CA-GRPO"] as const).map((name) =>
      metric(`weighting: ${name}`, "step (s)", times[name])
    ),
  ];
}

function view(
  { findings = findingsOf(), metrics = metricsOf(faster), options = {} }: {
    findings?: CostFindings;
    metrics?: Metric[];
    options?: Partial<typeof config>;
  } = {},
) {
  return viewCost({ ...sampleResults, metrics, config: { ...config, ...options } }, findings);
}

function answerOf(shown: ReturnType<typeof view>, id: string): string {
  return shown.sections.find((section) => section.id === id)!.answer;
}

Deno.test("cost's view: an adapter takes less, more, or cannot be told apart", () => {
  const answer = (times: Partial<Times>, half?: number, n?: number) =>
    answerOf(view({ metrics: metricsOf({ ...faster, ...times }, half, n) }), "cost-tuning");
  assertStringIncludes(answer({}), "training step takes 0.50 times as long (less, beyond");
  assertStringIncludes(answer({ LoRA: 4 }), "training step takes 2.00 times as long (more, beyond");
  // Half widths of 0.6 around 1 and 2 s: they meet below 1.2 + 0.84 sqrt(2) 0.6 / 1.96 = 1.56 s, of 2 s.
  assertStringIncludes(
    answer({}, 0.6),
    "0.50 times as long (not told apart, the intervals overlap; apart from 78 % of the latter on)",
  );
  assertStringIncludes(answer({}, 0, 1), "0.50 times as long (one step each, so without");
});

Deno.test("cost's view: memory is compared where both grew", () => {
  const memory = (loraMemory: number) =>
    answerOf(view({ findings: findingsOf({ loraMemory }) }), "cost-tuning");
  assertStringIncludes(memory(10), "take 0.50 times the memory");
  assertStringIncludes(memory(40), "take 2.00 times the memory");
  assertStringIncludes(memory(0), "Memory is not compared");
});

Deno.test("cost's view: who reaches the common loss in less time is counted over the seeds", () => {
  const reached = (LoRA: readonly number[], full: readonly number[]) =>
    answerOf(
      view({ findings: findingsOf({ adaptation: adaptationOf(LoRA, full) }) }),
      "cost-tuning",
    );
  assertMatch(
    reached([1], [2]),
    /A loss of 2\.50 .* LoRA after 4 steps and 4\.0 s, .* after 4 steps and 8\.0 s \(one seed\)/,
  );
  assertStringIncludes(reached([1], [2]), "LoRA takes less time in 1 of 1, full training in 0.");
  assertStringIncludes(reached([3], [2]), "LoRA takes less time in 0 of 1, full training in 1.");
  assertStringIncludes(
    reached([1, 3, 2], [2, 2, 2]),
    "(means over 3 seeds): LoRA takes less time in 1 of 3, full training in 1.",
  );
});

Deno.test("cost's view: savings are told from losses and from nothing", () => {
  const answer = (times: Partial<Times>, half?: number) =>
    answerOf(view({ metrics: metricsOf({ ...faster, ...times }, half) }), "cost-savings");
  assertMatch(answer({}), /sampling takes 3\.00 times as long \(more, .* training 3\.00 .*\(more/);
  assertMatch(answer({}), /capability-aware weights, .* takes 1\.50 times as long \(more/);
  assertMatch(answer({ apart: 0.5 }), /sampling takes 0\.50 times as long \(less/);
  assertMatch(answer({ "CA-GRPO": 2 }), /included, takes 0\.50 times as long \(less/);
  assertEquals(answer({}, 3).match(/not told apart/g)?.length, 3);
});

Deno.test("cost's view: growth has an exponent only where sizes differ", () => {
  const growth = (...widths: number[]) =>
    answerOf(view({ findings: findingsOf({ widths }) }), "cost-scaling");
  assertMatch(
    growth(96, 192, 384),
    /^Fitted over 3 sizes, .* LoRA: .* exponent 0\.50, memory 0\.00/,
  );
  assertMatch(growth(96, 192, 384), /full: .* exponent 1\.00/);
  assertMatch(growth(96, 192), /^Between 2 sizes, so without a residual/);
  assertEquals(growth(96, 96), "All models have one size, so no growth can be fitted.");
});

Deno.test("cost's view: what is new, sizes and names come from the configuration", () => {
  const method = (options: Partial<typeof config>) => view({ options }).sections[0]!.method;
  assertStringIncludes(method({}), "which the start was not tuned on");
  const [first] = config.adaptation.families;
  assertStringIncludes(
    method({ start: { ...config.start!, families: [first!] } }),
    `of which the start was tuned on ${first}`,
  );
  const { start: _, ...unstarted } = config;
  const shown = viewCost({
    ...sampleResults,
    metrics: metricsOf(faster),
    config: { ...unstarted, model: "own/model", lora: { r: 3, loraAlpha: 6 } },
  }, findingsOf());
  const text = JSON.stringify([shown.sections, shown.figures.map(({ figure }) => figure.caption)]);
  for (const part of ["from own/model as it is", "LoRA of rank 3", "384 × 4"]) {
    assertStringIncludes(text, part);
  }
  assert(!/NaN|undefined|Infinity/.test(text), text);
});

Deno.test("cost's view: the same findings give the same bytes, also when read from a file", () => {
  const findings = findingsOf();
  const stored = costFindings.parse(JSON.parse(JSON.stringify(findings)));
  const [one, again] = [findings, stored].map((findings) => JSON.stringify(view({ findings })));
  assertEquals(again, one);
  assertEquals(costFindings.safeParse({ ...findings, measurements: [] }).success, false);
});
