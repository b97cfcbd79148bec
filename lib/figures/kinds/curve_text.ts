import { asSentence, formatNumber, type Row, sentenceList } from "../figure.ts";
import type { CurvePanel, CurvesOptions } from "./curve_options.ts";
import type { Reference } from "../panels.ts";

/** Reference lines of a panel: those of all panels and its own. */
export function referencesOf(options: CurvesOptions, panel: CurvePanel): readonly Reference[] {
  return [...(options.references ?? []), ...(panel.references ?? [])];
}

/** The numbers of curves. */
export function curveRows(panels: readonly CurvePanel[]): Row[] {
  const parts = panels.some(({ series }) => series.some(({ part }) => part !== undefined));
  return panels.flatMap((panel) =>
    panel.series.flatMap((s) =>
      s.x.map((x, i): Row => ({
        ...(panels.length > 1 ? { panel: panel.title } : {}),
        series: s.name,
        ...(parts ? { part: s.part ?? null } : {}),
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
    const texts = panel.series.filter(({ kind }) => kind !== "points").map((s) => {
      const there = s.y.map((y, i) => [s.x[i]!, y] as const).filter(([, y]) => y !== null);
      const [from, to] = [there[0], there.at(-1)];
      const name = s.part === undefined ? s.name : `${s.name} (${s.part})`;
      if (!from || !to) return `${name} has no values`;
      return `${name} from ${format(from[1]!)} at ${from[0]} to ${format(to[1]!)} at ${to[0]}`;
    });
    const lines = referencesOf(options, panel).filter(({ label }) => label)
      .map(({ axis, value, label }) => `${label} at ${axis} = ${format(value)}`);
    const unit = panel.yTitle === undefined ? "" : ` (${panel.yTitle})`;
    return `${panel.title === "" ? "" : `${panel.title}${unit}: `}${texts.join("; ")}.` +
      (lines.length > 0 ? ` Reference lines: ${sentenceList(lines)}.` : "");
  });
  return [
    `Line chart: ${asSentence(options.title)} ${options.yTitle} over ${options.xTitle}` +
    `${logs.length > 0 ? `, logarithmic ${sentenceList(logs)} axis` : ""}.`,
    ...parts,
  ].join(" ");
}
