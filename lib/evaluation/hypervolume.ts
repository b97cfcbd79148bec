/** Pareto fronts and the volume they dominate. @module */
import { UsageError } from "../runtime/mod.ts";

/**
 * Which points no other dominates, where larger is better. Equal points do not dominate each other.
 *
 * @param points Points [n, d].
 * @returns One flag a point, [n].
 */
export function nondominated(
  points: readonly (readonly number[])[],
): boolean[] {
  const dominates = (a: readonly number[], b: readonly number[]) =>
    a.every((x, k) => x >= b[k]!) && a.some((x, k) => x > b[k]!);
  return points.map((point) => !points.some((other) => dominates(other, point)));
}

/**
 * Hypervolume: the volume of the region between the reference point and the points, where larger is better
 * (Zitzler and Thiele, 1998). Exact, by slicing along the last objective; meant for tens of points in few dimensions.
 *
 * @param points Points [n, d]; those not above the reference in every objective add nothing.
 * @param reference Reference point [d].
 * @returns The volume.
 * @throws UsageError when a point has another length than the reference or is not finite.
 * @example
 * ```ts
 * import { hypervolume } from "./hypervolume.ts";
 * import { assertAlmostEquals } from "@std/assert";
 * assertAlmostEquals(hypervolume([[1, 0.5], [0.5, 1]], [0, 0]), 0.75, 1e-15);
 * ```
 */
export function hypervolume(
  points: readonly (readonly number[])[],
  reference: readonly number[],
): number {
  points.forEach((point, i) => {
    if (point.length !== reference.length) {
      throw new UsageError(
        `Expected points[${i}] to have ${reference.length} entries but found ${point.length}`,
      );
    }
    const bad = point.findIndex((x) => !Number.isFinite(x));
    if (bad >= 0) {
      throw new UsageError(
        `Expected points[${i}][${bad}] to be finite but found ${point[bad]}`,
      );
    }
  });
  const above = points.map((point) => point.map((x, k) => x - reference[k]!))
    .filter((point) => point.every((x) => x > 0));
  return dominatedVolume(above, reference.length);
}

/** Volume dominated by the first `d` coordinates, which are positive, from the origin. */
function dominatedVolume(points: readonly (readonly number[])[], d: number): number {
  if (points.length === 0) return 0;
  if (d === 1) return Math.max(...points.map((point) => point[0]!));
  const last = d - 1;
  const sorted = points.filter((_, i) => nondominatedAmong(points, i, d))
    .sort((a, b) => b[last]! - a[last]!);
  let volume = 0;
  for (let k = 0; k < sorted.length; k++) {
    const depth = sorted[k]![last]! - (sorted[k + 1]?.[last] ?? 0);
    if (depth > 0) volume += depth * dominatedVolume(sorted.slice(0, k + 1), last);
  }
  return volume;
}

/** True unless another point is at least as good in the first `d` coordinates (of equal points only the first stays). */
function nondominatedAmong(
  points: readonly (readonly number[])[],
  i: number,
  d: number,
): boolean {
  const point = points[i]!;
  for (let j = 0; j < points.length; j++) {
    if (j === i) continue;
    const other = points[j]!;
    let [isAsGood, isBetter] = [true, false];
    for (let k = 0; k < d && isAsGood; k++) {
      isAsGood = other[k]! >= point[k]!;
      isBetter ||= other[k]! > point[k]!;
    }
    if (isAsGood && (isBetter || j < i)) return false;
  }
  return true;
}
