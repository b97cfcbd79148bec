/** Figures, rows and sentences of the gradients' geometry where everything is exact. @module */

import { wilsonInterval } from "../../lib/evaluation/mod.ts";
import {
  curves,
  type Figure,
  formatFixed,
  formatNumber,
  formatShareInterval,
  type Row,
  scatterPanels,
} from "../../lib/figures/mod.ts";
import type { Results } from "../../lib/runs/mod.ts";
import { type GeometryFindings, metricPairs, type ProductRow } from "./findings.ts";

/** Results as far as views read them. */
export type Measured = Pick<Results, "metrics">;

/**
 * A metric of the results.
 *
 * @param results what stands in results.json
 * @param system its system
 * @param capability what was measured
 * @returns the metric
 */
export function metricOf(
  { metrics }: Measured,
  system: string,
  capability: string,
): Results["metrics"][number] {
  return metrics.find((m) => m.system === system && m.capability === capability)!;
}

const whole = (n: number) => n.toLocaleString("en");

/**
 * Harmful preferences over the least cosine.
 *
 * @param findings what stands in findings.json
 * @returns the figure
 */
export function harmFigure({ harm, lattice }: GeometryFindings): Figure {
  return scatterPanels({
    title: "Preferences that harm somebody, by the least cosine",
    panels: harm.map(({ capabilities, points }, i) => ({
      title: `${capabilities} capabilities`,
      xTitle: "Least cosine",
      yTitle: i === 0 ? "Harmful preferences (%)" : "",
      series: [{
        name: "Gram matrices",
        x: points.map(({ cosine }) => cosine),
        y: points.map(({ share }) => 100 * share),
      }],
      references: [{ axis: "x" as const, value: 0 }],
    })),
    caption: `The first ${harm[0]!.points.length} of ${
      harm[0]!.grams
    } random Gram matrices a panel; shares of a lattice on the simplex with ${lattice} steps on an edge.`,
    n: 1,
    unit: "Gram matrix",
  });
}

const metricNames = { euclidean: "Euclid", adam: "Adam's metric", natural: "natural gradient" };

/**
 * Cosines in one metric over those in another.
 *
 * @param findings what stands in findings.json
 * @returns the figure
 */
export function metricFigure({ metrics }: GeometryFindings): Figure {
  const { points } = metrics;
  return scatterPanels({
    title: "The same two gradients in three metrics",
    panels: metricPairs.map(([a, b]) => ({
      xTitle: `Cosine, ${metricNames[a]}`,
      yTitle: `Cosine, ${metricNames[b]}`,
      series: [{
        name: "problems",
        x: points.map((point) => point[a]),
        y: points.map((point) => point[b]),
      }],
      references: [{ axis: "x" as const, value: 0 }, { axis: "y" as const, value: 0 }],
    })),
    oneScale: true,
    caption:
      `${points.length} of ${metrics.problems} softmax policies with ${metrics.prompts} prompts and ${metrics.answers} answers; ` +
      "points left above and right below the lines change sign.",
    n: 1,
    unit: "problem",
  });
}

const single = (row: ProductRow) => row.single;
const cross = (row: ProductRow) => row.cross;

/**
 * Product of the opposed gradients, and batches with the wrong sign, over the size of a batch.
 *
 * @param findings what stands in findings.json
 * @returns the figure
 */
export function productFigure({ products, opposed }: GeometryFindings): Figure {
  const x = products.map(({ prompts }) => prompts);
  const grid = Array.from({ length: 40 }, (_, i) => x[0]! * (x.at(-1)! / x[0]!) ** (i / 39));
  const measured = (name: string, of: (row: ProductRow) => ProductRow["single"]) => ({
    name,
    x,
    y: products.map((row) => of(row).mean),
    low: products.map((row) => of(row).mean - of(row).half),
    high: products.map((row) => of(row).mean + of(row).half),
  });
  const wrong = (name: string, of: (row: ProductRow) => ProductRow["single"]) => {
    const found = products.map((row) => wilsonInterval(of(row).positive, row.draws));
    return {
      name,
      x,
      y: products.map((row) => 100 * of(row).positive / row.draws),
      low: found.map(({ low }) => 100 * low),
      high: found.map(({ high }) => 100 * high),
    };
  };
  const { inner, covariance, flip } = opposed;
  return curves({
    title: "Product of two opposed gradients on one batch and across its halves",
    series: [
      {
        title: "Mean product",
        yTitle: "Product of the gradients",
        series: [
          { name: "G + C / n", kind: "bound", x: grid, y: grid.map((n) => inner + covariance / n) },
          measured("single batch", single),
          measured("across halves", cross),
        ],
        references: [
          { axis: "y", value: inner, label: "true" },
          ...(flip > 0
            ? [{ axis: "x" as const, value: flip, label: `n* = ${flip.toFixed(0)}` }]
            : []),
        ],
      },
      {
        title: "Wrong sign",
        yTitle: "Batches (%)",
        series: [wrong("single batch", single), wrong("across halves", cross)],
      },
    ],
    xTitle: "Prompts",
    yTitle: "Product, and batches with its wrong sign",
    xScale: "log",
    sharedY: false,
    columns: 2,
    n: products[0]!.draws,
    unit: "batches",
    band: "95 % intervals of the means, and Wilson's of the shares",
    digits: 4,
    caption:
      "One completion a prompt against the exact mean reward; both ways use the same prompts.",
  });
}

/**
 * One row a size of a batch.
 *
 * @param findings what stands in findings.json
 * @returns the rows
 */
export function productRows({ products }: GeometryFindings): Row[] {
  return products.map(({ prompts, predicted, draws, single, cross }) => ({
    prompts,
    "G + C / n": predicted,
    "single batch": single.mean,
    "across halves": cross.mean,
    "wrong sign, single (%)": 100 * single.positive / draws,
    "wrong sign, across (%)": 100 * cross.positive / draws,
  }));
}

const harmfulShare = (results: Measured, capabilities: number) =>
  metricOf(results, `${capabilities} capabilities`, "preferences that harm");

/**
 * One row a number of capabilities.
 *
 * @param results what stands in results.json
 * @param findings what stands in findings.json
 * @returns the rows
 */
export function harmRows(results: Measured, { harm }: GeometryFindings): Row[] {
  return harm.map(({ capabilities, grams, violations, conflicts }) => ({
    capabilities,
    "Gram matrices": grams,
    "with a negative cosine": conflicts,
    violations,
    "preferences that harm (%)": 100 * harmfulShare(results, capabilities).mean,
  }));
}

/**
 * Whether some preference harms exactly where a cosine is negative.
 *
 * @param results what stands in results.json
 * @param findings what stands in findings.json
 * @returns the sentences
 */
export function harmAnswer(results: Measured, { harm }: GeometryFindings): string {
  const sum = (key: "grams" | "violations" | "conflicts") =>
    harm.reduce((n, row) => n + row[key], 0);
  const [grams, violations, conflicts] = [sum("grams"), sum("violations"), sum("conflicts")];
  const exceptions = `${whole(violations)} exceptions in ${whole(grams)} Gram matrices (${
    formatShareInterval(violations / grams, wilsonInterval(violations, grams))
  } %)`;
  const drawn = `${whole(conflicts)} of which have a negative cosine`;
  const verdict = violations > 0
    ? "Not exactly when a cosine is negative"
    : conflicts === 0
    ? "Never where no cosine is negative, and no other was drawn"
    : conflicts === grams
    ? "Always where a cosine is negative, and no other was drawn"
    : "Exactly when a cosine is negative";
  const last = harm.at(-1)!.capabilities;
  const mean = harmfulShare(results, last);
  return `${verdict}: ${exceptions}, ${drawn}. Of ${last} capabilities' preferences ${
    formatShareInterval(mean.mean, mean)
  } % harm somebody on average.`;
}

/**
 * Whether the sign of a cosine depends on the metric.
 *
 * @param results what stands in results.json
 * @param findings what stands in findings.json
 * @returns the sentences
 */
export function metricAnswer(results: Measured, { metrics }: GeometryFindings): string {
  const found = metricPairs.map(([a, b]) => ({
    pair: `between ${metricNames[a]} and ${metricNames[b]}`,
    share: metricOf(results, `${a} against ${b}`, "cosines of another sign"),
  }));
  const changes = found.some(({ share }) => share.mean > 0);
  const shares = found.map(({ pair, share }) =>
    `${formatShareInterval(share.mean, share)} % ${pair}`
  );
  return `${
    changes
      ? "Yes: the sign of the cosine differs"
      : "Not on these: the sign of the cosine never differs"
  } on ${whole(metrics.problems)} problems, for ${shares.join(", ")}.`;
}

const positiveShare = ({ draws }: ProductRow, { positive }: ProductRow["single"]) =>
  `${formatShareInterval(positive / draws, wilsonInterval(positive, draws))} %`;

/** The smallest size from which on fewer than 5 % of batches have a positive product across halves. */
function settledSize(products: readonly ProductRow[]): number | undefined {
  const open = products.findLastIndex(({ draws, cross }) => cross.positive / draws >= 0.05);
  return products[open + 1]?.prompts;
}

/**
 * How many prompts show opposed gradients.
 *
 * @param findings what stands in findings.json
 * @returns the sentences
 */
export function productAnswer({ products, opposed }: GeometryFindings): string {
  const few = products[0]!;
  const sizes = products.length;
  const sameSign = products.filter(({ single, predicted }) => single.mean * predicted > 0).length;
  const away = products.map(({ single, predicted }) =>
    Math.abs(single.mean - predicted) / single.half
  );
  const rightSign = products.filter(({ cross }) => cross.mean * opposed.inner > 0).length;
  const holds =
    products.filter(({ cross }) => Math.abs(cross.mean - opposed.inner) <= cross.half).length;
  const settled = settledSize(products);
  const flip = opposed.flip > 0
    ? `G + C / n changes sign at n* = ${formatFixed(opposed.flip)} prompts`
    : "G + C / n has the true sign at every size";
  return `The true cosine is ${formatNumber(opposed.cosine, 2)}. The product is above 0 in ${
    positiveShare(few, few.single)
  } of ${whole(few.draws)} batches of ${few.prompts} prompts, across their halves in ${
    positiveShare(few, few.cross)
  }. ${flip}; the mean on one batch has its sign at ${sameSign} of ${sizes} sizes and lies within its 95 % interval of it at ${
    away.filter((x) => x <= 1).length
  } (at most ${
    formatFixed(Math.max(...away))
  } half-widths away). Across halves the mean has the true sign at ${rightSign} of ${sizes} sizes and holds the true product in its interval at ${holds}; ${
    settled === undefined
      ? "at no size have under 5 % of the halves a product above 0"
      : `under 5 % of the halves have a product above 0 from ${settled} prompts on`
  }.`;
}
