// Theorems 1 to 6 of lib/balance/THEORY.md over many exact problems.
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import {
  adamHarm,
  adamVariants,
  aggregators,
  capabilityAwareWeights,
  combination,
  gramMatrix,
  inner,
  interference,
  marginWeights,
  stepBounds,
  symmetricEigen,
} from "../../../lib/balance/mod.ts";
import { randomStream } from "../../../lib/runtime/mod.ts";
import { at, cases, instances, make, norm, normals, objectives, preferenceOf } from "./cases.ts";

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
  let independent = 0;
  for (let seed = 0; seed < instances; seed++) {
    const random = randomStream(seed, "dual metric");
    const g = Array.from({ length: 3 }, () => normals(random, 5));
    const gram = gramMatrix(g);
    const { values, vectors } = symmetricEigen(gram);
    if (values[2]! < 1e-3 * values[0]!) continue;
    independent++;
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
  assert(independent > 50, `${independent}`);
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
  let negative = 0;
  for (const { problem, point, seed } of cases("2e")) {
    const { values, gradients } = problem.evaluate(point);
    const gram = gramMatrix(gradients);
    if (gram[0]![1]! > -1e-3) continue;
    negative++;
    const e = -gram[0]![1]! / (2 * (-gram[0]![1]! + Math.max(...gram.flat().map(Math.abs))));
    const p = values.map((_, k) => (k === 1 ? 1 - e : 0) + e / values.length);
    const step = combination(gradients, p).map((d) => 1e-5 * d);
    assert(problem.evaluate(at(point, step)).values[0]! < values[0]!, `${seed}`);
  }
  assert(negative > 40, `${negative}`);
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
    const length = (w: readonly number[]) => Math.sqrt(Math.max(0, product(w, w))); // 0 may round below
    const d = length(weights) ** 2;
    assertAlmostEquals(product(preference, weights), d, 1e-9 * (1 + scale)); // (c)
    assertAlmostEquals(price, product(multipliers, multipliers), 1e-9 * (1 + scale)); // (d)
    assertAlmostEquals(scale - d, price, 1e-9 * (1 + scale));
    for (let k = 0; k < 20; k++) { // no harmless direction of the same length gains more
      const { weights: other } = capabilityAwareWeights({
        gram,
        preference: preferenceOf(random, preference.length),
      });
      if (length(other) < 1e-6) continue;
      assert(product(preference, other) / length(other) <= length(weights) + 1e-8);
    }
    const least = aggregators.mgda(gram, preference); // (f)
    const total = weights.reduce((a, b) => a + b, 0);
    assert(length(least) <= length(weights) / total + 1e-8);
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

Deno.test("theorem 5: only weights for the whole step, in a metric that does not depend on them and used at once, never harm under Adam", () => {
  const shares = new Map<string, number>();
  let clipped = 0;
  for (const variant of adamVariants) {
    let harmed = 0, steps = 0;
    for (let seed = 0; seed < 12; seed++) {
      const preference = preferenceOf(randomStream(seed, "adam"), objectives(seed));
      const found = adamHarm(make.softmax(seed), {
        variant,
        preference,
        learningRate: 0.05,
        steps: 100,
        betas: [0.9, 0.99],
        maxNorm: 0.005,
      });
      harmed += found.harmed;
      steps += found.steps;
      if (variant === "momentum-aware") clipped += found.clipped;
    }
    shares.set(variant, harmed / steps);
  }
  // A factor on the whole step changes nothing, and there is one in some steps.
  assertEquals(shares.get("momentum-aware"), 0);
  assert(clipped > 10, `${clipped}`);
  for (const [variant, share] of shares) {
    if (variant === "momentum-aware") continue;
    assert(share > (variant === "clipped gradient" ? 0.02 : 0.1), `${variant} ${share}`);
  }
});

Deno.test("theorem 5: the worst cosine is that of the second update with a gradient, in the update's metric", () => {
  let least = 0;
  const eta = 0.05;
  for (let seed = 0; seed < 30; seed++) {
    if (objectives(seed) === 2) continue; // of two opposite rewards the direction is 0
    const problem = make.softmax(seed);
    const preference = preferenceOf(randomStream(seed, "two steps"), problem.objectives);
    const directionAt = (point: Float64Array) => {
      const { gradients } = problem.evaluate(point);
      const { weights } = capabilityAwareWeights({ gram: gramMatrix(gradients), preference });
      return { gradients, d: combination(gradients, weights) };
    };
    // The first step divides by the root mean square of u, the preferred gradient; the second by the root of
    // (0.99 d^2 + mean u^2) / 1.99.
    const start = new Float64Array(problem.size);
    const meanSquare = (gradients: Float64Array[]) =>
      norm(combination(gradients, preference)) ** 2 / problem.size;
    const { gradients: then, d } = directionAt(start);
    const first = d.map(() => 1 / (Math.sqrt(meanSquare(then)) + 1e-8));
    const firstUpdate = d.map((x, k) => eta * first[k]! * x);
    const { gradients, d: next } = directionAt(firstUpdate);
    const square = meanSquare(gradients);
    const metric = d.map((x) => 1 / (Math.sqrt((0.99 * x ** 2 + square) / 1.99) + 1e-8));
    const momentum = d.map((x, k) => 0.9 * 0.1 * x + 0.1 * next[k]!);
    const update = momentum.map((x, k) => metric[k]! * x);
    const size = (x: Float64Array, scale: Float64Array) =>
      Math.sqrt(x.reduce((sum, value, k) => sum + value * value * scale[k]!, 0));
    const cosines = [
      ...then.map((g) => inner(g, firstUpdate) / (eta * size(g, first) * size(d, first))),
      ...gradients.map((g) => inner(g, update) / (size(g, metric) * size(momentum, metric))),
    ];
    const { worstCosine } = adamHarm(problem, {
      variant: "euclidean",
      preference,
      learningRate: eta,
      betas: [0.9, 0.99],
      steps: 2,
    });
    assertAlmostEquals(worstCosine, Math.min(...cosines), 1e-9);
    least = Math.min(least, worstCosine);
  }
  assert(least < -0.05, `${least}`);
});

Deno.test("theorem 6: cap and ridge keep eps at most 0, and an error of the Gram matrix bounds the harm", () => {
  let [definite, harmed] = [0, 0];
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
    definite++;
    const measured = gram.map((row, i) => row.map((x, j) => x + error[i]![j]!));
    const { weights, multipliers } = capabilityAwareWeights({ gram: measured, preference });
    const rates = gram.map((row) => row.reduce((sum, x, j) => sum + x * weights[j]!, 0));
    rates.forEach((rate, i) =>
      assert(rate >= -norm(error[i]!) * norm(weights) - 1e-7 * scale * norm(weights))
    );
    if (rates.some((rate) => rate < -1e-3 * scale)) harmed++;
    const eps = rates.reduce((sum, rate, i) => sum + rate * multipliers[i]!, 0);
    const spectral = Math.max(...symmetricEigen(error).values.map(Math.abs));
    assert(
      Math.abs(eps) <=
        spectral * norm(multipliers) * norm(weights) + 1e-7 * scale * norm(weights) ** 2,
    );
  }
  assert(definite > 30 && harmed > 5, `${definite} ${harmed}`);
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
