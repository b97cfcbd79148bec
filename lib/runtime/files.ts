/**
 * Files that are either whole or not there, and locks between processes.
 *
 * @module
 */
import { basename, dirname, join } from "@std/path";
import { WorkbenchError } from "./errors.ts";

/** The system's codes for what goes wrong with files through no fault of the program. */
const FAILURES: Readonly<Record<string, string>> = {
  ENOSPC: "there is no space left on the disk",
  EDQUOT: "the disk quota is used up",
  EROFS: "the file system is read-only",
  EFBIG: "the file would be too large for the file system",
  EACCES: "permission was denied",
  EPERM: "permission was denied",
  EEXIST: "a file is in the place of a folder",
  ENOTDIR: "a file is in the place of a folder",
  EISDIR: "a folder is in the place of a file",
};

/**
 * A file system's failure as one line; other errors come back as they are.
 *
 * @param doing what failed, "write results.json"
 */
export function fileFailure(error: unknown, doing: string): unknown {
  if (!(error instanceof Error) || !("code" in error)) return error;
  const words = FAILURES[String(error.code)];
  return words === undefined
    ? error
    : new WorkbenchError(`Cannot ${doing}: ${words}`, { cause: error });
}

/**
 * Writes a file that is never half there: a temporary file in the same folder is written, flushed to the disk and
 * renamed. Missing folders are made. When anything fails, the temporary file is removed and an old file is kept.
 *
 * @throws {WorkbenchError} one line when the disk is full, read-only or closed to the user
 */
export async function writeFileAtomic(
  path: string,
  data: string | Uint8Array,
): Promise<void> {
  const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
  const temporary = join(
    dirname(path),
    `.${basename(path)}.${crypto.randomUUID()}.tmp`,
  );
  try {
    await Deno.mkdir(dirname(path), { recursive: true });
    using file = await Deno.open(temporary, { write: true, createNew: true });
    for (let at = 0; at < bytes.length;) {
      at += await file.write(bytes.subarray(at));
    }
    await file.sync();
    await Deno.rename(temporary, path);
  } catch (error) {
    // What cannot be removed was never made; the first failure is the one to tell.
    await removeQuietly(temporary).catch(() => {});
    throw fileFailure(error, `write ${path}`);
  }
}

/** Whether a file is at a path. */
export async function isFile(path: string): Promise<boolean> {
  return await Deno.stat(path).then((info) => info.isFile, () => false);
}

/** Whether a folder is at a path. */
export async function isFolder(path: string): Promise<boolean> {
  return await Deno.stat(path).then((info) => info.isDirectory, () => false);
}

/** Removes a file or folder with all it holds; nothing happens when it is not there. */
export async function removeQuietly(path: string): Promise<void> {
  try {
    await Deno.remove(path, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/**
 * Runs work while no other process, and no other caller in this one, holds the lock of the same path.
 * The system frees the lock when a process ends in any way. The lock file stays. On a file system without locks the
 * work runs without one.
 *
 * @param path the lock file
 * @param work what to run
 * @param onWait called every second while another holds the lock
 */
export async function withLock<T>(
  path: string,
  work: () => Promise<T>,
  onWait?: () => void,
): Promise<T> {
  let file: Deno.FsFile;
  try {
    await Deno.mkdir(dirname(path), { recursive: true });
    file = await Deno.open(path, { write: true, create: true });
  } catch (error) {
    throw fileFailure(error, `use ${path}`);
  }
  const waiting = onWait && setInterval(onWait, 1000);
  const locked = await file.lock(true).then(() => true, () => false);
  clearInterval(waiting);
  try {
    return await work();
  } finally {
    if (locked) await file.unlock();
    file.close();
  }
}
