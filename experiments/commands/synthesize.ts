/**
 * `deno task synthesize`: writes items of synthetic data and says what every stage kept.
 *
 * @module
 */
import { z } from "zod";
import { loadClinical, loadKnowledge } from "../../lib/knowledge/mod.ts";
import { referencePasses } from "../../lib/reward/mod.ts";
import { progressBar, runCommand } from "../../lib/runtime/mod.ts";
import {
  readVignettes,
  splits,
  synthesize,
  vignetteItems,
  writeItems,
} from "../../lib/synthesis/mod.ts";
import { rewordingRows, teacherOf, teacherOptions } from "./synthesize/reword.ts";

const schema = z.object({
  count: z.int().min(1).default(800).describe("Number of items, balanced over capabilities"),
  seed: z.int().min(0).default(0).describe("Same seed and count, same bytes"),
  out: z.string().min(1).describe("The JSON Lines file to write"),
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

await runCommand(
  {
    name: "synthesize",
    summary: "Writes items of synthetic data, grounded in the knowledge graph.",
    schema,
    examples: [
      "--out items.jsonl",
      "--count 2000 --seed 1 --out items.jsonl",
      "--out items.jsonl --teacher http://localhost:8000/v1 --teacher-model NAME",
    ],
  },
  Deno.args,
  async ({ count, seed, out, ...teacher }) => {
    const warn = (line: string) => console.error(`warning: ${line}`);
    const reword = teacherOf(teacher, warn);
    const knowledge = await loadKnowledge(undefined, warn);
    const clinical = await loadClinical(knowledge);
    const bar = progressBar("synthesize");
    const { items: made, report } = await synthesize({
      clinical,
      written: await vignetteItems(clinical, await readVignettes()),
      count,
      seed,
      verify: (item) => referencePasses(item, knowledge),
      onProgress: bar.update,
    });
    bar.finish();
    const rewording = await reword?.(made, knowledge);
    const items = rewording?.items ?? made;
    await writeItems(out, items);
    console.log(table([
      ["stage", "produced", "kept", "dropped"],
      ...report.stages.map(({ stage, produced, kept, dropped }) => [
        stage,
        String(produced),
        String(kept),
        Object.entries(dropped).map(([reason, n]) => `${reason} ${n}`).join(", ") || "none",
      ]),
    ]));
    console.log();
    console.log(table([
      ["capability", "family", ...splits],
      ...[...Map.groupBy(report.counts, ({ family }) => family)].map(([family, rows]) => [
        rows[0]!.capability,
        family,
        ...splits.map((split) => String(rows.find((row) => row.split === split)?.items ?? 0)),
      ]),
    ]));
    if (rewording !== undefined) console.log(`\n${table(rewordingRows(rewording))}`);
    console.log(`\n${items.length} items in ${out}`);
    if (report.missing > 0) {
      console.log(`${report.missing} fewer than asked for: the graph has no more facts for them`);
    }
  },
);
