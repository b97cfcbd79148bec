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
  EIO: "the disk or the system failed",
  ELOOP: "its links go round in a circle",
  EMFILE: "too many files are open",
  ENFILE: "too many files are open",
  ENAMETOOLONG: "its name is too long",
  ENXIO: "no program is at the other end",
};

/**
 * A file system's failure as one line; other errors come back as they are.
 *
 * @param doing what failed, "write results.json"
 */
export function fileFailure(error: unknown, doing: string): unknown {
  if (error instanceof Deno.errors.NotCapable) {
    return new WorkbenchError(
      `Cannot ${doing}: it is not among what this program may do (deno.json lists it for each task)`,
      { cause: error },
    );
  }
  if (!(error instanceof Error) || !("code" in error)) return error;
  const words = FAILURES[String(error.code)];
  return words === undefined
    ? error
    : new WorkbenchError(`Cannot ${doing}: ${words}`, { cause: error });
}

/** What stands at a path, in words. */
export function kindOf(info: Deno.FileInfo): string {
  if (info.isFile) return "a file";
  if (info.isDirectory) return "a folder";
  if (info.isFifo) return "a pipe";
  if (info.isSocket) return "a socket";
  return info.isCharDevice || info.isBlockDevice ? "a device" : "something else";
}

/** The failure of a write as one line; a folder that cannot be made is told of, too. */
function writeFailure(error: unknown, path: string): unknown {
  return error instanceof Deno.errors.NotFound
    ? new WorkbenchError(`Cannot write ${path}: there is no such folder, and it cannot be made`, {
      cause: error,
    })
    : fileFailure(error, `write ${path}`);
}

/** A name in the same folder that nobody can know before. */
function temporaryName(path: string): string {
  return join(dirname(path), `.${basename(path)}.${crypto.randomUUID()}.tmp`);
}

/**
 * The permissions of the file that a write replaces; undefined where there is none, and for a link, which is replaced by
 * a file of its own.
 *
 * @throws {WorkbenchError} when something else than a file is there, such as a device
 */
function replacedMode(path: string): number | undefined {
  const stat = (of: typeof Deno.statSync): Deno.FileInfo | undefined => {
    try {
      return of(path);
    } catch {
      return undefined;
    }
  };
  const found = stat(Deno.statSync);
  if (found !== undefined && !found.isFile) {
    throw new WorkbenchError(`Cannot write ${path}: ${kindOf(found)} is in the place of a file`);
  }
  const own = stat(Deno.lstatSync);
  return own?.isFile && own.mode !== null ? own.mode & 0o777 : undefined;
}

/**
 * Writes a file that is never half there: a temporary file of a random name in the same folder is written, flushed to
 * the disk and renamed. Missing folders are made, the permissions of an old file are kept, and a link is replaced, not
 * followed. When anything fails, the temporary file is removed and an old file is kept.
 *
 * @throws {WorkbenchError} one line when the disk is full, read-only or closed to the user, or something else than a file
 *   is at the path
 */
export async function writeFileAtomic(
  path: string,
  data: string | Uint8Array,
): Promise<void> {
  const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
  const mode = replacedMode(path);
  const temporary = temporaryName(path);
  try {
    await Deno.mkdir(dirname(path), { recursive: true });
    using file = await Deno.open(temporary, { write: true, createNew: true });
    for (let at = 0; at < bytes.length;) {
      at += await file.write(bytes.subarray(at));
    }
    await file.sync();
    if (mode !== undefined) await Deno.chmod(temporary, mode);
    await Deno.rename(temporary, path);
  } catch (error) {
    // What cannot be removed was never made; the first failure is the one to tell.
    await removeQuietly(temporary).catch(() => {});
    throw writeFailure(error, path);
  }
}

/** As {@linkcode writeFileAtomic}, without letting anything else run. */
export function writeFileAtomicSync(path: string, data: string | Uint8Array): void {
  const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
  const mode = replacedMode(path);
  const temporary = temporaryName(path);
  try {
    Deno.mkdirSync(dirname(path), { recursive: true });
    using file = Deno.openSync(temporary, { write: true, createNew: true });
    for (let at = 0; at < bytes.length;) at += file.writeSync(bytes.subarray(at));
    file.syncSync();
    if (mode !== undefined) Deno.chmodSync(temporary, mode);
    Deno.renameSync(temporary, path);
  } catch (error) {
    try {
      Deno.removeSync(temporary);
    } catch {
      // It was never made; the first failure is the one to tell.
    }
    throw writeFailure(error, path);
  }
}

/**
 * Makes a folder for temporary files where the system keeps such (`TMPDIR`); the caller removes it.
 *
 * @param prefix how its name begins
 * @throws {WorkbenchError} one line when there is no place for it
 */
export function temporaryFolder(prefix: string): string {
  try {
    return Deno.makeTempDirSync({ prefix });
  } catch (error) {
    throw temporaryFailure(error);
  }
}

/** A failure to write temporary files as one line; other errors come back as they are. */
export function temporaryFailure(error: unknown): unknown {
  const place = Deno.env.get("TMPDIR") ?? "the system's folder for them";
  const known = error instanceof Deno.errors.NotFound
    ? new WorkbenchError("there is no such folder", { cause: error })
    : fileFailure(error, "write");
  return known instanceof WorkbenchError
    ? new WorkbenchError(
      `Cannot write temporary files to ${place}: ${
        known.message.replace("Cannot write: ", "")
      }; set TMPDIR to a folder with room`,
      { cause: error },
    )
    : error;
}

/** Whether a file is at a path. */
export async function isFile(path: string): Promise<boolean> {
  return await Deno.stat(path).then((info) => info.isFile, () => false);
}

/** Whether a folder is at a path. */
export async function isFolder(path: string): Promise<boolean> {
  return await Deno.stat(path).then((info) => info.isDirectory, () => false);
}

/**
 * The numbers in names of a folder, such as 1 and 12 for `step-1.json` and `step-12.json`.
 *
 * @param folder the folder; none where there is none
 * @param before what stands before a number
 * @param after what stands behind it
 * @returns the least first
 */
export async function numbersIn(
  folder: string,
  before: string,
  after: string,
): Promise<number[]> {
  const entries = await Array.fromAsync(Deno.readDir(folder)).catch(() => []);
  return entries.map(({ name }) => name)
    .filter((name) => name.startsWith(before) && name.endsWith(after))
    .map((name) => name.slice(before.length, name.length - after.length))
    .filter((digits) => /^\d+$/.test(digits)).map(Number).sort((a, b) => a - b);
}

/** Removes a file or folder with all it holds; nothing happens when it is not there. */
export async function removeQuietly(path: string): Promise<void> {
  try {
    await Deno.remove(path, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/** Opens a lock file, which is made where there is none. */
async function openLock(path: string): Promise<Deno.FsFile> {
  try {
    await Deno.mkdir(dirname(path), { recursive: true });
    const there = await Deno.stat(path).catch(() => undefined);
    if (there !== undefined && !there.isFile) {
      throw new WorkbenchError(`Cannot use ${path}: ${kindOf(there)} is in the place of a file`);
    }
    return await Deno.open(path, { write: true, create: true });
  } catch (error) {
    throw fileFailure(error, `use ${path}`);
  }
}

/**
 * Runs work where no other process holds the lock of the same path, and does not wait for it.
 *
 * @param path the lock file
 * @param work what to run
 * @returns whether it was run
 */
export async function withFreeLock(path: string, work: () => Promise<void>): Promise<boolean> {
  using file = await openLock(path);
  if (!await file.tryLock(true)) return false;
  await work();
  return true;
}

/**
 * Runs work while no other process, and no other caller in this one, holds the lock of the same path.
 * The system frees the lock when a process ends in any way. The lock file stays. On a file system without locks the
 * work runs without one.
 *
 * @param path the lock file
 * @param work what to run; told whether the lock is held
 * @param onWait called every second while another holds the lock
 */
export async function withLock<T>(
  path: string,
  work: (isLocked: boolean) => Promise<T>,
  onWait?: () => void,
): Promise<T> {
  const file = await openLock(path);
  const waiting = onWait && setInterval(onWait, 1000);
  const isLocked = await file.lock(true).then(() => true, () => false);
  clearInterval(waiting);
  try {
    return await work(isLocked);
  } finally {
    if (isLocked) await file.unlock();
    file.close();
  }
}
