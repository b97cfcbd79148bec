/**
 * `deno task compare`: what differs between two results, in what was run and in what was found.
 *
 * @module
 */
import { z } from "zod";
import { runCommand, writeFileAtomic } from "../../lib/runtime/mod.ts";
import { experiments } from "../catalogue.ts";
import { matchFolders } from "../compare/read.ts";
import { compareFolders, comparisonText } from "../compare/view.ts";

const schema = z.object({
  a: z.string().min(1).describe(
    "Folder of an experiment's results or of an evaluated run, or one that holds several such folders",
  ),
  b: z.string().min(1).describe("The same of what it is compared with; differences are B less A"),
  alpha: z.number().gt(0).lt(1).default(0.05).describe("Level of the tests"),
  rows: z.int().min(1).default(20).describe("Most rows of a table, the smallest p values first"),
  json: z.string().min(1).optional().describe("File to write everything to"),
});

await runCommand(
  {
    name: "compare",
    summary:
      "Says what differs between two results: options, machine, numbers, with paired tests. Ends with code 0 either way.",
    schema,
    positional: ["a", "b"],
    examples: [
      "experiments/results/main-results results/main-results",
      "experiments/results results --json differences.json",
      "runs/sft runs/grpo",
    ],
  },
  Deno.args,
  async ({ a, b, alpha, rows, json }) => {
    const compared = compareFolders(await matchFolders(a, b, experiments), alpha);
    console.log(comparisonText(compared, rows));
    if (json !== undefined) {
      await writeFileAtomic(json, `${JSON.stringify(compared, null, 2)}\n`);
      console.log(`\nWritten to ${json}`);
    }
  },
);
