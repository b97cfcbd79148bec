// Theorems 8 to 11 of lib/balance/THEORY.md: expectations over samples, by enumeration of all samples.
import { assert, assertAlmostEquals } from "@std/assert";
import {
  capabilityAwareWeights,
  certifyDirection,
  combination,
  crossGram,
  gramMatrix,
  inner,
  onePassGram,
  rewardCovariance,
  type RewardTable,
  rewardTable,
  signFlipPrompts,
  softmaxPolicy,
  softmaxProblem,
  symmetricEigen,
} from "../../../lib/balance/mod.ts";
import { lambdaStar } from "../../../lib/evaluation/mod.ts";
import { type RandomStream, randomStream } from "../../../lib/runtime/mod.ts";

const normals = (random: RandomStream, size: number, scale = 1) =>
  Float64Array.from({ length: size }, () => scale * random.normal());
const norm = (a: Iterable<number>) => Math.hypot(...a);

/** One prompt with a few answers. */
function onePrompt(seed: number, answers: number, rewards: number) {
  const random = randomStream(seed, "one prompt");
  const table = rewardTable({ prompts: 1, answers, rewards, conflict: 0.5, seed });
  const logits = normals(random, answers);
  return { table, logits, random, policy: softmaxPolicy(table, logits) };
}

/** All ways to draw `count` of the answers, with their probabilities. */
function* draws(policy: Float64Array, count: number): Generator<{ drawn: number[]; p: number }> {
  if (count === 0) {
    yield { drawn: [], p: 1 };
    return;
  }
  for (const { drawn, p } of draws(policy, count - 1)) {
    for (let a = 0; a < policy.length; a++) yield { drawn: [...drawn, a], p: p * policy[a]! };
  }
}

/** `sum_k A_k grad log pi(y_k) / K` of one prompt. */
function estimate(policy: Float64Array, drawn: readonly number[], advantages: readonly number[]) {
  const gradient = new Float64Array(policy.length);
  drawn.forEach((answer, k) => {
    for (let b = 0; b < policy.length; b++) {
      gradient[b]! += advantages[k]! / drawn.length * ((answer === b ? 1 : 0) - policy[b]!);
    }
  });
  return gradient;
}

const mean = (xs: readonly number[]) => xs.reduce((a, b) => a + b, 0) / xs.length;

Deno.test("theorem 8: leave-one-out is unbiased, the plain group mean shrinks the gradient by 1 - 1/K", () => {
  for (const K of [2, 3, 4]) {
    for (let seed = 0; seed < 10; seed++) {
      const { table, logits, policy } = onePrompt(seed, 3, 2);
      const exact = softmaxProblem(table).evaluate(logits).gradients;
      for (const [factor, share] of [[K / (K - 1), 1], [1, 1 - 1 / K]] as const) {
        exact.forEach((g, i) => {
          const expected = new Float64Array(g.length);
          for (const { drawn, p } of draws(policy, K)) {
            const rewards = drawn.map((a) => table[0]![a]![i]!);
            const advantages = rewards.map((r) => factor * (r - mean(rewards)));
            estimate(policy, drawn, advantages).forEach((x, k) => expected[k]! += p * x);
          }
          g.forEach((x, k) => assertAlmostEquals(expected[k]!, share * x, 1e-12));
        });
      }
    }
  }
});

Deno.test("theorem 8: the deviation of a group turns a binary reward's gradient into h_K(q) times it", () => {
  const binomial = (n: number, k: number) => {
    let value = 1;
    for (let i = 0; i < k; i++) value *= (n - i) / (i + 1);
    return value;
  };
  for (const K of [2, 3, 4]) {
    for (let seed = 0; seed < 10; seed++) {
      const { logits, policy } = onePrompt(seed, 3, 1);
      const table: RewardTable = [[[1], [0], [seed % 2]]];
      const problem = softmaxProblem(table);
      const { values: [q], gradients: [g] } = problem.evaluate(logits);
      let h = 0;
      for (let s = 0; s <= K; s++) {
        h += binomial(K, s) * q! ** s * (1 - q!) ** (K - s) * Math.sqrt(s * (K - s));
      }
      h /= K * q! * (1 - q!);
      const expected = new Float64Array(3);
      for (const { drawn, p } of draws(policy, K)) {
        const rewards = drawn.map((a) => table[0]![a]![0]!);
        const centre = mean(rewards);
        const deviation = Math.sqrt(mean(rewards.map((r) => (r - centre) ** 2)));
        if (deviation === 0) continue;
        const advantages = rewards.map((r) => (r - centre) / deviation);
        estimate(policy, drawn, advantages).forEach((x, k) => expected[k]! += p * x);
      }
      g!.forEach((x, k) => assertAlmostEquals(expected[k]!, h * x, 1e-12));
    }
  }
});

Deno.test("theorem 8: weights on advantages are weights on gradients while all samples count", () => {
  for (let seed = 0; seed < 20; seed++) {
    const { table, policy, random } = onePrompt(seed, 4, 3);
    const drawn = Array.from({ length: 6 }, () => random.integer(4));
    const w = [random.normal(), random.normal(), random.normal()];
    const of = (i: number) => {
      const rewards = drawn.map((a) => table[0]![a]![i]!);
      return rewards.map((r) => (r - mean(rewards)) * 6 / 5);
    };
    const each = [0, 1, 2].map(of);
    const joint = drawn.map((_, k) => w.reduce((sum, x, i) => sum + x * each[i]![k]!, 0));
    const sum = combination(each.map((a) => estimate(policy, drawn, a)), w);
    estimate(policy, drawn, joint).forEach((x, k) => assertAlmostEquals(x, sum[k]!, 1e-12));
  }
});

Deno.test("theorem 9b: the best constant baseline of a sum of rewards is the sum of the best baselines", () => {
  for (let seed = 0; seed < 30; seed++) {
    const { table, policy, random } = onePrompt(seed, 4, 2);
    const squared = Array.from(
      policy,
      (_, a) => policy.reduce((sum, p, b) => sum + ((a === b ? 1 : 0) - p) ** 2, 0),
    );
    const w = [random.normal(), random.normal()];
    const expected = (f: (a: number) => number) => policy.reduce((sum, p, a) => sum + p * f(a), 0);
    const baseline = (r: (a: number) => number) =>
      expected((a) => r(a) * squared[a]!) / expected((a) => squared[a]!);
    const reward = (a: number) => w[0]! * table[0]![a]![0]! + w[1]! * table[0]![a]![1]!;
    const parts = [0, 1].map((i) => baseline((a) => table[0]![a]![i]!));
    const best = w[0]! * parts[0]! + w[1]! * parts[1]!;
    assertAlmostEquals(baseline(reward), best, 1e-12);
    const second = (b: number) => expected((a) => (reward(a) - b) ** 2 * squared[a]!);
    for (const step of [-0.1, 0.1]) assert(second(best) <= second(best + step));
  }
});

/** Gradient of one sampled completion with the exact mean as its baseline: `[answer][reward]`. */
function singleGradients(table: RewardTable, logits: Float64Array) {
  const policy = softmaxPolicy(table, logits);
  const { values } = softmaxProblem(table).evaluate(logits);
  return Array.from(
    policy,
    (_, a) => values.map((J, i) => estimate(policy, [a], [table[0]![a]![i]! - J])),
  );
}

Deno.test("theorem 10: one batch is off by C / n in expectation, cross and one-pass Gram matrices by nothing", () => {
  for (let seed = 0; seed < 10; seed++) {
    const { table, logits, policy } = onePrompt(seed, 3, 2);
    const exact = gramMatrix(softmaxProblem(table).evaluate(logits).gradients);
    const single = singleGradients(table, logits);
    const covariance = [0, 1].map((i) =>
      [0, 1].map((j) =>
        single.reduce((sum, g, a) => sum + policy[a]! * inner(g[i]!, g[j]!), 0) - exact[i]![j]!
      )
    );
    const n = 3;
    const zero = () => [[0, 0], [0, 0]];
    const [batch, onePass, cross] = [zero(), zero(), zero()];
    for (const { drawn, p } of draws(policy, n)) {
      const means = [0, 1].map((i) => combination(drawn.map((a) => single[a]![i]!), [1, 1, 1]))
        .map((g) => g.map((x) => x / n));
      const measured = gramMatrix(means);
      const unbiased = onePassGram(measured, drawn.map((a) => gramMatrix(single[a]!)));
      const halves = crossGram(single[drawn[0]!]!, single[drawn[1]!]!);
      for (const i of [0, 1]) {
        for (const j of [0, 1]) {
          batch[i]![j]! += p * measured[i]![j]!;
          onePass[i]![j]! += p * unbiased[i]![j]!;
          cross[i]![j]! += p * halves[i]![j]!;
        }
      }
    }
    for (const i of [0, 1]) {
      for (const j of [0, 1]) {
        assertAlmostEquals(batch[i]![j]!, exact[i]![j]! + covariance[i]![j]! / n, 1e-12);
        assertAlmostEquals(onePass[i]![j]!, exact[i]![j]!, 1e-12);
        assertAlmostEquals(cross[i]![j]!, exact[i]![j]!, 1e-12);
      }
    }
  }
});

Deno.test("theorem 10: opposite gradients of correlated rewards look aligned until n* prompts", () => {
  // Four equally likely answers, one parameter: the first logit up, the second down. Both rewards are high on both
  // answers, so their noise is alike, but each prefers another one.
  const table: RewardTable = [[[0.95, 0.9], [0.9, 0.95], [0, 0], [0, 0]]];
  const logits = new Float64Array(4);
  const along = (g: Float64Array) => Float64Array.of(g[0]! - g[1]!);
  const exact = gramMatrix(softmaxProblem(table).evaluate(logits).gradients.map(along));
  assertAlmostEquals(exact[0]![1]! / Math.sqrt(exact[0]![0]! * exact[1]![1]!), -1, 1e-12);
  const single = singleGradients(table, logits).map((gradients) => gradients.map(along));
  const second = single.reduce((sum, [g, h]) => sum + inner(g!, h!) / 4, 0);
  const covariance = second - exact[0]![1]!;
  const limit = signFlipPrompts(exact[0]![1]!, covariance);
  assert(limit > 100, `${limit}`);
  const inBatch = (n: number) => exact[0]![1]! + covariance / n;
  assert(inBatch(0.9 * limit) > 0);
  assert(inBatch(1.1 * limit) < 0);
  // Measured: the mean of many small batches has the wrong sign, that of the cross Gram matrix the right one.
  const random = randomStream(0, "opposite");
  const n = 32;
  const half = () => {
    const drawn = Array.from({ length: n / 2 }, () => single[random.integer(4)]!);
    return [0, 1].map((i) => combination(drawn.map((g) => g[i]!), drawn.map(() => 2 / n)));
  };
  const found = Array.from({ length: 2000 }, () => {
    const [a, b] = [half(), half()];
    const both = a.map((x, i) => x.map((value, k) => (value + b[i]![k]!) / 2));
    return { batch: gramMatrix(both)[0]![1]!, cross: crossGram(a, b)[0]![1]! };
  });
  const within = (values: readonly number[], expected: number) => {
    const centre = mean(values);
    const error = Math.sqrt(mean(values.map((x) => (x - centre) ** 2)) / values.length);
    return Math.abs(centre - expected) < 4 * error;
  };
  const batch = found.map((row) => row.batch);
  assert(within(batch, inBatch(n)));
  assert(!within(batch, exact[0]![1]!));
  assert(within(found.map(({ cross }) => cross), exact[0]![1]!));
});

Deno.test("theorem 10d: the ratio of policies gives the whole change of an objective", () => {
  for (let seed = 0; seed < 40; seed++) {
    const { table, logits, random, policy } = onePrompt(seed, 5, 2);
    const problem = softmaxProblem(table);
    const moved = logits.map((x) => x + 0.5 * random.normal());
    const after = softmaxPolicy(table, moved);
    const [before, then] = [problem.evaluate(logits).values, problem.evaluate(moved).values];
    before.forEach((J, i) => {
      const baseline = random.normal();
      const change = policy.reduce(
        (sum, p, a) => sum + p * (after[a]! / p - 1) * (table[0]![a]![i]! - baseline),
        0,
      );
      assertAlmostEquals(change, then[i]! - J, 1e-12);
    });
  }
});

Deno.test("theorem 10c: the limit is above the truth in at most delta of the draws, and neither of its terms can go", () => {
  const [delta, range] = [0.1, 2];
  const l = Math.log(2 / delta);
  let [withoutRange, withoutDeviation] = [0, 0];
  // Two-point laws on an interval of width 2, the upper value u with probability 1 - q, enumerated by the number of lows.
  for (const q of [0.5, 0.1, 0.01, 1e-3]) {
    for (const n of [20, 100, 1000]) {
      const truth = 1 - 2 * q;
      let above = 0;
      let [noRange, noDeviation] = [0, 0];
      let logChance = n * Math.log(1 - q); // of k lows
      for (let k = 0; k <= n; k++) {
        const chance = Math.exp(logChance);
        const values = Array.from({ length: n }, (_, x) => x < k ? -1 : 1);
        const { lower } = certifyDirection(values, range, delta, 1);
        const rangeTerm = 7 * range * l / (3 * (n - 1));
        if (lower > truth) above += chance;
        if (lower + rangeTerm > truth) noRange += chance;
        if (mean(values) - rangeTerm > truth) noDeviation += chance;
        logChance += Math.log((n - k) / (k + 1) * q / (1 - q));
      }
      assert(above <= delta, `${q} ${n}: ${above}`);
      withoutRange = Math.max(withoutRange, noRange);
      withoutDeviation = Math.max(withoutDeviation, noDeviation);
    }
  }
  assert(withoutRange > 0.9, `${withoutRange}`);
  assert(withoutDeviation > 0.3, `${withoutDeviation}`);
});

Deno.test("theorem 11: what is harmless for mixed rewards harms the true quality no more than its bound, least at lambda*", () => {
  let worst = 0;
  for (let seed = 0; seed < 100; seed++) {
    const random = randomStream(seed, "hybrid");
    const quality = rewardTable({ prompts: 3, answers: 4, rewards: 2, conflict: 1, seed });
    const logits = normals(random, 12);
    const policy = softmaxPolicy(quality, logits);
    const noisy = (scale: number) =>
      quality.map((rows) => rows.map((r) => r.map((x) => x + scale * random.normal())));
    const [rule, model] = [noisy(0.1), noisy(0.2)];
    // Second moments of the errors within prompts, over the policy; prompts are equally likely.
    const moment = (a: RewardTable, b: RewardTable, i: number) =>
      quality.reduce((total, rows, x) => {
        const p = policy.subarray(4 * x, 4 * x + 4);
        const error = (table: RewardTable) => {
          const e = rows.map((r, y) => table[x]![y]![i]! - r[i]!);
          const centre = e.reduce((sum, value, y) => sum + p[y]! * value, 0);
          return e.map((value) => value - centre);
        };
        const [e, f] = [error(a), error(b)];
        return total + e.reduce((sum, value, y) => sum + p[y]! * value * f[y]!, 0) / 3;
      }, 0);
    const moments = [0, 1].map((i) => ({
      a: moment(rule, rule, i),
      b: moment(model, model, i),
      c: moment(rule, model, i),
    }));
    const best = moments.map((m) => lambdaStar(m).lambda);
    const f = (l: number, i: number) => {
      const { a, b, c } = moments[i]!;
      return l * l * a + (1 - l) ** 2 * b + 2 * l * (1 - l) * c;
    };
    for (let l = 0; l <= 1; l += 0.1) {
      [0, 1].forEach((i) => assert(f(best[i]!, i) <= f(l, i) + 1e-12));
    }
    const mixed = quality.map((rows, x) =>
      rows.map((_, y) => best.map((l, i) => l * rule[x]![y]![i]! + (1 - l) * model[x]![y]![i]!))
    );
    const g = softmaxProblem(mixed).evaluate(logits).gradients;
    const truth = softmaxProblem(quality).evaluate(logits).gradients;
    const gram = gramMatrix(g);
    const { weights } = capabilityAwareWeights({ gram, preference: [0.5, 0.5] });
    const d = combination(g, weights);
    // The Fisher matrix has a block (diag(p) - p p') / 3 for each prompt.
    const fisher = Array.from(
      { length: 12 },
      (_, r) =>
        Array.from(
          { length: 12 },
          (_, c) =>
            Math.floor(r / 4) !== Math.floor(c / 4)
              ? 0
              : ((r === c ? policy[r]! : 0) - policy[r]! * policy[c]!) / 3,
        ),
    );
    const top = symmetricEigen(fisher).values[0]!;
    const delta = [0, 1].map((i) => Math.sqrt(f(best[i]!, i) * top));
    truth.forEach((q, i) => {
      assert(inner(q, d) >= -delta[i]! * norm(d) - 1e-12);
      worst = Math.min(worst, inner(q, d) / (delta[i]! * norm(d)));
    });
    const change = Math.abs(gram[0]![1]! - inner(truth[0]!, truth[1]!));
    const allowed = norm(g[0]!) * delta[1]! + norm(g[1]!) * delta[0]! + delta[0]! * delta[1]!;
    assert(change <= allowed + 1e-12);
  }
  assert(worst < -0.8, `${worst}: the bound on the harm is nearly met`);
});

Deno.test("theorem 9a: the reward covariance differs from the Euclidean Gram matrix, signs included", () => {
  // Policy (3, 1, 1) / 5, both rewards mostly 0.8: centred they are (1, 1, -4) / 5 and (1, -4, 1) / 5.
  const problem = softmaxProblem([[[1, 1], [1, 0], [0, 1]]]);
  const logits = Float64Array.of(Math.log(3), 0, 0);
  const gram = gramMatrix(problem.evaluate(logits).gradients);
  assertAlmostEquals(rewardCovariance(problem, logits)[0]![1]!, (3 - 4 - 4) / 125, 1e-15);
  assertAlmostEquals(gram[0]![1]!, (9 - 4 - 4) / 625, 1e-15);
});
