/**
 * `deno task ok`: everything that a change has to pass, the quick checks first.
 *
 * @module
 */
import { z } from "zod";
import { runCommand, WorkbenchError } from "../../lib/runtime/mod.ts";

const schema = z.object({
  test: z.boolean().default(true).describe("Run the tests after the checks"),
});

/** Runs `deno` with the arguments; the output is shown. */
async function deno(...args: string[]): Promise<void> {
  console.error(`deno ${args.join(" ")}`);
  const { code } = await new Deno.Command(Deno.execPath(), { args, stdin: "null" }).spawn().status;
  if (code !== 0) throw new WorkbenchError(`Expected deno ${args[0]} to pass but it found faults`);
}

/** The doors of lib. */
async function doors(): Promise<string[]> {
  const paths: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir("lib")) {
    if (isDirectory && name !== "std") paths.push(`lib/${name}/mod.ts`);
  }
  return paths.sort();
}

await runCommand(
  {
    name: "ok",
    summary:
      "Runs everything that a change has to pass: format, lint, types, documentation, tests.",
    schema,
    examples: ["", "--no-test"],
  },
  Deno.args,
  async ({ test }) => {
    await deno("fmt", "--check");
    await deno("lint");
    await deno("lint", "--rules-include=no-console", "lib");
    await deno("check", "lib", "experiments", "tests");
    await deno("doc", "--quiet", "--lint", ...await doors());
    if (test) await deno("task", "test");
  },
);
