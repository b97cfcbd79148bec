import { assertEquals } from "@std/assert";
import {
  counted,
  detectableRange,
  listed,
  minus,
  points,
  shareOf,
  sideOf,
  withInterval,
} from "../../experiments/stages/verdicts.ts";

Deno.test("numbers have true minus signs, and none before 0", () => {
  assertEquals(minus("-0.0 [-1.2, -0.05]"), "0.0 [−1.2, −0.05]");
  assertEquals(points(-0.0123), "−1.2");
  assertEquals(points(-0.0001), "0.0");
  assertEquals(withInterval(-0.01, { low: -0.02, high: 0 }, 1, 100), "−1.0 [−2.0, 0.0]");
});

Deno.test("an interval lies on a side only when it does not hold 0", () => {
  assertEquals(sideOf({ low: 0.1, high: 0.2 }), "above");
  assertEquals(sideOf({ low: -0.2, high: -0.1 }), "below");
  assertEquals(sideOf({ low: 0, high: 0.1 }), undefined);
  assertEquals(sideOf({ low: -0.1, high: 0 }), undefined);
});

Deno.test("shares, ranges, numbers and lists", () => {
  assertEquals(shareOf(0, 20), "0 of 20 (0 % [0, 16])");
  assertEquals(detectableRange([], 1), "");
  assertEquals(detectableRange([{ low: -0.7, high: 0.7 }], 2), "1.00");
  assertEquals(
    detectableRange([{ low: -0.7, high: 0.7 }, { low: -0.14, high: 0.14 }], 0, 100),
    "20 to 100",
  );
  assertEquals(counted(1, "seed"), "1 seed");
  assertEquals(counted(20_000, "resample"), "20,000 resamples");
  assertEquals(listed([]), "none");
  assertEquals(listed(["a", "b"]), "a, b");
});
