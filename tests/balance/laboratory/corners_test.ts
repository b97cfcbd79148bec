// Theorems 4 and 5 of lib/balance/THEORY.md where their assumptions end: preferences on the edge, products out of range.
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import {
  aggregators,
  ascend,
  capabilityAwareWeights,
  combination,
  gramMatrix,
  inner,
  nnls,
  preservationRatio,
  weighted,
} from "../../../lib/balance/mod.ts";
import { randomStream } from "../../../lib/runtime/mod.ts";
import { cases, norm, normals, objectives, preferenceOf } from "./cases.ts";

Deno.test("theorem 4: at a corner the promise holds, but the direction may vanish where others could gain", () => {
  const zero = new Float64Array(2);
  const gradients = [zero, Float64Array.of(1, 0), Float64Array.of(0.5, 1)];
  const gram = gramMatrix(gradients);
  const direction = (preference: number[]) =>
    combination(gradients, capabilityAwareWeights({ gram, preference }).weights);
  assertEquals([...direction([1, 0, 0])], [0, 0]);
  const inside = direction([0.98, 0.01, 0.01]);
  gradients.slice(1).forEach((g) => assert(inner(g, inside) > 0));
});

Deno.test("theorem 4: the direction moves no further than the preferred gradient, so that a corner may be left by a little", () => {
  let largest = 0;
  for (const { problem, metric, point, preference, random } of cases("corner")) {
    const { gradients } = problem.evaluate(point);
    const gram = gramMatrix(gradients, metric);
    const length = (x: Float64Array) =>
      Math.sqrt(x.reduce((sum, value, k) => sum + value * value * metric[k]!, 0));
    const at = (p: readonly number[]) => ({
      u: combination(gradients, p),
      d: combination(gradients, capabilityAwareWeights({ gram, preference: p }).weights),
    });
    const corner = preference.map((_, i) => i === 0 ? 1 : 0);
    const [a, b] = [at(corner), at(corner.map((p, i) => 0.95 * p + 0.05 * preference[i]!))];
    const gap = (x: Float64Array, y: Float64Array) => length(x.map((value, k) => value - y[k]!));
    assert(gap(a.d, b.d) <= gap(a.u, b.u) + 1e-9 * length(a.u));
    largest = Math.max(largest, gap(a.d, b.d) / gap(a.u, b.u));
    const other = at(preferenceOf(random, preference.length));
    assert(gap(a.d, other.d) <= gap(a.u, other.u) + 1e-9 * length(a.u));
  }
  assert(largest > 0.99, `${largest}`);
});

Deno.test("theorem 7b at a corner: nobody loses more than c / (2 - c) of what the preferred one gains", () => {
  let fell = 0;
  for (const { problem, preference } of cases("7b corner")) {
    const c = 1;
    const corner = preference.map((_, i) => i === 0 ? 1 : 0);
    const { values } = ascend(problem, {
      rule: aggregators.capability_aware,
      preference: corner,
      stepSize: c / Math.max(...problem.smoothness()),
      steps: 20,
    });
    const [start, end] = [values[0]!, values.at(-1)!];
    const gain = weighted(end, corner) - weighted(start, corner);
    assert(gain >= -1e-12);
    end.forEach((value, i) => {
      const harm = start[i]! - value;
      assert(harm <= preservationRatio(c) * gain + 1e-10);
      if (harm > 1e-9) fell++;
    });
  }
  assert(fell > 10, `${fell}`);
});

/** Gradients with `sum_i a_i g_i = 0` for the given positive a, and nothing else between them. */
function cancelling(seed: number): { gradients: Float64Array[]; a: number[] } {
  const random = randomStream(seed, "cancelling");
  const m = objectives(seed);
  const free = Array.from({ length: m - 1 }, () => normals(random, 8));
  const a = Array.from({ length: m }, () => 0.3 + random.next());
  const last = combination(free, a.slice(0, -1)).map((x) => -x / a.at(-1)!);
  return { gradients: [...free, last], a };
}

Deno.test("theorem 5: the programme has a solution iff b pulls against no v >= 0 with Gv = 0; exact products never do", () => {
  let [bounded, unbounded] = [0, 0];
  for (let seed = 0; seed < 200; seed++) {
    const random = randomStream(seed, "range");
    const { gradients, a } = cancelling(seed);
    const gram = gramMatrix(gradients);
    const scale = Math.sqrt(gram[0]![0]!);
    const exact = gradients.map((g) => inner(g, normals(randomStream(seed, "base"), 8)));
    assertAlmostEquals(exact.reduce((sum, b, i) => sum + a[i]! * b, 0), 0, 1e-9);
    assert(nnls(gram, exact).residual < 1e-9 * norm(exact), `${seed}`);
    // Products with errors of their own, as they come from other prompts than the Gram matrix.
    const measured = exact.map((b) => b + 0.3 * scale * random.normal());
    const pull = measured.reduce((sum, b, i) => sum + a[i]! * b, 0);
    const { residual } = nnls(gram, measured);
    if (pull >= 0) {
      bounded++;
      assert(residual < 1e-9 * norm(measured), `${seed} ${residual}`);
    } else if (pull < -0.05 * scale) {
      unbounded++;
      assert(residual > 1e-4, `${seed} ${residual}`);
    }
  }
  assert(bounded > 50 && unbounded > 50, `${bounded} ${unbounded}`);
});

Deno.test("theorem 5: a ridge e gives every programme a solution, with weights of at most |b_i| / |g_i| over e", () => {
  let largest = 0;
  for (let seed = 0; seed < 200; seed++) {
    const random = randomStream(seed, "ridge range");
    const { gradients } = cancelling(seed);
    const gram = gramMatrix(gradients);
    const b = gradients.map((g) => 0.3 * norm(g) * random.normal());
    const e = 10 ** (-1 - 2 * random.next());
    const ridged = gram.map((row, i) => row.map((x, j) => i === j ? (1 + e) * x : x));
    const { solution, residual } = nnls(ridged, b);
    assert(residual < 1e-9, `${seed} ${residual}`);
    const size = norm(solution.map((v, i) => v * norm(gradients[i]!)));
    const bound = norm(b.map((x, i) => Math.min(0, x) / norm(gradients[i]!))) / e;
    assert(size <= bound * (1 + 1e-9), `${seed} ${size} ${bound}`);
    if (bound > 0) largest = Math.max(largest, size / bound);
    // Progress as measured: nobody falls by more than the ridge times its own addition.
    solution.forEach((v, i) => {
      const progress = b[i]! + gram[i]!.reduce((sum, x, j) => sum + x * solution[j]!, 0);
      assert(progress >= -e * gram[i]![i]! * v - 1e-9, `${seed}`);
    });
  }
  assert(largest > 0.3, `${largest}`);
});
