import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { combination, gramMatrix, inner, type PromptProducts } from "../../lib/balance/mod.ts";
import { drawnStep } from "../../lib/laboratory/mod.ts";
import { randomStream } from "../../lib/runtime/mod.ts";
import { balanceSchema } from "../../lib/training/mod.ts";

const preference = [0.3, 0.7];

const configOf = (options: Record<string, unknown>) => ({
  ...balanceSchema.parse({ cap: 1e9, ridge: 0, ...options }),
  rewardWeights: preference,
});

/** Gradients of prompts, [prompts][rewards], around two that oppose each other; their products. */
function population(noise: number): { gradients: Float64Array[][]; products: PromptProducts } {
  const random = randomStream(0, "population");
  const gradients = Array.from(
    { length: 12 },
    () =>
      [[1, 0.5, 0], [-1, 0.4, 0.2]].map((mean) =>
        Float64Array.from(mean, (x) => x + noise * random.normal())
      ),
  );
  const products = gradients.map((a) =>
    gradients.map((b) => a.map((g) => b.map((h) => inner(g, h))))
  );
  return { gradients, products };
}

/** All draws of four prompts out of a population's first three. */
const allDraws = Array.from(
  { length: 3 ** 4 },
  (_, code) => [0, 1, 2, 3].map((k) => Math.floor(code / 3 ** k) % 3),
);

const meanOf = (rows: readonly Float64Array[]) =>
  combination(rows, rows.map(() => 1 / rows.length));

Deno.test("without noise a step has the weights and the effect of the exact gradients", () => {
  const { gradients, products } = population(0);
  const { weights, changes } = drawnStep(
    products,
    [3, 1, 4, 1, 5, 9, 2, 6],
    configOf({ weighting: "capability_aware" }),
  );
  const exact = gradients[0]!;
  const step = combination(exact, weights[0]!);
  assertEquals(weights.length, 2);
  weights[0]!.forEach((w, i) => assertAlmostEquals(weights[1]![i]!, w, 1e-9));
  exact.forEach((g, i) => assertAlmostEquals(changes[i]!, inner(g, step), 1e-9));
  assert(Math.min(...gramMatrix(exact).map((row) => inner(row, preference))) < -0.1);
  assert(Math.min(...changes) > -1e-9);
});

Deno.test("each half's weights multiply the other half's gradients, and the effect is on the whole population", () => {
  const { gradients, products } = population(0.6);
  const drawn = [0, 7, 7, 3, 10, 2, 5, 5];
  for (
    const options of [
      { weighting: "capability_aware", gate: "none" },
      { weighting: "capability_aware", gate: "shrink", crossFit: false },
      { weighting: "static" },
    ]
  ) {
    const { weights, changes } = drawnStep(products, drawn, configOf(options));
    const at = (k: number) => weights.at((k < 4 ? 0 : 1) - 1)!;
    const step = meanOf(drawn.map((x, k) => combination(gradients[x]!, at(k))));
    preference.forEach((_, i) => {
      const exact = meanOf(gradients.map((row) => row[i]!));
      assertAlmostEquals(changes[i]!, inner(exact, step), 1e-12);
    });
    if (options.weighting === "static") weights.forEach((half) => assertEquals(half, preference));
    else assertEquals(weights.length, options.crossFit === false ? 1 : 2);
  }
});

Deno.test("what the other half shows of a step is right on average; what its own prompts show is not", () => {
  const products = population(1.5).products.slice(0, 3).map((row) => row.slice(0, 3));
  const bias = (crossFit: boolean): number[] => {
    const config = configOf({ weighting: "capability_aware", gate: "none", ridge: 0.1, crossFit });
    const steps = allDraws.map((drawn) => drawnStep(products, drawn, config));
    return preference.map((_, i) =>
      steps.reduce((sum, { measured, changes }) => sum + measured[i]! - changes[i]!, 0) /
      allDraws.length
    );
  };
  bias(true).forEach((x) => assertAlmostEquals(x, 0, 1e-12));
  assert(Math.max(...bias(false).map(Math.abs)) > 0.01);
});
