import { UsageError } from "../../runtime/mod.ts";
import {
  asSentence,
  checkInterval,
  type Figure,
  formatNumber,
  type PlotlyObject,
} from "../figure.ts";
import type { GroupedBarsOptions } from "./grouped_bars_options.ts";
import { barAltText, barInterval, barRows, sampleSizes, sizeAt } from "./grouped_bars_text.ts";
import { textWidth } from "../text.ts";
import { methodStyles } from "../method_style.ts";
import { axis, fontSizes, frame, ink, pageWidth, sides, wrapText, yAxisTitle } from "../theme.ts";

const labelSize = 8.5;

/**
 * Bars side by side: a group for each capability, a bar for each system, error bars for intervals.
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
  check(options);
  const digits = options.digits ?? 1;
  const width = options.width ?? pageWidth;
  const places = placesOf(options, width);
  const texts = series.map((s) => s.values.map((v) => v === null ? "" : formatNumber(v, digits)));
  const fits = texts.flat().every((text) => textWidth(text, labelSize) <= places.slotPixels * 0.98);
  const bars = barTraces(options, places, digits);
  const labels = fits ? labelTraces(options, places, texts) : [];
  const marks = reported ? [reportedTrace(options, places, fits)] : [];
  const groupWidth = (width - sides.left - sides.right) / groups.length - 4;
  const wrapped = groups.map((g) => wrapText(g, fontSizes.text, groupWidth));
  const shared = frame({
    title: options.title,
    width,
    plotHeight: Math.round(Math.min(230, width * 0.55)),
    legend: series.map((s) => s.name),
    secondLegend: reported !== undefined,
    bottom: 12 + 13 * Math.max(...wrapped.map((lines) => lines.length)),
  }, [yAxisTitle(options.yTitle)]);
  const layout: PlotlyObject = { ...shared, barmode: "overlay", ...axesOf(options, wrapped) };
  return {
    title: options.title,
    spec: { data: [...bars, ...labels, ...marks], layout },
    rows: barRows(options),
    alt: barAltText(options, digits),
    caption: [
      asSentence(options.caption ?? options.title),
      series.some((s) => s.low) ? `Error bars: ${barInterval(options)}.` : "",
      sampleSizes(options),
      reported ? `Hollow diamonds: ${reported.name}; not measured here.` : "",
    ].filter((part) => part !== "").join(" "),
  };
}

function check({ title, groups, series, reported }: GroupedBarsOptions): void {
  if (groups.length === 0 || series.length === 0) {
    throw new UsageError(`Expected groups and series in "${title}" but found none`);
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
}

/** Where bars stand: groups lie 1 apart on the x axis. */
interface BarPlaces {
  /** Space of a bar, as a share of its group. */
  readonly slot: number;
  /** Space of a bar in px. */
  readonly slotPixels: number;
  /** The middle of a bar; `index` counts the bars of a group. */
  readonly at: (group: number, index: number) => number;
}

function placesOf({ groups, series, reported }: GroupedBarsOptions, width: number): BarPlaces {
  const slots = series.length + (reported ? 1.25 : 0);
  const slot = 1 / (slots + 1);
  return {
    slot,
    slotPixels: (width - sides.left - sides.right) / groups.length * slot,
    at: (group, index) => group + (index + 0.5 - slots / 2) * slot,
  };
}

/** A trace for each series, with error bars where it has intervals. */
function barTraces(
  { groups, series }: GroupedBarsOptions,
  { slot, slotPixels, at }: BarPlaces,
  digits: number,
): PlotlyObject[] {
  const styles = methodStyles(series.map(({ name }) => name));
  return series.map((s, index) => ({
    type: "bar",
    name: s.name,
    legendgroup: s.name,
    x: groups.map((_, g) => at(g, index)),
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
}

/** The values as texts above bars and their intervals. */
function labelTraces(
  { groups, series }: GroupedBarsOptions,
  { at }: BarPlaces,
  texts: readonly (readonly string[])[],
): PlotlyObject[] {
  return series.map((s, index) => ({
    type: "scatter",
    mode: "text",
    name: s.name,
    legendgroup: s.name,
    showlegend: false,
    x: groups.map((_, g) => at(g, index)),
    y: s.values.map((v, g) => v === null ? null : Math.max(v, s.high?.[g] ?? v, 0)),
    text: texts[index],
    textposition: "top center",
    textfont: { size: labelSize, color: ink },
    cliponaxis: false,
    hoverinfo: "skip",
  }));
}

/** Hollow marks of what others reported, right of the bars. */
function reportedTrace(
  { groups, series, reported }: GroupedBarsOptions,
  { at }: BarPlaces,
  fits: boolean,
): PlotlyObject {
  const { name, values } = reported!;
  return {
    type: "scatter",
    mode: fits ? "markers+text" : "markers",
    name,
    legend: "legend2",
    x: groups.map((_, g) => at(g, series.length + 0.25)),
    y: values,
    text: values.map((v) => v === null ? "" : String(v)),
    textposition: "top center",
    textfont: { size: labelSize, color: "#666666" },
    marker: {
      symbol: "diamond-open",
      size: 7,
      color: "#666666",
      line: { width: 1.3 },
    },
    hovertemplate: `${name}: %{y}<extra></extra>`,
  };
}

/** The axes; the groups' names stand under the bars, in lines that fit. */
function axesOf(
  { groups, series, reported }: GroupedBarsOptions,
  wrapped: readonly (readonly string[])[],
): { readonly xaxis: PlotlyObject; readonly yaxis: PlotlyObject } {
  const all = [
    ...series.flatMap((s) => [...s.values, ...(s.low ?? []), ...(s.high ?? [])]),
    ...(reported?.values ?? []),
  ].filter((v) => v !== null);
  const top = Math.max(0, ...all);
  const bottom = Math.min(0, ...all);
  const room = (top - bottom || 1) * 0.09;
  const negative = bottom < 0;
  return {
    xaxis: {
      ...axis,
      tickfont: { size: fontSizes.text },
      tickvals: groups.map((_, g) => g),
      ticktext: wrapped.map((lines) => lines.join("<br>")),
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
}

function span(
  from: number | null | undefined,
  to: number | null | undefined,
): number | null {
  return typeof from === "number" && typeof to === "number" ? Math.max(0, to - from) : null;
}
