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
import { capital } from "../stages/verdicts.ts";
import { AWARE, CONTROL } from "./arms.ts";
import { preferenceOf } from "./config.ts";
import type { Condition, Difference, SampledFindings } from "./findings.ts";
import { type OutcomeName, outcomeNames, parts } from "./outcomes.ts";
import { fullPrompts, POINTS, preferencesOf } from "./wording.ts";

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

/** A row of dots for each condition, under a name. */
function differenceFigure(
  findings: SampledFindings,
  title: string,
  conditions: readonly Condition[],
  nameOf: (condition: Condition) => string,
): Figure {
  const rows = conditions.map(({ arm, preference, prompts }) =>
    findings.differences.filter((other) =>
      other.arm === arm && other.preference === preference && other.prompts === prompts
    )
  );
  return dotIntervals({
    title,
    rows: conditions.map(nameOf),
    panels: outcomeNames.map((outcome) => differencePanel(outcome, rows)),
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
function armFigure(findings: SampledFindings, preference: string): Figure {
  return differenceFigure(
    findings,
    `Arms against ${CONTROL} weights, preference ${preference}`,
    findings.conditions.filter((condition) =>
      condition.arm !== CONTROL && condition.preference === preference &&
      condition.prompts === fullPrompts(findings)
    ),
    ({ arm }) => arm,
  );
}

/** Capability-aware weights by preference and number of prompts a step. */
function noiseFigure(findings: SampledFindings): Figure {
  return differenceFigure(
    findings,
    `${capital(AWARE)} against ${CONTROL} weights by prompts a step`,
    findings.conditions.filter(({ arm }) => arm === AWARE),
    ({ preference, prompts }) => `${prompts} prompts, ${preference}`,
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
      name: `changes-${preference}`,
      figure: changeFigure(findings, preference),
    })),
    ...preferencesOf(findings).map((preference) => ({
      name: `differences-${preference}`,
      figure: armFigure(findings, preference),
    })),
    ...(weights === undefined ? [] : [{ name: "weights", figure: weights }]),
    ...(numbers.size > 1 ? [{ name: "noise", figure: noiseFigure(findings) }] : []),
  ];
}
