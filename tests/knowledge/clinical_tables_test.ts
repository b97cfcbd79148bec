/** Readers of the curated tables: what is refused, in which words, and how long it takes. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { join } from "@std/path";
import {
  readContraindications,
  readDifferentials,
  readDiseases,
  readFindings,
  readTests,
  readTreatments,
  readWordings,
  type Table,
} from "../../lib/knowledge/mod.ts";
import { dataFolder, randomStream, WorkbenchError } from "../../lib/runtime/mod.ts";

const readers: Readonly<Record<string, (text: string, where: string) => Table<unknown>>> = {
  "diseases.tsv": readDiseases,
  "findings.tsv": readFindings,
  "treatments.tsv": readTreatments,
  "contraindications.tsv": readContraindications,
  "differentials.tsv": readDifferentials,
  "tests.tsv": readTests,
  "wordings.tsv": readWordings,
};

const tables = Object.fromEntries(
  await Promise.all(
    Object.keys(readers).map(async (
      name,
    ) => [name, await Deno.readTextFile(join(dataFolder(), "clinical", name))]),
  ),
) as Readonly<Record<string, string>>;

const headOf = (name: string): string => tables[name]!.slice(0, tables[name]!.indexOf("\n") + 1);

Deno.test("the curated tables are read whole", () => {
  const rows = Object.entries(readers).map(([name, read]) => {
    const { rows, warnings } = read(tables[name]!, name);
    assertEquals(warnings, [], name);
    return rows.length;
  });
  assertEquals(rows, [233, 3008, 730, 735, 128, 445, 10054]);
});

Deno.test("other wordings are of what the tables name, each once, and other than the name", () => {
  const namesOf = {
    finding: readFindings(tables["findings.tsv"]!, "f").rows.map(({ finding }) => finding),
    test: readTests(tables["tests.tsv"]!, "t").rows.map(({ test }) => test),
    condition: readContraindications(tables["contraindications.tsv"]!, "c").rows
      .map(({ condition }) => condition),
    disease: readDiseases(tables["diseases.tsv"]!, "d").rows.map(({ disease }) => disease),
  };
  const known = new Set(
    Object.entries(namesOf).flatMap(([kind, names]) => names.map((name) => `${kind} ${name}`)),
  );
  const { rows } = readWordings(tables["wordings.tsv"]!, "w");
  assertEquals(rows.filter(({ kind, name }) => !known.has(`${kind} ${name}`)), []);
  assertEquals(rows.filter(({ name, wording }) => name === wording), []);
  const distinct = new Set(rows.map(({ kind, name, wording }) => `${kind} ${name} ${wording}`));
  assertEquals(distinct.size, rows.length);
});

/** Table, a line that is wrong, and what is said of it. */
const faults: readonly (readonly [name: string, line: string, fault: string])[] = [
  ["findings.tsv", "gout\ttophi\tsign\t\t\ttypical\thand", "Expected 8 columns but found 7"],
  [
    "findings.tsv",
    "\ttophi\tsign\t\t\ttypical\thand\t",
    "Expected disease to have words but found none",
  ],
  [
    "findings.tsv",
    "gout\t tophi\tsign\t\t\ttypical\thand\t",
    'Expected finding to be plain text without white space at its ends but found " tophi"',
  ],
  [
    "findings.tsv",
    "gout\tto\ufffdphi\tsign\t\t\ttypical\thand\t",
    'Expected finding to be plain text without white space at its ends but found "to\ufffdphi"',
  ],
  [
    "findings.tsv",
    "gout\ttophi\tsign\tSYMP:1\t\ttypical\thand\t",
    'Expected term like SYMP:0000613 but found "SYMP:1"',
  ],
  [
    "findings.tsv",
    "gout\ttophi\tsign\t\t1.2\ttypical\thand\t",
    'Expected share to be a number from 0 to 1 but found "1.2"',
  ],
  [
    "findings.tsv",
    "gout\ttophi\tsign\t\t\tTypical\thand\t",
    'Expected rating to be one of typical, uncommon but found "Typical"',
  ],
  [
    "findings.tsv",
    "gout\ttophi\tsign\t\t\ttypical\t\t",
    'Expected sources to be one of hand, open-medicine, faker-healthcare, orphanet, ddxplus, disease-ontology, synthea, drugcentral but found ""',
  ],
  [
    "findings.tsv",
    "gout\ttophi\tsign\t\t\ttypical\thand;hand\t",
    'Expected every source once but found "hand;hand"',
  ],
  [
    "treatments.tsv",
    "gout\t\t\tfirst-line\t\thand\t",
    'Expected a drug with every role but none, and with that alone no drug, but found "" as first-line',
  ],
  [
    "treatments.tsv",
    "gout\tcolchicine\tDB1394\tfirst-line\t\thand\t",
    'Expected drugbank like DB00843 but found "DB1394"',
  ],
  [
    "contraindications.tsv",
    "timolol\t\tasthma\tDOID:2841\tnever\thand\t",
    'Expected strength to be one of contraindicated, avoid, caution but found "never"',
  ],
  [
    "contraindications.tsv",
    "timolol\t\tasthma\tDOID:2841\tcaution\thand\tnone",
    'Expected doi like 10.1161/x but found "none"',
  ],
  [
    "diseases.tsv",
    "gout\tDOID:13189\tgout\t\tM10.9\t\t\t60\t30\t\thand\t1\t1\t1\t\t1\t1",
    "Expected age_min up to age_max but found 60 and 30",
  ],
  [
    "diseases.tsv",
    "gout\tDOID:13189\tgout\t\tM10.9\t\t\t30\t\t\t\t1\t1\t1\t\t1\t1",
    "Expected age_sex_source beside age or sex but found none",
  ],
  [
    "differentials.tsv",
    "fever\tgout\tmaybe\tGout\t\t",
    'Expected likelihood to be one of must_not_miss, common, less_common but found "maybe"',
  ],
  ["tests.tsv", "gout\t\tfever", "Expected test to have words but found none"],
  [
    "wordings.tsv",
    "drug\taspirin\tASA",
    'Expected kind to be one of finding, test, condition, disease but found "drug"',
  ],
];

for (const [name, line, fault] of faults) {
  Deno.test(`${name}: ${fault}`, () => {
    const { rows, warnings } = readers[name]!(`${headOf(name)}${line}\n`, name);
    assertEquals(rows, []);
    assertEquals(warnings, [`${name}:2: ${fault}: the line is left out`]);
  });
}

Deno.test("a second row for a disease or for a drug and its condition is refused, other columns too", () => {
  const disease = "gout\t\t\t\tM10.9\t\t\t\t\t\t\t1\t1\t1\t\t1\t1\n";
  assertEquals(
    readDiseases(`${headOf("diseases.tsv")}${disease}${disease.replace("M10.9", "M10.0")}`, "d")
      .warnings,
    ['d:3: Expected one row for "gout" but found another: the line is left out'],
  );
  const drug = "timolol\t\tasthma\t\tcaution\thand\t\n";
  assertEquals(
    readContraindications(
      `${headOf("contraindications.tsv")}${drug}${drug.replace("caution", "avoid")}`,
      "c",
    )
      .warnings,
    ['c:3: Expected one row for "timolol\\tasthma" but found another: the line is left out'],
  );
  for (const [name, read] of Object.entries(readers)) {
    assertThrows(
      () => read("a\tb\n", name),
      WorkbenchError,
      `Expected ${name} to start with the columns`,
    );
  }
});

Deno.test("damaged tables: every line is a row or a warning, and an undamaged line is the row that it was", () => {
  const random = randomStream(1, "damage");
  const signs = ["\t", "\n", "", "\u0000", " ", ";", "x", "\ufffd", '"', "\r"];
  for (const [name, read] of Object.entries(readers)) {
    const lines = tables[name]!.trimEnd().split("\n").slice(0, 60);
    const right = new Map(
      lines.slice(1).map((line) => [
        line,
        JSON.stringify(read(`${lines[0]}\n${line}\n`, name).rows[0]).replace(/"at":"[^"]*"/, ""),
      ]),
    );
    for (let i = 0; i < 60; i++) {
      const text = lines.join("\n");
      const at = headOf(name).length + random.integer(text.length - headOf(name).length);
      const damaged = text.slice(0, at) + random.pick(signs) + text.slice(at + 1);
      const { rows, warnings } = read(damaged, name);
      const kept = damaged.split(/\r?\n/).slice(1).filter((line) => line !== "");
      assertEquals(rows.length + warnings.length, kept.length);
      for (const row of rows as { at?: string }[]) {
        const line = damaged.split(/\r?\n/)[Number(/:(\d+)$/.exec(row.at!)![1]) - 1]!;
        const known = right.get(line);
        if (known === undefined) continue;
        assertEquals(JSON.stringify(row).replace(/"at":"[^"]*"/, ""), known);
      }
    }
  }
});

Deno.test("long tables and long cells are read in time that grows with their length", () => {
  const head = headOf("findings.tsv");
  const many = Array.from(
    { length: 50_000 },
    (_, i) => `gout\tfinding ${i}\tsign\t\t${(i % 1000) / 1000}\ttypical\thand\t\n`,
  ).join("");
  assertEquals(readFindings(head + many, "f").rows.length, 50_000);
  const long = "severe and without , ( ".repeat(20_000).trim();
  const { rows } = readFindings(`${head}gout\t${long}\tsign\t\t\ttypical\thand\t\n`, "f");
  assert(rows[0]!.finding.length > 400_000);
});
