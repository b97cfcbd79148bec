import { assertEquals } from "@std/assert";
import {
  comparison,
  maxDifference,
  relativeDifference,
} from "../../experiments/parity/comparison.ts";

Deno.test("the largest difference, absolute and relative to the reference's largest size", () => {
  assertEquals(maxDifference([1, -2, 3], [1, 2, 2.5]), 4);
  assertEquals(relativeDifference([1, -2, 3], [1, 2, -8]), 11 / 8);
  assertEquals(relativeDifference([], []), 0);
});

Deno.test("nothing hides a NaN, an infinity or another length", () => {
  for (const broken of [[NaN, 1, 2], [0, NaN, 2], [0, 1, NaN], [Infinity, 1, 2], [0, 1]]) {
    const error = maxDifference(broken, [0, 1, 2]);
    assertEquals(comparison("x", error, 1e9).ok, false, `${broken}`);
    assertEquals(comparison("x", relativeDifference([0, 1, 2], broken), 1e9).ok, false);
  }
  assertEquals(comparison("x", 0.5, 0.5).ok, true);
});
