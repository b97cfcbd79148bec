import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { loadClinical, loadKnowledge } from "../../lib/knowledge/mod.ts";
import { randomStream } from "../../lib/runtime/mod.ts";
import {
  detectTextErrors,
  injectTextError,
  selectSource,
  synthesize,
  textErrors,
} from "../../lib/synthesis/mod.ts";

const knowledge = await loadKnowledge();
const clinical = await loadClinical(knowledge);
const source = selectSource(clinical, "test");
const { items } = await synthesize({ clinical, count: 120, seed: 5, benchmarks: [] });

Deno.test("an error changes one of the two texts, the same way for one seed, and no claim", () => {
  for (const kind of textErrors) {
    const draw = () => {
      const random = randomStream(1, kind);
      return items.map((item) => injectTextError(source, item, kind, random));
    };
    const texts = draw();
    assertEquals(texts, draw());
    assert(texts.filter((text) => text !== undefined).length >= 15, kind);
    for (const [i, text] of texts.entries()) {
      if (text === undefined) continue;
      assertEquals(Object.keys(text).sort(), ["prompt", "reference"]);
      const { prompt, reference } = items[i]!;
      assertNotEquals([text.prompt, text.reference], [prompt, reference], kind);
      assert(text.prompt === prompt || text.reference === reference, kind);
    }
  }
});

Deno.test("errors in texts are found, and untouched items raise hardly an alarm", () => {
  const { untouched, errors } = detectTextErrors(source, items, 40, 3);
  assertEquals(untouched.items, items.length);
  assert(untouched.alarms <= 0.02 * untouched.items, `${untouched.alarms}`);
  for (const { kind, items, alarms } of errors) {
    const least = kind === "number" ? 0.6 : 0.9;
    assert(items >= 15 && alarms >= least * items, `${kind} ${alarms} of ${items}`);
  }
});
