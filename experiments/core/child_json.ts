/** Processes that answer with a file of JSON. @module */

import { join } from "@std/path";
import { endedBy, temporaryFolder, WorkbenchError } from "../../lib/runtime/mod.ts";

/**
 * Runs a program that writes JSON to the file behind `--json`.
 *
 * @param command program and arguments
 * @param doing what it does, for the message when it fails
 * @param options the folder that it runs in, this process's own when left out; variables of its environment, besides this one's
 * @returns what it wrote
 * @throws {WorkbenchError} when it fails, with the last line that it said
 */
export async function childJson(
  [program, ...args]: readonly string[],
  doing: string,
  options: Pick<Deno.CommandOptions, "cwd" | "env"> = {},
): Promise<unknown> {
  const folder = temporaryFolder("balancedbio-");
  const file = join(folder, "found.json");
  try {
    const { success, signal, stderr } = await new Deno.Command(program!, {
      args: [...args, "--json", file],
      ...options,
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).output();
    if (!success) {
      const said = new TextDecoder().decode(stderr).trim().split("\n").at(-1);
      throw new WorkbenchError(`Cannot ${doing}${endedBy({ signal }) || `: ${said}`}`);
    }
    return JSON.parse(await Deno.readTextFile(file));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
