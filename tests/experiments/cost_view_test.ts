import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { costPresets, costSchema, type TuningName } from "../../experiments/cost/config.ts";
import {
  type AdaptationStep,
  type CostFindings,
  costFindings,
  type Measurement,
  rangeOf,
} from "../../experiments/cost/findings.ts";
import { summarizeAdaptation } from "../../experiments/cost/statistics.ts";
import { simulateSweeps } from "../../experiments/cost/sweep.ts";
import { viewCost } from "../../experiments/cost/view.ts";
import { sampleResults } from "./sample_results.ts";

const config = costSchema.parse({
  ...costPresets.quick,
  lora: { r: 8 },
  cluster: { nodes: [1, 10], trainings: 20, draws: 2 },
});

/** A run whose loss falls by one a step, with steps of some seconds. */
const falling = (seconds: number): AdaptationStep[] =>
  [5, 4, 3, 2].map((loss, i) => ({ loss, seconds: seconds * (i + 1) }));

const adaptationOf = (LoRA: readonly number[], full: readonly number[]) =>
  summarizeAdaptation({ LoRA: LoRA.map(falling), full: full.map(falling) }, 2);

type Times = Readonly<Record<TuningName | "apart" | "GRPO" | "CA-GRPO", number>>;

const faster: Times = { LoRA: 1, full: 2, apart: 3, GRPO: 4, "CA-GRPO": 6 };

/** So many timed steps about a mean, half a range on each side. */
const timed = (mean: number, half: number, n: number): number[] =>
  Array.from({ length: n }, (_, i) => n === 1 ? mean : mean - half + 2 * half * i / (n - 1));

function measurement(
  group: Measurement["group"],
  name: string,
  { width, memory = 10, times = [1] }: {
    width?: number;
    memory?: number;
    times?: readonly number[];
  } = {},
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
      layers: 1,
      kvWidth: size,
      seconds: group === "weighting"
        ? { step: [...times] }
        : group === "size"
        ? { sampling: [size / 1000], training: [lora ? size / 100 : size * size / 1e4] }
        : { sampling: [...times], training: [...times] },
      loadedMb: 100,
      peakMb: 100 + memory,
    },
  };
}

/** Twice the prompts, tokens or half the threads: twice, four times, as many and 1.5 times the seconds. */
function grown(prompts: number): Measurement[] {
  const of = (option: string, value: number, seconds: number): Measurement => {
    const { work, ...rest } = measurement("growth", option, { times: [seconds] });
    return { ...rest, work: { ...work, [option]: value } };
  };
  const { promptLength, completionLength } = config.work;
  return [
    of("promptsPerStep", 2 * prompts, 2),
    of("promptLength", 2 * promptLength, 4),
    of("completionLength", 2 * completionLength, 1),
    of("threads", 1, 1.5),
  ];
}

interface Made {
  readonly widths?: readonly number[];
  readonly loraMemory?: number;
  readonly adaptation?: CostFindings["adaptation"];
  /** Mean seconds of a step, half the range of the timed ones, and their number. */
  readonly times?: Partial<Times>;
  readonly half?: number;
  readonly n?: number;
  readonly cluster?: typeof config.cluster;
}

const findingsOf = (
  {
    widths = [96, 192, 384],
    loraMemory = 10,
    adaptation = adaptationOf([1], [2]),
    times = {},
    half = 0.1,
    n = 4,
    cluster = config.cluster,
  }: Made = {},
): CostFindings => {
  const of = (name: keyof Times) => ({ times: timed({ ...faster, ...times }[name], half, n) });
  const measurements = [
    measurement("tuning", "LoRA", { memory: loraMemory, ...of("LoRA") }),
    measurement("tuning", "full", { memory: 20, ...of("full") }),
    measurement("prefix", "each completion by itself", of("apart")),
    measurement("weighting", "GRPO", of("GRPO")),
    measurement("weighting", "CA-GRPO", of("CA-GRPO")),
    ...widths.flatMap((width) =>
      (["LoRA", "full"] as const).map((name) => measurement("size", name, { width }))
    ),
    ...grown(config.work.promptsPerStep),
  ];
  const launching = { plan: 4, entry: 0.001 };
  const simulated = simulateSweeps(measurements, launching, { ...config, cluster });
  return costFindings.parse({ adaptation, measurements, cluster: { launching, simulated } });
};

function view(
  { findings = findingsOf(), options = {} }: {
    findings?: CostFindings;
    options?: Partial<typeof config>;
  } = {},
) {
  return viewCost({ ...sampleResults, config: { ...config, ...options } }, findings);
}

function answerOf(shown: ReturnType<typeof view>, id: string): string {
  return shown.sections.find((section) => section.id === id)!.answer;
}

Deno.test("cost's view: timed steps lie apart, one way or the other, or overlap", () => {
  const answer = (times: Partial<Times>, half = 0.1, n = 4) =>
    answerOf(view({ findings: findingsOf({ times, half, n }) }), "cost-tuning");
  assertStringIncludes(
    answer({}),
    "0.50 times as long (its slowest step is faster than the other's",
  );
  assertStringIncludes(answer({ LoRA: 4 }), "2.00 times as long (its fastest step is slower than");
  assertStringIncludes(answer({}, 0.6), "0.50 times as long (the timed steps overlap)");
  assertStringIncludes(answer({}, 0, 1), "0.50 times as long (one step each)");
});

Deno.test("cost's view: whiskers are the range of the timed steps and are called nothing else", () => {
  const findings = findingsOf({ half: 0.25 });
  const { figures, tables, sections } = view({ findings });
  const figure = (name: string) => figures.find((one) => one.name === name)!.figure;
  const bar = figure("seconds").rows.find((row) => row.series === "LoRA")!;
  assertEquals([bar.value, bar.low, bar.high, bar.n], [1, 0.75, 1.25, 4]);
  for (const name of ["seconds", "scaling"]) {
    const { caption } = figure(name);
    assertStringIncludes(caption, "from the fastest to the slowest timed step");
    assertStringIncludes(caption, "4 timed steps");
    assert(!caption.includes("95 %"), caption);
  }
  assertEquals(tables[0]!.rows[0]!["training (s)"], "1.000 (0.750 to 1.250)");
  const text = JSON.stringify([tables.map(({ caption }) => caption), sections]);
  assert(!/95 %|bootstrap/.test(text), text);
  assertEquals(rangeOf([0.1, 0.1, 0.1]), { mean: 0.1, low: 0.1, high: 0.1 });
});

Deno.test("cost's view: losses are shown step by step beside their running mean", () => {
  const { figure } = view().figures.find(({ name }) => name === "loss-by-steps")!;
  const values = (kind: string) =>
    figure.rows.filter((row) => row.series === "LoRA" && row.kind === kind)
      .map(({ x, value }) => [x, value]);
  assertEquals(values("points"), [[1, 5], [2, 4], [3, 3], [4, 2]]);
  assertEquals(values("measured"), [[2, 4.5], [3, 3.5], [4, 2.5]]);
  assertStringIncludes(figure.caption, "means over the last 2 steps");
  const titles = ["loss", "loss-by-steps"].map((name) =>
    view().figures.find((one) => one.name === name)!.figure.title
  );
  assert(titles[0]!.includes("seconds") && titles[1]!.includes("steps"), `${titles}`);
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
  const answer = (times: Partial<Times>, half = 0.1) =>
    answerOf(view({ findings: findingsOf({ times, half }) }), "cost-savings");
  assertMatch(
    answer({}),
    /sampling takes 3\.00 times as long \(its fastest .* training 3\.00 .*\(its fastest/,
  );
  assertMatch(answer({}), /capability-aware weights, .* takes 1\.50 times as long \(its fastest/);
  assertMatch(answer({ apart: 0.5 }), /sampling takes 0\.50 times as long \(its slowest/);
  assertMatch(answer({ "CA-GRPO": 2 }), /included, takes 0\.50 times as long \(its slowest/);
  const alike = answer({ apart: 1, "CA-GRPO": 4 });
  assertEquals(alike.match(/1\.00 times as long \(the timed steps overlap/g)?.length, 3);
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

Deno.test("cost's view: a step grows with what it holds, each option against the other workloads", () => {
  const shown = view();
  const answer = answerOf(shown, "cost-growth");
  const { promptsPerStep } = config.work;
  assertStringIncludes(
    answer,
    `prompts of a step (${promptsPerStep} to ${2 * promptsPerStep}) 1.00 and 1.00`,
  );
  assertMatch(
    answer,
    /tokens of a prompt \(.*\) 2\.00 and 2\.00 and tokens of a completion \(.*\) 0\.00/,
  );
  assertStringIncludes(
    answer,
    "threads instead of 1 sampling is 1.50 times as fast and training 1.50",
  );
  const { rows } = shown.tables.find(({ name }) => name === "growth")!;
  assertEquals(rows.length, 8);
  assertEquals(rows.slice(6).map((row) => row.value), [1, sampleResults.machine.cores]);
});

Deno.test("cost's view: a sweep on a cluster says how long, how far it scales, and what bounds it", () => {
  const told = (options: Partial<typeof config.cluster>) => {
    const cluster = { ...config.cluster, ...options };
    return view({ findings: findingsOf({ widths: [96, 384], cluster }), options: { cluster } });
  };
  const answer = (options: Partial<typeof config.cluster>) =>
    answerOf(told(options), "cost-cluster");
  // A thousand trainings on two nodes: both have work to the end.
  assertMatch(
    answer({ nodes: [1, 2] }),
    /0\.0 M parameters the sweep takes .* on 1 node and .* on 2/,
  );
  assertMatch(
    answer({ nodes: [1, 2], trainings: 100, trainingSteps: 2000 }),
    /Even on 2 nodes they compute 9\d/,
  );
  // Three trainings on a hundred nodes: most of them wait.
  const few = answer({ nodes: [1, 100], trainings: 3, trainingSteps: 2000 });
  assertMatch(few, /on up to 1, \d/);
  assertMatch(few, /go to waiting for the last cells/);
  const often = { nodes: [2, 4], daysBetweenFailures: 0.05, checkpointSteps: 5000, repairHours: 0 };
  assertMatch(answer({ ...often, trainingSteps: 5000 }), /work lost with nodes that failed/);
  const { method } = told({ trainings: 5000 }).sections.find(({ id }) => id === "cost-cluster")!;
  assertStringIncludes(method, "11 array jobs of at most 1001 tasks");
  assertStringIncludes(method, "10,001 entries");
});

Deno.test("cost's view: other hardware is predicted, and said not to be measured", () => {
  const told = (options: Partial<typeof config.devices> = {}) =>
    answerOf(view({ options: { devices: { ...config.devices, ...options } } }), "cost-devices");
  assertMatch(told(), /^A step with an adapter of the largest model \(384 × 1\) took 4\.22 s here/);
  assertMatch(told(), /H200 .* sampling bound by the start of kernels, training by the start/);
  assertMatch(told({ launchMicroseconds: 0 }), /H200 .* sampling bound by memory/);
  const slow = { list: [{ name: "slow", teraflops: 1e-6, terabytesPerSecond: 1 }] };
  assertMatch(told(slow), /slow .* training by arithmetic\. None of this was measured\.$/);
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
