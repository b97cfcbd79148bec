import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import {
  type GeometryFindings,
  geometrySchema,
  gradientGeometry,
} from "../../experiments/gradient_geometry/run.ts";
import {
  compareMetrics,
  countHarm,
  opposedExact,
  opposedProducts,
  sizes,
} from "../../experiments/gradient_geometry/checks.ts";
import { amongApart, signChanges } from "../../experiments/gradient_geometry/metrics.ts";
import { bankKinds } from "../../experiments/gradient_geometry/banks.ts";
import { capabilityPairs } from "../../experiments/gradient_geometry/model.ts";
import { presentGeometry } from "../../experiments/gradient_geometry/view.ts";
import { capabilities } from "../../lib/synthesis/mod.ts";
import { sampleResults } from "./sample_results.ts";

Deno.test("gradient geometry: some preference harms exactly where a cosine is negative", () => {
  for (const size of sizes) {
    const { points, violations, conflicts } = countHarm(size, 60);
    assertEquals(violations, 0);
    assert(conflicts > 0);
    assert(conflicts < 60);
    assertEquals(points.filter(({ share }) => share > 0).length, conflicts);
  }
});

Deno.test("gradient geometry: metrics disagree about the sign of some cosines, never with themselves", () => {
  const points = compareMetrics(80);
  assert(signChanges(points, "euclidean", "adam") > 0);
  assert(signChanges(points, "euclidean", "natural") > 0);
  assertEquals(signChanges(points, "natural", "natural"), 0);
  for (const point of points) {
    for (const cosine of Object.values(point)) assert(Math.abs(cosine) < 1 + 1e-12);
  }
});

Deno.test("gradient geometry: a single batch has G + C / n, halves have G", () => {
  const { cosine, gram, flip } = opposedExact();
  assertAlmostEquals(cosine, -0.78, 0.01);
  const [few, many] = opposedProducts([4, 64], 1500);
  assert(flip > 4);
  assert(flip < 64);
  for (const row of [few!, many!]) {
    assert(Math.abs(row.single.mean - row.predicted) < 2 * row.single.half);
    assert(Math.abs(row.cross.mean - gram[0]![1]!) < 2 * row.cross.half);
  }
  assert(few!.single.mean > 0);
  assert(many!.single.mean < 0);
  assert(few!.single.positive > few!.cross.positive);
});

const spread = (mean: number, half: number) => ({ mean, low: mean - half, high: mean + half });

Deno.test("gradient geometry: findings become figures and sentences", () => {
  const config = geometrySchema.parse({ ...gradientGeometry.presets.smoke });
  const geometry = {
    cosines: capabilityPairs.map((_, p) => spread(p === 0 ? 0.5 : 0, 0.3)),
    signal: capabilities.map((_, i) => spread(0.01 * i, 0.01)),
    flips: capabilityPairs.map((_, p) => p === 1 ? 40.2 : 0),
  };
  const batch = (prompts: number) => ({
    prompts,
    predicted: capabilityPairs.map((_, p) => 0.1 * p),
    single: capabilityPairs.map((_, p) => spread(0.1 * p, 0.25)),
    cross: capabilityPairs.map(() => spread(0, 1)),
  });
  const others = (value: number) =>
    capabilities.map((_, i) => capabilities.map((_, j) => i === j ? 1 : value));
  const findings: GeometryFindings = {
    harm: sizes.map((size) => countHarm(size, 20)),
    metrics: compareMetrics(20),
    products: opposedProducts([4, 16], 50),
    model: {
      pool: 16,
      earlier: 8,
      parameters: 10,
      euclidean: geometry,
      adam: geometry,
      natural: capabilityPairs.map((_, p) => p === 5 ? null : spread(0.2 * p, 0.1)),
      batches: [batch(8), batch(16)],
      batchDraws: 20,
      steps: [{
        movement: 0.05,
        predicted: capabilities.map(() => 0.01),
        realised: capabilities.map((_, i) => ({ ...spread(0.01 * i, 0.005), n: 8 })),
      }],
    },
    banks: bankKinds.map((kind) => ({
      kind,
      kept: capabilities.map(() => kind === "inputs removed" ? 0.25 : 1),
      seen: others(kind === "inputs removed" ? 4e-7 : 0.5),
      fresh: others(0.6),
      moved: others(0.3),
    })),
  };
  const shown = presentGeometry(sampleResults, findings, config);
  assertEquals(
    shown.figures.map(({ name }) => name),
    ["harm", "metrics", "products", "cosines", "batches", "steps", "banks", "inside"],
  );
  const sentences = shown.sections.map(({ answer }) => answer);
  assert(sentences.every((answer) => !/NaN|undefined|Infinity/.test(answer)), sentences.join(" "));
  assert(sentences[0]!.includes("0 exceptions in 60"));
  // Only the cosines 0.3, 0.4 and 0.5 are further from 0 than 0.25.
  assert(sentences[3]!.includes("3 of 6 cosines keep one sign"));
  assert(sentences[3]!.includes("settle 1 of 6 signs"));
  assert(sentences[4]!.includes("for 1 of 4 rewards"));
  assert(sentences[5]!.includes("4e-7"));
  assertEquals(amongApart(others(0.5)), new Array(6).fill(0.5));
});
