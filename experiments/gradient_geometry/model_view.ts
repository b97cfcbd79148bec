/** Figures, rows and sentences of the gradients and adapters of the language model. @module */

import {
  curves,
  dotIntervals,
  type Figure,
  formatNumber,
  formatShare,
  groupedBars,
  heatMap,
  type Row,
  sentenceList,
} from "../../lib/figures/mod.ts";
import { average } from "../../lib/evaluation/mod.ts";
import { capabilities } from "../../lib/synthesis/mod.ts";
import { detectableText } from "../stages/verdicts.ts";
import type { GeometryConfig } from "./config.ts";
import { type Measured, metricOf } from "./exact_view.ts";
import {
  amongApart,
  apart,
  capabilityPairs,
  type GeometryFindings,
  type SizedCosines,
} from "./findings.ts";

const pairNames = capabilityPairs.map(([a, b]) => `${a}, ${b}`);

/**
 * Cosines as one batch, the rewards and products of different prompts show them.
 *
 * @param findings what stands in findings.json
 * @param config options of the run
 * @returns the figure
 */
export function cosineFigure({ model }: GeometryFindings, config: GeometryConfig): Figure {
  const [few] = model.batches as [SizedCosines, ...SizedCosines[]];
  const panel = (title: string, found: readonly (SizedCosines["single"][number] | null)[]) => ({
    title,
    xTitle: "Cosine",
    values: found.map((x) => x?.mean ?? null),
    low: found.map((x) => x?.low ?? null),
    high: found.map((x) => x?.high ?? null),
    reference: 0,
  });
  return dotIntervals({
    title: `Cosines of the gradients of the model ${config.model}`,
    rows: pairNames,
    panels: [
      panel(`One batch of ${few.prompts}`, few.single),
      panel("Rewards (natural gradient)", model.natural),
      panel("Different prompts, Euclid", model.euclidean.cosines),
      panel("Different prompts, Adam", model.adam.cosines),
    ],
    columns: 2,
    caption:
      `${model.pool} prompts; 95 % of ${model.batchDraws} batches on the left above, elsewhere 95 % bootstrap ` +
      "intervals over prompts. Where a gradient's own product is not above 0 the cosine is 0.",
    n: model.pool,
    unit: "prompts",
    interval: "see the caption",
  });
}

/**
 * Cosines over the size of a batch.
 *
 * @param findings what stands in findings.json
 * @returns the figure
 */
export function batchFigure({ model }: GeometryFindings): Figure {
  const { batches } = model;
  const x = batches.map(({ prompts }) => prompts);
  return curves({
    title: "Cosines on one batch and across its halves, by the batch's size",
    series: pairNames.map((title, p) => {
      const line = (name: string, key: "single" | "cross") => ({
        name,
        x,
        y: batches.map((row) => row[key][p]!.mean),
        low: batches.map((row) => row[key][p]!.low),
        high: batches.map((row) => row[key][p]!.high),
      });
      const correlation = model.natural[p];
      return {
        title,
        series: [
          {
            name: "G + C / n",
            kind: "bound" as const,
            x,
            y: batches.map(({ predicted }) => predicted[p]!),
          },
          line("across halves", "cross"),
          line("single batch", "single"),
        ],
        ...(correlation !== null && correlation !== undefined && {
          references: [{ axis: "y" as const, value: correlation.mean, label: "rewards" }],
        }),
      };
    }),
    xTitle: "Prompts",
    yTitle: "Cosine",
    xScale: x.at(-1)! > 30 * x[0]! ? "log" : "linear",
    columns: 3,
    n: model.batchDraws,
    caption: `Bands hold 95 % of ${model.batchDraws} batches from a pool of ${model.pool} prompts.`,
  });
}

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

/**
 * What banks hold of the others' gradients, and how far they move the others' answers.
 *
 * @param results what stands in results.json
 * @param findings what stands in findings.json
 * @returns the figure
 */
export function bankFigure(results: Measured, { banks }: GeometryFindings): Figure {
  const kinds = banks.outcomes.map(({ kind }) => kind);
  const series = (name: string, capability: string) => {
    const found = kinds.map((kind) => metricOf(results, kind, capability));
    return {
      name,
      values: found.map((x) => x.mean),
      low: found.map(({ low }) => low),
      high: found.map(({ high }) => high),
      n: found.map(({ n }) => n),
    };
  };
  return groupedBars({
    title: "What a capability's bank does to the others",
    groups: kinds,
    series: [
      series("their gradient inside", "gradient of others in a bank"),
      series("the same, further prompts", "gradient of others, further prompts"),
      series("movement of their answers", "movement of others' answers"),
    ],
    yTitle: "Relative to all or to its own",
    digits: 2,
    caption: `Means over the ${apart.length * (apart.length - 1)} ordered pairs of ${
      sentenceList(apart)
    }. Movement is that of the first prompts' answers, relative to the bank's own.`,
  });
}

/**
 * Predicted and realised change of every reward over the size of a step.
 *
 * @param findings what stands in findings.json
 * @returns the figure
 */
export function stepFigure({ model }: GeometryFindings): Figure {
  const x = model.steps.map(({ movement }) => movement);
  return curves({
    title: "What a step changes, to first order and in full",
    series: capabilities.map((title, i) => ({
      title,
      series: [
        {
          name: "first order",
          kind: "bound" as const,
          x,
          y: model.steps.map(({ predicted }) => 100 * predicted[i]!),
        },
        {
          name: "importance weights",
          x,
          y: model.steps.map(({ realised }) => 100 * realised[i]!.mean),
          low: model.steps.map(({ realised }) => 100 * realised[i]!.low),
          high: model.steps.map(({ realised }) => 100 * realised[i]!.high),
        },
      ],
      references: [{ axis: "y" as const, value: 0 }],
    })),
    xTitle: "Movement of the answers (nats)",
    yTitle: "Change (percentage points)",
    sharedY: false,
    columns: 2,
    digits: 2,
    n: 1,
    band: "95 % bootstrap intervals over prompts",
    caption:
      `Along the mean gradient of ${model.pool} prompts, measured on ${model.earlier} others.`,
  });
}

/**
 * One row a pair of capabilities.
 *
 * @param findings what stands in findings.json
 * @returns the rows
 */
export function modelRows({ model }: GeometryFindings): Row[] {
  const few = model.batches[0]!;
  return capabilityPairs.map(([a, b], p) => ({
    pair: `${a}, ${b}`,
    [`one batch of ${few.prompts}`]: few.single[p]!.mean,
    "rewards": model.natural[p]?.mean ?? null,
    "Euclid": model.euclidean.cosines[p]!.mean,
    "low": model.euclidean.cosines[p]!.low,
    "high": model.euclidean.cosines[p]!.high,
    "Adam": model.adam.cosines[p]!.mean,
    "wrong sign below (prompts)": model.euclidean.flips[p]! === 0
      ? null
      : Math.round(model.euclidean.flips[p]!),
  }));
}

const largest = (values: readonly number[]) => Math.max(...values);

/**
 * One row a way to give each capability a bank.
 *
 * @param findings what stands in findings.json
 * @returns the rows
 */
export function bankRows({ banks }: GeometryFindings): Row[] {
  const most = (values: readonly number[]) => largest(values).toPrecision(2);
  const integration = capabilities.indexOf("integration");
  return banks.outcomes.map(({ kind, kept, seen, fresh, moved }) => ({
    bank: kind,
    "A kept (%)": formatShare(average(kept), 0),
    "others' gradient inside, at most": most(amongApart(seen)),
    "on further prompts": most(amongApart(fresh)),
    "others' answers move, at most": most(amongApart(moved)),
    "integration's gradient inside, at most": most(
      seen.flatMap((row, i) => i === integration ? [] : [row[integration]!]),
    ),
  }));
}

/** Correlation of two lists. */
function correlation(xs: readonly number[], ys: readonly number[]): number {
  const [mx, my] = [average(xs), average(ys)];
  const product = (a: readonly number[], ma: number, b: readonly number[], mb: number) =>
    a.reduce((sum, x, i) => sum + (x - ma) * (b[i]! - mb), 0);
  return product(xs, mx, ys, my) /
    Math.sqrt(product(xs, mx, xs, mx) * product(ys, my, ys, my));
}

/** What 95 % intervals alone would leave clear of 0 among some values that are 0. */
const byChance = (n: number) => formatNumber(0.05 * n);

type Ends = { readonly low: number; readonly high: number };

const isClear = ({ low, high }: Ends) => low > 0 || high < 0;

const clearOf0 = (found: readonly Ends[]) => found.filter(isClear).length;

/** From which size on what is not clear of 0 could be seen, with a comma before it. */
function detectable(found: readonly Ends[], digits: number, factor = 1, unit = ""): string {
  const open = found.filter((ends) => !isClear(ends));
  return open.length === 0 ? "" : `, the others ${detectableText(open, digits, factor, unit)}`;
}

/**
 * How far the cosines can be trusted, as a sentence.
 *
 * @param findings what stands in findings.json
 * @returns the sentences
 */
export function modelAnswer({ model }: GeometryFindings): string {
  const few = model.batches[0]!;
  const both = model.natural.flatMap((x, p) => x === null ? [] : [[few.single[p]!.mean, x.mean]]);
  const likeness = correlation(both.map(([a]) => a!), both.map(([, b]) => b!));
  const n = capabilityPairs.length;
  const signal = model.pool * largest(model.euclidean.signal.map((s) => s.mean));
  const batches =
    `On one batch of ${few.prompts} prompts ${
      clearOf0(few.single)
    } of ${n} cosines keep one sign in 95 % of the draws` +
    (Number.isFinite(likeness)
      ? `; over ${both.length} pairs they correlate with the rewards' correlations by ${
        formatNumber(likeness, 2)
      }.`
      : ".");
  const truth = `Products of different prompts, which hold none of that noise, settle ${
    clearOf0(model.euclidean.cosines)
  } of ${n} signs with ${model.pool} prompts (${byChance(n)} by chance${
    detectable(model.euclidean.cosines, 2)
  }); the clearest gradient has a signal of ${formatNumber(signal, 2)} times its noise.`;
  return `${batches} ${truth}`;
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
  }.${costs.join("")}`;
}

/**
 * How far first order carries, as a sentence.
 *
 * @param findings what stands in findings.json
 * @returns the sentences
 */
export function stepAnswer({ model }: GeometryFindings): string {
  const [first, last] = [model.steps[0]!, model.steps.at(-1)!];
  const inside = ({ predicted, realised }: typeof first) =>
    predicted.filter((p, i) => p >= realised[i]!.low && p <= realised[i]!.high).length;
  const changes = model.steps.flatMap(({ realised }) => realised);
  return `Where answers move by ${
    formatNumber(first.movement, 2)
  } nats the first order lies in the interval for ${
    inside(first)
  } of ${capabilities.length} rewards, at ${formatNumber(last.movement, 2)} nats for ${
    inside(last)
  }. ${
    clearOf0(changes)
  } of ${changes.length} changes are clear of 0 on ${model.earlier} further prompts (${
    byChance(changes.length)
  } by chance${detectable(changes, 2, 100, " points")}).`;
}
