import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import {
  bootstrapStatistics,
  detectableDifference,
  detectableGap,
  holm,
  meanRanks,
  ranks,
  resampledStatistics,
  RESAMPLES,
  type Runs,
} from "../../experiments/stages/statistics.ts";
import { stepLogsSchema, storedSteps } from "../../experiments/stages/findings.ts";
import { randomStream, UsageError } from "../../lib/runtime/mod.ts";

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
  const heldOut = [{ ids: ["x", "y"], rewards: [[1, null], [0, 0.5]] }];
  const { values } = resampledStatistics([{ name: "a", heldOut }], ([row]) => row!, {
    resamples: 1,
  });
  assertEquals(values, [0.5, 0.5]);
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

Deno.test("draws are what counting seeds and items one by one gives", () => {
  const systems = [system("start", 0, 1), system("a", 0.1, 3), system("b", 0, 3)];
  const { draws } = resampledStatistics(systems, (means) => means.flat(), { resamples: 5 });
  const random = randomStream(0, "trials");
  const times = (n: number) => Array.from({ length: n }, () => random.integer(n));
  for (let r = 0; r < 5; r++) {
    const seeds = times(3);
    // The even items are one group, to which both capabilities apply, the odd ones the other.
    const items = [0, 1].flatMap((odd) => times(20).map((k) => 2 * k + odd));
    systems.forEach(({ heldOut }, s) =>
      [0, 1].forEach((c) => {
        const drawn = seeds.flatMap((seed) =>
          items.map((i) => (heldOut[seed] ?? heldOut[0]!).rewards[i]![c]!)
        ).filter((reward) => reward !== null);
        const mean = drawn.reduce((a, b) => a + b, 0) / drawn.length;
        assertAlmostEquals(draws[2 * s + c]![r]!, mean, 1e-12);
      })
    );
  }
});

Deno.test("a system that is the same at every seed differs from itself by exactly 0", () => {
  const once = system("a", 0, 1);
  const thrice = { name: "b", heldOut: [0, 1, 2].map(() => once.heldOut[0]!) };
  const [d] = bootstrapStatistics([once, thrice], (m) => [m[1]![0]! - m[0]![0]!], {
    resamples: 50,
  });
  assertEquals(d, { value: 0, low: 0, high: 0, p: 1 });
});

Deno.test("the smallest p value outlives a correction for hundreds of tests", () => {
  const systems = [system("a", 0, 1), system("b", 0.5, 1)];
  const [d] = bootstrapStatistics(systems, (m) => [m[1]![0]! - m[0]![0]!]);
  assertAlmostEquals(d!.p, 2 / (RESAMPLES + 1), 1e-12);
  assert(holm(new Array(400).fill(d!.p))[0]! < 0.05);
});

Deno.test("the detectable difference is found in four of five samples", () => {
  // A mean of 25 draws with deviation 1 has standard error 0.2.
  const shift = detectableDifference({ low: 1 - 1.96 * 0.2, high: 1 + 1.96 * 0.2 });
  assertAlmostEquals(shift, 0.56, 1e-12);
  const random = randomStream(0, "power");
  const found = Array.from({ length: 2000 }, () => {
    const mean = Array.from({ length: 25 }, () => shift + random.normal()).reduce((a, b) => a + b) /
      25;
    return Math.abs(mean) > 1.96 * 0.2;
  }).filter(Boolean).length;
  assertAlmostEquals(found / 2000, 0.8, 0.03);
});

Deno.test("intervals of numbers that are the detectable gap apart do not meet in four of five samples", () => {
  const of = (mean: number, half: number) => ({ low: mean - half, high: mean + half });
  const [a, b] = [0.2, 0.5].map((error) => 1.96 * error);
  const shift = detectableGap(of(0, a!), of(3, b!));
  const random = randomStream(0, "gap");
  const apart = Array.from({ length: 4000 }, () => {
    const [low, high] = [0.2 * random.normal(), shift + 0.5 * random.normal()];
    return of(low, a!).high < of(high, b!).low;
  }).filter(Boolean).length;
  assertAlmostEquals(apart / 4000, 0.8, 0.02);
});

Deno.test("systems on other items or with other numbers of seeds are refused", () => {
  const statistic = () => [0];
  const refused = (second: Runs, message: string) =>
    assertThrows(
      () => bootstrapStatistics([system("a", 0, 3), second], statistic),
      UsageError,
      message,
    );
  refused(system("b", 0, 2), "Expected 3 seeds of b but found 2");
  refused(system("b", 0, 3, 0, 30), "Expected the same items for b");
  // One seed, as a start has it, goes with any number.
  bootstrapStatistics([system("a", 0, 3), system("b", 0, 1)], statistic, { resamples: 2 });
  const other = system("b", 0, 1).heldOut[0]!;
  const rewards = other.rewards.map(([r]) => [r!, null]);
  const runs = [system("a", 0, 1), { name: "b", heldOut: [{ ...other, rewards }] }];
  assertThrows(() => bootstrapStatistics(runs, statistic));
});

Deno.test("what is not finite in a log is left out, so that every log can be stored", () => {
  const log = storedSteps([{ step: 1, loss: 0.5, ratio: Infinity }, { step: 2, loss: NaN }]);
  assertEquals(log, [{ step: 1, loss: 0.5 }, { step: 2 }]);
  assertEquals(stepLogsSchema.parse(JSON.parse(JSON.stringify(log))), log);
});

Deno.test("ranks share ties and average over the columns", () => {
  assertEquals(ranks([3, 1, 3, 0]), [1.5, 3, 1.5, 4]);
  assertEquals(meanRanks([[1, 0], [0, 1], [2, 2]]), [2.5, 2.5, 1]);
});

Deno.test("Holm's correction keeps order and never lowers a p value", () => {
  const adjusted = holm([0.01, 0.04, 0.03]);
  [0.03, 0.06, 0.06].forEach((p, i) => assertAlmostEquals(adjusted[i]!, p, 1e-12));
});
