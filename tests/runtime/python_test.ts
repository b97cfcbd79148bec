import { assert, assertEquals, assertRejects } from "@std/assert";
import { basename, dirname, join } from "@std/path";
import { strToU8, zipSync } from "fflate";
import {
  findEnvironment,
  findPip,
  pythonEnvironment,
  removeQuietly,
  WorkbenchError,
} from "../../lib/runtime/mod.ts";
import { program } from "./process.ts";

const pip = await findPip() !== undefined;
const note = pip ? "" : " (skipped: no pip)";

/** A wheel whose one module says 7. */
const wheel = zipSync({
  "bb_seven.py": strToU8("value = 7\n"),
  "bb_seven-1.0.dist-info/METADATA": strToU8(
    "Metadata-Version: 2.1\nName: bb-seven\nVersion: 1.0\n",
  ),
  "bb_seven-1.0.dist-info/WHEEL": strToU8(
    "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
  ),
  "bb_seven-1.0.dist-info/RECORD": strToU8(""),
});

/** Runs work with a cache of its own and an index that holds nothing but the wheel. */
async function withCache(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  const variables: Record<string, string> = {
    BALANCEDBIO_CACHE: join(folder, "cache"),
    PIP_NO_INDEX: "1",
    PIP_FIND_LINKS: join(folder, "index"),
  };
  const old = Object.keys(variables).map((name) => [name, Deno.env.get(name)] as const);
  try {
    await Deno.mkdir(join(folder, "index"));
    await Deno.writeFile(join(folder, "index", "bb_seven-1.0-py3-none-any.whl"), wheel);
    for (const [name, value] of Object.entries(variables)) Deno.env.set(name, value);
    await work(folder);
  } finally {
    for (const [name, value] of old) {
      value === undefined ? Deno.env.delete(name) : Deno.env.set(name, value);
    }
    await removeQuietly(folder);
  }
}

/** What the cache's folder of environments holds besides locks. */
function kept(folder: string): string[] {
  const names = [...Deno.readDirSync(join(folder, "cache", "python"))].map((entry) => entry.name);
  return names.filter((name) => !name.endsWith(".lock"));
}

const seven = { name: "seven", requirements: ["bb-seven==1.0"] };

Deno.test({
  name: `an environment is made once, by several first runs too, and used again${note}`,
  ignore: !pip,
  fn: () =>
    withCache(async (folder) => {
      const before = await findEnvironment(seven);
      assertEquals(before.python, undefined);
      const notes: string[] = [];
      const told = (_done: number, _total: number, note = "") => void notes.push(note);
      const made = await Promise.all([1, 2].map(() => pythonEnvironment(seven, told)));
      assertEquals(new Set(made).size, 1);
      assertEquals(notes.filter((note) => note.startsWith("making")).length, 1);
      assert(notes.some((note) => note.startsWith("Successfully installed")), notes.join("\n"));
      assertEquals(await findEnvironment(seven), { folder: before.folder, python: made[0]! });
      assertEquals(kept(folder), [basename(before.folder)]);
      notes.length = 0;
      assertEquals(await pythonEnvironment(seven, told), made[0]);
      assertEquals(notes, []);
      const { stdout } = await new Deno.Command(made[0]!, {
        args: ["-c", "import bb_seven; print(bb_seven.value)"],
      }).output();
      assertEquals(new TextDecoder().decode(stdout).trim(), "7");
    }),
});

Deno.test({
  name: `other requirements have another folder, and what pip cannot install leaves none${note}`,
  ignore: !pip,
  fn: () =>
    withCache(async (folder) => {
      const other = { ...seven, requirements: ["bb-seven==2.0"] };
      assert((await findEnvironment(other)).folder !== (await findEnvironment(seven)).folder);
      await assertRejects(
        () => pythonEnvironment(other),
        WorkbenchError,
        "Cannot install bb-seven==2.0 with pip: ",
      );
      assertEquals(kept(folder), []);
      assertEquals((await findEnvironment(other)).python, undefined);
    }),
});

/** A stand-in for Python, whose venv is itself and whose pip says that it works, then hangs or ends. */
const standIn = (ending: string) =>
  `#!/bin/sh
case "$*" in
*"-m venv"*) mkdir -p "$3/bin"; cp "$0" "$3/bin/python";;
*"-m pip"*) echo "Collecting everything"; ${ending};;
*) echo 3.11;;
esac
`;

Deno.test({
  name: "what a killed run has half installed is never used and goes with the next run",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    const folder = await Deno.makeTempDir();
    const path = `${folder}:${Deno.env.get("PATH")}`;
    const old = Deno.env.get("PATH")!;
    const cache = Deno.env.get("BALANCEDBIO_CACHE");
    try {
      Deno.env.set("BALANCEDBIO_CACHE", join(folder, "cache"));
      Deno.env.set("PATH", path);
      const python = join(folder, "python3");
      await Deno.writeTextFile(python, standIn("exec sleep 20"), { mode: 0o755 });
      const child = program(
        `import { pythonEnvironment } from "./lib/runtime/mod.ts";
         await pythonEnvironment(${JSON.stringify(seven)}, (_done, _total, note) => {
           if (note === "Collecting everything") console.log("installing");
         });`,
      ).spawn();
      const reader = child.stdout.getReader();
      assertEquals(new TextDecoder().decode((await reader.read()).value), "installing\n");
      child.kill("SIGKILL");
      await Promise.all([reader.cancel(), child.stderr.cancel(), child.status]);

      const [left] = kept(folder);
      assert(left!.endsWith(".new"), left);
      // The half-made one has a Python that starts, and still it is not taken for an environment.
      assertEquals((await findEnvironment(seven)).python, undefined);
      await Deno.writeTextFile(python, standIn("exit 0"), { mode: 0o755 });
      const made = await pythonEnvironment(seven);
      assertEquals(kept(folder), [basename(dirname(dirname(made)))]);
    } finally {
      Deno.env.set("PATH", old);
      if (cache === undefined) Deno.env.delete("BALANCEDBIO_CACHE");
      else Deno.env.set("BALANCEDBIO_CACHE", cache);
      await removeQuietly(folder);
    }
  },
});
