import { assertEquals } from "@std/assert";
import { buildKnowledge, readObo } from "../../lib/knowledge/mod.ts";

/** So many of each kind: what grows with their square does not come to its end. */
const count = 30_000;

const many = (line: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => line(i)).join("");
const first = "[Term]\nid: X:0\nname: a\n\n";
const one = `${first}[Term]\nid: X:1\nname: b\n`;
const gone = (i: number): string => `[Term]\nid: X:${i}\nname: n${i}\nis_obsolete: true\n`;

/** Files with one thing many times, and the number of terms in them. */
const files: Readonly<Record<string, readonly [text: string, terms: number]>> = {
  "stanzas of one id": [
    first +
    many((i) => `[Term]\nid: X:1\nis_a: Y:${i}\nalt_id: Z:${i}\nsynonym: "s${i}" EXACT []\n`),
    2,
  ],
  "terms of one name": [first + many((i) => `[Term]\nid: X:${i + 1}\nname: n\n`), count + 1],
  "parents": [one + many((i) => `is_a: Y:${i}\n`), 2],
  "parents again": [one + many(() => `is_a: X:0\n`), 2],
  "other ids": [one + many((i) => `alt_id: Y:${i}\n`), 2],
  "one other id": [first + many((i) => `[Term]\nid: X:${i + 1}\nalt_id: Y:1\n`), count + 1],
  "synonyms": [one + many((i) => `synonym: "s${i % 7}" EXACT []\n`), 2],
  "successors": [`${one}is_obsolete: true\n` + many((i) => `replaced_by: Y:${i}\n`), 2],
  "a chain of successors": [
    first + many((i) => `${gone(i + 1)}replaced_by: X:${i + 2}\n`),
    count + 1,
  ],
  "chains that part": [
    first + many((i) => `${gone(i + 1)}replaced_by: X:${i + 2}\nreplaced_by: X:${i + 3}\n`),
    count + 1,
  ],
  "a circle": [
    first + many((i) => `[Term]\nid: X:${i + 1}\nname: n${i}\nis_a: X:${(i + 1) % count + 1}\n`),
    count + 1,
  ],
  "names": [one + many(() => "name: c\n"), 2],
  "definitions": [one + many(() => 'def: "d" []\n'), 2],
  "references": [`${one}def: "d" [${"a:b,".repeat(count)}c]\n`, 2],
  "braces in a reference": [`${one}xref: a${" {".repeat(count)}\n`, 2],
  "braces in references": [`${one}def: "d" [${" {".repeat(count)} }]\n`, 2],
  "modifiers": [`${one}is_a: X:0 {${'a="b",'.repeat(count)}c="d"}\n`, 2],
  "modifiers that do not close": [`${one}xref: a${" {a=b,".repeat(count)} }\n`, 2],
  "continued lines": [`${one}comment: c${"\\\n".repeat(count)}\n`, 2],
  "spaces in a name": [`${first}${gone(1).replace("n1", `x${" ".repeat(count)}y`)}`, 2],
};

for (const [name, [text, terms]] of Object.entries(files)) {
  Deno.test(`OBO, ${count} of one kind: ${name}`, () => {
    const diseases = readObo(text, "x.obo");
    assertEquals(diseases.terms.size, terms);
    const symptoms = readObo("[Term]\nid: S:1\nname: fever\n", "s.obo");
    const { entities, warnings } = buildKnowledge({
      ...{ diseases, symptoms, nodes: [], edges: [], indications: [], warnings: [] },
    });
    assertEquals(entities.size, terms + 1);
    assertEquals(warnings.every((warning) => warning.length < 400), true);
  });
}
