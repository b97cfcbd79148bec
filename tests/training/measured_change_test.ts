import { assertAlmostEquals, assertEquals } from "@std/assert";
import { measuredChange } from "../../lib/training/mod.ts";

const rewards = [[0, 1], [0.25, 0.5], [1, 0]];
const mean = (p: readonly number[], i: number) =>
  p.reduce((sum, x, y) => sum + x * rewards[y]![i]!, 0);

/** Expectation of the estimate over all samples of three completions. */
function expected(sampled: number[], before: number[], after: number[]) {
  const totals = [0, 1].map(() => ({ predicted: 0, realised: 0 }));
  for (let code = 0; code < 27; code++) {
    const ys = [code % 3, Math.floor(code / 3) % 3, Math.floor(code / 9)];
    const chance = ys.reduce((product, y) => product * sampled[y]!, 1);
    const rows = (p: number[]) => ys.map((y) => [Math.log(p[y]!) - 1, 1]);
    measuredChange({
      rewards: [ys.map((y) => rewards[y]!)],
      sampled: rows(sampled),
      before: rows(before),
      after: rows(after),
    }).forEach(({ predicted, realised }, i) => {
      totals[i]!.predicted += chance * predicted;
      totals[i]!.realised += chance * realised;
    });
  }
  return totals;
}

Deno.test("the measured change is unbiased for that of each reward's mean, on-policy and in inner epochs", () => {
  const [sampled, before, after] = [[0.5, 0.3, 0.2], [0.4, 0.3, 0.3], [0.3, 0.2, 0.5]];
  for (const now of [sampled, before]) {
    expected(sampled, now, after).forEach(({ realised }, i) =>
      assertAlmostEquals(realised, mean(after, i) - mean(now, i), 1e-12)
    );
  }
});

Deno.test("the predicted change is the first-order part of the measured one", () => {
  const before = [0.5, 0.3, 0.2];
  for (const step of [1e-2, 1e-3]) {
    const after = [0.5 - step, 0.3, 0.2 + step];
    expected(before, before, after).forEach(({ predicted }, i) =>
      assertAlmostEquals(predicted, mean(after, i) - mean(before, i), 5 * step ** 2)
    );
  }
});

Deno.test("an absent reward has no part in the change of the others", () => {
  const rows = [[-1], [-2], [-1], [-3]];
  const after = rows.map(([x], s) => [x! + 0.1 * s]);
  const given = { sampled: rows, before: rows, after };
  const [whole] = measuredChange({ rewards: [[[1], [0]], [[null], [null]]], ...given });
  const alone = [rows, after].map((x) => x.slice(0, 2));
  const [part] = measuredChange({
    rewards: [[[1], [0]]],
    sampled: alone[0]!,
    before: alone[0]!,
    after: alone[1]!,
  });
  assertEquals(whole, part);
});
