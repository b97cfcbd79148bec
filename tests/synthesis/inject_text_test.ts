import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { loadClinical, loadKnowledge } from "../../lib/knowledge/mod.ts";
import { randomStream } from "../../lib/runtime/mod.ts";
import {
  detectTextErrors,
  injectTextError,
  selectSource,
  synthesize,
  textErrors,
  textFault,
} from "../../lib/synthesis/mod.ts";

const clinical = await loadClinical(await loadKnowledge());
const source = selectSource(clinical, "train");
// Without validation: an item that the validator drops would raise no alarm.
const { items } = await synthesize({
  clinical,
  count: 500,
  seed: 5,
  benchmarks: [],
  without: ["validation"],
});

Deno.test("an error changes one of the two texts, the same way for one seed, and no claim", () => {
  for (const kind of textErrors) {
    const draw = () => {
      const random = randomStream(1, kind);
      return items.map((item) => injectTextError(source, item, kind, random));
    };
    const texts = draw();
    assertEquals(texts, draw());
    assert(texts.filter((text) => text !== undefined).length >= 60, kind);
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
  const { untouched, errors, families } = detectTextErrors(source, items, 80, 3);
  assertEquals(untouched.items, items.length);
  assert(untouched.alarms <= 0.02 * untouched.items, `${untouched.alarms}`);
  for (const { kind, items, alarms } of errors) {
    assert(items >= 60 && alarms >= 0.9 * items, `${kind} ${alarms} of ${items}`);
  }
  for (const { family, wrong } of families) {
    assert(wrong.alarms >= 0.9 * wrong.items, `${family} ${wrong.alarms} of ${wrong.items}`);
  }
  assert(families.filter(({ wrong }) => wrong.items >= 5).length >= 9);
});

Deno.test("what the pipeline keeps has no fault in its text; what it drops is told with the rule", async () => {
  const kept = await synthesize({ clinical, count: 200, seed: 6, benchmarks: [] });
  assertEquals(kept.items.filter((item) => textFault(clinical, item) !== undefined), []);
  const validate = kept.report.stages.find(({ stage }) => stage === "validate")!;
  const reasons = Object.keys(validate.dropped);
  assertEquals(reasons.filter((reason) => !/^(?:text: |unsupported|workflow)/.test(reason)), []);
});
