/** Twins and duplicates, against numbers by hand and against all pairs. */
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { randomStream } from "../../lib/runtime/mod.ts";
import { countDuplicates, type Item, trainingTwins } from "../../lib/synthesis/mod.ts";
import { nearestTwins, shinglesOf } from "../../lib/synthesis/audit/twins.ts";
import { ask } from "./audit_items.ts";

const prompts = (texts: readonly string[], told: Partial<Item> = {}): Item[] =>
  texts.map((prompt) => ask({ prompt, ...told }));

Deno.test("twins: similarity is shared runs of three words over all runs of three words", () => {
  // a b c, b c d, c d e against b c d, c d e, d e f: 2 shared of 4.
  const [one, other, short] = shinglesOf(["a b c d e", "B, c d; e f", "a b"]);
  assertEquals(nearestTwins([one!], [short!, other!], 0.5), [{ place: 1, similarity: 0.5 }]);
  assertEquals(nearestTwins([one!], [other!], 0.51), [undefined]);
  assertEquals(nearestTwins([short!], [one!, short!], 0.5), [{ place: 1, similarity: 1 }]);
  assertEquals(nearestTwins([one!], [], 0.5), [undefined]);
});

Deno.test("twins: the nearest one is that of a comparison of all pairs", () => {
  const random = randomStream(3, "twins");
  const texts = Array.from({ length: 300 }, () => {
    const words = Array.from({ length: 8 + random.integer(12) }, (_, i) => `w${i}`);
    for (let change = random.integer(8); change > 0; change--) {
      words[random.integer(words.length)] = `x${random.integer(3)}`;
    }
    return words.join(" ");
  });
  const shingles = shinglesOf(texts);
  const [queries, pool] = [shingles.slice(0, 100), shingles.slice(100)];
  for (const atLeast of [0.3, 0.5, 0.8]) {
    const found = nearestTwins(queries, pool, atLeast);
    let near = 0;
    for (const [i, query] of queries.entries()) {
      const own = new Set(query);
      const all = pool.map((other) => {
        const both = other.filter((shingle) => own.has(shingle)).length;
        return both / (query.length + other.length - both);
      });
      const best = Math.max(...all);
      assertEquals(found[i]?.similarity, best >= atLeast ? best : undefined);
      if (best >= atLeast) near += 1;
      if (found[i] !== undefined) assertEquals(found[i].place, all.indexOf(best));
    }
    assert(near > 5 && near < 100, `${near} twins at ${atLeast} test too little`);
  }
});

Deno.test("duplicates: exact, the same words, near; a group's own items are none", () => {
  const words = "one two three four five six seven eight nine ten eleven twelve";
  // 10 runs of three words; another last word changes one: 9 shared of 11 are 0.82. Two changed words leave 8 of 12.
  const near = words.replace("twelve", "dozen");
  const far = words.replace("eleven twelve", "dozen more");
  const count = (texts: readonly string[], told?: Partial<Item>) =>
    countDuplicates(prompts(texts, told));
  assertEquals(count([words, words]), { exact: 1, normalised: 1, near: 1 });
  assertEquals(count([words, `${words.toUpperCase()}.`]), { exact: 0, normalised: 1, near: 1 });
  assertEquals(count([words, near]), { exact: 0, normalised: 0, near: 1 });
  assertEquals(count([words, far]), { exact: 0, normalised: 0, near: 0 });
  assertEquals(count([words, near], { group: "one" }), { exact: 0, normalised: 0, near: 0 });
  assertEquals(count([words, near, words], { group: "one" }), { exact: 1, normalised: 1, near: 1 });
  assertEquals(count([]), { exact: 0, normalised: 0, near: 0 });
});

Deno.test("twins of test items in training: by similarity, and the nearest pair", () => {
  const words = "one two three four five six seven eight nine ten eleven twelve";
  const train = prompts([words]);
  const test = prompts([
    words,
    words.replace("twelve", "dozen"),
    words.replace("eleven twelve", "dozen more"),
    "nothing of the kind is said here",
  ]);
  const { n, none, bins, nearest } = trainingTwins(test, train);
  // 1, 9/11 = 0.82, 8/12 = 0.67 and none.
  assertEquals([n, none, bins], [4, 1, [0, 1, 0, 1, 0, 1]]);
  assertEquals(nearest, { item: test[0]!.id, twin: train[0]!.id, similarity: 1 });
  assertAlmostEquals(trainingTwins(test.slice(1), train).nearest!.similarity, 9 / 11, 1e-12);
  assertEquals(trainingTwins(test, []), { n: 4, none: 4, bins: [0, 0, 0, 0, 0, 0] });
});
