import { assert, assertEquals, assertThrows } from "@std/assert";
import { join } from "@std/path";
import {
  asFloatTensor,
  encodeSafetensors,
  readSafetensors,
  writeSafetensors,
} from "../../lib/model/formats/safetensors.ts";
import type { StoredTensor } from "../../lib/model/formats/stored_tensor.ts";
import { WorkbenchError } from "../../lib/runtime/mod.ts";
import { inTemporaryFolder, parityPath } from "./fixtures.ts";

function file(
  header: string | Record<string, unknown>,
  data: ArrayLike<number>,
): Uint8Array {
  const json = new TextEncoder().encode(
    typeof header === "string" ? header : JSON.stringify(header),
  );
  const bytes = new Uint8Array(8 + json.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  bytes.set(data, 8 + json.length);
  return bytes;
}

const one = (
  dtype: string,
  shape: number[],
  data: number[],
): StoredTensor["data"] =>
  readSafetensors(
    file({ x: { dtype, shape, data_offsets: [0, data.length] } }, data),
  ).get("x")!.data;

Deno.test("safetensors: every type, at any alignment", () => {
  assertEquals(one("F32", [1], [0, 0, 0x80, 0x3f]), Float32Array.of(1));
  assertEquals(one("BF16", [2], [0x80, 0x3f, 0, 0xc0]), Float32Array.of(1, -2));
  assertEquals(one("F16", [1], [0, 0x3c]), Float32Array.of(1));
  assertEquals(
    one("I64", [1], [254, 255, 255, 255, 255, 255, 255, 255]),
    Int32Array.of(-2),
  );
  assertEquals(one("BOOL", [2], [0, 1]), Int32Array.of(0, 1));
  for (let pad = 0; pad < 8; pad++) {
    const header = JSON.stringify({
      x: { dtype: "F32", shape: [1], data_offsets: [0, 4] },
    }) + " ".repeat(pad);
    assertEquals(
      readSafetensors(file(header, [0, 0, 0x80, 0x3f])).get("x")!.data,
      Float32Array.of(1),
    );
  }
});

Deno.test("safetensors: what is written comes back, through a file too", async () => {
  const tensors = new Map([
    ["b", { shape: [2, 3], data: Float32Array.of(1, -0, NaN, 4, 5, 1e-40) }],
    ["a", { shape: [], data: Float32Array.of(7) }],
    ["empty", { shape: [0, 4], data: new Float32Array(0) }],
  ]);
  await inTemporaryFolder(async (folder) => {
    const path = join(folder, "x.safetensors");
    await writeSafetensors(path, tensors);
    for (
      const read of [
        readSafetensors(path),
        readSafetensors(encodeSafetensors(tensors)),
      ]
    ) {
      assertEquals(
        [...read].map(([name, { shape, data }]) => [name, shape, [...data]]),
        [
          ...[...tensors].map((
            [name, { shape, data }],
          ) => [name, shape, [...data]]),
        ],
      );
    }
    assertThrows(
      () => readSafetensors(join(folder, "none")),
      WorkbenchError,
      "NotFound",
    );
    assertThrows(() => readSafetensors(folder), WorkbenchError);
  });
  assertThrows(
    () =>
      encodeSafetensors(
        new Map([["x", { shape: [3], data: new Float32Array(2) }]]),
      ),
    WorkbenchError,
    "Expected 3 values for x",
  );
});

Deno.test("safetensors: faults are told in one line", () => {
  const x = (begin: number, end: number, shape = [1], dtype = "F32") => ({
    dtype,
    shape,
    data_offsets: [begin, end],
  });
  const fails = (
    header: string | Record<string, unknown>,
    size: number,
    message: string,
  ): void => {
    assertThrows(
      () => readSafetensors(file(header, new Uint8Array(size))),
      WorkbenchError,
      message,
    );
  };
  fails({ x: x(0, 4) }, 3, "cut short");
  fails({ x: x(0, 4) }, 5, "cut short");
  fails({ x: x(0, 8) }, 8, "Expected 4 bytes for x");
  fails({ x: x(4, 0) }, 4, "Expected 4 bytes for x");
  fails({ x: x(0, 4), y: x(0, 4) }, 4, "overlap");
  fails({ x: x(0, 4), y: x(8, 12) }, 12, "holes");
  fails({ x: x(0, 2, [1], "F8") }, 2, "types F32");
  fails({ x: x(0, 4, [-1]) }, 4, "shape");
  const entry = JSON.stringify(x(0, 4));
  fails(`{"x":${entry},"\\u0078":${entry}}`, 4, "x twice");
  fails("[1]", 0, "tensors by name");
  fails("{]", 0, "JSON");
  assertThrows(
    () => readSafetensors(new Uint8Array(3)),
    WorkbenchError,
    "at least 10 bytes",
  );
  assertThrows(
    () => readSafetensors(new Uint8Array(20).fill(255)),
    WorkbenchError,
    "a header of 2 to 12 bytes",
  );
  assertThrows(
    () => one("I64", [1], [0, 0, 0, 0, 1, 0, 0, 0]),
    WorkbenchError,
    "fit in 32 bits",
  );
  const integers = readSafetensors(
    file({ x: x(0, 4, [1], "I32") }, new Uint8Array(4)),
  ).get("x")!;
  assertThrows(
    () => asFloatTensor(integers, "x", "f"),
    WorkbenchError,
    "found I32",
  );
});

Deno.test("safetensors: reads a file that another library wrote", () => {
  const read = readSafetensors(parityPath("seed0", "arrays.safetensors"));
  assert(read.size > 3);
  for (const { shape, data } of read.values()) {
    assertEquals(
      data.length,
      shape.reduce((product, size) => product * size, 1),
    );
  }
});
