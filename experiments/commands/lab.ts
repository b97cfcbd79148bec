/**
 * `deno task lab`: opens the notebooks in JupyterLab, which it installs into the cache at first.
 *
 * @module
 */
import { z } from "zod";
import { progressBar, runCommand, UsageError, WorkbenchError } from "../../lib/runtime/mod.ts";
import { labCommand, notebookFolder } from "./notebooks/lab.ts";
import { runServer } from "./notebooks/server.ts";

const schema = z.object({
  folder: z.string().optional().describe("Folder to open; the notebooks without it"),
  port: z.int().min(1).max(65535).default(8888).describe(
    "Port to listen on, on this machine only; the next free one where it is taken",
  ),
  browser: z.boolean().default(true).describe("Open a browser"),
  allowRoot: z.boolean().default(false).describe(
    "Run as root, in a container for one: who gets into JupyterLab then rules the machine",
  ),
});

await runCommand(
  {
    name: "lab",
    summary: "Opens the notebooks in JupyterLab with the Deno kernel.",
    schema,
    positional: ["folder"],
    examples: ["", "--no-browser --port 8890"],
  },
  Deno.args,
  async ({ folder = notebookFolder, port, browser, allowRoot }) => {
    if (Deno.uid() === 0 && !allowRoot) {
      throw new UsageError(
        "Expected another user than root but found root; --allow-root runs JupyterLab all the same, and who gets into it then rules the machine",
      );
    }
    const bar = progressBar("JupyterLab");
    const { command, args, env } = await labCommand(
      { folder, port, browser, allowRoot },
      bar.update,
    );
    bar.finish("ready; stop it with Ctrl-C");
    const code = await runServer(command, { args, env });
    if (code !== 0) {
      throw new WorkbenchError(`Expected JupyterLab to end well but found exit code ${code}`);
    }
  },
);
