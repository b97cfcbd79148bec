import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import {
  type AnswerPopulation,
  drawBatch,
  exactCoefficients,
  populationMoments,
  sampledCoefficients,
} from "../../experiments/exact_lm/answer_noise.ts";
import { exactLmSchema, preferences } from "../../experiments/exact_lm/config.ts";
import type { AscentRow, NoiseRow, OptimizerRow } from "../../experiments/exact_lm/findings.ts";
import { hindsight, meanSweepRanks, volumes } from "../../experiments/exact_lm/front_statistics.ts";
import { judgeHypotheses } from "../../experiments/exact_lm/hypotheses.ts";
import { judgeWeights } from "../../experiments/exact_lm/noise_gates.ts";
import { effectiveDimension, preferredRates } from "../../experiments/exact_lm/study_conflict.ts";
import { ascentGeometry } from "../../experiments/laboratory/ascent_cell.ts";
import { simplexPreferences } from "../../experiments/laboratory/preferences.ts";
import {
  fallToGain,
  gainOf,
  largestFall,
  ROUNDING,
  sumOfFalls,
} from "../../experiments/laboratory/trajectory.ts";
import {
  aggregators,
  ascend,
  gramMatrix,
  inner,
  preservationRatio,
  rewardTable,
  sampledGradients,
  sharpExample,
  softmaxPolicy,
  softmaxProblem,
} from "../../lib/balance/mod.ts";
import { randomStream } from "../../lib/runtime/mod.ts";
import { ascentRow, exactLmConfig, fronts, noiseRow, optimizerRow } from "./exact_lm_findings.ts";

Deno.test("falls and gains of a run: what Theorem 7b bounds, over every two steps", () => {
  const p = [0.5, 0.5];
  // The second reward rises, then loses 0.02 while the sum gains 0.04.
  const values = [[0.1, 0.5], [0.2, 0.6], [0.3, 0.58]];
  assertAlmostEquals(gainOf(values, p), 0.14, 1e-12);
  assertEquals(largestFall(values), 0);
  assertAlmostEquals(sumOfFalls(values), 0.02, 1e-12);
  assertAlmostEquals(fallToGain(values, p)!, (0.02 - ROUNDING) / 0.04, 1e-9);
  // A fall without a gain exceeds every bound; one within rounding is none.
  assertEquals(fallToGain([[0.5, 0.5], [0.4, 0.55]], p), null);
  assertEquals(fallToGain([[0.5, 0.5], [0.5 - ROUNDING / 2, 0.5]], p), 0);
  assertAlmostEquals(largestFall([[0.5, 0.5], [0.4, 0.7], [0.6, 0.6]]), 0.1, 1e-12);
});

Deno.test("an ascent against the theorems: the sharp example meets its bound, static weights harm, the price is exact", () => {
  const problem = sharpExample(2);
  const preference = [1 - 1e-6, 1e-6];
  const grams: (readonly (readonly number[])[])[] = [];
  const run = (rule: "static" | "capability_aware", c: number) => {
    grams.length = 0;
    const found = ascend(problem, {
      rule: (gram, p) => {
        grams.push(gram);
        return aggregators[rule](gram, p);
      },
      preference,
      stepSize: c / 2,
      steps: 1,
    });
    const { values, weights } = found;
    return { values, weights, grams: [...grams], stepSize: c / 2, smoothness: 2 };
  };
  const sharp = run("capability_aware", 0.5);
  assertAlmostEquals(fallToGain(sharp.values, preference)!, preservationRatio(0.5), 1e-4);
  const geometry = ascentGeometry(sharp, preference);
  assertAlmostEquals(geometry.smoothness, 1, 1e-5);
  assert(geometry.residual < 1e-12);
  assertAlmostEquals(geometry.predicted, 0.25, 1e-5);
  assertEquals(geometry.harmful, 0);

  // Where every gain is another's loss the weights hold still: what is left of the direction is rounding.
  const still = {
    values: [[0.5, 0.5], [0.5, 0.5]],
    weights: [[0.75, 0.75 + 1e-15]],
    grams: [[[4, -4], [-4, 4]]],
    ...{ stepSize: 0.1, smoothness: 1 },
  };
  const { smoothness, harmful } = ascentGeometry(still, [0.75, 0.25]);
  assertEquals([smoothness, harmful], [0, 0]);

  // Two opposed gradients: static weights harm in the first step, capability-aware ones in none.
  const table = rewardTable({ prompts: 4, answers: 5, rewards: 3, conflict: 1, seed: 3 });
  const opposed = softmaxProblem(table);
  const lopsided = [0.9, 0.05, 0.05];
  for (const rule of ["static", "capability_aware"] as const) {
    const kept: (readonly (readonly number[])[])[] = [];
    const smoothness = Math.max(...opposed.smoothness());
    const { values, weights } = ascend(opposed, {
      rule: (gram, p) => {
        kept.push(gram);
        return aggregators[rule](gram, p);
      },
      preference: lopsided,
      stepSize: 0.2 / smoothness,
      steps: 20,
    });
    const stepSize = 0.2 / smoothness;
    const found = ascentGeometry({ values, weights, grams: kept, stepSize, smoothness }, lopsided);
    assert(found.smoothness <= 1);
    assert(Math.abs(gainOf(values, lopsided) / found.predicted - 1) <= 0.1);
    assertEquals(found.harmful > 0, rule === "static");
    assertEquals(found.deviation > 0, rule === "capability_aware");
    if (rule === "static") continue;
    assert(fallToGain(values, lopsided)! <= preservationRatio(0.2));
    assert(found.residual < 1e-9, `${found.residual}`);
  }
});

/** A tabular softmax policy as answers with products: `grad pi_c = pi_c (e_c - pi)` on the logits of its prompt. */
function tabularPopulation() {
  const table = rewardTable({ prompts: 5, answers: 4, rewards: 3, conflict: 0.8, seed: 1 });
  const problem = softmaxProblem(table);
  const random = randomStream(2, "logits");
  const logits = Float64Array.from({ length: problem.size }, () => random.normal());
  const policy = softmaxPolicy(table, logits);
  const width = 5; // one more than there are answers: what lies behind the last one is 0
  const vectors = table.flatMap((rows, x) =>
    Array.from({ length: width }, (_, c) => {
      const vector = new Float64Array(problem.size);
      if (c >= rows.length) return vector;
      const own = policy[x * 4 + c]!;
      rows.forEach((_, e) => vector[x * 4 + e] = own * ((c === e ? 1 : 0) - policy[x * 4 + e]!));
      return vector;
    })
  );
  const population: AnswerPopulation = {
    probabilities: table.map((_, x) => [...policy.subarray(x * 4, x * 4 + 4)]),
    rewards: table,
    products: Float32Array.from(vectors.flatMap((a) => vectors.map((b) => inner(a, b)))),
    width,
  };
  return { problem, logits, population, vectors };
}

Deno.test("answers' products: G is that of the exact gradients, C that of sampled ones, drawn batches are unbiased", () => {
  const { problem, logits, population, vectors } = tabularPopulation();
  const { gradients } = problem.evaluate(logits);
  const gram = gramMatrix(gradients);
  const random = randomStream(4, "answers");
  for (const completions of [undefined, 2, 4]) {
    const moments = populationMoments(population, completions);
    moments.gram.flat().forEach((x, k) => assertAlmostEquals(x, gram.flat()[k]!, 1e-8));
    // Against the gradients of many drawn prompts, an independent implementation where answers are sampled.
    const drawn = completions === undefined
      ? Array.from({ length: 4000 }, () => {
        const x = random.integer(5);
        return exactCoefficients(population.rewards[x]!).map((a) => combine(a, x, vectors));
      })
      : sampledGradients(problem, logits, { prompts: 60_000, completions, random });
    moments.noise.forEach((noise, i) => {
      const own = drawn.map((row) => inner(row[i]!, row[i]!));
      const measured = own.reduce((a, b) => a + b, 0) / own.length - gram[i]![i]!;
      assertAlmostEquals(measured / noise, 1, 0.05, `C_${i}${i} with ${completions} answers`);
    });
  }
  // Coefficients of sampled answers average to the exact gradient.
  const mean = new Float64Array(problem.size);
  for (let k = 0; k < 60_000; k++) {
    const a = sampledCoefficients(population.rewards[0]!, population.probabilities[0]!, 3, random);
    combine(a[1]!, 0, vectors).forEach((x, d) => mean[d]! += x / 60_000);
  }
  const exact = combine(exactCoefficients(population.rewards[0]!)[1]!, 0, vectors);
  const error = Math.sqrt(mean.reduce((sum, x, d) => sum + (x - exact[d]!) ** 2, 0));
  assert(error < 0.02 * Math.sqrt(inner(exact, exact)), `${error}`);
});

/** `sum_c a_c grad pi_c(x)`. */
function combine(a: readonly number[], x: number, vectors: readonly Float64Array[]): Float64Array {
  const sum = new Float64Array(vectors[0]!.length);
  a.forEach((share, c) => vectors[x * 5 + c]!.forEach((value, d) => sum[d]! += share * value));
  return sum;
}

Deno.test("a drawn batch: blocks share the prompts, and add up to the mean of the drawn prompts' gradients", () => {
  const { population } = tabularPopulation();
  const sizes = { prompts: 10, completions: undefined, blocks: 4 };
  const { coefficients, shares } = drawBatch(population, sizes, randomStream(5, "batch"));
  assertEquals(coefficients.length, 4 * 3 * 5 * 5);
  assertEquals(shares.map((share) => Math.round(10 * share)), [3, 2, 3, 2]);
  // Each drawn prompt adds its rewards over the number of prompts: the sums over answers tell how often it was drawn.
  const random = randomStream(5, "batch");
  const counts = new Array<number>(5).fill(0);
  for (let k = 0; k < 10; k++) counts[random.integer(5)]!++;
  for (let x = 0; x < 5; x++) {
    const sum = [0, 1, 2, 3].reduce(
      (all, b) => all + coefficients[(b * 3 + 1) * 25 + x * 5 + 2]!,
      0,
    );
    assertAlmostEquals(sum, counts[x]! * population.rewards[x]![2]![1]! / 10, 1e-6);
  }
});

Deno.test("weights are judged by exact gradients: static harm is its least cosine, opposed ones are repaired", () => {
  const gram = [[1, -0.8], [-0.8, 1]];
  const p = [0.9, 0.1];
  const fixed = judgeWeights(gram, p, p);
  assertEquals([fixed.gain, fixed.length], [1, 1]);
  assertAlmostEquals(fixed.harm, -Math.min(...preferredRates(gram, p)), 1e-12);
  assertAlmostEquals(fixed.harm, fixed.fall, 1e-12);
  const aware = judgeWeights(gram, aggregators.capability_aware(gram, p), p);
  assertAlmostEquals(aware.harm, 0, 1e-9);
  // Weights twice as large are no more harmful, but fall twice as far.
  const double = judgeWeights(gram, p.map((x) => 2 * x), p);
  assertAlmostEquals(double.harm, fixed.harm, 1e-12);
  assertAlmostEquals(double.fall, 2 * fixed.fall, 1e-12);
  assertEquals(judgeWeights([[1, -1], [-1, 1]], [0.5, 0.5], p).harm, 0);
});

Deno.test("the effective dimension of vectors about their mean", () => {
  const products = (rows: readonly (readonly number[])[]) =>
    rows.map((a) => rows.map((b) => a.reduce((sum, x, k) => sum + x * b[k]!, 0)));
  // Two directions of the same size, and one direction alone.
  assertAlmostEquals(
    effectiveDimension(products([[5, 1, 0], [5, -1, 0], [5, 0, 1], [5, 0, -1]]))!,
    2,
    1e-9,
  );
  assertAlmostEquals(effectiveDimension(products([[5, 1], [5, -1], [5, 1], [5, -1]]))!, 1, 1e-9);
  assertEquals(effectiveDimension(products([[5, 1], [5, 1]])), null);
});

Deno.test("preferences: weights sum to 1, corners, edges and the centre are inside the simplex", () => {
  const names = ["a", "b", "c", "d"];
  const all = simplexPreferences(names, 0.05);
  assertEquals(all.map(({ name }) => name).slice(3, 6), ["d", "a + b", "a + c"]);
  assertEquals(all.length, 4 + 6 + 1);
  assertEquals(all[0]!.weights.map((w) => Number(w.toFixed(4))), [0.85, 0.05, 0.05, 0.05]);
  for (const { weights } of [...all, ...preferences]) {
    assertAlmostEquals(weights.reduce((a, b) => a + b, 0), 1, 1e-12);
    assert(Math.min(...weights) > 0);
  }
});

const sixAscents = (change: (row: AscentRow, seed: number) => Partial<AscentRow> = () => ({})) =>
  [0, 1, 2, 3, 4, 5].flatMap((seed) =>
    ["equal", "reasoning"].flatMap((preference) =>
      (["static", "capability_aware"] as const).map((rule) => {
        const row = ascentRow(seed, rule, preference);
        return { ...row, ...change(row, seed) };
      })
    )
  );
const sixOptimizers = (change: (row: OptimizerRow, seed: number) => Partial<OptimizerRow>) =>
  [0, 1, 2, 3, 4, 5].flatMap((seed) =>
    (["version_0_1", "capability_aware"] as const).map((way) => {
      const row = optimizerRow(seed, way);
      return { ...row, ...change(row, seed) };
    })
  );
const sixNoise = (shrunk: number, hard: number): NoiseRow[] =>
  [0, 1, 2, 3, 4, 5].map((seed) => noiseRow(seed, true, { shrink: shrunk, veto: hard }));

Deno.test("H1: held where static exceeds the bound and capability-aware never does; broken by either", () => {
  const judged = (rows: AscentRow[]) => judgeHypotheses({ ascents: rows }, exactLmConfig).H1!;
  const held = judged(sixAscents());
  assertEquals([held.holds, held.favourable, held.exceptions, held.n], [true, 6, 0, 6]);
  assertEquals(held.estimate, 1);
  assertAlmostEquals(held.p, 2 / 64, 1e-12);
  assertAlmostEquals(held.p_holm, 8 / 64, 1e-12);
  assertAlmostEquals(held.p_least, 2 / 64, 1e-12);
  // One capability-aware run above the bound, at any preference.
  const broken = judged(
    sixAscents(({ rule, preference }, seed) =>
      rule === "capability_aware" && preference === "equal" && seed === 2 ? { ratio: null } : {}
    ),
  );
  assertEquals([broken.holds, broken.exceptions], [false, 1]);
  // Static weights that keep to the bound in one replicate are allowed, in two not; other preferences do not count.
  const kept = (count: number) =>
    judged(
      sixAscents(({ rule, preference }, seed) =>
        rule !== "static"
          ? {}
          : preference === "equal"
          ? { ratio: 0 }
          : seed < count
          ? { ratio: 0.05 }
          : {}
      ),
    );
  assertEquals([kept(1).holds, kept(1).favourable], [true, 5]);
  assertEquals([kept(2).holds, kept(2).favourable], [false, 4]);
  // A fall without a gain is above every bound.
  assert(judged(sixAscents(({ rule }) => rule === "static" ? { ratio: null } : {})).holds);
});

Deno.test("H2: the least gain over the preferences counts, and the price must be that of Theorem 4d", () => {
  const judged = (rows: AscentRow[]) => judgeHypotheses({ ascents: rows }, exactLmConfig).H2!;
  const held = judged(sixAscents());
  assertEquals([held.holds, held.favourable, held.exceptions], [true, 6, 0]);
  assertAlmostEquals(held.estimate, 0.8, 1e-12);
  const low = judged(
    sixAscents(({ rule, preference }) =>
      rule === "capability_aware" && preference === "equal" ? { gain: 0.04, predicted: 0.04 } : {}
    ),
  );
  assertEquals([low.holds, low.favourable, low.exceptions], [false, 0, 0]);
  assertAlmostEquals(low.estimate, 0.4, 1e-12);
  const dear = judged(
    sixAscents(({ rule }, seed) => rule !== "static" && seed === 5 ? { predicted: 0.05 } : {}),
  );
  assertEquals([dear.holds, dear.exceptions], [false, 1]);
  const wrong = judged(
    sixAscents(({ rule }, seed) => rule !== "static" && seed === 0 ? { residual: 1e-3 } : {}),
  );
  assertEquals([wrong.holds, wrong.exceptions], [false, 1]);
});

Deno.test("H3: no harmful step in solve-then-step, more than a fifth in version 0.1", () => {
  const judged = (change: (row: OptimizerRow, seed: number) => Partial<OptimizerRow>) =>
    judgeHypotheses({ optimizers: sixOptimizers(change) }, exactLmConfig).H3!;
  const held = judged(({ way }) => ({ harmful: way === "version_0_1" ? 5 : 0 }));
  assertEquals([held.holds, held.estimate, held.favourable], [true, 0.5, 6]);
  assert(
    !judged(({ way }, seed) => ({ harmful: way === "version_0_1" ? 5 : seed === 3 ? 1 : 0 })).holds,
  );
  const few = judged(({ way }) => ({ harmful: way === "version_0_1" ? 2 : 0 }));
  assertEquals([few.holds, few.favourable, few.p], [false, 0, 1]);
});

Deno.test("H4: half of the hard gate's harm is enough, where there is harm at all", () => {
  const judged = (rows: NoiseRow[]) => judgeHypotheses({ noise: rows }, exactLmConfig).H4;
  const held = judged(sixNoise(0.1, 0.4))!;
  assertEquals([held.holds, held.favourable], [true, 6]);
  assertAlmostEquals(held.estimate, 0.25, 1e-12);
  assert(!judged(sixNoise(0.3, 0.4))!.holds);
  assertEquals(judged(sixNoise(0, 0)), undefined);
  assertEquals(judged(sixNoise(0.1, 0.4).map((row) => ({ ...row, target: false }))), undefined);
});

Deno.test("hypotheses whose study did not run are absent, and count in Holm's correction", () => {
  assertEquals(judgeHypotheses({}, exactLmConfig), {});
  const all = judgeHypotheses({
    ascents: sixAscents(),
    optimizers: sixOptimizers(({ way }) => ({ harmful: way === "version_0_1" ? 5 : 0 })),
    noise: sixNoise(0.1, 0.4),
  }, exactLmConfig);
  assertEquals(Object.keys(all), ["H1", "H2", "H3", "H4"]);
  for (const found of Object.values(all)) assertAlmostEquals(found!.p_holm, 8 / 64, 1e-12);
  // One replicate has no interval, and JSON no number for it.
  const [one] = sixNoise(0.1, 0.4);
  const single = judgeHypotheses({ noise: [one!] }, exactLmConfig).H4!;
  assertEquals([single.low, single.high, single.p], [null, null, 1]);
});

Deno.test("fronts: volumes from both references, ranks, and the best static preference in hindsight", () => {
  // Static points: the first doubles one reward and halves none; volumes of boxes can be counted by hand.
  assertAlmostEquals(volumes(fronts, "static", "zero")[0]!, 1.2 ** 4, 1e-9);
  assertAlmostEquals(volumes(fronts, "static", "start")[0]!, (0.1 / 0.5) ** 4, 1e-9);
  assertEquals(volumes(fronts, "soup", "start"), [0, 0]);
  const ranks = meanSweepRanks(fronts);
  assertEquals(ranks.indexOf(Math.min(...ranks)), 0);
  const [first] = hindsight(fronts);
  assertEquals([first!.preference, first!.fall], ["equal", 0]);
  assertAlmostEquals(first!.gain, 0.1, 1e-12);
  assertAlmostEquals(first!.awareGain, 0.05, 1e-12);
});

Deno.test("presets of the exact experiment are valid", async () => {
  const { exactLmPresets } = await import("../../experiments/exact_lm/config.ts");
  for (const preset of Object.values(exactLmPresets)) exactLmSchema.parse(preset);
});
