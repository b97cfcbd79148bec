/** Giving back memory: how the C library serves large arrays, and when V8 frees them. @module */

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

const LIBC = { mallopt: { parameters: ["i32", "i32"], result: "i32" } } as const;

/** Numbers of `mallopt(3)`. */
const [M_TRIM_THRESHOLD, M_MMAP_THRESHOLD] = [-1, -3];

/** Bytes from which an array has memory of its own, which goes back to the system when it is freed. */
const OWN_MEMORY = 2 ** 20;

/**
 * Lets glibc give the memory of large arrays back to the system. Left alone it raises the size from which it does to that of
 * each large array that is freed, up to 32 MB, and keeps the memory of all smaller ones: weights that were read, logits. TensorFlow's
 * own pool for tensors is not concerned. Where there is another C library, or no permission to call it, nothing happens.
 */
export function returnLargeArrays(): void {
  let libc: Deno.DynamicLibrary<typeof LIBC>;
  try {
    libc = Deno.dlopen("libc.so.6", LIBC);
  } catch {
    return;
  }
  const { mallopt } = libc.symbols;
  mallopt(M_MMAP_THRESHOLD, OWN_MEMORY);
  // As far above as glibc itself sets it.
  mallopt(M_TRIM_THRESHOLD, 2 * OWN_MEMORY);
  libc.close();
}

/** V8's garbage collector as a function, once it was asked for; undefined where the engine gives none. */
let collector: { readonly run: (() => void) | undefined } | undefined;

function findCollector(): (() => void) | undefined {
  try {
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc");
    setFlagsFromString("--no-expose-gc");
    return typeof collect === "function" ? () => collect() : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Collects garbage now: arrays that nothing uses any more, of which V8 otherwise lets some hundred MB stay while native libraries
 * ask for memory. It takes some 50 ms, so it is for something long, such as loading a model. Where the engine does not let
 * itself be asked, nothing happens.
 */
export function collectGarbage(): void {
  collector ??= { run: findCollector() };
  collector.run?.();
}
