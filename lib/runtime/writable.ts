/** Whether a folder can be written to, found out before the work whose results go there. @module */

import { dirname, join, resolve } from "@std/path";
import { WorkbenchError } from "./errors.ts";
import { fileFailure, removeQuietly } from "./files.ts";

/** The folder, or the one nearest above it that is there. */
async function nearest(folder: string): Promise<string> {
  for (let at = resolve(folder);; at = dirname(at)) {
    const found = await Deno.stat(at).catch((error) => {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw error;
    });
    if (found !== undefined || at === dirname(at)) return at;
  }
}

/**
 * Makes sure that files can be written into a folder, by writing one and removing it; a folder that is not there is not made.
 *
 * @param folder the folder
 * @throws {WorkbenchError} one line when it cannot be made or written to
 */
export async function checkWritable(folder: string): Promise<void> {
  try {
    const at = await nearest(folder);
    const path = join(at, `.writable.${crypto.randomUUID()}.tmp`);
    try {
      await Deno.writeTextFile(path, "\n", { createNew: true });
    } finally {
      await removeQuietly(path).catch(() => {});
    }
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) {
      throw new WorkbenchError(
        `Cannot write to ${folder}: there is no such folder, and it cannot be made`,
        { cause: error },
      );
    }
    throw fileFailure(error, `write to ${folder}`);
  }
}
