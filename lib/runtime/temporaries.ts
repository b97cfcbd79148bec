/** What killed processes leave behind while they write files. @module */

import { join } from "@std/path";
import { fileFailure, removeQuietly } from "./files.ts";

/** The names under which `writeFileAtomic` writes. */
const temporary = /^\.(.+)\.[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\.tmp$/;

/**
 * Removes the files that `writeFileAtomic` was writing into a folder when its process was killed. The caller holds the lock
 * under which the folder is written to, so that no file of a process that lives is among them.
 *
 * @param folder the folder; nothing happens where there is none
 * @param of the name of the file that was being written; any when left out
 * @throws {WorkbenchError} when the folder may not be read or changed
 */
export async function removeTemporaries(folder: string, of?: string): Promise<void> {
  try {
    for await (const { name, isFile } of Deno.readDir(folder)) {
      const written = isFile ? temporary.exec(name)?.[1] : undefined;
      if (written === undefined || (of !== undefined && written !== of)) continue;
      await removeQuietly(join(folder, name));
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw fileFailure(error, `sweep ${folder}`);
  }
}
