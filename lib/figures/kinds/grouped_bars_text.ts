import { asSentence, formatNumber, type Row, sampleSize, sentenceList } from "../figure.ts";
import type { BarSeries, GroupedBarsOptions } from "./grouped_bars_options.ts";

/** Number of items behind a bar. */
export function sizeAt(series: BarSeries, group: number): number {
  return typeof series.n === "number" ? series.n : series.n[group]!;
}

/** What the error bars are. */
export function barInterval({ interval }: GroupedBarsOptions): string {
  return interval ?? "95 % intervals";
}

/** The numbers of grouped bars. */
export function barRows({ groups, series, reported }: GroupedBarsOptions): Row[] {
  const measured = groups.flatMap((group, g) =>
    series.map((s): Row => ({
      group,
      series: s.name,
      value: s.values[g] ?? null,
      low: s.low?.[g] ?? null,
      high: s.high?.[g] ?? null,
      n: sizeAt(s, g),
      measured: true,
    }))
  );
  const stated = (reported ? groups : []).map((group, g): Row => ({
    group,
    series: reported!.name,
    value: reported!.values[g] ?? null,
    low: null,
    high: null,
    n: null,
    measured: false,
  }));
  return [...measured, ...stated];
}

/** Grouped bars in words. */
export function barAltText(options: GroupedBarsOptions, digits: number): string {
  const { groups, series, reported } = options;
  const names = sentenceList(series.map((s) => s.name));
  const parts = groups.map((group, g) => {
    const values = series.map((s) => {
      const value = s.values[g] ?? null;
      if (value === null) return `${s.name} not measured`;
      const [low, high] = [s.low?.[g] ?? null, s.high?.[g] ?? null];
      const interval = low === null || high === null
        ? ""
        : ` (${formatNumber(low, digits)} to ${formatNumber(high, digits)})`;
      return `${s.name} ${formatNumber(value, digits)}${interval}`;
    });
    const stated = reported?.values[g] ?? null;
    if (stated !== null) {
      values.push(`${reported!.name} ${stated}`);
    }
    return `${group}: ${values.join(", ")}.`;
  });
  const best = groups.map((group, g) => {
    const ranked = series.filter((s) => typeof s.values[g] === "number")
      .toSorted((a, b) => b.values[g]! - a.values[g]!);
    return ranked.length > 1 ? `${ranked[0]!.name} on ${group}` : "";
  }).filter((text) => text !== "");
  return [
    `Bar chart: ${asSentence(options.title)} ${options.yTitle} of ${names}${
      series.some((s) => s.low) ? `, in brackets ${barInterval(options)}` : ""
    }.`,
    best.length > 0 ? `Highest: ${sentenceList(best)}.` : "",
    ...parts,
  ].filter((part) => part !== "").join(" ");
}

/** Sample sizes of grouped bars, as short as they allow. */
export function sampleSizes({ series, groups, unit }: GroupedBarsOptions): string {
  // A bar that is not there has no number of items.
  const table = groups.map((_, g) =>
    series.flatMap((s) => (s.values[g] ?? null) === null ? [] : [sizeAt(s, g)])
  );
  const sizes = table.flat();
  if (sizes.every((n) => n === sizes[0])) {
    return unit === undefined
      ? `n = ${sizes[0]} for each bar.`
      : sampleSize(sizes[0] ?? 0, unit, "bar");
  }
  if (table.every((row) => row.every((n) => n === row[0]))) {
    const named = groups.flatMap((group, g) =>
      table[g]!.length === 0 ? [] : [`${group} ${table[g]![0]}`]
    );
    return `n for each bar: ${named.join(", ")}.`;
  }
  const ranges = series.flatMap((s) => {
    const own = groups.flatMap((_, g) => (s.values[g] ?? null) === null ? [] : [sizeAt(s, g)]);
    if (own.length === 0) return [];
    const [from, to] = [Math.min(...own), Math.max(...own)];
    return `${s.name} ${from === to ? from : `${from} to ${to}`}`;
  });
  return `n for each bar: ${ranges.join(", ")}.`;
}
