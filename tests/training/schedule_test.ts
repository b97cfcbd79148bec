import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import {
  learningRateAt,
  loopSchema,
  lrSchedulerTypes,
  type Schedule,
  warmupLength,
} from "../../lib/training/mod.ts";

const base = { learningRate: 2, lrSchedulerType: "linear", warmupRatio: 0.2 } as const;
const at = (changes: Partial<Schedule>, step: number, maxSteps = 10) =>
  learningRateAt({ ...base, ...changes }, step, maxSteps);

Deno.test("every schedule but the constant one rises in the warm-up, and none rises behind it", () => {
  for (const lrSchedulerType of lrSchedulerTypes) {
    const rates = Array.from({ length: 10 }, (_, step) => at({ lrSchedulerType }, step));
    assertEquals(rates.slice(0, 3), lrSchedulerType === "constant" ? [2, 2, 2] : [1, 2, 2]);
    for (let step = 3; step < 10; step++) assert(rates[step]! <= rates[step - 1]!);
  }
});

Deno.test("behind the warm-up the values are those of transformers", () => {
  // get_scheduler(...) of transformers at the same step, warm-up of 2 out of 10.
  assertEquals(at({ lrSchedulerType: "constant_with_warmup" }, 9), 2);
  assertAlmostEquals(at({}, 6), 1, 1e-12);
  assertAlmostEquals(at({ lrSchedulerType: "cosine" }, 4), 1 + Math.SQRT1_2, 1e-12);
  assertAlmostEquals(at({ lrSchedulerType: "cosine" }, 6), 1, 1e-12);
  const least = { lrSchedulerType: "cosine_with_min_lr", minLrRate: 0.1 } as const;
  assertAlmostEquals(at(least, 6), 2 * (0.9 * 0.5 + 0.1), 1e-12);
  assertAlmostEquals(at({ lrSchedulerType: "polynomial", lrPower: 2 }, 6), 0.5, 1e-12);
  const ending = { lrSchedulerType: "polynomial", lrPower: 2, minLrRate: 0.2 } as const;
  assertAlmostEquals(at(ending, 6), 2 * (0.8 * 0.25 + 0.2), 1e-12);
  assertAlmostEquals(at({ lrSchedulerType: "inverse_sqrt" }, 8), 2 / Math.sqrt(8 / 2), 1e-12);
  const unwarmed = { lrSchedulerType: "inverse_sqrt", warmupRatio: 0 } as const;
  assertAlmostEquals(at(unwarmed, 9), 2 / Math.sqrt(10_009 / 10_000), 1e-12);
});

Deno.test("a number of warm-up steps goes before the share; one step has the whole rate", () => {
  assertEquals(warmupLength({ ...base, warmupSteps: 4 }, 10), 4);
  assertEquals(warmupLength({ ...base, warmupSteps: 0 }, 10), 2);
  assertEquals(warmupLength({ ...base, lrSchedulerType: "constant", warmupSteps: 4 }, 10), 0);
  assertEquals(at({ warmupSteps: 4 }, 0), 0.5);
  assertEquals(at({ warmupRatio: 0 }, 0, 1), 2);
});

Deno.test("the defaults of the loop are the schedule's", () => {
  const config = loopSchema.parse({ maxSteps: 10, learningRate: 2 });
  for (let step = 0; step < 10; step++) {
    assertEquals(learningRateAt(config, step, 10), at({ warmupRatio: 0.1 }, step));
  }
});
