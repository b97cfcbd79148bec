import { assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import {
  testItems,
  trainingItems,
  withFamilies,
  type Workshop,
} from "../../experiments/stages/workshop.ts";
import { UsageError } from "../../lib/runtime/mod.ts";

const item = (id: string, capability: string, family: string, split: string) => ({
  id,
  capability,
  family,
  split,
});

/** A workshop of which only the items are used. */
const workshop = {
  items: [
    item("a", "domain", "choice", "train"),
    item("b", "domain", "choice", "train"),
    item("c", "reasoning", "compare", "train"),
    item("d", "domain", "open", "test"),
  ],
  itemsHash: "0",
  config: { testItems: 1 },
} as unknown as Workshop;

Deno.test("items are taken by split, those of the test at most so many of each capability", () => {
  assertEquals(trainingItems(workshop).map(({ id }) => id), ["a", "b", "c"]);
  assertEquals(testItems(workshop).map(({ id }) => id), ["d"]);
  const more = { ...workshop, items: [...workshop.items, { ...workshop.items[3]!, id: "e" }] };
  assertEquals(testItems(more).map(({ id }) => id), ["d"]);
  assertEquals(testItems({ ...more, config: { testItems: 2 } as Workshop["config"] }).length, 2);
});

Deno.test("families are kept by name, have a hash of their own, and unknown ones are refused", async () => {
  const some = await withFamilies(workshop, ["choice", "open"]);
  assertEquals(some.items.map(({ id }) => id), ["a", "b", "d"]);
  assertNotEquals(some.itemsHash, (await withFamilies(workshop, ["choice"])).itemsHash);
  await assertRejects(
    () => withFamilies(workshop, ["open", "closed"]),
    UsageError,
    'Expected families out of choice, compare, open but found "closed"',
  );
});
