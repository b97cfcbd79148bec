// Theorems 7 and 7' of lib/balance/THEORY.md over many exact problems.
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import {
  aggregators,
  anyRuleBound,
  ascend,
  capabilityAwareWeights,
  combination,
  descentBound,
  gramMatrix,
  inner,
  preservationRatio,
  quadraticProblem,
  sharpExample,
  weighted,
} from "../../../lib/balance/mod.ts";
import { randomStream } from "../../../lib/runtime/mod.ts";
import { at, cases, instances, make, metricOf, norm, normals, preferenceOf } from "./cases.ts";

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

Deno.test("noise has its deviation in the metric, and luck is what it does to an objective", () => {
  const size = 400;
  const metric = Float64Array.from({ length: size }, (_, k) => k % 2 === 0 ? 4 : 0.25);
  const random = randomStream(0, "luck");
  const curvature = metric.map(() => 0);
  // Linear objectives: the change is exactly the steps along the direction and the luck.
  const problem = quadraticProblem(
    [normals(random, size), normals(random, size)].map((linear) => ({
      linear,
      curvature: Array.from(linear, () => [...curvature]),
    })),
  );
  const [steps, stepSize, deviation] = [3, 0.1, 0.5];
  const preference = [0.3, 0.7];
  const options = { rule: aggregators.static, preference, stepSize, steps, metric };
  const calm = ascend(problem, options);
  const shaken = ascend(problem, { ...options, noise: { deviation, random } });
  assertEquals(calm.luck, [0, 0]);
  shaken.luck.forEach((luck, i) => {
    assertAlmostEquals(shaken.values[steps]![i]! - calm.values[steps]![i]!, luck, 1e-9);
    assert(Math.abs(luck) > 0.1);
  });
  for (const parity of [0, 1]) {
    const squares = [...shaken.point].flatMap((x, k) =>
      k % 2 === parity ? [(x - calm.point[k]!) ** 2 / metric[k]!] : []
    );
    const mean = squares.reduce((a, b) => a + b, 0) / squares.length;
    assertAlmostEquals(mean / (steps * stepSize ** 2 * deviation ** 2), 1, 0.4);
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

Deno.test("theorem 7h: with the curvature that steps meet, bounds hold at step sizes that no constant allows", () => {
  let [usable, largest] = [0, 0];
  for (const { problem, preference, random, point } of cases("7h")) {
    const L = Math.max(...problem.smoothness());
    const first = problem.evaluate(point).values;
    let [c, total, beyond] = [0, 0, 0];
    const [squared, runs]: [number[], number[][]] = [[], [first]];
    for (let t = 0; t < 25; t++) {
      const metric = metricOf(random, problem.size).map((x) => x ** 2);
      const allowed = 1 / (L * Math.max(...metric));
      const eta = (1 + 8 * random.next()) * allowed;
      if (eta > 2 * allowed) beyond++;
      const { values, gradients } = problem.evaluate(point);
      const { weights } = capabilityAwareWeights({
        gram: gramMatrix(gradients, metric),
        preference,
      });
      const d = combination(gradients, weights);
      const step = d.map((x, k) => eta * metric[k]! * x);
      const norm2 = d.reduce((sum, x, k) => sum + metric[k]! * x * x, 0);
      if (norm2 < 1e-12) break;
      step.forEach((x, k) => point[k]! += x);
      const after = problem.evaluate(point).values;
      const curvature = after.map((value, i) =>
        2 * (values[i]! + inner(gradients[i]!, step) - value) / (eta ** 2 * norm2)
      );
      c = Math.max(c, ...curvature.map((l) => eta * l));
      total += eta;
      squared.push(norm2);
      runs.push(after);
    }
    if (beyond === 0 || c >= 2 || c < 1e-3) continue;
    usable++;
    const end = runs.at(-1)!;
    const gap = problem.best(preference) - weighted(first, preference);
    assert(Math.min(...squared) <= gap / ((1 - c / 2) * total) + 1e-10);
    for (const values of runs) {
      const gain = weighted(end, preference) - weighted(values, preference);
      end.forEach((value, i) => {
        const harm = values[i]! - value;
        assert(harm <= preservationRatio(c) * gain + 1e-10);
        if (gain > 1e-6) largest = Math.max(largest, harm / (preservationRatio(c) * gain));
      });
    }
  }
  assert(usable > 40 && largest > 0.3, `${usable} ${largest}`);
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
    const problem = make.quadratic(seed);
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
