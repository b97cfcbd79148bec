import { assert, assertEquals } from "@std/assert";
import { gramMatrix, mgda } from "../../lib/balance/mod.ts";
import { parityPath, readJson } from "../model/fixtures.ts";
import {
  aggregatorComparisons,
  leastNormComparisons,
} from "../../experiments/parity/aggregators.ts";

for (const seed of ["seed0", "seed1"]) {
  Deno.test(`aggregators: the combined gradients of ${seed} are reproduced`, () => {
    const comparisons = aggregatorComparisons(readJson(parityPath(seed, "reference.json")));
    assert(comparisons.length >= 90);
    assertEquals(comparisons.filter((c) => !c.ok), []);
  });
}

Deno.test("aggregators: of MGDA's points the one nearer to 0 passes, a worse one or one outside the hull fails", () => {
  const jacobian = [[1, 0, 0], [0, 2, 0], [0, 0, 4]];
  const best = mgda(gramMatrix(jacobian), [1 / 3, 1 / 3, 1 / 3]);
  const point = (w: readonly number[]) => jacobian.map((g, i) => w[i]! * g[i]!);
  const rows = (w: readonly number[], theirs: readonly number[]) =>
    leastNormComparisons("MGDA", jacobian, w, point(theirs), 1e-9).map(({ ok }) => ok);
  const early = [best[0]! - 0.01, best[1]! + 0.01, best[2]!];
  assertEquals(rows(best, best), [true, true]);
  assertEquals(rows(best, early), [true, true]);
  assertEquals(rows(early, best), [false, true]);
  assertEquals(rows(best.map((x) => x / 2), best), [true, false]);
  assertEquals(rows([-0.5, 0.25, 1.25], best), [false, false]);
  assertEquals(rows([NaN, 0, 1], best), [false, false]);
});
