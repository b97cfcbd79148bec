import { assert, assertEquals } from "@std/assert";
import { convergenceSchema } from "../../experiments/convergence/config.ts";
import {
  type ConvergenceFindings,
  convergenceFindings,
  gateKinds,
} from "../../experiments/convergence/findings.ts";
import { convergence } from "../../experiments/convergence/mod.ts";
import { convergenceMetrics } from "../../experiments/convergence/run.ts";
import { sampleResults } from "./sample_results.ts";

const horizons = [8, 16, 32];

/** Made-up findings in which everything is as the theorem says. */
const holding: ConvergenceFindings = {
  checks: [
    { name: "rise (7a)", problems: 20, broken: 0, comparisons: 400, largest: 0.9 },
    { name: "eps (6)", problems: 10, broken: 0, comparisons: 10, largest: null },
  ],
  problems: 30,
  broken: 0,
  relativeSteps: [0.5, 1],
  harm: [{ kind: "quadratic", values: [0.1, 0.2] }, { kind: "softmax", values: [0, 0.3] }],
  sharp: { values: [0.5 / 1.5, 1], curve: [{ c: 0.5, harm: 0.5 / 1.5 }, { c: 1, harm: 1 }] },
  norms: [
    {
      kind: "quadratic",
      problems: 10,
      measured: [1e-3, 1e-9, 1e-30],
      bound: [1, 0.5, 0.25],
      rounded: [0, 0, 4],
      above: 0,
    },
    {
      kind: "softmax",
      problems: 10,
      measured: [0.16, 0.04, 0.01],
      bound: [1, 0.5, 0.25],
      rounded: [0, 0, 0],
      above: 0,
    },
  ],
  adamOptions: { learningRate: 0.05, betas: [0.9, 0.99], maxNorm: 0.02 },
  adam: ([
    ["euclidean", 3, -0.5],
    ["metric", 2, -0.4],
    ["current metric", 1, -0.3],
    ["momentum-aware", 0, -1e-15],
  ] as const).map(([variant, harmed, worstCosine]) => ({
    variant,
    runs: [{ harmed, steps: 10, clipped: 1, worstCosine, allowed: 0.01 }],
  })),
  falls: {
    plain: [{ steps: 20, lower: 20 }, { steps: 20, lower: 10 }, { steps: 20, lower: 0 }],
    margin: [{ steps: 20, lower: 0 }, { steps: 20, lower: 0 }, { steps: 0, lower: 0 }],
  },
  anyRule: [
    { rule: "static", points: [{ measured: 0.4, bound: 1 }, { measured: 0.5, bound: 1 }] },
    { rule: "UPGrad", points: [{ measured: 0.3, bound: 1 }, { measured: 0.4, bound: 1 }] },
  ],
  gates: {
    geometries: 40,
    capabilities: 4,
    blocks: 16,
    dimension: 400,
    signals: [0.1, 0.5],
    rows: gateKinds.flatMap((kind) =>
      [0.1, 0.5].flatMap((signal) =>
        ([
          ["static", 0.4, 0],
          ["veto", 0.4, 0],
          ["shrink", 0.1, kind === "aligned" ? 4 : 20],
          ["none", 0.05, kind === "aligned" ? 20 : 30],
          ["exact", 0, 20],
        ] as const).map(([way, harm, moved]) => ({
          kind,
          signal,
          way,
          cosine: { mean: -harm, low: -harm, high: -harm },
          harm: { mean: harm, low: harm, high: harm },
          gain: { mean: 0.9, low: 0.8, high: 1 },
          moved,
        }))
      )
    ),
    tests: gateKinds.flatMap((kind) =>
      [0.1, 0.5].flatMap((signal) =>
        (["veto", "none"] as const).map((baseline) => {
          const better = signal === 0.1 ? 20 : baseline === "veto" ? 38 : 2;
          return { kind, signal, baseline, better, n: 40, p: signal === 0.1 ? 1 : 1e-8 };
        })
      )
    ),
  },
  noise: [0.5, 0.8].flatMap((alpha) =>
    horizons.map((steps) => ({
      alpha,
      steps,
      harm: 0.1,
      harmBound: 0.2,
      stationarity: 0.01,
      stationarityBound: 0.02,
    }))
  ),
  noisePowers: [
    { alpha: 0.5, power: 0.01, low: -0.1, high: 0.1, bound: 0 },
    { alpha: 0.8, power: -0.6, low: -0.7, high: -0.5, bound: -0.6 },
  ],
  blowUp: {
    cap: 4,
    preference: 0.5,
    points: [{ size: 1, free: 2, capped: 2 }, { size: 0.001, free: 495, capped: 4.5 }],
  },
};

const config = convergenceSchema.parse({ instances: 10, horizons, noiseHorizons: horizons });

/** The answers by section, of findings that went through a file. */
function answersOf(changes: Partial<ConvergenceFindings>): Record<string, string> {
  const findings = { ...holding, ...changes };
  const metrics = convergenceMetrics(findings, config.instances);
  const results = { ...sampleResults, experiment: "convergence", config, metrics };
  const shown = convergence.view(results, JSON.parse(JSON.stringify(findings)));
  assertEquals(JSON.stringify(convergence.view(results, findings)), JSON.stringify(shown));
  assertEquals(shown.figures.length, 9);
  const answers = Object.fromEntries(shown.sections.map(({ id, answer }) => [id, answer]));
  for (const answer of Object.values(answers)) {
    assert(!/NaN|undefined|Infinity|null/.test(answer), answer);
  }
  return answers;
}

function says(answer: string | undefined, ...parts: string[]) {
  for (const part of parts) assert(answer?.includes(part), `${part} is not in: ${answer}`);
}

Deno.test("convergence view: what holds is said with the number of problems", () => {
  const { bounds, rate, adam, noise, weights } = answersOf({});
  says(bounds, "No: a bound is broken on 0 of 30 independent problems (0.0 [0.0, 11.4] %)");
  says(bounds, "by its worst comparison; behind them stand 410 comparisons");
  says(bounds, "no smaller constant would do");
  says(rate, "on 10 of 10 quadratics (100.0 [72.2, 100.0] %) and goes as", "from 8 to 16 steps");
  says(rate, "at least as fast as promised", "softmax policies", "T to the power −2.00");
  says(adam, "Yes, unless the weights are solved for the whole step, at once and without a limit");
  says(adam, "10.0 [10.0, 10.0] % with v after the step (−0.300 [−0.300, −0.300])");
  says(adam, "0.0 [0.0, 79.3] % with the whole step", "some step harms on 0 of 1 problems");
  says(adam, "up to 1e−2 on the median problem", "0.05 was used: it speaks of 0 of 1 problems");
  says(
    noise,
    "falls with T at α = 0.80, it cannot be told apart from staying at α = 0.50 (detectable",
  );
  says(noise, "Of 6 means", "0 lie above the bound on the harm (7d) and 0 of those");
  says(weights, "stays below its bound on 2 of 2", "reaches 5e+2", "within preference and cap");
  says(weights, "on 2 of 3 problems", "in 50 % of the steps on average", "on 0 of 2 problems");
  assert(!weights!.includes("counts once"), weights);
});

Deno.test("convergence view: a broken bound is named, with its problems", () => {
  const [rise, eps] = holding.checks;
  const { bounds } = answersOf({
    checks: [{ ...rise!, broken: 2, largest: 1.2 }, eps!],
    broken: 2,
  });
  says(bounds, "Yes: a bound is broken on 2 of 30 independent problems");
  says(bounds, "Broken: rise (7a) on 2 of 20 problems (10.0 [2.8, 30.1] %).");
});

Deno.test("convergence view: a sharp example that misses or exceeds the constant shows nothing or the opposite", () => {
  const { curve } = holding.sharp;
  says(answersOf({ sharp: { values: [0.3, 1], curve } }).bounds, "misses", "does not show");
  says(answersOf({ sharp: { values: [0.4, 1], curve } }).bounds, "exceeds c / (2 − c) by 2e-1");
});

Deno.test("convergence view: slow gradients and means above the bound are said to be so", () => {
  const [quadratic, softmax] = holding.norms;
  const { rate } = answersOf({
    norms: [
      { ...quadratic!, rounded: [0, 1, 10] },
      { ...softmax!, measured: [2, 1.5, 0.2], bound: [1, 0.5, 0.25], above: 6 },
    ],
  });
  says(rate, "on 4 of 10 softmax policies (40.0 [16.8, 68.7] %)", "only rounding is left too soon");
  says(
    answersOf({ norms: [{ ...softmax!, measured: [0.1, 0.09, 0.08] }] }).rate,
    "more slowly than 1 / T",
  );
});

Deno.test("convergence view: Adam that harms nowhere, in part, or even with the whole step known", () => {
  const runsOf = (harmed: number, allowed = 0.1) =>
    [harmed, 0].map((k) => ({ harmed: k, steps: 10, clipped: 0, worstCosine: -k / 10, allowed }));
  const of = (...harmed: number[]) =>
    answersOf({ adam: holding.adam.map((row, i) => ({ ...row, runs: runsOf(harmed[i]!) })) }).adam;
  says(of(0, 0, 0, 0), "No, in none of these ways", "it speaks of 2 of 2 problems");
  says(of(3, 0, 0, 0), "Yes, but only with a plain Gram matrix.");
  says(of(3, 1, 1, 2), "Yes, even where the weights are solved for the whole step");
  says(of(3, 1, 1, 2), "some step harms on 1 of 2 problems", "no cosine is below −2e−1");
  says(of(3, 1, 1, 2), "10.0 [0.0, 20.0] % with the whole step");
});

Deno.test("convergence view: harm of noise that grows, or has no interval or power", () => {
  const grows = { alpha: 0.5, power: 0.3, low: 0.2, high: 0.4, bound: 0 };
  const none = { alpha: 0.8, power: null, low: null, high: null, bound: -0.6 };
  const { noise } = answersOf({
    noisePowers: [grows, none],
    noise: holding.noise.map((row, i) => ({ ...row, harm: i === 0 ? 0.3 : 0 })),
  });
  says(noise, "grows with T at α = 0.50");
  says(noise, "cannot be told apart from staying at α = 0.80 (no interval)");
  says(
    noise,
    "no power (some harm is 0) at α = 0.80",
    "1 lie above the bound on the harm (7d) and 0",
  );
});

Deno.test("convergence view: a rule above its bound, rules that coincide, caps and margins that fail", () => {
  const [first] = holding.anyRule;
  const points = [{ measured: 0.4, bound: 1 }, { measured: 1.5, bound: 1 }];
  const { weights } = answersOf({
    anyRule: [first!, { rule: "UPGrad", points }],
    blowUp: { ...holding.blowUp, points: [{ size: 0.1, free: 2, capped: 9 }] },
    falls: { ...holding.falls, margin: [{ steps: 20, lower: 3 }, { steps: 20, lower: 0 }] },
  });
  says(weights, "below its bound on 1 of 2 problems", "above it lie UPGrad on 1.");
  says(
    weights,
    "A problem counts once, also where rules take the same steps: static and UPGrad on 1",
  );
  says(weights, "no weight exceeds 2.00", "is 9.00, beyond preference and cap");
  says(weights, "on 1 of 2 problems (50.0 [9.5, 90.5] %), which the theorem rules out");
  const idle = { ...holding.falls, margin: [{ steps: 0, lower: 0 }] };
  says(answersOf({ falls: idle }).weights, "that it accepted, on none: it took no step");
});

Deno.test("convergence view: gates are told apart on either side, or not, and left harm is read from the numbers", () => {
  const { gates } = holding;
  const { gates: told } = answersOf({});
  says(told, "At a signal to noise of 0.5 the harm", "0.400 [0.400, 0.400] with the veto");
  says(told, "shrinking leaves 25 % of what the veto leaves");
  says(told, "against the veto's it is larger at 0.5 (38 of 40 cases (95 % [83, 99]))");
  says(told, "not told apart at 0.1 (detectable from 21 points from a half on)");
  says(told, "against that with no gate it is smaller at 0.5 (2 of 40 cases (5 % [1, 17]))");
  says(
    told,
    "at 0.1 on 0 % with the veto, 10 % with the shrunk gate, 50 % with no gate",
  );
  // Eight tests: a p value of 0.01 is 0.08 after the correction.
  const weak = gates.tests.map((test) => ({ ...test, p: 0.01 }));
  says(
    answersOf({ gates: { ...gates, tests: weak } }).gates,
    "the veto's it is not told apart at 0.1, 0.5",
  );
  const harmless = gates.rows.map((row) => ({ ...row, harm: { mean: 0, low: 0, high: 0 } }));
  says(answersOf({ gates: { ...gates, rows: harmless } }).gates, "the veto leaves none");
});

Deno.test("convergence view: rules that take the same steps on every problem are named once", () => {
  const [first] = holding.anyRule;
  const { weights } = answersOf({ anyRule: [first!, { ...first!, rule: "mean" }] });
  says(weights, "Each of 1 rules (static (also mean)) stays below its bound on 2 of 2 problems");
  assert(!weights!.includes("counts once"), weights);
});

Deno.test("convergence view: the schema refuses what is no number", () => {
  const broken = { ...holding, problems: Number.NaN };
  assert(!convergenceFindings.safeParse(broken).success);
});
