/**
 * Files that are opened where they are files only: a pipe would be waited for and a device has no end.
 *
 * @module
 */
import { checkDataFile } from "./data_file.ts";
import { UsageError } from "./errors.ts";
import { fileFailure, kindOf } from "./files.ts";

/** Most bytes that are read at once as text or as a picture: half of what a string can hold. */
const MOST_BYTES = 2 ** 28;

/**
 * Opens a file for reading.
 *
 * @param path the file, or a link to one
 * @throws {Deno.errors.NotFound} when nothing is there
 * @throws {UsageError} when a folder, a pipe, a socket or a device is there
 * @throws {WorkbenchError} when it may not be read
 */
export function openRegular(path: string): Deno.FsFile {
  try {
    refuseOther(Deno.statSync(path), path);
    const file = Deno.openSync(path);
    try {
      // Another may stand there by now.
      refuseOther(file.statSync(), path);
    } catch (error) {
      file.close();
      throw error;
    }
    return file;
  } catch (error) {
    if (error instanceof Deno.errors.NotADirectory) {
      throw new Deno.errors.NotFound(`there is no ${path}`);
    }
    throw fileFailure(error, `read ${path}`);
  }
}

function refuseOther(info: Deno.FileInfo, path: string): void {
  if (!info.isFile) throw new UsageError(`Expected a file but found ${kindOf(info)} at ${path}`);
}

/**
 * Reads a file whole.
 *
 * @param path the file, or a link to one
 * @returns its bytes; undefined where there is no such file
 * @throws {UsageError} when something else than a file is there, or it has more than 256 MiB
 * @throws {WorkbenchError} when it may not be read, or is one of the project's data and damaged
 * @example
 * ```ts
 * import { assertEquals, assertThrows } from "@std/assert";
 * import { readRegular } from "./regular_file.ts";
 *
 * assertEquals(readRegular("no-such-file"), undefined);
 * assertThrows(() => readRegular("."), Error, "Expected a file but found a folder at .");
 * ```
 */
export function readRegular(path: string): Uint8Array<ArrayBuffer> | undefined {
  const bytes = readBytes(path);
  if (bytes !== undefined) checkDataFile(path, bytes);
  return bytes;
}

function readBytes(path: string): Uint8Array<ArrayBuffer> | undefined {
  let file: Deno.FsFile;
  try {
    file = openRegular(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
  using _file = file;
  try {
    let bytes = new Uint8Array(checkedSize(file.statSync().size, path));
    let end = 0;
    for (;;) {
      // A file may grow while it is read, and those of the system tell a size of 0.
      const rest = end < bytes.length ? bytes.subarray(end) : new Uint8Array(1 << 12);
      const count = file.readSync(rest);
      if (count === null) return end === bytes.length ? bytes : bytes.slice(0, end);
      if (end === bytes.length) {
        const longer = new Uint8Array(checkedSize(2 * end + count, path));
        longer.set(bytes);
        longer.set(rest.subarray(0, count), end);
        bytes = longer;
      }
      end += count;
    }
  } catch (error) {
    throw fileFailure(error, `read ${path}`);
  }
}

function checkedSize(size: number, path: string): number {
  if (size <= MOST_BYTES) return size;
  throw new UsageError(
    `Expected a file of at most ${MOST_BYTES / 2 ** 20} MiB but found ${
      Math.ceil(size / 2 ** 20)
    } MiB at ${path}`,
  );
}
