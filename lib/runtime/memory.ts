/** How much memory this process may use. @module */

import { totalmem } from "node:os";

/** Bytes of memory: the machine's, or the limit of the control group where that is less. */
export function memoryLimit(): number {
  const files = ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"];
  const limits = files.map((file) => {
    try {
      return parseInt(Deno.readTextFileSync(file));
    } catch {
      return NaN;
    }
  });
  return Math.min(totalmem(), ...limits.filter(Number.isFinite));
}
