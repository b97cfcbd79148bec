/** Study 0 in tables, figures and sentences. @module */

import { dotIntervals, heatMap, type Row } from "../../lib/figures/mod.ts";
import { limitedMean } from "../laboratory/replicates.ts";
import { counted, shareOf } from "../stages/verdicts.ts";
import type { ExactLmConfig } from "./config.ts";
import type { ConflictRow, ExactLmFindings } from "./findings.ts";
import { number, rangeText, type StudyView } from "./wording.ts";

/** Cosine below which rewards conflict enough to go on. */
const CONFLICT = -0.2;

/** Share of the replicates that have to say go. */
const SHARE = 5 / 6;

/** Least cosine of two different rewards. */
function leastCosine({ cosines }: ConflictRow): number {
  return Math.min(
    1,
    ...cosines.flatMap((row, i) => row.filter((x, j) => x !== null && i < j)) as number[],
  );
}

const leastRate = ({ rates }: ConflictRow): number =>
  Math.min(...rates.flatMap((row) => row.rates));

const goes = (row: ConflictRow): boolean => leastCosine(row) < CONFLICT && leastRate(row) < 0;

/** What a population is called. */
function populationName({ dial, control }: ConflictRow): string {
  return control === null
    ? `dial ${dial}`
    : control === "aligned"
    ? "aligned copy"
    : `${control} ${control === "random" ? "labels" : "conflict"}`;
}

function populationRow(name: string, rows: readonly ConflictRow[]): Row {
  const over = (pick: (row: ConflictRow) => readonly (number | null)[]) => {
    const values = rows.flatMap(pick).filter((x) => x !== null);
    return values.length === 0 ? "\u2013" : rangeText(values, 1);
  };
  const harmed = rows.map(({ rates }) => rates.filter((row) => Math.min(...row.rates) < 0).length);
  return {
    population: name,
    replicates: rows.length,
    "least cosine": rangeText(rows.map(leastCosine), 2),
    "least (Gp)_i": rangeText(rows.map(leastRate), 2),
    "preferences that harm": `${rangeText(harmed, 0)} of ${rows[0]!.rates.length}`,
    "signal to noise": over(({ signal }) => signal),
    "effective dimension": over(({ dimension }) => dimension),
  };
}

/** Mean over replicates of a number that some do not have. */
function meanOf(values: readonly (number | null)[]): number | null {
  const known = values.filter((x) => x !== null);
  return known.length === 0 ? null : known.reduce((a, b) => a + b, 0) / known.length;
}

/** Rows of the dial that the studies use. */
const ownRows = (rows: readonly ConflictRow[], dial: number): ConflictRow[] =>
  rows.filter((row) => row.control === null && row.dial === dial);

function figuresOf(own: readonly ConflictRow[], names: readonly string[], dial: number) {
  const unit = "replicates";
  return {
    cosines: heatMap({
      title: "Cosines of the exact gradients at the start",
      rows: names,
      columns: names,
      values: names.map((_, i) =>
        names.map((_, j) => meanOf(own.map(({ cosines }) => cosines[i]![j]!)))
      ),
      missing: "a gradient is 0",
      range: [-1, 1],
      colors: "diverging",
      caption: `In the metric of the pilot, dial ${dial}; mean over ${
        counted(own.length, "replicate")
      }.`,
    }),
    rates: dotIntervals({
      title:
        "Which preferences would harm whom: cosine of the preferred direction with each gradient",
      rows: own[0]!.rates.map(({ preference }) => preference),
      panels: names.map((name, i) => {
        const means = own[0]!.rates.map((_, k) =>
          limitedMean(own.map(({ rates }) => rates[k]!.rates[i]!), [-1, 1])
        );
        return {
          title: name,
          xTitle: "(Gp)_i / (|g_i| |u|)",
          values: means.map(({ mean }) => mean),
          low: means.map(({ low }) => low),
          high: means.map(({ high }) => high),
          replicates: own[0]!.rates.map((_, k) => own.map(({ rates }) => rates[k]!.rates[i]!)),
          reference: 0,
        };
      }),
      n: own.length,
      unit,
      sharedX: true,
      caption:
        `Below 0 static weights with that preference lower the reward to first order; dial ${dial}`,
    }),
  };
}

function answerOf(own: readonly ConflictRow[], dial: number): string {
  const go = own.filter(goes).length;
  const met = go >= SHARE * own.length - 1e-9;
  const worst = own.reduce((a, b) => leastCosine(b) < leastCosine(a) ? b : a);
  return `${
    met ? "Yes: go" : "No: the dial does not go, and what follows says little about conflict"
  }. At dial ${dial} some cosine is below ${
    number(CONFLICT, 1)
  } and some preference harms a reward in ${
    shareOf(go, own.length, "replicate")
  }; the least cosine is ${
    number(leastCosine(worst), 2)
  }, the least cosine of a preferred direction with a gradient ${
    number(Math.min(...own.map(leastRate)), 2)
  }.`;
}

/**
 * Shows study 0.
 *
 * @param rows what was measured
 * @param findings names of the rewards
 * @param config options of the run
 * @returns tables, figures and section
 */
export function viewConflict(
  rows: readonly ConflictRow[],
  { rewardNames }: Pick<ExactLmFindings, "rewardNames">,
  config: ExactLmConfig,
): StudyView {
  const own = ownRows(rows, config.dial);
  const figures = figuresOf(own, rewardNames, config.dial);
  const table = {
    name: "conflict",
    caption:
      "Exact gradients at the start by population: median over replicates with the least and the largest",
    rows: [...Map.groupBy(rows, populationName)].map(([name, group]) => populationRow(name, group)),
  };
  return {
    tables: [table],
    figures: Object.entries(figures).map(([name, figure]) => ({ name, figure })),
    section: {
      id: "exact-lm-conflict",
      question: "Study 0: do the rewards conflict on the language model?",
      answer: answerOf(own, config.dial),
      table: table.rows,
      tableCaption: table.caption,
      figures: Object.values(figures),
      method:
        `${
          own[0]!.prompts
        } prompts in the population of the bench. Gradients of every prompt, in the metric of a pilot of ${
          counted(config.pilot.steps, "step")
        } of Adam. Signal to noise is n G_ii / C_ii of a batch of as many prompts, C the covariance over prompts; the ` +
        "effective dimension is (tr S)^2 / tr S^2 of the prompts' gradients about their mean.",
    },
  };
}
