import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import { parquetMetadata, parquetReadObjects, parquetSchema } from "hyparquet";
import { loadClinical, loadKnowledge } from "../../lib/knowledge/mod.ts";
import { sha256Hex, UsageError, WorkbenchError } from "../../lib/runtime/mod.ts";
import {
  type DataOrigin,
  dataSetFormats,
  indexBenchmarks,
  type Item,
  promptMessages,
  readBenchmarks,
  sourcesOfItems,
  type Split,
  tableForms,
  vignetteFamily,
  writeDataSet,
} from "../../lib/synthesis/mod.ts";
import { parquetBytes } from "../../lib/synthesis/exchange/parquet.ts";
import { inTemporaryFolder } from "../model/fixtures.ts";

const benchmarks = indexBenchmarks(await readBenchmarks());
const clinical = await loadClinical(await loadKnowledge());
const system = "You are a clinical assistant.";
const origin: DataOrigin = { kind: "generated", count: 6, seed: 7, knowledge: "0123456789abcdef" };

/** An item with two options that rests on one claim of the Disease Ontology's and Hetionet's names. */
function item(number: number, split: Split, more: Partial<Item> = {}): Item {
  const options = ["fever", "a rash that itches"];
  return {
    id: String(number).padStart(16, "0"),
    capability: "domain",
    family: "own",
    version: 1,
    split,
    prompt: `Question ${number}: „Fièvre“ – 发烧?\nfever or a rash that itches`,
    reference: "Answer: fever",
    checks: [{ kind: "keyword", capability: "domain", word: "fever", times: 1 }],
    claims: [],
    decisions: [{ where: { format: "line", field: "Answer" }, options, answer: 0 }],
    case: String(number),
    template: "own",
    ...more,
  };
}

const items: readonly Item[] = [
  item(1, "train"),
  item(2, "train", { decisions: [], evidence: "Fièvre", group: "g" }),
  item(3, "train", {
    decisions: [{ where: { format: "text" }, options: ["a", "b"], answer: 1 }],
    claims: [
      { subject: "DOID:10652", predicate: "presents", object: "MESH:D009207" },
      { subject: "DB00843", predicate: "treats", object: "DOID:10652", denied: "not listed" },
    ],
  }),
  item(4, "validation"),
  item(5, "test"),
  item(6, "test-diseases"),
];

const write = (out: string, more: Partial<Parameters<typeof writeDataSet>[1]> = {}, list = items) =>
  writeDataSet(list, { out, format: "messages", system, origin, clinical, benchmarks, ...more });

/** What a Parquet file holds; 64-bit integers as numbers. */
async function parquetRows(bytes: Uint8Array): Promise<unknown[]> {
  const file = bytes.slice().buffer;
  const rows = await parquetReadObjects({ file });
  const plain = (value: unknown): unknown =>
    typeof value === "bigint"
      ? Number(value)
      : Array.isArray(value)
      ? value.map(plain)
      : value !== null && typeof value === "object"
      ? Object.fromEntries(Object.entries(value).map(([key, part]) => [key, plain(part)]))
      : value;
  return rows.map(plain);
}

Deno.test("every table survives Parquet: nulls, empty lists, letters of all alphabets", async () => {
  for (const { columns, row } of Object.values(tableForms)) {
    const rows = items.map((one) => row(one, system));
    const bytes = parquetBytes(columns, rows);
    assertEquals(await parquetRows(bytes), rows);
    assertEquals(parquetBytes(columns, rows), bytes);
    const schema = parquetSchema(parquetMetadata(bytes.slice().buffer));
    assertEquals(schema.children.map(({ element }) => element.name), Object.keys(columns));
    for (const one of rows) assertEquals(Object.keys(one), Object.keys(columns));
  }
  const many = Array.from({ length: 2500 }, (_, i) => tableForms.items.row(item(i, "train")));
  assertEquals(await parquetRows(parquetBytes(tableForms.items.columns, many)), many);
  assertEquals(await parquetRows(parquetBytes(tableForms.items.columns, [])), []);
});

Deno.test("rows are what TRL reads: messages before, the answer behind, decisions flat", () => {
  assertEquals(promptMessages(items[0]!, "").map(({ role }) => role), ["user"]);
  const { prompt, completion } = tableForms.sft.row(items[0]!, system);
  assertEquals(prompt, [
    { role: "system", content: system },
    { role: "user", content: items[0]!.prompt },
  ]);
  assertEquals(completion, [{ role: "assistant", content: "Answer: fever" }]);
  const { decisions, checks } = tableForms.grpo.row(items[2]!, system);
  assertEquals(decisions, [{ format: "text", field: null, options: ["a", "b"], answer: 1 }]);
  assertEquals(JSON.parse(checks as string), items[2]!.checks);
});

Deno.test("a folder has a file for each table and split with items, and a card with their hashes", () =>
  inTemporaryFolder(async (folder) => {
    for (const format of dataSetFormats) {
      const out = join(folder, format);
      const files = await write(out, { format });
      const end = format === "parquet" ? "parquet" : "jsonl";
      const tables = format === "parquet" ? ["sft", "grpo", "items"] : ["sft", "grpo"];
      assertEquals(files, [
        ...tables.flatMap((table) =>
          ["train", "validation", "test", "test_diseases"].map((split) =>
            `${table}/${split}.${end}`
          )
        ),
        "README.md",
      ]);
      const card = await Deno.readTextFile(join(out, "README.md"));
      for (const file of files.slice(0, -1)) {
        assert(card.includes(await sha256Hex(await Deno.readFile(join(out, file)))), file);
        assert(card.includes(`path: ${file}`), file);
      }
      assert(card.includes("| own | domain | 3 | 1 | 1 | 1 | 6 |"));
      assert(card.includes("deno task synthesize --count 6 --seed 7"));
      assert(card.includes("0123456789abcdef"));
      assert(card.includes("No clinician has reviewed it"));
    }
    const text = await Deno.readTextFile(join(folder, "messages", "sft", "train.jsonl"));
    assertEquals(
      text.trimEnd().split("\n").map((line) => JSON.parse(line)),
      items.slice(0, 3).map((one) => tableForms.sft.row(one, system)),
    );
  }));

Deno.test("what a file is called, or an item's family, is text in the card and no Markdown", () =>
  inTemporaryFolder(async (folder) => {
    const name = "<b>|[a](b).csv";
    const file: DataOrigin = {
      kind: "file",
      name,
      sha256: "0".repeat(64),
      notes: [`1 of ${name}`],
    };
    const odd = item(1, "train", { family: "<i>|x" });
    await write(join(folder, "out"), { origin: file }, [odd]);
    const card = await Deno.readTextFile(join(folder, "out", "README.md"));
    const [head, body] = [
      card.slice(0, card.indexOf("\n---\n")),
      card.slice(card.indexOf("\n---\n")),
    ];
    assert(head.includes(`pretty_name: ${JSON.stringify(`Items of ${name}`)}`));
    assert(!/<[bi]>/.test(body.replaceAll("\\<", "")), body);
    assert(!body.includes("](b)"));
    assert(body.includes("| \\<i>\\|x | domain |"));
  }));

Deno.test("the same items give the same bytes, wherever they are written", () =>
  inTemporaryFolder(async (folder) => {
    for (const format of dataSetFormats) {
      const [one, two] = [join(folder, "one", format), join(folder, "another")];
      const files = await write(one, { format });
      await write(two, { format });
      await write(two, { format });
      for (const file of files) {
        assertEquals(await Deno.readFile(join(one, file)), await Deno.readFile(join(two, file)));
      }
    }
    assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name).sort(), ["another", "one"]);
  }));

Deno.test("an earlier data set is replaced whole; a folder with anything else is refused and kept", () =>
  inTemporaryFolder(async (folder) => {
    const out = join(folder, "out");
    await write(out, { format: "parquet" });
    await write(out, {}, items.slice(0, 1));
    assertEquals([...Deno.readDirSync(out)].map(({ name }) => name).sort(), [
      "README.md",
      "grpo",
      "sft",
    ]);
    assertEquals([...Deno.readDirSync(join(out, "sft"))].map(({ name }) => name), ["train.jsonl"]);

    await Deno.writeTextFile(join(out, "sft", "notes.txt"), "mine");
    await assertRejects(() => write(out), UsageError, "but found sft/notes.txt in");
    await Deno.remove(join(out, "sft", "notes.txt"));
    await Deno.writeTextFile(join(out, "README.md"), "changed", { append: true });
    await assertRejects(() => write(out), UsageError, "a data card as synthesize wrote it");
    await Deno.remove(join(out, "README.md"));
    await assertRejects(() => write(out), UsageError, "Expected --out to be an empty folder");
    assertEquals([...Deno.readDirSync(join(out, "sft"))].map(({ name }) => name), ["train.jsonl"]);

    const file = join(folder, "file");
    await Deno.writeTextFile(file, "mine");
    await assertRejects(() => write(file), UsageError, "but found a file at");
    await assertRejects(
      () => write(join(file, "below")),
      WorkbenchError,
      "a file is in the place of a folder",
    );
    await assertRejects(
      () => write(join(folder, "none"), {}, []),
      UsageError,
      "Expected at least 1 item",
    );
    assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name).sort(), ["file", "out"]);
  }));

/** The lines of a card between a heading and the next. */
async function section(heading: string, list: readonly Item[], folder: string): Promise<string> {
  const out = join(folder, crypto.randomUUID());
  await write(out, {}, list);
  const card = await Deno.readTextFile(join(out, "README.md"));
  const start = card.indexOf(`## ${heading}\n`);
  assert(start >= 0, heading);
  return card.slice(start, card.indexOf("\n## ", start + 1));
}

Deno.test("known faults are counted in the items", () =>
  inTemporaryFolder(async (folder) => {
    const clean = await section("Known faults", items, folder);
    assert(clean.includes("No prompt stands twice."));
    assert(clean.includes("No item shares 13 words in a row with MMLU, PubMedQA, IFEval."));
    assert(clean.includes("Items that show no options: 1 of 6;"));
    // Four answers stand first, none is the longest; one of two options each.
    assert(
      clean.includes(
        "Of 5 decisions chance gets 50 % right, the first option 80 %, an option longer than all others 0 %.",
      ),
      clean,
    );
    assert(
      clean.includes(
        "Of 1 claims that are taken to be wrong 1 are so only because no table lists them.",
      ),
    );

    const twin = item(7, "test", { prompt: items[0]!.prompt.toUpperCase() });
    const claimed = (number: number, split: Split, object: string): Item =>
      item(number, split, { claims: [{ subject: "DOID:10652", predicate: "presents", object }] });
    const known = claimed(8, "test", "MESH:D009207");
    const fresh = claimed(9, "test", "SYMP:0000613");
    const copied = item(10, "train", {
      prompt:
        "A lesion causing compression of the facial nerve at the stylomastoid foramen will cause ipsilateral",
    });
    const faulty = await section("Known faults", [...items, twin, known, fresh, copied], folder);
    assert(
      faulty.includes("Of 10 items 1 repeat another's prompt, 1 of them across splits."),
      faulty,
    );
    assert(faulty.includes("Of 2 claims of test 50 % are stated in training, too."), faulty);
    assert(
      faulty.includes(
        "Items that share words in a row with a benchmark: 1 (1 with MMLU, 0 with PubMedQA, 0 with IFEval), such as 0000000000000010",
      ),
      faulty,
    );
    const longest = item(11, "train", {
      decisions: [{ where: { format: "text" }, options: ["a", "bcd"], answer: 1 }],
    });
    assert(
      (await section("Known faults", [longest], folder)).includes(
        "the first option 0 %, an option longer than all others 100 %.",
      ),
    );
  }));

Deno.test("sources are those of the claims: edges, names, rows of the curated tables", () => {
  const used = (claims: Item["claims"], family = "own") => {
    const { used, unknown } = sourcesOfItems([item(1, "train", { claims, family })], clinical);
    return {
      names: used.map(({ source }) => source),
      licences: [...new Set(used.map(({ hub }) => hub))],
      unknown,
    };
  };
  assertEquals(used([]), { names: [], licences: [], unknown: 1 });
  assertEquals(used([], "domain-choice").unknown, 0);
  assert(used([], vignetteFamily).names.includes("vignettes written for the project"));
  assertEquals(used([{ subject: "DOID:0", predicate: "presents", object: "none" }]).unknown, 1);
  const { edges } = clinical.knowledge;
  const [klass, drugs] = [...edges.includes.forward][0]!;
  const classed = used([{ subject: klass, predicate: "includes", object: [...drugs.keys()][0]! }]);
  assertEquals(classed.names, ["DrugCentral, drug classes within Hetionet", "Hetionet v1.0"]);
  assertEquals(classed.licences, ["cc-by-4.0", "cc0-1.0"]);
  // A row of the tables names what it rests on, whatever the edge says.
  for (const { disease, findings } of clinical.diseases.values()) {
    const row = findings.find(({ sources, kind }) =>
      sources.join() === "ddxplus" && kind === "symptom"
    );
    if (row === undefined) continue;
    const { names, licences } = used([{
      subject: disease.id,
      predicate: "presents",
      object: row.finding.id,
    }]);
    assert(names.includes("DDXPlus"), names.join());
    assert(licences.includes("cc-by-4.0"));
    return;
  }
  throw new Error("Expected a finding of DDXPlus alone but found none");
});

Deno.test("a card without known sources says that who publishes it states the licence", () =>
  inTemporaryFolder(async (folder) => {
    const text = await section("What it rests on", [item(1, "train")], folder);
    assert(text.includes("1 of 1 items state nothing that the project's graph knows"));
    const generated = await section("What it rests on", [items[2]!], folder);
    assert(!generated.includes("who publishes"));
    assert(generated.includes("| Human Disease Ontology | CC BY 3.0 |"));
    assertNotEquals(text, generated);
  }));
