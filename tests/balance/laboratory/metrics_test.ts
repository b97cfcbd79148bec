// Theorem 2d of lib/balance/THEORY.md: which diagonal metrics make gradients orthogonal.
import { assert, assertAlmostEquals } from "@std/assert";
import { gramMatrix, nnls } from "../../../lib/balance/mod.ts";
import { randomStream } from "../../../lib/runtime/mod.ts";
import { metricOf, norm, normals } from "./cases.ts";

const SIZE = 6;

/** Products `g_ik g_jk` of each pair, [pairs][size]: a diagonal metric M makes pair ij orthogonal iff its row times M is 0. */
function pairRows(gradients: readonly Float64Array[]): number[][] {
  return gradients.flatMap((g, i) =>
    gradients.slice(i + 1).map((h) => Array.from(g, (x, k) => x * h[k]!))
  );
}

/** Either a positive M with `A M = 0` or a y with `A'y >= 0`, not 0: from the least `|A M|` over M >= 1. */
function alternative(rows: readonly (readonly number[])[]): { metric?: number[]; y?: number[] } {
  const columns = rows[0]!.map((_, k) => rows.map((row) => row[k]!));
  const dot = (a: readonly number[], b: readonly number[]) =>
    a.reduce((sum, x, r) => sum + x * b[r]!, 0);
  const ones = rows.map((row) => row.reduce((a, b) => a + b, 0));
  const { solution } = nnls(
    columns.map((a) => columns.map((b) => dot(a, b))),
    columns.map((a) => dot(a, ones)),
  );
  const metric = solution.map((x) => 1 + x);
  const rest = rows.map((row) => dot(row, metric));
  const size = norm(rest);
  return size < 1e-9 * norm(rows.flat()) * norm(metric)
    ? { metric }
    : { y: rest.map((x) => x / size) };
}

Deno.test("theorem 2d: either some diagonal metric makes all pairs orthogonal or some y forbids it, never both", () => {
  let [orthogonal, forbidden] = [0, 0];
  for (let seed = 0; seed < 400; seed++) {
    const random = randomStream(seed, "stiemke");
    const draws = Array.from({ length: 3 }, () => normals(random, SIZE));
    // Every second set is orthogonal in a metric that is not told: Gram-Schmidt, then over the metric's root.
    const hidden = metricOf(random, SIZE);
    const gradients: Float64Array[] = [];
    for (const draw of draws) {
      const q = gradients.reduce((left, e) => {
        const part = left.reduce((sum, x, k) => sum + x * e[k]!, 0) /
          e.reduce((sum, x) => sum + x * x, 0);
        return left.map((x, k) => x - part * e[k]!);
      }, draw);
      gradients.push(seed % 2 === 0 ? q : draw);
    }
    const made = seed % 2 === 0
      ? gradients.map((q) => q.map((x, k) => x / Math.sqrt(hidden[k]!)))
      : gradients;
    const rows = pairRows(made);
    const { metric, y } = alternative(rows);
    if (seed % 2 === 0) assert(metric !== undefined, `${seed}`);
    if (metric !== undefined) {
      orthogonal++;
      assert(metric.every((x) => x >= 1));
      const gram = gramMatrix(made, metric);
      gram.forEach((row, i) =>
        row.forEach((x, j) => {
          if (i !== j) assertAlmostEquals(x / Math.sqrt(gram[i]![i]! * gram[j]![j]!), 0, 1e-7);
        })
      );
      // M'(A'y) = 0 for every y, so A'y is never of one sign.
      for (let k = 0; k < 20; k++) {
        const other = normals(random, rows.length);
        const sums = rows[0]!.map((_, c) => rows.reduce((s, row, r) => s + other[r]! * row[c]!, 0));
        assert(Math.min(...sums) < 0 && Math.max(...sums) > 0);
      }
      continue;
    }
    forbidden++;
    const sums = rows[0]!.map((_, c) => rows.reduce((s, row, r) => s + y![r]! * row[c]!, 0));
    const scale = Math.max(...rows.flat().map(Math.abs));
    assert(Math.min(...sums) >= -1e-9 * scale && Math.max(...sums) > 1e-6 * scale, `${seed}`);
    // So the same combination of products is above 0 in every diagonal metric.
    for (let k = 0; k < 20; k++) {
      const gram = gramMatrix(made, metricOf(random, SIZE));
      const combined = y![0]! * gram[0]![1]! + y![1]! * gram[0]![2]! + y![2]! * gram[1]![2]!;
      assert(combined > 0, `${seed}`);
    }
  }
  assert(orthogonal > 200 && forbidden > 50, `${orthogonal} ${forbidden}`);
});
