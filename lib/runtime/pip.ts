/**
 * What is read from pip's words and watched of its work, for wheels and for environments alike.
 *
 * @module
 */
import { join } from "@std/path";

/**
 * Why pip failed, in a few words.
 *
 * @param errors what it wrote to standard error
 */
export function pipFailure(errors: string): string {
  if (/connection broken|Max retries exceeded|name resolution/.test(errors)) {
    return "the package index cannot be reached; is there a network?";
  }
  const line = errors.split("\n").findLast((line) => line.startsWith("ERROR"));
  return line?.replace(/^ERROR: */, "") ?? "it gave no reason";
}

/**
 * The size in bytes that pip announces in a line like `Downloading x.whl (274.1 MB)`.
 *
 * @returns the size; 0 where the text announces none
 */
export function announcedSize(text: string): number {
  const match = /Downloading .*\(([\d.]+) ([kMG]?)B\)/.exec(text);
  if (!match) return 0;
  return Number(match[1]) *
    { "": 1, k: 1e3, M: 1e6, G: 1e9 }[match[2] as "" | "k" | "M" | "G"];
}

/** The bytes of all files under a folder, as far as they can be seen at this moment. */
export function sizeOf(folder: string): number {
  let bytes = 0;
  try {
    for (const entry of Deno.readDirSync(folder)) {
      const path = join(folder, entry.name);
      if (entry.isSymlink) continue;
      bytes += entry.isDirectory ? sizeOf(path) : Deno.statSync(path).size;
    }
  } catch {
    // A temporary file went away between listing and looking.
  }
  return bytes;
}
