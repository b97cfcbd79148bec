/** Study 3 in tables, figures and sentences. @module */

import { type CurvePanel, curves, type Figure, type Row } from "../../lib/figures/mod.ts";
import { limitedMean, type ReplicateMean } from "../laboratory/replicates.ts";
import { counted } from "../stages/verdicts.ts";
import type { ExactLmConfig } from "./config.ts";
import { type Gate, gates, type NoiseRow } from "./findings.ts";
import { gateNames } from "./names.ts";
import { meanText, number, type StudyView } from "./wording.ts";

type Measure = "harm" | "fall" | "gain" | "length";

const valueOf = (row: NoiseRow, gate: Gate, measure: Measure): number =>
  row.gates.find((found) => found.gate === gate)![measure];

/** One number a replicate: the mean over its rows. */
function perReplicate(rows: readonly NoiseRow[], pick: (row: NoiseRow) => number): number[] {
  return [...Map.groupBy(rows, ({ seed }) => seed).values()].map((own) =>
    own.reduce((sum, row) => sum + pick(row), 0) / own.length
  );
}

/** Least and largest values of a measure. */
const limits: Readonly<Record<Measure, readonly [number, number]>> = {
  harm: [0, 1],
  fall: [0, Infinity],
  gain: [-Infinity, Infinity],
  length: [0, Infinity],
};

/** Mean over replicates of a gate's measure. */
function meanOf(rows: readonly NoiseRow[], gate: Gate, measure: Measure): ReplicateMean {
  return limitedMean(perReplicate(rows, (row) => valueOf(row, gate, measure)), limits[measure]);
}

const completionsText = (completions: number | null): string =>
  completions === null ? "exact on each prompt" : `${completions} answers a prompt`;

/** A measure over the true signal to noise, a panel for each number of answers. */
function noiseFigure(
  rows: readonly NoiseRow[],
  measure: Measure,
  { title, yTitle, caption }: { title: string; yTitle: string; caption: string },
): Figure {
  const drawn = rows.filter(({ target, signal }) => !target && signal > 0);
  const panels = [...Map.groupBy(drawn, ({ completions }) => completions)].map(
    ([completions, own]): CurvePanel => {
      const sizes = [...Map.groupBy(own, ({ prompts }) => prompts).values()];
      // Signals are ratios: their mean is that of logarithms.
      const x = sizes.map((group) =>
        Math.exp(group.reduce((sum, { signal }) => sum + Math.log(signal), 0) / group.length)
      );
      return {
        title: completionsText(completions),
        series: gates.map((gate) => {
          const means = sizes.map((group) => meanOf(group, gate, measure));
          return {
            name: gateNames[gate],
            x,
            y: means.map(({ mean }) => mean),
            ...means[0]!.n > 1 && {
              low: means.map(({ low }) => low),
              high: means.map(({ high }) => high),
            },
          };
        }),
      };
    },
  );
  return curves({
    title,
    series: panels,
    xTitle: "True signal to noise",
    yTitle,
    xScale: "log",
    n: new Set(drawn.map(({ seed }) => seed)).size,
    unit: "replicates",
    columns: 2,
    digits: 3,
    caption,
  });
}

/** Harm and gain at the signal to noise of hypothesis 4. */
function targetRows(rows: readonly NoiseRow[]): Row[] {
  const groups = [...Map.groupBy(rows, ({ completions }) => completions)];
  return groups.flatMap(([completions, own]) =>
    gates.map((gate): Row => {
      const mean = (measure: Measure) => meanText(meanOf(own, gate, measure));
      return {
        answers: completionsText(completions),
        prompts: `${Math.min(...own.map(({ prompts }) => prompts))} to ${
          Math.max(...own.map(({ prompts }) => prompts))
        }`,
        gate: gateNames[gate],
        harm: mean("harm"),
        "fall (static step = 1)": mean("fall"),
        "gain (static = 1)": mean("gain"),
        "length (static = 1)": mean("length"),
      };
    })
  );
}

function answerOf(target: readonly NoiseRow[], { noise }: ExactLmConfig): string {
  if (target.length === 0) {
    return `No number of prompts of at least 4 gives a signal to noise of ${noise.signal}: at this size nothing can be said.`;
  }
  const harm = (gate: Gate) => meanOf(target, gate, "harm");
  const gain = (gate: Gate) => meanOf(target, gate, "gain");
  const [hard, shrunk, none, fixed] = [harm("veto"), harm("shrink"), harm("none"), harm("static")];
  const verdict = hard.mean <= 1e-9
    ? "The hard gate harms nobody, so there is nothing to compare"
    : shrunk.mean <= hard.mean / 2
    ? `Shrunk products leave ${
      number(100 * shrunk.mean / hard.mean, 0)
    } % of the hard gate's harm, at most half`
    : shrunk.mean < hard.mean
    ? `Shrunk products leave ${
      number(100 * shrunk.mean / hard.mean, 0)
    } % of the hard gate's harm, more than half`
    : "Shrunk products harm no less than the hard gate";
  return `${verdict}, at a true signal to noise of ${noise.signal}: harm ${
    meanText(shrunk)
  } shrunk, ${meanText(hard)} hard, ${meanText(none)} without a gate, ${
    meanText(fixed)
  } with static weights (minus the least cosine with a gradient); gain ${
    meanText(gain("shrink"))
  }, ${meanText(gain("veto"))} and ${meanText(gain("none"))} of static's.`;
}

/**
 * Shows study 3.
 *
 * @param rows what was drawn
 * @param config options of the run
 * @returns tables, figures and section
 */
export function viewNoise(rows: readonly NoiseRow[], config: ExactLmConfig): StudyView {
  const { noise, optimizer } = config;
  const target = rows.filter((row) => row.target);
  const figures = {
    "noise-harm": noiseFigure(rows, "harm", {
      title: "Harm of weights from noisy products, judged by exact gradients",
      yTitle: "Harm",
      caption:
        "Mean over batches of minus the least cosine of the direction with a reward's exact gradient, 0 where none is negative",
    }),
    "noise-gain": noiseFigure(rows, "gain", {
      title: "Gain of weights from noisy products, judged by exact gradients",
      yTitle: "Gain (static = 1)",
      caption: "First-order gain of the preferred sum relative to that of static weights",
    }),
  };
  const tables = target.length === 0 ? [] : [{
    name: "noise",
    caption:
      `Harm and gain at a true signal to noise of ${noise.signal}, with 95 % intervals over replicates`,
    rows: targetRows(target),
  }];
  return {
    tables,
    figures: Object.entries(figures).map(([name, figure]) => ({ name, figure })),
    section: {
      id: "exact-lm-noise",
      question: "Study 3: what does noise do to the weights, and which gate keeps harm small?",
      answer: answerOf(target, config),
      ...tables.length > 0 && { table: tables[0]!.rows, tableCaption: tables[0]!.caption },
      figures: Object.values(figures),
      digits: 3,
      method:
        `Inner products between the gradients of all answers' probabilities, after ${
          noise.checkpoints.join(", ")
        } steps of study 2's static ` +
        `run, in the pilot's metric; ${
          counted(noise.draws, "batch").replace(/batchs$/, "batches")
        } of each size, drawn with replacement, follow from them exactly, sampled answers included. ` +
        `Weights as the trainer solves them (halves of at most 16 blocks, its cap and ridge, no momentum), preference ${optimizer.preference}. The signal to noise ` +
        "n G_ii / C_ii is exact, the geometric mean over the rewards.",
    },
  };
}
