import { assert, assertEquals } from "@std/assert";
import { endedBy, isInstalled, memoryLimit, outOfMemory } from "../../lib/runtime/mod.ts";
import { run } from "./process.ts";

const machine = 16e9;
const limit = (files: Readonly<Record<string, string>>) =>
  memoryLimit((path) => files[path], machine);

const v2 = {
  "/proc/self/cgroup": "0::/user.slice/job.scope\n",
  "/proc/self/mountinfo": "30 24 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n",
};
const v1 = {
  "/proc/self/cgroup": "9:name=systemd:/\n4:cpu,memory:/jobs/one\n0::/\n",
  "/proc/self/mountinfo": "31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw\n" +
    "35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory\n" +
    "41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n",
};
const group2 = "/sys/fs/cgroup/user.slice";
const group1 = "/sys/fs/cgroup/memory/jobs";

Deno.test("without control groups the machine's memory is the limit", () => {
  assertEquals(limit({}), machine);
  assertEquals(limit(v1), machine);
  assertEquals(limit(v2), machine);
  assertEquals(limit({ "/proc/self/cgroup": "nonsense\n\n7\n" }), machine);
  const own = memoryLimit();
  assert(own > 1e8 && Number.isFinite(own));
});

Deno.test("version 2: the least limit of the group and those around it counts, max is none", () => {
  const own = `${group2}/job.scope/memory.max`;
  assertEquals(limit({ ...v2, [own]: "4294967296\n" }), 4294967296);
  assertEquals(limit({ ...v2, [own]: "max\n" }), machine);
  assertEquals(limit({ ...v2, [own]: "max\n", [`${group2}/memory.max`]: "2000000000\n" }), 2e9);
  const around = { [own]: "4000000000\n", [`${group2}/memory.max`]: "5000000000\n" };
  assertEquals(limit({ ...v2, ...around, "/sys/fs/cgroup/memory.max": "3000000000\n" }), 3e9);
  assertEquals(limit({ ...v2, [own]: "99999999999999\n" }), machine);
  for (const odd of ["", "-1\n", "0\n", "4G\n", "1e9\n"]) {
    assertEquals(limit({ ...v2, [own]: odd }), machine, JSON.stringify(odd));
  }
});

Deno.test("version 1: the hierarchy that has the memory controller counts, nested too", () => {
  const own = `${group1}/one/memory.limit_in_bytes`;
  assertEquals(limit({ ...v1, [own]: "4000000000\n" }), 4e9);
  // What the system writes for no limit.
  assertEquals(limit({ ...v1, [own]: "9223372036854771712\n" }), machine);
  const outer = { [`${group1}/memory.limit_in_bytes`]: "3000000000\n" };
  assertEquals(limit({ ...v1, [own]: "9223372036854771712\n", ...outer }), 3e9);
  // Those of other hierarchies do not.
  assertEquals(limit({ ...v1, "/sys/fs/cgroup/unified/memory.max": "1000000000\n" }), 1e9);
  assertEquals(
    limit({ ...v1, "/sys/fs/cgroup/cpu/jobs/one/memory.limit_in_bytes": "1\n" }),
    machine,
  );
});

Deno.test("in a container the group is seen as the root, whatever its path on the machine", () => {
  const container = {
    "/proc/self/cgroup": "4:memory:/docker/abc\n",
    "/proc/self/mountinfo":
      "35 31 0:32 /docker/abc /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n",
  };
  const path = "/sys/fs/cgroup/memory/memory.limit_in_bytes";
  assertEquals(limit({ ...container, [path]: "2000000000\n" }), 2e9);
  const inside = { ...container, "/proc/self/cgroup": "4:memory:/docker/abc/inner\n" };
  const inner = "/sys/fs/cgroup/memory/inner/memory.limit_in_bytes";
  assertEquals(limit({ ...inside, [inner]: "1000000000\n", [path]: "2000000000\n" }), 1e9);
  const namespaced = { ...v2, "/proc/self/cgroup": "0::/../../other\n" };
  assertEquals(limit({ ...namespaced, "/sys/fs/cgroup/memory.max": "2000000000\n" }), 2e9);
  // Without the list of mounts the usual places are looked at, as without a name of a group with a space.
  assertEquals(limit({ "/proc/self/cgroup": "0::/a\n", "/sys/fs/cgroup/a/memory.max": "7\n" }), 7);
  const spaced = {
    "/proc/self/cgroup": "0::/a b:c\n",
    "/proc/self/mountinfo": "30 24 0:26 / /my\\040groups rw - cgroup2 cgroup2 rw\n",
    "/my groups/a b:c/memory.max": "5\n",
  };
  assertEquals(limit(spaced), 5);
});

Deno.test("what is thrown for want of memory is one line with advice, and other errors are not", () => {
  const errors = [
    "Invalid TF_Status: 8\nMessage: OOM when allocating tensor with shape[9,9] and type float",
    "std::bad_alloc",
    "Array buffer allocation failed",
    "Invalid typed array length: 99999999999",
  ];
  for (const message of errors) {
    const line = outOfMemory(new RangeError(message));
    assert(line !== undefined && line.startsWith("Out of memory ("), message);
    assert(!line.includes("\n"), line);
    assert(line.includes("--gradient-checkpointing"), line);
  }
  for (const other of [new Error("Invalid TF_Status: 3\nMessage: shapes"), "out of memory", null]) {
    assertEquals(outOfMemory(other), undefined);
  }
});

Deno.test({
  name: "a tensor that no memory holds ends a command in one line, on the engine too",
  ignore: !await isInstalled("cpu"),
  fn: async () => {
    const code = `import { z } from "zod";
      import { runCommand, startBackend, tf } from "./lib/runtime/mod.ts";
      await runCommand({ name: "x", summary: "", schema: z.object({}) }, [], async () => {
        await startBackend("native");
        tf.fill([2 ** 20, 2 ** 24], 1);
      });`;
    const { code: ended, out, err } = await run(code);
    assertEquals([ended, out], [1, ""], err);
    assert(/^error: Out of memory \(OOM when allocating/.test(err), err);
    assertEquals(err.trimEnd().split("\n").length, 1);
  },
});

Deno.test("how a process ended is said where it did not end by itself", () => {
  assertEquals(endedBy({ signal: null }), "");
  assert(endedBy({ signal: "SIGKILL" }).startsWith(": it was killed, as the system does where"));
  assertEquals(endedBy({ signal: "SIGSEGV" }), ": it was ended by SIGSEGV");
});

Deno.test({
  name: "files of the system are read with the permissions of a task, too",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    const file = await Deno.makeTempFile({ suffix: ".ts" });
    try {
      const lib = new URL("../../lib/runtime/mod.ts", import.meta.url).href;
      await Deno.writeTextFile(
        file,
        `import { memoryLimit, systemFile } from ${JSON.stringify(lib)};
console.log(/^Pid:\\s*(\\d+)$/m.exec(systemFile("/proc/self/status") ?? "")?.[1] === String(Deno.pid), memoryLimit());`,
      );
      const found = await Promise.all([["-A"], ["-RES", "--allow-run"]].map(async (flags) => {
        const { stdout } = await new Deno.Command(Deno.execPath(), {
          args: ["run", "--no-check", "--quiet", "--config", "deno.json", ...flags, file],
          cwd: new URL("../..", import.meta.url).pathname,
        }).output();
        return new TextDecoder().decode(stdout);
      }));
      assert(found[0]!.startsWith("true "), found[0]);
      assertEquals(found[1], found[0]);
    } finally {
      await Deno.remove(file);
    }
  },
});
