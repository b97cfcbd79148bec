/**
 * Keeping native libraries quiet.
 *
 * @module
 */

const LIBC = {
  dup: { parameters: ["i32"], result: "i32" },
  dup2: { parameters: ["i32", "i32"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
  open: { parameters: ["buffer", "i32"], result: "i32" },
} as const;

/** Opens a file for writing only, as `open` of Linux counts. */
const O_WRONLY = 1;

/**
 * Runs work while the whole process writes nothing to standard error, native libraries included. Where that cannot
 * be had, on other systems or without the permission to call the C library, the work runs all the same.
 */
export function withoutStandardError<T>(work: () => T): T {
  let libc: Deno.DynamicLibrary<typeof LIBC>;
  try {
    libc = Deno.dlopen("libc.so.6", LIBC);
  } catch {
    return work();
  }
  const { dup, dup2, close, open } = libc.symbols;
  const kept = dup(2);
  const nowhere = open(new TextEncoder().encode("/dev/null\0"), O_WRONLY);
  try {
    if (kept >= 0 && nowhere >= 0) dup2(nowhere, 2);
    return work();
  } finally {
    if (kept >= 0) {
      dup2(kept, 2);
      close(kept);
    }
    if (nowhere >= 0) close(nowhere);
    libc.close();
  }
}
