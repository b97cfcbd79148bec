/** A number of ours beside the number that another program computed. @module */

/** One comparison. */
export interface Comparison {
  /** What is compared. */
  readonly name: string;
  /** The largest difference found. */
  readonly error: number;
  /** The largest difference allowed. */
  readonly tolerance: number;
  /** Whether the error is within the tolerance (a NaN is not). */
  readonly ok: boolean;
}

/** Judges an error against its tolerance. */
export function comparison(
  name: string,
  error: number,
  tolerance: number,
): Comparison {
  return { name, error, tolerance, ok: error <= tolerance };
}

/** Largest absolute difference; infinite where the lengths differ, NaN where one of the numbers is. */
export function maxDifference(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
): number {
  if (a.length !== b.length) return Infinity;
  let most = 0;
  for (let i = 0; i < a.length; i++) {
    const d = Math.abs(a[i]! - b[i]!);
    if (Number.isNaN(d)) return NaN;
    most = Math.max(most, d);
  }
  return most;
}

/** Largest difference relative to the largest size of the reference. */
export function relativeDifference(
  a: ArrayLike<number>,
  reference: ArrayLike<number>,
): number {
  let scale = 1e-30;
  for (let i = 0; i < reference.length; i++) {
    scale = Math.max(scale, Math.abs(reference[i]!));
  }
  return maxDifference(a, reference) / scale;
}
