import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import {
  type AggregatorName,
  aggregators,
  cagrad,
  clipEigenvalues,
  dualProj,
  fairgrad,
  gramMatrix,
  upgrad,
} from "../../lib/balance/mod.ts";
import { randomStream } from "../../lib/runtime/mod.ts";
import { combine, inner, norm, zoo } from "./zoo.ts";

const golden = [[-4, 1, 1], [6, 1, 1]];
const half = [0.5, 0.5];

// Combined gradients on the golden Jacobian. Exact ones as fractions; the others to the four digits that are documented.
const values: [AggregatorName, number[], number[], number][] = [
  ["mean", half, [1, 1, 1], 1e-14],
  ["static", [0.25, 0.75], [3.5, 1, 1], 1e-14],
  ["capability_aware", half, [5 / 9, 10 / 9, 10 / 9], 1e-14],
  ["dual_proj", half, [5 / 9, 10 / 9, 10 / 9], 1e-14],
  ["upgrad", half, [0.2924, 1.9006, 1.9006], 5e-5],
  ["mgda", half, [0, 1, 1], 1e-14],
  ["pcgrad", [1, 1], [0.5848, 3.8012, 3.8012], 5e-5],
  ["cagrad", half, [0.1835, 1.2041, 1.2041], 5e-5],
  ["imtl_g", half, [0.0767, 1, 1], 5e-5],
  ["aligned_mtl", half, [0.2133, 0.9673, 0.9673], 5e-5],
  ["config", half, [0.1588, 2.0706, 2.0706], 5e-5],
  ["fairgrad", half, [0.0766, 0.9985, 0.9985], 5e-5],
  ["nash_mtl", half, [0.0542, 0.7061, 0.7061], 5e-5],
];

for (const [name, preference, expected, tolerance] of values) {
  Deno.test(`${name}: the golden value`, () => {
    const d = combine(
      aggregators[name](gramMatrix(golden), preference),
      golden,
    );
    d.forEach((x, k) => assertAlmostEquals(x, expected[k]!, tolerance));
  });
}

Deno.test("dual_basis: each part is orthogonal to all other gradients", () => {
  const jacobian = [[1, 2, 0], [0, 1, 1], [1, 0, 3]],
    gram = gramMatrix(jacobian);
  const part = combine(aggregators.dual_basis(gram, [0, 1, 0]), jacobian);
  assertAlmostEquals(inner(part, jacobian[0]!), 0, 1e-14);
  assertAlmostEquals(inner(part, jacobian[2]!), 0, 1e-14);
  assert(inner(part, jacobian[1]!) > 0);
});

Deno.test("dual_proj and upgrad with a regularisation of 1e-4 give the documented approximate values", () => {
  const gram = gramMatrix(golden);
  combine(dualProj(gram, half, 1e-4), golden).forEach((x, k) =>
    assertAlmostEquals(x, [0.5563, 1.1109, 1.1109][k]!, 5e-5)
  );
  combine(upgrad(gram, half, 1e-4), golden).forEach((x, k) =>
    assertAlmostEquals(x, [0.2929, 1.9004, 1.9004][k]!, 5e-5)
  );
});

Deno.test("dual_basis: with two gradients each loses its part along the other", () => {
  // g_1 = (2, 0), g_2 = (1, 1): u_1 = g_1 - g_2 (2 / 2), u_2 = g_2 - g_1 (2 / 4).
  const jacobian = [[2, 0], [1, 1]];
  const d = combine(aggregators.dual_basis(gramMatrix(jacobian), [0.5, 0.25]), jacobian);
  [0.5 * 1, 0.5 * -1 + 0.25].forEach((x, k) => assertAlmostEquals(d[k]!, x, 1e-14));
});

Deno.test("pcgrad: what does not conflict stays, and a conflict takes only the part along the other", () => {
  const p = [0.5, 0.25, 0.25];
  const friends = gramMatrix([[1, 0.2, 0], [0.3, 1, 0], [0, 0.5, 1]]);
  assertEquals(aggregators.pcgrad(friends, p), p);
  // g_3 is orthogonal to both; <g_1, g_2> = -1 takes 1 / 2 of g_2 off g_1's account and 1 / 1 of g_1 off g_2's.
  const w = aggregators.pcgrad(gramMatrix([[1, 0, 0], [-1, 1, 0], [0, 0, 1]]), p);
  [0.5 + 0.25, 0.25 + 0.25, 0.25].forEach((x, i) => assertAlmostEquals(w[i]!, x, 1e-14));
});

Deno.test("fairgrad: every progress rate is the weight to the power of -1 / alpha, whatever alpha", () => {
  const gram = gramMatrix([[-4, 1, 1], [6, 1, 1], [0, 3, -1]]);
  for (const alpha of [0.5, 1, 2, 5]) {
    const w = fairgrad(gram, [1, 1, 1], alpha);
    assert(w.every((x) => x > 0));
    gram.forEach((row, i) =>
      assertAlmostEquals(inner(row, w) * w[i]! ** (1 / alpha), 1, 1e-9, `${alpha}`)
    );
  }
});

Deno.test("weights do not depend on the gradients' unit, those of a bargain fall with it", () => {
  const jacobian = [[-4, 1, 1], [6, 1, 1], [0.5, 2, -1]];
  const p = [0.2, 0.3, 0.5];
  for (const name of Object.keys(aggregators) as AggregatorName[]) {
    const plain = aggregators[name](gramMatrix(jacobian), p);
    for (const unit of [1e-7, 1e7]) {
      const scaled = jacobian.map((g) => g.map((x) => unit * x));
      const share = name === "fairgrad" || name === "nash_mtl" ? unit : 1;
      aggregators[name](gramMatrix(scaled), p).forEach((w, i) =>
        assertAlmostEquals(w * share, plain[i]!, 1e-9 * norm(plain), `${name}, ${unit}`)
      );
    }
  }
});

const harmless: readonly AggregatorName[] = [
  "capability_aware",
  "dual_proj",
  "upgrad",
  "mgda",
];
const names = Object.keys(aggregators) as AggregatorName[];

for (const name of names) {
  Deno.test(`${name}: finite and permutation equivariant over the zoo${harmless.includes(name) ? ", harmless" : ""}`, () => {
    const random = randomStream(2, name);
    for (const { name: kind, jacobian } of zoo()) {
      const m = jacobian.length;
      const p = jacobian.map((_, i) => 2 * (i + 1) / (m * (m + 1)));
      const weights = aggregators[name](gramMatrix(jacobian), p);
      assert(weights.every(Number.isFinite), `${kind}: ${weights}`);
      const d = combine(weights, jacobian),
        largest = Math.max(...jacobian.map(norm));
      if (harmless.includes(name)) {
        for (const g of jacobian) {
          if (norm(g) > 0) {
            assert(
              inner(g, d) / norm(g) >= -1e-7 * largest,
              `${kind} is harmed: ${inner(g, d) / norm(g)}`,
            );
          }
        }
      }
      // A Gram matrix in float64 does not determine d better where gradients are nearly opposite and weights reach 1e5.
      if (/stationary|opposite/.test(kind) && !harmless.includes(name)) continue;
      const tolerance = kind.startsWith("nearly") ? 1e-4 : 1e-6;
      const order = random.shuffle(jacobian.map((_, i) => i));
      const shuffled = order.map((i) => jacobian[i]!);
      const again = combine(
        aggregators[name](gramMatrix(shuffled), order.map((i) => p[i]!)),
        shuffled,
      );
      const error = norm(again.map((x, c) => x - d[c]!));
      assert(
        error <= tolerance * Math.max(norm(d), 1e-6 * largest),
        `${kind}: ${error} of ${norm(d)}`,
      );
    }
  });
}

Deno.test("mgda: every capability gains at least the squared norm", () => {
  for (const { name, jacobian } of zoo()) {
    const d = combine(
      aggregators.mgda(gramMatrix(jacobian), jacobian.map(() => 1)),
      jacobian,
    );
    const largest = Math.max(...jacobian.map(norm));
    for (const g of jacobian) {
      assert(inner(g, d) >= inner(d, d) - 1e-9 * largest ** 2, name);
    }
  }
});

Deno.test("cagrad: the direction stays in its ball, and no other point of the ball helps the worst capability more", () => {
  const random = randomStream(4, "cagrad");
  for (let k = 0; k < 20; k++) {
    const jacobian = Array.from(
      { length: 3 },
      () => Array.from({ length: 4 }, () => random.normal()),
    );
    const p = [1 / 3, 1 / 3, 1 / 3],
      u = combine(p, jacobian),
      radius = 0.5 * norm(u);
    const d = combine(cagrad(gramMatrix(jacobian), p, 0.5), jacobian);
    const worst = (z: readonly number[]) => Math.min(...jacobian.map((g) => inner(g, z)));
    assertAlmostEquals(norm(d.map((x, c) => x - u[c]!)), radius, 1e-9);
    for (let t = 0; t < 50; t++) {
      const e = u.map(() => random.normal()), size = radius / norm(e);
      assert(worst(u.map((x, c) => x + size * e[c]!)) <= worst(d) + 1e-9);
    }
  }
});

Deno.test("an indefinite cross Gram matrix becomes usable after clipping", () => {
  // Eigenvalues 3 and -1 of the first block leave 3 / 2 everywhere: both gradients are one, and nothing conflicts.
  const clipped = clipEigenvalues([[1, 2, 0], [2, 1, 0], [0, 0, -0.1]]);
  assertEquals(aggregators.capability_aware(clipped, [0.3, 0.3, 0.4]), [0.3, 0.3, 0.4]);
  // Opposite ones with the same defect: the smaller preference is raised until they cancel.
  const opposite = clipEigenvalues([[1, -2], [-2, 1]]);
  const w = aggregators.capability_aware(opposite, [0.25, 0.75]);
  [0.75, 0.75].forEach((x, i) => assertAlmostEquals(w[i]!, x, 1e-12));
});
