/**
 * Random access to the bytes of a file, or of an array that stands for one.
 *
 * @module
 */

import { WorkbenchError } from "../../runtime/mod.ts";

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
    file = Deno.openSync(path);
  } catch (error) {
    throw new WorkbenchError(
      `Expected a file that can be read at ${path} but found ${(error as Error).name}`,
    );
  }
  const { size, isFile } = file.statSync();
  if (!isFile) {
    file.close();
    throw new WorkbenchError(
      `Expected a file at ${path} but found something else`,
    );
  }
  const read = (offset: number, length: number): Uint8Array<ArrayBuffer> => {
    checkRange(path, size, offset, length);
    const bytes = new Uint8Array(length);
    file.seekSync(offset, Deno.SeekMode.Start);
    for (let done = 0; done < length;) {
      const step = file.readSync(bytes.subarray(done));
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
