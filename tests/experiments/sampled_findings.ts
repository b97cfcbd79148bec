/** Made-up findings of the experiment on sampled answers, for tests of its statistics and of what is shown. @module */

import { sampledPresets, sampledSchema } from "../../experiments/sampled/config.ts";
import type { Condition, SampledFindings } from "../../experiments/sampled/findings.ts";
import type { RunValues } from "../../experiments/sampled/outcomes.ts";
import { conditionFindings, statisticsOf } from "../../experiments/sampled/summary.ts";
import type { Trial } from "../../experiments/sampled/trial.ts";
import { conflictRewards } from "../../lib/synthesis/mod.ts";

/** Options of the quick preset, with two further arms. */
export const sampledConfig = sampledSchema.parse({
  ...sampledPresets.quick,
  furtherArms: ["UPGrad", "capability-aware with shrinking"],
});

/** What a made-up run went through, in rewards: `fall` is that of the third reward on the way, `gain` that of all. */
export interface MadeUp {
  readonly fall: number;
  readonly gain: number;
  /** Least cosine of its steps with a reward's gradient; unmeasured when left out. */
  readonly cosine?: number;
  /** Whether its weights leave the preference. */
  readonly moves?: boolean;
}

const steps = [0, 2, 4, 6];
const prompts = 12;

/** Values of a run: the fall at step 4, the gain at the end, the same for every prompt and a fifth of it on held-out ones. */
function values({ fall, gain }: MadeUp, share: number): RunValues {
  const at = (part: number) =>
    steps.map((step) =>
      Array.from(
        { length: prompts },
        () =>
          conflictRewards.map((_, i) =>
            0.4 + part * (step === 6 ? gain : step === 4 && i === 2 ? -fall : 0)
          ),
      )
    );
  return { steps, train: at(share), heldOut: at(share / 5) };
}

function trial(made: MadeUp, share: number, signal: number | undefined): Trial {
  const log = Array.from({ length: 6 }, (_, t) => {
    const named = (group: string, of: (i: number) => number) =>
      Object.fromEntries(conflictRewards.map((name, i) => [`${group}/${name}`, of(i)]));
    return {
      step: t + 1,
      loss: 0,
      grad_norm: 1,
      learning_rate: 1e-3,
      step_time: 1,
      ...made.moves && {
        ...named("weights", (i) => 0.25 + 0.1 * (i - 1.5)),
        ...named("balance/signal_to_noise", (i) => i - 0.5),
      },
      ...made.cosine !== undefined && t % 2 === 1 && named("harm", (i) => made.cosine! + 0.1 * i),
      ...signal !== undefined && t % 3 === 0 && {
        ...named("signal/drawn", () => share * signal),
        ...named("signal/whole", () => 2 * share * signal),
      },
    };
  });
  return { log, values: values(made, share), outside: { start: 0.01, end: 0.02 }, seconds: 1 };
}

/** What is found where arms went through what is said, by arm, by number of prompts a step; shares tell replicates apart. */
export interface MadeUpRuns {
  readonly full: Readonly<Partial<Record<Condition["arm"], MadeUp>>>;
  readonly noisy: Readonly<Partial<Record<Condition["arm"], MadeUp>>>;
  /** How far replicates go, 8 of them when left out. */
  readonly shares?: readonly number[];
  /** Signal to noise of one prompt under capability-aware weights; unmeasured when left out. */
  readonly signal?: number;
  /** Cosine of the first two rewards' gradients at the start, 0.2 below that of any other two; -0.2 when left out. */
  readonly cosine?: number;
}

/**
 * Findings of made-up runs at both preferences.
 *
 * @param runs what every arm went through
 * @returns the findings
 */
export function sampledFindingsOf(
  { full, noisy, shares, signal, cosine = -0.2 }: MadeUpRuns,
): SampledFindings {
  const own = shares ?? [0.8, 0.9, 1, 1.1, 1.2, 0.85, 0.95, 1.05];
  const of = (
    runs: MadeUpRuns["full"],
    preference: string,
    prompts: number,
  ): (Condition & { made: MadeUp })[] =>
    Object.entries(runs).map(([arm, made]) => ({
      arm: arm as Condition["arm"],
      preference,
      prompts,
      made,
    }));
  const { prompts: many, noisyPrompts: few } = sampledConfig;
  const all = [
    ...of(full, "equal", many),
    ...of(full, "reasoning", many),
    ...of(noisy, "reasoning", few),
  ];
  const conditions = all.map(({ made: _, ...condition }): Condition => condition);
  const measured = all.findIndex(({ arm, preference, prompts }) =>
    arm === "capability-aware" && preference === "reasoning" && prompts === many
  );
  const replicates = own.map((share) => ({
    cosines: conflictRewards.map((_, i) =>
      conflictRewards.map((_, j) => i === j ? 1 : i + j === 1 ? cosine : cosine + 0.2)
    ),
    startSeconds: 1,
    trials: all.map(({ made }, c) => trial(made, share, c === measured ? signal : undefined)),
  }));
  const statistics = statisticsOf(replicates, conditions, many, { resamples: 400 });
  return {
    rewards: conflictRewards,
    tasks: ["a", "b"],
    prompts: { train: prompts, heldOut: prompts },
    replicates: own.length,
    judged: steps,
    start: {
      train: conflictRewards.map(() => 0.4),
      heldOut: conflictRewards.map(() => 0.4),
      cosines: replicates[0]!.cosines,
    },
    conditions: conditions.map((condition, c) =>
      conditionFindings(
        condition,
        conflictRewards,
        replicates.map(({ trials }) => trials[c]!),
        statistics.outcomes.filter((row) => row.condition === c),
      )
    ),
    differences: statistics.differences,
    hypotheses: statistics.hypotheses,
    protocol: { text: "0123456789abcdef", config: "fedcba9876543210" },
    resamples: 400,
  };
}
