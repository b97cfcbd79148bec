import { assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { run } from "../runtime/process.ts";

const makeEnvironment = `
  import { pythonEnvironment } from "./lib/runtime/python.ts";
  try {
    console.log(await pythonEnvironment({ name: "none", requirements: ["nothing==0"] }));
  } catch (error) {
    console.log(error.name + ": " + error.message);
  }
`;

/** Makes a folder whose only program is a false python3, and calls the environment helper with it as PATH. */
async function withPython(script: string): Promise<{ out: string; cache: string[] }> {
  const folder = await Deno.makeTempDir();
  try {
    const cache = join(folder, "cache");
    if (script !== "") {
      await Deno.writeTextFile(join(folder, "python3"), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    }
    const { out } = await run(makeEnvironment, [], { PATH: folder, BALANCEDBIO_CACHE: cache });
    const left = await Array.fromAsync(Deno.readDir(join(cache, "python"))).catch(() => []);
    return { out: out.trim(), cache: left.map(({ name }) => name.replace(/.*\./, "")) };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const ignore = Deno.build.os === "windows";

Deno.test({
  name: "without Python, or with one that is too old, one line says what to install",
  ignore,
  fn: async () => {
    const wanted = "WorkbenchError: Expected Python 3.9 or newer on the PATH but found ";
    const { out } = await withPython("");
    assertEquals(out, `${wanted}none; install Python 3 with pip and venv`);
    const old = await withPython("echo 3.6");
    assertEquals(old.out, `${wanted}Python 3.6; install Python 3 with pip and venv`);
  },
});

Deno.test({
  name: "a Python without venv is told, and nothing half made is left",
  ignore,
  fn: async () => {
    const { out, cache } = await withPython(
      'case "$2" in venv) echo "ensurepip is not available"; exit 1;; *) echo 3.11;; esac',
    );
    assertStringIncludes(out, "Expected python3 to have venv and pip but found it without");
    assertEquals(cache, ["lock"]);
  },
});

Deno.test("the kernel's description names this Deno and takes interrupts as messages", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const { out } = await run(
      `import { describeKernel } from "./experiments/commands/notebooks/execute.ts";
       console.log(await describeKernel());`,
      [],
      { BALANCEDBIO_CACHE: folder },
    );
    const file = join(out.trim(), "kernels", "deno", "kernel.json");
    const kernel = JSON.parse(await Deno.readTextFile(file));
    assertEquals(kernel.argv[0], Deno.execPath());
    assertEquals(kernel.interrupt_mode, "message");
    assertEquals(file.startsWith(folder), true);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
