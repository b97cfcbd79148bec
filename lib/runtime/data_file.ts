/** The project's own data, which are as `data/SHA256SUMS` lists them. @module */

import { createHash } from "node:crypto";
import { join, relative, resolve } from "@std/path";
import { WorkbenchError } from "./errors.ts";
import { dataFolder } from "./paths.ts";

const LIST = "SHA256SUMS";

let listed: ReadonlyMap<string, string> | undefined;

/** SHA-256 of the data files by their path in the folder; none where there is no list. */
function sums(): ReadonlyMap<string, string> {
  if (listed !== undefined) return listed;
  let text = "";
  try {
    text = Deno.readTextFileSync(join(dataFolder(), LIST));
  } catch {
    // A copy of the project without it.
  }
  const lines = text.split("\n").map((line) => /^([0-9a-f]{64}) [ *](.+)$/.exec(line));
  return listed = new Map(lines.flatMap((line) => line === null ? [] : [[line[2]!, line[1]!]]));
}

/** Path of a file inside the data folder; undefined for others, and where the present folder may not be asked for. */
function nameInData(path: string): string | undefined {
  try {
    return relative(dataFolder(), resolve(path)).replaceAll("\\", "/");
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) return undefined;
    throw error;
  }
}

/**
 * Makes sure that what was read of the project's data is what they are; other files are not looked at.
 *
 * @param path the file
 * @param bytes what was read
 * @throws {WorkbenchError} when a file of the project's data is damaged or changed
 */
export function checkDataFile(path: string, bytes: Uint8Array): void {
  const expected = sums().get(nameInData(path) ?? "");
  if (expected === undefined) return;
  const found = createHash("sha256").update(bytes).digest("hex");
  if (found === expected) return;
  throw new WorkbenchError(
    `Expected ${path} to have the SHA-256 ${expected.slice(0, 16)}... of data/${LIST} but found ${
      found.slice(0, 16)
    }...: it is damaged or was changed; \`git checkout data\` brings it back, and --knowledge takes a graph of one's own`,
  );
}
