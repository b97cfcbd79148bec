import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { estimateLambda, lambdaStar } from "../../lib/evaluation/hybrid_weight.ts";
import { hypervolume, nondominated } from "../../lib/evaluation/hypervolume.ts";
import {
  bootstrapInterval,
  clopperPearson,
  clopperPearsonUpper,
  studentInterval,
  wilsonInterval,
} from "../../lib/evaluation/intervals.ts";
import { binaryKl, klInverse } from "../../lib/evaluation/kl_inverse.ts";
import { mcnemar, mcnemarFromItems, pairedDifference } from "../../lib/evaluation/paired.ts";
import { selectiveThreshold } from "../../lib/evaluation/selective.ts";
import {
  betaQuantile,
  binomialCdf,
  incompleteBeta,
  normalQuantile,
  normalTail,
} from "../../lib/evaluation/special_functions.ts";
import { randomStream, UsageError } from "../../lib/runtime/mod.ts";

Deno.test("special functions: known values", () => {
  assertAlmostEquals(normalQuantile(0.975), 1.959963984540054, 1e-13);
  assertAlmostEquals(normalTail(1), 0.15865525393145707, 1e-15);
  assertAlmostEquals(normalTail(5) / 2.866515718791939e-7, 1, 1e-12);
  assertAlmostEquals(normalTail(-1.5), 0.9331927987311419, 1e-14);
  assertAlmostEquals(incompleteBeta(0.3, 2, 3), 0.3483, 1e-13);
  assertAlmostEquals(betaQuantile(0.3483, 2, 3), 0.3, 1e-12);
  // Against the plain sum.
  let sum = 0, choose = 1;
  for (let k = 0; k <= 7; k++) {
    sum += choose * 0.2 ** k * 0.8 ** (30 - k);
    assertAlmostEquals(binomialCdf(k, 30, 0.2), sum, 1e-13);
    choose *= (30 - k) / (k + 1);
  }
  assertEquals([binomialCdf(-1, 5, 0.5), binomialCdf(5, 5, 0.5)], [0, 1]);
});

Deno.test("share intervals: edges, order, errors", () => {
  assertEquals(wilsonInterval(0, 0), { low: 0, high: 1 });
  assertEquals(clopperPearson(0, 0), { low: 0, high: 1 });
  assertEquals(wilsonInterval(0, 10).low, 0);
  assertEquals(clopperPearson(10, 10).high, 1);
  assertAlmostEquals(clopperPearson(0, 10).high, 1 - 0.025 ** 0.1, 1e-13);
  const wilson = wilsonInterval(7, 10), exact = clopperPearson(7, 10);
  // Wilson's formula, and the shares whose binomial tails are 0.025, by bisection on exact sums.
  assertAlmostEquals(wilson.low, 0.3967781474611, 1e-12);
  assertAlmostEquals(wilson.high, 0.8922087325937, 1e-12);
  assertAlmostEquals(exact.low, 0.34754714994, 1e-10);
  assertAlmostEquals(exact.high, 0.93326048882, 1e-10);
  assert(
    exact.low < wilson.low && wilson.low < 0.7 && 0.7 < wilson.high && wilson.high < exact.high,
  );
  assertThrows(
    () => wilsonInterval(11, 10),
    UsageError,
    "Expected successes to be an integer from 0 to 10 but found 11",
  );
  assertThrows(() => clopperPearson(1, 10, 1), UsageError, "level");
});

Deno.test("clopper-pearson covers at least 95 % for every share", () => {
  for (const p of [0.02, 0.3, 0.5, 0.91]) {
    let covered = 0;
    for (let k = 0; k <= 25; k++) {
      const { low, high } = clopperPearson(k, 25);
      if (low <= p && p <= high) covered += binomialCdf(k, 25, p) - binomialCdf(k - 1, 25, p);
    }
    assert(covered >= 0.95);
  }
});

Deno.test("bootstrap: deterministic, near the normal interval, edges", () => {
  const random = randomStream(1, "values");
  const values = Array.from({ length: 200 }, () => random.normal());
  const first = bootstrapInterval(values, { seed: 3 });
  assertEquals(first, bootstrapInterval(values, { seed: 3 }));
  assert(first.low !== bootstrapInterval(values, { seed: 4 }).low);
  assertAlmostEquals(first.high - first.low, 2 * 1.96 / Math.sqrt(200), 0.05);
  assert(bootstrapInterval(values, { seed: 3, level: 0.5 }).high < first.high);
  // Between two means the ends lie where the level says.
  const ends = (level: number) => bootstrapInterval(values, { seed: 3, resamples: 2, level });
  const [half, wide] = [ends(0.5), ends(0.9)];
  assertAlmostEquals((wide.high - wide.low) / (half.high - half.low), 0.9 / 0.5, 1e-9);
  assertAlmostEquals(wide.high + wide.low, half.high + half.low, 1e-12);
  assertEquals(bootstrapInterval([2], { seed: 1 }), { mean: 2, low: 2, high: 2, n: 1 });
  assert(Number.isNaN(bootstrapInterval([], { seed: 1 }).mean));
  assertThrows(() => bootstrapInterval([1, NaN], { seed: 1 }), UsageError, "values[1]");
  assertThrows(() => bootstrapInterval([1], { seed: 1, resamples: 0 }), UsageError, "resamples");
});

Deno.test("Student's interval: quantiles of tables, coverage at six normal values, edges", () => {
  // t(0.975) with 1, 5 and 11 degrees of freedom; values -1 and 1 in turn have variance n / (n - 1).
  for (const [n, t] of [[2, 12.706204736], [6, 2.570581836], [12, 2.200985160]] as const) {
    const { mean, high } = studentInterval(Array.from({ length: n }, (_, i) => i % 2 ? 1 : -1));
    assertAlmostEquals(mean, 0, 1e-15);
    assertAlmostEquals(high / t, 1 / Math.sqrt(n - 1), 1e-8);
  }
  const random = randomStream(3, "student");
  let holds = 0;
  for (let draw = 0; draw < 4000; draw++) {
    const { low, high } = studentInterval(Array.from({ length: 6 }, () => 7 + random.normal()));
    if (low <= 7 && 7 <= high) holds++;
  }
  assertAlmostEquals(holds / 4000, 0.95, 3 * Math.sqrt(0.95 * 0.05 / 4000));
  assertEquals(studentInterval([2]), { mean: 2, low: NaN, high: NaN, n: 1 });
  assertThrows(() => studentInterval([1, Infinity]), UsageError, "values[1]");
});

Deno.test("paired difference: exact for few pairs, calibrated for many, equal systems give p = 1", () => {
  assertEquals(pairedDifference([1, 1, 1], [0, 0, 1], { seed: 1 }).p, 0.5);
  assertEquals(pairedDifference([1, 2, 3, 4, 5], [0, 0, 0, 0, 0], { seed: 1 }).p, 2 / 32);
  assertEquals(pairedDifference([0.3, 0.1], [0.3, 0.1], { seed: 1 }), {
    mean: 0,
    low: 0,
    high: 0,
    n: 2,
    p: 1,
  });
  assertAlmostEquals(pairedDifference([0.1, 0.2, 0.3], [0.4, 0.5, 0], { seed: 1 }).p, 1, 1e-12); // ties survive rounding
  // Thirteen pairs are sampled: no sign pattern but two is as extreme, and the observed one counts itself.
  const clearest = pairedDifference(new Array(13).fill(1), new Array(13).fill(0), {
    seed: 1,
    resamples: 99,
  });
  assertEquals(clearest.p, 1 / 100);
  const even = Array.from({ length: 14 }, (_, i) => i % 2);
  const odd = even.map((x) => 1 - x);
  assertEquals(pairedDifference(even, odd, { seed: 1, resamples: 99 }).p, 1); // a sum of 0 is the least extreme
  const random = randomStream(2, "paired");
  let small = 0;
  for (let k = 0; k < 200; k++) {
    const a = Array.from({ length: 30 }, () => random.normal()), b = a.map(() => random.normal());
    if (pairedDifference(a, b, { seed: k, resamples: 200 }).p <= 0.1) small++;
  }
  assert(small > 8 && small < 34, `${small} of 200 at level 0.1`);
  const a = Array.from({ length: 60 }, () => random.normal() + 1),
    b = a.map((x) => x - 1 + 0.5 * random.normal());
  const clear = pairedDifference(a, b, { seed: 1 });
  assert(clear.p < 0.001 && clear.low > 0.5 && clear.high < 1.5);
  assertThrows(() => pairedDifference([1], [1, 2], { seed: 1 }), UsageError, "equal length");
});

Deno.test("mcnemar: symmetric, no unequal pairs, from items", () => {
  assertEquals(mcnemar(0, 0), { exact: 1, midP: 1, chi2Corrected: 0, chi2CorrectedP: 1 });
  assertEquals(mcnemar(3, 9), mcnemar(9, 3));
  assertAlmostEquals(mcnemar(0, 5).exact, 2 / 32, 1e-15);
  assertAlmostEquals(mcnemar(0, 5).midP, 1 / 32, 1e-15);
  // 299 of 4096 sign patterns have at most 3 of 12, and 79 at most 2; chi squared (6 - 1)^2 / 12.
  const found = mcnemar(3, 9);
  assertAlmostEquals(found.exact, 2 * 299 / 4096, 1e-14);
  assertAlmostEquals(found.midP, (299 + 79) / 4096, 1e-14);
  assertAlmostEquals(found.chi2Corrected, 25 / 12, 1e-14);
  assertAlmostEquals(found.chi2CorrectedP, 0.1489146731788, 1e-12);
  assertEquals(mcnemar(4, 4).midP, 1);
  const { difference, exact } = mcnemarFromItems([true, true, false, true], [
    true,
    false,
    false,
    false,
  ]);
  assertEquals(difference, 0.5);
  assertAlmostEquals(exact, 0.5, 1e-14);
  assertThrows(() => mcnemar(-1, 2), UsageError, "firstOnly");
});

Deno.test("kl inverse: solves its equation, never looser than Pinsker and Bretagnolle-Huber, the documented examples", () => {
  for (const q of [0.01, 0.3, 0.5, 0.9, 0.99]) {
    for (const kl of [1e-6, 0.01, 0.1, 1, 3]) {
      const b = klInverse(q, kl);
      const slack = Math.min(b.pinsker, b.bretagnolleHuber) + 1e-12;
      assert(q - b.lower <= slack && b.upper - q <= slack && b.lower <= q && q <= b.upper);
      if (b.lower > 0) assertAlmostEquals(binaryKl(b.lower, q), kl, 1e-9);
      if (b.upper < 1) assertAlmostEquals(binaryKl(b.upper, q), kl, 1e-9);
    }
  }
  assertAlmostEquals(0.9 - klInverse(0.9, 0.01).lower, 0.045, 5e-4);
  assertAlmostEquals(klInverse(0.9, 0.02).pinsker, 0.1, 1e-15);
  assertAlmostEquals(klInverse(0.9, Math.LN2).bretagnolleHuber, Math.SQRT1_2, 1e-15);
  assertEquals(klInverse(0, 1).lower, 0);
  assertEquals(klInverse(1, 1).upper, 1);
  const none = klInverse(0.7, 0);
  assertAlmostEquals(none.lower, 0.7, 1e-7);
  assertAlmostEquals(none.upper, 0.7, 1e-7);
  assertThrows(() => klInverse(0.5, -1), UsageError, "kl");
  assertThrows(() => klInverse(1.5, 1), UsageError, "reference");
});

Deno.test("hypervolume: monotone, blind to order and dominated points, against sampling in three dimensions", () => {
  const random = randomStream(5, "hypervolume");
  const points = Array.from({ length: 7 }, () => [random.next(), random.next(), random.next()]);
  const volume = hypervolume(points, [0, 0, 0]);
  assertAlmostEquals(hypervolume(random.shuffle(points), [0, 0, 0]), volume, 1e-14);
  assertAlmostEquals(
    hypervolume([...points, points[0]!.map((x) => x / 2), points[0]!], [0, 0, 0]),
    volume,
    1e-14,
  );
  assert(hypervolume([...points, [0.99, 0.99, 0.99]], [0, 0, 0]) > volume);
  let inside = 0;
  for (let k = 0; k < 20000; k++) {
    const x = [random.next(), random.next(), random.next()];
    if (points.some((p) => p.every((v, i) => v >= x[i]!))) inside++;
  }
  assertAlmostEquals(inside / 20000, volume, 0.02);
  assertEquals(hypervolume([], [0, 0]), 0);
  assertEquals(hypervolume([[1, -1]], [0, 0]), 0);
  assertEquals(nondominated([[1, 0], [0, 1], [0, 0.5], [1, 0]]), [true, true, false, true]);
  assertThrows(() => hypervolume([[1]], [0, 0]), UsageError, "points[0]");
});

Deno.test("selective answering keeps its promise about the population, counted as such (trap A10)", () => {
  // Risk at confidence c is (1 - c) / 2 pointwise; above t it is (1 - t) / 4.
  const random = randomStream(6, "selective");
  const thresholds = Array.from({ length: 20 }, (_, i) => 0.95 - 0.05 * i);
  const broken = { skip: 0, strict: 0 };
  const answered = { skip: 0, strict: 0 };
  let abstained = 0;
  const draws = 300;
  for (let k = 0; k < draws; k++) {
    const confidence = Array.from({ length: 200 }, () => random.next());
    const error = confidence.map((c) => random.next() < (1 - c) / 2);
    for (const key of ["skip", "strict"] as const) {
      const { threshold } = selectiveThreshold({
        confidence,
        error,
        thresholds,
        alpha: 0.1,
        delta: 0.1,
        skipSmall: key === "skip",
      });
      if (threshold !== undefined) answered[key]++;
      if (threshold === undefined) abstained += key === "strict" ? 1 : 0;
      else if ((1 - threshold) / 4 > 0.1) broken[key]++;
    }
  }
  assert(broken.skip / draws <= 0.1 + 2 * Math.sqrt(0.09 / draws), `${broken.skip}`);
  assert(broken.strict / draws <= 0.1);
  assert(answered.skip > 0.4 * draws, `a promise is kept by answering: ${answered.skip}`);
  assert(abstained > 0.9 * draws, "the first threshold has too few items to reject");
});

Deno.test("selective answering: p at most delta iff the upper limit is at most alpha; wrong input", () => {
  for (let n = 1; n < 60; n += 7) {
    for (let k = 0; k <= n; k += 3) {
      assertEquals(binomialCdf(k, n, 0.15) <= 0.1, clopperPearsonUpper(k, n, 0.9) <= 0.15);
    }
  }
  // 22 right ones have (1 - 0.1)^22 = 0.098; one error less in 40 is too many, and nothing behind it is looked at.
  const rows = (right: number, wrong: number, c: number) =>
    [...new Array(right).fill(false), ...new Array(wrong).fill(true)]
      .map((error: boolean) => ({ c, error }));
  const choose = (given: { c: number; error: boolean }[], skipSmall = false) =>
    selectiveThreshold({
      confidence: given.map(({ c }) => c),
      error: given.map(({ error }) => error),
      thresholds: [0.9, 0.8, 0.7],
      alpha: 0.1,
      delta: 0.1,
      skipSmall,
    });
  const first = choose(rows(22, 0, 0.9));
  assertEquals([first.threshold, first.minimum, first.tests[2]!.n], [0.7, 22, 22]);
  assertAlmostEquals(first.tests[0]!.p, 0.9 ** 22, 1e-14);
  assertEquals(choose(rows(21, 0, 0.9)).threshold, undefined);
  const later = [...rows(21, 0, 0.9), ...rows(20, 0, 0.8), ...rows(0, 8, 0.7)];
  assertEquals(choose(later).threshold, undefined, "the sequence ends at its first failure");
  assertEquals(choose(later, true).threshold, 0.8, "a threshold with too few items is no failure");
  assertEquals(choose([]).tests.map(({ p }) => p), [1, 1, 1]);
  const input = {
    confidence: [0.5],
    error: [false],
    thresholds: [0.1, 0.2],
    alpha: 0.1,
    delta: 0.1,
  };
  assertThrows(() => selectiveThreshold(input), UsageError, "thresholds to fall");
  assertThrows(
    () => selectiveThreshold({ ...input, thresholds: [0.1], alpha: 0 }),
    UsageError,
    "alpha",
  );
});

Deno.test("hybrid weight: optimal on a grid, within prompts, standard error", () => {
  const moments = { a: 0.05, b: 0.03, c: 0.01 };
  const { lambda, variance } = lambdaStar(moments);
  for (let l = 0; l <= 1; l += 0.01) {
    assert(l * l * 0.05 + (1 - l) ** 2 * 0.03 + 2 * l * (1 - l) * 0.01 >= variance - 1e-15);
  }
  assertAlmostEquals(lambda, 1 / 3, 1e-12);
  assertEquals(lambdaStar({ a: 0.1, b: 0.1, c: 0.1 }), {
    raw: undefined,
    lambda: 0.5,
    variance: 0.1,
  });
  assertThrows(() => lambdaStar({ a: -1, b: 0, c: 0 }), UsageError, "moments");
  // A constant error per prompt must not count (trap A8).
  const random = randomStream(7, "lambda"), n = 4000;
  const prompts = Array.from({ length: n }, (_, i) => `p${i >> 2}`),
    offset = prompts.map((_, i) => Math.sin(i >> 2));
  const quality = prompts.map(() => random.next());
  const rule = quality.map((q, i) => q + 5 * offset[i]! + 0.1 * random.normal());
  const model = quality.map((q) => q + 0.2 * random.normal());
  const found = estimateLambda(rule, model, quality, prompts);
  assertAlmostEquals(found.lambda, 0.8, 4 * found.standardError);
  assert(found.standardError < 0.02);
  assert(estimateLambda(rule, model, quality).lambda < 0.1);
  assertThrows(() => estimateLambda([1], [1], [1], ["a"]), UsageError, "at least 2 items");
  // Two items of one prompt give a weight, but nothing to judge it by: errors 0 and 2 against 0 and -1.
  const least = estimateLambda([0, 2], [0, -1], [0, 0], ["a", "a"]);
  assertAlmostEquals(least.lambda, 1 / 3, 1e-12);
  assertEquals(least.standardError, NaN);
});
