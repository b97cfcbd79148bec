// The second half of Theorem 7'b of lib/balance/THEORY.md: nothing near the start is better for everybody.
import { assert } from "@std/assert";
import {
  aggregators,
  ascend,
  preservationRatio,
  type Problem,
  weighted,
} from "../../../lib/balance/mod.ts";
import { randomStream } from "../../../lib/runtime/mod.ts";
import { instances, make, norm, preferenceOf } from "./cases.ts";

/** The largest that a search finds of the least gain over `from`, among points no further than `radius` from 0. */
function leastGain(problem: Problem, from: readonly number[], radius: number, start: Float64Array) {
  const inside = (x: Float64Array) => {
    const size = norm(x);
    return size > radius ? x.map((value) => value * radius / size) : x;
  };
  let point = inside(start);
  let best = -Infinity;
  for (let t = 0; t < 150; t++) {
    const { values, gradients } = problem.evaluate(point);
    const gains = values.map((value, i) => value - from[i]!);
    best = Math.max(best, Math.min(...gains));
    // Up along a soft minimum, ever harder and in ever smaller steps.
    const hard = 20 * (1 + t / 20);
    const least = Math.min(...gains);
    const w = gains.map((gain) => Math.exp(-hard * (gain - least)));
    const total = w.reduce((a, b) => a + b, 0);
    const length = 0.3 / (1 + t / 20);
    const d = point.map((_, k) => gradients.reduce((s, g, i) => s + w[i]! / total * g[k]!, 0));
    point = inside(point.map((x, k) => x + length * d[k]! / (1 + norm(d))));
  }
  return best;
}

Deno.test("theorem 7'b: what gains c / (2 - c) of the gain everywhere dominates the run; nothing near gains more than either bound", () => {
  let [nearHarm, nearBound, decided] = [0, 0, 0];
  for (let seed = 0; seed < instances; seed++) {
    const random = randomStream(seed, "dominance");
    const problem = make.quadratic(seed);
    const preference = preferenceOf(random, problem.objectives);
    const L = Math.max(...problem.smoothness());
    const c = [0.1, 0.5, 1][seed % 3]!;
    const steps = [1, 2, 4, 8][seed % 4]!;
    const rule = aggregators.capability_aware;
    const run = ascend(problem, { rule, preference, stepSize: c / L, steps });
    const [start, end] = [run.values[0]!, run.values.at(-1)!];
    const gain = weighted(end, preference) - weighted(start, preference);
    const allowed = preservationRatio(c) * gain;
    // A point that gains `allowed` over the last one everywhere dominates every earlier one.
    for (const values of run.values.slice(0, -1)) {
      values.forEach((value, i) => {
        assert(value <= end[i]! + allowed + 1e-10, `${seed}`);
        if (allowed > 0) nearHarm = Math.max(nearHarm, (value - end[i]!) / allowed);
      });
    }
    for (const scale of [0.5, 1, 2, 4]) {
      const radius = scale * norm(run.point);
      const bound = Math.max(allowed, radius ** 2 * L / (2 * c * steps));
      const found = leastGain(problem, end, radius, run.point);
      assert(found <= bound + 1e-10, `${seed}: ${found} ${bound}`);
      nearBound = Math.max(nearBound, found / bound);
      if (found > 0) decided++;
    }
  }
  assert(nearHarm > 0.3 && nearBound > 0.3, `${nearHarm} ${nearBound}`);
  assert(decided > 60, `${decided}`);
});
