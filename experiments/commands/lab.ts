/**
 * `deno task lab`: opens the notebooks in JupyterLab, which it installs into the cache at first.
 *
 * @module
 */
import { z } from "zod";
import { progressBar, runCommand, WorkbenchError } from "../../lib/runtime/mod.ts";
import { labCommand, notebookFolder } from "./notebooks/lab.ts";

const schema = z.object({
  folder: z.string().optional().describe("Folder to open; the notebooks without it"),
  port: z.int().min(1).max(65535).default(8888).describe(
    "Port to listen on, on this machine only; the next free one where it is taken",
  ),
  browser: z.boolean().default(true).describe("Open a browser"),
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
  async ({ folder = notebookFolder, port, browser }) => {
    const bar = progressBar("JupyterLab");
    const { command, args, env } = await labCommand({ folder, port, browser }, bar.update);
    bar.finish("ready; stop it with Ctrl-C");
    // Ctrl-C reaches JupyterLab too, which asks before it ends.
    const ignore = () => {};
    Deno.addSignalListener("SIGINT", ignore);
    const { code } = await new Deno.Command(command, { args, env }).spawn().status;
    Deno.removeSignalListener("SIGINT", ignore);
    if (code !== 0) {
      throw new WorkbenchError(`Expected JupyterLab to end well but found exit code ${code}`);
    }
  },
);
