import { assert, assertEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import { strToU8, zipSync } from "fflate";
import {
  fetchWheel,
  findPip,
  sha256OfFile,
  type Wheel,
  wheelFolder,
  WorkbenchError,
} from "../../lib/runtime/mod.ts";
import { unzipMembers } from "../../lib/runtime/unzip.ts";

const pip = await findPip();
const big = new Uint8Array(3_000_000).map((_, i) => (i * 31) % 251);

/** The bytes of a small wheel with a big file in it. */
function wheelBytes(): Uint8Array {
  return zipSync({
    "bb_demo/data.bin": big,
    "bb_demo/deep/a.txt": [strToU8("A"), { level: 0 }],
    "bb_demo/other.py": strToU8("print()"),
    "bb_demo-1.0.dist-info/METADATA": strToU8(
      "Metadata-Version: 2.1\nName: bb-demo\nVersion: 1.0\n",
    ),
    "bb_demo-1.0.dist-info/WHEEL": strToU8(
      "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    ),
    "bb_demo-1.0.dist-info/RECORD": strToU8(""),
  });
}

/** Runs work with an own cache and with pip looking into a folder that holds a wheel, without network. */
async function withIndex(
  work: (folder: string) => Promise<void>,
  bytes = wheelBytes(),
): Promise<void> {
  const folder = await Deno.makeTempDir();
  const variables: Record<string, string> = {
    BALANCEDBIO_CACHE: join(folder, "cache"),
    PIP_NO_INDEX: "1",
    PIP_INDEX_URL: "http://127.0.0.1:9/simple",
    PIP_FIND_LINKS: join(folder, "index"),
  };
  const old = Object.keys(variables).map((name) => [name, Deno.env.get(name)] as const);
  try {
    await Deno.mkdir(join(folder, "index"));
    await Deno.writeFile(join(folder, "index", "bb_demo-1.0-py3-none-any.whl"), bytes);
    for (const [name, value] of Object.entries(variables)) Deno.env.set(name, value);
    await work(folder);
  } finally {
    for (const [name, value] of old) {
      value === undefined ? Deno.env.delete(name) : Deno.env.set(name, value);
    }
    await Deno.remove(folder, { recursive: true });
  }
}

const demo: Wheel = { name: "bb-demo", version: "1.0", members: /^bb_demo\/.*\.(bin|txt)$/ };

/** What the cache's folder of wheels holds besides locks. */
function kept(folder: string): string[] {
  const names = [...Deno.readDirSync(join(folder, "cache", "wheels"))].map((entry) => entry.name);
  return names.filter((name) => !name.endsWith(".lock"));
}

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name: pip ? name : `${name} (skipped: no pip)`, ignore: !pip, fn });
}

test("several first runs at once unpack the matching members once, over what a killed run left", async () => {
  await withIndex(async (root) => {
    const sha256 = await sha256OfFile(join(root, "index", "bb_demo-1.0-py3-none-any.whl"));
    const wheel = { ...demo, sha256 };
    await Deno.mkdir(join(`${await wheelFolder(wheel)}.new`, "unpacked", "bb_demo"), {
      recursive: true,
    });
    const notes = new Set<string | undefined>();
    const folders = await Promise.all(
      [1, 2, 3].map(() => fetchWheel(wheel, (_done, _total, note) => notes.add(note))),
    );
    const folder = folders[0]!;
    assertEquals(folders, [folder, folder, folder]);
    assertEquals(await Deno.readFile(join(folder, "bb_demo", "data.bin")), big);
    assertEquals(await Deno.readTextFile(join(folder, "bb_demo", "deep", "a.txt")), "A");
    await assertRejects(() => Deno.stat(join(folder, "bb_demo", "other.py")), Deno.errors.NotFound);
    assert(notes.has("unpacking bb-demo 1.0"));
    await Deno.remove(join(root, "index"), { recursive: true });
    assertEquals(await fetchWheel(wheel), folder);
    assertEquals(kept(root).length, 1);
  });
});

test("a wrong hash is one line and leaves nothing", async () => {
  await withIndex(async (root) => {
    const error = await assertRejects(() => fetchWheel({ ...demo, sha256: "00" }), WorkbenchError);
    assert(
      /^Expected the wheel of bb-demo 1.0 to have the SHA-256 00 but found [0-9a-f]{64}/.test(
        error.message,
      ),
    );
    assertEquals(kept(root), []);
  });
});

test("a wheel that breaks off, that does not exist or holds nothing wanted is one line", async () => {
  await withIndex(async (root) => {
    const broken = await assertRejects(() => fetchWheel(demo), WorkbenchError);
    assert(
      !broken.message.includes("\n") && broken.message.includes("bb-demo 1.0"),
      broken.message,
    );
    assertEquals(kept(root), []);
  }, wheelBytes().slice(0, -200));
  await withIndex(async (root) => {
    await assertRejects(
      () => fetchWheel({ ...demo, version: "2.0" }),
      WorkbenchError,
      "Cannot fetch bb-demo 2.0",
    );
    await assertRejects(
      () => fetchWheel({ ...demo, members: /nothing/ }),
      WorkbenchError,
      "no such member",
    );
    assertEquals(kept(root), []);
  });
});

test("a package index out of reach is one line", async () => {
  await withIndex(async (root) => {
    Deno.env.delete("PIP_NO_INDEX");
    Deno.env.set("PIP_FIND_LINKS", "");
    await assertRejects(
      () => fetchWheel(demo),
      WorkbenchError,
      "Cannot fetch bb-demo 1.0 with pip: the package index cannot be reached",
    );
    assertEquals(kept(root), []);
  });
});

Deno.test("an archive that breaks off or leaves its folder is noticed", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const archive = join(folder, "x.zip");
    await Deno.writeFile(archive, wheelBytes().slice(0, 5000));
    await assertRejects(
      () => unzipMembers(archive, folder, /bin$/, () => {}),
      Error,
      "breaks off inside bb_demo/data.bin",
    );
    await Deno.writeFile(archive, zipSync({ "../up.txt": strToU8("x"), "in.txt": strToU8("y") }));
    assertEquals(await unzipMembers(archive, folder, /txt$/, () => {}), ["in.txt"]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
