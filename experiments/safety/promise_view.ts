/** Table, figure and sentences on selective answering where the risk is known. @module */

import { wilsonInterval } from "../../lib/evaluation/mod.ts";
import { dotIntervals, type Figure, type Row, sentenceList } from "../../lib/figures/mod.ts";
import type { SafetyConfig } from "./config.ts";
import { procedures, type PromiseCount, type Promises } from "./findings.ts";
import { detectableMeaning, detectableText } from "../stages/verdicts.ts";
import { counted, percent, shares, sideOf } from "./shares_view.ts";

/** The one way to choose that promises nothing. */
const unpromised = "no sequence";

/** Name of a count, as the figure has it. */
const nameOf = ({ procedure, population }: PromiseCount) => `${procedure}, ${population}`;

/**
 * How often promises were broken, with what nothing promises beside it.
 *
 * @param promises What was counted.
 * @param config Options of the run.
 * @returns The figure.
 */
export function promiseFigure(
  { counts, alpha, delta }: Promises,
  config: Pick<SafetyConfig, "calibrationItems" | "draws">,
): Figure {
  const panel = (title: string, count: "broken" | "testAbove") => ({
    title,
    xTitle: "Draws (%)",
    ...shares(counts.map((row) => [row[count], row.draws])),
    reference: 100 * delta,
  });
  return dotIntervals({
    title: "What is promised, and errors on a further split",
    rows: counts.map(nameOf),
    panels: [
      panel("Risk above \u03b1: promised", "broken"),
      panel("Test errors above \u03b1: not promised", "testAbove"),
    ],
    caption:
      `\u03b1 = ${alpha}, \u03b4 = ${delta}, the dashed line. ${config.calibrationItems} calibration items in each draw. ` +
      "Without a sequence nothing is promised on either side.",
    n: config.draws,
    unit: "draws",
    interval: "95 % Wilson intervals",
    sharedX: true,
    digits: 1,
  });
}

/**
 * One row a procedure and population.
 *
 * @param promises What was counted.
 * @returns The rows.
 */
export function promiseRows({ counts }: Promises): Row[] {
  return counts.map((row): Row => ({
    procedure: row.procedure,
    population: row.population,
    draws: row.draws,
    "promise broken (%)": 100 * row.broken / row.draws,
    "test errors above alpha, not promised (%)": 100 * row.testAbove / row.draws,
    "abstained (%)": 100 * row.abstained / row.draws,
  }));
}

/** The count with the largest share, as text and with its side of the limit. */
function worstOf(rows: readonly PromiseCount[], count: "broken" | "testAbove", limit: number) {
  const worst = rows.reduce((a, b) => b[count] / b.draws > a[count] / a.draws ? b : a);
  const [k, n] = [worst[count], worst.draws];
  const interval = wilsonInterval(k, n);
  return { text: counted(k, n, "draws"), side: sideOf(interval, limit), interval };
}

/**
 * Whether the promise is kept: its risk may exceed alpha in a share delta of the draws.
 *
 * @param promises What was counted.
 * @returns Yes, no or undecided, by the intervals; then what is not promised.
 */
export function promiseAnswer({ counts, delta, testItems }: Promises): string {
  const promised = counts.filter(({ procedure }) => procedure !== unpromised);
  const allowed = `\u03b4 allows ${percent(delta, 0)}`;
  const sides = promised.map((row) => ({
    row,
    side: sideOf(wilsonInterval(row.broken, row.draws), delta),
  }));
  const broken = sides.filter(({ side }) => side === "above").map(({ row }) => row);
  const worst = worstOf(promised, "broken", delta);
  const names = sentenceList(
    procedures.filter((name) => name !== unpromised).map((name) => `the ${name}`),
  );
  const verdict = broken.length > 0
    ? `No: where ${allowed}, the risk exceeds \u03b1 more often, beyond the interval, with ${
      sentenceList(broken.map((row) =>
        `${nameOf(row)} in ${counted(row.broken, row.draws, "draws")}`
      ))
    }.`
    : sides.every(({ side }) => side === "within")
    ? `Yes: with ${names} the risk exceeds \u03b1 in at most ${worst.text}, where ${allowed}.`
    : `These draws do not decide it: with ${names} the risk exceeds \u03b1 in up to ${worst.text}, where ${allowed} and the interval reaches further (${
      detectableText([worst.interval], 1, 100, " points")
    }).`;
  return `${verdict} ${
    withoutSequence(counts, delta)
  } Errors on a further split of ${testItems} items exceed \u03b1 in up to ${
    worstOf(promised, "testAbove", delta).text
  }, which nothing promises.`;
}

/** What comes of taking the best threshold without a sequence. */
function withoutSequence(counts: readonly PromiseCount[], delta: number): string {
  const rows = counts.filter(({ procedure }) => procedure === unpromised);
  const { text, side, interval } = worstOf(rows, "broken", delta);
  const outcome = {
    above: "more than \u03b4 allows",
    within: "within what \u03b4 allows",
    open: `not told apart from what \u03b4 allows (${
      detectableText([interval], 1, 100, " points")
    })`,
  }[side];
  return `With the best threshold out of all, without a sequence, it does in up to ${text}: ${outcome}.`;
}

/**
 * How the promise was checked.
 *
 * @param promises What was counted.
 * @param config Options of the run.
 * @returns Sentences.
 */
export function promiseMethod(
  { populations, fixedStart, testItems }: Promises,
  config: Pick<SafetyConfig, "calibrationItems" | "draws">,
): string {
  const risks = populations.map(({ name, risk }) => `${name}, ${risk}`).join("; ");
  return `${config.draws} calibration sets of ${config.calibrationItems} items from each population with a known risk at ` +
    `confidence c, uniform on [0, 1]: ${risks}. The fixed start is at ${fixedStart}. The further split has ${testItems} items, ` +
    `answered or not. Intervals: Wilson's, 95 %. ${detectableMeaning}`;
}
