import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import {
  curves,
  dotIntervals,
  type Figure,
  figureSvg,
  methodColor,
  pairwiseFronts,
  parallelCoordinates,
  rewardPairs,
  scatterPanels,
  spreadLabels,
  stageBars,
  textWidth,
} from "../../lib/figures/mod.ts";
import { UsageError } from "../../lib/runtime/mod.ts";
import { kinds } from "./kinds.ts";

interface Trace {
  readonly name: string;
  readonly mode: string;
  readonly x: readonly number[];
  readonly y: readonly (number | null)[];
  readonly xaxis?: string;
  readonly showlegend: boolean;
  readonly fill?: string;
  readonly line: { readonly color: string; readonly shape: string };
  readonly marker: {
    readonly color: string;
    readonly symbol?: string;
    readonly size?: number;
    readonly opacity?: number;
    readonly line?: { readonly color: string };
  };
  readonly error_y?: unknown;
  readonly error_x?: { readonly array: readonly number[]; readonly arrayminus: readonly number[] };
}
const traces = (figure: Figure) => figure.spec.data as unknown as Trace[];
const figures = kinds(672);

Deno.test("every kind: alternative text and caption from the data, n, no undefined, at both widths", async () => {
  for (const width of [672, 336]) {
    for (const [name, figure] of Object.entries(kinds(width))) {
      assertEquals(figure.spec.layout.width, width, name);
      assertStringIncludes(figure.caption, "n = ");
      assert(figure.rows.length > 3, name);
      for (
        const text of [
          figure.alt,
          figure.caption,
          (await figureSvg(figure)).replaceAll("legendundefined", ""),
        ]
      ) {
        assert(!/undefined|NaN|Infinity/.test(text), `${name} at ${width}`);
      }
    }
  }
});

Deno.test("names at the ends of lines keep their order and never cover each other", () => {
  assertEquals(spreadLabels([50, 51, 52], 10, [0, 100]), [50, 60, 70]);
  assertEquals(spreadLabels([99, 98, 5], 10, [0, 100]), [100, 90, 5]);
  const labels = (figures.bound!.spec.layout.annotations as { text: string; yshift: number }[])
    .filter(({ text }) => /(?:^bound| (?:static|UPGrad|MGDA|Nash-MTL))$/.test(text));
  assertEquals(labels.length, 5);
  const heights = labels.map(({ yshift }) => yshift).sort((a, b) => a - b);
  heights.slice(1).forEach((h, i) => assert(h - heights[i]! >= 9, `${heights}`));
  assertEquals(figures.bound!.spec.layout.showlegend, false);
  const { r } = figures.bound!.spec.layout.margin as { r: number };
  assert(r > textWidth("capability-aware", 9));
});

Deno.test("reference lines are dashed, labelled, within the axes, and in the alternative text", () => {
  const lines = traces(figures.bound!).slice(0, 2);
  assertEquals(lines.map(({ name }) => name), ["noise floor", "warm-up ends"]);
  assertEquals(lines[0]!.y, [0.01, 0.01]);
  assert(lines[0]!.x[0]! < 1 && lines[0]!.x[1]! > 1000);
  const { range } = figures.bound!.spec.layout.yaxis as { range: [number, number] };
  assert(range[0] < -2 && range[1] > Math.log10(2));
  assertStringIncludes(figures.bound!.alt, "noise floor at y = 0.01");
  const labels = figures.bound!.spec.layout.annotations as { text: string; y: number }[];
  assertEquals(labels.find(({ text }) => text === "noise floor")!.y, -2);
});

Deno.test("scatter panels: one legend entry and one colour a method, fronts without beaten points", () => {
  const data = traces(figures.scatter!);
  assertEquals(data.filter((t) => t.showlegend).map((t) => t.name), [
    "CA-GRPO",
    "GDPO",
    "rewarded soups",
  ]);
  const ours = data.filter((t) => t.name === "CA-GRPO" && t.mode === "markers");
  assertEquals(ours.length, 6);
  assert(ours.every((t) => t.marker.color === methodColor("CA-GRPO")));
  const series = [{
    name: "a",
    x: [1, 2, 3, 2, 1],
    y: [3, 2, 1, 1, 3],
    line: "front" as const,
  }];
  const figure = scatterPanels({
    title: "t",
    panels: [{ xTitle: "x", yTitle: "y", series }],
    n: 1,
  });
  assertEquals(traces(figure)[0]!.x, [1, 1, 2, 3]);
  assertEquals(figure.rows.map((row) => row.front), [true, true, true, false, true]);
  assertStringIncludes(figure.caption, "n = 1 run for each point.");
});

Deno.test("scatter panels: many points are small and translucent, one method needs no legend, one scale is that of all", () => {
  const many = Array.from({ length: 200 }, (_, i) => i / 200);
  const panel = (x: readonly number[], y: readonly number[]) => ({
    xTitle: "x",
    yTitle: "y",
    series: [{ name: "problems", x, y }],
  });
  const panels = [panel(many, many), panel([0.5], [-1])];
  const figure = scatterPanels({ title: "t", panels, n: 1, oneScale: true });
  const [points, one] = traces(figure);
  assert(points!.marker.opacity! < 0.6 && points!.marker.size! < one!.marker.size!);
  const { xaxis, yaxis, xaxis2, yaxis2, showlegend } = figure.spec.layout as Record<
    string,
    unknown
  >;
  const ranges = [xaxis, yaxis, xaxis2, yaxis2].map((axis) => (axis as { range: number[] }).range);
  assert(ranges[0]![0]! <= -1 && ranges[0]![1]! >= many.at(-1)!);
  for (const range of ranges) assertEquals(range, ranges[0]);
  assertEquals(showlegend, false);
  assertEquals(figures.scatter!.spec.layout.showlegend, true);
});

Deno.test("dots: a point and its interval for each method and metric, none where nothing was measured", () => {
  const data = traces(figures.dots!).filter(({ name }) => name !== "reference");
  assertEquals(data.length, 7 * 4 - 1);
  assertEquals(traces(figures.dots!).length, 7 * 4 - 1 + 4);
  assertEquals(data[0]!.error_x!.arrayminus, [1.5]);
  assertEquals(data[0]!.error_x!.array, [2]);
  assertStringIncludes(figures.dots!.alt, "static not measured");
});

Deno.test("parallel coordinates: intervals stand side by side, lines of one name have one legend entry", () => {
  const data = traces(figures.parallel!);
  assertEquals(new Set(data.map((t) => t.x[0])).size, 5);
  const figure = parallelCoordinates({
    title: "t",
    categories: ["a", "b"],
    series: [{ name: "m", label: "1", values: [1, 2] }, {
      name: "m",
      label: "2",
      values: [1, null],
    }],
    yTitle: "y",
    n: 4,
  });
  assertEquals(traces(figure).map((t) => t.showlegend), [true, false]);
  assertStringIncludes(figure.alt, "m (2): a 1.00, b not measured.");
});

Deno.test("dots in parts: the first filled, the others hollow under it, with a legend; replicates are pale", () => {
  const data = traces(figures.paired!);
  const first = data.filter(({ name, xaxis }) => name === "UPGrad" && xaxis === "x");
  const [pale, own, paleOther, other] = first;
  assertEquals([pale, paleOther].map((t) => t!.x.length), [6, 6]);
  assert(pale!.marker.opacity! < 0.5 && pale!.marker.size! < own!.marker.size!);
  assertEquals(own!.marker.color, methodColor("UPGrad"));
  assertEquals(other!.marker.color, "#FFFFFF");
  assertEquals(other!.marker.line!.color, methodColor("UPGrad"));
  assert(other!.y[0]! > own!.y[0]!, "rows run downwards");
  assert(pale!.y[0]! > own!.y[0]! && pale!.y[0]! < other!.y[0]!, "beside the interval");
  assertEquals(data.filter((t) => t.showlegend).map(({ name }) => name), ["train", "held out"]);
  assertEquals(figures.paired!.rows.map(({ part }) => part).slice(3, 5), ["train", "held out"]);
  assertStringIncludes(figures.paired!.caption, "Pale dots: single replicates.");
});

Deno.test("dots: what is undefined is said on a grey ground, what lies beyond the axis is an arrow at its end", () => {
  const { data, layout } = figures.paired!.spec;
  const { shapes, annotations, xaxis3 } = layout as {
    shapes: { yref: string; y0: number; y1: number }[];
    annotations: { text: string; yref: string; y: number }[];
    xaxis3: { range: [number, number] };
  };
  const note = annotations.find(({ text }) => text === "not defined")!;
  assertEquals([note.yref, note.y], ["y3", 0]);
  assertEquals(shapes.map(({ yref, y0, y1 }) => [yref, Math.round(y0 + y1)]), [["y3", 0]]);
  assertStringIncludes(
    figures.paired!.alt,
    "capability-aware not defined, UPGrad 0.50 (0.00 to 1.00)",
  );
  assert(
    !(data as unknown as Trace[]).some((t) => t.name === "capability-aware" && t.xaxis === "x3"),
  );

  assert(xaxis3.range[0] < -1 && xaxis3.range[1] < 6, `${xaxis3.range}`);
  const cut = traces(figures.paired!).find((t) => t.name === "Nash-MTL" && t.xaxis === "x3")!;
  assertEquals([cut.x, cut.marker.symbol], [[5], "triangle-right"]);
  assertEquals([cut.error_x!.arrayminus, cut.error_x!.array], [[1], [0]]);
  assertStringIncludes(figures.paired!.caption, "Arrows: what lies beyond the axis.");
  assertEquals(figures.paired!.rows.at(-1)!.value, 9);

  const open = dotIntervals({
    title: "t",
    rows: ["a"],
    panels: [{ title: "p", xTitle: "x", values: [0], low: [-3], high: [0.5], limits: [-1, 1] }],
    n: 1,
  });
  const [dot, arrow, ...rest] = traces(open);
  assertEquals([dot!.x, dot!.error_x!.arrayminus], [[0], [1]]);
  assertEquals([arrow!.x, arrow!.marker.symbol, rest.length], [[-1], "triangle-left", 0]);
});

Deno.test("dots: one range for all panels when asked for", () => {
  const panel = (title: string, value: number) => ({
    title,
    xTitle: "x",
    values: [value],
    low: [value - 1],
    high: [value + 1],
  });
  const ranges = (sharedX: boolean) => {
    const panels = [panel("p", 0), panel("q", 10)];
    const { layout } = dotIntervals({ title: "t", rows: ["a"], panels, n: 1, sharedX }).spec;
    const { xaxis, xaxis2 } = layout as Record<string, { range: number[] }>;
    return [xaxis!.range, xaxis2!.range];
  };
  const [one, other] = ranges(true);
  assertEquals(one, other);
  assert(one![0]! <= -1 && one![1]! >= 11);
  assert(ranges(false)[0]![1]! < 2);
});

Deno.test("pairwise fronts: a panel for every two rewards, intervals both ways, the start a star, a line of the reachable", () => {
  assertEquals(rewardPairs(4), [[0, 1], [0, 2], [0, 3], [1, 2], [1, 3], [2, 3]]);
  const data = traces(figures.fronts!);
  assertEquals(new Set(data.map((t) => t.xaxis)).size, 6);
  const own = data.filter(({ name, mode }) => name === "static" && mode === "markers");
  assertEquals(own.length, 6);
  assert(own.every((t) => t.error_x!.array.every((a) => Math.abs(a - 2) < 1e-9) && t.error_y));
  const starts = data.filter(({ name }) => name === "start");
  assertEquals(starts.map(({ x, y }) => [x, y]).at(-1), [[43], [48]]);
  assert(starts.every(({ marker }) => marker.symbol === "star"));
  const reachable = data.filter(({ name }) => name === "reachable");
  assert(reachable.length === 6 && reachable.every(({ mode }) => mode === "lines"));
  assertEquals(data.filter((t) => t.showlegend).map(({ name }) => name), [
    "reachable",
    "start",
    "static",
    "capability-aware",
    "rewarded soups",
  ]);
  assertEquals(figures.fronts!.rows.filter(({ series }) => series === "static").length, 36);
});

Deno.test("parallel coordinates: bands in place of bars, each line at its place, and a line to read against", () => {
  const data = traces(figures.banded!);
  assertEquals(data[0]!.name, "reference");
  const bands = data.filter((t) => t.fill);
  assertEquals(bands.map(({ y }) => y[0]), [5.5, 3.5]);
  const own = data.filter(({ mode, name }) => mode === "lines+markers" && name === "static");
  assertEquals([own[0]!.x, own[0]!.error_y], [[0, 1, 2, 3], undefined]);
  assertStringIncludes(figures.banded!.caption, "Bands: 95 % intervals.");
  assertStringIncludes(figures.parallel!.caption, "Error bars: 95 % intervals.");
});

Deno.test("stages: shares of what each was given", () => {
  assertEquals(figures.stages!.rows[1], {
    stage: "ontology validation",
    produced: 1000,
    kept: 820,
    "share of produced": 0.82,
  });
  assertStringIncludes(figures.stages!.alt, "workflow constraints 760 of 820 (92.7 %)");
});

Deno.test("wrong input is refused with the place", () => {
  const refused = (make: () => unknown, part: string) => assertThrows(make, UsageError, part);
  const point = { name: "a", x: [1], y: [1] };
  const panels = (more: object) => [{ xTitle: "x", yTitle: "y", series: [{ ...point, ...more }] }];
  refused(() => scatterPanels({ title: "t", panels: [], n: 1 }), "found none");
  refused(
    () => scatterPanels({ title: "t", panels: panels({ yLow: [2], yHigh: [3] }), n: 1 }),
    'points of "a"',
  );
  refused(
    () => scatterPanels({ title: "t", panels: panels({ labels: [] }), n: 1 }),
    "1 entries but found 0",
  );
  const dots = (low: number, scale?: "log") =>
    dotIntervals({
      title: "t",
      rows: ["a"],
      panels: [{
        title: "p",
        xTitle: "x",
        values: [1],
        low: [low],
        high: [1],
        ...(scale && { scale }),
      }],
      n: 1,
    });
  refused(
    () =>
      dotIntervals({
        title: "t",
        rows: ["a"],
        panels: [{ title: "p", xTitle: "x", values: [1], low: [1], high: [1], notes: [] }],
        n: 1,
      }),
    'notes of panel "p" to have 1 entries but found 0',
  );
  const fronts = (points: { values: number[]; low?: number[]; high?: number[] }[]) =>
    pairwiseFronts({ title: "t", rewards: ["a", "b"], sweeps: [{ name: "s", points }], n: 1 });
  refused(() => fronts([{ values: [1] }]), 'points of "s" to have 2 entries but found 1');
  refused(
    () => fronts([{ values: [1, 1] }, { values: [1, 1], low: [0, 0], high: [2, 2] }]),
    "all or none",
  );
  refused(
    () => pairwiseFronts({ title: "t", rewards: ["a"], sweeps: [], n: 1 }),
    "at least 2 rewards",
  );
  refused(() => dots(2), 'panel "p"');
  refused(() => dots(0, "log"), "but found 0");
  refused(
    () => parallelCoordinates({ title: "t", categories: ["a"], series: [], yTitle: "y", n: 1 }),
    "at least 2",
  );
  refused(
    () => stageBars({ title: "t", stages: [{ name: "s", kept: 3, produced: 2 }], xTitle: "x" }),
    "0 to 2 but found 3",
  );
  refused(
    () =>
      curves({
        title: "t",
        series: [{ name: "a", x: [1], y: [1] }],
        references: [{ axis: "y", value: 0 }],
        yScale: "log",
        xTitle: "x",
        yTitle: "y",
        n: 1,
      }),
    "reference line",
  );
});
