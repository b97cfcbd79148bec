import { asSentence, formatNumber, type Row, sentenceList } from "../figure.ts";
import type { CurvePanel, CurvesOptions } from "./curve_options.ts";
import type { Reference } from "../panels.ts";

/** Reference lines of a panel: those of all panels and its own. */
export function referencesOf(options: CurvesOptions, panel: CurvePanel): readonly Reference[] {
  return [...(options.references ?? []), ...(panel.references ?? [])];
}

/** The numbers of curves. */
export function curveRows(panels: readonly CurvePanel[]): Row[] {
  return panels.flatMap((panel) =>
    panel.series.flatMap((s) =>
      s.x.map((x, i): Row => ({
        ...(panels.length > 1 ? { panel: panel.title } : {}),
        series: s.name,
        kind: s.kind ?? "measured",
        x,
        value: s.y[i] ?? null,
        low: s.low?.[i] ?? null,
        high: s.high?.[i] ?? null,
      }))
    )
  );
}

/** Curves in words. */
export function curveAltText(
  options: CurvesOptions,
  panels: readonly CurvePanel[],
): string {
  const format = (value: number) => formatNumber(value, options.digits ?? 2);
  const logs = [
    options.xScale === "log" ? "x" : "",
    options.yScale === "log" ? "y" : "",
  ]
    .filter((name) => name !== "");
  const parts = panels.map((panel) => {
    const texts = panel.series.map((s) => {
      const there = s.y.map((y, i) => [s.x[i]!, y] as const).filter(([, y]) => y !== null);
      const [from, to] = [there[0], there.at(-1)];
      if (!from || !to) return `${s.name} has no values`;
      return `${s.name} from ${format(from[1]!)} at ${from[0]} to ${format(to[1]!)} at ${to[0]}`;
    });
    const lines = referencesOf(options, panel).filter(({ label }) => label)
      .map(({ axis, value, label }) => `${label} at ${axis} = ${format(value)}`);
    return `${panel.title === "" ? "" : `${panel.title}: `}${texts.join("; ")}.` +
      (lines.length > 0 ? ` Reference lines: ${sentenceList(lines)}.` : "");
  });
  return [
    `Line chart: ${asSentence(options.title)} ${options.yTitle} over ${options.xTitle}` +
    `${logs.length > 0 ? `, logarithmic ${sentenceList(logs)} axis` : ""}.`,
    ...parts,
  ].join(" ");
}
