import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import {
  blockGram,
  blockNorms,
  gramMatrix,
  jackknifeVariance,
  pairGram,
  promptProducts,
  shrinkage,
} from "../../lib/balance/mod.ts";
import { randomStream } from "../../lib/runtime/mod.ts";

const size = 12;
const normals = (...names: (string | number)[]): Float64Array => {
  const random = randomStream(0, ...names);
  return Float64Array.from({ length: size }, () => random.normal());
};

/** Shares of three capabilities in five blocks; the second one is absent from two of them. */
const shares = [
  [0.2, 0.5, 0.1],
  [0.2, 0, 0.4],
  [0.2, 0.3, 0.1],
  [0.2, 0, 0.2],
  [0.2, 0.2, 0.2],
];

Deno.test("without noise blocks give the Gram matrix of the whole, whatever their shares", () => {
  const whole = [0, 1, 2].map((i) => normals("whole", i));
  const blocks = shares.map((row) => row.map((s, i) => whole[i]!.map((x) => s * x)));
  const products = promptProducts(blocks);
  const exact = gramMatrix(whole);
  for (const members of [[0, 1, 2, 3, 4], [0, 2, 4], [2, 0]]) {
    blockGram(products, shares, members).forEach((row, i) =>
      row.forEach((x, j) => assertAlmostEquals(x, exact[i]![j]!, 1e-12))
    );
    blockNorms(products, shares, members).forEach((x, i) =>
      assertAlmostEquals(x, exact[i]![i]!, 1e-12)
    );
  }
  // Two blocks, of which one has the second capability: nothing is known of it but its product with others.
  const few = blockGram(products, shares, [0, 1]);
  assertEquals(few[1]![1], NaN);
  assertAlmostEquals(few[1]![0]!, exact[1]![0]!, 1e-12);
  assertEquals(blockNorms(products, shares, [1, 3])[1], NaN);
});

Deno.test("with equal shares it is the mean over pairs of different prompts", () => {
  const n = 6;
  const prompts = Array.from({ length: n }, (_, x) => [normals("p", x), normals("q", x)]);
  const parts = promptProducts(prompts.map((own) => own.map((g) => g.map((v) => v / n))));
  const even = prompts.map(() => [1 / n, 1 / n]);
  const expected = pairGram(promptProducts(prompts));
  blockGram(parts, even).forEach((row, i) =>
    row.forEach((x, j) => assertAlmostEquals(x, expected[i]![j]!, 1e-12))
  );
});

Deno.test("over all draws of noise the Gram matrix is right and the norms are too long by the noise", () => {
  // Four blocks whose gradients are a quarter of (1, 0) and (-1, 2), plus a sign drawn for each block and gradient.
  const whole = [[1, 0], [-1, 2]];
  const quarter = whole.map(() => 0.25);
  let [draws, noisy] = [0, 0];
  const sum = [[0, 0], [0, 0]];
  for (let code = 0; code < 2 ** 8; code++) {
    const blocks = [0, 1, 2, 3].map((b) =>
      whole.map((g, i) =>
        g.map((x, k) => (x + (k === i ? (code >> (2 * b + i)) % 2 * 2 - 1 : 0)) / 4)
      )
    );
    const products = promptProducts(blocks);
    const even = blocks.map(() => quarter);
    blockGram(products, even).forEach((row, i) => row.forEach((x, j) => sum[i]![j]! += x));
    noisy += blockNorms(products, even)[0]!;
    draws++;
  }
  const exact = gramMatrix(whole);
  sum.forEach((row, i) =>
    row.forEach((x, j) => assertAlmostEquals(x / draws, exact[i]![j]!, 1e-12))
  );
  // The mean of four signs has variance 1/4.
  assertAlmostEquals(noisy / draws, 1 + 1 / 4, 1e-12);
});

Deno.test("the jackknife's variance of a mean is the textbook's, and not known where a part is missing", () => {
  const values = [3, -1, 4, 1, 5];
  const mean = (members: readonly number[]) =>
    members.reduce((sum, k) => sum + values[k]!, 0) / members.length;
  const all = values.map((_, k) => k);
  const squares = values.reduce((sum, x) => sum + (x - mean(all)) ** 2, 0);
  const [variance, missing] = jackknifeVariance(all, (members) => [
    mean(members),
    members.includes(2) ? 1 : NaN,
  ]);
  assertAlmostEquals(variance!, squares / 4 / 5, 1e-12);
  assertEquals(missing, NaN);
});

Deno.test("the jackknife's variance of a product is right on average", () => {
  // Products of independent signs over blocks: <g_1, g_2> has mean 0 and a variance that is found by drawing it.
  const n = 6;
  const draws = 4000;
  const members = Array.from({ length: n }, (_, b) => b);
  const even = members.map(() => [1 / n, 1 / n]);
  const random = randomStream(0, "jackknife");
  let [squares, variance] = [0, 0];
  for (let draw = 0; draw < draws; draw++) {
    const products = promptProducts(
      members.map(() =>
        [[1 + random.normal()], [0.5 + random.normal()]].map((g) => g.map((x) => x / n))
      ),
    );
    const product = (of: readonly number[]) => blockGram(products, even, of)[0]![1]!;
    squares += (product(members) - 0.5) ** 2 / draws;
    variance += jackknifeVariance(members, (of) => [product(of)])[0]! / draws;
  }
  // Efron and Stein: never too small on average.
  assert(variance > 0.95 * squares && variance < 1.6 * squares, `${variance} ${squares}`);
});

Deno.test("what lies within its deviation of 0 is not kept, nor what nothing is known of", () => {
  assertEquals([shrinkage(1, 1), shrinkage(-3, 9.1), shrinkage(0, 0), shrinkage(2, NaN)], [
    0,
    0,
    0,
    0,
  ]);
  assertAlmostEquals(shrinkage(-2, 1), 3 / 4, 1e-12);
  assertEquals(shrinkage(1e-9, 0), 1);
});
