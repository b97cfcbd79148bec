import {
  curves,
  dotIntervals,
  type Figure,
  pairwiseFronts,
  parallelCoordinates,
  scatterPanels,
  stageBars,
} from "../../lib/figures/mod.ts";

const names = ["domain", "reasoning", "instruction", "integration"];
const pairs = names.flatMap((a, i) => names.slice(i + 1).map((b) => [a, b] as const));
const shares = [0, 0.25, 0.5, 0.75, 1];
const rules = ["GRPO", "GDPO", "static", "capability-aware", "UPGrad", "MGDA", "Nash-MTL"];

/** Lines with bands on logarithmic axes, with a bound, references and names beside the lines. */
const bound = (width: number): Figure =>
  curves({
    title: "Distance to the optimum and its bound",
    series: [
      ...rules.slice(2).map((name, i) => ({
        name,
        x: [1, 10, 100, 1000],
        y: [1, 0.3, 0.1, 0.03].map((v) => v * (1 + i / 20)),
        low: [0.9, 0.25, 0.08, 0.02],
        high: [1.3, 0.42, 0.13, 0.04],
      })),
      { name: "bound", x: [1, 10, 100, 1000], y: [2, 0.7, 0.2, 0.07], kind: "bound" as const },
    ],
    references: [{ axis: "y", value: 0.01, label: "noise floor" }, {
      axis: "x",
      value: 30,
      label: "warm-up ends",
    }],
    directLabels: true,
    xTitle: "Step",
    yTitle: "Distance",
    xScale: "log",
    yScale: "log",
    n: 5,
    width,
  });

/** Steps of a run, with the last one. */
const steps = Array.from({ length: 11 }, (_, i) => 3 * i);

/** Four rewards over the steps under three rules, two of which coincide at first, while training and held out. */
const stepped = (width: number, directLabels: boolean): Figure =>
  curves({
    title: "Four rewards over the steps of training",
    series: names.map((title, p) => ({
      title,
      series: ["static", "capability-aware", "UPGrad"].flatMap((name, r) =>
        ["train", "held out"].map((part, q) => {
          const y = steps.map((t) =>
            0.4 + 0.1 * p - 0.06 * q +
            (r === 2 ? 0.002 * t : t < 15 ? 0.003 * t : 0.045 + (r - 0.4) * 0.006 * (t - 15))
          );
          return {
            name,
            part,
            x: steps,
            y,
            ...(q === 0 && {
              low: y.map((v, i) => v - 0.003 * i),
              high: y.map((v, i) => v + 0.003 * i),
            }),
          };
        })
      ),
    })),
    xTitle: "Step",
    yTitle: "Mean reward",
    band: "95 % intervals over replicates",
    n: 12,
    unit: "replicates",
    columns: 2,
    directLabels,
    width,
  });

/** Made-up figures of every kind beyond bars, lines and heat maps. */
export const kinds = (width: number): Record<string, Figure> => ({
  bound: bound(width),
  steps: stepped(width, false),
  "steps-named": stepped(width, true),
  scatter: scatterPanels({
    title: "Preferences between two capabilities",
    panels: pairs.map(([xTitle, yTitle], p) => ({
      xTitle: `${xTitle} (%)`,
      yTitle: `${yTitle} (%)`,
      series: ["CA-GRPO", "GDPO", "rewarded soups"].map((name, s) => ({
        name,
        x: shares.map((t) => 20 + 30 * t - 3 * s + p),
        y: shares.map((t) => 50 - 30 * t * t - 4 * s),
        xLow: shares.map((t) => 18 + 30 * t - 3 * s + p),
        xHigh: shares.map((t) => 22 + 30 * t - 3 * s + p),
        yLow: shares.map((t) => 47 - 30 * t * t - 4 * s),
        yHigh: shares.map((t) => 53 - 30 * t * t - 4 * s),
        labels: shares.map((t) => `${t} / ${1 - t}`),
        line: "front" as const,
      })),
    })),
    n: 3,
    width,
  }),
  parallel: parallelCoordinates({
    title: "Profiles of five systems",
    categories: names,
    series: ["base", "SFT", "GRPO", "GDPO", "CA-GRPO"].map((name, s) => ({
      name,
      values: names.map((_, c) => 10 + 8 * s + 5 * c),
      low: names.map((_, c) => 7 + 8 * s + 5 * c),
      high: names.map((_, c) => 13 + 8 * s + 5 * c),
    })),
    yTitle: "Score (%)",
    n: 96,
    width,
  }),
  fronts: pairwiseFronts({
    title: "Where six preferences lead under three methods",
    rewards: names,
    sweeps: ["static", "capability-aware", "rewarded soups"].map((name, s) => ({
      name,
      points: [0, 1, 2, 3, 4, 5].map((k) => {
        const values = names.map((_, i) =>
          40 + 5 * i - 3 * s + (i === k ? 12 : 4 * Math.cos(k + 2 * i))
        );
        return {
          label: `preference ${k}`,
          values,
          low: values.map((v) => v - 2),
          high: values.map((v) => v + 2),
        };
      }),
    })),
    start: names.map((_, i) => 33 + 5 * i),
    reachable: {
      name: "reachable",
      fronts: pairs.map(([a, b]) => {
        const [i, j] = [names.indexOf(a), names.indexOf(b)];
        return {
          x: shares.map((t) => 40 + 5 * i + 16 * Math.sqrt(t)),
          y: shares.map((t) => 40 + 5 * j + 16 * Math.sqrt(1 - t)),
        };
      }),
    },
    unitLabel: " (%)",
    n: 6,
    unit: "replicates",
    width,
  }),
  banded: parallelCoordinates({
    title: "Change from the start under two rules",
    categories: names,
    series: ["static", "capability-aware"].map((name, s) => ({
      name,
      values: names.map((_, c) => c === 2 ? -6 + 7 * s : 4 - 2 * s + c),
      low: names.map((_, c) => (c === 2 ? -6 + 7 * s : 4 - 2 * s + c) - 1.5),
      high: names.map((_, c) => (c === 2 ? -6 + 7 * s : 4 - 2 * s + c) + 1.5),
    })),
    intervals: "bands",
    reference: 0,
    yTitle: "Points from the start",
    n: 12,
    unit: "replicates",
    width,
  }),
  paired: dotIntervals({
    title: "Difference from static weights, in pairs",
    rows: rules.slice(3),
    panels: ["End", "Worst fall", "Harmful steps"].map((title, p) => {
      const of = (shift: number) => rules.slice(3).map((_, r) => r - 1.5 + p / 2 + shift);
      const part = (shift: number) => ({
        values: of(shift),
        low: of(shift - 1),
        high: of(shift + 1),
        replicates: of(shift).map((v) => [-1.2, -0.5, 0.1, 0.4, 0.6, 0.6].map((d) => v + d)),
      });
      return p === 2
        ? {
          title,
          xTitle: "Points",
          values: [null, 0.5, 2, 9],
          low: [null, 0, 1, 4],
          high: [null, 1, 3, 14],
          notes: ["not defined", null, null, null],
          limits: [-1, 5],
          reference: 0,
        }
        : {
          title,
          xTitle: "Points",
          reference: 0,
          part: "train",
          ...part(0),
          others: [{ name: "held out", ...part(-0.4) }],
        };
    }),
    n: 6,
    unit: "replicates",
    width,
  }),
  dots: dotIntervals({
    title: "Difference from static weights",
    rows: rules,
    panels: names.map((title, p) => ({
      title,
      xTitle: "Points",
      values: rules.map((_, r) => r === 2 && p === 1 ? null : r - 3 + p / 2),
      low: rules.map((_, r) => r - 4.5 + p / 2),
      high: rules.map((_, r) => r - 1 + p / 2),
      reference: 0,
    })),
    n: 96,
    width,
  }),
  stages: stageBars({
    title: "What each stage of curation keeps",
    stages: [
      { name: "seeds", kept: 1000 },
      { name: "ontology validation", kept: 820 },
      { name: "workflow constraints", kept: 760 },
      { name: "filtering (k = 3)", kept: 611 },
    ],
    xTitle: "Items",
    width,
  }),
});
