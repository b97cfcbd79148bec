/** Tables, figures and sentences of the gradients and adapters of the tiny model. @module */

import {
  curves,
  dotIntervals,
  type Figure,
  formatNumber,
  formatShare,
  groupedBars,
  heatMap,
  type Row,
} from "../lib/figures/mod.ts";
import { average, bootstrapInterval } from "../lib/evaluation/mod.ts";
import { capabilities } from "../lib/synthesis/mod.ts";
import type { GeometryFindings } from "./gradient_geometry.ts";
import { amongApart } from "./gradient_geometry_metrics.ts";
import { capabilityPairs } from "./gradient_geometry_model.ts";
import type { SizedCosines } from "./gradient_geometry_products.ts";

const pairNames = capabilityPairs.map(([a, b]) => `${a}, ${b}`);

/** Cosines as one batch, the rewards and products of different prompts show them. */
export function cosineFigure({ model }: GeometryFindings): Figure {
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
    title: "Cosines of the tiny model's gradients",
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

/** Cosines over the size of a batch. */
export function batchFigure({ model }: GeometryFindings): Figure {
  const { batches } = model;
  const x = batches.map(({ prompts }) => prompts);
  return curves({
    title: "One batch shows the rewards' correlation, halves show how little is known",
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

/** What disjoint banks hold of each capability's gradient, with the states of the others in and out. */
export function bankMatrix({ banks }: GeometryFindings): Figure {
  const lines = banks.filter(({ kind }) => kind === "disjoint" || kind === "inputs removed")
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
      "Integration's states were left in.",
  });
}

/** What banks hold of the others' gradients, and how far they move the others' answers. */
export function bankFigure({ banks }: GeometryFindings): Figure {
  const series = (name: string, key: "seen" | "fresh" | "moved") => {
    const found = banks.map((bank) => bootstrapInterval(amongApart(bank[key]), { seed: 0 }));
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
    groups: banks.map(({ kind }) => kind),
    series: [
      series("their gradient inside", "seen"),
      series("the same, further prompts", "fresh"),
      series("movement of their answers", "moved"),
    ],
    yTitle: "Relative to all or to its own",
    digits: 2,
    caption:
      "Domain, reasoning and instruction: means over their six ordered pairs. Movement is that of the first prompts' answers, " +
      "relative to the bank's own.",
  });
}

/** Predicted and realised change of every reward over the size of a step. */
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

/** One row a pair of capabilities. */
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

/** One row a way to give each capability a bank. */
export function bankRows({ banks }: GeometryFindings): Row[] {
  const most = (values: readonly number[]) => Math.max(...values).toPrecision(2);
  const integration = capabilities.indexOf("integration");
  return banks.map(({ kind, kept, seen, fresh, moved }) => ({
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

/** How far the cosines can be trusted, as a sentence. */
export function modelAnswer({ model }: GeometryFindings): string {
  const few = model.batches[0]!;
  const both = model.natural.flatMap((x, p) => x === null ? [] : [[few.single[p]!.mean, x.mean]]);
  const likeness = correlation(both.map(([a]) => a!), both.map(([, b]) => b!));
  const clear = (found: readonly { low: number; high: number }[]) =>
    found.filter(({ low, high }) => low > 0 || high < 0).length;
  const n = capabilityPairs.length;
  const signal = model.pool * Math.max(...model.euclidean.signal.map((s) => s.mean));
  const batches =
    `On one batch of ${few.prompts} prompts ${
      clear(few.single)
    } of ${n} cosines keep one sign in 95 % of the draws` +
    (Number.isFinite(likeness)
      ? `; over the pairs they go with the rewards' correlations (r = ${
        formatNumber(likeness, 2)
      }).`
      : ".");
  const truth = `Products of different prompts, which are free of that noise, settle ${
    clear(model.euclidean.cosines.map((x) => x!))
  } of ${n} signs with ${model.pool} prompts: the clearest gradient has a signal of ${
    formatNumber(signal, 2)
  } times its noise.`;
  return `${batches} ${truth}`;
}

/** Whether banks keep capabilities apart, as a sentence. */
export function bankAnswer({ banks }: GeometryFindings): string {
  const most = (kind: string, key: "seen" | "fresh") =>
    Math.max(...amongApart(banks.find((b) => b.kind === kind)![key]));
  const removed = banks.find(({ kind }) => kind === "inputs removed")!;
  return `No: inside disjoint banks others' gradients have up to ${
    formatNumber(most("disjoint", "seen"), 2)
  } of their norm, with orthogonal A (O-LoRA) up to ${
    formatNumber(most("O-LoRA", "seen"), 2)
  }. With A frozen and blind to the others' states it is ${
    most("inputs removed", "seen").toExponential(0)
  }, at the price of ${
    formatShare(1 - average(removed.kept), 0)
  } of A, and only where the states were removed: up to ${
    formatNumber(most("inputs removed", "fresh"), 2)
  } on further prompts.`;
}

/** How far first order carries, as a sentence. */
export function stepAnswer({ model }: GeometryFindings): string {
  const [first, last] = [model.steps[0]!, model.steps.at(-1)!];
  const inside = ({ predicted, realised }: typeof first) =>
    predicted.filter((p, i) => p >= realised[i]!.low && p <= realised[i]!.high).length;
  const clear = model.steps.flatMap(({ realised }) => realised)
    .filter(({ low, high }) => low > 0 || high < 0).length;
  return `Where answers move by ${
    formatNumber(first.movement, 2)
  } nats the first order lies in the interval for ${
    inside(first)
  } of ${capabilities.length} rewards, at ${formatNumber(last.movement, 2)} nats for ${
    inside(last)
  }. ${clear} of ${
    capabilities.length * model.steps.length
  } changes are clear of 0 on ${model.earlier} further prompts.`;
}
