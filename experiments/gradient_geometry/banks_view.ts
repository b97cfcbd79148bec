/** Figures, rows and sentences of what one capability's part of an adapter does to the others. @module */

import {
  dotIntervals,
  type Figure,
  formatNumber,
  formatShare,
  heatMap,
  type Row,
  sentenceList,
} from "../../lib/figures/mod.ts";
import { average } from "../../lib/evaluation/mod.ts";
import { capabilities } from "../../lib/synthesis/mod.ts";
import { type Measured, metricOf } from "./exact_view.ts";
import {
  amongApart,
  apart,
  type BankFindings,
  type BankOutcome,
  type GeometryFindings,
  movedByLength,
} from "./findings.ts";

const largest = (values: readonly number[]) => Math.max(...values);

/** Capabilities whose states were left in. */
const leftIn = capabilities.filter((c) => !apart.includes(c));

/**
 * What disjoint banks hold of each capability's gradient, with the states of the others in and out.
 *
 * @param findings what stands in findings.json
 * @returns the figure
 */
export function bankMatrix({ banks }: GeometryFindings): Figure {
  const lines = banks.outcomes
    .filter(({ kind }) => kind === "disjoint" || kind === "inputs removed")
    .flatMap(({ kind, seen }) =>
      capabilities.map((c, i) => ({ name: `${kind}: ${c}`, values: seen[i]! }))
    );
  return heatMap({
    title: "Part of each gradient inside each bank",
    rows: lines.map(({ name }) => name),
    columns: [...capabilities],
    values: lines.map(({ values }) => values),
    range: [0, 1],
    xTitle: "Capability",
    caption:
      "Norm inside the bank over the whole norm, on the prompts whose states were removed. " +
      `States of ${sentenceList(leftIn)} were left in.`,
  });
}

/** A capability's own answers over a step of length 1, averaged over those that are kept apart. */
function ownByLength(banks: BankFindings, outcome: BankOutcome): number {
  const moved = movedByLength(banks, outcome);
  return average(apart.map((c) => capabilities.indexOf(c)).map((i) => moved[i]![i]!));
}

/**
 * What banks hold of the others' gradients, and how far they move the others' answers.
 *
 * @param results what stands in results.json
 * @param findings what stands in findings.json
 * @returns the figure
 */
export function bankFigure(results: Measured, { banks }: GeometryFindings): Figure {
  const { outcomes } = banks;
  const kinds = outcomes.map(({ kind }) => kind);
  const values = (
    capability: string,
    of: (outcome: BankOutcome) => readonly (readonly number[])[],
  ) => {
    const found = kinds.map((kind) => metricOf(results, kind, capability));
    return {
      values: found.map(({ mean }) => mean),
      low: found.map(({ low }) => low),
      high: found.map(({ high }) => high),
      replicates: outcomes.map((outcome) => amongApart(of(outcome))),
    };
  };
  const nobody = kinds.map(() => null);
  const pairs = apart.length * (apart.length - 1);
  return dotIntervals({
    title: "What a capability's bank does to the others",
    rows: kinds,
    panels: [
      {
        title: "Others' gradient inside, first prompts",
        xTitle: "Share of its norm",
        limits: [0, 1] as const,
        ...values("gradient of others in a bank", ({ seen }) => seen),
      },
      {
        title: "Others' gradient inside, further prompts",
        xTitle: "Share of its norm",
        limits: [0, 1] as const,
        ...values("gradient of others, further prompts", ({ fresh }) => fresh),
      },
      {
        title: "Movement of others' answers",
        xTitle: "Relative to its own",
        ...values("movement of others' answers", ({ moved }) => moved),
      },
      {
        title: "Movement over a step of length 1",
        xTitle: "Nats",
        part: "others",
        ...values(
          "movement of others' answers, step of length 1",
          (outcome) => movedByLength(banks, outcome),
        ),
        others: [{
          name: "its own",
          values: outcomes.map((outcome) => ownByLength(banks, outcome)),
          low: nobody,
          high: nobody,
        }],
      },
    ],
    columns: 2,
    n: pairs,
    unit: "pairs",
    interval: "95 % bootstrap intervals of the mean over pairs",
    caption: `Ordered pairs of ${sentenceList(apart)}. Answers are those to the first prompts. ${
      stepText(banks)
    }`,
  });
}

/** Why banks that are apart can move others more than a whole adapter does, as sentences. */
function stepText(banks: BankFindings): string {
  const [whole, own] = (["shared", "disjoint"] as const).map((kind) =>
    banks.outcomes.find((outcome) => outcome.kind === kind)
  );
  if (whole === undefined || own === undefined) return "";
  const mean = ({ moved }: BankOutcome) => average(amongApart(moved));
  const others = (outcome: BankOutcome) => average(amongApart(movedByLength(banks, outcome)));
  const at = apart.map((c) => capabilities.indexOf(c));
  const longer = average(at.map((i) => own.lengths[i]! / whole.lengths[i]!));
  const [relative, absolute] = [mean(own) / mean(whole), others(own) / others(whole)];
  const why = relative <= 1
    ? ""
    : absolute <= 1
    ? ": the longer step is why it moves them more"
    : ": the longer step alone is not why it moves them more";
  return `Relative to its own answers a bank of "disjoint" moves those of others ${
    formatNumber(relative, 2)
  } times as far as one of "shared" (${formatNumber(mean(own), 2)} against ${
    formatNumber(mean(whole), 2)
  }). To move its own by ${banks.ownMove} nats, its ${banks.ranksEach} of ${banks.rank} ranks take a step ${
    formatNumber(longer, 2)
  } times as long; over a step of one length it moves the others ${
    formatNumber(absolute, 2)
  } times as far${why}.`;
}

/**
 * One row a way to give each capability a bank.
 *
 * @param findings what stands in findings.json
 * @returns the rows
 */
export function bankRows({ banks }: GeometryFindings): Row[] {
  const most = (values: readonly number[]) => largest(values).toPrecision(2);
  const integration = capabilities.indexOf("integration");
  return banks.outcomes.map(({ kind, kept, seen, fresh, moved, lengths }) => ({
    bank: kind,
    "A kept (%)": formatShare(average(kept), 0),
    "others' gradient inside, at most": most(amongApart(seen)),
    "on further prompts": most(amongApart(fresh)),
    "others' answers move, at most": most(amongApart(moved)),
    "length of a step": average(lengths).toPrecision(2),
    "integration's gradient inside, at most": most(
      seen.flatMap((row, i) => i === integration ? [] : [row[integration]!]),
    ),
  }));
}

/** A part of a gradient below this is rounding of single precision. */
const ROUNDING = 1e-4;

/**
 * Whether banks keep capabilities apart, as a sentence.
 *
 * @param findings what stands in findings.json
 * @returns the sentences
 */
export function bankAnswer({ banks }: GeometryFindings): string {
  const rows = banks.outcomes.map(({ kind, kept, seen, fresh, moved }) => ({
    kind,
    cost: 1 - average(kept),
    seen: largest(amongApart(seen)),
    fresh: largest(amongApart(fresh)),
    moved: largest(amongApart(moved)),
  }));
  const still = rows.filter(({ seen, moved }) => seen < ROUNDING && moved < ROUNDING);
  const everywhere = still.filter(({ fresh }) => fresh < ROUNDING);
  const names = (found: typeof rows) => sentenceList(found.map(({ kind }) => `"${kind}"`));
  const verdict = everywhere.length > 0
    ? `Yes, with ${names(everywhere)}`
    : still.length > 0
    ? `Only on the prompts whose states were removed, with ${names(still)}`
    : `No, with none of ${rows.length} kinds`;
  const parts = rows.map(({ kind, seen, fresh, moved }) =>
    `"${kind}" ${[seen, fresh, moved].map((x) => formatNumber(x, 2)).join(", ")}`
  );
  const costs = rows.filter(({ cost }) => cost > 0).map(({ kind, cost }) =>
    ` "${kind}" gives up ${formatShare(cost, 0)} % of A.`
  );
  return `${verdict}. Largest share of another capability's gradient inside a bank, the same on further prompts, and largest movement of its answers relative to the bank's own: ${
    parts.join("; ")
  }.${costs.join("")} ${stepText(banks)}`.trim();
}
