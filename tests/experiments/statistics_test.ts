import { assertAlmostEquals, assertEquals } from "@std/assert";
import { stepLogsSchema, storedSteps } from "../../experiments/stages/findings.ts";
import {
  detectableDifference,
  detectableGap,
  holm,
  meanRanks,
  ranks,
} from "../../experiments/stages/statistics.ts";
import { randomStream } from "../../lib/runtime/mod.ts";

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
