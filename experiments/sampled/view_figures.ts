/** Figures of the experiment on sampled answers. @module */

import {
  type CurvePanel,
  curves,
  dotIntervals,
  type DotPanel,
  type DotPart,
  type Figure,
} from "../../lib/figures/mod.ts";
import type { NamedFigure } from "../core/experiment.ts";
import { AWARE, CONTROL } from "./arms.ts";
import { preferenceOf } from "./config.ts";
import type { Condition, ConditionFindings, Difference, SampledFindings } from "./findings.ts";
import { type OutcomeName, outcomeNames, parts } from "./outcomes.ts";
import { capital, fullPrompts, POINTS } from "./wording.ts";

/** A name of a file from that of a preference. */
const slug = (name: string): string =>
  name.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-").replaceAll(/^-|-$/g, "");

/** Names of the preferences, in the order of the conditions. */
const preferencesOf = ({ conditions }: Pick<SampledFindings, "conditions">): string[] => [
  ...new Set(conditions.map(({ preference }) => preference)),
];

/** How every reward changes from the start, a line for each arm with the full number of prompts a step. */
function changeFigure(findings: SampledFindings, preference: string): Figure {
  const own = findings.conditions.filter((condition) =>
    condition.preference === preference && condition.prompts === fullPrompts(findings)
  );
  const panels = findings.rewards.map((reward): CurvePanel => ({
    title: reward,
    series: parts.flatMap((part) =>
      own.map(({ arm, curves }) => {
        const { change } = curves.find((curve) => curve.reward === reward && curve.part === part)!;
        return {
          name: arm,
          part,
          x: findings.judged,
          y: change.map(({ mean }) => POINTS * mean),
          ...(part === "train" && findings.replicates > 1 && {
            low: change.map(({ low }) => POINTS * low),
            high: change.map(({ high }) => POINTS * high),
          }),
        };
      })
    ),
    references: [{ axis: "y", value: 0 }],
  }));
  return curves({
    title: `Exact change of the rewards from the start, preference ${preference}`,
    series: panels,
    xTitle: "Step",
    yTitle: "Change (points)",
    columns: 2,
    n: findings.replicates,
    unit: "replicates",
    band: "range over the replicates, on the prompts that are trained on",
    digits: 1,
  });
}

/** Weights over the steps, a panel for each arm and preference in which they move. */
function weightFigure(findings: SampledFindings): Figure | undefined {
  const moving = findings.conditions.filter(({ weights, prompts }) =>
    weights.length > 0 && prompts === fullPrompts(findings)
  );
  if (moving.length === 0) return undefined;
  const panels = moving.map(({ arm, preference, weights }): CurvePanel => ({
    title: `${arm}, ${preference}`,
    series: findings.rewards.map((reward, i) => ({
      name: reward,
      x: weights.map((_, step) => step + 1),
      y: weights.map((row) => row[i]!),
    })),
    references: [...new Set(preferenceOf(preference).weights)].map((value) => ({
      axis: "y",
      value,
    })),
  }));
  return curves({
    title: "Weights of the rewards",
    series: panels,
    xTitle: "Step",
    yTitle: "Weight",
    n: findings.replicates,
    unit: "replicates",
    caption: "Mean over the replicates; dashed: the preference.",
  });
}

/** Rows of dots: differences of one outcome, train first, held out under it. */
function differencePanel(
  outcome: OutcomeName,
  rows: readonly (readonly Difference[])[],
): DotPanel {
  const several = rows.some((row) => row.some(({ replicates }) => replicates.length > 1));
  const read = (part: string) => {
    const found = rows.map((row) => row.find((d) => d.outcome === outcome && d.part === part));
    const points = (value: number | undefined) => value === undefined ? null : POINTS * value;
    return {
      values: found.map((d) => points(d?.estimate.value)),
      low: found.map((d) => points(d?.estimate.low)),
      high: found.map((d) => points(d?.estimate.high)),
      ...several && {
        replicates: found.map((d) => (d?.replicates ?? []).map((x) => POINTS * x)),
      },
    };
  };
  const [first, ...others] = parts;
  return {
    title: outcome,
    xTitle: "Difference (points)",
    reference: 0,
    part: first,
    ...read(first),
    others: others.map((part): DotPart => ({ name: part, ...read(part) })),
  };
}

function differenceFigure(
  findings: SampledFindings,
  title: string,
  rows: readonly (readonly [string, (condition: Condition) => boolean])[],
): Figure {
  const found = rows.map(([, belongs]) => findings.differences.filter(belongs));
  return dotIntervals({
    title,
    rows: rows.map(([name]) => name),
    panels: outcomeNames.map((outcome) => differencePanel(outcome, found)),
    n: findings.replicates,
    unit: "replicates",
    interval: "95 % intervals over replicates and prompts",
    caption: `Paired differences from ${CONTROL} weights${
      findings.replicates > 1 ? "; small dots: single replicates" : ""
    }. A difference below 0 in the largest fall is a smaller fall.`,
    digits: 1,
  });
}

/** Arms with the full number of prompts at a preference, but for the control. */
function armRows(findings: SampledFindings, preference: string) {
  const own = findings.conditions.filter((condition) =>
    condition.arm !== CONTROL && condition.preference === preference &&
    condition.prompts === fullPrompts(findings)
  );
  return own.map(({ arm, prompts }: ConditionFindings) =>
    [
      arm,
      (other: Condition) =>
        other.arm === arm && other.preference === preference && other.prompts === prompts,
    ] as const
  );
}

/** Capability-aware weights by preference and number of prompts a step. */
function noiseRows(findings: SampledFindings) {
  const own = findings.conditions.filter(({ arm }) => arm === AWARE);
  return own.map(({ preference, prompts }: ConditionFindings) =>
    [
      `${prompts} prompts, ${preference}`,
      (other: Condition) =>
        other.arm === AWARE && other.preference === preference && other.prompts === prompts,
    ] as const
  );
}

/**
 * All figures.
 *
 * @param findings what was found
 * @returns changes and differences by preference, weights where they move, and what fewer prompts do
 */
export function sampledFigures(findings: SampledFindings): NamedFigure[] {
  const weights = weightFigure(findings);
  const numbers = new Set(findings.conditions.map(({ prompts }) => prompts));
  return [
    ...preferencesOf(findings).map((preference) => ({
      name: `changes-${slug(preference)}`,
      figure: changeFigure(findings, preference),
    })),
    ...preferencesOf(findings).map((preference) => ({
      name: `differences-${slug(preference)}`,
      figure: differenceFigure(
        findings,
        `Arms against ${CONTROL} weights, preference ${preference}`,
        armRows(findings, preference),
      ),
    })),
    ...(weights === undefined ? [] : [{ name: "weights", figure: weights }]),
    ...(numbers.size > 1
      ? [{
        name: "noise",
        figure: differenceFigure(
          findings,
          `${capital(AWARE)} against ${CONTROL} weights by prompts a step`,
          noiseRows(findings),
        ),
      }]
      : []),
  ];
}
