/** Figures, rows and sentences of the gradients of the language model. @module */

import {
  curves,
  dotIntervals,
  type Figure,
  formatNumber,
  formatShare,
  type Row,
} from "../../lib/figures/mod.ts";
import { average } from "../../lib/evaluation/mod.ts";
import { capabilities } from "../../lib/synthesis/mod.ts";
import { detectableText } from "../stages/verdicts.ts";
import type { GeometryConfig } from "./config.ts";
import {
  capabilityPairs,
  type Cosine,
  type GeometryFindings,
  type SizedCosines,
} from "./findings.ts";

const pairNames = capabilityPairs.map(([a, b]) => `${a}, ${b}`);

/** How often resamples or draws have no cosine, and that these are left out; nothing where all have one. */
function undefinedText(found: readonly Cosine[], of: string): string {
  const most = 1 - Math.min(...found.map(({ defined }) => defined));
  return most === 0
    ? ""
    : `Of the ${of} up to ${
      formatShare(most)
    } % of a pair have no cosine, because a gradient's own product is not above 0, and are left out.`;
}

/**
 * Cosines as one batch, the rewards and products of different prompts show them.
 *
 * @param findings what stands in findings.json
 * @param config options of the run
 * @returns the figure
 */
export function cosineFigure({ model }: GeometryFindings, config: GeometryConfig): Figure {
  const [few] = model.batches as [SizedCosines, ...SizedCosines[]];
  const panel = (title: string, found: readonly Cosine[]) => ({
    title,
    xTitle: "Cosine",
    values: found.map(({ mean }) => mean),
    low: found.map(({ mean, low }) => mean === null ? null : low),
    high: found.map(({ mean, high }) => mean === null ? null : high),
    notes: found.map(({ mean }) => mean === null ? "not defined" : null),
    limits: [-1, 1] as const,
    reference: 0,
  });
  const estimated = [...model.euclidean.cosines, ...model.adam.cosines];
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
    sharedX: true,
    caption:
      `One batch: the mean of ${model.batchDraws} batches from the pool. Others: estimates from all ` +
      "prompts, which can lie beyond \u22121 and 1. " +
      undefinedText(estimated, "resamples of the lower panels"),
    n: model.pool,
    unit: "prompts",
    interval: "the middle 95 % of the batches, of the others 95 % bootstrap intervals over prompts",
  });
}

/** For how many pairs one small batch shows, on average, what the rewards' correlation is told to be. */
function likeRewards({ natural, batches }: GeometryFindings["model"]): string {
  const { prompts, single } = batches[0]!;
  const both = natural.flatMap((reward, p) => {
    const { mean } = single[p]!;
    const { low, high } = reward;
    return mean === null || low === null || high === null ? [] : [mean >= low && mean <= high];
  });
  return `On ${prompts} prompts the mean on one batch lies in the interval of the rewards' correlation for ${
    both.filter(Boolean).length
  } of ${both.length} pairs.`;
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
    title: "Cosine on a single batch and across its halves, by the number of its prompts",
    series: pairNames.map((title, p) => {
      const line = (name: string, key: "single" | "cross") => ({
        name,
        x,
        y: batches.map((row) => row[key][p]!.mean),
        low: batches.map((row) => row[key][p]!.low),
        high: batches.map((row) => row[key][p]!.high),
      });
      const { mean } = model.natural[p]!;
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
        ...(mean !== null && {
          references: [{ axis: "y" as const, value: mean, label: "rewards" }],
        }),
      };
    }),
    xTitle: "Prompts",
    yTitle: "Cosine",
    xScale: "log",
    columns: 3,
    n: model.batchDraws,
    unit: "batches",
    band: `the middle 95 % of the batches, which come from one pool of ${model.pool} prompts`,
    bound: "the cosine of G + C / n from all of the pool",
    caption: `${likeRewards(model)} ${
      undefinedText(batches.flatMap(({ cross }) => cross), "halves drawn")
    }`,
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
          name: "in full",
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
    n: model.earlier,
    unit: "prompts",
    band: "95 % bootstrap intervals over prompts",
    bound: "derivative times length",
    caption:
      `One step along the mean gradient of ${model.pool} prompts, longer and longer, measured on ${model.earlier} others. ` +
      "Heights differ from panel to panel.",
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
    "rewards": model.natural[p]!.mean,
    "Euclid": model.euclidean.cosines[p]!.mean,
    "low": model.euclidean.cosines[p]!.low,
    "high": model.euclidean.cosines[p]!.high,
    "resamples with a cosine (%)": formatShare(model.euclidean.cosines[p]!.defined),
    "Adam": model.adam.cosines[p]!.mean,
    "wrong sign below (prompts)": model.euclidean.flips[p]! === 0
      ? null
      : Math.round(model.euclidean.flips[p]!),
  }));
}

const largest = (values: readonly number[]) => Math.max(...values);

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

/** Share of the resamples that must have a cosine for its interval to settle a sign. */
const DEFINED = 0.95;

/** The intervals of the cosines that nearly all resamples have. */
const intervalsOf = (found: readonly Cosine[]): Ends[] =>
  found.flatMap(({ mean, low, high, defined }) =>
    mean === null || low === null || high === null || defined < DEFINED ? [] : [{ low, high }]
  );

/** Cosines whose sign is settled: the interval is clear of 0, and nearly all resamples have one. */
const settled = (found: readonly Cosine[]) => clearOf0(intervalsOf(found));

/**
 * How far the cosines can be trusted, as a sentence.
 *
 * @param findings what stands in findings.json
 * @returns the sentences
 */
export function modelAnswer({ model }: GeometryFindings): string {
  const few = model.batches[0]!;
  const both = model.natural.flatMap(({ mean }, p) => {
    const one = few.single[p]!.mean;
    return mean === null || one === null ? [] : [[one, mean] as const];
  });
  const likeness = correlation(both.map(([a]) => a), both.map(([, b]) => b));
  const n = capabilityPairs.length;
  const signal = model.pool * largest(model.euclidean.signal.map((s) => s.mean));
  const { cosines } = model.euclidean;
  const without = cosines.filter(({ mean }) => mean === null).length;
  const seldom = cosines.filter(({ mean, defined }) => mean !== null && defined < DEFINED).length;
  const batches =
    `On one batch of ${few.prompts} prompts ${
      settled(few.single)
    } of ${n} cosines keep one sign in 95 % of the draws` +
    (Number.isFinite(likeness)
      ? `; over ${both.length} pairs they correlate with the rewards' correlations by ${
        formatNumber(likeness, 2)
      }.`
      : ".");
  const truth = `Products of different prompts, which hold none of that noise, settle ${
    settled(cosines)
  } of ${n} signs with ${model.pool} prompts (${byChance(n)} by chance${
    detectable(intervalsOf(cosines), 2)
  }): ${
    without === 0
      ? "each pair has a cosine"
      : `${without} ${without === 1 ? "pair has" : "pairs have"} no cosine`
  }, and ${
    seldom === 0
      ? `none lacks one in more than ${formatShare(1 - DEFINED, 0)} % of the resamples`
      : `${seldom} ${seldom === 1 ? "lacks" : "lack"} one in more than ${
        formatShare(1 - DEFINED, 0)
      } % of the resamples`
  }. The clearest gradient has a signal of ${formatNumber(signal, 2)} times its noise.`;
  return `${batches} ${truth}`;
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
