import { assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import {
  canonicalJson,
  hashJson,
  sha256Hex,
  sha256OfFile,
  UsageError,
} from "../../lib/runtime/mod.ts";

Deno.test("SHA-256 as others compute it", async () => {
  const empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
  assertEquals(await sha256Hex(""), empty);
  assertEquals(await sha256Hex(new Uint8Array()), empty);
  assertEquals(await sha256Hex("é"), await sha256Hex(new Uint8Array([0xc3, 0xa9])));
  const path = await Deno.makeTempFile();
  await Deno.writeFile(path, new Uint8Array(3_000_000).fill(7));
  assertEquals(await sha256OfFile(path), await sha256Hex(new Uint8Array(3_000_000).fill(7)));
  await Deno.remove(path);
});

Deno.test("equal values hash alike, others do not", async () => {
  assertEquals(
    canonicalJson({ b: [1, { d: null, c: "x" }], a: undefined }),
    '{"b":[1,{"c":"x","d":null}]}',
  );
  assertEquals((await hashJson({ a: 1 })).length, 16);
  assertNotEquals(await hashJson({ a: 1 }), await hashJson({ a: "1" }));
  assertNotEquals(await hashJson([1, 2]), await hashJson([2, 1]));
});

Deno.test("what JSON cannot hold is refused, not confused", () => {
  for (
    const value of [NaN, Infinity, new Map(), new Float32Array(1), () => 1, undefined, [undefined]]
  ) {
    assertThrows(() => canonicalJson(value), UsageError, "Expected a value that JSON can hold");
  }
});
