import { assert, assertEquals } from "@std/assert";
import { convergenceSchema } from "../../experiments/convergence/config.ts";
import {
  type ConvergenceFindings,
  convergenceFindings,
} from "../../experiments/convergence/findings.ts";
import { convergence } from "../../experiments/convergence/mod.ts";
import { convergenceMetrics } from "../../experiments/convergence/run.ts";
import { tally } from "../../experiments/convergence/tally.ts";
import { sampleResults } from "./sample_results.ts";

const horizons = [8, 16, 32];

/** Made-up findings in which everything is as the theorem says. */
const holding: ConvergenceFindings = {
  checks: [
    { name: "rise (7a)", problems: 20, brokenOn: 0, checks: 400, violations: 0, largest: 0.9 },
    { name: "eps (6)", problems: 10, brokenOn: 0, checks: 10, violations: 0, largest: null },
  ],
  problems: 30,
  brokenOn: 0,
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
    },
    {
      kind: "softmax",
      problems: 10,
      measured: [0.16, 0.04, 0.01],
      bound: [1, 0.5, 0.25],
      rounded: [0, 0, 0],
    },
  ],
  adam: [
    { variant: "euclidean", runs: [{ harmed: 3, steps: 10 }], worstCosine: -0.5 },
    { variant: "metric", runs: [{ harmed: 2, steps: 10 }], worstCosine: -0.4 },
    { variant: "current metric", runs: [{ harmed: 1, steps: 10 }], worstCosine: -0.3 },
    { variant: "momentum-aware", runs: [{ harmed: 0, steps: 10 }], worstCosine: -1e-15 },
  ],
  falls: { problems: 4, plain: { steps: 40, lower: 30 }, margin: { steps: 40, lower: 0 } },
  anyRule: [
    { rule: "static", points: [{ measured: 0.4, bound: 1 }, { measured: 0.5, bound: 1 }] },
    { rule: "upgrad", points: [{ measured: 0.3, bound: 1 }, { measured: 0.4, bound: 1 }] },
  ],
  noise: [0.5, 0.8].flatMap((alpha) =>
    horizons.map((steps) => ({
      alpha,
      steps,
      harm: 0.1,
      harmBound: 0.2,
      stationarity: 0.01,
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
  assertEquals(shown.figures.length, 6);
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
  says(bounds, "No: of 410 comparisons on 30 independent problems 0 broke", "0 of 30 problems");
  says(bounds, "no smaller constant would do");
  says(rate, "stays below its bound at 6 of 6", "from 8 to 16 steps, at least as fast as promised");
  says(rate, "softmax policies it goes as T to the power −2.00");
  says(adam, "Yes, unless the weights know the whole update", "0 of 10 steps harm");
  says(noise, "falls with T at α = 0.80, it cannot be told apart from staying at α = 0.50");
  says(noise, "above its bound in 0 of 6");
  says(weights, "stays below its bound on 2 of 2", "reaches 5e+2", "within preference and cap");
  says(weights, "30 of 40 steps (75 %)", "0 of 40 steps (0 %) that it accepted.");
  assert(!weights!.includes("count twice"), weights);
});

Deno.test("convergence view: a broken bound is named, with its problems", () => {
  const [rise, eps] = holding.checks;
  const { bounds } = answersOf({
    checks: [{ ...rise!, violations: 7, brokenOn: 2, largest: 1.2 }, eps!],
    brokenOn: 2,
  });
  says(bounds, "Yes: of 410 comparisons on 30 independent problems 7 broke", "2 of 30 problems");
  says(bounds, "Broken: rise (7a) in 7 of 400 on 2 of 20 problems");
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
      { ...softmax!, measured: [2, 1.5, 0.2], bound: [1, 0.5, 0.25] },
    ],
  });
  says(rate, "lies above its bound at 2 of 6", "quadratics only rounding is left too soon");
  says(
    answersOf({ norms: [{ ...softmax!, measured: [0.1, 0.09, 0.08] }] }).rate,
    "more slowly than 1 / T",
  );
});

Deno.test("convergence view: Adam that harms nowhere, in part, or even with the whole update known", () => {
  const runs = (harmed: number) => [{ harmed, steps: 10 }, { harmed: 0, steps: 10 }];
  const of = (...harmed: number[]) =>
    answersOf({ adam: holding.adam.map((row, i) => ({ ...row, runs: runs(harmed[i]!) })) }).adam;
  says(of(0, 0, 0, 0), "No, with none of these weights");
  says(of(3, 0, 0, 0), "Yes, but only with the plain Gram matrix.");
  says(of(3, 1, 1, 2), "Yes, even where the weights know the whole update", "2 of 20 steps harm");
  says(of(3, 1, 1, 2), "1 of 2 problems", "10.0 [0.0, 20.0] %");
});

Deno.test("convergence view: harm of noise that grows, or has no interval or power", () => {
  const grows = { alpha: 0.5, power: 0.3, low: 0.2, high: 0.4, bound: 0 };
  const none = { alpha: 0.8, power: null, low: null, high: null, bound: -0.6 };
  const { noise } = answersOf({
    noisePowers: [grows, none],
    noise: holding.noise.map((row, i) => ({ ...row, harm: i === 0 ? 0.3 : 0 })),
  });
  says(noise, "grows with T at α = 0.50", "cannot be told apart from staying at α = 0.80");
  says(noise, "no power (some harm is 0) at α = 0.80", "above its bound in 1 of 6");
});

Deno.test("convergence view: a rule above its bound, rules that coincide, caps and margins that fail", () => {
  const [first] = holding.anyRule;
  const points = [{ measured: 0.4, bound: 1 }, { measured: 1.5, bound: 1 }];
  const { weights } = answersOf({
    anyRule: [first!, { rule: "upgrad", points }],
    blowUp: { ...holding.blowUp, points: [{ size: 0.1, free: 2, capped: 9 }] },
    falls: { ...holding.falls, margin: { steps: 40, lower: 3 } },
  });
  says(weights, "these exceed their bound, of 2 problems: upgrad on 1");
  says(weights, "count twice there: static and upgrad on 1 of 2");
  says(weights, "no weight exceeds 2.00", "is 9.00, beyond preference and cap");
  says(weights, "3 of 40 steps (8 %) that it accepted, which the theorem rules out");
  const idle = { ...holding.falls, margin: { steps: 0, lower: 0 } };
  says(answersOf({ falls: idle }).weights, "0 of 0 steps that it accepted: it took none");
});

Deno.test("convergence: a tally counts problems once, whatever is compared on them", () => {
  const bound = tally("made up");
  for (const measured of [0.5, 2, 3]) bound.compare("a", measured, 1);
  bound.compare("b", 0.25, 1);
  assertEquals(bound.result(), {
    name: "made up",
    problems: 2,
    brokenOn: 1,
    checks: 4,
    violations: 2,
    largest: 3,
  });
  const zero = tally("bound 0");
  zero.compare("a", -1, 0);
  assertEquals(zero.result().largest, null);
});

Deno.test("convergence view: the schema refuses what is no number", () => {
  const broken = { ...holding, problems: Number.NaN };
  assert(!convergenceFindings.safeParse(broken).success);
});
