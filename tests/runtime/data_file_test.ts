import { assertEquals, assertThrows } from "@std/assert";
import { join } from "@std/path";
import { checkDataFile } from "../../lib/runtime/data_file.ts";
import { dataFolder, readRegular, WorkbenchError } from "../../lib/runtime/mod.ts";

Deno.test("each file of the project's data is read as it is listed, and told when it is not", () => {
  const names = Deno.readTextFileSync(join(dataFolder(), "SHA256SUMS")).trimEnd().split("\n")
    .map((line) => line.slice(66));
  assertEquals(names.length > 20, true);
  for (const name of names) {
    const path = join(dataFolder(), name);
    const bytes = readRegular(path)!;
    const flipped = bytes.slice();
    flipped[flipped.length >> 1]! ^= 1;
    for (const damaged of [flipped, bytes.subarray(0, -1), new Uint8Array()]) {
      assertThrows(() => checkDataFile(path, damaged), WorkbenchError, `Expected ${path} to have`);
    }
    // Elsewhere, a file of the same name may hold anything.
    checkDataFile(join("/elsewhere/data", name), flipped);
  }
  checkDataFile(join(dataFolder(), "README.md"), new Uint8Array());
});
