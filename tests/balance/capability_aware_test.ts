import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import {
  baseProducts,
  capabilityAwareWeights,
  gramMatrix,
  marginWeights,
} from "../../lib/balance/mod.ts";
import { randomStream, UsageError } from "../../lib/runtime/mod.ts";
import { combine, inner, norm, zoo } from "./zoo.ts";

const preferenceOf = (m: number) =>
  Array.from({ length: m }, (_, i) => 2 * (i + 1) / (m * (m + 1)));

Deno.test("the combined gradient of [[-4,1,1],[6,1,1]] is exactly (5, 10, 10) / 9", () => {
  const jacobian = [[-4, 1, 1], [6, 1, 1]];
  const { weights } = capabilityAwareWeights({
    gram: gramMatrix(jacobian),
    preference: [0.5, 0.5],
  });
  combine(weights, jacobian).forEach((x, k) =>
    assertAlmostEquals(x, [5 / 9, 10 / 9, 10 / 9][k]!, 1e-15)
  );
});

for (const { name, jacobian } of zoo()) {
  Deno.test(`capability-aware weights, ${name}: optimal, harmless, a projection`, () => {
    const gram = gramMatrix(jacobian);
    const p = preferenceOf(jacobian.length);
    const { weights, multipliers, kkt, price } = capabilityAwareWeights({
      gram,
      preference: p,
    });
    const u = combine(p, jacobian), d = combine(weights, jacobian);
    const size = inner(p, jacobian.map(norm)); // at least ||u||
    const tolerance = 1e-6 * norm(u) + 1e-12 * size;
    assert(kkt <= 1e-10, `kkt ${kkt}`);
    jacobian.forEach((g, i) => {
      const rate = norm(g) > 0 ? inner(g, d) / norm(g) : 0;
      assert(multipliers[i]! >= 0);
      assert(rate >= -tolerance, `capability ${i} is harmed at rate ${rate}`);
      assert(
        multipliers[i]! === 0 || Math.abs(rate) <= tolerance,
        `capability ${i} has a multiplier and gains`,
      );
    });
    // p'Gw = w'Gw, and the price is the difference of the squared norms.
    assertAlmostEquals(
      inner(u, d) / size ** 2 || 0,
      inner(d, d) / size ** 2 || 0,
      1e-6,
    );
    assertAlmostEquals(
      price / size ** 2 || 0,
      (inner(u, u) - inner(d, d)) / size ** 2 || 0,
      1e-6,
    );
    // Projection: <u - d, z - d> <= 0 for every harmless z; cone points are made by projecting random combinations.
    const random = randomStream(3, name);
    for (let k = 0; k < 5; k++) {
      const q = p.map(() => random.normal());
      const other = capabilityAwareWeights({
        gram,
        preference: q.map(Math.abs),
      });
      const z = combine(other.weights, jacobian);
      const zScale = inner(q.map(Math.abs), jacobian.map(norm)) || 1;
      assert(
        inner(u.map((x, c) => x - d[c]!), z.map((x, c) => x - d[c]!)) <=
          1e-6 * (size + zScale) ** 2,
      );
    }
  });
}

Deno.test("momentum, KL and decay: the whole step harms nobody, and a Euclidean projection of the gradient alone would", () => {
  const random = randomStream(11, "momentum");
  let harmedWithout = 0;
  for (let k = 0; k < 200; k++) {
    const draw = () => Array.from({ length: 10 }, () => random.normal());
    const jacobian = [draw(), draw(), draw(), draw()],
      metric = draw().map((x) => x * x + 0.1);
    const momentum = draw().map((x) => 3 * x),
      kl = draw(),
      decay = draw().map((x) => 0.1 * x);
    const products = (v: readonly number[]) =>
      jacobian.map((g) => g.reduce((sum, x, c) => sum + metric[c]! * x * v[c]!, 0));
    const input = {
      gram: gramMatrix(jacobian, metric),
      preference: [0.1, 0.2, 0.3, 0.4],
      momentumProducts: products(momentum),
      extraProducts: products(kl),
      decayProducts: products(decay),
      beta1: 0.9,
    };
    const { weights, progress, kkt, eps } = capabilityAwareWeights(input);
    const step = (w: readonly number[]) =>
      combine(w, jacobian).map((x, c) => 0.9 * momentum[c]! + 0.1 * (x + kl[c]!) + decay[c]!);
    assert(kkt < 1e-12 && Math.abs(eps) < 1e-10);
    products(step(weights)).forEach((rate, i) => {
      assert(rate > -1e-10);
      assertAlmostEquals(rate, progress[i]!, 1e-10);
    });
    const plain = capabilityAwareWeights({
      gram: gramMatrix(jacobian),
      preference: input.preference,
    });
    if (products(step(plain.weights)).some((rate) => rate < -1e-6)) {
      harmedWithout++;
    }
  }
  assert(harmedWithout > 100, `${harmedWithout}`);
});

Deno.test("base products without momentum are Gp", () => {
  assertEquals(baseProducts({ gram: [[2, -1], [-1, 3]], preference: [1, 2] }), [
    0,
    5,
  ]);
});

Deno.test("a small opposite gradient blows the weights up, and cap or ridge bounds them (trap A4)", () => {
  for (
    const [e, expected] of [[0.1, 4.95], [1e-3, 495], [1e-6, 5e5]] as const
  ) {
    const gram = gramMatrix([[1, 0], [-e, 0.1 * e]]);
    const preference = [0.5, 0.5];
    const free = capabilityAwareWeights({ gram, preference });
    assertAlmostEquals(free.weights[1]! / expected, 1, 0.02);
    const capped = capabilityAwareWeights({ gram, preference, cap: 2 });
    assert(Math.max(...capped.multipliers) <= 2 && capped.eps <= 0);
    const ridged = capabilityAwareWeights({ gram, preference, ridge: 0.01 });
    assert(ridged.eps <= 0);
    gram.forEach((row, i) => {
      assert(
        ridged.progress[i]! >= -0.01 * row[i]! * ridged.weights[i]! - 1e-15,
      );
      // The cap's harm is the reported multiplier, and only capabilities at the cap are harmed.
      assert(
        capped.mu[i]! <= 1e-15 || Math.abs(capped.multipliers[i]! - 2) < 1e-12,
      );
    });
    assertAlmostEquals(
      capped.eps,
      -2 * capped.mu.reduce((sum, x) => sum + x, 0),
      1e-12,
    );
  }
});

Deno.test("a capped solution satisfies the conditions of the box over the zoo", () => {
  for (const { name, jacobian } of zoo()) {
    const gram = gramMatrix(jacobian),
      preference = preferenceOf(jacobian.length);
    const { multipliers, eps, kkt } = capabilityAwareWeights({
      gram,
      preference,
      cap: 0.3,
      ridge: 0.01,
    });
    assert(multipliers.every((v) => v >= 0 && v <= 0.3 * (1 + 1e-12)), name);
    const size = inner(preference, jacobian.map(norm));
    assert(
      kkt <= 1e-12 && eps <= 1e-12 * size * size,
      `${name}: kkt ${kkt}, eps ${eps}`,
    );
  }
});

Deno.test("a dropped veto leaves the reward in and the constraint out", () => {
  const gram = [[1, -0.9], [-0.9, 1]], preference = [0.9, 0.1];
  const both = capabilityAwareWeights({ gram, preference });
  const one = capabilityAwareWeights({ gram, preference, veto: [true, false] });
  assert(both.weights[1]! > 0.1 && both.mu[1]! < 1e-15);
  assertEquals(one.weights, preference);
  assert(one.mu[1]! > 0);
});

Deno.test("kappa is 0 for a zero gradient and above 1 where the others undo a capability", () => {
  const { kappa } = capabilityAwareWeights({
    gram: [[1, 0], [0, 0]],
    preference: [0.5, 0.5],
  });
  assertEquals(kappa, [0, 0]);
  const { kappa: fought } = capabilityAwareWeights({
    gram: [[1, -0.9], [-0.9, 1]],
    preference: [0.9, 0.1],
    cap: 0,
  });
  assert(fought[1]! > 1);
});

Deno.test("the margin variant raises every quadratic, where the plain weights lower one at second order", () => {
  const random = randomStream(5, "margin");
  let fellPlain = 0;
  for (let k = 0; k < 100; k++) {
    // J_i(x) = g_i'x - L_i |x|^2 / 2 at x = 0: the bound is exact.
    const jacobian = Array.from(
      { length: 3 },
      () => Array.from({ length: 5 }, () => random.normal()),
    );
    const smoothness = [1, 2, 3],
      gram = gramMatrix(jacobian),
      preference = [0.2, 0.3, 0.5];
    const change = (w: readonly number[], eta: number) => {
      const d = combine(w, jacobian);
      return jacobian.map((g, i) =>
        eta * inner(g, d) - smoothness[i]! * eta * eta * inner(d, d) / 2
      );
    };
    const { weights, stepSize } = marginWeights(
      { gram, preference },
      smoothness,
      0.3,
    );
    assert(stepSize > 0);
    change(weights, stepSize).forEach((delta) => assert(delta >= -1e-12));
    const plain = capabilityAwareWeights({ gram, preference });
    if (change(plain.weights, 0.3).some((delta) => delta < 0)) fellPlain++;
  }
  assert(fellPlain > 20, `${fellPlain}`);
  // Products (0.85, -0.35) and ||u||^2 = 0.73: v_2 lifts the second to its margin 1 * 0.2 * 0.73 / 2.
  const opposed = { gram: [[1, -0.5], [-0.5, 1]], preference: [0.9, 0.1] };
  const exact = marginWeights(opposed, [1, 1], 0.2);
  assertEquals([exact.stepSize, exact.halvings], [0.2, 0]);
  [0.9, 0.1 + 0.35 + 0.073].forEach((x, i) => assertAlmostEquals(exact.weights[i]!, x, 1e-12));
  // Twice 0.1 of ||u||^2 = 0.82 is more than the second gains, half of that is not.
  const halved = marginWeights({ gram: [[1, 0], [0, 1]], preference: [0.9, 0.1] }, [0, 2], 0.2);
  assertEquals([halved.stepSize, halved.halvings, halved.weights], [0.1, 1, [0.9, 0.1]]);
  const stationary = marginWeights(
    { gram: [[1, -1], [-1, 1]], preference: [0.5, 0.5] },
    [1, 1],
    0.1,
  );
  assertAlmostEquals(inner(stationary.weights, stationary.progress), 0, 1e-15);
});

Deno.test("preservation: harm is at most c / (2 - c) of the gain, attained by the sharp example (Theorem 7b)", () => {
  // J_1 = x - L x^2 / 2, J_2 = -L x^2 / 2 at 0, L = 1.
  for (const c of [0.1, 0.5, 1, 1.5, 1.9]) {
    const p = [0.4, 0.6];
    const { weights } = capabilityAwareWeights({
      gram: gramMatrix([[1], [0]]),
      preference: p,
    });
    const x = c * weights[0]!;
    const gain = p[0]! * x - x * x / 2, harm = x * x / 2;
    assertAlmostEquals(harm / gain, c / (2 - c), 1e-12);
  }
});

Deno.test("wrong input is named", () => {
  const gram = [[1, 0], [0, 1]], preference = [0.5, 0.5];
  assertThrows(
    () => capabilityAwareWeights({ gram, preference: [1] }),
    UsageError,
    "Expected preference to have 2 entries",
  );
  assertThrows(
    () => capabilityAwareWeights({ gram: [[NaN, 0], [0, 1]], preference }),
    UsageError,
    "gram[0][0]",
  );
  assertThrows(
    () => capabilityAwareWeights({ gram, preference, beta1: 1 }),
    UsageError,
    "beta1",
  );
  assertThrows(
    () => capabilityAwareWeights({ gram, preference, cap: -1 }),
    UsageError,
    "cap",
  );
  assertThrows(() => marginWeights({ gram, preference }, [1, 1], 0), UsageError, "stepSize");
  assertThrows(() => marginWeights({ gram, preference }, [1], 1), UsageError, "smoothness");
  assertThrows(
    () => capabilityAwareWeights({ gram, preference, momentumProducts: [1] }),
    UsageError,
    "momentumProducts",
  );
});
