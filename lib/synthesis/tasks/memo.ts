/** What is computed once for a source. @module */
import type { Source } from "../source.ts";

const perSource = new WeakMap<Source, Map<string, unknown>>();

/**
 * What is computed once for a source.
 *
 * @param source The source.
 * @param key What is computed.
 * @param make Computes it.
 * @returns The value of the first call with this source and key.
 */
export function oncePerSource<T>(source: Source, key: string, make: () => T): T {
  let known = perSource.get(source);
  if (known === undefined) perSource.set(source, known = new Map());
  if (!known.has(key)) known.set(key, make());
  return known.get(key) as T;
}
