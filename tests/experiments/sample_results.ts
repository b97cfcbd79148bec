import type { Results } from "../../lib/runs/results.ts";

const capabilities = ["domain", "reasoning", "instruction", "integration"];
const scores: Record<string, number[]> = {
  base: [0.31, 0.24, 0.12, 0.18],
  SFT: [0.42, 0.38, 0.51, 0.44],
  GRPO: [0.44, 0.41, 0.55, 0.49],
  GDPO: [0.45, 0.42, 0.57, 0.5],
  "CA-GRPO": [0.46, 0.44, 0.6, 0.53],
};

/** Made-up results of an experiment that never ran. */
export const sampleResults: Results = {
  version: "0.1.0",
  experiment: "main-results",
  preset: "smoke",
  date: "2026-11-25T02:00:00Z",
  machine: { os: "linux", arch: "x86_64", cpu: "Made-up <CPU>", cores: 2, memory_gb: 8 },
  backend: { name: "wasm", versions: { "@tensorflow/tfjs-core": "4.22.0" }, note: "no compiler" },
  config: { model: "tiny", steps: 10 },
  config_hash: "0123456789abcdef",
  seeds: [0, 1, 2],
  seconds: { synthesis: 1.5, training: 20.25 },
  metrics: Object.entries(scores).flatMap(([system, means]) =>
    capabilities.map((capability, i) => ({
      system,
      capability,
      unit: "share" as const,
      n: 200,
      mean: means[i]!,
      low: means[i]! - 0.03,
      high: means[i]! + 0.03,
      seeds: 3,
      invalid_rate: 0.01,
      prompt_hash: "ab12",
    }))
  ),
  comparisons: [{
    system: "CA-GRPO",
    baseline: "SFT",
    capability: "domain",
    n: 200,
    difference: 0.04,
    low: -0.01,
    high: 0.09,
    p: 0.12,
  }],
  tables: ["tables/main-results.csv"],
  figures: ["figures/main-results.svg"],
  notes: ["Made up for a test & nothing else"],
};
