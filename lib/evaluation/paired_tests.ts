/** Exact tests of paired differences, two-sided and one-sided. @module */
import { randomStream, UsageError } from "../runtime/mod.ts";
import { binomialCdf } from "./special_functions.ts";

/** What a test of "no difference" says. Pairs without a difference say nothing and are left out. */
export interface PairedTest {
  /** Pairs that differ. */
  readonly n: number;
  /** Two-sided p value. */
  readonly p: number;
  /** One-sided p value against "the differences are above 0". */
  readonly above: number;
  /** One-sided p value against "the differences are below 0". */
  readonly below: number;
  /**
   * The smallest two-sided p value that as many pairs can give, half of which is the smallest one-sided one: where it is
   * above the level of a test, no outcome could be told apart.
   */
  readonly least: number;
}

/** The differences that say something. */
function differing(differences: readonly number[]): number[] {
  differences.forEach((x, i) => {
    if (Number.isNaN(x)) {
      throw new UsageError(`Expected differences[${i}] to be a number but found NaN`);
    }
  });
  return differences.filter((x) => x !== 0);
}

/**
 * Sign test (Arbuthnott, 1710; Dixon and Mood, 1946): exact, and asks nothing of the differences but that they are
 * independent and as likely above as below 0. With 6 pairs the smallest two-sided p value is 2 / 2^6 = 0.031, with 5 it is
 * 0.0625.
 *
 * @param differences One a pair, [n].
 * @returns p values; all 1 where no pair differs.
 * @throws UsageError for a difference that is not a number.
 * @example
 * ```ts
 * import { signTest } from "./paired_tests.ts";
 * import { assertAlmostEquals } from "@std/assert";
 * const { p, above, least } = signTest([0.2, 0.1, 0.4, 0.3, 0.2, 0.7]);
 * assertAlmostEquals(p, 2 / 64, 1e-15);
 * assertAlmostEquals(above, 1 / 64, 1e-15);
 * assertAlmostEquals(least, 2 / 64, 1e-15);
 * ```
 */
export function signTest(differences: readonly number[]): PairedTest {
  const found = differing(differences);
  const n = found.length;
  const positive = found.filter((x) => x > 0).length;
  if (n === 0) return { n, p: 1, above: 1, below: 1, least: 1 };
  const above = binomialCdf(n - positive, n, 0.5);
  const below = binomialCdf(positive, n, 0.5);
  return { n, p: Math.min(1, 2 * Math.min(above, below)), above, below, least: 2 ** (1 - n) };
}

/** Up to as many unequal pairs all patterns of signs are counted. */
const EXACT = 12;

/** How a permutation test draws where there are too many patterns to count. */
export interface PermutationOptions {
  /** Seed of the draws. */
  readonly seed: number;
  /** Number of random patterns, 2,000 when left out; 20,000 or more where a correction for several tests follows. */
  readonly resamples?: number;
}

/** `true` for the pairs whose sign is turned, pattern by pattern; the observed pattern is among them. */
function* patterns(
  n: number,
  { seed, resamples = 2000 }: PermutationOptions,
): Generator<(i: number) => boolean> {
  if (n <= EXACT) {
    for (let mask = 0; mask < 1 << n; mask++) yield (i) => (mask >> i & 1) === 1;
    return;
  }
  yield () => false;
  const random = randomStream(seed, "sign-flip");
  for (let r = 0; r < resamples; r++) yield () => random.next() < 0.5;
}

/**
 * Paired permutation test of the sum of the differences: every sign is turned or not (Fisher, 1935). Exact where no more
 * than 12 pairs differ; otherwise over random patterns, the observed one counted among them.
 *
 * @param differences One a pair, [n].
 * @param options Seed and number of random patterns.
 * @returns p values; all 1 where no pair differs.
 * @throws UsageError for a difference that is not a number.
 * @example
 * ```ts
 * import { permutationTest } from "./paired_tests.ts";
 * import { assertEquals } from "@std/assert";
 * const { p, above, below } = permutationTest([1, 2, 4], { seed: 0 });
 * assertEquals([p, above, below], [2 / 8, 1 / 8, 1]);
 * ```
 */
export function permutationTest(
  differences: readonly number[],
  options: PermutationOptions,
): PairedTest {
  const found = differing(differences);
  const n = found.length;
  if (n === 0) return { n, p: 1, above: 1, below: 1, least: 1 };
  const observed = found.reduce((sum, x) => sum + x, 0);
  // Rounding must not make a tie look smaller than the observed sum.
  const rounding = 1e-12 * found.reduce((sum, x) => sum + Math.abs(x), 0);
  let [all, twoSided, above, below] = [0, 0, 0, 0];
  for (const turned of patterns(n, options)) {
    const sum = found.reduce((total, x, i) => total + (turned(i) ? -x : x), 0);
    all++;
    if (Math.abs(sum) >= Math.abs(observed) - rounding) twoSided++;
    if (sum >= observed - rounding) above++;
    if (sum <= observed + rounding) below++;
  }
  return {
    n,
    p: twoSided / all,
    above: above / all,
    below: below / all,
    least: Math.min(1, Math.max(2 ** (1 - n), n > EXACT ? 1 / all : 0)),
  };
}
