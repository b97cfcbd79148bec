/** Files of text, read as UTF-8 without guessing. @module */

import { UsageError } from "./errors.ts";
import { readRegular } from "./regular_file.ts";

/** Whether bytes are UTF-8; with `more`, whether they can be its beginning. */
function isUtf8(bytes: Uint8Array, more: boolean): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: more });
    return true;
  } catch {
    return false;
  }
}

/** Place of the first byte that is not UTF-8: by halving, since only whole beginnings can be asked about. */
function firstFault(bytes: Uint8Array): number {
  let [good, bad] = [0, bytes.length + 1];
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (isUtf8(bytes.subarray(0, middle), true)) good = middle;
    else bad = middle;
  }
  // The fault is the first byte of the character that does not come to its end.
  while (!isUtf8(bytes.subarray(0, good), false)) good--;
  return good;
}

/**
 * The text that bytes stand for in UTF-8. A byte order mark at the start is left out.
 *
 * @param bytes what a file holds
 * @param where the file's path, for messages
 * @throws {UsageError} for other bytes: the first one, its line and, as a guess, what wrote them
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { decodeText } from "./text_file.ts";
 *
 * assertEquals(decodeText(new TextEncoder().encode("\ufeffé"), "a.txt"), "é");
 * ```
 */
export function decodeText(bytes: Uint8Array, where: string): string {
  const [first, second] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) {
    throw new UsageError(
      `Expected text in UTF-8 but found UTF-16 in ${where}; write the file again as UTF-8`,
    );
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    const at = firstFault(bytes);
    const line = bytes.subarray(0, at).filter((byte) => byte === 10).length + 1;
    const byte = bytes[at]!.toString(16).padStart(2, "0");
    throw new UsageError(
      `Expected text in UTF-8 but found the byte 0x${byte}, as in Latin-1, in ${where}, line ${line}; ` +
        "write the file again as UTF-8",
    );
  }
}

/**
 * Reads a file of text.
 *
 * @param path the file
 * @returns its text without a byte order mark; undefined where there is no such file
 * @throws {UsageError} when it is not UTF-8, longer than 256 MiB, or no file but a pipe, a device, a socket or a folder
 * @throws {WorkbenchError} when it may not be read
 */
export function readText(path: string): Promise<string | undefined> {
  return Promise.resolve().then(() => readTextSync(path));
}

/** As {@linkcode readText}, at once. */
export function readTextSync(path: string): string | undefined {
  const bytes = readRegular(path);
  return bytes && decodeText(bytes, path);
}
