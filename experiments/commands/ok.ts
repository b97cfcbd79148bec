/**
 * `deno task ok`: everything that a change has to pass, the quick checks first.
 *
 * @module
 */
import { z } from "zod";
import { runCommand, WorkbenchError } from "../../lib/runtime/mod.ts";
import { overLong } from "./ok/lengths.ts";
import { notebookModules, readModules, typescriptFiles } from "./ok/modules.ts";
import { circles, unreadExports, wrongImports } from "./ok/structure.ts";

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

/** Prints faults under a heading and fails if there are any. */
function refuse(what: string, faults: readonly string[]): void {
  if (faults.length === 0) return;
  console.error(faults.join("\n"));
  throw new WorkbenchError(`Expected ${what} but found ${faults.length}, listed above`);
}

/** The order of the folders, circles of files, production code on tests, exports that nothing reads. */
async function checkStructure(): Promise<void> {
  console.error("structure of lib, experiments and tests");
  const modules = await readModules(".", ["lib", "experiments", "tests"]);
  refuse("no circle of files", circles(modules).map((paths) => paths.join(" <-> ")));
  refuse("imports in the order of the folders", wrongImports(modules));
  const examples = modules.filter(({ path }) => path.startsWith("tests/examples/"));
  const unread = unreadExports(modules, [...examples, ...await notebookModules(".")]);
  refuse("no export that only tests read", unread);
}

/** Functions and files of lib and experiments that are too long. */
async function checkLengths(): Promise<void> {
  console.error("lengths in lib and experiments");
  const faults: string[] = [];
  for (const folder of ["lib", "experiments"]) {
    for (const path of await typescriptFiles(".", folder)) {
      faults.push(...overLong(path, await Deno.readTextFile(path)));
    }
  }
  refuse("no function or file that is too long", faults);
}

await runCommand(
  {
    name: "ok",
    summary:
      "Runs everything that a change has to pass: format, lint, types, structure, documentation, tests.",
    schema,
    examples: ["", "--no-test"],
  },
  Deno.args,
  async ({ test }) => {
    await deno("fmt", "--check");
    await deno("lint");
    await deno("lint", "--rules-include=no-console", "lib");
    await deno("check", "lib", "experiments", "tests");
    await checkStructure();
    await checkLengths();
    await deno("doc", "--quiet", "--lint", ...await doors());
    if (test) await deno("task", "test");
  },
);
