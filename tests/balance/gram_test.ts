import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import {
  anyRuleBound,
  certifyDirection,
  clipEigenvalues,
  crossGram,
  descentBound,
  gramMatrix,
  harmfulPreference,
  harmfulShare,
  nnls,
  onePassGram,
  preservationRatio,
  projectionGap,
  signalToNoise,
  signalToNoisePerPrompt,
  signFlipPrompts,
  stepBounds,
  stepForHarm,
  symmetricEigen,
  unitDiagonal,
} from "../../lib/balance/mod.ts";
import { randomStream, UsageError } from "../../lib/runtime/mod.ts";

Deno.test("gram matrix: metric, float32 input in float64, lengths checked", () => {
  assertEquals(
    gramMatrix([new Float32Array([1, 2]), new Float32Array([3, -1])], [2, 0.5]),
    [[4, 5], [5, 18.5]],
  );
  assertThrows(
    () => gramMatrix([[1], [1, 2]]),
    UsageError,
    "gradient 1 to have length 1 but found 2",
  );
  assertThrows(() => gramMatrix([[1]], [1, 2]), UsageError, "metric");
});

Deno.test("one batch has the wrong sign, the cross Gram and the one-pass Gram are unbiased (trap A2)", () => {
  // True gradients are opposite; each prompt adds a common large noise, as correlated rewards do.
  const random = randomStream(1, "cross"), d = 20, n = 16, runs = 400;
  const sums = { plain: 0, cross: 0, onePass: 0, snr: 0, snrPrompt: 0 };
  for (let r = 0; r < runs; r++) {
    const prompts = Array.from({ length: 2 * n }, () => {
      const noise = Array.from({ length: d }, () => random.normal());
      return [
        noise.map((x, k) => x + (k === 0 ? 0.5 : 0)),
        noise.map((x, k) => x - (k === 0 ? 0.5 : 0)),
      ];
    });
    const mean = (from: number, to: number) =>
      [0, 1].map((i) =>
        Array.from(
          { length: d },
          (_, k) =>
            prompts.slice(from, to).reduce((s, g) => s + g[i]![k]!, 0) /
            (to - from),
        )
      );
    const all = gramMatrix(mean(0, 2 * n)),
      own = prompts.map((g) => gramMatrix(g));
    sums.plain += all[0]![1]! / runs;
    sums.cross += crossGram(mean(0, n), mean(n, 2 * n))[0]![1]! / runs;
    sums.onePass += onePassGram(all, own)[0]![1]! / runs;
    sums.snr += signalToNoise(mean(0, n), mean(n, 2 * n))[0]! / runs;
    sums.snrPrompt += signalToNoisePerPrompt(all, own)[0]! / runs;
  }
  assert(sums.plain > 0.2, `one batch ${sums.plain}`); // -0.25 + 20 / 32
  assertAlmostEquals(sums.cross, -0.25, 0.05);
  assertAlmostEquals(sums.onePass, -0.25, 0.05);
  assertAlmostEquals(sums.snr, n * 0.25 / d, 0.1); // n G_ii / C_ii
  assertAlmostEquals(sums.snrPrompt, 2 * n * 0.25 / d, 0.1);
  assertEquals(signFlipPrompts(-0.25, 20), 80);
  assertEquals(signFlipPrompts(0.25, 20), 0);
});

Deno.test("eigenvalue clip: nearest semidefinite matrix, a semidefinite one unchanged", () => {
  const clipped = clipEigenvalues([[2, 3, 0], [3, 2, 1], [0, 1, -1]]);
  assert(symmetricEigen(clipped).values.at(-1)! > -1e-14);
  assertEquals(clipEigenvalues([[2, 1], [1, 2]]), [[2, 1], [1, 2]]);
});

Deno.test("eigen: the decomposition rebuilds the matrix", () => {
  const random = randomStream(6, "eigen");
  const raw = Array.from(
    { length: 6 },
    () => Array.from({ length: 6 }, () => random.normal()),
  );
  const a = raw.map((row, i) => row.map((x, j) => x + raw[j]![i]!));
  const { values, vectors } = symmetricEigen(a);
  a.forEach((row, i) =>
    row.forEach((x, j) =>
      assertAlmostEquals(
        values.reduce(
          (s, l, k) => s + l * vectors[k]![i]! * vectors[k]![j]!,
          0,
        ),
        x,
        1e-13,
      )
    )
  );
});

Deno.test("unit diagonal: cosines and norms, zero rows stay zero", () => {
  assertEquals(unitDiagonal([[4, -2, 0], [-2, 1, 0], [0, 0, 0]]), {
    cosines: [[1, -1, 0], [-1, 1, 0], [0, 0, 0]],
    norms: [2, 1, 0],
  });
});

Deno.test("nnls: exactly opposite gradients, caps, and an unbounded programme shows in the residual (trap A14)", () => {
  const opposite = nnls([[1, -1], [-1, 1]], [-0.5, 0.5]);
  assertAlmostEquals(opposite.progress[0]!, 0, 1e-15);
  assert(opposite.residual < 1e-15);
  assertEquals(nnls([[1, -1], [-1, 1]], [-0.5, 0.5], [0.25, 1]).solution, [
    0.25,
    0,
  ]);
  assert(nnls([[1, -1], [-1, 1]], [-1, -1]).residual > 0.1);
  assertEquals(nnls([[1, -1], [-1, 1]], [-1, -1], [3, 5]).residual, 0);
  assertThrows(
    () => nnls(Array(9).fill(Array(9).fill(0)), Array(9).fill(0)),
    UsageError,
    "at most 8",
  );
});

Deno.test("fixed weights harm somebody under some preference iff an inner product is negative (Theorem 2)", () => {
  const random = randomStream(8, "conflict");
  for (let k = 0; k < 200; k++) {
    const jacobian = Array.from(
      { length: 4 },
      () => Array.from({ length: 3 }, () => random.normal() + (k % 2 ? 1.5 : 0)),
    );
    const gram = gramMatrix(jacobian);
    const negative = gram.some((row) => row.some((x) => x < 0));
    const witness = harmfulPreference(gram);
    assertEquals(witness !== undefined, negative);
    assertEquals(harmfulShare(gram, 4) > 0, negative);
    if (witness) {
      assert(witness.preference.every((p) => p > 0));
      assertAlmostEquals(
        witness.preference.reduce((s, p) => s + p, 0),
        1,
        1e-12,
      );
      assert(
        gram[witness.harmed]!.reduce(
          (s, g, j) => s + g * witness.preference[j]!,
          0,
        ) < 0,
      );
    }
  }
});

Deno.test("the share of harmful preferences counts the lattice's points; orthogonal gradients have none", () => {
  // (0, 4), (1, 3), (3, 1) and (4, 0) out of 4 harm one of them, (2, 2) none.
  assertEquals(harmfulShare([[1, -0.5], [-0.5, 1]], 4), 4 / 5);
  // Only preferences that are mostly the second's harm the first, which is large.
  assertEquals(harmfulShare([[16, -4], [-4, 4]], 4), 3 / 5);
  // All points that hold one of the first two without the other; those of the third alone and of both harm none.
  assertEquals(harmfulShare([[1, -0.1, 0], [-0.1, 1, 0], [0, 0, 1]], 2), 4 / 6);
  assertEquals(harmfulPreference([[1, 0], [0, 2]]), undefined);
  assertEquals(harmfulShare([[1, 0], [0, 2]]), 0);
});

Deno.test("orthogonal gradients can harm in a finite step (trap A1)", () => {
  // J_1 = x - y^2 / 2, J_2 = y at 0, w = (.1, .9), eta = .5
  const [harmed, raised] = stepBounds(gramMatrix([[1, 0], [0, 1]]), [0.1, 0.9], 0.5, [1, 0]);
  const [x, y] = [0.5 * 0.1, 0.5 * 0.9];
  assertAlmostEquals(harmed!, 0.05 - 0.25 * (0.01 + 0.81) / 2, 1e-15); // -0.0525
  assert(harmed! <= x - y ** 2 / 2 && x - y ** 2 / 2 < 0); // -0.05125
  assertAlmostEquals(raised!, y, 1e-15); // linear: the bound is the change
});

Deno.test("bounds: preservation ratio and its inverse, descent, any rule, projection gap", () => {
  assertAlmostEquals(preservationRatio(stepForHarm(0.3)), 0.3, 1e-15);
  assertEquals(descentBound(2, 1, 1, 10), 0.4);
  assertAlmostEquals(
    anyRuleBound({
      smoothness: 1,
      gap: 1,
      stepSize: 0.5,
      eps: [0.1, -0.1],
      variance: [2, 2],
    }),
    3,
    1e-15,
  );
  assertEquals(projectionGap([[1, 0], [0, 2]], [1, 1], [0.5, 0.5]), 1.5);
});

Deno.test("certificate: the lower limit is that of Maurer and Pontil, with a union over the capabilities", () => {
  // Mean 2, variance 2 and l = ln(2 * 3 / delta) = 2: 2 - sqrt(2 * 2 * 2 / 2) - 7 * 0.3 * 2 / (3 * 1).
  const two = certifyDirection([1, 3], 0.3, 6 / Math.E ** 2, 3);
  assertEquals([two.mean, two.certified], [2, false]);
  assertAlmostEquals(two.lower, 2 - 2 - 1.4, 1e-12);
  // Mean 3, variance 4 and l = 3: 3 - sqrt(2 * 4 * 3 / 3) - 7 * 1e-3 * 3 / (3 * 2).
  const three = certifyDirection([1, 3, 5], 1e-3, 2 / Math.E ** 3, 1);
  assertAlmostEquals(three.lower, 3 - Math.sqrt(8) - 0.0035, 1e-12);
  assert(three.certified);
  assertThrows(() => certifyDirection([1], 1, 0.1, 1), UsageError, "at least 2 prompts");
});

Deno.test("certificate: few prompts certify nothing, many do, and noise around 0 does not", () => {
  const random = randomStream(9, "certificate");
  const draws = (n: number, mean: number) =>
    Array.from({ length: n }, () => mean + random.next() - 0.5);
  assert(!certifyDirection(draws(10, 0.2), 1, 0.05, 4).certified);
  assert(certifyDirection(draws(2000, 0.2), 1, 0.05, 4).certified);
  let wrong = 0;
  for (let k = 0; k < 200; k++) {
    if (certifyDirection(draws(50, 0), 1, 0.05, 4).certified) wrong++;
  }
  assert(wrong <= 2);
});
