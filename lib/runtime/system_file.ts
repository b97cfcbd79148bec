/** Small files in which the system tells of itself, `/proc` and `/sys`. @module */

/** Reads such a file; undefined where there is none. */
export type SystemFile = (path: string) => string | undefined;

/**
 * Reads a file of the system. Deno gives them to programs only that may do anything at all; one that may start others asks
 * `cat`.
 *
 * @param path the file; `/proc/self` is this process
 * @returns its text; undefined where it is not there or may not be read
 * @example
 * ```ts
 * import { systemFile } from "./system_file.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(systemFile("/proc/self/no-such-file"), undefined);
 * ```
 */
export function systemFile(path: string): string | undefined {
  const own = path.replace(/^\/proc\/self\//, `/proc/${Deno.pid}/`);
  try {
    return Deno.readTextFileSync(own);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotCapable)) return undefined;
  }
  try {
    const { success, stdout } = new Deno.Command("cat", { args: [own], stderr: "null" })
      .outputSync();
    return success ? new TextDecoder().decode(stdout) : undefined;
  } catch {
    return undefined;
  }
}
