import { assert, assertEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import { countedSeconds } from "../../lib/runtime/attempts.ts";
import { sweepGraphFolders } from "../../lib/runtime/graph_folder.ts";
import { removeTemporaries } from "../../lib/runtime/temporaries.ts";
import { checkWritable, openStore, WorkbenchError } from "../../lib/runtime/mod.ts";
import { inTemporaryFolder } from "../model/fixtures.ts";
import { program } from "./process.ts";

const namesIn = (folder: string): string[] =>
  [...Deno.readDirSync(folder)].map(({ name }) => name).sort();

Deno.test("a folder that can be written to is left as it was, and is not made", () =>
  inTemporaryFolder(async (folder) => {
    await Deno.writeTextFile(join(folder, "file"), "");
    await checkWritable(folder);
    await checkWritable(join(folder, "not", "there"));
    assertEquals(namesIn(folder), ["file"]);
  }));

Deno.test("a folder that cannot be written to is one line", () =>
  inTemporaryFolder(async (folder) => {
    const file = join(folder, "file");
    await Deno.writeTextFile(file, "");
    const cases = [file, join(file, "below"), join(folder, "x".repeat(300))];
    // Nobody makes folders there, root neither.
    if (Deno.build.os === "linux") cases.push("/proc/x", "/proc/x/y", "/sys/x");
    for (const path of cases) {
      const { message } = await assertRejects(() => checkWritable(path), WorkbenchError);
      assert(message.startsWith(`Cannot write to ${path}: `) && !message.includes("\n"), message);
    }
  }));

Deno.test("what was being written when a process was killed is swept, and nothing else", () =>
  inTemporaryFolder(async (folder) => {
    const left = (name: string) => `.${name}.${crypto.randomUUID()}.tmp`;
    const [a, b] = [left("a.json"), left("b.json")];
    const others = ["a.json", ".a.json.tmp", "x.tmp", `.${crypto.randomUUID()}.tmp`];
    for (const name of [a, b, ...others]) await Deno.writeTextFile(join(folder, name), "");
    await Deno.mkdir(join(folder, left("folder")));
    await removeTemporaries(folder, "a.json");
    assertEquals(namesIn(folder).length, 6);
    assert(!namesIn(folder).includes(a));
    await removeTemporaries(folder);
    assert(!namesIn(folder).includes(b));
    assertEquals(namesIn(folder).length, 5);
    await removeTemporaries(join(folder, "none"));
  }));

Deno.test("an entry of the store sweeps what kills left of it, not what others write", () =>
  inTemporaryFolder(async (folder) => {
    const { json } = openStore(folder);
    const { hash } = await json("numbers", 1, () => Promise.resolve(1));
    const [mine, other] = [hash, "0123456789abcdef"].map((name) =>
      `.${name}.json.${crypto.randomUUID()}.tmp`
    ) as [string, string];
    const shard = join(folder, "numbers", hash.slice(0, 2));
    await Deno.remove(join(shard, `${hash}.json`));
    for (const name of [mine, other]) await Deno.writeTextFile(join(shard, name), "");
    await json("numbers", 1, () => Promise.resolve(1));
    assertEquals(namesIn(shard), [other, `${hash}.json`]);
  }));

Deno.test("folders of graphs that kills left are swept; one that is used, or may be in the making, stays", () =>
  inTemporaryFolder(async (folder) => {
    const old = new Date(Date.now() - 3_600_000);
    const make = async (name: string, lock: boolean, time?: Date): Promise<string> => {
      const path = join(folder, name);
      await Deno.mkdir(path);
      if (lock) await Deno.writeTextFile(join(path, ".lock"), "");
      if (time) await Deno.utime(path, time, time);
      return path;
    };
    const used = await make("balancedbio-graph-used", true, old);
    await make("balancedbio-graph-left", true, old);
    await make("balancedbio-graph-killed-early", false, old);
    await make("balancedbio-graph-fresh", false);
    await make("balancedbio-other", true, old);
    using lock = await Deno.open(join(used, ".lock"), { write: true });
    await lock.lock(true);
    sweepGraphFolders(folder);
    assertEquals(namesIn(folder), [
      "balancedbio-graph-fresh",
      "balancedbio-graph-used",
      "balancedbio-other",
    ]);
  }));

Deno.test("the seconds of an entry are those of all its attempts, of one that was killed too", () =>
  inTemporaryFolder(async (folder) => {
    const store = openStore(folder);
    let noted = "";
    await assertRejects(() =>
      store.files("runs", 1, (_, scratch) => {
        noted = join(scratch, ".seconds");
        return Promise.reject(new Error("stop"));
      })
    );
    assert(Number(await Deno.readTextFile(noted)) >= 0);
    await Deno.writeTextFile(noted, "1000");
    const { seconds } = await store.files("runs", 1, () => Promise.resolve());
    assert(seconds >= 1000 && seconds < 2000, `${seconds}`);

    const path = join(folder, "seconds");
    const code = `const { countedSeconds } = await import("./lib/runtime/attempts.ts");
      await countedSeconds(Deno.args[0], () => new Promise(() => {}));`;
    const child = program(code, [path]).spawn();
    const closed = [child.stdout.cancel(), child.stderr.cancel()];
    while (!await Deno.stat(path).then(() => true, () => false)) {
      await new Promise((done) => setTimeout(done, 20));
    }
    child.kill("SIGKILL");
    await Promise.all([child.status, ...closed]);
    const before = Number(await Deno.readTextFile(path));
    assert(before > 0);
    assert(await countedSeconds(path, () => Promise.resolve()) >= before);
  }));
