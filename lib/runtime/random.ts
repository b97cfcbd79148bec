/**
 * Random numbers in named, independent streams.
 *
 * A stream's numbers depend on the seed and its names alone: adding a draw in one place never shifts the numbers of
 * another. Each stream is a xoroshiro128+ generator (Blackman and Vigna, 2018) whose state is the SHA-256 of the seed
 * and the names.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plusFromState } from "pure-rand/generator/xoroshiro128plus";
import { UsageError } from "./errors.ts";

/** A source of random numbers; each call moves it on. */
export interface RandomStream {
  /** A number in [0, 1), a multiple of 2^-53. */
  next(): number;
  /** An integer in 0 .. n-1, without bias; n is an integer from 1 to 2^53. */
  integer(n: number): number;
  /** One element, each as likely as the others. */
  pick<T>(xs: readonly T[]): T;
  /** A new array with the same elements in random order (Fisher and Yates). */
  shuffle<T>(xs: readonly T[]): T[];
  /** A draw from the standard normal distribution (Marsaglia's polar method). */
  normal(): number;
  /** The stream of the same seed with more names; does not depend on what was drawn here. */
  child(...names: readonly (string | number)[]): RandomStream;
  /** An integer in 0 .. 2^32-1, a seed for others' generators. */
  seed32(): number;
}

/**
 * The stream of a seed and names. The same arguments give the same numbers on every machine; other names give
 * independent numbers. The name 1 differs from the name "1".
 *
 * @param seed any safe integer
 * @param names what the numbers are for
 * @throws {UsageError} when the seed is not an integer, or a method gets an empty list or a bad n
 * @example
 * ```ts
 * import { randomStream } from "./random.ts";
 * import { assertEquals, assertNotEquals } from "@std/assert";
 *
 * const a = randomStream(7, "sampling", 0);
 * assertEquals(a.next(), randomStream(7, "sampling", 0).next());
 * assertNotEquals(a.next(), randomStream(7, "sampling", 1).next());
 * assertEquals(a.shuffle([1, 2, 3]).sort(), [1, 2, 3]);
 * ```
 */
export function randomStream(
  seed: number,
  ...names: readonly (string | number)[]
): RandomStream {
  if (!Number.isSafeInteger(seed)) {
    throw new UsageError(`Expected seed to be an integer but found ${seed}`);
  }
  const digest = createHash("sha256").update(JSON.stringify([seed, ...names]))
    .digest();
  const generator = xoroshiro128plusFromState(
    [0, 4, 8, 12].map((at) => digest.readInt32LE(at)),
  );
  let spare: number | undefined;

  function integer(n: number): number {
    if (!Number.isSafeInteger(n) || n < 1) {
      throw new UsageError(
        `Expected n to be an integer greater than 0 but found ${n}`,
      );
    }
    return uniformInt(generator, 0, n - 1);
  }

  function normal(): number {
    if (spare !== undefined) {
      const value = spare;
      spare = undefined;
      return value;
    }
    for (;;) {
      const u = 2 * uniformFloat64(generator) - 1;
      const v = 2 * uniformFloat64(generator) - 1;
      const s = u * u + v * v;
      if (s === 0 || s >= 1) continue;
      const scale = Math.sqrt(-2 * Math.log(s) / s);
      spare = v * scale;
      return u * scale;
    }
  }

  return {
    next: () => uniformFloat64(generator),
    integer,
    pick<T>(xs: readonly T[]): T {
      if (xs.length === 0) {
        throw new UsageError(
          "Expected a list with at least 1 element to pick from but found 0",
        );
      }
      return xs[integer(xs.length)]!;
    },
    shuffle<T>(xs: readonly T[]): T[] {
      const out = [...xs];
      for (let i = out.length - 1; i > 0; i--) {
        const j = integer(i + 1);
        [out[i], out[j]] = [out[j]!, out[i]!];
      }
      return out;
    },
    normal,
    child: (...more) => randomStream(seed, ...names, ...more),
    seed32: () => generator.next() >>> 0,
  };
}
