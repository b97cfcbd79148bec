import { asSentence, formatNumber, type Row, sampleSize, sentenceList } from "../figure.ts";
import type { DotIntervalsOptions, DotPanel, DotPart } from "./dot_options.ts";

/** The values of a panel with those of its other parts, by name; the name is empty where there is one part. */
export function dotParts(panel: DotPanel): readonly DotPart[] {
  return [{ ...panel, name: panel.part ?? "" }, ...(panel.others ?? [])];
}

/** On which side of a panel's axis a number lies beyond its end, if it does. */
export function beyondSide({ limits }: DotPanel, value: number): "left" | "right" | undefined {
  if (limits === undefined) return undefined;
  return value < limits[0] ? "left" : value > limits[1] ? "right" : undefined;
}

/** The numbers of dots with intervals. */
export function dotRows({ rows, panels, n }: DotIntervalsOptions): Row[] {
  const parts = panels.some(({ others }) => others !== undefined);
  return panels.flatMap((panel) =>
    dotParts(panel).flatMap(({ name, values, low, high, notes }) =>
      rows.map((method, i): Row => ({
        metric: panel.title,
        method,
        ...(parts ? { part: name === "" ? null : name } : {}),
        value: values[i] ?? null,
        low: low[i] ?? null,
        high: high[i] ?? null,
        n,
        ...(panels.some((one) => one.notes) ? { note: notes?.[i] ?? null } : {}),
      }))
    )
  );
}

/** Dots with intervals in words. */
export function dotAltText({ title, rows, panels, digits = 2 }: DotIntervalsOptions): string {
  const texts = panels.map((panel) => {
    const against = panel.reference === undefined ? "" : ` against ${panel.reference}`;
    const parts = dotParts(panel).map(({ name, values, low, high, notes }) => {
      const named = rows.map((row, i) => {
        const [value, from, to] = [values[i], low[i], high[i]];
        if (typeof value !== "number") return `${row} ${notes?.[i] ?? "not measured"}`;
        const interval = typeof from === "number" && typeof to === "number"
          ? ` (${formatNumber(from, digits)} to ${formatNumber(to, digits)})`
          : "";
        return `${row} ${formatNumber(value, digits)}${interval}`;
      });
      return `${name === "" ? "" : `${name}: `}${named.join(", ")}`;
    });
    return `${panel.title}${against}: ${parts.join("; ")}.`;
  });
  return [
    `Dot plot with intervals: ${asSentence(title)} Metrics: ${
      sentenceList(panels.map((panel) => panel.title))
    }.`,
    ...texts,
  ].join(" ");
}

/** What is said under dots with intervals. */
export function dotCaption(options: DotIntervalsOptions): string {
  const { panels } = options;
  const all = panels.flatMap((panel) => dotParts(panel).map((part) => ({ panel, part })));
  const cut = all.some(({ panel, part: { values, low, high } }) =>
    [...values, ...low, ...high].some((v) => v !== null && beyondSide(panel, v))
  );
  return [
    asSentence(options.caption ?? options.title),
    `Lines: ${options.interval ?? "95 % intervals"}.`,
    all.some(({ part }) => part.replicates)
      ? `Pale dots: single ${options.unit ?? "replicates"}.`
      : "",
    cut ? "Arrows: what lies beyond the axis." : "",
    sampleSize(options.n, options.unit ?? "items", "point"),
  ].filter((part) => part !== "").join(" ");
}
