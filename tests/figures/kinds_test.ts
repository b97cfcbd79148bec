import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import {
  curves,
  dotIntervals,
  type Figure,
  figureSvg,
  methodColor,
  parallelCoordinates,
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
  readonly line: { readonly color: string; readonly shape: string };
  readonly marker: { readonly color: string };
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
