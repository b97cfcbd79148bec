/** A zoo of Jacobians: sizes, scales, and every kind of degeneracy. @module */
import { randomStream } from "../../lib/runtime/mod.ts";

/** A Jacobian with a name that says what is special about it. */
export interface Specimen {
  readonly name: string;
  readonly jacobian: number[][];
}

/** Jacobians with 1 to 6 rows: generic, conflicting, singular, duplicate, opposite, zero rows, scales 1e-15 to 1e15. */
export function zoo(): Specimen[] {
  const random = randomStream(7, "zoo");
  const draw = (m: number, d: number) =>
    Array.from(
      { length: m },
      () => Array.from({ length: d }, () => random.normal()),
    );
  const out: Specimen[] = [];
  for (const m of [1, 2, 3, 4, 6]) {
    for (let k = 0; k < 4; k++) {
      out.push({ name: `generic ${m} #${k}`, jacobian: draw(m, 8) });
    }
    for (const scale of [1e-15, 1e-6, 1e6, 1e15]) {
      out.push({
        name: `scale ${scale} ${m}`,
        jacobian: draw(m, 8).map((row) => row.map((x) => x * scale)),
      });
    }
  }
  for (const m of [2, 3, 4, 6]) {
    for (let k = 0; k < 3; k++) {
      const base = draw(m, 8);
      const change = (name: string, edit: (rows: number[][]) => void) => {
        const jacobian = base.map((row) => [...row]);
        edit(jacobian);
        out.push({ name: `${name} ${m} #${k}`, jacobian });
      };
      change("duplicate", (j) => j[1] = j[0]!.map((x) => 2 * x));
      change("opposite", (j) => j[1] = j[0]!.map((x) => -x));
      change(
        "nearly opposite",
        (j) => j[1] = j[0]!.map((x, c) => -x + 1e-5 * j[1]![c]!),
      );
      change("zero", (j) => j[1] = j[1]!.map(() => 0));
      change("all zero", (j) => j.forEach((row) => row.fill(0)));
      change(
        "stationary",
        (j) =>
          j[m - 1] = j[0]!.map((_, c) => -j.slice(0, -1).reduce((sum, row) => sum + row[c]!, 0)),
      );
      change("low rank", (j) => j.forEach((row) => row.fill(0, 2)));
      change(
        "mixed scales",
        (j) => j.forEach((row, i) => row.forEach((x, c) => row[c] = x * 10 ** (5 * (i % 3) - 5))),
      );
      change("conflict", (j) => j.forEach((row, i) => row[0] = i % 2 ? -4 : 4));
    }
  }
  return out;
}

/** Combined gradient `sum_i w_i g_i`. */
export function combine(
  weights: readonly number[],
  jacobian: readonly (readonly number[])[],
): number[] {
  return jacobian[0]!.map((_, c) =>
    jacobian.reduce((sum, row, i) => sum + weights[i]! * row[c]!, 0)
  );
}

/** Inner product. */
export function inner(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, x, i) => sum + x * b[i]!, 0);
}

/** Euclidean norm without overflow or underflow. */
export function norm(a: readonly number[]): number {
  return Math.hypot(...a);
}
