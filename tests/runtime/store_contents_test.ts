import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { dirname, join } from "@std/path";
import {
  damagedEntries,
  openStore,
  removeStored,
  storeContents,
  type StoredThing,
} from "../../lib/runtime/mod.ts";
import { command } from "../experiments/commands.ts";

const named = (things: readonly StoredThing[]) =>
  things.map(({ kind, what }) => `${kind} ${what}`).sort();

/** A store with two entries, what a killed process left, and a stopped training. */
async function withStore(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    const store = openStore(folder);
    await store.json("numbers", { seed: 1 }, () => Promise.resolve([1, 2, 3]));
    await store.files("runs", { seed: 1 }, (made) => Deno.writeTextFile(join(made, "x"), "data"));
    const scratch = join(folder, "runs", "fe", ".fedcba9876543210.0.scratch");
    await Deno.mkdir(join(folder, "runs", "01", ".0123456789abcdef.0.new"), { recursive: true });
    await Deno.mkdir(scratch, { recursive: true });
    await Deno.writeTextFile(join(scratch, "step"), "12");
    await Deno.writeTextFile(join(folder, "numbers", "notes.txt"), "of a person");
    await Deno.writeTextFile(join(folder, "runs", "01", "notes.txt"), "of a person");
    await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("a store is listed: entries, checkpoints, rests; what is none of these is let alone", () =>
  withStore(async (folder) => {
    const things = await storeContents(folder);
    assertEquals(named(things), ["numbers entry", "runs entry", "runs rest", "runs scratch"]);
    const scratch = things.find(({ what }) => what === "scratch")!;
    assertEquals(scratch.bytes, 2);
    assertEquals(await storeContents(join(folder, "none")), []);
  }));

Deno.test("damaged entries are found", () =>
  withStore(async (folder) => {
    const things = await storeContents(folder);
    const counts: number[] = [];
    assertEquals(await damagedEntries(folder, things, (done) => counts.push(done)), []);
    assertEquals(counts, [1, 2]);
    const [numbers, runs] = things.filter(({ what }) => what === "entry") as [
      StoredThing,
      StoredThing,
    ];
    const text = await Deno.readTextFile(numbers.path);
    await Deno.writeTextFile(numbers.path, text.replace(/3(?=\s*\])/, "4"));
    await Deno.writeTextFile(join(runs.path, "x"), "date");
    assertEquals(await damagedEntries(folder, things, () => {}), [numbers, runs]);
  }));

Deno.test("what a process is making is not removed", () =>
  withStore(async (folder) => {
    const rest = (await storeContents(folder)).filter(({ what }) => what === "rest");
    const lock = join(folder, ".locks", "01", `runs-${rest[0]!.hash}`);
    await Deno.mkdir(dirname(lock), { recursive: true });
    {
      using file = await Deno.open(lock, { write: true, create: true });
      await file.lock(true);
      assertEquals(await removeStored(folder, rest), []);
    }
    const lease = `${lock}.0.lease`;
    await Deno.writeTextFile(lease, JSON.stringify({ machine: "another", beat: 1 }));
    assertEquals(await removeStored(folder, rest), []);
    const yesterday = Date.now() / 1000 - 2 * 86_400;
    await Deno.utime(lease, yesterday, yesterday);
    assertEquals(await removeStored(folder, rest), rest);
    assertEquals(named(await storeContents(folder)), [
      "numbers entry",
      "runs entry",
      "runs scratch",
    ]);
  }));

Deno.test("deno task store: du, verify, gc", () =>
  withStore(async (folder) => {
    const store = (...args: string[]) => command("store", ...args, "--store", folder);
    assertStringIncludes((await store("du")).out, "runs");
    assertStringIncludes((await store("verify")).out, "Every entry is whole.");
    assertStringIncludes((await store("gc")).out, "1 removed");
    assertStringIncludes((await store("gc", "--unfinished")).out, "1 removed");
    assertEquals(named(await storeContents(folder)), ["numbers entry", "runs entry"]);
    assertStringIncludes((await store("gc", "--older-than", "1")).out, "0 removed");
    const [numbers] = await storeContents(folder);
    await Deno.writeTextFile(numbers!.path, "{}");
    const damaged = await store("verify");
    assertEquals(damaged.code, 1);
    assertStringIncludes(damaged.err, "found 1 damaged");
    assertStringIncludes(
      (await store("gc", "--older-than", "0", "--kind", "runs")).out,
      "1 removed",
    );
    assertEquals(named(await storeContents(folder)), ["numbers entry"]);
    const none = await command("store", "ls", "--store", join(folder, "none"));
    assert(none.code === 2 && none.err.includes("Expected a store"), none.err);
  }));
