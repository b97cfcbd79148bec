import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { figureSvg, heatMap, type HeatMapOptions } from "../../lib/figures/mod.ts";
import { UsageError } from "../../lib/runtime/mod.ts";

const names = ["domain", "reasoning", "instruction", "integration"];
const options: HeatMapOptions = {
  title: "Cosines between gradients",
  rows: names,
  columns: names,
  values: names.map((_, r) => names.map((_, c) => r === c ? 1 : r + c === 3 ? null : -0.25)),
  range: [-1, 1],
  colors: "diverging",
  caption: "n = 8 prompts",
};

type Trace = { text: string[]; marker: { color: string[] } };

Deno.test("cells: ends, middle and missing values", () => {
  const { spec, rows } = heatMap({
    ...options,
    values: options.values.map((row) => row.map((v) => v && v * 4)),
  });
  const trace = spec.data[0] as unknown as Trace;
  assertEquals(rows.length, 12);
  assertEquals(trace.marker.color[0], "rgb(178,24,43)");
  assertEquals(trace.marker.color[1], "rgb(33,102,172)");
  const one = { ...options, rows: ["a"], columns: ["b"], values: [[0]] };
  assertEquals((heatMap(one).spec.data[0] as unknown as Trace).marker.color, ["rgb(247,247,247)"]);
});

Deno.test("numbers stand in the picture and in the alternative text", async () => {
  const figure = heatMap(options);
  const svg = await figureSvg(figure);
  assertStringIncludes(svg, "\u22120.25");
  assertStringIncludes(
    figure.alt,
    "domain: domain 1.00, reasoning \u22120.25, instruction \u22120.25, integration none.",
  );
  assert(!svg.includes("NaN"));
});

Deno.test("cells without a number are hatched, and the caption says why", async () => {
  const figure = heatMap({ ...options, missing: "undefined" });
  const shapes = figure.spec.layout.shapes as { path: string }[];
  assertEquals(shapes.length, 4);
  for (const { path } of shapes) {
    const numbers = [...path.matchAll(/-?[\d.]+/g)].map(([text]) => Number(text));
    const [row, column] = [numbers.filter((_, i) => i % 2), numbers.filter((_, i) => i % 2 === 0)];
    for (const list of [row, column]) assert(Math.max(...list) - Math.min(...list) < 1, path);
  }
  assertStringIncludes(figure.caption, "Hatched: undefined.");
  assertStringIncludes(figure.alt, "integration undefined.");
  assert(!(await figureSvg(figure)).includes("NaN"));
  const whole = { ...options, values: options.values.map((row) => row.map((v) => v ?? 0)) };
  assertEquals(heatMap(whole).spec.layout.shapes, undefined);
});

Deno.test("wrong matrices are refused", () => {
  assertThrows(() => heatMap({ ...options, values: [[1]] }), UsageError, "Expected 4 x 4 values");
  assertThrows(() => heatMap({ ...options, range: [1, 1] }), UsageError, "found 1 to 1");
  const values = options.values.map((row) => row.map(() => NaN));
  assertThrows(() => heatMap({ ...options, values }), UsageError, "found NaN");
});
