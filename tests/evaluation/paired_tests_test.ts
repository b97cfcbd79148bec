import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { permutationTest, signTest } from "../../lib/evaluation/paired_tests.ts";
import { randomStream, UsageError } from "../../lib/runtime/mod.ts";

/** P(at least k of n fair coins), from Pascal's triangle. */
function atLeast(k: number, n: number): number {
  let row = [1];
  for (let i = 0; i < n; i++) row = [1, ...row.slice(1).map((x, j) => x + row[j]!), 1];
  return row.slice(k).reduce((a, b) => a + b, 0) / 2 ** n;
}

Deno.test("sign test: both tails by counting coins, and the smallest p value of n pairs", () => {
  for (let n = 1; n <= 14; n++) {
    for (let positive = 0; positive <= n; positive++) {
      const differences = Array.from({ length: n }, (_, i) => i < positive ? 0.1 + i : -1);
      const { p, above, below, least, n: used } = signTest(differences);
      assertEquals(used, n);
      assertAlmostEquals(above, atLeast(positive, n), 1e-12);
      assertAlmostEquals(below, atLeast(n - positive, n), 1e-12);
      assertAlmostEquals(p, Math.min(1, 2 * atLeast(Math.max(positive, n - positive), n)), 1e-12);
      assert(p >= least - 1e-15);
      if (positive === 0 || positive === n) assertAlmostEquals(p, least, 1e-15);
    }
  }
  // Six pairs can reach 5 %, five cannot; one-sided five can.
  assert(signTest(new Array(6).fill(1)).p < 0.05);
  const five = signTest(new Array(5).fill(-1));
  assert(five.p > 0.05 && five.least > 0.05 && five.below < 0.05 && five.above === 1);
});

Deno.test("pairs without a difference are left out; NaN is refused by either test", () => {
  assertEquals(signTest([0, 0]), { n: 0, p: 1, above: 1, below: 1, least: 1 });
  assertEquals(permutationTest([0, 0], { seed: 0 }), { n: 0, p: 1, above: 1, below: 1, least: 1 });
  assertEquals(signTest([0, 2, 0, 3]), signTest([1, 1]));
  assertEquals(permutationTest([0, 2, -1], { seed: 0 }), permutationTest([2, -1], { seed: 0 }));
  for (const test of [signTest, (x: number[]) => permutationTest(x, { seed: 0 })]) {
    assertThrows(() => test([1, NaN]), UsageError, "differences[1]");
  }
});

Deno.test("permutation test: exact sizes matter, ties count, and turning all signs mirrors the sides", () => {
  // Sums of (+-1, +-2, +-4): every one from -7 to 7 in steps of 2; the observed one is 3, the third largest.
  const { p, above, below, least } = permutationTest([1, -2, 4], { seed: 0 });
  assertEquals([above, below, p, least], [3 / 8, 6 / 8, 6 / 8, 2 / 8]);
  const turned = permutationTest([-1, 2, -4], { seed: 0 });
  assertEquals([turned.above, turned.below, turned.p], [below, above, p]);
  // 0.1 + 0.2 is not 0.3 in binary: all eight sums of (0.1, 0.2, -0.3) are at least as far from 0 as 0 is.
  assertEquals(permutationTest([0.1, 0.2, -0.3], { seed: 0 }).p, 1);
});

Deno.test("permutation test over random patterns: near the exact one, level kept, least p is reached", () => {
  const random = randomStream(4, "permutation");
  const thirteen = Array.from({ length: 13 }, () => 0.4 + random.normal());
  let exact = 0;
  const sum = thirteen.reduce((a, b) => a + b, 0);
  for (let mask = 0; mask < 1 << 13; mask++) {
    const other = thirteen.reduce((a, x, i) => a + (mask >> i & 1 ? -x : x), 0);
    if (other >= sum - 1e-12) exact++;
  }
  const { above } = permutationTest(thirteen, { seed: 1, resamples: 20_000 });
  assertAlmostEquals(above, exact / 2 ** 13, 0.01);
  const clear = permutationTest(new Array(40).fill(1), { seed: 1, resamples: 999 });
  assertEquals([clear.above, clear.least, clear.below], [1 / 1000, 1 / 1000, 1]);
  let small = 0;
  for (let k = 0; k < 400; k++) {
    const even = Array.from({ length: 15 }, () => random.normal());
    if (permutationTest(even, { seed: k, resamples: 200 }).above <= 0.1) small++;
  }
  assertAlmostEquals(small / 400, 0.1, 0.05); // three standard errors
});
