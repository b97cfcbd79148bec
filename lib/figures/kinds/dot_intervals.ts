import { UsageError } from "../../runtime/mod.ts";
import { checkInterval, checkPositive, type Figure, type PlotlyObject } from "../figure.ts";
import type { DotIntervalsOptions, DotPanel } from "./dot_options.ts";
import { dotAltText, dotCaption, dotParts, dotRows } from "./dot_text.ts";
import { dotPartEntries, dotTraces, noteMarks } from "./dot_traces.ts";
import {
  axisScale,
  panelAxis,
  panelGrid,
  type PanelPlace,
  panelTexts,
  panelTitle,
  referenceTrace,
} from "../panels.ts";
import { textWidth } from "../text.ts";
import { axis, fontSizes, frame, labelHeight, pageWidth, sides, xAxisTitle } from "../theme.ts";
import { axisTicks } from "../ticks.ts";

/** Height of a row with one dot, and what each further one adds, in px. */
const rowHeight = { first: 17, further: 8 } as const;

/**
 * A point and its interval for each method, one panel for each metric: a table to look at.
 *
 * A panel may hold several parts of each row, as of training and of held-out items, single replicates as pale dots,
 * and in place of values that there are not, what is to say of them.
 *
 * @throws {UsageError} if there are no rows or panels, lists differ in length, an interval does not hold its value,
 * or a log axis gets a number that is not positive.
 *
 * @example
 * ```ts
 * import { assertStringIncludes } from "@std/assert";
 * import { dotIntervals } from "./dot_intervals.ts";
 *
 * const panel = { title: "domain", xTitle: "Points", values: [1.5, -2], low: [0.5, -4], high: [2.5, 0], reference: 0 };
 * const figure = dotIntervals({ title: "Against SFT", rows: ["GRPO", "CA-GRPO"], panels: [panel], n: 100 });
 * assertStringIncludes(figure.alt, "GRPO 1.50 (0.50 to 2.50)");
 * ```
 */
export function dotIntervals(options: DotIntervalsOptions): Figure {
  const { rows, panels } = options;
  check(options);
  const width = options.width ?? pageWidth;
  const left = Math.min(
    width * 0.4,
    Math.ceil(Math.max(...rows.map((name) => textWidth(name, fontSizes.text)))) + 12,
  );
  const columns = options.columns ??
    Math.max(1, Math.min(5, Math.floor((width - left) / 130)));
  const names = panelTexts(rows, left - 10);
  const parts = [...new Set(panels.flatMap((panel) => dotParts(panel).map(({ name }) => name)))]
    .filter((name) => name !== "");
  const most = Math.max(...panels.map((panel) => dotParts(panel).length));
  const high = rowHeight.first + (most - 1) * rowHeight.further;
  const gridOf = (further: number) =>
    panelGrid({
      count: panels.length,
      width,
      columns,
      between: { x: 16, y: 58 + further },
      height: () => rows.length * (high + names.further) + 8,
      left,
    });
  const { panelWidth } = gridOf(0);
  const heads = panelTexts(panels.map(({ title }) => title), panelWidth + 6);
  const feet = panelTexts(panels.map(({ xTitle }) => xTitle), panelWidth + 6);
  const scales = scalesOf(options);
  const ticksOf = scales.map((scaled) => axisTicks(scaled, panelWidth, "x"));
  const labels = Math.max(...ticksOf.map(({ height }) => height));
  const grid = gridOf(heads.further + feet.further + labels - labelHeight(fontSizes.small));
  const drawn = panels.map((panel, index) => {
    const place = grid.places[index]!;
    const x = panelAxis(scales[index]!, place.x, `y${place.suffix}`, ticksOf[index]!);
    const one = drawPanel(options, panel, place, x, names.texts);
    const titles = [
      panelTitle(heads.texts[index]!, place),
      xAxisTitle(feet.texts[index]!, ...place.x, place.y[0], labels),
    ];
    return { ...one, texts: [...titles, ...one.texts] };
  });
  const shared = frame({
    title: options.title,
    width,
    plotHeight: grid.plotHeight,
    legend: parts,
    bottom: 27 + labels + feet.further,
    above: 18 + heads.further,
    left,
    right: sides.right,
  }, drawn.flatMap(({ texts }) => texts));
  const shapes = drawn.flatMap((one) => one.shapes);
  const layout: PlotlyObject = Object.assign(
    { ...shared, ...(shapes.length > 0 ? { shapes } : {}) },
    ...drawn.map(({ axes }) => axes),
  );
  return {
    title: options.title,
    spec: { data: [...drawn.flatMap(({ data }) => data), ...dotPartEntries(parts)], layout },
    rows: dotRows(options),
    alt: dotAltText(options),
    caption: dotCaption(options),
  };
}

/** Types and ranges of the x axes. */
function scalesOf({ panels, sharedX = false }: DotIntervalsOptions): PlotlyObject[] {
  const numbers = (panel: DotPanel) => [
    ...dotParts(panel).flatMap(({ values, low, high, replicates }) => [
      ...values,
      ...low,
      ...high,
      ...(replicates ?? []).flat(),
    ]),
    panel.reference ?? null,
  ];
  return panels.map((panel) => {
    const all = (sharedX ? panels : [panel]).flatMap((one) => one.limits ?? numbers(one));
    return axisScale(panel.scale, all);
  });
}

/** Axes, texts, grounds and traces of one panel. */
function drawPanel(
  { rows, digits = 2 }: DotIntervalsOptions,
  panel: DotPanel,
  place: PanelPlace,
  x: PlotlyObject,
  names: readonly string[],
): {
  readonly axes: Record<string, PlotlyObject>;
  readonly texts: PlotlyObject[];
  readonly shapes: PlotlyObject[];
  readonly data: PlotlyObject[];
} {
  const { suffix } = place;
  const y: PlotlyObject = {
    ...axis,
    type: "linear",
    range: [rows.length - 0.4, -0.6],
    domain: place.y,
    anchor: `x${suffix}`,
    tickvals: rows.map((_, i) => i),
    ticktext: place.column === 0 ? names : rows.map(() => ""),
    tickfont: { size: fontSizes.text },
    showline: false,
    ticks: "",
  };
  const { reference } = panel;
  const line = reference === undefined
    ? []
    : [referenceTrace({ axis: "x", value: reference }, place, x, y)];
  const parts = dotParts(panel);
  const at = (index: number) => ({ suffix, index, count: parts.length });
  const notes = parts.map((part, index) => noteMarks(part, place, at(index)));
  return {
    axes: { [`xaxis${suffix}`]: x, [`yaxis${suffix}`]: y },
    texts: notes.flatMap(({ texts }) => texts),
    shapes: notes.flatMap(({ shapes }) => shapes),
    data: [
      ...line,
      ...parts.flatMap((part, index) => dotTraces(panel, part, rows, at(index), digits)),
    ],
  };
}

function check({ title, rows, panels }: DotIntervalsOptions): void {
  if (rows.length === 0 || panels.length === 0) {
    throw new UsageError(`Expected rows and panels in "${title}" but found none`);
  }
  for (const panel of panels) {
    for (const { name, values, low, high, replicates, notes } of dotParts(panel)) {
      const where = `panel "${panel.title}"${name === "" ? "" : `, ${name}`}`;
      checkInterval(where, rows.length, values, low, high);
      for (const [what, list] of Object.entries({ replicates, notes })) {
        if (list !== undefined && list.length !== rows.length) {
          throw new UsageError(
            `Expected ${what} of ${where} to have ${rows.length} entries but found ${list.length}`,
          );
        }
      }
      const single = (replicates ?? []).flat();
      checkInterval(`replicates of ${where}`, single.length, single);
      if (panel.scale === "log") checkPositive(where, [...values, ...low, ...single]);
    }
    const { limits } = panel;
    if (limits && !(limits[0] < limits[1])) {
      throw new UsageError(
        `Expected limits of panel "${panel.title}" from low to high but found ${
          limits.join(" to ")
        }`,
      );
    }
  }
}
