import { UsageError } from "../../runtime/mod.ts";
import {
  asSentence,
  checkInterval,
  type Figure,
  formatNumber,
  type PlotlyObject,
} from "../figure.ts";
import type { GroupedBarsOptions } from "./grouped_bars_options.ts";
import { barAltText, barRows, sampleSizes, sizeAt } from "./grouped_bars_text.ts";
import { textWidth } from "../text.ts";
import { methodStyles } from "../method_style.ts";
import { axis, fontSizes, frame, ink, pageWidth, sides, wrapText, yAxisTitle } from "../theme.ts";

const labelSize = 8.5;

/**
 * Bars side by side: a group for each capability, a bar for each system, error bars for 95 % intervals.
 *
 * Values stand above the bars where they fit. Sample sizes go into the caption.
 *
 * @throws {UsageError} if lists differ in length or an interval does not hold its value.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { groupedBars } from "./grouped_bars.ts";
 *
 * const figure = groupedBars({
 *   title: "Scores",
 *   groups: ["domain", "reasoning"],
 *   series: [{ name: "base", values: [30, 20], low: [28, 17], high: [32, 23], n: 100 }],
 *   yTitle: "Score (%)",
 * });
 * assertEquals(figure.rows.length, 2);
 * ```
 */
export function groupedBars(options: GroupedBarsOptions): Figure {
  const { groups, series, reported } = options;
  const digits = options.digits ?? 1;
  const width = options.width ?? pageWidth;
  if (groups.length === 0 || series.length === 0) {
    throw new UsageError(
      `Expected groups and series in "${options.title}" but found none`,
    );
  }
  for (const s of series) {
    checkInterval(`series "${s.name}"`, groups.length, s.values, s.low, s.high);
    if (typeof s.n !== "number" && s.n.length !== groups.length) {
      throw new UsageError(
        `Expected n of series "${s.name}" to have ${groups.length} entries but found ${s.n.length}`,
      );
    }
  }
  if (reported) {
    checkInterval(`series "${reported.name}"`, groups.length, reported.values);
  }

  const slots = series.length + (reported ? 1.25 : 0);
  const slot = 1 / (slots + 1);
  const slotPixels = (width - sides.left - sides.right) / groups.length * slot;
  const place = (group: number, index: number) => group + (index + 0.5 - slots / 2) * slot;
  const texts = series.map((s) => s.values.map((v) => v === null ? "" : formatNumber(v, digits)));
  const fits = texts.flat().every((text) => textWidth(text, labelSize) <= slotPixels * 0.98);

  const styles = methodStyles(series.map(({ name }) => name));
  const bars = series.map((s): PlotlyObject => ({
    type: "bar",
    name: s.name,
    legendgroup: s.name,
    x: groups.map((_, g) => place(g, series.indexOf(s))),
    y: s.values,
    width: groups.map(() => slot * 0.9),
    marker: { color: styles.get(s.name)!.color, line: { color: ink, width: 0.4 } },
    customdata: groups.map((group, g) => [group, sizeAt(s, g)]),
    hovertemplate:
      `%{customdata[0]}, ${s.name}: %{y:.${digits}f}<br>n = %{customdata[1]}<extra></extra>`,
    ...(s.low && s.high
      ? {
        error_y: {
          type: "data",
          symmetric: false,
          array: s.values.map((v, g) => span(v, s.high![g])),
          arrayminus: s.values.map((v, g) => span(s.low![g], v)),
          color: ink,
          thickness: 1,
          width: Math.min(3, slotPixels / 5),
        },
      }
      : {}),
  }));
  const labels = (fits ? series : []).map((s): PlotlyObject => ({
    type: "scatter",
    mode: "text",
    name: s.name,
    legendgroup: s.name,
    showlegend: false,
    x: groups.map((_, g) => place(g, series.indexOf(s))),
    y: s.values.map((v, g) => v === null ? null : Math.max(v, s.high?.[g] ?? v, 0)),
    text: texts[series.indexOf(s)],
    textposition: "top center",
    textfont: { size: labelSize, color: ink },
    cliponaxis: false,
    hoverinfo: "skip",
  }));
  const marks: PlotlyObject[] = reported
    ? [{
      type: "scatter",
      mode: fits ? "markers+text" : "markers",
      name: reported.name,
      legend: "legend2",
      x: groups.map((_, g) => place(g, series.length + 0.25)),
      y: reported.values,
      text: reported.values.map((v) => v === null ? "" : String(v)),
      textposition: "top center",
      textfont: { size: labelSize, color: "#666666" },
      marker: {
        symbol: "diamond-open",
        size: 7,
        color: "#666666",
        line: { width: 1.3 },
      },
      hovertemplate: `${reported.name}: %{y}<extra></extra>`,
    }]
    : [];

  const all = [
    ...series.flatMap((
      s,
    ) => [...s.values, ...(s.low ?? []), ...(s.high ?? [])]),
    ...(reported?.values ?? []),
  ].filter((v) => v !== null);
  const top = Math.max(0, ...all);
  const bottom = Math.min(0, ...all);
  const room = (top - bottom || 1) * 0.09;
  const groupWidth = (width - sides.left - sides.right) / groups.length - 4;
  const ticks = groups.map((g) => wrapText(g, fontSizes.text, groupWidth));
  const tickLines = Math.max(...ticks.map((lines) => lines.length));
  const negative = bottom < 0;
  const shared = frame({
    title: options.title,
    width,
    plotHeight: Math.round(Math.min(230, width * 0.55)),
    legend: series.map((s) => s.name),
    secondLegend: reported !== undefined,
    bottom: 12 + 13 * tickLines,
  }, [yAxisTitle(options.yTitle)]);
  const layout: PlotlyObject = {
    ...shared,
    barmode: "overlay",
    xaxis: {
      ...axis,
      tickfont: { size: fontSizes.text },
      tickvals: groups.map((_, g) => g),
      ticktext: ticks.map((lines) => lines.join("<br>")),
      ticklen: negative ? 0 : 2,
      tickcolor: "#FFFFFF",
      showline: !negative,
      range: [-0.5, groups.length - 0.5],
      showgrid: false,
    },
    yaxis: {
      ...axis,
      range: [negative ? bottom - room : 0, top + room],
      zeroline: negative,
      zerolinecolor: ink,
      zerolinewidth: 1,
    },
  };
  return {
    title: options.title,
    spec: { data: [...bars, ...labels, ...marks], layout },
    rows: barRows(options),
    alt: barAltText(options, digits),
    caption: [
      asSentence(options.caption ?? options.title),
      series.some((s) => s.low) ? "Error bars: 95 % intervals." : "",
      sampleSizes(series, groups),
      reported ? `Hollow diamonds: ${reported.name}; not measured here.` : "",
    ].filter((part) => part !== "").join(" "),
  };
}

function span(
  from: number | null | undefined,
  to: number | null | undefined,
): number | null {
  return typeof from === "number" && typeof to === "number" ? Math.max(0, to - from) : null;
}
