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
  return dominatedVolume(above);
}

/** Volume dominated by points with positive coordinates, from the origin. */
function dominatedVolume(points: readonly (readonly number[])[]): number {
  if (points.length === 0) return 0;
  if (points[0]!.length === 1) {
    return Math.max(...points.map((point) => point[0]!));
  }
  const sorted = points.filter((_, i, all) => nondominatedAmong(all, i)).sort((
    a,
    b,
  ) => b.at(-1)! - a.at(-1)!);
  let volume = 0;
  for (let k = 0; k < sorted.length; k++) {
    const depth = sorted[k]!.at(-1)! - (sorted[k + 1]?.at(-1) ?? 0);
    if (depth > 0) {
      volume += depth * dominatedVolume(
        sorted.slice(0, k + 1).map((point) => point.slice(0, -1)),
      );
    }
  }
  return volume;
}

/** True unless another point is at least as good everywhere (of equal points only the first stays). */
function nondominatedAmong(
  points: readonly (readonly number[])[],
  i: number,
): boolean {
  const point = points[i]!;
  return !points.some((other, j) => {
    if (j === i || !other.every((x, k) => x >= point[k]!)) return false;
    return other.some((x, k) => x > point[k]!) || j < i;
  });
}
