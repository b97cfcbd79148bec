import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import {
  blockGram,
  capabilityAwareWeights,
  clipEigenvalues,
  gramMatrix,
  projectionGap,
  promptProducts,
} from "../../lib/balance/mod.ts";
import { randomStream } from "../../lib/runtime/mod.ts";
import {
  type BlockProducts,
  blockWeights,
  type BlockWeightsInput,
  exactSchema,
} from "../../lib/training/mod.ts";

const size = 30;
const names = ["x", "y"];
const preference = [0.7, 0.3];

const normals = (...path: (string | number)[]): number[] => {
  const random = randomStream(0, ...path);
  return Array.from({ length: size }, () => random.normal());
};
const dot = (a: readonly number[], b: readonly number[]) =>
  a.reduce((sum, x, k) => sum + x * b[k]!, 0);

/** Two gradients with a cosine of about -0.6, a momentum, a divergence, a penalty and a decay. */
const common = normals("common");
const whole = [
  common.map((x, k) => x + 0.3 * normals("own", 0)[k]!),
  common.map((x, k) => -0.5 * x + 0.5 * normals("own", 1)[k]!),
];
const [momentum, divergence, penalty, decay] = ["m", "k", "q", "d"].map((name) =>
  normals(name)
) as [
  number[],
  number[],
  number[],
  number[],
];

interface Vectors {
  /** [blocks][rewards] */
  readonly blocks: readonly (readonly (readonly number[])[])[];
  /** [blocks] */
  readonly divergence?: readonly (readonly number[])[];
}

/** Shares of the rewards in the blocks. */
const uneven = [[0.1, 0.3], [0.3, 0.1], [0.2, 0], [0.1, 0.2], [0.1, 0.2], [0.2, 0.2]];
const divergenceShares = [0.1, 0.2, 0.2, 0.1, 0.3, 0.1];

/** Blocks that hold their share of the whole gradients, and noise of a given size. */
const blocksOf = (noise: number, shares: readonly (readonly number[])[] = uneven) =>
  shares.map((row, b) =>
    row.map((s, i) => whole[i]!.map((x, k) => s * x + s * noise * normals("noise", b, i)[k]!))
  );

function inputOf(
  { blocks, divergence: parts }: Vectors,
  changes: Partial<Parameters<typeof exactSchema.parse>[0] & object> = {},
  rest: Partial<BlockWeightsInput> = {},
): BlockWeightsInput {
  const along = (v: readonly number[]) => blocks.map((row) => row.map((g) => dot(g, v)));
  const products: BlockProducts = {
    gram: promptProducts(blocks),
    momentum: along(momentum),
    divergence: parts && blocks.map((row) => parts.map((k) => row.map((g) => dot(g, k)))),
    penalty: undefined,
    decay: undefined,
  };
  return {
    products,
    shares: uneven,
    divergenceShares,
    config: exactSchema.parse({
      maxSteps: 1,
      learningRate: 1,
      rewardWeights: preference,
      weighting: "capability_aware",
      gate: "none",
      ...changes,
    }),
    beta1: 0.9,
    aggregator: undefined,
    names,
    ...rest,
  };
}

const close = (found: readonly number[], expected: readonly number[], tolerance = 1e-9) =>
  found.forEach((x, i) => assertAlmostEquals(x, expected[i]!, tolerance));

/** The weights of the whole gradients. */
const exactly = (changes: Partial<Parameters<typeof capabilityAwareWeights>[0]> = {}) =>
  capabilityAwareWeights({
    gram: gramMatrix(whole),
    preference,
    cap: 4,
    ridge: 0.01,
    beta1: 0.9,
    momentumProducts: whole.map((g) => dot(g, momentum)),
    ...changes,
  });

Deno.test("without noise both halves give the weights of the whole step, whatever the shares", () => {
  const vectors = {
    blocks: blocksOf(0),
    divergence: divergenceShares.map((s) => divergence.map((x) => s * x)),
  };
  const input = inputOf(vectors);
  const along = (v: readonly number[]) => vectors.blocks.map((row) => row.map((g) => dot(g, v)));
  const products = { ...input.products, penalty: along(penalty), decay: along(decay) };
  const expected = exactly({
    extraProducts: whole.map((g) => dot(g, divergence) + dot(g, penalty)),
    decayProducts: whole.map((g) => dot(g, decay)),
  });
  assert(expected.weights.some((w, i) => w > preference[i]! + 0.1), `${expected.weights}`);
  for (const crossFit of [true, false]) {
    for (const gate of ["none", "shrink", "veto"] as const) {
      const config = { ...input.config, crossFit, gate };
      const { weights, metrics } = blockWeights({ ...input, products, config });
      assertEquals(weights.length, crossFit ? 2 : 1);
      weights.forEach((half) => close(half, expected.weights, 1e-6));
      assertAlmostEquals(metrics["balance/price"]!, expected.price, 1e-6);
      expected.mu.forEach((x, i) =>
        assertAlmostEquals(metrics[`balance/mu/${names[i]}`]!, x, 1e-6)
      );
      expected.kappa.forEach((x, i) =>
        assertAlmostEquals(metrics[`balance/kappa/${names[i]}`]!, x, 1e-6)
      );
      assert(metrics["balance/kkt"]! < 1e-6);
      assertAlmostEquals(metrics["balance/shrunk"]!, 1, 1e-9);
      const { cosines } = { cosines: dot(whole[0]!, whole[1]!) };
      assertAlmostEquals(
        metrics["balance/cosine/x/y"]!,
        cosines / Math.sqrt(dot(whole[0]!, whole[0]!) * dot(whole[1]!, whole[1]!)),
        1e-9,
      );
    }
  }
  // One exact block is the whole.
  const one = inputOf(
    { blocks: [whole], divergence: [divergence] },
    { gate: "shrink" },
    { shares: [[1, 1]], divergenceShares: [1] },
  );
  const alone = blockWeights(one);
  assertEquals(alone.weights.length, 1);
  close(
    alone.weights[0]!,
    exactly({ extraProducts: whole.map((g) => dot(g, divergence)) }).weights,
  );
  assertEquals("balance/signal_to_noise/x" in alone.metrics, false);
});

Deno.test("weights of a half hear nothing of the rewards of the other one", () => {
  const blocks = blocksOf(0.5);
  const parts = divergenceShares.map((s, b) =>
    divergence.map((x, k) => s * (x + normals("dk", b)[k]!))
  );
  for (const gate of ["none", "shrink", "veto"] as const) {
    const given = blockWeights(inputOf({ blocks, divergence: parts }, { gate }));
    // Other rewards in the second half: other gradients there.
    const others = blocks.map((row, b) =>
      b < 3 ? row : row.map((g, i) => g.map((x, k) => normals("r", b, i)[k]! - x))
    );
    const changed = blockWeights(inputOf({ blocks: others, divergence: parts }, { gate }));
    assertEquals(changed.weights[0], given.weights[0], gate);
    if (gate !== "shrink") assert(String(changed.weights[1]) !== String(given.weights[1]), gate);
    const first = blocks.map((row, b) => b < 3 ? others[b + 3]! : row);
    const swapped = blockWeights(inputOf({ blocks: first, divergence: parts }, { gate }));
    assertEquals(swapped.weights[1], given.weights[1], gate);
  }
  // The divergence is that of the other half.
  const own = parts.map((k, b) => b < 3 ? k.map((x) => -40 * x) : k);
  const [a, b] = [parts, own].map((divergence) =>
    blockWeights(inputOf({ blocks, divergence })).weights
  );
  assertEquals(a![0], b![0]);
  assert(String(a![1]) !== String(b![1]));
});

Deno.test("each half is solved from its own unbiased products, and eps from those of the other", () => {
  const blocks = blocksOf(0.4);
  const { weights, metrics } = blockWeights(inputOf({ blocks }));
  const halves = [[0, 1, 2], [3, 4, 5]];
  const products = promptProducts(blocks);
  const grams = halves.map((half) => blockGram(products, uneven, half));
  const along = halves.map((half) =>
    whole.map((_, i) =>
      half.reduce((sum, b) => sum + dot(blocks[b]![i]!, momentum), 0) /
      half.reduce((sum, b) => sum + uneven[b]![i]!, 0)
    )
  );
  const expected = grams.map((gram, h) =>
    exactly({ gram: clipEigenvalues(gram), momentumProducts: along[h]! }).weights
  );
  weights.forEach((half, h) => close(half, expected[h]!));
  const eps = (projectionGap(grams[1]!, weights[0]!, preference) +
    projectionGap(grams[0]!, weights[1]!, preference)) / 2;
  assertAlmostEquals(metrics["balance/eps"]!, eps, 1e-9);
  const all = blockGram(products, uneven);
  assertAlmostEquals(
    metrics["balance/cosine/x/y"]!,
    all[0]![1]! / Math.sqrt(all[0]![0]! * all[1]![1]!),
    1e-9,
  );
});

Deno.test("the shrinking gate keeps clear products, drops noisy ones, and touches no diagonal", () => {
  const at = (noise: number, gate: "shrink" | "none") =>
    blockWeights(inputOf({ blocks: blocksOf(noise) }, { gate, momentumAware: false }));
  const clear = at(0.02, "shrink");
  assert(clear.metrics["balance/shrunk"]! > 0.95, `${clear.metrics["balance/shrunk"]}`);
  clear.weights.forEach((half, h) => close(half, at(0.02, "none").weights[h]!, 0.05));
  const noisy = at(20, "shrink");
  assert(noisy.metrics["balance/shrunk"]! < 0.2, `${noisy.metrics["balance/shrunk"]}`);
  // Without products between them nobody harms anybody.
  const apart = blockWeights(
    inputOf({ blocks: blocksOf(0.3) }, { gate: "shrink", momentumAware: false }, {
      aggregator: (gram) => gram.map((row, i) => row[i]!),
    }),
  );
  const products = promptProducts(blocksOf(0.3));
  [[0, 1, 2], [3, 4, 5]].forEach((half, h) =>
    blockGram(products, uneven, half).forEach((row, i) =>
      assertAlmostEquals(apart.weights[h]![i]!, row[i]!, 0.05 * row[i]!)
    )
  );
});

Deno.test("the veto gate takes the veto of what is mostly noise, and of nothing else", () => {
  // The second gradient is harmed; its noise decides.
  const noisy = (noise: number) =>
    uneven.map((row, b) =>
      row.map((s, i) =>
        whole[i]!.map((x, k) => s * (x + (i === 1 ? noise : 0) * normals("v", b)[k]!))
      )
    );
  const weightsAt = (noise: number, gate: "veto" | "none") =>
    blockWeights(inputOf({ blocks: noisy(noise) }, { gate, momentumAware: false })).weights;
  for (const half of weightsAt(0.01, "veto")) assert(half[1]! > preference[1]! + 0.1, `${half}`);
  for (const half of weightsAt(30, "veto")) assertEquals(half[1], preference[1]);
  const { metrics } = blockWeights(inputOf({ blocks: noisy(0.3) }));
  assert(metrics["balance/signal_to_noise/x"]! > metrics["balance/signal_to_noise/y"]!);
});

Deno.test("what is not known is 0 to the solver and is not logged", () => {
  // The second reward has groups in one block of the first half and none of the second.
  const shares = uneven.map(([s], b) => [s!, b === 1 ? 1 : 0]);
  const { weights, metrics } = blockWeights(
    inputOf({ blocks: blocksOf(0.1, shares) }, { gate: "shrink" }, { shares }),
  );
  for (const half of weights) {
    assertEquals(half[1], preference[1]);
    assert(half.every(Number.isFinite));
  }
  assertEquals("balance/cosine/x/y" in metrics, false);
  assertEquals("balance/signal_to_noise/y" in metrics, false);
  assert("balance/signal_to_noise/x" in metrics);
  assert(Object.values(metrics).every(Number.isFinite), JSON.stringify(metrics));
});

Deno.test("a rule of the user's own gets the matrix of each half, and harm is logged of every rule", () => {
  const seen: (readonly (readonly number[])[])[] = [];
  const { metrics, weights } = blockWeights(inputOf({ blocks: blocksOf(0.2) }, {}, {
    aggregator: (gram) => {
      seen.push(gram);
      return [1, 0];
    },
  }));
  assertEquals(weights, [[1, 0], [1, 0]]);
  const harm = seen.map((gram) => Math.max(0, -gram[1]![0]!));
  assert(harm.every((x) => x > 0));
  assertAlmostEquals(metrics["balance/mu/y"]!, (harm[0]! + harm[1]!) / 2, 1e-12);
  assertEquals(metrics["balance/mu/x"], 0);
  assertEquals("balance/kappa/x" in metrics, false);
});
