import { assert, assertEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import { openStore, type Store, UsageError } from "../../lib/runtime/mod.ts";
import { stop } from "./process.ts";

async function withStore(work: (store: Store) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await work(openStore(folder));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const key = { seed: 1, parts: ["a"] };
const write = (text: string) => async (folder: string) => {
  await Deno.mkdir(join(folder, "sub"));
  await Deno.writeTextFile(join(folder, "sub", "x.txt"), text);
};

Deno.test("values are made once for each key", async () => {
  await withStore(async (store) => {
    let made = 0;
    const make = () => Promise.resolve({ n: ++made, gone: undefined });
    const first = await store.json("runs", key, make);
    assertEquals(first.value as unknown, { n: 1 });
    assertEquals(first.cached, false);
    const second = await store.json("runs", { parts: ["a"], seed: 1 }, make);
    assertEquals(second, { ...first, cached: true });
    assertEquals((await store.json("runs", { ...key, seed: 2 }, make)).value.n, 2);
    assertEquals((await store.json("other", key, make)).value.n, 3);
  });
});

Deno.test("files are made once, and scratch goes when they are whole", async () => {
  await withStore(async (store) => {
    let scratchPath = "";
    const first = await store.files("runs", key, async (folder, scratch) => {
      scratchPath = scratch;
      await Deno.writeTextFile(join(scratch, "checkpoint"), "1");
      await write("hello")(folder);
    });
    assertEquals(await Deno.readTextFile(join(first.path, "sub", "x.txt")), "hello");
    await assertRejects(() => Deno.stat(scratchPath), Deno.errors.NotFound);
    const again = await store.files("runs", key, () => Promise.reject(new Error("not called")));
    assertEquals(again, { ...first, cached: true });
  });
});

Deno.test("a failure leaves no entry, but its scratch folder", async () => {
  await withStore(async (store) => {
    const fail = async (folder: string, scratch: string) => {
      await write("half")(folder);
      await Deno.writeTextFile(join(scratch, "checkpoint"), "7");
      throw new TypeError("stopped");
    };
    await assertRejects(() => store.files("runs", key, fail), TypeError, "stopped");
    const { path } = await store.files("runs", key, async (folder, scratch) => {
      assertEquals(await Deno.readTextFile(join(scratch, "checkpoint")), "7");
      assertEquals([...Deno.readDirSync(folder)], []);
      await write("whole")(folder);
    });
    assertEquals(await Deno.readTextFile(join(path, "sub", "x.txt")), "whole");
    await assertRejects(
      () => store.json("runs", key, () => Promise.reject(new TypeError("no"))),
      TypeError,
    );
    assertEquals((await store.json("runs", key, () => Promise.resolve(1))).cached, false);
  });
});

Deno.test("damaged entries are made again", async () => {
  await withStore(async (store) => {
    const { hash } = await store.json("runs", key, () => Promise.resolve({ score: 0.25 }));
    const file = join(store.folder, "runs", hash.slice(0, 2), `${hash}.json`);
    const text = await Deno.readTextFile(file);
    for (const damaged of [text.replace("0.25", "0.75"), text.slice(0, 40), ""]) {
      assert(damaged !== text);
      await Deno.writeTextFile(file, damaged);
      const again = await store.json("runs", key, () => Promise.resolve({ score: 0.25 }));
      assertEquals([again.cached, again.value.score], [false, 0.25]);
    }
    const { path } = await store.files("runs", key, write("good"));
    const inside = join(path, "sub", "x.txt");
    const harms = [
      () => Deno.writeTextFile(inside, "evil"),
      () => Deno.remove(inside),
      () => Deno.writeTextFile(join(path, "extra"), ""),
      () => Deno.remove(join(path, ".entry.json")),
    ];
    for (const harm of harms) {
      await harm();
      assertEquals((await store.files("runs", key, write("good"))).cached, false);
      assertEquals(await Deno.readTextFile(inside), "good");
    }
    assertEquals((await store.files("runs", key, write("good"))).cached, true);
  });
});

Deno.test("two that want the same entry make it once", async () => {
  await withStore(async (store) => {
    let made = 0;
    const make = async (folder: string) => {
      made++;
      await new Promise((done) => setTimeout(done, 30));
      await write("x")(folder);
    };
    const entries = await Promise.all([1, 2, 3].map(() => store.files("runs", key, make)));
    assertEquals(made, 1);
    assertEquals(entries.map((entry) => entry.cached).sort(), [false, true, true]);
  });
});

Deno.test("a run killed in the middle is taken up from its scratch folder", async () => {
  await withStore(async (store) => {
    const code = `import { openStore } from "./lib/runtime/mod.ts";
      await openStore(Deno.args[0]).files("runs", ${
      JSON.stringify(key)
    }, async (folder, scratch) => {
        await Deno.writeTextFile(folder + "/half", "");
        await Deno.writeTextFile(scratch + "/checkpoint", "5");
        console.log("ready");
        await new Promise((done) => setTimeout(done, 60_000));
      });`;
    await stop("SIGKILL", code, [store.folder]);
    const entry = await store.files("runs", key, async (folder, scratch) => {
      assertEquals([...Deno.readDirSync(folder)], []);
      assertEquals(await Deno.readTextFile(join(scratch, "checkpoint")), "5");
      await write("x")(folder);
    });
    assertEquals(entry.cached, false);
  });
});

Deno.test("a kind that is no word is refused", async () => {
  await withStore(async (store) => {
    await assertRejects(
      () => store.json("../up", key, () => Promise.resolve(1)),
      UsageError,
      "to be a word",
    );
  });
});
