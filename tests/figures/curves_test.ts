import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { curves, methodColor } from "../../lib/figures/mod.ts";
import { UsageError } from "../../lib/runtime/mod.ts";
import { lines } from "./samples.ts";

type Trace = {
  name: string;
  mode: string;
  x: (number | null)[];
  y: number[];
  fill?: string;
  customdata?: number[];
  showlegend: boolean;
  legend?: string;
  xaxis: string;
  line: { color: string; dash: string; width: number };
  marker: { size: number; opacity?: number };
};
const traces = (figure: { spec: { data: unknown } }) => figure.spec.data as Trace[];

/** The traces of lines themselves, without bands and what is drawn beneath. */
const drawn = (figure: { spec: { data: unknown } }) =>
  traces(figure).filter(({ fill, mode }) => fill === undefined && mode === "lines+markers");

Deno.test("each line comes with its band, in the method's colour; no band lies over a line", () => {
  const data = traces(curves(lines));
  assertEquals(data.findLastIndex((t) => t.fill), 1);
  assertEquals(data.slice(0, 2).map((t) => t.fill), ["toself", "toself"]);
  assertEquals(data[0]!.y, [0.3, 0.4, 0.5, 0.3, 0.2, 0.1]);
  const own = drawn(curves(lines));
  assertEquals(own.map(({ name }) => name), ["GRPO", "CA-GRPO"]);
  assertEquals(own[1]!.line.color, methodColor("CA-GRPO"));
});

/** Heights of the lines' points in px from the panel's foot; the axis is a linear one of the first panel. */
function pixels(figure: { spec: { data: unknown; layout: unknown } }): number[][] {
  const { yaxis, height, margin } = figure.spec.layout as {
    yaxis: { range: [number, number] };
    height: number;
    margin: { t: number; b: number };
  };
  const [from, to] = yaxis.range;
  return drawn(figure).map(({ y }) =>
    y.map((v) => (v - from) / (to - from) * (height - margin.t - margin.b))
  );
}

Deno.test("lines that coincide are drawn side by side, the others where they are", () => {
  const x = [0, 1, 2, 3];
  const series = [
    { name: "static", x, y: [0, 0, 0, 1] },
    { name: "GRPO", x, y: [0, 0, 0, 2] },
    { name: "GDPO", x, y: [0, 0, 3, 3] },
  ];
  const figure = curves({ ...lines, series });
  const [one, two, three] = pixels(figure);
  // The one that is higher elsewhere is above.
  for (const i of [0, 1]) {
    assertAlmostEquals(three![i]! - two![i]!, 2, 1e-9);
    assertAlmostEquals(two![i]! - one![i]!, 2, 1e-9);
  }
  assertAlmostEquals(two![2]! - one![2]!, 2, 1e-9);
  assertEquals(drawn(figure).map(({ y }) => y.at(-1)), [1, 2, 3]);
  // The numbers stay what they are: in the rows, on hover and in the alternative text.
  assertEquals(figure.rows.filter((r) => r.series === "GDPO").map(({ value }) => value), [
    0,
    0,
    3,
    3,
  ]);
  assertEquals(drawn(figure).map(({ customdata }) => customdata), series.map(({ y }) => y));
  assertStringIncludes(figure.alt, "GDPO from 0.00 at 0 to 3.00 at 3");
  assertStringIncludes(figure.caption, "Lines that coincide are drawn side by side.");
  const apart = curves({ ...lines, series: [series[0]!, { name: "GRPO", x, y: [5, 6, 7, 8] }] });
  assertEquals(drawn(apart)[1]!.y, [5, 6, 7, 8]);
  assertEquals(drawn(apart)[1]!.customdata, undefined);
  assert(!apart.caption.includes("side by side"));
});

Deno.test("lines side by side keep their order, however near they are", () => {
  for (const more of [0.2, -0.2]) {
    const series = [
      { name: "static", x: [0, 100], y: [0, 100] },
      { name: "GRPO", x: [0, 50, 100], y: [20, 50 + more, 80] },
    ];
    const [, measured] = drawn(curves({ ...lines, series }));
    assertEquals(measured!.y[1]! > 50 + more, more > 0);
    assert(Math.abs(measured!.y[1]! - 50) < 1);
  }
});

Deno.test("what is measured never moves beside its bound; the bound is wider where it is covered", () => {
  const bound = { name: "bound", kind: "bound" as const, x: [0, 1, 2, 3], y: [0, 1, 2, 3] };
  const measured = { name: "GRPO", x: [0, 1, 2, 3], y: [0, 1, 2, 0] };
  const figure = curves({ ...lines, series: [bound, measured] });
  const [wide, thin, own] = traces(figure);
  assertEquals([wide!.name, wide!.x, wide!.y], ["bound", [0, 1, 2], [0, 1, 2]]);
  assert(wide!.line.width > 2 * own!.line.width && wide!.line.dash === thin!.line.dash);
  assertEquals([thin!.y, own!.y], [bound.y, measured.y]);
  assertStringIncludes(figure.caption, "are wider where another runs over them");
  assert(!figure.caption.includes("side by side"));
  // A bound that is drawn over the line is in sight as it is.
  const over = curves({ ...lines, series: [measured, bound] });
  assertEquals(traces(over).map(({ name, y }) => [name, y]), [["GRPO", measured.y], [
    "bound",
    bound.y,
  ]]);
  assert(!over.caption.includes("wider"));
});

Deno.test("bounds that coincide lie side by side, as measured lines do", () => {
  const series = ["Pinsker", "kl inversion"].map((name) => ({
    name,
    kind: "bound" as const,
    x: [0, 1, 2],
    y: [0, 1, 1],
  }));
  const figure = curves({
    ...lines,
    series: [...series, { name: "GRPO", x: [0, 1], y: [-4, -5] }],
  });
  const [first, second] = traces(figure);
  assert(first!.y.every((y, i) => y > second!.y[i]!));
  assertStringIncludes(figure.caption, "side by side");
});

Deno.test("lines move apart by as little as they must, without a jump where they come near", () => {
  // One line comes down to another and leaves it again; the third one is out of reach.
  const x = Array.from({ length: 41 }, (_, i) => i);
  const near = x.map((i) => Math.abs(i - 20) / 10);
  const figure = curves({
    ...lines,
    series: [
      { name: "static", x, y: x.map(() => 0) },
      { name: "GRPO", x, y: near },
      { name: "GDPO", x, y: x.map(() => 50) },
    ],
  });
  const [still, coming, away] = pixels(figure);
  const scale = (away![0]! - still![0]!) / 50;
  x.forEach((i) => {
    const wanted = near[i]! * scale;
    assertAlmostEquals(coming![i]! - still![i]!, Math.max(2, wanted), 1e-9);
    assertAlmostEquals((coming![i]! + still![i]!) / 2, still![0]! + wanted / 2, 1e-9);
    if (i > 0) assert(Math.abs(still![i]! - still![i - 1]!) < 0.3, `a jump at ${i}`);
  });
  assertEquals(drawn(figure)[2]!.customdata, undefined);
});

Deno.test("on logarithmic axes lines are as far apart in px, over whatever places of x", () => {
  const figure = curves({
    ...lines,
    series: [
      { name: "GDPO", x: [1, 2, 4, 8, 16], y: [1, 2, 4, 8, 16] },
      { name: "GRPO", x: [1, 16], y: [1, 16] },
    ],
    xScale: "log",
    yScale: "log",
  });
  const [one, other] = drawn(figure);
  const ratios = one!.y.map((y, i) => y / 2 ** i);
  ratios.forEach((ratio) => assertAlmostEquals(ratio, ratios[0]!, 1e-9));
  assert(ratios[0]! > 1 && other!.y[0]! < 1);
});

Deno.test("parts of a name share its colour and differ in the kind of line, told by a legend of their own", () => {
  const parts = ["train", "held out"];
  const series = ["static", "CA-GRPO"].flatMap((name, r) =>
    parts.map((part, p) => ({ name, part, x: [0, 1], y: [r, 3 * p + 1] }))
  );
  const figure = curves({ ...lines, series });
  assertEquals(drawn(figure).map(({ line }) => line.dash), ["solid", "dash", "solid", "dash"]);
  assertEquals(
    drawn(figure).slice(2).map(({ line }) => line.color),
    [methodColor("CA-GRPO"), methodColor("CA-GRPO")],
  );
  const shown = traces(figure).filter((t) => t.showlegend);
  assertEquals(shown.map(({ name, legend }) => [name, legend ?? "legend"]), [
    ["static", "legend"],
    ["CA-GRPO", "legend"],
    ["train", "legend2"],
    ["held out", "legend2"],
  ]);
  assertEquals(shown.slice(2).map(({ line }) => line.dash), ["solid", "dash"]);
  assertStringIncludes(figure.alt, "static (held out) from 0.00 at 0 to 4.00 at 1");
  assertEquals(figure.rows[2]!.part, "held out");
  const named = curves({ ...lines, series, directLabels: true });
  assertEquals(traces(named).filter((t) => t.showlegend).map(({ name }) => name), parts);
});

Deno.test("single values are small pale markers of the line's colour, without an entry of their own", () => {
  const series = [
    { name: "GRPO", kind: "points" as const, x: [0, 1, 2], y: [1, 5, 2] },
    { name: "GRPO", x: [1], y: [8 / 3] },
  ];
  const [points, line] = traces(curves({ ...lines, series }));
  assertEquals([points!.mode, points!.showlegend, line!.showlegend], ["markers", false, true]);
  assertEquals(points!.x, [0, 1, 2]);
  assert(points!.marker.opacity! < 0.6 && points!.marker.size < line!.marker.size);
  const alone = traces(curves({ ...lines, series: series.slice(0, 1) }));
  assertEquals(alone.map((t) => t.showlegend), [true]);
});

Deno.test("names beside the lines of every panel, one for each name and none of single values", () => {
  const panels = ["domain", "reasoning"].map((title) => ({
    title,
    series: ["static", "GRPO"].flatMap((name, r) => [
      { name, part: "train", x: [0, 1], y: [r, r + 1] },
      { name, part: "held out", x: [0, 1], y: [r, r + 2] },
      { name, kind: "points" as const, x: [0, 1], y: [r, r] },
    ]),
  }));
  const { layout } = curves({ ...lines, series: panels, directLabels: true }).spec;
  const { annotations, xaxis, xaxis2 } = layout as {
    annotations: { text: string; x: number }[];
    xaxis: { domain: [number, number] };
    xaxis2: { domain: [number, number] };
  };
  const labels = annotations.filter(({ text }) => / (?:static|GRPO)$/.test(text));
  assertEquals(labels.map(({ x }) => x), [
    xaxis.domain[1],
    xaxis.domain[1],
    xaxis2.domain[1],
    xaxis2.domain[1],
  ]);
  const room = (xaxis2.domain[0] - xaxis.domain[1]) * (layout.width as number);
  assert(room > 80, `${room} px between panels`);
});

Deno.test("a panel of another measure has its own title beside it", () => {
  const panel = (title: string, yTitle: string) => ({
    title,
    yTitle,
    series: [{ name: "GRPO", x: [0, 1], y: [0, 1] }],
  });
  const series = [panel("Product", "Mean product"), panel("Sign", "Batches (%)")];
  const figure = curves({ ...lines, series, sharedY: false, columns: 2 });
  const { annotations, xaxis2, width, margin } = figure.spec.layout as {
    annotations: { text: string; x: number; xshift: number; textangle?: number }[];
    xaxis2: { domain: [number, number] };
    width: number;
    margin: { l: number; r: number };
  };
  const beside = annotations.filter(({ textangle }) => textangle === -90);
  assertEquals(beside.map(({ text, x }) => [text, x]), [
    ["Mean product", 0],
    ["Batches (%)", xaxis2.domain[0]],
  ]);
  const gap = width - margin.l - margin.r;
  assert(-beside[1]!.xshift < gap * xaxis2.domain[0], "the title lies between the panels");
  assertStringIncludes(figure.alt, "Sign (Batches (%)): ");
});

Deno.test("the label of a reference stands where no line runs", () => {
  const sideOf = (y: number[]) => {
    const figure = curves({
      ...lines,
      series: [{ name: "GRPO", x: [0, 10], y }, { name: "GDPO", x: [0, 10], y: [-9, 9] }],
      references: [{ axis: "y", value: 1, label: "what was preferred" }],
    });
    const { annotations } = figure.spec.layout as {
      annotations: { text: string; x: number; yanchor: string }[];
    };
    const { x, yanchor } = annotations.find(({ text }) => text === "what was preferred")!;
    return [x, yanchor];
  };
  // Where a line runs along the reference from end to end, the label keeps off both.
  const along = curves({
    ...lines,
    series: [{ name: "GRPO", x: [0, 10], y: [1, 1] }, { name: "GDPO", x: [0, 10], y: [0, 0] }],
    references: [{ axis: "y", value: 1, label: "along" }],
  }).spec.layout.annotations as { text: string; yanchor: string; yshift: number }[];
  const { yanchor, yshift } = along.find(({ text }) => text === "along")!;
  assertEquals(yanchor, "top");
  assert(yshift < -5);
  // Over the line at the right end; under it where another runs there; at the left end where one runs on either side.
  assertEquals(sideOf([-5, -6]), [1, "bottom"]);
  assertEquals(sideOf([1.5, 1.5]), [1, "top"]);
  assertEquals(sideOf([0.5, 0.5]), [1, "bottom"]);
  assertEquals(sideOf([-7, 1]), [0, "bottom"]);
});

Deno.test("the caption names what n counts and what lines without markers are", () => {
  const series = [{ name: "GRPO", x: [0, 1], y: [0, 1] }];
  const first = [{ ...series[0]!, kind: "bound" as const }];
  assertStringIncludes(
    curves({ ...lines, series: first, bound: "the first order" }).caption,
    "Lines without markers: the first order.",
  );
  assertStringIncludes(
    curves({ ...lines, series, n: 200, unit: "batches" }).caption,
    "n = 200 batches for each line.",
  );
});

Deno.test("a gap in the band splits it", () => {
  const x = [0, 1, 2, 3, 4];
  const low = [0, 0, null, 0, 0];
  const figure = curves({
    ...lines,
    series: [{
      name: "a",
      x,
      y: [1, 1, 1, 1, 1],
      low,
      high: [2, 2, null, 2, 2],
    }],
  });
  assertEquals(traces(figure).filter((t) => t.fill).length, 2);
});

Deno.test("small multiples: one axis pair a panel, one legend entry a name, shared heights", () => {
  const figure = curves({
    ...lines,
    series: ["domain", "reasoning", "instruction", "integration"].map((
      title,
      i,
    ) => ({
      title,
      series: [{ name: "GRPO", x: [0, 1], y: [i, i + 1] }],
    })),
  });
  const data = traces(figure);
  assertEquals(data.map((t) => t.xaxis), ["x", "x2", "x3", "x4"]);
  assertEquals(data.filter((t) => t.showlegend).length, 1);
  const layout = figure.spec.layout as Record<
    string,
    { range: number[]; domain: number[] }
  >;
  assertEquals(layout.yaxis!.range, layout.yaxis4!.range);
  assert(layout.xaxis!.domain[1]! < layout.xaxis2!.domain[0]!);
  assert(layout.yaxis3!.domain[1]! < layout.yaxis!.domain[0]!);
  assertEquals(figure.rows[2], {
    panel: "reasoning",
    series: "GRPO",
    kind: "measured",
    x: 0,
    value: 1,
    low: null,
    high: null,
  });
});

Deno.test("log axes, bounds, captions and alt text", () => {
  const figure = curves({
    ...lines,
    series: [
      { name: "measured", x: [1, 100], y: [1, 0.1] },
      { name: "bound", x: [1, 100], y: [2, 0.2], kind: "bound" },
    ],
    xScale: "log",
    yScale: "log",
    n: 1,
  });
  const layout = figure.spec.layout as Record<
    string,
    { type: string; range: number[] }
  >;
  assertEquals(layout.xaxis!.type, "log");
  assert(layout.xaxis!.range[0]! < 0 && layout.xaxis!.range[1]! > 2);
  assertEquals(traces(figure)[1]!.line.dash, "dash");
  assertStringIncludes(figure.caption, "n = 1 run for each line.");
  assertStringIncludes(figure.caption, "Lines without markers: bounds from theory.");
  assertStringIncludes(figure.alt, "logarithmic x and y axis");
  assertStringIncludes(figure.alt, "measured from 1.00 at 1 to 0.10 at 100");
});

Deno.test("wrong lines are refused", () => {
  const draw = (more: object) => () =>
    curves({
      ...lines,
      series: [{ name: "a", x: [0, 1], y: [1, 2] }],
      ...more,
    });
  assertThrows(
    draw({ xScale: "log" }),
    UsageError,
    'log axis in line "a" but found 0',
  );
  assertThrows(draw({ series: [] }), UsageError, "found none");
  assertThrows(
    draw({ series: [{ name: "a", x: [0], y: [1, 2] }] }),
    UsageError,
    "1 entries",
  );
});

Deno.test("a band that reaches 0 on a log axis stays whole", () => {
  const series = [{ name: "a", x: [1, 2], y: [0.5, 0.4], low: [0, 0.2], high: [1, 0.9] }];
  const [band] = traces(curves({ ...lines, series, yScale: "log" }));
  assertEquals(band!.y.map((v) => v.toFixed(3)), ["1.000", "0.900", "0.200", "0.020"]);
});

Deno.test("a few whole steps get a tick each", () => {
  const tick = (x: number[]) => {
    const series = [{ name: "a", x, y: x.map(() => 1) }];
    return (curves({ ...lines, series }).spec.layout.xaxis as { dtick?: number }).dtick;
  };
  assertEquals([tick([1, 2, 5]), tick([0, 1.5]), tick([0, 1000])], [1, undefined, undefined]);
});
