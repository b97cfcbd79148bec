// Theorems 9a and 10 of lib/balance/THEORY.md: what is measured on a few prompts, and how far it is to be trusted.
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import {
  capabilityAwareWeights,
  certifyDirection,
  clipEigenvalues,
  cosineIntervals,
  crossGram,
  definedCosines,
  directionalDerivatives,
  entryMoments,
  gramMatrix,
  onePassGram,
  pairGram,
  projectionGap,
  promptProducts,
  promptsForSign,
  promptsToCertify,
  rewardCovariance,
  rewardTable,
  sampledGradients,
  sampledRewardCovariance,
  softmaxPolicy,
  softmaxProblem,
  wrongSignBound,
} from "../../lib/balance/mod.ts";
import { type RandomStream, randomStream, UsageError } from "../../lib/runtime/mod.ts";

const d = 6;
const truth = [[1, 0.2, 0, 0, 0.1, 0], [-0.6, 0.5, 0.3, 0, 0, 0.1]];
const metric = [1, 0.5, 2, 1, 0.25, 1.5];

/** Gradients of both capabilities on a prompt: the truth, a common noise, and one of their own. */
function promptGradients(random: RandomStream, noise = 1): number[][] {
  const common = Array.from({ length: d }, () => random.normal());
  return truth.map((g) => g.map((x, k) => x + noise * (common[k]! + 0.5 * random.normal())));
}

const meanOf = (prompts: readonly (readonly number[][])[]) =>
  truth.map((_, i) =>
    Array.from(
      { length: d },
      (_, k) => prompts.reduce((sum, g) => sum + g[i]![k]!, 0) / prompts.length,
    )
  );

/** Mean and standard error. */
function summary(values: readonly number[]) {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const variance = values.reduce((a, x) => a + (x - mean) ** 2, 0) / (values.length - 1);
  return { mean, variance, error: Math.sqrt(variance / values.length) };
}

const within = (values: readonly number[], expected: number): boolean => {
  const { mean, error } = summary(values);
  return Math.abs(mean - expected) < 3.5 * error;
};

Deno.test("eps from three folds is unbiased; from two folds it is not, and from one it is 0", () => {
  const random = randomStream(1, "three folds");
  const preference = [0.9, 0.1];
  const exact = gramMatrix(truth, metric);
  const off = { three: [] as number[], two: [] as number[], one: [] as number[] };
  for (let run = 0; run < 4000; run++) {
    const fold = () => meanOf(Array.from({ length: 6 }, () => promptGradients(random)));
    const [a, b1, b2] = [fold(), fold(), fold()];
    const { weights } = capabilityAwareWeights({
      gram: clipEigenvalues(gramMatrix(a, metric)),
      preference,
    });
    const eps = projectionGap(crossGram(b1, b2, metric), weights, preference);
    const real = projectionGap(exact, weights, preference);
    off.three.push(eps - real);
    const both = b1.map((g, i) => g.map((x, k) => (x + b2[i]![k]!) / 2));
    off.two.push(projectionGap(gramMatrix(both, metric), weights, preference) - real);
    off.one.push(projectionGap(gramMatrix(a, metric), weights, preference));
  }
  assert(within(off.three, 0), JSON.stringify(summary(off.three)));
  assert(!within(off.two, 0) && summary(off.two).mean > 0, JSON.stringify(summary(off.two)));
  off.one.forEach((value) => assertAlmostEquals(value, 0, 1e-9));
});

Deno.test("products of prompts give the one-pass Gram matrix, and resamples never pair a prompt with itself", () => {
  const random = randomStream(2, "products");
  const prompts = Array.from({ length: 7 }, () => promptGradients(random));
  const products = promptProducts(prompts, metric);
  const expected = onePassGram(
    gramMatrix(meanOf(prompts), metric),
    prompts.map((g) => gramMatrix(g, metric)),
  );
  pairGram(products).forEach((row, i) =>
    row.forEach((x, j) => assertAlmostEquals(x, expected[i]![j]!, 1e-12))
  );
  const counts = [3, 0, 2, 0, 0, 0, 0];
  pairGram(products, counts).forEach((row, i) =>
    row.forEach((x, j) =>
      assertAlmostEquals(x, (products[0]![2]![i]![j]! + products[2]![0]![i]![j]!) / 2, 1e-12)
    )
  );
  assertThrows(() => pairGram(products, [4, 0, 0, 0, 0, 0, 0]), UsageError, "at least 2 different");
  assertThrows(() => promptProducts([[[1], [1, 2]]]), UsageError, "to have length 1 but found 2");
});

Deno.test("a Gram entry across halves varies as V1 / n + T2 / n^2", () => {
  const random = randomStream(3, "moments");
  // S_i = 1.25 times the identity for both capabilities.
  const exact = gramMatrix(truth, metric);
  const square = gramMatrix(truth.map((g) => g.map((x, k) => x * Math.sqrt(metric[k]!))), metric);
  const linear = 1.25 * (square[0]![0]! + square[1]![1]!);
  const quadratic = 1.25 ** 2 * metric.reduce((sum, x) => sum + x * x, 0);
  const pilots = Array.from(
    { length: 150 },
    () =>
      entryMoments(
        promptProducts(Array.from({ length: 40 }, () => promptGradients(random)), metric),
        0,
        1,
      ),
  );
  assert(within(pilots.map(({ mean }) => mean), exact[0]![1]!));
  assertAlmostEquals(summary(pilots.map((p) => p.linear)).mean / linear, 1, 0.15);
  assertAlmostEquals(summary(pilots.map((p) => p.quadratic)).mean / quadratic, 1, 0.15);

  // With few prompts, what the estimates take off for themselves counts: where the capabilities' noises are independent,
  // V1 is right, and T2 too large by an eighth.
  const noise = 0.3;
  const small = Array.from({ length: 2000 }, () => {
    const prompts = Array.from(
      { length: 8 },
      () => truth.map((g) => g.map((x) => x + noise * Math.sqrt(1.25) * random.normal())),
    );
    return entryMoments(promptProducts(prompts, metric), 0, 1);
  });
  assertAlmostEquals(summary(small.map((p) => p.linear)).mean / (noise ** 2 * linear), 1, 0.05);
  const ratio = summary(small.map((p) => p.quadratic)).mean / (noise ** 4 * quadratic);
  assertAlmostEquals(ratio, 1.13, 0.1);

  // Where nothing but noise is there, V1 is never below 0.
  const empty = Array.from({ length: 50 }, () => {
    const noise = () => Array.from({ length: d }, () => random.normal());
    return entryMoments(promptProducts(Array.from({ length: 6 }, () => [noise(), noise()])), 0, 1);
  });
  assert(empty.every((p) => p.linear >= 0) && empty.some((p) => p.linear === 0));

  const moments = { mean: exact[0]![1]!, linear, quadratic };
  for (const n of [4, 40]) {
    const entries = Array.from({ length: 1500 }, () => {
      const half = () => meanOf(Array.from({ length: n }, () => promptGradients(random)));
      const [a, b] = [half(), half()];
      return a[0]!.reduce((sum, x, k) => sum + metric[k]! * x * b[1]![k]!, 0);
    });
    const { variance } = summary(entries);
    assertAlmostEquals(variance / (linear / n + quadratic / n ** 2), 1, 0.15);
    const wrong = entries.filter((x) => x * moments.mean < 0).length / entries.length;
    assert(wrong <= wrongSignBound(moments, n), `${wrong} of ${n}`);
  }
  const n = promptsForSign(moments, 0.1);
  assert(wrongSignBound(moments, n) <= 0.1);
  // (3 / 4 + 8 / 16) / 2^2; then the larger of 2 * 3 / (0.1 * 4) = 15 and sqrt(2 * 8 / 0.1) / 2 = 6.3, and of 0.15 and 6.3.
  assertAlmostEquals(wrongSignBound({ mean: -2, linear: 3, quadratic: 8 }, 4), 0.3125, 1e-12);
  assertEquals(promptsForSign({ mean: -2, linear: 3, quadratic: 8 }, 0.1), 15);
  assertEquals(promptsForSign({ mean: -2, linear: 0.03, quadratic: 8 }, 0.1), 7);
  assertEquals(promptsForSign({ ...moments, mean: 0 }, 0.1), Infinity);
  assertEquals(wrongSignBound({ ...moments, mean: 0 }, 10), 1);
});

Deno.test("intervals of cosines over prompts hold the truth about as often as they say", () => {
  const random = randomStream(4, "cosines");
  const exact = gramMatrix(truth, metric);
  const cosine = exact[0]![1]! / Math.sqrt(exact[0]![0]! * exact[1]![1]!);
  let held = 0;
  for (let run = 0; run < 100; run++) {
    const prompts = Array.from({ length: 24 }, () => promptGradients(random, 0.4));
    const found = cosineIntervals(promptProducts(prompts, metric), { seed: run, resamples: 150 });
    assertEquals(found.cosines[0]![0], 1);
    const [low, high] = [found.low[0]![1]!, found.high[0]![1]!];
    assert(low <= found.cosines[0]![1]! && found.cosines[0]![1]! <= high);
    if (low <= cosine && cosine <= high) held++;
  }
  assert(held >= 85, `${held} of 100`);
  const few = promptProducts(Array.from({ length: 5 }, () => promptGradients(random)));
  assertEquals(
    cosineIntervals(few, { seed: 1, resamples: 50 }),
    cosineIntervals(few, { seed: 1, resamples: 50 }),
  );
});

Deno.test("a capability whose own product is not above 0 has no cosine: not 0, and no end of an interval", () => {
  assertEquals(definedCosines([[4, 3], [3, 1]]), [[1, 1.5], [1.5, 1]]);
  assertEquals(definedCosines([[4, 3], [3, -1]]), [[1, null], [null, null]]);
  assertEquals(definedCosines([[4, 0], [0, 0]]), [[1, null], [null, null]]);

  // The second gradient turns about from prompt to prompt: the products of different prompts are mostly negative.
  const turning = [1, -1, 1, -1, 1, -1].map((sign, x) => [[1, 0.1 * x], [0, sign * (1 + 0.1 * x)]]);
  const { cosines, low, high, defined } = cosineIntervals(promptProducts(turning), {
    seed: 0,
    resamples: 400,
  });
  assertEquals([cosines[0]![0], cosines[0]![1], defined[0]![0]], [1, null, 1]);
  assert(defined[0]![1]! > 0 && defined[0]![1]! < 0.9, `${defined[0]![1]}`);
  // Ends come from the resamples that have a cosine, none of which is 0 here.
  assert(low[0]![1] !== 0 && high[0]![1] !== 0 && low[0]![1]! < high[0]![1]!);
  const never = promptProducts([[[1], [0]], [[1], [0]], [[2], [0]]]);
  const none = cosineIntervals(never, { seed: 0, resamples: 20 });
  assertEquals([none.low[0]![1], none.high[0]![1], none.defined[0]![1]], [null, null, 0]);
});

Deno.test("a direction's derivatives have the mean g'D; the number of prompts gives the error it is asked for", () => {
  const random = randomStream(5, "direction");
  const update = truth[0]!.map((x, k) => 0.1 * metric[k]! * x);
  const gain = truth[0]!.reduce((sum, x, k) => sum + x * update[k]!, 0);
  const draw = (n: number) =>
    directionalDerivatives(
      Array.from({ length: n }, () => promptGradients(random)[0]!),
      update,
    );
  assert(within(draw(4000), gain));
  const n = promptsToCertify(draw(4000));
  assert(n > 2, `${n}`);
  let wrong = 0;
  for (let run = 0; run < 2000; run++) if (summary(draw(n)).mean <= 0) wrong++;
  assertAlmostEquals(wrong / 2000, 0.05, 0.025);
  assertEquals(promptsToCertify([-1, -3, 1]), Infinity);
  assertThrows(
    () => certifyDirection([1], 1, 0.1, 1),
    UsageError,
    "at least 2 prompts but found 1",
  );
  // A limit that holds at once for all capabilities is lower.
  const z = draw(50);
  assert(certifyDirection(z, 4, 0.05, 4).lower < certifyDirection(z, 4, 0.05, 1).lower);
});

Deno.test("reward covariance within prompts is unbiased for the natural gradient's Gram matrix", () => {
  const prompts = 3;
  const table = rewardTable({ prompts, answers: 4, rewards: 2, conflict: 0.7, seed: 3 });
  const random = randomStream(7, "covariance");
  const logits = Float64Array.from({ length: 12 }, () => random.normal());
  const problem = softmaxProblem(table);
  const policy = softmaxPolicy(table, logits);
  const exact = rewardCovariance(problem, logits);
  const draw = (x: number) => {
    let u = random.next(), answer = 0;
    while (answer < 3 && (u -= policy[4 * x + answer]!) > 0) answer++;
    return table[x]![answer]!;
  };
  for (const K of [2, 4]) {
    const found = Array.from(
      { length: 3000 },
      () =>
        sampledRewardCovariance(
          Array.from({ length: prompts }, (_, x) => Array.from({ length: K }, () => draw(x))),
        ),
    );
    for (const [i, j] of [[0, 0], [0, 1], [1, 1]] as const) {
      assert(within(found.map((c) => c[i]![j]!), exact[i]![j]!), `${K} ${i} ${j}`);
    }
  }
  // Absent rewards have no part in it, and a prompt with one completion says nothing.
  const [[own, shared], [, other]] = sampledRewardCovariance(
    [[[1, null], [0, null], [0, 1]], [[1, 1]]],
  ) as [[number, number], [number, number]];
  assertAlmostEquals(own, 1 / 3, 1e-12);
  assertEquals([shared, other], [0, 0]);
});

Deno.test("on the laboratory's sampled gradients the unbiased forms agree with the exact Gram matrix", () => {
  const table = rewardTable({ prompts: 2, answers: 3, rewards: 2, conflict: 0.5, seed: 1 });
  const problem = softmaxProblem(table);
  const random = randomStream(8, "sampled");
  const logits = Float64Array.from({ length: 6 }, () => random.normal());
  const exact = gramMatrix(problem.evaluate(logits).gradients);
  const pairs: number[] = [], cross: number[] = [], plain: number[] = [];
  for (let run = 0; run < 3000; run++) {
    const drawn = sampledGradients(problem, logits, { prompts: 6, completions: 3, random });
    const mean = (part: typeof drawn) =>
      part[0]!.map((_, i) =>
        Float64Array.from(
          { length: 6 },
          (_, k) => part.reduce((sum, g) => sum + g[i]![k]!, 0) / part.length,
        )
      );
    pairs.push(pairGram(promptProducts(drawn))[0]![1]!);
    cross.push(crossGram(mean(drawn.slice(0, 3)), mean(drawn.slice(3)))[0]![1]!);
    plain.push(gramMatrix(mean(drawn))[0]![1]!);
  }
  assert(within(pairs, exact[0]![1]!));
  assert(within(cross, exact[0]![1]!));
  assert(!within(plain, exact[0]![1]!));
  assert(summary(pairs).variance < summary(cross).variance, "all pairs say more than halves");
});
