import { longestCompletion } from "../../../lib/reward/rules/pattern.ts";
import { assert, assertEquals } from "@std/assert";
import { fieldText, namedIn, shareRight } from "../../../lib/reward/rules/reading.ts";
import { read } from "./graph.ts";

Deno.test("labelled lines, whatever the case of the label; a repeated label holds all its values", () => {
  const reading = read("diagnosis: migraine\nDrug: aspirin\nDiagnosis: epilepsy syndrome");
  assertEquals(
    fieldText(reading, { format: "line", field: "Diagnosis" }),
    "migraine\nepilepsy syndrome",
  );
  assertEquals(fieldText(reading, { format: "line", field: "Class" }), undefined);
  assertEquals(fieldText(read("Drug:   "), { format: "line", field: "Drug" }), undefined);
});

Deno.test("values of a JSON object, in a code fence too", () => {
  for (const text of ['{"a": "x", "b": ["y", "z"]}', '```json\n{"a": "x", "b": ["y", "z"]}\n```']) {
    assertEquals(fieldText(read(text), { format: "json", field: "a" }), "x");
    assertEquals(fieldText(read(text), { format: "json", field: "b" }), "y\nz");
    assertEquals(fieldText(read(text), { format: "json", field: "c" }), undefined);
  }
  assertEquals(fieldText(read('{"a": 3}'), { format: "json", field: "a" }), undefined);
});

Deno.test("a JSON object that was cut off still shows its first values", () => {
  const reading = read(
    '{"diagnosis": "migraine", "because": ["nausea", "photophobia"], "drug": "asp',
  );
  assertEquals(reading.json, undefined);
  assertEquals(fieldText(reading, { format: "json", field: "diagnosis" }), "migraine");
  assertEquals(
    namedIn(reading, { format: "json", field: "because" }, "symptom").entities.length,
    2,
  );
  assertEquals(fieldText(reading, { format: "json", field: "drug" }), undefined);
});

Deno.test("strays are parts of a list that name nothing; free text has none", () => {
  const line = { format: "line", field: "Findings" } as const;
  const named = (text: string) => namedIn(read(text), line, "symptom");
  assertEquals(named("Findings: nausea, fever").strays, 0);
  assertEquals(named("Findings: nausea, glorp and blah").strays, 2);
  assertEquals(named("Findings: the patient has nausea.").strays, 0);
  assertEquals(named("Findings: nausea, nausea, nausea").repeats, 1);
  assertEquals(namedIn(read("glorp, blah, nausea"), { format: "text" }, "symptom").strays, 0);
});

Deno.test("a name never runs over the end of a line or sentence", () => {
  const found = namedIn(
    read("it affects the lip\n- Paralysis is a symptom"),
    { format: "text" },
    "anatomy",
  );
  assertEquals(found.entities.map((entity) => entity.name), ["lip"]);
});

Deno.test("only the first part of a huge completion is read", () => {
  const reading = read("nausea ".repeat(1_000_000));
  assert(reading.text.length <= longestCompletion && reading.cut);
  assert(!read("nausea").cut);
});

Deno.test("share of right answers: precision and recall at once", () => {
  assertEquals(shareRight(2, 2, 2), 1);
  assertEquals(shareRight(1, 1, 2), 0.5);
  assertEquals(shareRight(2, 4, 2), 0.25, "two wrong ones beside them");
  assertEquals(shareRight(4, 4, 2), 0.5, "surplus, but right");
  assertEquals(shareRight(5, 5, 1), 0.2);
  assertEquals(shareRight(0, 0, 1), 0);
});

Deno.test("a list of all candidates never beats a guess, on average", () => {
  for (let n = 2; n <= 6; n++) {
    for (let count = 1; count < n; count++) {
      // Guessing `count` of n candidates, `count` of them right: count/n are right on average.
      assert(shareRight(count, n, count) < count / n, `${count} of ${n}`);
    }
  }
});

Deno.test("what is denied names nothing, and costs nothing beside an answer", () => {
  const line = { format: "line", field: "Findings" } as const;
  const named = namedIn(read("Findings: nausea, no fever"), line, "symptom");
  assertEquals([named.entities.map(({ name }) => name), named.strays], [["nausea"], 0]);
  assertEquals(namedIn(read("no fever"), line, "symptom").entities, []);
});
