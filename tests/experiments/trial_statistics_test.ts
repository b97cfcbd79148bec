import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import {
  bootstrapStatistics,
  holm,
  meanRanks,
  meanRewards,
  ranks,
  type Runs,
} from "../../experiments/trial_statistics.ts";
import { randomStream } from "../../lib/runtime/mod.ts";

/** A system whose rewards are `shift` above noise; the second capability applies to every other item. */
function system(name: string, shift: number, seeds: number, noise = 0.05, items = 40): Runs {
  return {
    name,
    heldOut: Array.from({ length: seeds }, (_, s) => {
      const random = randomStream(s, name);
      return {
        ids: Array.from({ length: items }, (_, i) => `i${i}`),
        rewards: Array.from({ length: items }, (_, i) => {
          const r = 0.3 + shift + noise * random.normal() + 0.2 * Math.sin(i);
          return [r, i % 2 === 0 ? r : null];
        }),
      };
    }),
  };
}

Deno.test("means leave out what does not apply", () => {
  const [means] = meanRewards([{
    name: "a",
    heldOut: [{ ids: ["x", "y"], rewards: [[1, null], [0, 0.5]] }],
  }]);
  assertEquals(means, [0.5, 0.5]);
});

Deno.test("a real difference is found, none is not, and pairing removes the items' spread", () => {
  const systems = [system("start", 0, 1), system("better", 0.1, 3), system("same", 0, 3)];
  const differences = bootstrapStatistics(
    systems,
    (means) => [means[1]![0]! - means[0]![0]!, means[2]![0]! - means[0]![0]!],
    { resamples: 400 },
  );
  assert(differences[0]!.low > 0 && differences[0]!.p < 0.01);
  assert(differences[1]!.low < 0 && differences[1]!.high > 0 && differences[1]!.p > 0.05);
  // Items differ by 0.14, which would give an interval of about +-0.045 without pairing.
  assert(differences[0]!.high - differences[0]!.low < 0.06);
});

Deno.test("noise between seeds widens the interval", () => {
  const width = (spread: number) => {
    const shifted = [-spread, 0, spread].map((s) => system("b", s, 1, 0.01).heldOut[0]!);
    const runs = [system("a", 0, 1, 0.01), { name: "b", heldOut: shifted }];
    const [d] = bootstrapStatistics(runs, (m) => [m[1]![0]! - m[0]![0]!], { resamples: 400 });
    return d!.high - d!.low;
  };
  assert(width(0.1) > 5 * width(0));
});

Deno.test("systems on other items or with other numbers of seeds are refused", () => {
  const statistic = () => [0];
  const refused = (second: Runs, message: string) =>
    assertThrows(
      () => bootstrapStatistics([system("a", 0, 3), second], statistic),
      RangeError,
      message,
    );
  refused(system("b", 0, 2), "Expected 3 seeds of b but found 2");
  refused(system("b", 0, 3, 0, 30), "Expected the same items for b");
  // One seed, as a start has it, goes with any number.
  bootstrapStatistics([system("a", 0, 3), system("b", 0, 1)], statistic, { resamples: 2 });
});

Deno.test("ranks share ties and average over the columns", () => {
  assertEquals(ranks([3, 1, 3, 0]), [1.5, 3, 1.5, 4]);
  assertEquals(meanRanks([[1, 0], [0, 1], [2, 2]]), [2.5, 2.5, 1]);
});

Deno.test("Holm's correction keeps order and never lowers a p value", () => {
  const adjusted = holm([0.01, 0.04, 0.03]);
  [0.03, 0.06, 0.06].forEach((p, i) => assertAlmostEquals(adjusted[i]!, p, 1e-12));
});
