import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import { openStore, withLease } from "../../lib/runtime/mod.ts";
import { inTemporaryFolder } from "../model/fixtures.ts";
import { stop } from "./process.ts";

const BEAT = 20;
const pause = (milliseconds: number) => new Promise((done) => setTimeout(done, milliseconds));
const names = (folder: string) => [...Deno.readDirSync(folder)].map(({ name }) => name).sort();

/** A process of another machine, as this one sees it: a lease that changes until it is told to end. */
function stranger(path: string, turn = 0): { die: () => void; giveBack: () => void } {
  let beats = 0;
  const file = `${path}.${turn}.lease`;
  const write = () => {
    Deno.writeTextFileSync(file, JSON.stringify({ machine: "another", beat: ++beats }));
  };
  write();
  const timer = setInterval(write, BEAT);
  const die = () => clearInterval(timer);
  return {
    die,
    giveBack: () => {
      die();
      Deno.removeSync(file);
    },
  };
}

Deno.test("one at a time holds a lease, and nothing is left of it", () =>
  inTemporaryFolder(async (folder) => {
    const path = join(folder, "sub", "work");
    let inside = 0;
    const turns = await Promise.all(
      [1, 2, 3].map(() =>
        withLease(path, async ({ turn, isHeld }) => {
          assertEquals([++inside, await isHeld()], [1, true]);
          await pause(3 * BEAT);
          assertEquals([inside--, await isHeld()], [1, true]);
          return turn;
        }, { beat: BEAT })
      ),
    );
    assertEquals(turns, [0, 0, 0]);
    assertEquals(names(join(folder, "sub")), ["work"]);
  }));

Deno.test("a process of this machine that was killed leaves its lease to the next at once", () =>
  inTemporaryFolder(async (folder) => {
    const path = join(folder, "work");
    const code = `import { withLease } from "./lib/runtime/mod.ts";
      await withLease(Deno.args[0], async () => {
        console.log("ready");
        await new Promise((done) => setTimeout(done, 60_000));
      });`;
    await stop("SIGKILL", code, [path]);
    assertEquals(names(folder), ["work", "work.0.lease"]);
    // A beat of an hour: whoever waited for missing ones would not come to an end.
    assertEquals(await withLease(path, ({ turn }) => Promise.resolve(turn), { beat: 3.6e6 }), 1);
    assertEquals(names(folder), ["work"]);
  }));

Deno.test("the lease of another machine is waited for while it is renewed", () =>
  inTemporaryFolder(async (folder) => {
    const path = join(folder, "work");
    const other = stranger(path);
    let waits = 0;
    let isBack = false;
    const taken = withLease(path, ({ turn }) => Promise.resolve([turn, isBack]), {
      beat: BEAT,
      onWait: () => waits++,
    });
    await pause(30 * BEAT);
    isBack = true;
    other.giveBack();
    assertEquals(await taken, [0, true]);
    assert(waits > 0);
  }));

Deno.test("where its heart-beats end, it is taken over, and its holder learns that it lost it", () =>
  inTemporaryFolder(async (folder) => {
    const path = join(folder, "work");
    const other = stranger(path);
    const taken = withLease(path, async ({ turn, isHeld }) => {
      assertEquals(names(folder), ["work", "work.1.lease"]);
      const third = stranger(path, 2);
      third.die();
      return [turn, await isHeld()];
    }, { beat: BEAT });
    other.die();
    assertEquals(await taken, [1, false]);
    // What is not its own any more is left to whoever took it.
    assertEquals(names(folder), ["work", "work.1.lease", "work.2.lease"]);
  }));

Deno.test("an entry that was lost while it was made is taken from whoever made it", () =>
  inTemporaryFolder(async (folder) => {
    const store = openStore(folder, { beat: BEAT });
    const key = { seed: 1 };
    const { hash } = await openStore(join(folder, "other")).files(
      "runs",
      key,
      (made) => Deno.writeTextFile(join(made, "x"), "theirs"),
    );
    const lock = join(folder, ".locks", hash.slice(0, 2), `runs-${hash}`);
    const shard = join("runs", hash.slice(0, 2));
    let attempts = 0;
    const entry = await store.files("runs", key, async (made, scratch) => {
      attempts++;
      await Deno.writeTextFile(join(made, "x"), "ours");
      await Deno.writeTextFile(join(scratch, "step"), "7");
      // Taken for dead: another machine takes the work over, scratch and all, and ends it.
      const other = stranger(lock, 1);
      await Deno.rename(scratch, join(folder, shard, `.${hash}.1.scratch`));
      await Deno.rename(join(folder, "other", shard, hash), join(folder, shard, hash));
      await Deno.remove(join(folder, shard, `.${hash}.1.scratch`), { recursive: true });
      other.giveBack();
      await Deno.remove(`${lock}.0.lease`);
    });
    assertEquals([attempts, entry.cached], [1, true]);
    assertEquals(await Deno.readTextFile(join(entry.path, "x")), "theirs");
    assertEquals(names(join(folder, shard)), [hash]);
  }));

Deno.test("checkpoints go on under another name where a machine was lost", () =>
  inTemporaryFolder(async (folder) => {
    const store = openStore(folder, { beat: BEAT });
    let first = "";
    const stopped = store.files("runs", 1, async (_, scratch) => {
      first = scratch;
      await Deno.writeTextFile(join(scratch, "step"), "7");
      throw new TypeError("stopped");
    });
    await stopped.catch(() => {});
    const { hash } = await store.json("numbers", 1, () => Promise.resolve(1));
    const runs = first.match(/\.([0-9a-f]{16})\.0\.scratch$/)![1]!;
    assert(hash !== runs);
    stranger(join(folder, ".locks", runs.slice(0, 2), `runs-${runs}`)).die();
    const { cached } = await store.files("runs", 1, async (made, scratch) => {
      assert(scratch !== first, scratch);
      assertEquals(await Deno.stat(first).catch(() => "gone"), "gone");
      assertEquals(await Deno.readTextFile(join(scratch, "step")), "7");
      await Deno.writeTextFile(join(made, "x"), "");
    });
    assertEquals(cached, false);
    assertEquals(names(join(folder, "runs", runs.slice(0, 2))), [runs]);
  }));
