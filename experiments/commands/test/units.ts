/** The parts in which tests are run, each by a process of its own. @module */

import { join } from "@std/path";

/** Files that `deno test` takes for tests. */
const TEST_FILE = /(?:^|[._])test\.ts$/;

/**
 * Takes a folder apart into its folders, unless it has tests of its own.
 *
 * Errors: none of its own; a path that is no folder comes back as it is.
 */
export async function testUnits(paths: readonly string[]): Promise<string[]> {
  const units: string[] = [];
  for (const path of paths) {
    const info = await Deno.stat(path).catch(() => undefined);
    const entries = info?.isDirectory ? await Array.fromAsync(Deno.readDir(path)) : [];
    const folders = entries.filter(({ isDirectory }) => isDirectory).map(({ name }) => name);
    const whole = folders.length === 0 || entries.some(({ name }) => TEST_FILE.test(name));
    units.push(...whole ? [path] : folders.sort().map((name) => join(path, name)));
  }
  return units;
}
