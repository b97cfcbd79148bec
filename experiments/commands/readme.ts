/**
 * `deno task readme`: writes the results part of the README and RESULTS.md from the committed results.
 *
 * @module
 */
import { z } from "zod";
import { runCommand, writeFileAtomic } from "../../lib/runtime/mod.ts";
import { experiments } from "../catalogue.ts";
import { readmePart, resultsText, storedParts, withResults } from "../report/readme.ts";

const schema = z.object({
  file: z.string().default("README.md").describe("The README"),
  results: z.string().default("experiments/RESULTS.md").describe("The file of all results"),
  from: z.string().default("experiments/results").describe("Folder of the results"),
});

/** Writes a file where its text is another, and says so. */
async function write(path: string, before: string, after: string): Promise<void> {
  await writeFileAtomic(path, after);
  console.log(before === after ? `${path} is as it should be` : `${path}: results written`);
}

await runCommand(
  {
    name: "readme",
    summary: "Writes the results part of the README and RESULTS.md from the committed results.",
    schema,
    examples: [""],
  },
  Deno.args,
  async ({ file, results, from }) => {
    const parts = await storedParts(from, experiments);
    const readme = await Deno.readTextFile(file);
    await write(file, readme, withResults(readme, readmePart(parts)));
    const old = await Deno.readTextFile(results).catch(() => "");
    await write(results, old, await resultsText(parts, results));
  },
);
