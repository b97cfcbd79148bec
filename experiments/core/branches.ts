/** Parts of an experiment that do not depend on each other. @module */

import { NotMadeError } from "../../lib/runtime/mod.ts";

/**
 * Runs independent parts of an experiment in their order. Where one of them lacks an entry of the store that may not be made, the
 * others still go as far as they can, so that all that is lacking is asked for.
 *
 * @param list what the parts are about
 * @param part one of them
 * @returns what each part gives
 * @throws {NotMadeError} behind the last part, when one of them lacked an entry
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { branches } from "./branches.ts";
 *
 * assertEquals(await branches([1, 2, 3], (seed) => Promise.resolve(seed * seed)), [1, 4, 9]);
 * ```
 */
export async function branches<T, R>(
  list: readonly T[],
  part: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  let lacking: NotMadeError | undefined;
  for (const [i, item] of list.entries()) {
    try {
      results.push(await part(item, i));
    } catch (error) {
      if (!(error instanceof NotMadeError)) throw error;
      lacking ??= error;
    }
  }
  if (lacking !== undefined) throw lacking;
  return results;
}

/**
 * The same for parts that give different things.
 *
 * @param parts the parts, in their order
 * @returns what each part gives
 * @throws {NotMadeError} behind the last part, when one of them lacked an entry
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { together } from "./branches.ts";
 *
 * const [one, word] = await together(() => Promise.resolve(1), () => Promise.resolve("two"));
 * assertEquals([one, word], [1, "two"]);
 * ```
 */
export async function together<T extends readonly (() => Promise<unknown>)[]>(
  ...parts: T
): Promise<{ -readonly [K in keyof T]: Awaited<ReturnType<T[K]>> }> {
  return await branches(parts, (part) => part()) as {
    -readonly [K in keyof T]: Awaited<ReturnType<T[K]>>;
  };
}
