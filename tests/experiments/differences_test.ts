import { assert, assertAlmostEquals, assertEquals, assertStringIncludes } from "@std/assert";
import { differenceFamily, differenceSchema } from "../../experiments/laboratory/differences.ts";
import { toldApart } from "../../experiments/laboratory/told_apart.ts";
import { randomStream } from "../../lib/runtime/mod.ts";

const style = { unit: "points", factor: 100, digits: 1 };

/** Families of differences by name, in the shape that is worded. */
const familyOf = (pairs: Record<string, readonly number[]>) => {
  const found = differenceFamily(Object.values(pairs));
  return {
    label: "the gain",
    style,
    family: Object.keys(pairs).map((name, k) => ({ ...found[k]!, name })),
  };
};

Deno.test("a family has means, Student's intervals, exact p values and their correction", () => {
  const [up, even] = differenceFamily([[1, 2, 3], [1, -1, 0]]);
  assertEquals([up!.n, up!.value], [3, 2]);
  // t(0.975; 2) = 4.3027, standard error 1 / sqrt(3)
  assertAlmostEquals(up!.high, 2 + 4.302652729911275 / Math.sqrt(3), 1e-9);
  assertAlmostEquals(up!.p, 2 / 8, 1e-12);
  assertAlmostEquals(up!.p_holm, 4 / 8, 1e-12);
  assertAlmostEquals(up!.p_least, 2 * 2 / 8, 1e-12);
  assertEquals(even!.p, 1);
  differenceSchema.parse(JSON.parse(JSON.stringify(up)));
});

Deno.test("the detectable difference is found in four of five samples", () => {
  const n = 8;
  const random = randomStream(0, "power");
  const draw = (shift: number) => Array.from({ length: n }, () => shift + random.normal());
  // Over many samples the detectable size is that of the true deviation.
  const sizes = Array.from({ length: 400 }, () => differenceFamily([draw(0)])[0]!.detectable!);
  const size = Math.sqrt(sizes.reduce((sum, x) => sum + x ** 2, 0) / sizes.length);
  const found = Array.from({ length: 1000 }, () => differenceFamily([draw(size)])[0]!)
    .filter(({ low }) => low > 0).length;
  assertAlmostEquals(found / 1000, 0.8, 0.05);
});

Deno.test("one pair has neither interval nor detectable size", () => {
  const [one] = differenceFamily([[0.3]]);
  assertEquals([one!.low, one!.high, one!.detectable, one!.p_least], [0.3, 0.3, null, 1]);
  assertEquals(
    toldApart([familyOf({ A: [0.3] })], "replicate"),
    "One replicate tells nothing apart.",
  );
});

const many = (value: number) => Array.from({ length: 12 }, (_, k) => value + 0.001 * (k % 3 - 1));

Deno.test("where a test can outlive the correction its verdicts are told, on both sides", () => {
  const text = toldApart(
    [familyOf({ A: many(0.1), B: many(-0.2), C: [...many(0.05), ...many(-0.05)].slice(6, 18) })],
    "replicate",
  );
  assertStringIncludes(
    text,
    "Differences after Holm's correction for 3 at a time. The gain: above A",
  );
  assertStringIncludes(text, "A (10.0 [9.9, 10.1]); below B (−20.0 [−20.1, −19.9])");
  assertStringIncludes(text, "not told apart C (detectable from");
  const none = toldApart([familyOf({ A: many(0), B: many(0) })], "replicate");
  assertStringIncludes(none, "above none; below none; not told apart A, B");
});

Deno.test("where none can, this is said, and single intervals are read as such", () => {
  const text = toldApart([familyOf({ A: [0.1, 0.11, 0.1], B: [0, 0, 0] })], "problem");
  assertStringIncludes(
    text,
    "Over 3 problems no difference could outlive Holm's correction for 2 (smallest p 0.50)",
  );
  assertStringIncludes(text, "by their own 95 % intervals alone. The gain: above A (10.3");
  assertStringIncludes(text, "not told apart B (1 equal in all).");
});

Deno.test("of many on a side the least and the largest are named, and all that are not told apart counted", () => {
  const names = ["A", "B", "C", "D", "E"];
  const text = toldApart([
    familyOf(Object.fromEntries(names.map((name, k) => [name, many(0.1 * (k + 1))]))),
  ], "replicate");
  assertStringIncludes(text, "above 5 of 5, from A (10.0 [9.9, 10.1]) to E (50.0 [49.9, 50.1])");
  assert(!text.includes("B ("), text);
  const equal = toldApart([
    familyOf(Object.fromEntries(names.map((name) => [name, many(0)]))),
  ], "replicate");
  assertStringIncludes(equal, "not told apart 5 of 5 (detectable from");
});

Deno.test("empty families are left out", () => {
  assertEquals(toldApart([{ label: "x", style, family: [] }], "replicate"), "");
});
