import { assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { itemsOf, withFamilies, type Workshop } from "../../experiments/stages/workshop.ts";
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
} as unknown as Workshop;

Deno.test("items are taken by split, at most so many of each capability", () => {
  assertEquals(itemsOf(workshop, "train").map(({ id }) => id), ["a", "b", "c"]);
  assertEquals(itemsOf(workshop, "train", 1).map(({ id }) => id), ["a", "c"]);
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
