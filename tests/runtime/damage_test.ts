/** Native TensorFlow that is damaged in the cache: found before it is loaded, and made again by `deno task setup`. */
import { assert, assertEquals } from "@std/assert";
import { dirname, join } from "@std/path";
import { cacheFolder, crc32OfFile, isInstalled, isObject } from "../../lib/runtime/mod.ts";
import { elfFault } from "../../lib/runtime/elf.ts";
import { run } from "./process.ts";

const native = await isInstalled("cpu");

/** Where the libraries and the binding of the processor's TensorFlow are, from the cache's folder. */
function placesOf(cache: string): { libraries: string; binding: string } {
  const only = (folder: string, start: string): string =>
    [...Deno.readDirSync(join(cache, folder))]
      .map(({ name }) => name).find((name) => name.startsWith(start) && !name.endsWith(".lock"))!;
  return {
    libraries: join("wheels", only("wheels", "tensorflow_cpu-"), "tensorflow"),
    binding: join("native", only("native", "tensorflow-2.21.0-cpu-"), "tfjs_binding.node"),
  };
}

/** A cache with a copy of the binding, and links to the libraries; a path inside it for each part. */
async function withCache(
  work: (cache: string, places: { libraries: string; binding: string }) => Promise<void>,
): Promise<void> {
  const cache = await Deno.makeTempDir();
  try {
    const { libraries, binding } = placesOf(cacheFolder());
    await Deno.mkdir(join(cache, libraries), { recursive: true });
    await Deno.mkdir(dirname(join(cache, binding)), { recursive: true });
    for (const { name } of Deno.readDirSync(join(cacheFolder(), libraries))) {
      await Deno.symlink(join(cacheFolder(), libraries, name), join(cache, libraries, name));
    }
    await Deno.copyFile(join(cacheFolder(), binding), join(cache, binding));
    await work(cache, { libraries: join(cache, libraries), binding: join(cache, binding) });
  } finally {
    await Deno.remove(cache, { recursive: true });
  }
}

/** The first bytes of a file in the place of the whole. */
async function cut(path: string, bytes: number): Promise<void> {
  const from = await Deno.realPath(path);
  const start = new Uint8Array(bytes);
  using file = await Deno.open(from);
  assertEquals(await file.read(start), bytes);
  await Deno.remove(path);
  await Deno.writeFile(path, start);
}

Deno.test({
  name: "a library that is cut short anywhere is told by its tables",
  ignore: !native,
  fn: () =>
    withCache(async (_, { libraries, binding }) => {
      for (const path of [binding, join(libraries, "libtensorflow_framework.so.2")]) {
        assertEquals(elfFault(path), undefined);
      }
      const whole = await Deno.readFile(binding);
      for (const share of [0, 1, 63, 64, 1000, whole.length >> 1, whole.length - 1]) {
        await Deno.writeFile(binding, whole.subarray(0, share));
        assert(elfFault(binding) !== undefined, `${share} bytes`);
      }
      await Deno.writeTextFile(binding, "x".repeat(100));
      assertEquals(elfFault(binding), "it is no library");
    }),
});

const start = `import { startBackend } from "./lib/runtime/mod.ts";
  try { const { name, note } = await startBackend(); console.log(name, note ?? ""); }
  catch (error) { console.log(error.constructor.name, error.message); }`;

Deno.test({
  name: "damaged native TensorFlow ends in one line, in no signal and in no other backend",
  ignore: !native,
  fn: () =>
    withCache(async (cache, { libraries, binding }) => {
      const env = { BALANCEDBIO_CACHE: cache, BALANCEDBIO_BACKEND: "" };
      const whole = await Deno.readFile(binding);
      const library = join(libraries, "libtensorflow_cc.so.2");
      const target = await Deno.readLink(library);
      const harms: Record<string, [string, () => Promise<void>, () => Promise<void>]> = {
        "half of the library": [library, () => cut(library, 1 << 20), async () => {
          await Deno.remove(library);
          await Deno.symlink(target, library);
        }],
        "no library": [library, () => Deno.remove(library), () => Deno.symlink(target, library)],
        "half of the binding": [
          binding,
          () => Deno.writeFile(binding, whole.subarray(0, whole.length >> 1)),
          () => Deno.writeFile(binding, whole),
        ],
        "a bit of the binding": [binding, async () => {
          await Deno.writeTextFile(`${binding}.crc32`, `${await crc32OfFile(binding)}\n`);
          const flipped = whole.slice();
          flipped[whole.length >> 1]! ^= 4;
          await Deno.writeFile(binding, flipped);
        }, () => Deno.writeFile(binding, whole)],
      };
      for (const [name, [path, harm, mend]] of Object.entries(harms)) {
        await harm();
        const { code, out, err } = await run(start, [], env);
        assertEquals([code, err], [0, ""], name);
        assert(out.startsWith(`DamagedInstall Expected ${path} as it was installed`), out);
        assert(out.includes("`deno task setup` makes it again"), out);
        await mend();
      }
      assertEquals((await run(start, [], env)).out, "native \n");
    }),
});

Deno.test({
  name: "what is damaged is removed and made again, and nothing else",
  ignore: !native,
  fn: () =>
    withCache(async (cache, { libraries, binding }) => {
      // A compiler that copies, for the real one takes its time.
      const compiler = join(cache, "compiler");
      const kept = join(cache, "kept.node");
      await Deno.copyFile(binding, kept);
      await Deno.writeTextFile(
        compiler,
        `#!/bin/sh\nwhile [ $# -gt 0 ]; do [ "$1" = -o ] && /bin/cp '${kept}' "$2"; shift; done\nexit 0\n`,
        { mode: 0o755 },
      );
      const mend = `import { installNative, removeDamaged } from "./lib/runtime/mod.ts";
        const found = await removeDamaged("cpu");
        await installNative("cpu").catch((error) => console.error(error.message));
        console.log(JSON.stringify(found));`;
      const env = { BALANCEDBIO_CACHE: cache, CXX: compiler, PATH: cache };
      const mended = async (): Promise<{ paths: string[]; err: string }> => {
        const { out, err } = await run(mend, [], env);
        const found = JSON.parse(out) as unknown[];
        return { paths: found.filter(isObject).map(({ path }) => String(path)), err };
      };
      assertEquals(await mended(), { paths: [], err: "" });
      const whole = await Deno.readFile(binding);
      await Deno.writeFile(binding, whole.subarray(0, 5000));
      assertEquals(await mended(), { paths: [binding], err: "" });
      assertEquals(await Deno.readFile(binding), whole);
      assertEquals((await Deno.readTextFile(`${binding}.crc32`)).length, 9);
      assertEquals(await mended(), { paths: [], err: "" });
      const library = join(libraries, "libtensorflow_framework.so.2");
      await cut(library, 1 << 20);
      const { paths, err } = await mended();
      assertEquals(paths, [library]);
      // There is no pip here to fetch it with.
      assert(err.startsWith("Expected Python with pip on the PATH to fetch tensorflow-cpu"), err);
    }),
});
