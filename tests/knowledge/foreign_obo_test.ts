/** Ontologies as other people write them: nothing that they leave unclear becomes a fact, and every warning has its place. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import {
  ancestorsOf,
  buildKnowledge,
  checkClaim,
  cyclesOf,
  findEntity,
  type Knowledge,
  mentions,
  type OboDocument,
  readObo,
  resolveId,
  tellWarnings,
} from "../../lib/knowledge/mod.ts";

const other = (): OboDocument => readObo("[Term]\nid: O:1\nname: cough\n", "other.obo");

/** The graph of one file of diseases. */
function graphOf(...lines: string[]): Knowledge {
  const diseases = readObo(lines.join("\n") + "\n", "mine.obo");
  return buildKnowledge({
    diseases,
    symptoms: other(),
    nodes: [],
    edges: [],
    indications: [],
    warnings: [],
  });
}
const term = (id: string, ...lines: string[]): string =>
  ["[Term]", `id: ${id}`, ...lines].join("\n");
const isA = (k: Knowledge, subject: string, object: string): string =>
  checkClaim(k, { subject, predicate: "is_a", object }).verdict;

Deno.test("an id that two live terms list as alternative leads to none of them", () => {
  const k = graphOf(
    term("D:1", "name: alpha", "alt_id: D:9"),
    term("D:2", "name: beta", "alt_id: D:9", "alt_id: D:8"),
    term("D:3", "name: gamma", "is_a: D:9"),
  );
  assertEquals(resolveId(k, "D:9"), undefined);
  assertEquals(resolveId(k, "d:8")?.id, "D:2");
  assertEquals([isA(k, "D:3", "D:1"), isA(k, "D:3", "D:2")], ["unknown", "unknown"]);
  assertEquals(k.entities.get("D:1")?.crossIds, []);
  assertEquals(k.warnings.map((w) => w.split(": ")[0]), ["mine.obo:8", "mine.obo:13"]);
  assertMatch(k.warnings[0]!, /D:9 to be the alt_id of one term but found D:1 and D:2: it leads/);
});

Deno.test("an alternative id of a live and of a withdrawn term leads to the live one", () => {
  const k = graphOf(
    term("D:1", "name: alpha", "is_obsolete: true", "alt_id: D:9"),
    term("D:2", "name: beta", "alt_id: D:9"),
  );
  assertEquals(resolveId(k, "D:9")?.id, "D:2");
  assertEquals(k.warnings, []);
});

Deno.test("several successors lead nowhere, with a warning; ids that differ in their case are two", () => {
  const k = graphOf(
    term("D:1", "name: alpha"),
    term("D:2", "name: beta"),
    term("D:3", "name: old", "is_obsolete: true", "replaced_by: D:1", "replaced_by: D:2"),
    term("M:Ice", "name: one", "is_a: D:1"),
    term("M:ICE", "name: two", "is_a: D:2"),
  );
  assertEquals(resolveId(k, "D:3")?.obsolete, true);
  assertMatch(
    k.warnings[0]!,
    /^mine\.obo:11: Expected replaced_by of D:3 to lead to one live term/,
  );
  assertEquals(["M:Ice", "M:ICE", "m:ice"].map((id) => resolveId(k, id)?.name), [
    "one",
    "two",
    undefined,
  ]);
  assertEquals([isA(k, "M:Ice", "D:1"), isA(k, "M:ICE", "D:2"), isA(k, "M:ICE", "D:1")], [
    "supported",
    "supported",
    "unknown",
  ]);
  assertEquals(resolveId(k, "d:1")?.id, "D:1");
});

Deno.test("a backslash at the end of a comment joins nothing; in a value it joins", () => {
  const { terms, warnings } = readObo(
    [
      String.raw`! a whole line \ `.trimEnd(),
      "[Term]",
      "id: X:1",
      "name: a",
      String.raw`is_a: X:2 ! a kind of \ `.trimEnd(),
      "is_a: X:3",
      String.raw`def: "One! two \ `.trimEnd(),
      'three." []',
      String.raw`! end \ `.trimEnd(),
      "[Term]",
      "id: X:9",
      "name: b",
      "is_a: X:1",
      "",
    ].join("\n"),
    "x.obo",
  );
  assertEquals(terms.get("X:1")?.isA, ["X:2", "X:3"]);
  assertEquals(terms.get("X:1")?.definition, "One! two three.");
  assertEquals(terms.get("X:9")?.isA, ["X:1"]);
  assertEquals(warnings, []);
});

Deno.test("a circle of is_a states nothing, is named, and takes no edge from its neighbours", () => {
  const k = graphOf(
    term("D:1", "name: alpha", "is_a: D:2"),
    term("D:2", "name: beta", "is_a: D:3", "is_a: D:5"),
    term("D:3", "name: gamma", "is_a: D:1"),
    term("D:4", "name: delta", "is_a: D:1"),
    term("D:5", "name: root"),
    term("D:6", "name: self", "is_a: D:6"),
  );
  for (const [a, b] of [["alpha", "beta"], ["beta", "alpha"], ["gamma", "beta"]] as const) {
    assertEquals(isA(k, a, b), "unknown", `${a} ${b}`);
  }
  assertEquals([isA(k, "delta", "alpha"), isA(k, "beta", "root"), isA(k, "delta", "beta")], [
    "supported",
    "supported",
    "unknown",
  ]);
  assertEquals(isA(k, "root", "beta"), "contradicted");
  assertEquals(k.warnings, [
    "mine.obo:4: Expected is_a to have no circle but found alpha (D:1) is_a beta (D:2) is_a gamma (D:3) is_a " +
    "alpha (D:1): the edges between its 3 terms are left out",
    "mine.obo:24: Expected is_a to have no circle but found self (D:6) is_a self (D:6): the edge is left out",
  ]);
});

Deno.test("cycles are found whatever the length of a chain", () => {
  const n = 50_000;
  const next = (id: string): string[] => Number(id) < n ? [String(Number(id) + 1)] : ["40000", "x"];
  const cycles = cyclesOf(Array.from({ length: n + 1 }, (_, i) => String(i)), next);
  assertEquals(cycles.map((members) => members.length), [n - 40_000 + 1]);
});

Deno.test("modifiers and descriptions of single references are no references", () => {
  const { terms, warnings } = readObo(
    [
      "[Term]",
      "id: X:1",
      "name: a",
      String.raw`def: "A." [A:1 {n="x, ]", m="y"}, B:2 "a, {b}" {k=v}, C:{3}, D\,4]`,
      'synonym: "b" EXACT [P:1 {date=2011-09-14, lang=eng}] {x="y"}',
      'xref: Q:1 "text" {z="w"}',
      "",
    ].join("\n"),
    "x.obo",
  );
  const read = terms.get("X:1")!;
  assertEquals(read.definitionXrefs, ["A:1", "B:2", "C:{3}", "D,4"]);
  assertEquals(read.synonyms.map(({ xrefs }) => xrefs), [["P:1"]]);
  assertEquals(read.xrefs, ["Q:1"]);
  assertEquals(warnings, []);
});

Deno.test("white space before a stanza or a tag says nothing; a stanza that is not recognised is left out whole", () => {
  for (const margin of [" ", "\t", "\u00a0", "\u200b", "\ufeff"]) {
    const { terms, warnings } = readObo(
      `[Term]\nid: X:1\nname: a\n\n${margin}[Term]\n${margin}id: X:2\n${margin}name: b\nis_a: X:1\n`,
      "x.obo",
    );
    assertEquals([...terms.keys()], ["X:1", "X:2"]);
    assertEquals([terms.get("X:1")?.isA, terms.get("X:2")?.isA], [[], ["X:1"]]);
    assertEquals(warnings, []);
  }
  for (const head of ["Term]", "(Term)", "[[Term]]", "<Term>", "x [Term]\nid: X:2"]) {
    const { terms, warnings } = readObo(
      `[Term]\nid: X:1\nname: a\n\n${head}\nid: X:2\nname: b\nsynonym: "c" EXACT []\nis_a: X:1\n`,
      "x.obo",
    );
    assertEquals([...terms.keys()], ["X:1"], head);
    assertEquals([terms.get("X:1")?.synonyms, terms.get("X:1")?.isA], [[], []], head);
    assertEquals(warnings[0]?.line, 5, head);
    assertMatch(warnings.at(-1)!.message, /left out$/);
  }
});

Deno.test("bytes that are no UTF-8 and U+FFFD of an earlier program are told apart, line by line", () => {
  const text = "[Term]\nid: X:1\nname: caf\ufffd\n[Term]\nid: X:2\nname: th\ufffd\n";
  const found = (input: string | Uint8Array): string[] =>
    readObo(input, "x.obo").warnings.map(({ line, message }) =>
      `${line} ${/earlier program/.test(message) ? "kept" : "bytes"}`
    );
  assertEquals(found(text), ["3 kept", "6 kept"]);
  assertEquals(found(new TextEncoder().encode(text)), ["3 kept", "6 kept"]);
  const latin = Uint8Array.from(text.replaceAll("\ufffd", "\xe9"), (c) => c.charCodeAt(0));
  assertEquals(found(latin), ["3 bytes", "6 bytes"]);
});

Deno.test("a warning of the graph names the file as it was read and the line of the fault", () => {
  const symptoms = readObo(
    "\n[Term]\nid: S:1\nname: a\ncomment: none\nis_a: S:77\n",
    "my-symptoms.obo",
  );
  const edges = [{
    metaedge: "DpS",
    subject: "O:1",
    predicate: "presents",
    object: "S:5",
    at: "edges.tsv:12",
  }] as const;
  const { warnings } = buildKnowledge({
    diseases: other(),
    symptoms,
    nodes: [],
    edges,
    indications: [],
    warnings: [],
  });
  assertEquals(warnings, [
    "my-symptoms.obo:6: Expected the parent S:77 of S:1 to be a live term but found none: the edge is left out",
    "edges.tsv:12: Expected both ends of O:1 presents S:5 to be known but found no S:5: the edge is left out",
  ]);
});

Deno.test("a withdrawn term's names are related names of its successor, where that does not say more", () => {
  const k = graphOf(
    term(
      "D:1",
      "name: Multifactorial inheritance",
      'synonym: "Familial predisposition" RELATED []',
      'synonym: "Old lung" EXACT []',
    ),
    term("D:2", "name: obsolete Familial predisposition", "is_obsolete: true", "replaced_by: D:1"),
    term("D:3", "name: obsolete_beta", "is_obsolete: true", "replaced_by: D:1"),
    term(
      "D:4",
      "name: OBSOLETE: gamma",
      "is_obsolete: true",
      'synonym: "old lung" EXACT []',
      "replaced_by: D:1",
    ),
    term("D:5", "name: delta (obsolete)", "is_obsolete: true"),
  );
  const meant = (name: string) => k.names.get(name)?.map(({ id, rank }) => [id, rank]);
  assertEquals(meant("familial predisposition"), [["D:1", 2]]);
  assertEquals([meant("beta"), meant("gamma")], [[["D:1", 2]], [["D:1", 2]]]);
  assertEquals(meant("old lung"), [["D:1", 1]]);
  assertEquals(meant("delta"), [["D:5", 3]]);
  assertEquals(mentions(k, "familial predisposition, beta"), []);
  assertEquals(isA(k, "old lung", "D:1"), "supported");
});

Deno.test("a scope in small letters is read as meant; a word in its place is a type; both are told", () => {
  const { terms, warnings } = readObo(
    '[Term]\nid: X:1\nname: a\nsynonym: "b" exact []\nsynonym: "c" EXCAT []\nsynonym: "d" []\n',
    "x.obo",
  );
  assertEquals(terms.get("X:1")?.synonyms.map(({ scope, type }) => [scope, type]), [
    ["EXACT", undefined],
    ["RELATED", "EXCAT"],
    ["RELATED", undefined],
  ]);
  assertEquals(warnings.map(({ line, message }) => [line, message.split(": ")[1]]), [
    [4, "it is read as EXACT"],
    [5, "it is read as RELATED of this type"],
  ]);
});

Deno.test("an id with a space is one warning for its term, and no kind of warning hides another", () => {
  const stanzas = Array.from({ length: 300 }, (_, i) => term(`B:part ${i}`, `name: p${i}`));
  const { terms, warnings } = readObo(
    [...stanzas, term("B:1", "name: x", "is_a: B:part 2 ! part", "is_obsolete: perhaps"), ""].join(
      "\n",
    ),
    "x.obo",
  );
  assertEquals([...terms.keys()], ["B:1"]);
  assertEquals(terms.get("B:1")?.isA, []);
  assertEquals(
    warnings.filter(({ message }) => /^Expected id to be one word/.test(message)).length,
    20,
  );
  assertEquals(warnings.filter(({ message }) => /^and 280 more lines/.test(message)).length, 1);
  assertMatch(
    warnings.map(({ message }) => message).join("\n"),
    /true or false but found "perhaps"/,
  );
  assert(!warnings.some(({ message }) => /have an id but found none/.test(message)));
});

Deno.test("what follows a second id in a stanza belongs to nobody", () => {
  const { terms, warnings } = readObo(
    "[Term]\nid: X:1\nname: a\nis_a: X:3\n\nid: X:2\nname: b\nis_a: X:1\n[Term]\nid: X:3\nname: c\n",
    "x.obo",
  );
  assertEquals([...terms.keys()], ["X:1", "X:3"]);
  assertEquals(terms.get("X:1")?.isA, ["X:3"]);
  assertEquals(warnings.map(({ line }) => line), [6]);
});

Deno.test("a term of two files stays what the first says; all warnings are told, the first ones in words", () => {
  const twice = "[Term]\nid: X:1\nname: pain\nis_a: X:2\n[Term]\nid: X:2\nname: root\n";
  const parts = Array.from(
    { length: 30 },
    (_, i) => `[Term]\nid: Y:${i}\nname: y${i}\nis_a: Z:1\n`,
  );
  const k = buildKnowledge({
    diseases: readObo(twice, "one.obo"),
    symptoms: readObo(twice.replace("pain", "ache") + parts.join(""), "two.obo"),
    nodes: [],
    edges: [],
    indications: [],
    warnings: [],
  });
  assertEquals([findEntity(k, "X:1")?.kind, findEntity(k, "ache")], ["disease", undefined]);
  assertEquals(
    k.warnings.filter((w) => /^two\.obo:(1|5): Expected X:\d to be a term of one/.test(w)).length,
    2,
  );
  const told: string[] = [];
  tellWarnings(k, (line) => told.push(line));
  assertEquals(told.length, 11);
  assertMatch(told.at(-1)!, /^and 22 more warnings/);
  assertEquals([...ancestorsOf(k, "X:1")], ["X:2"]);
});

Deno.test("the time to read a term grows with its length", () => {
  const n = 20_000;
  const lines = (f: (i: number) => string): string =>
    Array.from({ length: n }, (_, i) => f(i)).join("\n");
  // Each of these took minutes where every line was compared with all before it.
  const k = graphOf(
    term("X:1", "name: a", lines((i) => `is_a: Y:${i}`), lines((i) => `alt_id: Z:${i}`)),
    term("X:2", "name: b", `def: "${lines((i) => `has_symptom s${i},`).replaceAll("\n", " ")}" []`),
    term("X:3", `name: ${lines(() => "pain").replaceAll("\n", " ")}`),
    term("X:4", `name: c ${lines((i) => `d${i} \\`)}`),
    lines(() => term("X:5", "name: again")),
  );
  assertEquals(k.entities.get("X:1")?.crossIds.length, n);
  assertEquals(k.phrases.get("X:2")?.length, n);
  assertEquals(mentions(k, "pain ".repeat(2000)), []);
});
