import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { curves, methodColor } from "../../lib/figures/mod.ts";
import { UsageError } from "../../lib/runtime/mod.ts";
import { lines } from "./samples.ts";

type Trace = {
  name: string;
  y: number[];
  fill?: string;
  showlegend: boolean;
  xaxis: string;
  line: { color: string; dash: string };
};
const traces = (figure: { spec: { data: unknown } }) => figure.spec.data as Trace[];

Deno.test("each line comes with its band, in the method's colour", () => {
  const data = traces(curves(lines));
  assertEquals(data.map((t) => t.fill ?? "line"), [
    "toself",
    "line",
    "toself",
    "line",
  ]);
  assertEquals(data[0]!.y, [0.3, 0.4, 0.5, 0.3, 0.2, 0.1]);
  assertEquals(data[3]!.line.color, methodColor("CA-GRPO"));
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
  assertStringIncludes(figure.caption, "bounds from theory");
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
