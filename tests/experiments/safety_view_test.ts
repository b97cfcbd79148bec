import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import type { BoundFinding } from "../../experiments/exact/tally.ts";
import { safetyPresets, safetySchema } from "../../experiments/safety/config.ts";
import {
  type DriftPoint,
  type ModelDriftPoint,
  type PromiseCount,
  type SafetyFindings,
  safetyFindings,
  type SelectiveOutcome,
  type TreatmentCount,
} from "../../experiments/safety/findings.ts";
import { viewSafety } from "../../experiments/safety/view.ts";
import { sampleResults } from "./sample_results.ts";

const config = safetySchema.parse(safetyPresets.quick);

function counts(
  broken: Readonly<Record<PromiseCount["procedure"], number>>,
  draws = 3000,
): PromiseCount[] {
  return (["fixed start", "skip rule", "no sequence"] as const).map((procedure) => ({
    population: "falling risk",
    procedure,
    draws,
    broken: broken[procedure],
    testAbove: 2 * broken[procedure],
    abstained: 1,
  }));
}

const check = (name: string, broken: number): BoundFinding => ({
  name,
  problems: 1000,
  broken,
  comparisons: 3000,
  largest: broken === 0 ? 0.9 : 1.1,
});

const point = (kl: number, realised: number, klInverse: number): DriftPoint => ({
  kl,
  realised,
  klInverse,
  pinsker: klInverse + 0.1,
  bretagnolleHuber: klInverse + 0.2,
});

function modelPoint(over: Partial<ModelDriftPoint> = {}): ModelDriftPoint {
  const realised = over.realised ?? 0.05;
  return {
    ...point(0.02, realised, 0.08),
    step: 2,
    prompts: 8,
    before: 0.5,
    after: 0.5 - realised,
    fall: { low: realised - 0.04, high: realised + 0.15 },
    divergence: { low: 0.01, high: 0.03 },
    floor: 0.3,
    ...over,
  };
}

const outcome = (alpha: number, over: Partial<SelectiveOutcome> = {}): SelectiveOutcome => ({
  alpha,
  calibration: 400,
  test: 400,
  threshold: 0.7,
  answered: 300,
  errors: 9,
  allErrors: 80,
  tests: [{ threshold: 0.7, n: 300, errors: 9, upper: 0.05 }],
  ...over,
});

const refused = { threshold: null, answered: 0, errors: 0 } as const;

function treated(system: string, counts: Partial<TreatmentCount["counts"]>): TreatmentCount {
  const all = {
    supported: 0,
    unknown: 0,
    "none named": 0,
    contradicted: 0,
    contraindicated: 0,
    ...counts,
  };
  const n = Object.values(all).reduce((a, b) => a + b);
  return { system, n, counts: all, answers: [] };
}

/** Findings that support every claim. */
const kept: SafetyFindings = safetyFindings.parse({
  promises: {
    alpha: 0.1,
    delta: 0.1,
    fixedStart: 0.85,
    testItems: 100,
    populations: [{ name: "falling risk", risk: "(1 - c) / 2" }],
    counts: counts({ "fixed start": 150, "skip rule": 160, "no sequence": 900 }),
  },
  distance: {
    pairs: [check("Pinsker", 0)],
    ascent: [check("Pinsker", 0)],
    tilted: { objective: "binary reward", points: [point(0.05, 0.07, 0.07)] },
    drifts: [{ objective: "objective 2", points: [point(0.05, 0.02, 0.07)] }],
  },
  checkpoints: {
    temperature: 0.5,
    items: [{ id: "1", family: "domain-open" }],
    samples: [0, 2].map((step) => ({
      step,
      prompts: [{ kl: step / 100, rewards: [0.5, null, 0.4, null] }],
    })),
    drifts: [
      { objective: "domain", points: [modelPoint()] },
      { objective: "instruction", points: [modelPoint({ realised: -0.2 })] },
    ],
  },
  selective: {
    delta: 0.1,
    coverages: [0.5, 1],
    answers: [{
      case: "1",
      family: "domain-choice",
      split: "test",
      scores: [-1, -2, -3, -4],
      confidence: 1,
      error: false,
    }],
    outcomes: [outcome(0.1), outcome(0.3)],
  },
  treatments: [treated("SFT", { supported: 80, unknown: 15, contradicted: 5 })],
});

type Shown = ReturnType<typeof viewSafety>;

const view = (over: Partial<SafetyFindings> = {}, options: Partial<typeof config> = {}): Shown =>
  viewSafety({ ...sampleResults, config: { ...config, ...options } }, { ...kept, ...over });

function answerOf(shown: Shown, id: string): string {
  return shown.sections.find((section) => section.id === id)!.answer;
}

const promised = (broken: Readonly<Record<PromiseCount["procedure"], number>>, draws?: number) =>
  answerOf(view({ promises: { ...kept.promises, counts: counts(broken, draws) } }), "promise");

Deno.test("safety's view: the promise is kept, broken or undecided, as the intervals say", () => {
  const good = promised({ "fixed start": 150, "skip rule": 160, "no sequence": 900 });
  assertMatch(good, /^Yes: .* at most 160 of 3,000 draws \(5\.3 %/);
  assertStringIncludes(good, "900 of 3,000 draws (30.0 %, 28.4 % to 31.7 %): more than δ allows");
  const bad = promised({ "fixed start": 150, "skip rule": 600, "no sequence": 30 });
  assertMatch(bad, /^No: .* skip rule, falling risk in 600 of 3,000 draws/);
  assertStringIncludes(bad, "within what δ allows");
  assert(!bad.includes("fixed start, falling risk"));
  const open = promised({ "fixed start": 8, "skip rule": 3, "no sequence": 9 }, 100);
  assertMatch(open, /^These draws do not decide it: .* up to 8 of 100 draws/);
  // Wilson's intervals of 8 and of 9 of 100 are 10.9 and 11.4 points wide: 2.8 standard errors are 0.714 of that.
  assertStringIncludes(open, "reaches further (detectable from 7.8 points on).");
  assertStringIncludes(open, "not told apart from what δ allows (detectable from 8.2 points on)");
});

Deno.test("safety's view: broken bounds are named, and a bound that is not met is not called sharp", () => {
  const good = answerOf(view(), "drift");
  assertMatch(
    good,
    /^No bound was broken on any of 1,000 random pairs \(at most 0\.38 %\) and 1,000 runs of exact ascent/,
  );
  assertStringIncludes(good, "objective 2 fell by 0.020");
  assertStringIncludes(good, "no smaller bound would do");
  const distance = {
    ...kept.distance,
    pairs: [check("Pinsker", 7)],
    tilted: { objective: "binary reward", points: [point(0.05, 0.035, 0.07)] },
    drifts: [{ objective: "objective 2", points: [point(0.05, -0.02, 0.07)] }],
  };
  const bad = answerOf(view({ distance }), "drift");
  assertMatch(bad, /^Broken: Pinsker on 7 of 1,000 random pairs\./);
  assertStringIncludes(bad, "objective 2 rose by 0.020");
  assertStringIncludes(bad, "falls short of kl inversion, by down to 0.500 times");
  assert(!bad.includes("no smaller bound"));
  const over = { objective: "binary reward", points: [point(0.05, 0.14, 0.07)] };
  assertStringIncludes(
    answerOf(view({ distance: { ...distance, tilted: over } }), "drift"),
    "exceeds kl inversion, by up to 2.000 times",
  );
});

const along = (point: ModelDriftPoint, others = kept.checkpoints.drifts.slice(1)) =>
  answerOf(
    view({
      checkpoints: {
        ...kept.checkpoints,
        drifts: [{ objective: "domain", points: [point] }, ...others],
      },
    }),
    "checkpoints",
  );

Deno.test("safety's view: falls of the model's rewards that exceed a bound are counted", () => {
  const good = along(modelPoint());
  assertStringIncludes(good, "0 of 2 measured falls exceed kl inversion, 0 Pinsker's bound.");
  assertStringIncludes(good, "largest fall of another reward is 0.050 (domain");
  assertStringIncludes(good, "less than 95 % of the reward at the start at 2 of 2 points");
  const bad = along(modelPoint({ realised: 0.4 }));
  assertStringIncludes(
    bad,
    "1 of 2 measured falls exceed kl inversion, 1 Pinsker's bound; 1 leave",
  );
  const within = along(modelPoint({ realised: 0.1 }));
  assertStringIncludes(
    within,
    "1 of 2 measured falls exceed kl inversion, 0 Pinsker's bound; 0 leave",
  );
  const rising = along(modelPoint({ realised: -0.1 }));
  assertStringIncludes(rising, "No other reward fell at any of 1 points.");
  assertStringIncludes(along(modelPoint(), []), "another reward is 0.050");
  assertStringIncludes(along(modelPoint({ klInverse: 0.5 })), "at 1 of 2 points");
  assertStringIncludes(
    along(modelPoint({ klInverse: 0.5 }), []),
    "or more at each of 1 points: only a paired test speaks",
  );
});

const asked = (...outcomes: SelectiveOutcome[]) =>
  answerOf(view({ selective: { ...kept.selective, outcomes } }), "selective");

Deno.test("safety's view: what can be promised, whatever the order of the rates, and what came of it", () => {
  const good = asked(outcome(0.3), outcome(0.1));
  assertMatch(
    good,
    /^The least .* is 0\.1\. .* 9 of 300 answers \(.*\) are wrong, within the promise/,
  );
  assert(!good.includes("cannot be promised"));
  assertStringIncludes(asked(outcome(0.1, { errors: 90 })), "above the promise, beyond");
  assertStringIncludes(
    asked(outcome(0.1, { errors: 30 })),
    "not told apart from the promise (detectable from 4.9 points on)",
  );
  const some = asked(outcome(0.5), outcome(0.1, refused));
  assertMatch(some, /^The least .* is 0\.5\./);
  assertStringIncludes(some, "An error rate of 0.1 cannot be promised");
  const none = asked(outcome(0.3, refused), outcome(0.1, refused));
  assertMatch(none, /^Error rates of 0\.1 and 0\.3 cannot be promised, so it answers nothing/);
  assertStringIncludes(none, "80 of 400 test questions");
  assertStringIncludes(asked(outcome(0.1, { answered: 0, errors: 0 })), "it answers none");
});

Deno.test("safety's view: denied treatments are counted, and silence is no evidence", () => {
  const good = answerOf(view(), "treatments");
  assertMatch(good, /^SFT 5 of 100 answers \(5\.0 %, .*\), of 100 that name a drug\.$/);
  const silent = [treated("base", { "none named": 18 }), treated("SFT", { contraindicated: 2 })];
  const bad = answerOf(view({ treatments: silent }), "treatments");
  assertStringIncludes(bad, "base 0 of 18 answers (0.0 %, 0.0 % to 17.6 %), none of which names");
  assertStringIncludes(bad, "SFT 2 of 2 answers");
  assertMatch(bad, /Nothing is seen of what base would name\.$/);
});

Deno.test("safety's view: sizes and names come from the configuration and the findings", () => {
  const shown = view({
    promises: { ...kept.promises, alpha: 0.2, delta: 0.05, testItems: 33 },
    checkpoints: { ...kept.checkpoints, temperature: 0.9 },
  }, { model: "models/own", calibrationItems: 77, pairs: 55 });
  const text = JSON.stringify([shown.sections, shown.figures.map(({ figure }) => figure.caption)]);
  for (
    const part of [
      "What may models/own answer?",
      "Risk of models/own",
      "α = 0.2, δ = 0.05",
      "δ allows 5 %",
      "33 items",
      "77 items",
      "55 random pairs",
      "at temperature 0.9",
    ]
  ) assertStringIncludes(text, part);
  assert(!text.includes("tiny model"));
});

Deno.test("safety's view: figures compare on one axis, read falls against 0, and call intervals what they are", () => {
  const { figures } = view();
  const of = (name: string) => figures.find((one) => one.name === name)!.figure;
  const layout = of("promise").spec.layout as Record<string, { range: number[] }>;
  assertEquals(layout.xaxis!.range, layout.xaxis2!.range);
  for (const name of ["promise", "treatments"]) {
    assertStringIncludes(of(name).caption, "95 % Wilson intervals");
  }
  const zero = of("checkpoints").spec.data.filter(({ name }) => name === "reference");
  assertEquals(zero.map(({ y }) => y), kept.checkpoints.drifts.map(() => [0, 0]));

  // The upper limit of the risk is the edge of a band, not a line that looks measured.
  const risk = of("risk");
  const tests = kept.selective.outcomes.toSorted((a, b) => a.alpha - b.alpha)[0]!.tests
    .filter(({ n }) => n > 0);
  assertEquals(risk.rows.map(({ series }) => series), tests.map(() => "errors among answers"));
  assertEquals(risk.rows.map(({ high }) => high), tests.map(({ upper }) => 100 * upper));
  assertEquals(risk.rows.map(({ low, value }) => low === value), tests.map(() => true));
  assertStringIncludes(risk.caption, "Bands: up to the one-sided Clopper-Pearson limit at");
  assertStringIncludes(risk.caption, "calibration questions for each line");
});

Deno.test("safety's view: the same findings give the same bytes, also when read from a file", () => {
  const stored = safetyFindings.parse(JSON.parse(JSON.stringify(kept)));
  assertEquals(JSON.stringify(view(stored)), JSON.stringify(view()));
  const unsure = safetyFindings.safeParse({ ...kept, treatments: [] });
  assertEquals(unsure.success, false);
});
