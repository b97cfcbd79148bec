/** Made-up findings of the exact experiment, in which everything is as the hypotheses say. */
import {
  type AscentRule,
  exactLmPresets,
  exactLmSchema,
  preferences,
} from "../../experiments/exact_lm/config.ts";
import {
  type AscentRow,
  type ConflictRow,
  type ExactLmFindings,
  type Fronts,
  gates,
  type NoiseRow,
  type OptimizerRow,
  type OptimizerWay,
  optimizerWays,
  sweeps,
} from "../../experiments/exact_lm/findings.ts";
import { judgeHypotheses } from "../../experiments/exact_lm/hypotheses.ts";
import type { Control } from "../../experiments/laboratory/population.ts";

const rewardNames = ["domain", "reasoning", "instruction", "integration"];

/** Options of a run with six replicates. */
export const exactLmConfig = exactLmSchema.parse({
  ...exactLmPresets.quick,
  ascent: {
    rules: ["static", "capability_aware"],
    preferences: ["equal", "reasoning"],
    controlReplicates: 1,
  },
  fronts: { replicates: 2, edges: false },
});

const start = [0.5, 0.5, 0.5, 0.5];
const heldOut = [{ step: 0, values: start }, { step: 2, values: [0.52, 0.52, 0.52, 0.52] }];

/** A run of study 1: capability-aware weights gain 0.8 of static's 0.1, and only static ones exceed the bound. */
export function ascentRow(
  seed: number,
  rule: AscentRule,
  preference: string,
  control: Control | null = null,
): AscentRow {
  const fixed = rule === "static";
  const end = fixed ? [0.6, 0.8, 0.3, 0.6] : [0.55, 0.65, 0.5, 0.55];
  return {
    seed,
    control,
    rewardNames,
    rule,
    preference,
    values: [start, [0.52, 0.55, 0.48, 0.52], end],
    heldOut,
    weights: [[0.25, 0.25, 0.25, 0.25], [0.25, 0.25, fixed ? 0.25 : 0.6, 0.25]],
    ratio: fixed ? 2 + seed / 10 : 0.05,
    fall: fixed ? 0.2 : 0,
    gain: fixed ? 0.1 : 0.08,
    heldOutFall: 0,
    heldOutGain: 0.02,
    predicted: fixed ? 0.1 : 0.079,
    residual: fixed ? 0 : 1e-12,
    smoothness: 0.5,
    harmful: fixed ? 2 : 0,
    deviation: control === "aligned" || fixed ? 0 : 0.35,
    seconds: 1,
  };
}

/** A training of study 2: half of version 0.1's steps harm, none of solve-then-step. */
export function optimizerRow(seed: number, way: OptimizerWay): OptimizerRow {
  const aware = way === "capability_aware";
  const cosines = Array.from(
    { length: 10 },
    (_, t) => [0.5, aware || t % 2 === 0 ? 0 : -0.3, 0.2, 0.1],
  );
  return {
    seed,
    way,
    values: [
      start,
      ...Array.from({ length: 10 }, (_, t) => start.map((x, i) => x + (i - 1) * 0.01 * t)),
    ],
    heldOut,
    weights: cosines.map(() => [0.25, 0.25, 0.25, 0.25]),
    cosines,
    steps: 10,
    harmful: aware ? 0 : 5,
    worst_cosine: aware ? -1e-7 : -0.3,
    fall: aware ? 0 : 0.05,
    falls: aware ? 0 : 0.08,
    gain: aware ? 0.08 : 0.1,
    heldOutFall: 0.01,
    heldOutGain: 0.02,
    seconds: 1,
  };
}

/** Batches of study 3, with the harm of some gates. */
export function noiseRow(
  seed: number,
  target: boolean,
  harm: Partial<Record<typeof gates[number], number>>,
  prompts = 16,
): NoiseRow {
  return {
    seed,
    step: 0,
    completions: 4,
    prompts,
    target,
    signal: target ? 0.5 : prompts / 32,
    gates: gates.map((gate) => ({
      gate,
      harm: harm[gate] ?? 0.3,
      fall: harm[gate] ?? 0.3,
      gain: gate === "static" ? 1 : 0.9,
      length: 1,
    })),
  };
}

/** Study 4: static gains 0.1 everywhere at equal preference and harms elsewhere; capability-aware gains 0.05 everywhere. */
export const fronts: Fronts = {
  preferences: [preferences[0]!, preferences[1]!, preferences[2]!].map(({ name, weights }) => ({
    name,
    weights,
  })),
  starts: [0, 1].map((seed) => ({ seed, values: start, heldOut: start })),
  rows: [0, 1].flatMap((seed) =>
    sweeps.flatMap((sweep) =>
      ["equal", "domain", "reasoning"].map((preference) => {
        const change = sweep === "static"
          ? preference === "equal" ? [0.1, 0.1, 0.1, 0.1] : [0.1, 0.1, -0.1, 0.1]
          : sweep === "soup"
          ? [-0.01, -0.01, -0.01, -0.01]
          : [0.05, 0.05, 0.05, 0.05];
        const values = start.map((x, i) => x + change[i]!);
        return { seed, sweep, preference, values, heldOut: values };
      })
    )
  ),
  reachable: Array.from({ length: 6 }, () => ({ x: [1, 0.8], y: [0.8, 1] })),
};

/** A population of study 0 in which two rewards are opposed. */
export function conflictRow(
  seed: number,
  dial: number,
  control: Control | null = null,
): ConflictRow {
  const opposed = control === null ? -0.6 : 1;
  return {
    seed,
    dial,
    control,
    rewardNames,
    prompts: 24,
    values: start,
    cosines: rewardNames.map((_, i) =>
      rewardNames.map((_, j) => i === j ? 1 : i + j === 3 ? opposed : 0.1)
    ),
    signal: [3, 2, 1, null],
    dimension: [10, 9, 8, null],
    rates: (control === null ? preferences : [preferences[0]!]).map(({ name }) => ({
      preference: name,
      rates: [0.5, control === null ? -0.2 : 0.5, 0.3, 0.4],
    })),
  };
}

const seeds = [0, 1, 2, 3, 4, 5];
const studies = {
  conflict: [
    ...seeds.map((seed) => conflictRow(seed, 0.5)),
    ...seeds.map((seed) => conflictRow(seed, 1)),
    conflictRow(0, 0.5, "aligned"),
  ],
  ascents: [
    ...seeds.flatMap((seed) =>
      ["equal", "reasoning"].flatMap((preference) =>
        (["static", "capability_aware"] as const).map((rule) => ascentRow(seed, rule, preference))
      )
    ),
    ascentRow(0, "capability_aware", "equal", "aligned"),
    ascentRow(0, "static", "equal", "dominant"),
    { ...ascentRow(0, "capability_aware", "equal", "dominant"), gain: 0, fall: 0 },
    ascentRow(0, "capability_aware", "equal", "random"),
  ],
  optimizers: seeds.flatMap((seed) => optimizerWays.map((way) => optimizerRow(seed, way))),
  noise: seeds.flatMap((seed) => [
    noiseRow(seed, true, { shrink: 0.1, veto: 0.4 }),
    noiseRow(seed, false, { shrink: 0.1, veto: 0.4 }, 8),
    noiseRow(seed, false, { shrink: 0.05, veto: 0.3 }, 32),
  ]),
};

/** Findings that support every hypothesis. */
export const exactLmFindings: ExactLmFindings = {
  protocol: { text: "0123456789abcdef", config: "fedcba9876543210" },
  rewardNames,
  replicates: 6,
  hypotheses: judgeHypotheses(studies, exactLmConfig),
  trainer: {
    static: { steps: 60, harmful: 30, worst_cosine: -0.3 },
    capability_aware: { steps: 60, harmful: 0, worst_cosine: -1e-7 },
  },
  ...studies,
  fronts,
};
