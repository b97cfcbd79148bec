import { assertEquals } from "@std/assert";
import {
  counted,
  detectableText,
  gapText,
  listed,
  minus,
  shareOf,
  sideOf,
  withInterval,
} from "../../experiments/stages/verdicts.ts";

Deno.test("numbers have true minus signs, and none before 0", () => {
  assertEquals(minus("-0.0 [-1.2, -0.05]"), "0.0 [−1.2, −0.05]");
  assertEquals(withInterval(-0.01, { low: -0.02, high: 0 }, 1, 100), "−1.0 [−2.0, 0.0]");
});

Deno.test("an interval lies on a side only when it does not hold 0", () => {
  assertEquals(sideOf({ low: 0.1, high: 0.2 }), "above");
  assertEquals(sideOf({ low: -0.2, high: -0.1 }), "below");
  assertEquals(sideOf({ low: 0, high: 0.1 }), undefined);
  assertEquals(sideOf({ low: -0.1, high: 0 }), undefined);
});

Deno.test("shares, ranges, numbers and lists", () => {
  assertEquals(shareOf(0, 20, "problem"), "0 of 20 problems (0 % [0, 16])");
  const [wide, narrow, point] = [0.7, 0.14, 0].map((x) => ({ low: -x, high: x }));
  assertEquals(detectableText([wide!], 2), "detectable from 1.00 on");
  assertEquals(
    detectableText([wide!, narrow!], 0, 100, " points"),
    "detectable from 20 to 100 points on",
  );
  assertEquals(
    detectableText([point!, wide!, point!], 1),
    "2 equal in every resample, detectable from 1.0 on",
  );
  assertEquals(detectableText([point!], 1), "equal in every resample");
  assertEquals(detectableText([point!, point!], 1), "2 equal in every resample");
  assertEquals(
    gapText([[wide!, wide!], [narrow!, point!]], 2, 1, " s"),
    "apart from 0.20 to 1.82 s on",
  );
  assertEquals(gapText([[point!, narrow!]], 0, 100), "apart from 20 on");
  assertEquals(counted(1, "seed"), "1 seed");
  assertEquals(counted(20_000, "resample"), "20,000 resamples");
  assertEquals(listed([]), "none");
  assertEquals(listed(["a", "b"]), "a, b");
});
