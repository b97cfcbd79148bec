/**
 * `deno task notebooks`: runs the notebooks and writes their outputs into them, or checks that they run.
 *
 * @module
 */
import { basename, fromFileUrl, join } from "@std/path";
import { z } from "zod";
import {
  progressBar,
  runCommand,
  UsageError,
  WorkbenchError,
  writeFileAtomic,
} from "../../lib/runtime/mod.ts";
import { checkTypes, executeNotebook, prepareRunner } from "./notebooks/execute.ts";
import {
  codeCells,
  type Notebook,
  notebookText,
  outputFaults,
  parseNotebook,
  withOutputs,
} from "./notebooks/notebook.ts";

const schema = z.object({
  files: z.array(z.string()).optional().describe(
    "The notebooks; all in notebooks/ without any",
  ),
  check: z.boolean().default(false).describe(
    "Run them and check the outputs that they hold, write nothing",
  ),
});

/** The paths of all notebooks of the project. */
function allNotebooks(): string[] {
  const folder = fromFileUrl(new URL("../../notebooks", import.meta.url));
  return [...Deno.readDirSync(folder)].map(({ name }) => name).filter((name) =>
    name.endsWith(".ipynb") && !name.startsWith(".")
  ).sort().map((name) => join(folder, name));
}

async function readNotebook(path: string): Promise<Notebook> {
  let content: string;
  try {
    content = await Deno.readTextFile(path);
  } catch (error) {
    const why = error instanceof Deno.errors.NotFound ? "none" : (error as Error).message;
    throw new UsageError(`Expected a notebook ${path} but found ${why}`);
  }
  return parseNotebook(content, path);
}

/** Says all faults, and fails with the first. */
function refuse(faults: readonly string[]): void {
  if (faults.length === 0) return;
  faults.slice(1).forEach((fault) => console.error(fault));
  throw new WorkbenchError(faults[0]);
}

await runCommand(
  {
    name: "notebooks",
    summary: "Runs the notebooks on the Deno kernel and writes their outputs into them.",
    schema,
    positional: ["files"],
    examples: ["", "--check", "notebooks/01-knowledge-and-synthesis.ipynb"],
  },
  Deno.args,
  async ({ files, check }) => {
    const paths = files ?? allNotebooks();
    const notebooks = await Promise.all(
      paths.map(async (path) => ({ path, notebook: await readNotebook(path) })),
    );
    refuse(await checkTypes(notebooks));
    const making = progressBar("prepare");
    const runner = await prepareRunner(making.update);
    making.finish();
    for (const { path, notebook } of notebooks) {
      const name = basename(path);
      const named = (fault: string): string => `${name}, ${fault}`;
      if (check) refuse(outputFaults(notebook).map(named));
      const bar = progressBar(name);
      const run = await executeNotebook(runner, path, notebook, bar.update);
      bar.finish(`${codeCells(notebook).length} cells`);
      const fresh = withOutputs(notebook, run);
      refuse(outputFaults(fresh).map(named));
      const [before, after] = [notebookText(notebook), notebookText(fresh)];
      if (!check) await writeFileAtomic(path, after);
      console.log(
        !check
          ? `${name}: outputs written`
          : before === after
          ? `${name}: runs and gives the outputs that it holds`
          : `${name}: runs, but gives other outputs than it holds; run without --check to renew them`,
      );
    }
  },
);
