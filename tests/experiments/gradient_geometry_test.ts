import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import {
  type GeometryFindings,
  geometrySchema,
  gradientGeometry,
  signChanges,
} from "../../experiments/gradient_geometry.ts";
import {
  compareMetrics,
  countHarm,
  opposedExact,
  opposedProducts,
  sizes,
} from "../../experiments/gradient_geometry_checks.ts";
import { capabilityPairs } from "../../experiments/gradient_geometry_model.ts";
import { presentGeometry } from "../../experiments/gradient_geometry_view.ts";
import type { Metric } from "../../experiments/results.ts";
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

Deno.test("gradient geometry: findings become figures and sentences", () => {
  const config = geometrySchema.parse({ ...gradientGeometry.presets.smoke });
  const batch = {
    prompts: 8,
    cosines: capabilityPairs.map((_, p) => p === 0 ? -0.5 : 0.1 * p),
    signal: capabilities.map((_, i) => i),
  };
  const findings: GeometryFindings = {
    harm: sizes.map((size) => countHarm(size, 20)),
    metrics: compareMetrics(20),
    products: opposedProducts([4, 16], 50),
    model: [batch, batch],
  };
  const metric: Metric = {
    ...sampleResults.metrics[0]!,
    system: "tiny model, 8 prompts",
    unit: "value",
    n: 2,
    mean: 1,
    low: 0,
    high: 2,
  };
  const results = {
    ...sampleResults,
    metrics: [
      ...capabilities.map((c) => ({ ...metric, capability: `signal to noise of ${c}` })),
      ...capabilityPairs.map(([a, b]) => ({ ...metric, capability: `cosine of ${a} and ${b}` })),
    ],
  };
  const shown = presentGeometry(results, findings, config);
  assertEquals(shown.figures.length, 5);
  const sentences = shown.sections.map(({ answer }) => answer);
  assert(sentences.every((answer) => !/NaN|undefined|Infinity/.test(answer)), sentences.join(" "));
  assert(sentences[0]!.includes("0 exceptions in 60"));
  assert(sentences[3]!.includes("6 of 8 measurements on 8 prompts"));
  // Signals of 0, 1, 2, 3 at 8 prompts: 1.5 on average.
  assert(sentences[3]!.includes("about 5 prompts"));
});
