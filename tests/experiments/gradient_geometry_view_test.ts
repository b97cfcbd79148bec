import { assert, assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import type { RunContext } from "../../experiments/core/experiment.ts";
import { geometryPresets, geometrySchema } from "../../experiments/gradient_geometry/config.ts";
import {
  amongApart,
  type BankFindings,
  bankKinds,
  capabilityPairs,
  type Cosine,
  type GeometryFindings,
  geometryFindings,
  type HarmCount,
  type MetricPoint,
  type ModelGeometry,
  type ProductRow,
} from "../../experiments/gradient_geometry/findings.ts";
import { exactMetrics, modelMetrics } from "../../experiments/gradient_geometry/metrics.ts";
import { gradientGeometry } from "../../experiments/gradient_geometry/mod.ts";
import { exactFindings } from "../../experiments/gradient_geometry/run.ts";
import { UsageError } from "../../lib/runtime/mod.ts";
import { capabilities } from "../../lib/synthesis/mod.ts";
import { sampleResults } from "./sample_results.ts";

const config = geometrySchema.parse({ ...geometryPresets.smoke, model: "made-up" });

const spread = (mean: number, half: number) => ({ mean, low: mean - half, high: mean + half });

const harm: HarmCount[] = [2, 3].map((capabilities) => ({
  capabilities,
  grams: 4,
  violations: 0,
  conflicts: 2,
  points: [-0.5, -0.1, 0.2, 0.6].map((cosine) => ({ cosine, share: cosine < 0 ? 0.5 : 0 })),
}));

const metrics: MetricPoint[] = [
  { euclidean: 0.5, adam: 0.4, natural: -0.2 },
  { euclidean: 0.5, adam: 0.4, natural: 0.2 },
];

/** Products below 0, but for small single batches. */
const products: ProductRow[] = [4, 64, 256].map((prompts) => ({
  prompts,
  predicted: -0.01 + 0.15 / prompts,
  draws: 100,
  single: { mean: -0.01 + 0.15 / prompts, half: 0.01, positive: prompts === 4 ? 75 : 4 },
  cross: { mean: -0.01, half: 0.01, positive: prompts === 4 ? 40 : 3 },
}));

/** A cosine that all resamples have, or this share of them. */
const cosine = (mean: number, half: number, defined = 1): Cosine => ({
  ...spread(mean, half),
  defined,
});

const noCosine: Cosine = { mean: null, low: -0.5, high: 0.5, defined: 0.4 };

const geometry = {
  cosines: capabilityPairs.map((_, p) => cosine(p === 0 ? 0.5 : 0, 0.3)),
  signal: capabilities.map((_, i) => spread(0.01 * i, 0.01)),
  flips: capabilityPairs.map((_, p) => p === 1 ? 40.2 : 0),
};

const batch = (prompts: number) => ({
  prompts,
  predicted: capabilityPairs.map((_, p) => 0.1 * p),
  single: capabilityPairs.map((_, p) => cosine(0.1 * p, 0.25)),
  cross: capabilityPairs.map(() => cosine(0, 1)),
});

const model: ModelGeometry = {
  pool: 16,
  earlier: 8,
  parameters: 10,
  euclidean: geometry,
  adam: geometry,
  natural: capabilityPairs.map((_, p) =>
    p === 5 ? { mean: null, low: null, high: null, defined: 0 } : cosine(0.2 * p, 0.1)
  ),
  batches: [batch(8), batch(16)],
  batchDraws: 20,
  steps: [0.05, 0.8].map((movement) => ({
    movement,
    predicted: capabilities.map(() => 0.01),
    realised: capabilities.map((_, i) => ({ ...spread(0.01 * i, 0.005), n: 8 })),
  })),
};

const others = (value: number) =>
  capabilities.map((_, i) => capabilities.map((_, j) => i === j ? 1 : value));

/** Banks of which the last kind holds this much of the others' gradients, on further prompts this much. */
function banksOf(seen: number, fresh: number): BankFindings {
  return {
    rank: 12,
    ranksEach: 3,
    ownMove: 0.25,
    removed: capabilities.map(() => 1),
    further: capabilities.map((_, i) => i === 0 ? 2 : 4),
    outcomes: bankKinds.map((kind) => {
      const last = kind === "inputs removed";
      return {
        kind,
        kept: capabilities.map(() => last ? 0.25 : 1),
        seen: others(last ? seen : 0.5),
        fresh: others(last ? fresh : 0.6),
        // Banks of their own take steps twice as long, over which they move the others as far as all of the adapter does.
        lengths: capabilities.map(() => kind === "shared" ? 0.5 : 1),
        moved: others(last ? seen : kind === "shared" ? 0.2 : 0.3),
      };
    }),
  };
}

interface Changes {
  readonly harm?: HarmCount[];
  readonly metrics?: MetricPoint[];
  readonly products?: ProductRow[];
  readonly model?: ModelGeometry;
  readonly banks?: BankFindings;
}

/** What is shown of made-up findings that went through a file. */
function shownOf(changes: Changes = {}) {
  const exact = { harm, metrics, products, ...changes };
  const onModel = { model: changes.model ?? model, banks: changes.banks ?? banksOf(4e-7, 0.6) };
  const findings: GeometryFindings = { ...exactFindings(exact), ...onModel };
  const results = {
    ...sampleResults,
    experiment: "gradient-geometry",
    config,
    metrics: [...exactMetrics(exact), ...modelMetrics(onModel, "none")],
  };
  const shown = gradientGeometry.view(results, JSON.parse(JSON.stringify(findings)));
  assertEquals(JSON.stringify(gradientGeometry.view(results, findings)), JSON.stringify(shown));
  const answers = Object.fromEntries(shown.sections.map(({ id, answer }) => [id, answer]));
  const sentences = Object.values(answers).join(" ");
  assert(!/NaN|undefined|Infinity/.test(sentences), sentences);
  return { ...shown, answers };
}

function says(answer: string | undefined, ...parts: string[]) {
  for (const part of parts) assert(answer?.includes(part), `${part} is not in: ${answer}`);
}

Deno.test("gradient geometry view: findings become tables, figures and sentences with their numbers", () => {
  const { figures, tables, sections, answers } = shownOf();
  assertEquals(
    figures.map(({ name }) => name),
    ["harm", "metrics", "products", "cosines", "batches", "steps", "banks", "inside"],
  );
  assertEquals(tables.map(({ name }) => name), ["harm", "products", "model", "banks"]);
  says(answers["harm"], "Exactly when a cosine is negative: 0 exceptions in 8 Gram matrices");
  says(answers["harm"], "(0.0 [0.0, 32.4] %), 4 of which", "Of 3 capabilities' preferences 25.0 [");
  says(
    answers["metrics"],
    "Yes: the sign of the cosine differs on 2 problems, for 0.0 [0.0, 65.8]",
  );
  says(answers["metrics"], "50.0 [9.5, 90.5] % between Euclid and natural gradient");
  says(answers["products"], "75.0 [", "of 100 batches of 4 prompts, across their halves in 40.0 [");
  says(answers["products"], "its sign at 3 of 3", "under 5 % of the halves have a product above 0");
  says(answers["products"], "from 64 prompts on");
  // Only the cosines 0.3, 0.4 and 0.5 are further from 0 than 0.25.
  says(answers["model"], "3 of 6 cosines keep one sign", "over 5 pairs", "by 1.00");
  says(
    answers["model"],
    "settle 1 of 6 signs with 16 prompts (0.3 by chance, the others detectable from",
    "0.48 times its",
  );
  says(answers["model"], "each pair has a cosine, and none lacks one in more than 5 %");
  says(
    answers["steps"],
    "for 1 of 4 rewards",
    "6 of 8 changes are clear of 0 on 8 further prompts (0.4 by chance, the others detectable from",
  );
  says(answers["banks"], 'Only on the prompts whose states were removed, with "inputs removed"');
  says(answers["banks"], '"inputs removed" 4.0e−7, 0.60, 4.0e−7', "gives up 75 % of A");
  const methods = sections.map(({ method }) => method).join(" ");
  says(methods, "on the model made-up", `rank ${config.rank}`, "rank 12", "3 ranks a bank");
  says(methods, "(2 and 4 of each)", "moved by 0.25 nats", "k / 20", "100 unlikely");
  says(figures[3]!.figure.title, "of the model made-up");
  assertEquals(amongApart(others(0.5)), new Array(6).fill(0.5));
});

Deno.test("gradient geometry view: exceptions are counted, and one kind of matrix alone shows one direction", () => {
  const changed = (change: Partial<HarmCount>) =>
    shownOf({ harm: harm.map((row) => ({ ...row, ...change })) }).answers["harm"];
  says(changed({ violations: 1 }), "Not exactly when a cosine is negative: 2 exceptions in 8");
  says(changed({ conflicts: 0 }), "Never where no cosine is negative, and no other was drawn");
  says(changed({ conflicts: 4 }), "Always where a cosine is negative, and no other was drawn");
});

Deno.test("gradient geometry view: metrics that agree are said to", () => {
  const agreeing = metrics.map((point) => ({ ...point, natural: 0.1 }));
  const { answers } = shownOf({ metrics: agreeing });
  says(answers["metrics"], "Not on these: the sign of the cosine never differs on 2 problems");
});

Deno.test("gradient geometry view: products that stray, and halves that never settle", () => {
  const { answers } = shownOf({
    products: products.map((row) => ({
      ...row,
      single: { mean: 0.02, half: 0.001, positive: 90 },
      cross: { mean: 0.5, half: 0.01, positive: 60 },
    })),
  });
  says(answers["products"], "its sign at 1 of 3 sizes", "of it at 0 (at most 29.4 half-widths");
  says(answers["products"], "the true sign at 0 of 3", "in its interval at 0");
  says(answers["products"], "at no size have under 5 % of the halves a product above 0");
});

Deno.test("gradient geometry view: gradients without a clear sign or relation to the rewards", () => {
  const flat = capabilityPairs.map(() => cosine(0, 0.3));
  const opposed = { ...batch(8), single: capabilityPairs.map((_, p) => cosine(-0.1 * p, 0.9)) };
  const few = { ...model, batches: [opposed], euclidean: { ...geometry, cosines: flat } };
  const { answers } = shownOf({ model: few });
  says(answers["model"], "0 of 6 cosines keep one sign", "by −1.00", "settle 0 of 6 signs");
  const none = { ...model, natural: capabilityPairs.map(() => noCosine) };
  assert(!shownOf({ model: none }).answers["model"]!.includes("correlate"));
});

Deno.test("gradient geometry view: a pair without a cosine is shown as one, not as 0, and settles nothing", () => {
  const cosines = geometry.cosines.map((own, p) =>
    p === 0 ? { ...own, defined: 0.6 } : p === 1 ? noCosine : own
  );
  const { figures, answers, tables } = shownOf({
    model: { ...model, euclidean: { ...geometry, cosines } },
  });
  says(answers["model"], "settle 0 of 6 signs", "1 pair has no cosine, and 1 lacks one in more");
  const { spec, rows, caption } = figures.find(({ name }) => name === "cosines")!.figure;
  const row = (name: string) =>
    rows.find(({ metric, method }) => `${metric}`.includes("Euclid") && method === name)!;
  assertEquals(row("domain, instruction").value, null);
  assertEquals(row("domain, instruction").note, "not defined");
  const notes = (spec.layout.annotations as { text: string; yref: string }[])
    .filter(({ text }) => text === "not defined");
  // The rewards of the last pair never meet, and one pair has no cosine in the Euclidean metric.
  assertEquals(notes.map(({ yref }) => yref), ["y2", "y3"]);
  says(caption, "up to 60.0 % of a pair have no cosine", "are left out");
  assertEquals(tables.find(({ name }) => name === "model")!.rows[1]!.Euclid, null);
  const whole = shownOf().figures.find(({ name }) => name === "cosines")!.figure;
  assert(!whole.caption.includes("have no cosine"));
});

Deno.test("gradient geometry view: all panels of cosines have one range; estimates beyond it are arrows, not cut to 1", () => {
  const far = { mean: 1.4, low: 0.2, high: 3, defined: 1 };
  const cosines = geometry.cosines.map((own, p) => p === 0 ? far : own);
  const { figures } = shownOf({ model: { ...model, adam: { ...geometry, cosines } } });
  const { spec, rows, caption } = figures.find(({ name }) => name === "cosines")!.figure;
  const { xaxis, xaxis2, xaxis3, xaxis4 } = spec.layout as Record<string, { range: number[] }>;
  for (const axis of [xaxis2, xaxis3, xaxis4]) assertEquals(axis!.range, xaxis!.range);
  const data = spec.data as unknown as {
    xaxis: string;
    name: string;
    x: number[];
    marker: { symbol: string };
  }[];
  const arrow = data.find((t) => t.xaxis === "x4" && t.name === "domain, reasoning")!;
  assertEquals([arrow.x, arrow.marker.symbol], [[1], "triangle-right"]);
  assertEquals(rows.find(({ value }) => value === 1.4)!.high, 3);
  says(caption, "Arrows: what lies beyond the axis.");
});

Deno.test("gradient geometry view: batches are told against the rewards by their numbers, and bands called what they are", () => {
  const captionOf = (single: Cosine[]) =>
    shownOf({ model: { ...model, batches: [{ ...batch(8), single }, batch(16)] } })
      .figures.find(({ name }) => name === "batches")!.figure.caption;
  // 0, 0.1 and so on against 0, 0.2 and so on, 0.1 wide on both sides; the last pair's rewards never meet.
  says(captionOf(batch(8).single), "rewards' correlation for 2 of 5 pairs");
  says(captionOf(model.natural.map(({ mean }) => cosine(mean ?? 0, 0.1))), "for 5 of 5 pairs");
  says(captionOf(batch(8).single), "Bands: the middle 95 % of the batches", "n = 20 batches");
  says(captionOf(batch(8).single), "the cosine of G + C / n from all of the pool");
});

Deno.test("gradient geometry view: a first order that the full change follows stays in sight under it", () => {
  const realised = capabilities.map(() => ({ ...spread(0.01, 0.005), n: 8 }));
  const { figure } = shownOf({
    model: { ...model, steps: model.steps.map((step) => ({ ...step, realised })) },
  }).figures.find(({ name }) => name === "steps")!;
  const widths = figure.spec.data.filter(({ name }) => name === "first order")
    .map(({ line }) => (line as { width: number }).width);
  assertEquals(widths.filter((width) => width > 3).length, capabilities.length);
  assertEquals(widths.filter((width) => width < 2).length, capabilities.length);
  says(figure.caption, "wider where another runs over them", "n = 8 prompts for each line");
});

Deno.test("gradient geometry view: steps on which the first order holds throughout, or nowhere", () => {
  const realised = (mean: number) => capabilities.map(() => ({ ...spread(mean, 0.005), n: 8 }));
  const [step] = model.steps;
  const { answers } = shownOf({
    model: {
      ...model,
      steps: [
        { ...step!, realised: realised(0.01) },
        { ...step!, movement: 0.8, realised: realised(0) },
      ],
    },
  });
  says(answers["steps"], "for 4 of 4 rewards, at 0.80 nats for 0.", "4 of 8 changes are clear");
});

Deno.test("gradient geometry view: banks that keep the others still everywhere, or nowhere", () => {
  const everywhere = shownOf({ banks: banksOf(1e-6, 1e-6) }).answers["banks"];
  says(everywhere, 'Yes, with "inputs removed".');
  says(shownOf({ banks: banksOf(0.2, 0.6) }).answers["banks"], "No, with none of 4 kinds.");
});

Deno.test("gradient geometry view: why banks of their own move others more or less comes from the lengths of steps", () => {
  const banks = banksOf(4e-7, 0.6);
  const with_ = (lengths: number, moved: number) =>
    shownOf({
      banks: {
        ...banks,
        outcomes: banks.outcomes.map((outcome) =>
          outcome.kind === "disjoint"
            ? { ...outcome, lengths: capabilities.map(() => lengths), moved: others(moved) }
            : outcome
        ),
      },
    });
  const longer = with_(1, 0.3);
  says(longer.answers["banks"], 'a bank of "disjoint" moves those of others 1.50 times as far');
  says(longer.answers["banks"], "(0.30 against 0.20)", "its 3 of 12 ranks take a step 2.00 times");
  says(longer.answers["banks"], "others 0.75 times as far: the longer step is why");
  says(with_(0.5, 0.3).answers["banks"], "1.50 times as far: the longer step alone is not why");
  says(
    with_(0.5, 0.1).answers["banks"],
    "over a step of one length it moves the others 0.50 times as far.",
  );
  const { figure } = longer.figures.find(({ name }) => name === "banks")!;
  says(figure.caption, "the longer step is why", "n = 6 pairs for each point");
  // 0.25 nats over a step of 1, and 0.3 of it for the others; all of the adapter takes half of it.
  const row = (method: string, part: string) =>
    figure.rows.find((r) =>
      r.metric === "Movement over a step of length 1" && r.method === method && r.part === part
    )!;
  assertAlmostEquals(row("disjoint", "its own").value as number, 0.25, 1e-9);
  assertAlmostEquals(row("disjoint", "others").value as number, 0.075, 1e-9);
  assertAlmostEquals(row("shared", "others").value as number, 0.1, 1e-9);
});

Deno.test("gradient geometry: findings keep the first points and the counts of all", () => {
  const many = Array.from({ length: 500 }, () => harm[0]!.points[0]!);
  const kept = exactFindings({
    harm: [{ ...harm[0]!, grams: 500, points: many }],
    metrics: Array.from({ length: 450 }, () => metrics[0]!),
    products,
  });
  assertEquals([kept.harm[0]!.grams, kept.harm[0]!.points.length], [500, 400]);
  assertEquals([kept.metrics.problems, kept.metrics.points.length], [450, 400]);
  assert(
    !geometryFindings.safeParse({ ...kept, model, banks: { ...banksOf(0, 0), rank: 0 } }).success,
  );
});

Deno.test("gradient geometry: batches larger than the pool are refused before anything runs", async () => {
  await assertRejects(
    () => gradientGeometry.run({} as RunContext, { ...config, pool: 16, modelPrompts: [8, 16] }),
    UsageError,
    "Expected modelPrompts to be at most 8, what pool leaves, but found 16",
  );
});
