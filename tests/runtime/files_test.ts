import { assert, assertEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import {
  fileFailure,
  isFile,
  isFolder,
  withLock,
  WorkbenchError,
  writeFileAtomic,
} from "../../lib/runtime/mod.ts";
import { inTemporaryFolder } from "../model/fixtures.ts";
import { onSmallDisk } from "./small_disk.ts";

const names = (folder: string) => [...Deno.readDirSync(folder)].map((entry) => entry.name).sort();

Deno.test("a path holds a file, a folder or nothing", async () => {
  await inTemporaryFolder(async (folder) => {
    const path = join(folder, "a.txt");
    await writeFileAtomic(path, "a");
    const both = async (at: string) => [await isFile(at), await isFolder(at)];
    assertEquals(await both(path), [true, false]);
    assertEquals(await both(folder), [false, true]);
    assertEquals(await both(join(folder, "b")), [false, false]);
    assertEquals(await both(join(path, "below")), [false, false]);
  });
});

Deno.test("text and bytes are written whole, folders are made, old files replaced", async () => {
  await inTemporaryFolder(async (folder) => {
    const path = join(folder, "a", "b.txt");
    await writeFileAtomic(path, "é");
    await writeFileAtomic(path, new Uint8Array([65]));
    assertEquals(await Deno.readTextFile(path), "A");
    assertEquals(names(join(folder, "a")), ["b.txt"]);
  });
});

Deno.test("a failure keeps the old state and removes the temporary file", async () => {
  await inTemporaryFolder(async (folder) => {
    const path = join(folder, "taken");
    await Deno.mkdir(join(path, "child"), { recursive: true });
    await assertRejects(
      () => writeFileAtomic(path, "x"),
      WorkbenchError,
      "a folder is in the place of a file",
    );
    assertEquals(names(folder), ["taken"]);
    await Deno.writeTextFile(join(folder, "file"), "");
    await assertRejects(
      () => writeFileAtomic(join(folder, "file", "x"), "x"),
      WorkbenchError,
      "a file is in the place of a folder",
    );
  });
});

Deno.test("a full disk is one line, the old file stays, nothing is left over", (t) =>
  inTemporaryFolder((folder) =>
    onSmallDisk(t, folder, async () => {
      const path = join(folder, "results.json");
      await writeFileAtomic(path, "old");
      await assertRejects(
        () => writeFileAtomic(path, new Uint8Array(200_000)),
        WorkbenchError,
        `Cannot write ${path}: there is no space left on the disk`,
      );
      assertEquals(await Deno.readTextFile(path), "old");
      assertEquals(names(folder), ["results.json"]);
    })
  ));

Deno.test({
  name: "the system's full device gives the same line",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    const error = await Deno.writeFile("/dev/full", new Uint8Array(9)).catch((e) => e);
    const failure = fileFailure(error, "write x");
    assert(failure instanceof WorkbenchError);
    assertEquals(failure.message, "Cannot write x: there is no space left on the disk");
    assertEquals(fileFailure("odd", "write x"), "odd");
  },
});

Deno.test("a lock lets one at a time through, and errors free it", async () => {
  await inTemporaryFolder(async (folder) => {
    const lock = join(folder, "sub", "x.lock");
    let inside = 0;
    let most = 0;
    await Promise.all([1, 2, 3].map(() =>
      withLock(lock, async () => {
        most = Math.max(most, ++inside);
        await new Promise((done) => setTimeout(done, 20));
        inside--;
      })
    ));
    assertEquals(most, 1);
    await assertRejects(
      () => withLock(lock, () => Promise.reject(new TypeError("inner"))),
      TypeError,
      "inner",
    );
    assertEquals(await withLock(lock, () => Promise.resolve(7)), 7);
  });
});
