import { assert, assertEquals } from "@std/assert";
import {
  type EntityKind,
  loadKnowledge,
  mentions,
  normalizeName,
} from "../../lib/knowledge/mod.ts";
import { smallKnowledge } from "./small.ts";

const small = smallKnowledge();
const found = (text: string, kinds?: readonly EntityKind[]): string[] =>
  mentions(small, text, kinds).map((m) => `${text.slice(m.start, m.end)}=${m.entity.id}`);

Deno.test("the longest name wins, and its words are covered for other kinds", () => {
  assertEquals(found("Jungle yellow fever, or fever?"), [
    "Jungle yellow fever=DOID:9",
    "fever=SYMP:6",
  ]);
  assertEquals(found("yellow fever", ["symptom"]), []);
  assertEquals(found("intractable pain and head pain"), [
    "intractable pain=MESH:D2",
    "head pain=SYMP:2",
  ]);
});

Deno.test("whole words, any case, plurals, possessives, hyphens", () => {
  assertEquals(found("HEADACHES; coughs. painless coughing, feverish"), [
    "HEADACHES=SYMP:2",
    "coughs=SYMP:3",
  ]);
  assertEquals(found("Parkinson disease, Parkinson’s disease"), [
    "Parkinson disease=DOID:6",
    "Parkinson’s disease=DOID:6",
  ]);
  assertEquals(found("Acute-coryza"), ["Acute-coryza=DOID:3"]);
  assertEquals(found("common, cold"), []);
  assertEquals(found("common\ncold"), ["common\ncold=DOID:3"]);
});

Deno.test("capitals of a short name count; related names never do; two kinds give two mentions", () => {
  assertEquals(found("The cat sat. A CAT scan."), ["CAT=DOID:3"]);
  assertEquals(found("a chill"), []);
  assertEquals(found("migraine"), ["migraine=DOID:7", "migraine=SYMP:7"]);
  assertEquals(found("migraine", ["symptom"]), ["migraine=SYMP:7"]);
  assertEquals(found(""), []);
});

Deno.test("normal forms of singular and plural agree", () => {
  for (
    const [one, many] of [["headache", "headaches"], ["rash", "rashes"], ["allergy", "allergies"], [
      "abscess",
      "abscesses",
    ], ["lens", "lens"]] as const
  ) {
    assertEquals(normalizeName(one), normalizeName(many));
  }
  assert(normalizeName("virus") === "virus" && normalizeName("tetanus") === "tetanus");
});

Deno.test("real data: names of all kinds, in several forms", async () => {
  const k = await loadKnowledge();
  const text =
    "A 34-year-old man with fevers, a stiff neck and intense headache after influenza was given oseltamivir; " +
    "multiple sclerosis, Alzheimer disease and lung cancer were excluded, and the lungs were clear.";
  const names = mentions(k, text).map((m) => m.entity.name);
  for (
    const name of [
      "fever",
      "headache",
      "influenza",
      "Oseltamivir",
      "multiple sclerosis",
      "Alzheimer's disease",
      "lung cancer",
      "lung",
    ]
  ) {
    assert(names.includes(name), name);
  }
});
