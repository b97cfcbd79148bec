/**
 * `deno task runs`: lists the training runs in a folder as a table.
 *
 * @module
 */
import { type ColumnTable, desc, escape } from "arquero";
import { z } from "zod";
import { csvTable, plainTable } from "../../lib/figures/mod.ts";
import { runCommand, UsageError, writeFileAtomic } from "../../lib/runtime/mod.ts";
import { loadRuns } from "../../lib/runs/mod.ts";

const schema = z.object({
  folder: z.string().min(1).default("runs").describe(
    "Folder of a run, or one that holds such folders at any depth",
  ),
  columns: z.array(z.string().min(1)).min(1).optional().describe(
    "Columns to show: options of a run such as grpo.beta, metrics of its log such as kl, score.domain",
  ),
  sort: z.string().min(1).default("run").describe(
    "Column to sort by; with - before it the highest come first",
  ),
  csv: z.string().min(1).optional().describe(
    "File to write as CSV instead, with all columns or those of --columns",
  ),
});

/** Columns that are shown when none are named, as far as the runs have them; scores come behind. */
const usual = ["run", "method", "model", "seed", "steps", "seconds", "loss"];

/** Checks that the runs have a column. */
function known(runs: ColumnTable, option: string, name: string): string {
  if (runs.columnIndex(name) >= 0) return name;
  throw new UsageError(
    `Expected ${option} to name a column but found ${name}; there are ${
      runs.columnNames().join(", ")
    }`,
  );
}

/** The runs by a column. A run without a value comes last: arquero puts it first where values rise. */
function sorted(runs: ColumnTable, by: string): ColumnTable {
  const falling = by.startsWith("-");
  const name = known(runs, "--sort", falling ? by.slice(1) : by);
  const missing = escape((run: Record<string, unknown>) =>
    run[name] === null || Number.isNaN(run[name])
  );
  return runs.orderby(missing, falling ? desc(name) : name);
}

/** Names of the columns that are shown without --columns. */
function usualColumns(runs: ColumnTable): string[] {
  const noted = runs.array("note").some((note) => note !== null);
  return [
    ...usual.filter((name) => runs.columnIndex(name) >= 0),
    ...runs.columnNames((name) => name.startsWith("score.")),
    "finished",
    ...(noted ? ["note"] : []),
  ];
}

await runCommand(
  {
    name: "runs",
    summary:
      "Lists training runs as a table: what they were given, how far they came, what they scored.",
    schema,
    positional: ["folder"],
    examples: [
      "",
      "runs --columns run,grpo.beta,kl,score.domain --sort=-score.domain",
      "runs --csv runs.csv",
    ],
  },
  Deno.args,
  async ({ folder, columns, sort, csv }) => {
    const runs = sorted(await loadRuns(folder), sort);
    columns?.forEach((name) => known(runs, "--columns", name));
    if (csv !== undefined) {
      await writeFileAtomic(csv, csvTable(columns === undefined ? runs : runs.select(columns)));
      console.log(`${runs.numRows()} runs: ${csv}`);
      return;
    }
    const shown = runs.select(columns ?? usualColumns(runs));
    console.log(plainTable(shown, { digits: 3 }).trimEnd());
  },
);
