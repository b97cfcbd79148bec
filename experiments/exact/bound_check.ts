/** Counting how often a bound is broken, and how near to it what is measured comes. @module */

/** Rounding that a comparison of sums of about 100 terms of size 1 allows. */
const ROUNDING = 1e-9;

/** How often a bound was broken, and how near to it the nearest case came. */
export interface BoundCheck {
  /** What is bounded. */
  readonly name: string;
  /** Comparisons. */
  readonly checks: number;
  /** Comparisons in which the bound was exceeded beyond rounding, or in which one of the two is not a number. */
  readonly violations: number;
  /** Largest measured value relative to its bound. */
  readonly largest: number;
}

/** Counts comparisons with a bound. */
export interface BoundCounter {
  /** Compares a measured value with its bound. */
  readonly compare: (measured: number, bound: number) => void;
  /** What was counted. */
  readonly result: () => BoundCheck;
}

/**
 * Whether a measured value lies above its bound beyond rounding, or one of the two is not a number.
 *
 * @param measured what was measured
 * @param bound what it must not exceed
 * @returns true when the bound is broken
 */
export function exceeds(measured: number, bound: number): boolean {
  return !(measured <= bound + ROUNDING * (1 + Math.abs(bound)));
}

/**
 * Counts comparisons of a measured value with its bound.
 *
 * @param name what is bounded
 * @returns a counter that has seen nothing
 */
export function counter(name: string): BoundCounter {
  let checks = 0;
  let violations = 0;
  let largest = -Infinity;
  return {
    compare(measured: number, bound: number): void {
      checks++;
      if (exceeds(measured, bound)) violations++;
      if (bound > ROUNDING) largest = Math.max(largest, measured / bound);
    },
    result: (): BoundCheck => ({ name, checks, violations, largest }),
  };
}
