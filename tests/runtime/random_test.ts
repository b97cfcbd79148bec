import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertNotEquals,
  assertThrows,
} from "@std/assert";
import { randomStream, UsageError } from "../../lib/runtime/mod.ts";

Deno.test("a seed and its names give the same numbers everywhere", () => {
  const stream = randomStream(42, "sampling", 3);
  // Kept from the first run: results on disk depend on these numbers.
  assertEquals([stream.next(), stream.integer(1000), stream.seed32()], [
    0.7832999691789493,
    733,
    3128621037,
  ]);
});

Deno.test("streams do not disturb each other", () => {
  const parent = randomStream(1);
  const before = parent.child("a").next();
  parent.next();
  assertEquals(parent.child("a").next(), before);
  assertEquals(randomStream(1, "a").next(), before);
  const firsts = [[1, "a"], [1, "b"], [2, "a"], [1, "a", 0], [1, "a", "0"], [1, "a", 1]] as const;
  const values = firsts.map(([seed, ...names]) => randomStream(seed, ...names).next());
  assertEquals(new Set(values).size, values.length);
});

Deno.test("moments and correlations are those of independent draws", () => {
  const n = 20_000;
  const [a, b] = [randomStream(5, 0), randomStream(5, 1)];
  const xs = Array.from({ length: n }, () => a.next());
  const ys = Array.from({ length: n }, () => b.next());
  const mean = (v: readonly number[]) => v.reduce((s, x) => s + x, 0) / v.length;
  assert(xs.every((x) => x >= 0 && x < 1));
  assertAlmostEquals(mean(xs), 0.5, 0.01);
  assertAlmostEquals(mean(xs.map((x, i) => (x - 0.5) * (ys[i]! - 0.5))) * 12, 0, 0.03);
  const zs = Array.from({ length: n }, () => a.normal());
  assertAlmostEquals(mean(zs), 0, 0.03);
  assertAlmostEquals(mean(zs.map((z) => z * z)), 1, 0.05);
  assertAlmostEquals(mean(zs.map((z) => z ** 4)), 3, 0.3);
});

Deno.test("integers, picks and shuffles are even", () => {
  const stream = randomStream(9);
  const counts = [0, 0, 0, 0, 0];
  for (let i = 0; i < 10_000; i++) counts[stream.integer(5)]!++;
  for (const count of counts) assertAlmostEquals(count, 2000, 200);
  const orders = new Map<string, number>();
  for (let i = 0; i < 6000; i++) {
    const order = stream.shuffle([1, 2, 3]).join("");
    orders.set(order, (orders.get(order) ?? 0) + 1);
  }
  assertEquals(orders.size, 6);
  for (const count of orders.values()) assertAlmostEquals(count, 1000, 150);
  const list = [1, 2, 3];
  assert(list.includes(stream.pick(list)));
  stream.shuffle(list);
  assertEquals(list, [1, 2, 3]);
  assertNotEquals(stream.seed32(), stream.seed32());
});

Deno.test("bad arguments are refused", () => {
  assertThrows(() => randomStream(0.5), UsageError, "Expected seed to be an integer but found 0.5");
  assertThrows(() => randomStream(1).integer(0), UsageError, "greater than 0 but found 0");
  assertThrows(() => randomStream(1).pick([]), UsageError, "at least 1 element");
});
