import { UsageError } from "../../runtime/mod.ts";
import { asSentence, type Figure, formatNumber, type PlotlyObject, type Row } from "../figure.ts";
import { textWidth } from "../text.ts";
import { methodColor } from "../method_style.ts";
import { axis, fontSizes, frame, ink, pageWidth, xAxisTitle } from "../theme.ts";
import { axisTicks } from "../ticks.ts";

/** One stage of a process that lets some things through. */
export interface Stage {
  /** Its name. */
  readonly name: string;
  /** How many came out of it. */
  readonly kept: number;
  /** How many went into it; default what the stage before kept. */
  readonly produced?: number;
}

/** What {@linkcode stageBars} draws. */
export interface StageBarsOptions {
  /** The figure's title. */
  readonly title: string;
  /** The stages in order. */
  readonly stages: readonly Stage[];
  /** Title of the x axis: what is counted. */
  readonly xTitle: string;
  /** What the figure shows; n is added. */
  readonly caption?: string;
  /** The method whose colour the bars have; default "measured". */
  readonly name?: string;
  /** Width in px; default `pageWidth`. */
  readonly width?: number;
}

/**
 * A funnel: how many things each stage of a process kept (dark) of those that it was given (pale).
 *
 * @throws {UsageError} if there are no stages, or one keeps more than it was given.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { stageBars } from "./stage_bars.ts";
 *
 * const stages = [{ name: "generated", kept: 200 }, { name: "validated", kept: 150 }];
 * const figure = stageBars({ title: "Curation", stages, xTitle: "Items" });
 * assertEquals(figure.rows[1]!["share of produced"], 0.75);
 * ```
 */
export function stageBars(options: StageBarsOptions): Figure {
  const stages = options.stages.map((stage, i) => ({
    ...stage,
    produced: stage.produced ?? options.stages[i - 1]?.kept ?? stage.kept,
  }));
  check(options.title, stages);
  const width = options.width ?? pageWidth;
  const labels = stages.map(({ kept, produced }) =>
    `${kept} of ${produced} (${formatNumber(kept / Math.max(1, produced) * 100, 1)} %)`
  );
  const widest = (texts: readonly string[]) =>
    Math.ceil(Math.max(...texts.map((text) => textWidth(text, fontSizes.text))));
  const left = widest(stages.map(({ name }) => name)) + 12;
  const right = widest(labels) + 12;
  const most = Math.max(1, ...stages.map(({ produced }) => produced));
  const color = methodColor(options.name ?? "measured");
  const shared = frame({
    title: options.title,
    width,
    plotHeight: stages.length * 24 + 6,
    legend: ["produced", "kept"],
    bottom: 38,
    left,
    right,
  }, [
    xAxisTitle(options.xTitle),
    ...stages.map(({ produced }, i) => labelBeside(labels[i]!, produced, i)),
  ]);
  const layout: PlotlyObject = {
    ...shared,
    barmode: "overlay",
    xaxis: {
      ...axis,
      range: [0, most],
      ...axisTicks({ type: "linear", range: [0, most] }, width - left - right, "x").settings,
    },
    yaxis: {
      ...axis,
      range: [stages.length - 0.4, -0.6],
      tickvals: stages.map((_, i) => i),
      ticktext: stages.map(({ name }) => name),
      tickfont: { size: fontSizes.text },
      showgrid: false,
      ticks: "",
    },
  };
  return {
    title: options.title,
    spec: {
      data: [
        barsOf(stages, "produced", { color: "#FFFFFF", line: { color: "#6B6B6B", width: 0.8 } }),
        barsOf(stages, "kept", { color, line: { color: ink, width: 0.4 } }),
      ],
      layout,
    },
    rows: stages.map(({ name, produced, kept }): Row => ({
      stage: name,
      produced,
      kept,
      "share of produced": produced === 0 ? null : kept / produced,
    })),
    alt: `Funnel: ${asSentence(options.title)} Kept: ` +
      `${stages.map(({ name }, i) => `${name} ${labels[i]}`).join(", ")}.`,
    caption: `${asSentence(options.caption ?? options.title)} ` +
      `n = ${stages[0]!.produced} at the start; whole counts, so without intervals.`,
  };
}

/** One bar for each stage, from the top. */
function barsOf(
  stages: readonly Required<Stage>[],
  name: "produced" | "kept",
  marker: PlotlyObject,
): PlotlyObject {
  return {
    type: "bar",
    orientation: "h",
    name,
    x: stages.map((stage) => stage[name]),
    y: stages.map((_, i) => i),
    width: stages.map(() => 0.7),
    marker,
    customdata: stages.map((stage) => stage.name),
    hovertemplate: `%{customdata}: %{x} ${name}<extra></extra>`,
  };
}

/** A text right of the end of a bar. */
function labelBeside(text: string, x: number, y: number): PlotlyObject {
  return {
    text,
    showarrow: false,
    xref: "x",
    yref: "y",
    x,
    y,
    xanchor: "left",
    yanchor: "middle",
    xshift: 4,
    font: { size: fontSizes.text, color: ink },
  };
}

function check(title: string, stages: readonly Required<Stage>[]): void {
  if (stages.length === 0) throw new UsageError(`Expected stages in "${title}" but found none`);
  for (const { name, kept, produced } of stages) {
    if (!(kept >= 0 && kept <= produced)) {
      throw new UsageError(
        `Expected stage "${name}" to keep 0 to ${produced} but found ${kept}`,
      );
    }
  }
}
