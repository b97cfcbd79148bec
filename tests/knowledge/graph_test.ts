import { assert, assertEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import {
  ancestorsOf,
  buildKnowledge,
  candidates,
  definitionPhrases,
  descendantsOf,
  edgeCounts,
  entityCounts,
  findEntity,
  isAPath,
  loadKnowledge,
  objectsOf,
  readEdges,
  readIndications,
  readNodes,
  readObo,
  subjectsOf,
} from "../../lib/knowledge/mod.ts";
import { dataFolder, sha256OfFile, WorkbenchError } from "../../lib/runtime/mod.ts";
import { smallKnowledge } from "./small.ts";

const path = (...names: string[]): string => join(dataFolder(), ...names);
const small = smallKnowledge();
/** The graph of the ontologies, Hetionet and PharmacotherapyDB. */
const k = await loadKnowledge(undefined, undefined, { clinical: false });
const ids = (entities: readonly { id: string }[]): string[] => entities.map((e) => e.id);

Deno.test("the graph loads without a warning", () => {
  assertEquals(k.warnings, []);
});

Deno.test("ontologies: terms, live terms, definitions", async () => {
  const doid = readObo(await Deno.readFile(path("ontology", "doid.obo")), "doid.obo");
  const symp = readObo(await Deno.readTextFile(path("ontology", "symp.obo")), "symp.obo");
  const live = [...doid.terms.values()].filter((t) => !t.obsolete);
  assertEquals([doid.terms.size, live.length, live.filter((t) => t.definition).length], [
    8948,
    6574,
    2533,
  ]);
  assertEquals([symp.terms.size, symp.typedefs.size, doid.typedefs.size], [1020, 1, 15]);
  assertEquals([doid.warnings, symp.warnings], [[], []]);
});

Deno.test("Hetionet and PharmacotherapyDB: rows by metaedge and category", async () => {
  const nodes = readNodes(await Deno.readTextFile(path("hetionet", "nodes.tsv")), "nodes.tsv");
  const edges = readEdges(await Deno.readTextFile(path("hetionet", "edges.tsv")), "edges.tsv");
  const pairs = readIndications(
    await Deno.readTextFile(path("hetionet", "pharmacotherapydb.tsv")),
    "pharmacotherapydb.tsv",
  );
  const count = (xs: readonly string[]): Record<string, number> => {
    const n: Record<string, number> = {};
    for (const x of xs) n[x] = (n[x] ?? 0) + 1;
    return n;
  };
  assertEquals([nodes.rows.length, edges.rows.length, pairs.rows.length], [2206, 9676, 1388]);
  assertEquals([...nodes.warnings, ...edges.warnings, ...pairs.warnings], []);
  assertEquals(count(edges.rows.map((e) => e.metaedge)), {
    DpS: 3357,
    CtD: 755,
    CpD: 390,
    DlA: 3602,
    DrD: 543,
    PCiC: 1029,
  });
  assertEquals(count(pairs.rows.map((p) => p.category)), { DM: 755, SYM: 390, NOT: 243 });
  const live = (id: string): boolean => k.entities.get(id)?.obsolete === false;
  const curated = new Set(pairs.rows.map((p) => p.disease));
  const hetionet = nodes.rows.filter((n) => n.kind === "disease");
  assertEquals([curated.size, new Set(pairs.rows.map((p) => p.drug)).size, hetionet.length], [
    97,
    601,
    134,
  ]);
  assert([...curated].every(live) && hetionet.every((n) => live(n.id)));
});

Deno.test("graph: counts by kind and by source", () => {
  const kinds = entityCounts(k).map((c) => [c.kind, c.live, c.obsolete]);
  assertEquals(kinds[0], ["disease", 6574, 2374]);
  assertEquals(kinds.slice(3), [["anatomy", 398, 0], ["class", 345, 0]]);
  const rows = Object.fromEntries(
    edgeCounts(k).map((r) => [`${r.predicate} ${r.source}`, r.edges]),
  );
  assertEquals(rows["presents Hetionet"], 3357);
  assertEquals(rows["treats Hetionet"], 755);
  assertEquals(rows["treats PharmacotherapyDB"], 755);
  assertEquals(rows["palliates PharmacotherapyDB"], 390);
  assertEquals(rows["not_indicated PharmacotherapyDB"], 243);
  assertEquals(rows["localizes Hetionet"], 3602);
  assertEquals(rows["resembles Hetionet"], 543);
  assertEquals(rows["includes Hetionet"], 1029);
  assertEquals(rows["is_a Disease Ontology"], 6921);
});

Deno.test("75 diseases have 3 symptoms, a treating drug and a location; 262 of 387 treating drugs have a class", () => {
  const full = [...k.entities.values()].filter((d) =>
    d.kind === "disease" && objectsOf(k, d.id, "presents").length >= 3 &&
    subjectsOf(k, "treats", d.id).length > 0 && objectsOf(k, d.id, "localizes").length > 0
  );
  assertEquals(full.length, 75);
  const drugs = [...k.edges.treats.forward.keys()];
  assertEquals(
    [drugs.length, drugs.filter((d) => subjectsOf(k, "includes", d).length > 0).length],
    [387, 262],
  );
});

Deno.test("definitions: how many carry each relation word, and what their symptoms name", () => {
  const live = [...k.entities.values()].filter((e) => e.kind === "disease" && !e.obsolete);
  const carrying = (word: string): number =>
    live.filter((e) => e.definition?.includes(word)).length;
  assertEquals(
    ["has_symptom", "located_in", "has_material_basis_in", "transmitted_by"].map(carrying),
    [244, 638, 490, 163],
  );
  const phrases = [...k.phrases.values()].flat().filter((p) => p.relation === "has_symptom");
  const exact = new Set<string>();
  for (const e of k.entities.values()) {
    if (e.id.startsWith("SYMP:")) {
      for (const n of [e.name, ...e.synonyms]) exact.add(n.toLowerCase());
    }
  }
  // Of 1,239 occurrences of the word, a pattern that wants one space after it and a text without punctuation finds
  // 1,235. This reader also knows "has_symptoms", doubled spaces and commas in parentheses: 1,238 phrases, of which 813
  // are a name or exact synonym of the Symptom Ontology letter by letter (README: 811 of 1,235, by such a pattern).
  const pattern = /has_symptom ([^,.;]+?)(?= and has_symptom| or has_symptom|,|\.|;|$)/g;
  const spaced = live.map((e) => e.definition?.match(pattern)?.length ?? 0).reduce(
    (a, b) => a + b,
    0,
  );
  assertEquals([
    spaced,
    phrases.length,
    phrases.filter((p) => exact.has(p.text.toLowerCase())).length,
  ], [1235, 1238, 813]);
  assert(phrases.filter((p) => p.entities.length > 0).length >= 880); // with plurals, strength words, "a and b"
  const chikungunya = findEntity(k, "chikungunya", "disease")?.id ?? "";
  const after = (wanted: string) =>
    k.phrases.get(chikungunya)!.flatMap(({ relation, text }) => relation === wanted ? [text] : []);
  assertEquals(after("transmitted_by"), ["Aedes mosquito bite"]);
  assertEquals(after("has_material_basis_in"), ["Chikungunya virus"]);
});

Deno.test("a phrase ends at a list, a clause or the next relation", () => {
  const read = (d: string): [string, boolean][] =>
    definitionPhrases(d).map((p) => [p.text, p.sole]);
  assertEquals(read("A cancer located_in the kidney, ureter or bladder."), [["the kidney", false]]);
  assertEquals(read("A cancer that is mainly located_in bone."), [["bone", false]]);
  assertEquals(read("A virus located_in bone, which is transmitted_by ticks (a, b)."), [[
    "bone",
    true,
  ], ["ticks (a, b)", true]]);
  assertEquals(read("Seen as has_symptom fever and has_symptom rash."), [["fever", false], [
    "rash",
    false,
  ]]);
  assertEquals(read("has_symptom, has_symptom"), []);
});

Deno.test("symptoms of Hetionet join the Symptom Ontology, one to one, with the foreign id kept", () => {
  const headache = findEntity(k, "MESH:D006261");
  assertEquals([headache?.name, headache?.crossIds.includes("MESH:D006261")], ["headache", true]);
  const joined = [...k.entities.values()].filter((e) =>
    e.crossIds.some((c) => c.startsWith("MESH:"))
  );
  assertEquals(joined.length, 113);
  assert(
    joined.every((e) =>
      e.kind === "symptom" && e.crossIds.filter((c) => c.startsWith("MESH:")).length === 1
    ),
  );
  assertEquals(k.edges.presents.backward.has("MESH:D006261"), false);
});

Deno.test("findEntity: names, synonyms, spelling, alternative and obsolete ids, kinds", () => {
  assertEquals(findEntity(small, "  Common   COLDS ")?.id, "DOID:3");
  assertEquals(findEntity(small, "Acute-Coryza")?.id, "DOID:3");
  assertEquals(findEntity(small, "parkinson disease")?.id, "DOID:6");
  assertEquals(["DOID:33", "doid:4", "DOID:4"].map((id) => findEntity(small, id)?.id), [
    "DOID:3",
    "DOID:3",
    "DOID:3",
  ]);
  assertEquals(findEntity(small, "DOID:5")?.obsolete, true);
  assertEquals(findEntity(small, "migraine")?.kind, "disease");
  assertEquals(findEntity(small, "migraine", "symptom")?.id, "SYMP:7");
  assertEquals(findEntity(small, "intractable pain")?.id, "MESH:D2");
  assertEquals(findEntity(small, "MESH:D1")?.id, "SYMP:2");
  assertEquals(findEntity(small, "nothing"), undefined);
  assertEquals(findEntity(small, "!!!"), undefined);
  assertEquals(findEntity(small, "constructor"), undefined);
  assertEquals(candidates(small, "chill").map((c) => c.rank), [2]);
});

Deno.test("neighbours and closure", () => {
  assertEquals([...ancestorsOf(small, "DOID:3")], ["DOID:2", "DOID:1"]);
  assertEquals([...descendantsOf(small, "DOID:1")], ["DOID:2", "DOID:8", "DOID:3", "DOID:9"]);
  assertEquals(isAPath(small, "DOID:3", "DOID:1"), ["DOID:3", "DOID:2", "DOID:1"]);
  assertEquals(isAPath(small, "DOID:1", "DOID:3"), undefined);
  assertEquals(ids(objectsOf(small, "DOID:33", "presents")), [
    "SYMP:2",
    "SYMP:3",
    "SYMP:4",
    "SYMP:5",
  ]);
  assertEquals(ids(subjectsOf(small, "presents", "SYMP:2")), ["DOID:3"]);
  assertEquals(ids(objectsOf(small, "DOID:7", "resembles")), ["DOID:3"]);
  assertEquals(objectsOf(small, "nothing", "is_a"), []);
  const curated = small.edges.treats.forward.get("DB2")?.get("DOID:6");
  assertEquals([curated?.sources, curated?.resources], [["PharmacotherapyDB"], 4]);
  const stated = small.edges.presents.forward.get("DOID:3")?.get("SYMP:2");
  assert(stated !== undefined && !("resources" in stated));
});

Deno.test("a cycle in the hierarchy ends, an unknown parent and an unknown node are reported", () => {
  const diseases = readObo(
    "[Term]\nid: D:1\nname: a\nis_a: D:2\n[Term]\nid: D:2\nname: b\nis_a: D:1\nis_a: D:9\n",
    "d.obo",
  );
  const symptoms = readObo("[Term]\nid: S:1\nname: s\n", "s.obo");
  const edges = [{
    metaedge: "DpS",
    subject: "D:1",
    predicate: "presents",
    object: "S:2",
  }] as const;
  const odd = buildKnowledge({
    diseases,
    symptoms,
    nodes: [],
    edges,
    indications: [],
    warnings: [],
  });
  assertEquals([...ancestorsOf(odd, "D:1")], []);
  assertEquals(isAPath(odd, "D:1", "S:1"), undefined);
  assertEquals(odd.warnings, [
    "d.obo:9: Expected the parent D:9 of D:2 to be a live term but found none: the edge is left out",
    "d.obo:4: Expected is_a to have no circle but found a (D:1) is_a b (D:2) is_a a (D:1): the edges between its 2 terms are left out",
    "Hetionet: Expected both ends of D:1 presents S:2 to be known but found no S:2: the edge is left out",
  ]);
});

Deno.test("bad rows are reported with their line and the rest is read", () => {
  const edges = readEdges(
    "source\tmetaedge\ttarget\nDisease::DOID:1\tDpS\tSymptom::D1\nx\nDisease::DOID:1\tDpZ\tSymptom::D1\nSymptom::D1\tDpS\tDisease::DOID:1\n" +
      "Disease::DOID:1\tDpS\tSymptom::D1\nDisease::DOID:2\tconstructor\tSymptom::D1\nconstructor::DOID:2\tDpS\tSymptom::D1\nDisease::DOID:2\tDpS\tSymptom::D1",
    "edges.tsv",
  );
  assertEquals(edges.rows.map((e) => e.subject), ["DOID:1", "DOID:2"]);
  assertEquals(edges.warnings.map((w) => w.split(":")[1]), ["3", "4", "5", "6", "7", "8"]);
  const pairs = readIndications(
    "doid_id\tdrugbank_id\tdisease\tdrug\tcategory\tn_curators\tn_resources\nDOID:1\tDB1\ta\tb\tDM\t1\t2\nDOID:1\tDB1\ta\tb\tXX\t1\t2\nDOID:1\tDB2\ta\tb\tDM\tx\t2\nDOID:1\tDB1\ta\tb\tNOT\t1\t2\n",
    "p.tsv",
  );
  assertEquals(pairs.rows.length, 1);
  assertEquals(pairs.warnings.map((w) => w.split(":")[1]), ["3", "4", "5"]);
});

Deno.test("a missing file and a wrong header are one clear error", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await assertRejects(() => loadKnowledge(folder), WorkbenchError, "nodes.tsv");
    await Deno.mkdir(join(folder, "hetionet"));
    await Deno.writeTextFile(join(folder, "hetionet", "nodes.tsv"), "<html>\n");
    await assertRejects(
      () => loadKnowledge(folder),
      WorkbenchError,
      "Expected nodes.tsv to start with the columns id, name, kind",
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("the project's data are those whose hashes stand beside them", async () => {
  const sums = (await Deno.readTextFile(path("SHA256SUMS"))).trimEnd().split("\n");
  assert(sums.length > 25, `${sums.length} files`);
  for (const line of sums) {
    const [expected, name] = line.split("  ");
    assertEquals(await sha256OfFile(path(name!)), expected, name);
  }
});
