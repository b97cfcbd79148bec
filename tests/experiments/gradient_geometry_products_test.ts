import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import {
  geometryOf,
  promptCovariance,
  rewardCosines,
  sizedCosines,
} from "../../experiments/gradient_geometry/products.ts";
import { indexPairs } from "../../experiments/gradient_geometry/findings.ts";
import { promptProducts } from "../../lib/balance/mod.ts";
import { randomStream } from "../../lib/runtime/mod.ts";

/** Opposed gradients whose noise is the same for both: the rewards go together, the means apart. */
function opposedPrompts(prompts: number, noise: number): number[][][] {
  const random = randomStream(3, "opposed prompts");
  return Array.from({ length: prompts }, () => {
    const shared = Array.from({ length: 4 }, () => noise * random.normal());
    return [
      shared.map((x, k) => x + (k === 0 ? 1 : 0)),
      shared.map((x, k) => x - (k === 0 ? 1 : 0)),
    ];
  });
}

Deno.test("gradient geometry: different prompts show the opposed means, a prompt with itself the shared noise", () => {
  const products = promptProducts(opposedPrompts(150, 1));
  const { cosines: [cosine], signal, flips: [flip] } = geometryOf(products);
  assert(cosine!.mean! < -0.8);
  assert(cosine!.high! < 0);
  assertEquals(cosine!.defined, 1);
  // Noise of variance 1 in four dimensions against a mean of length 1.
  for (const { mean, low, high } of signal) {
    assertAlmostEquals(mean, 1 / 4, 0.1);
    assert(low < mean && mean < high);
  }
  assertAlmostEquals(promptCovariance(products)[0]![1]!, 4, 0.8);
  assertAlmostEquals(flip!, 4, 1.5);
});

Deno.test("gradient geometry: small batches show the noise's sign, their halves the gradients'", () => {
  const products = promptProducts(opposedPrompts(256, 1.5));
  const [few, many] = sizedCosines(products, [4, 64], 2, 150);
  assert(few!.single[0]!.mean! > 0.2);
  assert(many!.single[0]!.mean! < -0.2);
  assert(few!.cross[0]!.mean! < 0);
  assert(many!.cross[0]!.mean! < -0.8);
  for (const row of [few!, many!]) {
    const { mean, low, high } = row.single[0]!;
    assert(Math.abs(row.predicted[0]! - mean!) < 0.15);
    assert(low! <= mean! && mean! <= high!);
  }
});

Deno.test("gradient geometry: rewards that never meet have no correlation, those that do have theirs", () => {
  const group = [[1, 0, null], [0, 1, null], [1, 0, null]];
  const other = [[0, 1, null], [1, 0, null], [1, 0, null]];
  const [opposed, none] = rewardCosines([group, other, group]);
  assertAlmostEquals(opposed!.mean!, -1, 1e-12);
  assertEquals(none, { mean: null, low: null, high: null, defined: 0 });
  // A reward that never differs has no correlation with another, which is not one of 0.
  const [flat] = rewardCosines([[[1, 0], [1, 1], [1, 0]], [[1, 1], [1, 0], [1, 1]]]);
  assertEquals([flat!.mean, flat!.defined], [null, 0]);
  assertEquals(indexPairs(3), [[0, 1], [0, 2], [1, 2]]);
});

Deno.test("gradient geometry: gradients without a length have no cosine, in the pool and in resamples", () => {
  // Two rewards, one of which points a way on every second prompt and back on the others.
  const gradients = Array.from({ length: 12 }, (_, x) => [[1, 0.1 * x], [x % 2 === 0 ? 1 : -1, 0]]);
  const { cosines: [cosine] } = geometryOf(promptProducts(gradients));
  assertEquals(cosine!.mean, null);
  assert(cosine!.defined > 0 && cosine!.defined < 0.95, `${cosine!.defined}`);
  assert(cosine!.low! < cosine!.high!);
});

Deno.test("gradient geometry: where most prompts have no gradient, the signal's interval is still finite", () => {
  const gradients = Array.from({ length: 16 }, (_, x) => [[x === 3 ? 1 : 0, x === 7 ? 1 : 0]]);
  for (const { mean, low, high } of geometryOf(promptProducts(gradients)).signal) {
    assert([mean, low, high].every(Number.isFinite), `${mean} [${low}, ${high}]`);
  }
});
