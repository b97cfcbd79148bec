import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { join } from "@std/path";
import {
  hashFiles,
  openRegular,
  readConfigFile,
  readRegular,
  readText,
  sha256OfFile,
  temporaryFolder,
  UsageError,
  withLock,
  WorkbenchError,
  writeFileAtomic,
  writeFileAtomicSync,
} from "../../lib/runtime/mod.ts";
import { run } from "./process.ts";
import { inTemporaryFolder } from "../model/fixtures.ts";
import { onSmallDisk } from "./small_disk.ts";

/** Makes a pipe that nobody writes to. */
async function makePipe(path: string): Promise<void> {
  assert((await new Deno.Command("mkfifo", { args: [path] }).output()).success);
}

const unix = Deno.build.os !== "windows";

Deno.test({
  name: "a pipe, a device, a socket or a folder in the place of a file is refused, not waited for",
  ignore: !unix,
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const at = (name: string) => join(folder, name);
      await makePipe(at("pipe"));
      using _socket = Deno.listen({ transport: "unix", path: at("socket") });
      await Deno.mkdir(at("folder"));
      await Deno.symlink(at("pipe"), at("link"));
      const kinds = [
        ["a pipe", at("pipe")],
        ["a pipe", at("link")],
        ["a socket", at("socket")],
        ["a folder", at("folder")],
        ["a device", "/dev/zero"],
        ["a device", "/dev/null"],
      ] as const;
      for (const [kind, path] of kinds) {
        const line = `Expected a file but found ${kind} at ${path}`;
        const reads: (() => unknown)[] = [
          () => readText(path),
          () => sha256OfFile(path),
        ];
        for (const read of reads) await assertRejects(async () => await read(), UsageError, line);
        const option = kind === "a folder"
          ? line.replace("Expected", "Expected --config to be")
          : line;
        await assertRejects(() => readConfigFile(path), UsageError, option);
        assertThrows(() => readRegular(path), UsageError, line);
        assertThrows(() => openRegular(path), UsageError, line);
        if (path.startsWith(folder)) {
          const place = `${kind} is in the place of a file`;
          await assertRejects(() => writeFileAtomic(path, "x"), WorkbenchError, place);
          assertThrows(() => writeFileAtomicSync(path, "x"), WorkbenchError, place);
          await assertRejects(
            () => withLock(path, () => Promise.resolve()),
            WorkbenchError,
            `Cannot use ${path}: ${place}`,
          );
        }
      }
      await assertRejects(() => writeFileAtomic("/dev/null", "x"), WorkbenchError, "a device is");
    }),
});

Deno.test("a file is read whole, also one that tells no size, and a huge one is refused unread", () =>
  inTemporaryFolder(async (folder) => {
    const path = join(folder, "a");
    for (const size of [0, 1, 4096, 4097, 100_000]) {
      const bytes = Uint8Array.from({ length: size }, (_, i) => i % 251);
      await Deno.writeFile(path, bytes);
      assertEquals(readRegular(path), bytes);
    }
    if (Deno.build.os === "linux") {
      assertEquals(
        readRegular("/proc/self/status")!.length > 100,
        true,
        "files of the system tell a size of 0",
      );
    }
    await Deno.truncate(path, 2 ** 28 + 1);
    await assertRejects(
      () => readText(path),
      UsageError,
      `Expected a file of at most 256 MiB but found 257 MiB at ${path}`,
    );
    assertEquals(await readText(join(folder, "none")), undefined);
    assertEquals(await readText(join(path, "below")), undefined);
  }));

Deno.test({
  name: "folders are hashed with what links stand for, without going round in circles",
  ignore: !unix,
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const [plain, linked] = [join(folder, "plain"), join(folder, "linked")];
      await Deno.mkdir(join(plain, "sub"), { recursive: true });
      await Deno.mkdir(linked);
      await Deno.writeTextFile(join(plain, "sub", "a"), "1");
      await Deno.writeTextFile(join(plain, "b"), "2");
      await Deno.symlink(join(plain, "sub"), join(linked, "sub"));
      await Deno.symlink(join(plain, "b"), join(linked, "b"));
      const hash = await hashFiles(plain);
      assertEquals(await hashFiles(linked), hash);
      await Deno.symlink(plain, join(plain, "sub", "round"));
      await Deno.symlink("nowhere", join(plain, "broken"));
      assertEquals(await hashFiles(plain), hash);
      await makePipe(join(plain, "pipe"));
      assertEquals(await hashFiles(plain, (name) => name !== "pipe"), hash);
      await assertRejects(() => hashFiles(plain), UsageError, "found a pipe");
    }),
});

Deno.test({
  name: "a write replaces a link and follows none, and keeps the permissions of a file",
  ignore: !unix,
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const [path, other] = [join(folder, "a"), join(folder, "other")];
      const writes = {
        async: writeFileAtomic,
        sync: (path: string, text: string) =>
          Promise.resolve().then(() => writeFileAtomicSync(path, text)),
      };
      for (const [name, write] of Object.entries(writes)) {
        await Deno.writeTextFile(other, "other");
        await Deno.symlink(other, path);
        // The name that a fixed one would be: nobody writes through it.
        await Deno.symlink(other, `${path}.tmp`);
        await write(path, "new");
        assertEquals(await Deno.readTextFile(other), "other", name);
        assertEquals([(await Deno.lstat(path)).isSymlink, await Deno.readTextFile(path)], [
          false,
          "new",
        ]);
        for (const mode of [0o600, 0o640, 0o755]) {
          await Deno.chmod(path, mode);
          await write(path, "again");
          assertEquals((await Deno.stat(path)).mode! & 0o777, mode, name);
        }
        assertEquals([...Deno.readDirSync(folder)].length, 3);
        await Deno.remove(path);
        await Deno.remove(`${path}.tmp`);
      }
    }),
});

Deno.test("a folder that cannot be made is one line", {
  ignore: Deno.build.os !== "linux",
}, async () => {
  for (const path of ["/proc/x/y", "/proc/self/x"]) {
    const error = await assertRejects(() => writeFileAtomic(path, "x"), WorkbenchError);
    assert(error.message.startsWith(`Cannot write ${path}: `), error.message);
  }
});

Deno.test("without room for temporary files, one line says where and what to do", async (t) => {
  await inTemporaryFolder(async (folder) => {
    const code = `import { temporaryFolder, temporaryFailure } from "./lib/runtime/mod.ts";
      try {
        const made = temporaryFolder("x-");
        try { Deno.writeFileSync(made + "/a", new Uint8Array(200_000)); }
        catch (error) { throw temporaryFailure(error); }
        finally { Deno.removeSync(made, { recursive: true }); }
      } catch (error) { console.log(error.name, error.message); }`;
    const missing = join(folder, "missing");
    assertEquals(
      (await run(code, [], { TMPDIR: missing })).out,
      `WorkbenchError Cannot write temporary files to ${missing}: there is no such folder; ` +
        "set TMPDIR to a folder with room\n",
    );
    await onSmallDisk(t, folder, async () =>
      assertEquals(
        (await run(code, [], { TMPDIR: folder })).out,
        `WorkbenchError Cannot write temporary files to ${folder}: there is no space left on the disk; ` +
          "set TMPDIR to a folder with room\n",
      ));
  });
  await Deno.remove(temporaryFolder("x-"));
});
