import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import {
  alternativeIds,
  buildKnowledge,
  checkClaim,
  liveTerms,
  type OboTerm,
  readObo,
} from "../../lib/knowledge/mod.ts";
import { randomStream, WorkbenchError } from "../../lib/runtime/mod.ts";

function term(...lines: string[]): OboTerm {
  const found = readObo(`format-version: 1.2\n\n[Term]\nid: X:1\n${lines.join("\n")}\n`, "x.obo")
    .terms.get("X:1");
  assert(found !== undefined);
  return found;
}

Deno.test("escapes are read before a line is split", () => {
  const t = term(
    String.raw`name: a\, b\: c\! d`,
    String
      .raw`def: "He said \"no\"\nand \\ left." [url:http\://x.org/a\,b, PMID:1 "title, with comma"]`,
    String.raw`is_a: X\:2`,
  );
  assertEquals(t.name, "a, b: c! d");
  assertEquals(t.definition, 'He said "no"\nand \\ left.');
  assertEquals(t.definitionXrefs, ["url:http://x.org/a,b", "PMID:1"]);
  assertEquals(t.isA, ["X:2"]);
});

Deno.test("a comment starts at ! outside quotation marks only", () => {
  const t = term(
    'name: cold ! "common"',
    'def: "Stop! Now." [] ! comment',
    "is_a: X:2 ! parent ! twice",
    "! a whole line",
  );
  assertEquals([t.name, t.definition, t.isA], ["cold", "Stop! Now.", ["X:2"]]);
});

Deno.test("trailing modifiers are cut, braces of a name are kept", () => {
  const t = term(
    'is_a: X:2 {source="A, {b} ! c", is_inferred="true"} ! x',
    "name: ion {2-}",
    'synonym: "s" EXACT [] {x="y"}',
  );
  assertEquals(t.isA, ["X:2"]);
  assertEquals(t.name, "ion {2-}");
  assertEquals(t.synonyms, [{ text: "s", scope: "EXACT", xrefs: [] }]);
});

Deno.test("a comma is part of a lone xref and splits a list", () => {
  const t = term(
    "name: x",
    "xref: ICD:1,2,3",
    'xref: Y:5 "a, b"',
    'synonym: "s" NARROW ABBR [A:1, B:2]',
  );
  assertEquals(t.xrefs, ["ICD:1,2,3", "Y:5"]);
  assertEquals(t.synonyms, [{ text: "s", scope: "NARROW", type: "ABBR", xrefs: ["A:1", "B:2"] }]);
});

Deno.test("synonym scopes, old synonym tags, relationships and other tags", () => {
  const t = term(
    "name: x",
    'synonym: "a" []',
    'exact_synonym: "b" []',
    "relationship: part_of X:9 {a=b} ! whole",
    "subset: slim",
    "consider: X:7",
  );
  assertEquals(t.synonyms.map((s) => s.scope), ["RELATED", "EXACT"]);
  assertEquals(t.relationships, [{ type: "part_of", target: "X:9" }]);
  assertEquals(t.other, [{ tag: "subset", value: "slim" }]);
  assertEquals(t.consider, ["X:7"]);
});

Deno.test("carriage returns, a byte order mark and continued lines", () => {
  const { terms, warnings } = readObo(
    "\ufeff[Term]\r\nid: X:1\r\nname: long \\\r\nname\r\n",
    "x.obo",
  );
  assertEquals(terms.get("X:1")?.name, "long name");
  assertEquals(warnings, []);
});

Deno.test("line ends of old machines, and bytes that are not UTF-8", () => {
  assertEquals(readObo("[Term]\rid: X:1\rname: old\r", "x.obo").terms.get("X:1")?.name, "old");
  const latin = Uint8Array.from("[Term]\nid: X:1\nname: caf\xe9\n", (c) => c.charCodeAt(0));
  const { terms, warnings } = readObo(latin, "x.obo");
  assertEquals(terms.get("X:1")?.name, "caf\ufffd");
  assertEquals(warnings.map((w) => w.line), [3]);
});

Deno.test("a bad line is reported with its number and the rest is read", () => {
  const { terms, warnings } = readObo(
    [
      "format-version: 1.4", // 1
      "[Term]",
      "id: X:1",
      "name", // 4 no colon
      'def: "open', // 5 no closing quotation mark
      "is_a: X:2 parent", // 6 no comment sign
      "is_a: X:3",
      'synonym: "" EXACT []', // 8 empty
      "is_obsolete: maybe", // 9
      "name: good",
      "name: again", // 11 second name
      "[Trem]", // 12 unknown stanza, skipped
      "id: X:8",
      "[Term]", // 14 no id
      "name: nameless",
      "[Term]",
      "id: X:4",
      "name: last",
      "",
    ].join("\n"),
    "x.obo",
  );
  assertEquals(warnings.map((w) => w.line), [4, 5, 6, 8, 9, 11, 12, 14]);
  assertEquals([...terms.keys()], ["X:1", "X:4"]);
  assertEquals(terms.get("X:1")?.name, "good");
  assertEquals(terms.get("X:1")?.isA, ["X:3"]);
  assertMatch(
    warnings[2]?.message ?? "",
    /^Expected is_a to be one id but found "X:2 parent": the line is left out$/,
  );
});

Deno.test("two stanzas of one id are joined and reported", () => {
  const { terms, warnings } = readObo(
    "[Term]\nid: X:1\nname: a\n[Term]\nid: X:1\nis_a: X:2\nalt_id: X:3\n",
    "x.obo",
  );
  assertEquals(terms.get("X:1")?.isA, ["X:2"]);
  assertEquals(terms.get("X:1")?.name, "a");
  assertEquals(warnings.map((w) => w.line), [4]);
});

Deno.test("a cut, an empty, a compressed and a binary file", () => {
  const cut = readObo('[Term]\nid: X:1\nname: a\ndef: "half of a def', "x.obo");
  assertEquals(cut.terms.size, 1);
  assertEquals(cut.warnings.map((w) => w.line), [4, 4]);
  assertMatch(cut.warnings[1]?.message ?? "", /cut short/);
  assertThrows(() => readObo("", "x.obo"), WorkbenchError, "Expected x.obo to be an OBO file");
  assertThrows(() => readObo(new Uint8Array([0x1f, 0x8b, 8, 0]), "x.obo"), WorkbenchError, "gzip");
  const stream = randomStream(1, "binary");
  const bytes = Uint8Array.from({ length: 20_000 }, () => stream.integer(256));
  assertThrows(() => readObo(bytes, "x.obo"), WorkbenchError, "at least one [Term]");
  const mixed = new Uint8Array([...new TextEncoder().encode("[Term]\nid: X:1\n"), ...bytes]);
  const read = readObo(mixed, "x.obo");
  assert(read.terms.has("X:1") && read.warnings.length > 0 && read.warnings.length <= 202);
});

Deno.test("replaced_by chains, alternative ids, cycles; consider is never followed", () => {
  const gone = (id: string, ...lines: string[]): string =>
    [`[Term]\nid: ${id}\nis_obsolete: true`, ...lines, ""].join("\n");
  const { terms } = readObo(
    "[Term]\nid: L:1\nname: live\nalt_id: A:1\nalt_id: O:7\n[Term]\nid: L:2\nname: other\n" +
      gone("O:1", "replaced_by: O:2") + gone("O:2", "replaced_by: A:1") +
      gone("O:3", "consider: L:1") +
      gone("O:4", "replaced_by: O:5") + gone("O:5", "replaced_by: O:4") +
      gone("O:6", "replaced_by: L:1", "replaced_by: L:2") +
      gone("O:7", "replaced_by: L:2") + gone("O:8", "replaced_by: O:1", "replaced_by: L:1") +
      gone("O:9"),
    "x.obo",
  );
  const alternatives = alternativeIds(terms);
  const live = liveTerms(terms, alternatives);
  assertEquals(live("L:1"), "L:1");
  assertEquals(live("A:1"), "L:1");
  assertEquals(live("O:1"), "L:1"); // obsolete, replaced, alternative
  assertEquals(live("O:3"), undefined); // consider only
  assertEquals(live("O:4"), undefined); // cycle
  assertEquals(live("O:6"), undefined); // two successors
  assertEquals(live("O:7"), "L:2"); // replaced_by before alt_id
  assertEquals(live("O:8"), "L:1"); // two ways, one end
  assertEquals(live("O:9"), undefined);
  assertEquals(live("none"), undefined);
});

Deno.test("1,000 random changes of a fragment: no crash, no hang", () => {
  const fragment = [
    "format-version: 1.2",
    "[Term]",
    "id: X:1",
    'name: cold ! "x"',
    String.raw`def: "A \"cold\"." [url:http\://a.b/c, Y:2 "z, z"]`,
    'synonym: "c" EXACT ABBR [] {a="b"}',
    "is_a: X:2 {source=q} ! parent",
    "xref: ICD:1,2",
    "[Term]",
    "id: X:2",
    "is_obsolete: true",
    "replaced_by: X:1",
    "alt_id: X:3",
    "[Typedef]",
    "id: part_of",
    "",
  ].join("\n");
  const pieces = [
    "\\",
    '"',
    "!",
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    "\n",
    "\r",
    "\0",
    "[Term]\n",
    "id: X:1\n",
    "is_a: X:2\n",
    "é",
    "\ud800",
  ];
  const stream = randomStream(3, "mutations");
  let read = 0;
  for (let i = 0; i < 1000; i++) {
    let text = fragment;
    for (let n = 0; n <= stream.integer(6); n++) {
      const at = stream.integer(text.length + 1);
      text = text.slice(0, at) + (stream.next() < 0.6 ? stream.pick(pieces) : "") +
        text.slice(at + stream.integer(4));
    }
    try {
      const document = readObo(i % 2 === 0 ? text : new TextEncoder().encode(text), "x.obo");
      const { terms } = document;
      const alternatives = alternativeIds(terms);
      const live = liveTerms(terms, alternatives);
      for (const id of terms.keys()) live(id);
      if (i % 10 === 0) {
        const k = buildKnowledge({
          diseases: document,
          symptoms: document,
          nodes: [],
          edges: [],
          indications: [],
          warnings: [],
        });
        for (const id of terms.keys()) {
          checkClaim(k, { subject: id, predicate: "is_a", object: "X:1" });
        }
      }
      read++;
    } catch (error) {
      assert(error instanceof WorkbenchError, String(error));
    }
  }
  assert(read > 900, `${read} could be read`);
});
