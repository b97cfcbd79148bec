/**
 * `deno task readme`: writes the results part of the README from the committed results.
 *
 * @module
 */
import { z } from "zod";
import { runCommand, writeFileAtomic } from "../../lib/runtime/mod.ts";
import { resultsPart, withResults } from "../report/readme.ts";

const schema = z.object({
  file: z.string().default("README.md").describe("The README"),
  from: z.string().default("experiments/results").describe("Folder of the results"),
});

await runCommand(
  {
    name: "readme",
    summary: "Writes the results part of the README from the committed results.",
    schema,
    examples: [""],
  },
  Deno.args,
  async ({ file, from }) => {
    const before = await Deno.readTextFile(file);
    const after = withResults(before, await resultsPart(from));
    await writeFileAtomic(file, after);
    console.log(before === after ? `${file} is as it should be` : `${file}: results written`);
  },
);
