// Theorems 1 to 7' of lib/balance/THEORY.md over many exact problems.
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import {
  adamHarm,
  adamVariants,
  aggregators,
  anyRuleBound,
  ascend,
  capabilityAwareWeights,
  combination,
  descentBound,
  gramMatrix,
  inner,
  interference,
  marginWeights,
  preservationRatio,
  type Problem,
  quadraticForms,
  quadraticProblem,
  rewardTable,
  sharpExample,
  softmaxProblem,
  stepBounds,
  symmetricEigen,
  weighted,
} from "../../../lib/balance/mod.ts";
import { type RandomStream, randomStream } from "../../../lib/runtime/mod.ts";

const instances = 60;
const objectives = (seed: number) => 2 + seed % 3;
const make: Record<string, (seed: number) => Problem> = {
  quadratic: (seed) =>
    quadraticProblem(quadraticForms({ size: 5, objectives: objectives(seed), seed })),
  softmax: (seed) =>
    softmaxProblem(
      rewardTable({ prompts: 3, answers: 4, rewards: objectives(seed), conflict: 1, seed }),
    ),
};
const normals = (random: RandomStream, size: number) =>
  Float64Array.from({ length: size }, () => random.normal());
const metricOf = (random: RandomStream, size: number) => normals(random, size).map(Math.exp);
function preferenceOf(random: RandomStream, m: number): number[] {
  const raw = Array.from({ length: m }, () => 0.1 + random.next());
  return raw.map((p) => p / raw.reduce((a, b) => a + b, 0));
}
const norm = (a: Iterable<number>) => Math.hypot(...a);
const at = (x: Float64Array, change: Float64Array) => x.map((value, k) => value + change[k]!);

/** Every problem with a point, a metric and a preference. */
function* cases(name: string) {
  for (const [kind, problemOf] of Object.entries(make)) {
    for (let seed = 0; seed < instances; seed++) {
      const random = randomStream(seed, "theorems", name, kind);
      const problem = problemOf(seed);
      const metric = metricOf(random, problem.size);
      const point = normals(random, problem.size);
      const preference = preferenceOf(random, problem.objectives);
      yield { kind, seed, random, problem, metric, point, preference };
    }
  }
}

Deno.test("theorem 1: a step changes each objective by at least its bound, whatever the weights' signs", () => {
  for (const { problem, metric, point, random } of cases("1")) {
    const { values, gradients } = problem.evaluate(point);
    const gram = gramMatrix(gradients, metric);
    const w = values.map(() => random.normal());
    const eta = 2 * random.next() / Math.max(...problem.smoothness(metric));
    const step = combination(gradients, w).map((d, k) => eta * metric[k]! * d);
    const bounds = stepBounds(gram, w, eta, problem.smoothness(metric));
    problem.evaluate(at(point, step)).values.forEach((value, i) =>
      assert(value - values[i]! >= bounds[i]! - 1e-12)
    );
    const positive = w.map(Math.abs);
    interference(gram, positive).forEach((kappa, i) => {
      const rate = gram[i]!.reduce((sum, x, j) => sum + positive[j]! * x, 0);
      assertEquals(rate > 0, kappa < 1);
    });
  }
});

Deno.test("theorem 2d: independent gradients are orthonormal in the metric of their dual basis", () => {
  for (let seed = 0; seed < instances; seed++) {
    const random = randomStream(seed, "dual metric");
    const g = Array.from({ length: 3 }, () => normals(random, 5));
    const gram = gramMatrix(g);
    const { values, vectors } = symmetricEigen(gram);
    if (values[2]! < 1e-3 * values[0]!) continue;
    const inverse = gram.map((_, i) =>
      gram.map((_, j) => values.reduce((s, x, k) => s + vectors[k]![i]! * vectors[k]![j]! / x, 0))
    );
    // U = the dual basis: U' g_j = e_j; the projection on the complement sends every g_j to 0.
    const dual = inverse.map((row) => combination(g, row));
    g.forEach((a, i) =>
      g.forEach((b, j) => {
        const product = dual.reduce((sum, u) => sum + inner(u, a) * inner(u, b), 0);
        assertAlmostEquals(product, i === j ? 1 : 0, 1e-9);
      })
    );
  }
});

Deno.test("theorem 2d: under all diagonal metrics, products stay non-negative iff they are so in every coordinate", () => {
  for (let seed = 0; seed < instances; seed++) {
    const random = randomStream(seed, "diagonal metric");
    const [a, b] = [normals(random, 3), normals(random, 3)];
    const agree = a.every((x, k) => x * b[k]! >= 0);
    const coordinate = (k: number) => Float64Array.from(a, (_, l) => l === k ? 1 : 1e-9);
    const worst = Math.min(...[0, 1, 2].map((k) => gramMatrix([a, b], coordinate(k))[0]![1]!));
    assertEquals(worst >= 0, agree);
  }
});

Deno.test("theorem 2e: where a product is negative, some positive preference lowers an objective at once", () => {
  for (const { problem, point, seed } of cases("2e")) {
    const { values, gradients } = problem.evaluate(point);
    const gram = gramMatrix(gradients);
    if (gram[0]![1]! > -1e-3) continue;
    const e = -gram[0]![1]! / (2 * (-gram[0]![1]! + Math.max(...gram.flat().map(Math.abs))));
    const p = values.map((_, k) => (k === 1 ? 1 - e : 0) + e / values.length);
    const step = combination(gradients, p).map((d) => 1e-5 * d);
    assert(problem.evaluate(at(point, step)).values[0]! < values[0]!, `${seed}`);
  }
});

Deno.test("theorem 3: a bank whose input vanishes has no gradient at B, but has one at a trainable A", () => {
  // J = sum tanh(B A h): two banks with orthogonal inputs A_1 A_2' = 0 do not help, A h = 0 does.
  const random = randomStream(0, "banks");
  const size = 4;
  const gradients = (A: Float64Array, B: Float64Array, h: Float64Array) => {
    const value = (a: Float64Array, b: Float64Array) =>
      b.reduce((sum, x, k) => sum + Math.tanh(x * inner(a, h) + 0.3 * k), 0);
    const slope = (f: (x: Float64Array) => number, x: Float64Array) =>
      x.map((_, k) => {
        const move = (d: number) => f(x.map((y, l) => l === k ? y + d : y));
        return (move(1e-5) - move(-1e-5)) / 2e-5;
      });
    return { A: slope((a) => value(a, B), A), B: slope((b) => value(A, b), B) };
  };
  const A = normals(random, size);
  const B = normals(random, size);
  const h = normals(random, size);
  const removed = h.map((x, k) => x - A[k]! * inner(A, h) / inner(A, A));
  assert(norm(gradients(A, B, h).B) > 0.1);
  assert(norm(gradients(A, B, removed).B) < 1e-9);
  assert(norm(gradients(A, B, removed).A) > 0.1);
});

Deno.test("theorem 4: the steepest harmless direction; a price; a norm above MGDA's; scaling a reward", () => {
  for (const { problem, metric, point, preference, random } of cases("4")) {
    const { gradients } = problem.evaluate(point);
    const gram = gramMatrix(gradients, metric);
    const { weights, multipliers, progress, price } = capabilityAwareWeights({ gram, preference });
    const product = (a: readonly number[], b: readonly number[]) =>
      a.reduce((s, x, i) => s + x * gram[i]!.reduce((t, g, j) => t + g * b[j]!, 0), 0);
    const scale = product(preference, preference);
    progress.forEach((gain) => assert(gain >= -1e-9 * Math.sqrt(scale * gram[0]![0]!) - 1e-12));
    const d = product(weights, weights);
    assertAlmostEquals(product(preference, weights), d, 1e-9 * (1 + scale)); // (c)
    assertAlmostEquals(price, product(multipliers, multipliers), 1e-9 * (1 + scale)); // (d)
    assertAlmostEquals(scale - d, price, 1e-9 * (1 + scale));
    for (let k = 0; k < 20; k++) { // no harmless direction of the same length gains more
      const { weights: other } = capabilityAwareWeights({
        gram,
        preference: preferenceOf(random, preference.length),
      });
      const length = Math.sqrt(product(other, other));
      if (length < 1e-6) continue;
      assert(product(preference, other) / length <= Math.sqrt(d) + 1e-8);
    }
    const least = aggregators.mgda(gram, preference); // (f)
    const total = weights.reduce((a, b) => a + b, 0);
    assert(Math.sqrt(product(least, least)) <= Math.sqrt(d) / total + 1e-8);
    const scaled = gradients.map((g, i) => i === 0 ? g.map((x) => 3 * x) : g); // (g)
    const rescaled = capabilityAwareWeights({ gram: gramMatrix(scaled, metric), preference });
    const moved = capabilityAwareWeights({
      gram,
      preference: preference.map((p, i) => i === 0 ? 3 * p : p),
    });
    const [a, b] = [
      combination(scaled, rescaled.weights),
      combination(gradients, moved.weights),
    ];
    a.forEach((x, k) => assertAlmostEquals(x, b[k]!, 1e-7 * (1 + norm(a))));
  }
});

Deno.test("theorem 4e: the direction vanishes iff positive weights cancel the gradients", () => {
  for (let seed = 0; seed < instances; seed++) {
    const random = randomStream(seed, "stationary");
    const g = [normals(random, 4), normals(random, 4)];
    const a = [0.2 + random.next(), 0.2 + random.next()];
    const stationary = [...g, combination(g, a.map((x) => -x))];
    const moving = [...g, combination(g, a)];
    const preference = preferenceOf(random, 3);
    const length = (list: Float64Array[]) => {
      const { weights } = capabilityAwareWeights({ gram: gramMatrix(list), preference });
      return norm(combination(list, weights));
    };
    assert(length(stationary) < 1e-7);
    assert(length(moving) > 1e-3);
  }
});

Deno.test("theorem 5: only weights that know momentum and metric before the step never harm under Adam", () => {
  const shares = new Map<string, number>();
  for (const variant of adamVariants) {
    let harmed = 0, steps = 0;
    for (let seed = 0; seed < 12; seed++) {
      const preference = preferenceOf(randomStream(seed, "adam"), objectives(seed));
      const found = adamHarm(make["softmax"]!(seed), {
        variant,
        preference,
        learningRate: 0.05,
        steps: 100,
        betas: [0.9, 0.99],
      });
      harmed += found.harmed;
      steps += found.steps;
    }
    shares.set(variant, harmed / steps);
  }
  assertEquals(shares.get("momentum-aware"), 0);
  for (const variant of ["euclidean", "metric", "current metric"]) {
    assert(shares.get(variant)! > 0.1, `${variant} ${shares.get(variant)}`);
  }
});

Deno.test("theorem 6: cap and ridge keep eps at most 0, and an error of the Gram matrix bounds the harm", () => {
  for (const { problem, metric, point, preference, random } of cases("6")) {
    const gram = gramMatrix(problem.evaluate(point).gradients, metric);
    const scale = Math.max(...gram.flat().map(Math.abs));
    const cap = random.next();
    const capped = capabilityAwareWeights({ gram, preference, cap });
    assertAlmostEquals(capped.eps, -cap * capped.mu.reduce((a, b) => a + b, 0), 1e-8 * scale);
    const e = 10 ** (-3 * random.next());
    const ridged = capabilityAwareWeights({ gram, preference, ridge: e });
    assert(ridged.eps <= 1e-9 * scale);
    ridged.progress.forEach((gain, i) =>
      assert(gain >= -e * gram[i]![i]! * ridged.weights[i]! - 1e-8 * scale)
    );
    const noise = gram.map((row) => row.map(() => 0.05 * scale * random.normal()));
    const error = gram.map((row, i) => row.map((_, j) => noise[i]![j]! + noise[j]![i]!));
    const eigen = symmetricEigen(gram.map((row, i) => row.map((x, j) => x + error[i]![j]!)));
    if (eigen.values.at(-1)! <= 0) continue;
    const measured = gram.map((row, i) => row.map((x, j) => x + error[i]![j]!));
    const { weights, multipliers } = capabilityAwareWeights({ gram: measured, preference });
    const rates = gram.map((row) => row.reduce((sum, x, j) => sum + x * weights[j]!, 0));
    rates.forEach((rate, i) =>
      assert(rate >= -norm(error[i]!) * norm(weights) - 1e-7 * scale * norm(weights))
    );
    const eps = rates.reduce((sum, rate, i) => sum + rate * multipliers[i]!, 0);
    const spectral = Math.max(...symmetricEigen(error).values.map(Math.abs));
    assert(
      Math.abs(eps) <=
        spectral * norm(multipliers) * norm(weights) + 1e-7 * scale * norm(weights) ** 2,
    );
  }
});

Deno.test("theorem 6: steps with margins lower nothing", () => {
  let accepted = 0;
  for (const { problem, point, preference } of cases("margin")) {
    const smoothness = problem.smoothness();
    for (let t = 0; t < 10; t++) {
      const { values, gradients } = problem.evaluate(point);
      const found = marginWeights(
        { gram: gramMatrix(gradients), preference },
        smoothness,
        1 / Math.max(...smoothness),
      );
      if (found.stepSize === 0) break;
      accepted++;
      combination(gradients, found.weights).forEach((d, k) => point[k]! += found.stepSize * d);
      problem.evaluate(point).values.forEach((value, i) => assert(value >= values[i]! - 1e-12));
    }
  }
  assert(accepted > 500);
});

Deno.test("theorem 7a and 7b: the preferred sum rises, the norm vanishes, harm stays under L_i eta / (2 - L_p eta) of the gain", () => {
  for (const { problem, metric, preference, seed } of cases("7")) {
    const constants = problem.smoothness(metric);
    const [L, Lp] = [Math.max(...constants), weighted(constants, preference)];
    const c = [0.1, 0.5, 1, 1.5, 1.9][seed % 5]!;
    const eta = c / L;
    const steps = 60;
    const rule = aggregators.capability_aware;
    const run = ascend(problem, { rule, preference, metric, stepSize: eta, steps });
    const preferred = run.values.map((values) => weighted(values, preference));
    run.squared.forEach((squared, t) =>
      assert(preferred[t + 1]! - preferred[t]! >= eta * (1 - c / 2) * squared - 1e-10)
    );
    const gap = problem.best(preference) - preferred[0]!;
    assert(Math.min(...run.squared) <= descentBound(L, gap, c, steps) + 1e-12);
    for (let s = 0; s < steps; s += 7) {
      const gain = preferred[steps]! - preferred[s]!;
      run.values[s]!.forEach((value, i) => {
        const harm = value - run.values[steps]![i]!;
        assert(harm <= constants[i]! * eta / (2 - Lp * eta) * gain + 1e-10);
        assert(harm <= preservationRatio(c) * gain + 1e-10);
      });
    }
  }
});

Deno.test("theorem 7b is sharp", () => {
  for (const c of [0.1, 0.5, 1, 1.5, 1.9]) {
    const { values } = ascend(sharpExample(2), {
      rule: aggregators.capability_aware,
      preference: [1 - 1e-9, 1e-9],
      stepSize: c / 2,
      steps: 1,
    });
    const gain = values[1]![0]! - values[0]![0]!;
    assertAlmostEquals((values[0]![1]! - values[1]![1]!) / gain, preservationRatio(c), 1e-6);
  }
});

Deno.test("theorem 7c and 7f: the certificate holds for any rule, MGDA raises everything", () => {
  const signed = randomStream(0, "signed");
  const rules = {
    static: aggregators.static,
    mgda: aggregators.mgda,
    upgrad: aggregators.upgrad,
    pcgrad: aggregators.pcgrad,
    signed: (gram: readonly (readonly number[])[]) => gram.map(() => signed.normal()),
  };
  for (const { problem, preference } of cases("7c")) {
    const smoothness = Math.max(...problem.smoothness());
    for (const [name, rule] of Object.entries(rules)) {
      const steps = 20;
      const run = ascend(problem, { rule, preference, stepSize: 1 / smoothness, steps });
      const gap = problem.best(preference) - weighted(run.values[0]!, preference);
      const bound = anyRuleBound({
        smoothness,
        gap,
        stepSize: 1 / smoothness,
        eps: run.eps,
        variance: run.eps.map(() => 0),
      });
      const mean = run.squared.reduce((a, b) => a + b, 0) / steps;
      assert(mean <= bound + 1e-9 * (1 + mean), name);
      if (name !== "mgda") continue;
      run.squared.forEach((squared, t) =>
        run.values[t]!.forEach((value, i) =>
          assert(run.values[t + 1]![i]! - value >= squared / (2 * smoothness) - 1e-11)
        )
      );
    }
  }
});

Deno.test("theorem 7e: a metric that changes but is known before each step", () => {
  for (const { problem, preference, random, point } of cases("7e")) {
    const L = Math.max(...problem.smoothness());
    const first = problem.evaluate(point).values;
    let [least, total] = [Infinity, 0];
    for (let t = 0; t < 30; t++) {
      const metric = metricOf(random, problem.size);
      const eta = 1 / (L * Math.max(...metric));
      const { gradients } = problem.evaluate(point);
      const { weights } = capabilityAwareWeights({
        gram: gramMatrix(gradients, metric),
        preference,
      });
      const d = combination(gradients, weights);
      least = Math.min(least, d.reduce((sum, x, k) => sum + metric[k]! * x * x, 0));
      total += eta;
      d.forEach((x, k) => point[k]! += eta * metric[k]! * x);
    }
    const gap = problem.best(preference) - weighted(first, preference);
    assert(least <= 2 * gap / total + 1e-12);
    const now = problem.evaluate(point).values;
    const gain = weighted(now, preference) - weighted(first, preference);
    now.forEach((value, i) => assert(first[i]! - value <= gain + 1e-10)); // c = 1
  }
});

Deno.test("theorem 7g: stale weights lose no more than the distance allows", () => {
  for (const { problem, preference, random, point } of cases("7g")) {
    const L = problem.smoothness();
    const then = problem.evaluate(point).gradients;
    const { weights, progress } = capabilityAwareWeights({ gram: gramMatrix(then), preference });
    const change = normals(random, problem.size).map((x) => 0.2 * x);
    const now = problem.evaluate(at(point, change)).gradients;
    const d0 = norm(combination(then, weights));
    const d = combination(now, weights);
    const drift = weights.reduce((sum, w, j) => sum + Math.abs(w) * L[j]!, 0);
    now.forEach((g, i) => {
      const loss = norm(change) * (L[i]! * d0 + norm(g) * drift);
      assert(inner(g, d) >= progress[i]! - loss - 1e-9);
    });
  }
});

Deno.test("theorem 7': on concave problems small directions mean near Pareto optimality, dominating points are near", () => {
  let dominated = 0;
  for (let seed = 0; seed < instances; seed++) {
    const random = randomStream(seed, "concave");
    const problem = make["quadratic"]!(seed);
    const preference = preferenceOf(random, problem.objectives);
    const stepSize = 1 / Math.max(...problem.smoothness());
    const rule = aggregators.capability_aware;
    const steps = 15;
    const run = ascend(problem, { rule, preference, stepSize, steps });
    const end = problem.evaluate(run.point);
    const { weights } = capabilityAwareWeights({ gram: gramMatrix(end.gradients), preference });
    const length = norm(combination(end.gradients, weights));
    for (let k = 0; k < 20; k++) { // (a)
      const other = at(run.point, normals(random, problem.size));
      const gains = problem.evaluate(other).values.map((value, i) => value - end.values[i]!);
      const distance = norm(other.map((x, l) => x - run.point[l]!));
      assert(weighted(gains, weights) <= length * distance + 1e-10);
    }
    // (b) the end of a longer run, where it is above every point of this one
    const far = ascend(problem, { rule, preference, stepSize: stepSize / 4, steps: 20 * steps });
    const top = far.values.at(-1)!;
    if (!run.values.slice(0, -1).every((row) => row.every((value, i) => top[i]! >= value))) {
      continue;
    }
    dominated++;
    const gap = weighted(top, preference) - weighted(end.values, preference);
    assert(gap <= norm(far.point) ** 2 / (2 * stepSize * steps) + 1e-10);
  }
  assert(dominated > 5, `${dominated}`);
});
