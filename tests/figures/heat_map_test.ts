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

Deno.test("wrong matrices are refused", () => {
  assertThrows(() => heatMap({ ...options, values: [[1]] }), UsageError, "Expected 4 x 4 values");
  assertThrows(() => heatMap({ ...options, range: [1, 1] }), UsageError, "found 1 to 1");
  const values = options.values.map((row) => row.map(() => NaN));
  assertThrows(() => heatMap({ ...options, values }), UsageError, "found NaN");
});
