/**
 * A smaller, fixed part of a benchmark.
 *
 * @module
 */
import { randomStream, UsageError } from "../runtime/mod.ts";

/**
 * Draws a stratified subsample: each stratum gives its share of the limit (largest remainder), drawn without
 * replacement. The same seed gives the same sample, in the order of the rows.
 *
 * @param rows All rows.
 * @param stratumOf Names a row's stratum.
 * @param limit Rows wanted; all of them when the limit is left out or not smaller.
 * @param seed Seed of the draw.
 * @returns The rows drawn.
 * @throws {UsageError} If the limit is not an integer greater than 0.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { stratifiedSample } from "./sample.ts";
 *
 * const rows = ["a1", "a2", "a3", "a4", "b1", "b2"];
 * const some = stratifiedSample(rows, (row) => row[0]!, 3, 1);
 * assertEquals(some.filter((row) => row.startsWith("a")).length, 2);
 * ```
 */
export function stratifiedSample<T>(
  rows: readonly T[],
  stratumOf: (row: T) => string,
  limit: number | undefined,
  seed: number,
): T[] {
  if (limit !== undefined && !(Number.isInteger(limit) && limit > 0)) {
    throw new UsageError(
      `Expected limit to be an integer greater than 0 but found ${limit}`,
    );
  }
  if (limit === undefined || limit >= rows.length) return [...rows];
  const strata = new Map<string, number[]>();
  rows.forEach((row, index) => {
    const name = stratumOf(row);
    strata.set(name, [...strata.get(name) ?? [], index]);
  });
  const shares = [...strata].map(([name, indices]) => {
    const exact = limit * indices.length / rows.length;
    return {
      name,
      indices,
      count: Math.floor(exact),
      rest: exact - Math.floor(exact),
    };
  });
  let left = limit - shares.reduce((total, share) => total + share.count, 0);
  for (const share of shares.toSorted((a, b) => b.rest - a.rest)) {
    if (left-- > 0) share.count += 1;
  }
  return shares
    .flatMap(({ name, indices, count }) =>
      randomStream(seed, "sample", name).shuffle(indices).slice(0, count)
    )
    .sort((a, b) => a - b)
    .map((index) => rows[index]!);
}
