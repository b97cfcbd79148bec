import { assert, assertEquals, assertRejects } from "@std/assert";
import { UsageError } from "../../lib/runtime/mod.ts";
import {
  blankOne,
  filterByTries,
  imputeItems,
  isPlainList,
  type Item,
  sliceItems,
} from "../../lib/synthesis/mod.ts";

function item(
  id: string,
  caseHash: string,
  reference = "Diagnosis: asthma\nTreatment: prednisone",
): Item {
  return {
    id: id.padStart(16, "0"),
    capability: "reasoning",
    family: "f",
    version: 1,
    split: "train",
    prompt: `prompt ${id}`,
    reference,
    checks: [{ kind: "no_commas", capability: "instruction" }],
    claims: [],
    case: caseHash,
    template: "t",
  };
}

Deno.test("slices cover all items and keep cases together", () => {
  const items = ["a0", "b1", "c2", "d3", "e0"].map((hash, i) => item(String(i), hash));
  const [first, second] = sliceItems(items);
  assertEquals(first.map((one) => one.case), ["a0", "c2", "e0"]);
  assertEquals(second.map((one) => one.case), ["b1", "d3"]);
});

Deno.test("an item that no try answers is dropped; answered ones are not asked again", async () => {
  const items = [item("1", "a"), item("2", "b"), item("3", "c")];
  const asked: number[] = [];
  const filtered = await filterByTries({
    items,
    tries: 3,
    attempt: (prompts, number) => {
      asked.push(prompts.length);
      return Promise.resolve(
        prompts.map((prompt) => (prompt === `prompt ${number + 1}` ? "right" : "wrong")),
      );
    },
    score: (one, completion) => (completion === "right" && one.id !== items[2]!.id ? 1 : 0),
  });
  assertEquals(filtered.kept, items.slice(0, 2));
  assertEquals(filtered.dropped, items.slice(2));
  assertEquals(filtered.answeredAt, [1, 1, 0]);
  assertEquals(asked, [3, 2, 1]);
});

Deno.test("a wrong number of completions or tries is an error", async () => {
  const options = { items: [item("1", "a")], attempt: () => Promise.resolve([]), score: () => 1 };
  await assertRejects(
    () => filterByTries(options),
    UsageError,
    "Expected 1 completions but found 0",
  );
  await assertRejects(() => filterByTries({ ...options, tries: 0 }), UsageError, "found 0");
});

Deno.test("imputation blanks one line and keeps a refill only when it is accepted", async () => {
  const blanked = blankOne(item("1", "a"))!;
  assert(
    blanked.prompt.endsWith("Diagnosis: ___\nTreatment: prednisone") ||
      blanked.prompt.endsWith("Treatment: ___"),
  );
  assertEquals(blankOne(item("1", "a", "one line")), undefined);
  const items = [item("1", "a"), item("2", "b", "one line")];
  const attempt = () => Promise.resolve(["budesonide\nmore"]);
  const yes = await imputeItems({ items, attempt, accept: () => true });
  assertEquals([yes.refilled, yes.tried], [1, 1]);
  assert(
    yes.items[0]!.reference.includes("budesonide") && !yes.items[0]!.reference.includes("more"),
  );
  assert(yes.items[0]!.id !== items[0]!.id);
  const no = await imputeItems({ items, attempt, accept: () => false });
  assertEquals(no.items, items);
});

Deno.test("a refill is a plain list of names: no sentence, no mark-up, no denial", () => {
  for (
    const value of [
      "fever",
      "fever, cough",
      "fever and night sweats",
      "Crohn's disease",
      "beta-thalassemia (minor)",
    ]
  ) {
    assert(isPlainList(value, "cough, rash"), value);
  }
  for (
    const value of [
      "fever is a myth",
      "**fever** <|im_end|>",
      "fever? No.",
      "not fever",
      "perhaps fever",
      "fever!",
      '"fever"',
      "I think fever",
      "fever; cough",
      "the fever that he had for all of these many long and tiresome days",
    ]
  ) assert(!isPlainList(value, "cough, rash"), value);
  assert(isPlainList("no", "no"));
});
