// Theorem 10 of lib/balance/THEORY.md for blocks of prompts: what they estimate, how well, and weights from their halves.
import { assert, assertAlmostEquals } from "@std/assert";
import {
  blockGram,
  capabilityAwareWeights,
  clipEigenvalues,
  combination,
  gramMatrix,
  inner,
  jackknifeVariance,
  projectionGap,
} from "../../../lib/balance/mod.ts";
import { randomStream } from "../../../lib/runtime/mod.ts";
import { norm, normals } from "./cases.ts";

/** Two capabilities' gradients on a prompt, all equally likely. */
const law = [
  [Float64Array.of(1, 0.5), Float64Array.of(-0.4, 1)],
  [Float64Array.of(-0.3, 2), Float64Array.of(0.8, 0.1)],
  [Float64Array.of(0.2, -1), Float64Array.of(-1.5, 0.7)],
];
const capabilities = [0, 1];

const mean = (xs: readonly number[]) => xs.reduce((a, b) => a + b, 0) / xs.length;

/** All draws of n prompts. */
function draws(n: number): number[][] {
  return n === 0 ? [[]] : draws(n - 1).flatMap((head) => law.map((_, x) => [...head, x]));
}

/** Products between blocks with gradients `scale[b][i] g_i` of the prompts drawn, [n, n][2, 2]. */
const productsOf = (drawn: readonly number[], scales: readonly (readonly number[])[]) =>
  drawn.map((x, b) =>
    drawn.map((y, c) =>
      capabilities.map((i) =>
        capabilities.map((j) => scales[b]![i]! * scales[c]![j]! * inner(law[x]![i]!, law[y]![j]!))
      )
    )
  );

const truth = gramMatrix(
  capabilities.map((i) => combination(law.map((g) => g[i]!), law.map(() => 1 / law.length))),
);
const covariance = truth.map((row, i) =>
  row.map((x, j) => mean(law.map((g) => inner(g[i]!, g[j]!))) - x)
);

Deno.test("theorem 10a: weighted prompts are off by C times the sum of the products of their weights", () => {
  // Weights of three prompts: even, decaying, and with a capability that one prompt lacks.
  for (
    const weights of [
      [[1 / 3, 1 / 3], [1 / 3, 1 / 3], [1 / 3, 1 / 3]],
      [[0.5, 0.5], [0.3, 0.3], [0.2, 0.2]],
      [[1 / 3, 0.5], [1 / 3, 0.5], [1 / 3, 0]],
    ]
  ) {
    const all = draws(3);
    capabilities.forEach((i) =>
      capabilities.forEach((j) => {
        const expected = mean(
          all.map((drawn) => {
            const sums = capabilities.map((k) =>
              combination(drawn.map((x) => law[x]![k]!), weights.map((w) => w[k]!))
            );
            return inner(sums[i]!, sums[j]!);
          }),
        );
        const overlap = weights.reduce((sum, w) => sum + w[i]! * w[j]!, 0);
        assertAlmostEquals(expected, truth[i]![j]! + covariance[i]![j]! * overlap, 1e-12);
      })
    );
  }
});

Deno.test("theorem 10a: a decayed mean over K measurements counts for (1 - d^K)(1 + d) / ((1 - d)(1 + d^K)) of them", () => {
  const effective = (decay: number, K: number) => {
    const weights = Array.from({ length: K }, (_, k) => decay ** k);
    const total = weights.reduce((a, b) => a + b, 0);
    return total ** 2 / weights.reduce((sum, w) => sum + w * w, 0);
  };
  for (const d of [0.5, 0.9, 0.99]) {
    for (const K of [1, 2, 13, 1000]) {
      const formula = (1 - d ** K) * (1 + d) / ((1 - d) * (1 + d ** K));
      assertAlmostEquals(effective(d, K) / formula, 1, 1e-9);
    }
  }
  assertAlmostEquals(effective(0.9, 13), 11.2985, 1e-4);
  assertAlmostEquals(effective(0.9, 1000), 19, 1e-9);
});

Deno.test("theorem 10b: products of different blocks are unbiased over their shares, whatever these are", () => {
  for (
    const shares of [
      [[0.25, 0.25], [0.25, 0.25], [0.25, 0.25], [0.25, 0.25]],
      [[0.4, 0], [0.3, 0.5], [0.2, 0.3], [0.1, 0.2]],
    ]
  ) {
    const found = draws(4).map((drawn) => blockGram(productsOf(drawn, shares), shares));
    truth.forEach((row, i) =>
      row.forEach((x, j) => assertAlmostEquals(mean(found.map((gram) => gram[i]![j]!)), x, 1e-12))
    );
  }
});

Deno.test("theorem 10b: the jackknife's variance is never too small on average, and too large where noise meets noise", () => {
  // Hoeffding's parts of the symmetric product h(x, y) = (<g_ix, g_jy> + <g_jx, g_iy>) / 2.
  for (const [i, j] of [[0, 1], [0, 0]] as const) {
    const h = law.map((x) => law.map((y) => (inner(x[i]!, y[j]!) + inner(x[j]!, y[i]!)) / 2));
    const centre = mean(h.flat());
    const own = h.map((row) => mean(row) - centre);
    const linear = mean(own.map((x) => x * x));
    const quadratic = mean(
      h.flatMap((row, x) => row.map((value, y) => (value - centre - own[x]! - own[y]!) ** 2)),
    );
    assert(linear > 0.01 && quadratic > 0.01, `${linear} ${quadratic}`);
    for (const n of [4, 5]) {
      const shares = Array.from({ length: n }, () => [1 / n, 1 / n]);
      const members = shares.map((_, b) => b);
      const found = draws(n).map((drawn) => {
        const products = productsOf(drawn, shares);
        const entry = (kept: readonly number[]) => [blockGram(products, shares, kept)[i]![j]!];
        return { value: entry(members)[0]!, jackknife: jackknifeVariance(members, entry)[0]! };
      });
      const variance = mean(found.map(({ value }) => (value - centre) ** 2));
      assertAlmostEquals(variance, 4 * linear / n + 2 * quadratic / (n * (n - 1)), 1e-12);
      const jackknife = mean(found.map((row) => row.jackknife));
      assertAlmostEquals(jackknife, 4 * linear / n + 4 * quadratic / (n * (n - 2)), 1e-12);
    }
  }
});

/** A draw of eight noisy blocks of three conflicting gradients, with weights from either half and from all of them. */
function blocksAt(seed: number) {
  const random = randomStream(seed, "cross-fitting");
  const g = [
    Float64Array.of(1, 0, 0.2, 0, 0, 0),
    Float64Array.of(-0.8, 0.5, 0, 0, 0, 0),
    Float64Array.of(0, -0.7, 0.6, 0, 0, 0),
  ];
  const preference = [0.5, 0.3, 0.2];
  const blocks = Array.from({ length: 8 }, () =>
    g.map((x) => {
      const noise = normals(random, 6);
      return x.map((value, k) => (value + noise[k]!) / 8);
    }));
  const products = blocks.map((a) => blocks.map((b) => a.map((x) => b.map((y) => inner(x, y)))));
  const shares = blocks.map(() => g.map(() => 1 / 8));
  const halves = [[0, 1, 2, 3], [4, 5, 6, 7]];
  const gramOn = (members: readonly number[]) => blockGram(products, shares, members);
  const weightsOn = (members: readonly number[]) =>
    capabilityAwareWeights({
      gram: clipEigenvalues(gramOn(members)),
      preference,
      ridge: 0.05,
      cap: 2,
    }).weights;
  const sumOn = (members: readonly number[], w: readonly number[]) =>
    combination(members.map((b) => combination(blocks[b]!, w)), members.map(() => 1));
  return { g, preference, halves, gramOn, weightsOn, sumOn };
}

/** Distance of a mean from 0 in standard errors. */
function deviations(values: readonly number[]): number {
  const centre = mean(values);
  const spread = mean(values.map((x) => (x - centre) ** 2));
  return Math.abs(centre) / Math.sqrt(spread / values.length);
}

Deno.test("theorem 10e: cross-fitted steps do to first order what their weights say; with weights from the same blocks they do not", () => {
  const [crossed, same]: number[][] = [[], []];
  for (let seed = 0; seed < 4000; seed++) {
    const { g, preference, halves: [a, b], weightsOn, sumOn } = blocksAt(seed);
    const gram = gramMatrix(g);
    // What the weights add to the preference: the preferred part is unbiased either way.
    const preferred = inner(g[1]!, sumOn([...a!, ...b!], preference));
    const rate = (w: readonly number[]) =>
      gram[1]!.reduce((sum, x, j) => sum + x * (w[j]! - preference[j]!), 0);
    const [fromA, fromB, fromAll] = [a!, b!, [...a!, ...b!]].map(weightsOn);
    const step = combination([sumOn(b!, fromA!), sumOn(a!, fromB!)], [1, 1]);
    crossed!.push(inner(g[1]!, step) - preferred - (rate(fromA!) + rate(fromB!)) / 2);
    same!.push(inner(g[1]!, sumOn([...a!, ...b!], fromAll!)) - preferred - rate(fromAll!));
  }
  assert(deviations(crossed!) < 4, `${deviations(crossed!)}`);
  assert(deviations(same!) > 6, `${deviations(same!)}`);
});

Deno.test("theorem 10e: eps of one half's weights on the other's Gram matrix is unbiased, and above that of the mean weights", () => {
  const errors: number[] = [];
  const weights: number[][] = [];
  let eps = 0;
  const count = 3000;
  for (let seed = 0; seed < count; seed++) {
    const { g, preference, halves: [a, b], gramOn, weightsOn } = blocksAt(seed);
    const w = weightsOn(a!);
    const exact = projectionGap(gramMatrix(g), w, preference);
    errors.push(projectionGap(gramOn(b!), w, preference) - exact);
    weights.push(w);
    eps += exact / count;
  }
  assert(deviations(errors) < 4, `${deviations(errors)}`);
  const { g, preference } = blocksAt(0);
  const average = preference.map((_, i) => mean(weights.map((w) => w[i]!)));
  const own = projectionGap(gramMatrix(g), average, preference);
  // E (w - p)'G w = (Ew - p)'G Ew + E (w - Ew)'G (w - Ew).
  const spread = mean(weights.map((w) => {
    const off = w.map((x, i) => x - average[i]!);
    return norm(combination(g, off)) ** 2;
  }));
  assertAlmostEquals(eps, own + spread, 1e-9);
  assert(spread > 0.05, `${spread}`);
});
