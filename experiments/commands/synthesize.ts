/**
 * `deno task synthesize`: writes items of synthetic data and says what every stage kept; or items of a file, such as a user's
 * own questions, in the forms that other programs train on.
 *
 * @module
 */
import { basename } from "@std/path";
import { z } from "zod";
import {
  type Clinical,
  knowledgeHash,
  loadClinical,
  loadKnowledge,
} from "../../lib/knowledge/mod.ts";
import { referencePasses } from "../../lib/reward/mod.ts";
import { progressBar, runCommand, sha256OfFile, UsageError } from "../../lib/runtime/mod.ts";
import {
  type DataOrigin,
  dataSetFormats,
  defaultSystem,
  importNotes,
  indexBenchmarks,
  type Item,
  readBenchmarks,
  readItemFile,
  readVignettes,
  splits,
  type SynthesisReport,
  synthesize,
  vignetteItems,
  writeDataSet,
  writeItems,
} from "../../lib/synthesis/mod.ts";
import { rewordingRows, teacherOf, teacherOptions } from "./synthesize/reword.ts";

/** What is made where nothing is said. */
const defaults = { count: 800, seed: 0 };

const schema = z.object({
  count: z.int().min(1).optional().describe(
    `Number of items, balanced over capabilities (default ${defaults.count})`,
  ),
  seed: z.int().min(0).optional().describe(
    `Same seed and count, same bytes (default ${defaults.seed})`,
  ),
  data: z.string().min(1).optional().describe(
    "Instead of new items those of a file: as written here, or questions in JSON Lines or CSV with prompt and answer, and perhaps options, capability, split and checks",
  ),
  format: z.enum(["jsonl", ...dataSetFormats]).default("jsonl").describe(
    "jsonl: a file of items; messages: a folder of JSON Lines that TRL's trainers load, with a data card; parquet: the same as Parquet, and the whole items",
  ),
  system: z.string().default(defaultSystem).describe(
    "System message before each prompt of messages and parquet; none where it is empty",
  ),
  out: z.string().min(1).describe("The file to write, or the folder of messages and parquet"),
  ...teacherOptions,
});

/** Columns padded to the widest cell; numbers to the right. */
function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) =>
    row.map((cell, i) => (/^\d/.test(cell) ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!)))
      .join("  ").trimEnd()
  ).join("\n");
}

/** What every stage kept, and how many items each family and split has. */
function reportOf({ stages, counts, missing }: SynthesisReport): string[] {
  const retention = table([
    ["stage", "produced", "kept", "dropped"],
    ...stages.map(({ stage, produced, kept, dropped }) => [
      stage,
      String(produced),
      String(kept),
      Object.entries(dropped).map(([reason, n]) => `${reason} ${n}`).join(", ") || "none",
    ]),
  ]);
  const items = table([
    ["capability", "family", ...splits],
    ...[...Map.groupBy(counts, ({ family }) => family)].map(([family, rows]) => [
      rows[0]!.capability,
      family,
      ...splits.map((split) => String(rows.find((row) => row.split === split)?.items ?? 0)),
    ]),
  ]);
  return [
    `${retention}\n`,
    `${items}\n`,
    ...(missing > 0
      ? [`${missing} fewer than asked for: the graph has no more facts for them`]
      : []),
  ];
}

/** Items with where they come from. */
interface Given {
  readonly items: readonly Item[];
  readonly origin: DataOrigin;
  /** What is told of them when they are written. */
  readonly told: readonly string[];
}

/** New items. */
async function generated(clinical: Clinical, count: number, seed: number): Promise<Given> {
  const bar = progressBar("synthesize");
  const { items, report } = await synthesize({
    clinical,
    written: await vignetteItems(clinical, await readVignettes()),
    count,
    seed,
    verify: (item) => referencePasses(item, clinical.knowledge),
    onProgress: bar.update,
  });
  bar.finish();
  return {
    items,
    told: reportOf(report),
    origin: { kind: "generated", count, seed, knowledge: await knowledgeHash() },
  };
}

/** Items of a file, or made of the questions in it. */
async function fromFile(path: string): Promise<Given> {
  const bar = progressBar("questions");
  const { items, imported } = await readItemFile(path, referencePasses, bar.update);
  if (imported !== undefined) bar.finish();
  const notes = imported === undefined ? [] : importNotes({ ...imported, path: basename(path) });
  const sha256 = await sha256OfFile(path);
  return { items, told: notes, origin: { kind: "file", name: basename(path), sha256, notes } };
}

await runCommand(
  {
    name: "synthesize",
    summary: "Writes items of synthetic data, grounded in the knowledge graph.",
    schema,
    examples: [
      "--out items.jsonl",
      "--count 2000 --seed 1 --format parquet --out dataset",
      "--data questions.csv --out items.jsonl",
      "--out items.jsonl --teacher http://localhost:8000/v1 --teacher-model NAME",
    ],
  },
  Deno.args,
  async ({ count, seed, data, format, system, out, ...teacher }) => {
    if (data !== undefined && (count ?? seed) !== undefined) {
      throw new UsageError(
        "Expected --data or --count and --seed but found both on the command line",
      );
    }
    const warn = (line: string) => console.error(`warning: ${line}`);
    const reword = teacherOf(teacher, warn);
    const knowledge = await loadKnowledge(undefined, warn);
    const clinical = await loadClinical(knowledge);
    const { items: given, origin, told } = data === undefined
      ? await generated(clinical, count ?? defaults.count, seed ?? defaults.seed)
      : await fromFile(data);
    const rewording = await reword?.(given, knowledge);
    const items = rewording?.items ?? given;
    // Who finds no items finds no report of any.
    const tell = (files: string): void => {
      for (const line of told) console.log(line);
      if (rewording !== undefined) console.log(`${table(rewordingRows(rewording))}\n`);
      console.log(`${items.length} items in ${out}${files}`);
    };
    if (format === "jsonl") {
      await writeItems(out, items);
      tell("");
      return;
    }
    const benchmarks = indexBenchmarks(await readBenchmarks());
    const options = { out, format, system, origin, clinical, benchmarks };
    const files = await writeDataSet(items, options);
    tell(`: ${files.join(", ")}`);
  },
);
