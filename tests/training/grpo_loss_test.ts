import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import {
  grpoLoss,
  grpoLossDefaults,
  type GrpoLossInput,
  type GrpoLossOptions,
  lossTypes,
} from "../../lib/training/mod.ts";
import { randomStream, UsageError } from "../../lib/runtime/mod.ts";

const lengths = [3, 1, 5, 4, 2, 6, 1, 2];

/** Log-probabilities near those of the sampler and the reference, far from where the ratio is clipped. */
function example(): Required<Pick<GrpoLossInput, "oldLogProbs" | "refLogProbs">> & GrpoLossInput {
  const stream = randomStream(2, "loss");
  const rows = (centre: number[][] | undefined, spread: number) =>
    lengths.map((n, s) =>
      Array.from(
        { length: n },
        (_, t) => (centre?.[s]?.[t] ?? -2) + spread * (2 * stream.next() - 1),
      )
    );
  const logProbs = rows(undefined, 1);
  const oldLogProbs = rows(logProbs, 0.1);
  // Some ratios are clipped for certain.
  [0, 2, 5].forEach((s) => oldLogProbs[s]![0]! += s === 0 ? 0.5 : -0.5);
  return {
    logProbs,
    oldLogProbs,
    refLogProbs: rows(logProbs, 0.6),
    advantages: [-1, 0.5, 2, 0, -0.3, 1, -2, 0.7],
  };
}

const every: GrpoLossOptions[] = lossTypes.flatMap((lossType) =>
  ([0, 0.3] as const).flatMap((beta) =>
    (["token", "sequence"] as const).flatMap((importanceSamplingLevel) =>
      [true, false].map((useBiasCorrectionKl) => ({
        ...grpoLossDefaults,
        lossType,
        beta,
        importanceSamplingLevel,
        useBiasCorrectionKl,
        maxCompletionLength: 7,
      }))
    )
  )
);

const name = (o: GrpoLossOptions) =>
  `${o.lossType}, beta ${o.beta}, by ${o.importanceSamplingLevel}, corrected ${o.useBiasCorrectionKl}`;

Deno.test("the gradient equals finite differences for every option", () => {
  const input = example();
  let clipped = 0;
  for (const options of every) {
    const { gradient, clipRatio } = grpoLoss(input, options);
    clipped += clipRatio;
    lengths.forEach((n, s) => {
      for (let t = 0; t < n; t++) {
        const at = (step: number) =>
          grpoLoss({
            ...input,
            logProbs: input.logProbs.map((row, i) =>
              Array.from(row, (x, k) => i === s && k === t ? x + step : x)
            ),
          }, options).loss;
        const slope = (at(1e-5) - at(-1e-5)) / 2e-5;
        assertAlmostEquals(gradient[s]![t]!, slope, 1e-7, `${name(options)}, ${s}, ${t}`);
      }
    });
  }
  assert(clipped > 0);
});

Deno.test("micro-batches add up to the loss and the gradient of the step, for every option", () => {
  const input = example();
  const tokens = lengths.reduce((a, b) => a + b);
  for (const options of every) {
    const whole = grpoLoss(input, options);
    for (const size of [1, 2, 8]) {
      let loss = 0;
      const gradient: Float64Array[] = [];
      for (let from = 0; from < lengths.length; from += size) {
        const cut = <T>(rows: ArrayLike<T>) => Array.from(rows).slice(from, from + size);
        const part = grpoLoss({
          logProbs: cut(input.logProbs),
          oldLogProbs: cut(input.oldLogProbs),
          refLogProbs: cut(input.refLogProbs),
          advantages: cut(input.advantages),
          sequences: lengths.length,
          numItemsInBatch: tokens,
        }, options);
        loss += part.loss;
        gradient.push(...part.gradient);
      }
      assertAlmostEquals(loss, whole.loss, 1e-12, name(options));
      assertEquals(gradient, whole.gradient, name(options));
    }
  }
});

Deno.test("each loss type averages as its paper says", () => {
  const input = { logProbs: [[-1, -1, -1], [-1]], advantages: [3, -2] };
  const weights = {
    grpo: [1 / 6, 1 / 2],
    bnpo: [1 / 4, 1 / 4],
    dapo: [1 / 4, 1 / 4],
    dr_grpo: [1 / 20, 1 / 20],
  };
  for (const lossType of lossTypes) {
    const options = { ...grpoLossDefaults, lossType, maxCompletionLength: 10 };
    const { loss, gradient } = grpoLoss(input, options);
    const [a, b] = weights[lossType] as [number, number];
    assertAlmostEquals(loss, -3 * 3 * a + 2 * b, 1e-12, lossType);
    // On-policy the ratio is exactly 1 and yet has a gradient.
    gradient[0]!.forEach((g) => assertAlmostEquals(g, -3 * a, 1e-12, lossType));
    assertAlmostEquals(gradient[1]![0]!, 2 * b, 1e-12, lossType);
    assertEquals(grpoLoss({ ...input, oldLogProbs: input.logProbs }, options), {
      loss,
      gradient,
      kl: 0,
      klSum: 0,
      clipRatio: 0,
      clippedLow: 0,
      clippedHigh: 0,
      lowShares: [0, 0],
      highShares: [0, 0],
    });
  }
});

Deno.test("the k3 estimate is never negative, and moves a group without any deviation", () => {
  const stream = randomStream(3, "k3");
  const options = { ...grpoLossDefaults, beta: 0.1, maxCompletionLength: 8 };
  for (let i = 0; i < 200; i++) {
    const [p, q] = [-5 * stream.next(), -5 * stream.next()];
    const { kl, gradient } = grpoLoss(
      { logProbs: [[p]], refLogProbs: [[q]], advantages: [0] },
      options,
    );
    assertAlmostEquals(kl, Math.exp(q - p) - (q - p) - 1, 1e-12);
    assert(kl >= 0);
    assert(gradient[0]![0]! !== 0);
  }
  const same = { logProbs: [[-1, -2]], refLogProbs: [[-1, -2]], advantages: [0] };
  assertEquals(grpoLoss(same, options).kl, 0);
});

Deno.test("the ratio is clipped on the side where the advantage would push it further", () => {
  const options = {
    ...grpoLossDefaults,
    epsilon: 0.2,
    epsilonHigh: 0.28,
    lossType: "bnpo",
    maxCompletionLength: 1,
  } as const;
  for (
    const [ratio, advantage, loss, moves] of [
      [1.5, 1, -1.28, false],
      [1.5, -1, 1.5, true],
      [0.5, 1, -0.5, true],
      [0.5, -1, 0.8, false],
      [1.25, 1, -1.25, true],
    ] as const
  ) {
    const found = grpoLoss({
      logProbs: [[Math.log(ratio)]],
      oldLogProbs: [[0]],
      advantages: [advantage],
    }, options);
    assertAlmostEquals(found.loss, loss, 1e-12);
    assertEquals(found.gradient[0]![0]! !== 0, moves);
    assertEquals(found.clipRatio, moves ? 0 : 1);
    assertEquals([found.clippedLow, found.clippedHigh], [
      !moves && ratio < 1 ? 1 : 0,
      !moves && ratio > 1 ? 1 : 0,
    ]);
  }
});

Deno.test("by sequence the ratio is the geometric mean of the tokens' ratios", () => {
  const input = {
    logProbs: [[Math.log(1.1), Math.log(1.21)], [0]],
    oldLogProbs: [[0, 0], [Math.log(2)]],
    advantages: [3, 1],
  };
  const options = {
    ...grpoLossDefaults,
    importanceSamplingLevel: "sequence",
    lossType: "grpo",
    maxCompletionLength: 2,
  } as const;
  const { loss, gradient } = grpoLoss(input, options);
  // 1.1 to the power of 1.5 is within 1.2; a half, with a positive advantage, is not clipped.
  assertAlmostEquals(loss, -(3 * 1.1 ** 1.5 + 0.5) / 2, 1e-12);
  for (const g of gradient[0]!) assertAlmostEquals(g, -3 * 1.1 ** 1.5 / 4, 1e-12);
  assertAlmostEquals(gradient[1]![0]!, -0.25, 1e-12);
  const narrow = grpoLoss(input, { ...options, epsilonHigh: 0.1 });
  assertEquals([narrow.clippedHigh, narrow.highShares, [...narrow.gradient[0]!]], [2, [1, 0], [
    0,
    0,
  ]]);
});

Deno.test("shares of clipped tokens are told for each sequence that has tokens", () => {
  const input = {
    logProbs: [[0, 0, 0, 0], [], [0, 0], [0]],
    oldLogProbs: [[1, -1, 0, 1], [], [-1, -1], [1]],
    advantages: [-1, 1, 1, 1],
  };
  const found = grpoLoss(input, { ...grpoLossDefaults, maxCompletionLength: 4 });
  assertEquals([found.lowShares, found.highShares], [[0.5, 0, 0], [0, 1, 0]]);
  assertEquals([found.clippedLow, found.clippedHigh, found.clipRatio], [2, 2, 4 / 7]);
});

Deno.test("under the combined advantage's mask the capabilities' gradients add up to the combined one", () => {
  const stream = randomStream(5, "mask");
  const draw = (scale: number) =>
    Array.from({ length: 12 }, () => Array.from({ length: 3 }, () => scale * stream.normal()));
  const weights = [0.3, 0.7];
  for (const importanceSamplingLevel of ["token", "sequence"] as const) {
    const options = {
      ...grpoLossDefaults,
      importanceSamplingLevel,
      lossType: "dr_grpo",
      maxCompletionLength: 3,
    } as const;
    const oldLogProbs = draw(1);
    const logProbs = oldLogProbs.map((row) => row.map((x) => x + 0.5 * stream.normal()));
    const own = weights.map(() => logProbs.map(() => stream.normal()));
    const advantages = logProbs.map((_, s) => weights.reduce((a, w, i) => a + w * own[i]![s]!, 0));
    const whole = grpoLoss({ logProbs, oldLogProbs, advantages }, options);
    assert(whole.clipRatio > 0.1 && whole.clipRatio < 0.9, `${whole.clipRatio}`);
    const sum = (masked: boolean) => {
      const parts = own.map((a) =>
        grpoLoss({
          logProbs,
          oldLogProbs,
          advantages: a,
          ...(masked && { clipAdvantages: advantages }),
        }, options).gradient.flatMap((row) => [...row])
      );
      return parts[0]!.map((g, t) => weights[0]! * g + weights[1]! * parts[1]![t]!);
    };
    const expected = whole.gradient.flatMap((row) => [...row]);
    const off = (found: number[]) => Math.max(...found.map((g, t) => Math.abs(g - expected[t]!)));
    assert(off(sum(true)) < 1e-15);
    assert(off(sum(false)) > 1e-3);
  }
});

Deno.test("sequences without tokens add nothing, and a batch of them has loss 0", () => {
  for (const options of every) {
    const input = {
      logProbs: [[], [-1, -2], []],
      oldLogProbs: [[], [-1.1, -2], []],
      refLogProbs: [[], [-1.5, -1], []],
      advantages: [1, -1, 2],
      sequences: 3,
    };
    const { loss, gradient } = grpoLoss(input, options);
    const alone = grpoLoss({
      logProbs: [[-1, -2]],
      oldLogProbs: [[-1.1, -2]],
      refLogProbs: [[-1.5, -1]],
      advantages: [-1],
      sequences: 3,
    }, options);
    assertEquals([loss, gradient[1]], [alone.loss, alone.gradient[0]], name(options));
    assertEquals(gradient.map((row) => row.length), [0, 2, 0]);
    const empty = grpoLoss(
      { logProbs: [[], []], refLogProbs: [[], []], advantages: [1, 2] },
      options,
    );
    assertEquals([empty.loss, empty.kl, empty.clipRatio], [0, 0, 0], name(options));
  }
});

Deno.test("a divergence without a reference is refused", () => {
  assertThrows(
    () =>
      grpoLoss(
        { logProbs: [[-1]], advantages: [1] },
        { ...grpoLossDefaults, beta: 0.1, maxCompletionLength: 1 },
      ),
    UsageError,
    "Expected reference log-probabilities",
  );
});
