/**
 * The folders through which TensorFlow reads recorded graphs: there for a moment, and swept at the next start where a kill
 * left them.
 *
 * @module
 */

import { dirname, join } from "@std/path";
import { temporaryFolder } from "./files.ts";

/** How the names of the folders begin. */
const PREFIX = "balancedbio-graph-";

/** A file whose lock says that a process uses the folder. */
const LOCK = ".lock";

/** Milliseconds for which a folder counts as used without a lock: it may just be in the making. */
const FRESH = 60_000;

let swept = false;

/** Whether no process uses a folder. */
function isLeft(folder: string): boolean {
  const { mtime } = Deno.lstatSync(folder);
  if (mtime === null || Date.now() - mtime.getTime() < FRESH) return false;
  try {
    using lock = Deno.openSync(join(folder, LOCK), { read: true, write: true });
    return lock.tryLockSync(true);
  } catch (error) {
    return error instanceof Deno.errors.NotFound;
  }
}

/**
 * Removes the folders of graphs that processes left which were killed; those of living ones stay.
 *
 * @param folder where they are: that of temporary files
 */
export function sweepGraphFolders(folder: string): void {
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    if (!isDirectory || !name.startsWith(PREFIX)) continue;
    const path = join(folder, name);
    try {
      if (isLeft(path)) Deno.removeSync(path, { recursive: true });
    } catch {
      // It is another user's, or went meanwhile.
    }
  }
}

/** A folder for a graph, locked while it is used. */
export interface GraphFolder {
  /** Where it is. */
  readonly path: string;
  /** Removes it. */
  readonly remove: () => void;
}

/**
 * Makes a folder for a graph; the first one of a process sweeps what others left.
 *
 * @throws {WorkbenchError} one line when there is no place for it
 */
export function graphFolder(): GraphFolder {
  const path = temporaryFolder(PREFIX);
  if (!swept) {
    swept = true;
    try {
      sweepGraphFolders(dirname(path));
    } catch {
      // Who may write into the folder of temporary files need not be allowed to list it.
    }
  }
  let lock: Deno.FsFile | undefined;
  try {
    lock = Deno.openSync(join(path, LOCK), { write: true, createNew: true });
    lock.tryLockSync(true);
  } catch {
    // On a file system without locks it is safe as long as it is fresh.
  }
  return {
    path,
    remove: () => {
      lock?.close();
      Deno.removeSync(path, { recursive: true });
    },
  };
}
