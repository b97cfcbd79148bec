import { assert, assertEquals, assertThrows } from "@std/assert";
import { join } from "@std/path";
import { WorkbenchError } from "../../lib/runtime/mod.ts";
import { crc32c, openEventFile, scalarEvent, tfRecord } from "../../lib/training/mod.ts";
import { inTemporaryFolder } from "../model/fixtures.ts";

const hex = (bytes: Uint8Array) => bytes.toHex();

/** Data of the frames of a file; fails where a checksum is not that of its bytes. */
function frames(file: Uint8Array): Uint8Array[] {
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  const found: Uint8Array[] = [];
  for (let at = 0; at < file.length;) {
    const length = Number(view.getBigUint64(at, true));
    const data = file.subarray(at + 12, at + 12 + length);
    assertEquals(hex(file.subarray(at, at + 16 + length)), hex(tfRecord(data)));
    found.push(data);
    at += 16 + length;
  }
  return found;
}

Deno.test("a frame and an event have the bytes that TensorBoard 2.21 writes", () => {
  const event = scalarEvent(1.5, 300, { "train/loss": 0.25, x: -3 });
  assertEquals(
    hex(event),
    "09000000000000f83f10ac022a1d0a110a0a747261696e2f6c6f7373150000803e0a080a017815000040c0",
  );
  assertEquals(
    hex(tfRecord(event)),
    `2b00000000000000861bc34b${hex(event)}fc5007a9`,
  );
});

Deno.test("numbers that are not finite in single precision, long tags and late steps are written", () => {
  const tag = "é".repeat(100);
  const bytes = scalarEvent(0, 2 ** 40, { [tag]: 1e300, b: -1e300, c: NaN });
  const first = `0ac801${hex(new TextEncoder().encode(tag))}150000807f`;
  const others = "0a080a016215000080ff" + "0a080a0163150000c07f";
  assertEquals(
    hex(bytes),
    `090000000000000000108080808080202ae7010ad001${first}${others}`,
  );
});

Deno.test("CRC-32C of the examples in RFC 3720", () => {
  assertEquals(crc32c(new Uint8Array(32)), 0x8a9136aa);
  assertEquals(crc32c(new Uint8Array(32).fill(255)), 0x62a8ab43);
  assertEquals(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i)), 0x46dd794e);
});

Deno.test("a file begins with its version and the step from which it replaces earlier ones", () =>
  inTemporaryFolder((folder) => {
    const file = openEventFile(join(folder, "runs", "a"), 7, () => 2);
    file.scalars(7, { loss: 0.5 });
    const before = frames(Deno.readFileSync(file.path));
    file.scalars(8, { loss: NaN });
    file.close();
    assertEquals(before.length, 3, "written at once");
    const [version, start, first, second] = frames(Deno.readFileSync(file.path)).map(hex);
    const wall = "090000000000000040";
    assertEquals(version, `${wall}1a0d${hex(new TextEncoder().encode("brain.Event:2"))}`);
    assertEquals(start, `${wall}10073a020801`);
    assertEquals(first, hex(scalarEvent(2, 7, { loss: 0.5 })));
    assert(second!.endsWith("0000c07f"), "NaN stays NaN");
    return Promise.resolve();
  }));

Deno.test("a file in the place of the folder is told in one line", () =>
  inTemporaryFolder(async (folder) => {
    const path = join(folder, "file");
    await Deno.writeTextFile(path, "");
    assertThrows(
      () => openEventFile(path, 1),
      WorkbenchError,
      "a file is in the place of a folder",
    );
  }));
