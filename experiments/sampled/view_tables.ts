/** Tables of the experiment on sampled answers. @module */

import type { Row } from "../../lib/figures/mod.ts";
import { listed, minus, withInterval } from "../stages/verdicts.ts";
import type { Condition, Range, SampledFindings } from "./findings.ts";
import { conditionName } from "./metrics.ts";
import { POINTS, pointsText, whenText } from "./wording.ts";

/** The claims with their numbers. */
export function hypothesisRows({ hypotheses }: SampledFindings): Row[] {
  return hypotheses.map((
    { id, statement, estimate, low, high, p, holm, replicates, holds },
  ): Row => ({
    claim: id,
    statement,
    "margin (points)": pointsText(estimate, { low, high }),
    "each replicate": listed(replicates.map((x) => minus((POINTS * x).toFixed(1)))),
    p: p.toFixed(3),
    "p (Holm)": holm.toFixed(3),
    holds: holds ? "yes" : "no",
  }));
}

/** What became of the rewards in every condition. */
export function outcomeRows({ conditions }: SampledFindings): Row[] {
  return conditions.map(({ arm, preference, prompts, outcomes, harm, outside }): Row => ({
    arm,
    preference,
    prompts,
    ...Object.fromEntries(outcomes.map(({ part, outcome, estimate }) => [
      `${outcome}, ${part} (points)`,
      pointsText(estimate.value, estimate),
    ])),
    "harmful steps": harm.steps === 0 ? null : `${harm.harmful} of ${harm.steps}`,
    "least cosine, mean": harm.mean === null ? null : minus(harm.mean.toFixed(2)),
    "outside at the end (%)": (POINTS * outside.end).toFixed(1),
  }));
}

/** Signal to noise: exact where it was measured, and as the training logs it. */
export function signalRows({ rewards, conditions }: SampledFindings): Row[] {
  const row = (
    condition: Condition,
    where: string,
    noise: string,
    read: (i: number) => string | null,
  ): Row => ({
    condition: conditionName(condition),
    where,
    noise,
    ...Object.fromEntries(rewards.map((name, i) => [name, read(i)])),
  });
  const range = ({ mean, low, high }: Range, prompts: number) =>
    withInterval(mean, { low, high }, 2, prompts);
  return [
    ...conditions.flatMap((condition) =>
      condition.signal.flatMap(({ step, drawn, whole }) =>
        ([["prompts and completions", drawn], ["completions", whole]] as const).map((
          [noise, ranges],
        ) =>
          row(
            condition,
            `exact, ${whenText(step)}`,
            noise,
            (i) => range(ranges[i]!, condition.prompts),
          )
        )
      )
    ),
    ...conditions.filter(({ logged }) => logged.some((x) => x !== null)).map((condition) =>
      row(condition, "logged, mean over the steps", "blocks of prompts", (i) => {
        const ratio = condition.logged[i] ?? null;
        return ratio === null ? null : minus(ratio.toFixed(2));
      })
    ),
  ];
}

/** Every arm against the control. */
export function differenceRows({ differences }: SampledFindings): Row[] {
  return differences.map((
    { arm, preference, prompts, part, outcome, estimate, replicates },
  ): Row => ({
    arm,
    preference,
    prompts,
    part,
    outcome,
    "difference (points)": pointsText(estimate.value, estimate),
    "replicates below 0": `${replicates.filter((x) => x < 0).length} of ${replicates.length}`,
  }));
}
