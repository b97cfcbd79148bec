import { assert, assertAlmostEquals } from "@std/assert";
import {
  gramMatrix,
  inner,
  type Problem,
  quadraticForms,
  quadraticProblem,
  rewardCovariance,
  rewardTable,
  sampledGradients,
  SOFTMAX_SMOOTHNESS,
  softmaxCertificate,
  softmaxPolicy,
  softmaxProblem,
  weighted,
} from "../../../lib/balance/mod.ts";
import { randomStream } from "../../../lib/runtime/mod.ts";

const normals = (size: number, scale: number, ...names: (string | number)[]) => {
  const random = randomStream(11, ...names);
  return Float64Array.from({ length: size }, () => scale * random.normal());
};

const softmax = (seed: number) =>
  softmaxProblem(rewardTable({ prompts: 3, answers: 4, rewards: 3, conflict: 1, seed }));
const quadratic = (seed: number) =>
  quadraticProblem(quadraticForms({ size: 5, objectives: 3, seed }));

const problems: [string, (seed: number) => Problem][] = [["softmax", softmax], [
  "quadratic",
  quadratic,
]];

for (const [name, make] of problems) {
  Deno.test(`${name}: gradients equal finite differences`, () => {
    for (let seed = 0; seed < 5; seed++) {
      const problem = make(seed);
      const at = normals(problem.size, 0.7, name, seed);
      const { gradients } = problem.evaluate(at);
      for (let k = 0; k < problem.size; k++) {
        const move = (h: number) => problem.evaluate(at.map((x, j) => j === k ? x + h : x)).values;
        const [up, down] = [move(1e-5), move(-1e-5)];
        gradients.forEach((g, i) => assertAlmostEquals(g[k]!, (up[i]! - down[i]!) / 2e-5, 1e-8));
      }
    }
  });

  Deno.test(`${name}: the smoothness constant holds in Euclid and in a diagonal metric`, () => {
    for (let seed = 0; seed < 40; seed++) {
      const problem = make(seed);
      const metric = normals(problem.size, 1, "metric", seed).map(Math.exp);
      for (const m of [undefined, metric]) {
        const constants = problem.smoothness(m);
        const at = normals(problem.size, 1, name, "at", seed);
        const change = normals(problem.size, 2, name, "change", seed);
        const here = problem.evaluate(at);
        const there = problem.evaluate(at.map((x, k) => x + change[k]!));
        const squared = change.reduce((sum, d, k) => sum + d * d / (m?.[k] ?? 1), 0);
        here.values.forEach((value, i) => {
          const rest = there.values[i]! - value - inner(here.gradients[i]!, change);
          assert(Math.abs(rest) <= constants[i]! * squared / 2 + 1e-12, `${name} ${seed}`);
        });
      }
    }
  });

  Deno.test(`${name}: no point beats the best value under weights`, () => {
    for (let seed = 0; seed < 10; seed++) {
      const problem = make(seed);
      const weights = [0.2, 0.5, 0.3];
      const best = problem.best(weights);
      for (let i = 0; i < 50; i++) {
        const at = normals(problem.size, 3, "best", seed, i);
        assert(weighted(problem.evaluate(at).values, weights) <= best + 1e-12);
      }
    }
  });
}

Deno.test("the smoothness constants are the largest curvature and 1 / (3 sqrt 3) of a prompt's share", () => {
  const form = { linear: Float64Array.of(0, 0), curvature: [[2, 1], [1, 2]] };
  const flat = { linear: Float64Array.of(0, 0), curvature: [[0.5, 0], [0, 0.1]] };
  const [largest, other] = quadraticProblem([form, flat]).smoothness();
  assertAlmostEquals(largest!, 3, 1e-12);
  assertAlmostEquals(other!, 0.5, 1e-12);
  // sqrt(M) A sqrt(M) = [[8, 2], [2, 2]]
  const scaled = quadraticProblem([form, flat]).smoothness(Float64Array.of(4, 1));
  assertAlmostEquals(scaled[0]!, 5 + Math.sqrt(13), 1e-12);
  assertAlmostEquals(scaled[1]!, 2, 1e-12);
  const three = softmax(0);
  for (const [metric, factor] of [[undefined, 1], [new Float64Array(12).fill(2), 2]] as const) {
    for (const L of three.smoothness(metric)) {
      assertAlmostEquals(L, factor / (3 * Math.sqrt(3)) / 3, 1e-15);
    }
  }
});

Deno.test("no law of three answers exceeds the softmax's smoothness", () => {
  // z = (1, 0, -1) at the law (q, 1 - 2 q, q) and the reward that is 1 where z^2 exceeds its mean.
  let largest = 0;
  for (let q = 0.01; q < 0.5; q += 0.001) {
    const variance = 2 * q;
    const second = 2 * q * (1 - variance); // E r (z^2 - V)
    largest = Math.max(largest, second / 2); // ||z||^2 = 2
  }
  const skewed = (q: number, s: number) => {
    const [p, z] = [[q, 1 - q - s, s], [1, 0, -1]];
    const mean = p.reduce((a, x, k) => a + x * z[k]!, 0);
    const centred = z.map((x) => x - mean);
    const variance = p.reduce((a, x, k) => a + x * centred[k]! ** 2, 0);
    const gain = p.reduce((a, x, k) => a + x * Math.max(0, centred[k]! ** 2 - variance), 0);
    return gain / z.reduce((a, x) => a + x * x, 0);
  };
  for (let q = 0.01; q < 0.99; q += 0.01) {
    for (let s = 0.01; q + s < 1; s += 0.01) largest = Math.max(largest, skewed(q, s));
  }
  assert(largest <= SOFTMAX_SMOOTHNESS + 1e-12, `${largest}`);
  assert(largest > 0.6 * SOFTMAX_SMOOTHNESS);
});

Deno.test("in the natural-gradient metric the Gram matrix is the rewards' covariance", () => {
  for (let seed = 0; seed < 20; seed++) {
    const problem = softmax(seed);
    const logits = normals(problem.size, 1, "npg", seed);
    const policy = softmaxPolicy(problem.table, logits);
    const covariance = rewardCovariance(problem, logits);
    const { gradients } = problem.evaluate(logits);
    // The Fisher matrix of a prompt is (diag(p) - p p') / prompts; the inverse on its range divides by p.
    gradients.forEach((g, i) =>
      gradients.forEach((h, j) => {
        let product = 0;
        g.forEach((x, k) => product += x * h[k]! * problem.table.length / policy[k]!);
        assertAlmostEquals(covariance[i]![j]!, product, 1e-12);
      })
    );
  }
});

Deno.test("sampled gradients are unbiased", () => {
  const problem = softmax(3);
  const logits = normals(problem.size, 0.5, "sampled");
  const exact = problem.evaluate(logits).gradients;
  const n = 40_000;
  const drawn = sampledGradients(problem, logits, {
    prompts: n,
    completions: 3,
    random: randomStream(0, "sampled"),
  });
  exact.forEach((g, i) =>
    g.forEach((x, k) => {
      const values = drawn.map((gradients) => gradients[i]![k]!);
      const mean = values.reduce((a, b) => a + b, 0) / n;
      const deviation = Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / n);
      assert(Math.abs(mean - x) < 4.5 * deviation / Math.sqrt(n), `${mean} ${x}`);
    })
  );
});

Deno.test("one batch's Gram matrix is off by C / n", () => {
  // Opposite gradients, rewards that correlate: theory section 4.
  const problem = softmaxProblem([
    [[1, 0.9], [0, 0]],
    [[0, 0.4], [0.5, 0]],
  ]);
  const logits = new Float64Array(4);
  const truth = gramMatrix(problem.evaluate(logits).gradients)[0]![1]!;
  const random = randomStream(5, "drift");
  const gramOf = (n: number) => {
    const drawn = sampledGradients(problem, logits, { prompts: n, completions: 2, random });
    const mean = (i: number) =>
      drawn.reduce((sum, g) => sum.map((x, k) => x + g[i]![k]! / n), new Float64Array(4));
    return gramMatrix([mean(0), mean(1)])[0]![1]!;
  };
  const average = (n: number, repeats: number) =>
    Array.from({ length: repeats }, () => gramOf(n)).reduce((a, b) => a + b, 0) / repeats;
  const [few, many] = [average(2, 2000), average(64, 500)];
  assert(Math.abs(many - truth) < Math.abs(few - truth));
  assertAlmostEquals(64 * (many - truth) / (2 * (few - truth)), 1, 0.5); // C / n in both
});

Deno.test("the softmax certificate is above what any policy can gain", () => {
  for (let seed = 0; seed < 200; seed++) {
    const problem = softmax(seed);
    const logits = normals(problem.size, 1.5, "certificate", seed);
    const weights = [0.2, 0.3, 0.5];
    const gap = problem.best(weights) - weighted(problem.evaluate(logits).values, weights);
    assert(gap <= softmaxCertificate(problem, logits, weights) + 1e-12);
  }
  // Two equal prompts with answers (1, 0) at (p, 1 - p): sqrt(2) times the norm p (1 - p) of the gradient, over p.
  const two = softmaxProblem([[[1], [0]], [[1], [0]]]);
  const logits = Float64Array.of(0, Math.log(3), 0, Math.log(3));
  assertAlmostEquals(softmaxCertificate(two, logits, [1]), Math.SQRT2 * 3 / 4, 1e-12);
});
