/** How much memory this process may use. @module */

import { totalmem } from "node:os";
import { join } from "@std/path";
import { type SystemFile, systemFile } from "./system_file.ts";

/** A hierarchy of control groups that limits memory: where it is mounted, and the process's own group in it. */
interface Hierarchy {
  readonly mount: string;
  /** Path of the group from the mount. */
  readonly group: string;
  /** The file that holds a group's limit. */
  readonly file: string;
}

/** The hierarchies that the process is in, of both versions (cgroups(7), proc_pid_mountinfo(5)). */
function hierarchies(read: SystemFile): Hierarchy[] {
  const groups = (read("/proc/self/cgroup") ?? "").split("\n").map((line) => line.split(":"));
  const mounts = (read("/proc/self/mountinfo") ?? "").split("\n").map((line) => {
    const [own, of] = line.split(" - ");
    const [type = "", , options = ""] = (of ?? "").split(" ");
    const [, , , root = "/", mount = ""] = own!.split(" ");
    return { type, options: options.split(","), root, mount: mount.replaceAll("\\040", " ") };
  });
  return groups.flatMap(([number, controllers, ...path]): Hierarchy[] => {
    const second = number === "0" && controllers === "";
    if (!second && !controllers?.split(",").includes("memory")) return [];
    const mount = mounts.find(({ type, options }) =>
      second ? type === "cgroup2" : type === "cgroup" && options.includes("memory")
    );
    const own = path.join(":");
    // A container sees its group's path on the machine, but the group itself as the root.
    const root = mount === undefined || mount.root === "/" ? "" : mount.root;
    const group = own === root || own.startsWith(`${root}/`) ? own.slice(root.length) : "";
    return [{
      mount: mount?.mount ?? (second ? "/sys/fs/cgroup" : "/sys/fs/cgroup/memory"),
      group: group.includes("..") ? "" : group,
      file: second ? "memory.max" : "memory.limit_in_bytes",
    }];
  });
}

/**
 * Bytes of memory that this process may use: the machine's, or the least limit of its control group and those around it,
 * of version 1 or 2, where that is less. A process that needs more is killed without a word.
 *
 * @param read reads a file of the system, in place of the process's own; those are read once
 * @param machine bytes of the machine's memory
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { memoryLimit } from "./memory.ts";
 *
 * const files: Record<string, string> = {
 *   "/proc/self/cgroup": "0::/jobs/one\n",
 *   "/proc/self/mountinfo": "30 24 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n",
 *   "/sys/fs/cgroup/jobs/one/memory.max": "max\n",
 *   "/sys/fs/cgroup/jobs/memory.max": "4000000000\n",
 * };
 * assertEquals(memoryLimit((path) => files[path], 8e9), 4e9);
 * ```
 */
export function memoryLimit(read?: SystemFile, machine: number = totalmem()): number {
  return read === undefined ? own ??= limitBy(systemFile, machine) : limitBy(read, machine);
}

/** That of this process, which is asked for at every step. */
let own: number | undefined;

function limitBy(read: SystemFile, machine: number): number {
  let least = machine;
  for (const { mount, group, file } of hierarchies(read)) {
    const parts = group.split("/").filter((part) => part !== "");
    for (let depth = parts.length; depth >= 0; depth--) {
      const text = read(join(mount, ...parts.slice(0, depth), file))?.trim() ?? "";
      if (/^[1-9]\d*$/.test(text)) least = Math.min(least, Number(text));
    }
  }
  return least;
}

/**
 * Peak of the resident memory in a process's status.
 *
 * @param status the text of `/proc/PID/status`
 * @returns MB of 2^20 bytes; undefined where it is not told
 */
export function peakFromStatus(status: string): number | undefined {
  const found = /^VmHWM:\s*(\d+) kB$/m.exec(status);
  return found === null ? undefined : Number(found[1]) / 1024;
}

/** Peak of this process's resident memory, in MB of 2^20 bytes; on other systems than Linux, what it has now. */
export function peakMegabytes(): number {
  const peak = Deno.build.os === "linux"
    ? peakFromStatus(systemFile("/proc/self/status") ?? "")
    : undefined;
  return peak ?? Deno.memoryUsage().rss / 2 ** 20;
}

/** What native libraries and the engine say when they are given no memory. */
const NO_MEMORY =
  /TF_Status: 8\b|OOM when allocating|RESOURCE_EXHAUSTED|bad_alloc|out of memory|array buffer allocation failed|invalid (typed )?array (buffer )?length/i;

/**
 * A failure for want of memory as one line with advice, undefined for other errors.
 *
 * @param error what was thrown
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { outOfMemory } from "./memory.ts";
 *
 * const error = new Error("Invalid TF_Status: 8\\nMessage: OOM when allocating tensor with shape[9,9]");
 * assert(outOfMemory(error)?.startsWith("Out of memory (OOM when allocating tensor with shape[9,9]"));
 * ```
 */
export function outOfMemory(error: unknown): string | undefined {
  if (!(error instanceof Error) || !NO_MEMORY.test(error.message)) return undefined;
  const line = error.message.split("\n").findLast((line) => NO_MEMORY.test(line)) ?? "";
  const said = line.replace(/^.*?Message: /, "").trim();
  const limit = (memoryLimit() / 1e9).toFixed(1);
  return `Out of memory (${said}; this process may use ${limit} GB): smaller batches (--micro-batch-size, ` +
    "--per-device-train-batch-size, --batch-rows), shorter answers or --gradient-checkpointing take less";
}

/**
 * What is to be said of a process that did not end by itself.
 *
 * @param status how it ended
 * @returns words to put behind a message, empty where it ended by itself
 */
export function endedBy({ signal }: Pick<Deno.CommandStatus, "signal">): string {
  if (signal === null) return "";
  return signal === "SIGKILL"
    ? `: it was killed, as the system does where memory runs out (at most ${
      (memoryLimit() / 1e9).toFixed(1)
    } GB may be used)`
    : `: it was ended by ${signal}`;
}
