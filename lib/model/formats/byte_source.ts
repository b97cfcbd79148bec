/**
 * Random access to the bytes of a file, or of an array that stands for one.
 *
 * @module
 */

import { fileFailure, openRegular, UsageError, WorkbenchError } from "../../runtime/mod.ts";

/** Bytes that can be read from any offset. */
export interface ByteSource extends Disposable {
  /** Path of the file, for messages. */
  readonly where: string;
  /** Number of bytes. */
  readonly size: number;
  /** The bytes `[offset, offset + length)`, in an array that nothing else uses. */
  readonly read: (offset: number, length: number) => Uint8Array<ArrayBuffer>;
}

/**
 * Opens a file for reading; release it with `using` or `Symbol.dispose`.
 *
 * @param path path of the file
 * @throws WorkbenchError when there is no such file or it cannot be read
 */
export function openBytes(path: string): ByteSource {
  let file: Deno.FsFile;
  try {
    file = openRegular(path);
  } catch (error) {
    if (error instanceof WorkbenchError) throw error;
    const { name, message } = error as Error;
    throw new WorkbenchError(
      error instanceof UsageError
        ? message
        : `Expected a file that can be read at ${path} but found ${name}`,
    );
  }
  const { size } = file.statSync();
  const read = (offset: number, length: number): Uint8Array<ArrayBuffer> => {
    checkRange(path, size, offset, length);
    const bytes = new Uint8Array(length);
    file.seekSync(offset, Deno.SeekMode.Start);
    for (let done = 0; done < length;) {
      const step = readStep(file, bytes.subarray(done), path);
      if (step === null) {
        throw new WorkbenchError(
          `Expected ${length} bytes at offset ${offset} but found ${done} in ${path}`,
        );
      }
      done += step;
    }
    return bytes;
  };
  return { where: path, size, read, [Symbol.dispose]: () => file.close() };
}

function readStep(file: Deno.FsFile, bytes: Uint8Array, path: string): number | null {
  try {
    return file.readSync(bytes);
  } catch (error) {
    throw fileFailure(error, `read ${path}`);
  }
}

/**
 * Lets an array stand for a file.
 *
 * @param bytes the contents
 * @param where what to call it in messages
 */
export function bytesOf(bytes: Uint8Array, where: string): ByteSource {
  const read = (offset: number, length: number): Uint8Array<ArrayBuffer> => {
    checkRange(where, bytes.length, offset, length);
    return new Uint8Array(bytes.subarray(offset, offset + length));
  };
  return { where, size: bytes.length, read, [Symbol.dispose]: () => {} };
}

function checkRange(
  where: string,
  size: number,
  offset: number,
  length: number,
): void {
  if (!(offset >= 0 && length >= 0 && offset + length <= size)) {
    throw new WorkbenchError(
      `Expected ${length} bytes at offset ${offset} but found ${size} bytes in ${where}`,
    );
  }
}
