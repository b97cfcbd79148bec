/** Study 2 in tables, figures and sentences. @module */

import {
  curves,
  type CurveSeries,
  dotIntervals,
  type Figure,
  type Row,
} from "../../lib/figures/mod.ts";
import { limitedMean, type ReplicateMean, replicateMean } from "../laboratory/replicates.ts";
import { counted } from "../stages/verdicts.ts";
import type { ExactLmConfig } from "./config.ts";
import {
  type ExactLmFindings,
  type OptimizerRow,
  type OptimizerWay,
  optimizerWays,
} from "./findings.ts";
import { changes, everyStep, trajectoryCurves } from "./curves.ts";
import { wayNames } from "./names.ts";
import { meanText, number, type StudyView } from "./wording.ts";

const rowsOf = (rows: readonly OptimizerRow[], way: OptimizerWay): OptimizerRow[] =>
  rows.filter((row) => row.way === way);

const harmfulShare = (rows: readonly OptimizerRow[]): ReplicateMean =>
  limitedMean(rows.map(({ harmful, steps }) => harmful / steps), [0, 1]);

function tableRow(way: OptimizerWay, rows: readonly OptimizerRow[]): Row {
  const mean = (pick: (row: OptimizerRow) => number) => meanText(replicateMean(rows.map(pick)), 4);
  return {
    way: wayNames[way],
    "harmful steps": `${rows.reduce((sum, { harmful }) => sum + harmful, 0)} of ${
      rows.reduce((sum, { steps }) => sum + steps, 0)
    }`,
    "least cosine": Math.min(...rows.map(({ worst_cosine }) => worst_cosine)).toExponential(1)
      .replaceAll("-", "\u2212"),
    "largest fall": mean(({ fall }) => fall),
    "sum of falls": mean(({ falls }) => falls),
    "gain of F_p": mean(({ gain }) => gain),
    "held-out fall": mean(({ heldOutFall }) => heldOutFall),
    "held-out gain": mean(({ heldOutGain }) => heldOutGain),
  };
}

/** Harm and gain by way. */
function harmFigure(rows: readonly OptimizerRow[], steps: number): Figure {
  const panel = (
    title: string,
    xTitle: string,
    pick: (row: OptimizerRow) => number,
    meanOf: (values: readonly number[]) => ReplicateMean,
    reference?: number,
  ) => {
    const means = optimizerWays.map((way) => meanOf(rowsOf(rows, way).map(pick)));
    return {
      title,
      xTitle,
      values: means.map(({ mean }) => mean),
      low: means.map(({ low }) => low),
      high: means.map(({ high }) => high),
      replicates: optimizerWays.map((way) => rowsOf(rows, way).map(pick)),
      ...reference !== undefined && { reference },
    };
  };
  const per = (values: readonly number[]) => limitedMean(values, [0, 100]);
  const fromZero = (values: readonly number[]) => limitedMean(values, [0, Infinity]);
  return dotIntervals({
    title: "Five ways to use AdamW: harm and gain",
    rows: optimizerWays.map((way) => wayNames[way]),
    panels: [
      panel("harmful steps", "%", (row) => 100 * row.harmful / row.steps, per),
      panel("largest fall", "mean reward", ({ fall }) => fall, fromZero),
      panel("sum of falls", "mean reward", ({ falls }) => falls, fromZero),
      panel("gain of the preferred sum", "mean reward", ({ gain }) => gain, replicateMean, 0),
    ],
    n: rowsOf(rows, "static").length,
    unit: "replicates",
    caption: `${counted(steps, "step")} of the trainer on exact gradients`,
    digits: 3,
  });
}

/** Least cosine of every step with a reward's gradient. */
function cosineFigure(rows: readonly OptimizerRow[]): Figure {
  const series = optimizerWays.map((way): CurveSeries => {
    const least = rowsOf(rows, way).map(({ cosines }) => cosines.map((row) => Math.min(...row)));
    const means = least[0]!.map((_, t) => replicateMean(least.map((row) => row[t]!)));
    return {
      name: wayNames[way],
      x: means.map((_, t) => t + 1),
      y: means.map(({ mean }) => mean),
      ...least.length > 1 && {
        low: means.map(({ low }) => low),
        high: means.map(({ high }) => high),
      },
    };
  });
  return curves({
    title: "Least cosine of a step with a reward's gradient, in the metric of the step",
    series,
    xTitle: "Step",
    yTitle: "Cosine",
    references: [{ axis: "y", value: 0 }],
    n: rowsOf(rows, "static").length,
    unit: "replicates",
    caption: "Below 0 the step harms a reward to first order",
  });
}

function answerOf(rows: readonly OptimizerRow[]): string {
  const share = (way: OptimizerWay) =>
    `${meanText(harmfulShare(rowsOf(rows, way)), 0, 100)} % with ${wayNames[way]}`;
  const aware = rowsOf(rows, "capability_aware");
  const harmful = aware.reduce((sum, row) => sum + row.harmful, 0);
  const steps = aware.reduce((sum, row) => sum + row.steps, 0);
  const others = optimizerWays.filter((way) =>
    way !== "capability_aware" && rowsOf(rows, way).some((row) => row.harmful > 0)
  );
  const verdict = harmful > 0
    ? `No: even where weights are solved before the step ${harmful} of ${
      counted(steps, "step")
    } harm`
    : others.length === 0
    ? `None of the ways harms a reward in a step, solve-then-step in 0 of ${
      counted(steps, "step")
    }: there was no harm to avoid`
    : `Yes: where weights are solved before the step 0 of ${counted(steps, "step")} harm`;
  const gains = (["static", "capability_aware"] as const).map((way) =>
    replicateMean(rowsOf(rows, way).map(({ gain }) => gain))
  );
  const falls = (["static", "capability_aware"] as const).map((way) =>
    replicateMean(rowsOf(rows, way).map(({ fall }) => fall))
  );
  return `${verdict} (least cosine ${
    number(Math.min(...aware.map(({ worst_cosine }) => worst_cosine)), 6)
  }). Steps that harm: ${optimizerWays.map(share).join("; ")}. Largest fall of a reward: ${
    meanText(falls[1]!, 4)
  } with solve-then-step, ${
    meanText(falls[0]!, 4)
  } with static weights; gain of the preferred sum ${meanText(gains[1]!, 4)} and ${
    meanText(gains[0]!, 4)
  }.`;
}

/**
 * Shows study 2.
 *
 * @param rows the trainings
 * @param findings names of the rewards
 * @param config options of the run
 * @returns tables, figures and section
 */
export function viewOptimizer(
  rows: readonly OptimizerRow[],
  { rewardNames }: Pick<ExactLmFindings, "rewardNames">,
  { optimizer }: ExactLmConfig,
): StudyView {
  const figures = {
    "optimizer-harm": harmFigure(rows, optimizer.steps),
    "optimizer-cosines": cosineFigure(rows),
    "optimizer-rewards": trajectoryCurves({
      title: `Mean rewards over the steps of AdamW, preference ${optimizer.preference}`,
      names: rewardNames,
      lines: (["static", "version_0_1", "capability_aware"] as const).flatMap((way) => {
        const own = rowsOf(rows, way);
        const name = wayNames[way];
        return [
          { name, part: "train", rows: own.map(({ values }) => changes(everyStep(values))) },
          { name, part: "held out", rows: own.map(({ heldOut }) => changes(heldOut)) },
        ];
      }),
      yTitle: "Change of the mean reward",
      caption: "A panel for each reward; change from the start, exact over all answers",
    }),
  };
  const table = {
    name: "optimizer",
    caption:
      "Five ways to use AdamW: counts over all replicates, means with 95 % intervals over replicates",
    rows: optimizerWays.map((way) => tableRow(way, rowsOf(rows, way))),
  };
  return {
    tables: [table],
    figures: Object.entries(figures).map(([name, figure]) => ({ name, figure })),
    section: {
      id: "exact-lm-optimizer",
      question:
        "Study 2: does a step of AdamW harm no reward where weights are solved for the whole step (Theorem 5)?",
      answer: answerOf(rows),
      table: table.rows,
      tableCaption: table.caption,
      figures: Object.values(figures),
      digits: 4,
      method:
        `The trainer on exact gradients, ${
          counted(optimizer.steps, "step")
        }, learning rate ${optimizer.learningRate}, preference ` +
        `${optimizer.preference}, no cap, no ridge. Static weights take the optimizer's order of solve-then-step, so that they differ in the ` +
        "weights alone; version 0.1 uses weights from the next step on, updates the second moment before it divides, and clips the gradient. " +
        "A step harms where its cosine with a reward's gradient is below \u22121e-5 in the metric in which it was made.",
    },
  };
}
