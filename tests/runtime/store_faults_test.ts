import { assert, assertEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import { openStore, type Store, storeContents, WorkbenchError } from "../../lib/runtime/mod.ts";
import { program } from "./process.ts";
import { inTemporaryFolder } from "../model/fixtures.ts";
import { onSmallDisk } from "./small_disk.ts";

async function withStore(work: (store: Store) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await work(openStore(folder));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const one = { seed: 1 };
const two = { seed: 2 };
const value = (n: number) => () => Promise.resolve({ n });
const file = (text: string) => (folder: string) => Deno.writeTextFile(join(folder, "x"), text);
const fails = () => Promise.reject(new Error("not called"));

Deno.test("an entry that was put under the name of another is not taken for it", async () => {
  await withStore(async (store) => {
    const path = (hash: string) => join(store.folder, "runs", hash.slice(0, 2), hash);
    const a = await store.json("runs", one, value(1));
    const b = await store.json("runs", two, value(2));
    await Deno.copyFile(`${path(a.hash)}.json`, `${path(b.hash)}.json`);
    assertEquals((await store.json("runs", two, value(2))).value, { n: 2 });
    const first = await store.files("runs", one, file("1"));
    const second = await store.files("runs", two, file("2"));
    await Deno.remove(second.path, { recursive: true });
    await Deno.rename(first.path, second.path);
    const again = await store.files("runs", two, file("2"));
    assertEquals([again.cached, await Deno.readTextFile(join(again.path, "x"))], [false, "2"]);
  });
});

Deno.test("whatever stands in the place of an entry, it is made again or told in one line", async () => {
  await withStore(async (store) => {
    const { hash } = await store.json("runs", one, value(1));
    const path = join(store.folder, "runs", hash.slice(0, 2), `${hash}.json`);
    const whole = JSON.parse(await Deno.readTextFile(path));
    const odd = ["null", "7", "[]", "{}", '{"sha256":"x"}', "\xff", "{\u0000", "\ufeff"];
    for (const key of Object.keys(whole)) {
      const { [key]: _, ...rest } = whole;
      odd.push(JSON.stringify(rest), JSON.stringify({ ...whole, [key]: null }));
    }
    for (const text of odd) {
      await Deno.writeFile(path, Uint8Array.from(text, (c) => c.charCodeAt(0)));
      const again = await store.json("runs", one, value(1));
      assertEquals([again.cached, again.value], [false, { n: 1 }], text);
    }
    await Deno.remove(path);
    await Deno.mkdir(path);
    await assertRejects(
      () => store.json("runs", one, value(1)),
      WorkbenchError,
      "a folder is in the place of a file",
    );
    const entry = await store.files("runs", one, file("1"));
    const harms: Record<string, () => Promise<void>> = {
      "a link to a folder": () => Deno.symlink(store.folder, join(entry.path, "link")),
      "a link to nothing": () => Deno.symlink("nowhere", join(entry.path, "link")),
      "a link in a file's place": async () => {
        await Deno.rename(join(entry.path, "x"), join(store.folder, "y"));
        await Deno.symlink(join(store.folder, "y"), join(entry.path, "x"));
      },
      "a description of nothing": () => Deno.writeTextFile(join(entry.path, ".entry.json"), "null"),
      "a file in its place": async () => {
        await Deno.remove(entry.path, { recursive: true });
        await Deno.writeTextFile(entry.path, "");
      },
    };
    for (const [name, harm] of Object.entries(harms)) {
      await harm();
      assertEquals((await store.files("runs", one, file("1"))).cached, false, name);
      assertEquals((await store.files("runs", one, fails)).cached, true, name);
    }
  });
});

Deno.test("times of files do not count, as when a clock jumps", async () => {
  await withStore(async (store) => {
    const { path } = await store.files("runs", one, file("1"));
    for (const time of [0, 4e9]) {
      for (const name of ["x", ".entry.json", "."]) {
        await Deno.utime(join(path, name), time, time);
      }
      assertEquals((await store.files("runs", one, fails)).cached, true);
    }
  });
});

Deno.test("two processes make an entry once, and the one that waits says for what", async () => {
  await withStore(async (store) => {
    const code = `import { openStore } from "./lib/runtime/mod.ts";
      const [folder, name] = Deno.args;
      const store = openStore(folder, { onWait: (kind) => console.log("waits for", kind) });
      const entry = await store.files("runs", { seed: 1 }, async (made) => {
        console.log("makes");
        while (!await Deno.stat(folder + "/go").catch(() => false)) {
          await new Promise((done) => setTimeout(done, 20));
        }
        await Deno.writeTextFile(made + "/x", name);
      });
      console.log(entry.cached, await Deno.readTextFile(entry.path + "/x"));`;
    const first = program(code, [store.folder, "first"]).spawn();
    const reader = first.stdout.pipeThrough(new TextDecoderStream()).getReader();
    assertEquals((await reader.read()).value, "makes\n");
    const second = program(code, [store.folder, "second"]).spawn();
    const other = second.stdout.pipeThrough(new TextDecoderStream()).getReader();
    assertEquals((await other.read()).value, "waits for runs\n");
    await Deno.writeTextFile(join(store.folder, "go"), "");
    assertEquals((await reader.read()).value, "false first\n");
    let rest = "";
    for (let next = await other.read(); !next.done; next = await other.read()) rest += next.value;
    assert(rest.endsWith("true first\n"), rest);
    await Promise.all([reader.cancel(), first.stderr.cancel(), second.stderr.cancel()]);
    await Promise.all([first.status, second.status]);
  });
});

Deno.test("a full disk is one line and leaves nothing; a read-only one gives what it has", (t) =>
  inTemporaryFolder((folder) =>
    onSmallDisk(t, folder, async () => {
      const store = openStore(folder);
      const large = () => Promise.resolve("x".repeat(200_000));
      const kept = await store.json("runs", one, value(1));
      await assertRejects(() => store.json("runs", two, large), WorkbenchError, "no space left");
      const fill = async (made: string) => {
        await Deno.writeFile(join(made, "x"), new Uint8Array(200_000));
      };
      const failed = await assertRejects(() => store.files("runs", two, fill), WorkbenchError);
      assert(/^Cannot make runs.\w\w.\w+ in .*: there is no space left/.test(failed.message));
      const left = (await storeContents(folder)).filter(({ what }) => what !== "scratch");
      assertEquals(left.map(({ hash }) => hash), [kept.hash]);
      await new Deno.Command("mount", { args: ["-o", "remount,ro", folder] }).output();
      assertEquals((await store.json("runs", one, fails)).cached, true);
      await assertRejects(
        () => store.json("runs", { seed: 3 }, value(3)),
        WorkbenchError,
        "the file system is read-only",
      );
    })
  ));
