import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { columnWidth, groupedBars, methodColor } from "../../lib/figures/mod.ts";
import { UsageError } from "../../lib/runtime/mod.ts";
import { bars } from "./samples.ts";

Deno.test("bars carry values, intervals and the methods' colours", () => {
  const [base, balanced] = groupedBars(bars).spec.data as unknown as {
    type: string;
    y: (number | null)[];
    marker: { color: string };
    error_y: { array: (number | null)[]; arrayminus: (number | null)[] };
  }[];
  assertEquals(base!.type, "bar");
  assertEquals(base!.y, [31.2, 24.5]);
  assertEquals(base!.error_y.array.map((v) => v?.toFixed(3)), [
    "3.100",
    "3.100",
  ]);
  assertEquals(balanced!.error_y.arrayminus[1], null);
  assertEquals(balanced!.marker.color, methodColor("CA-GRPO"));
});

Deno.test("bars of one group do not overlap and stay within their group", () => {
  const data = groupedBars(bars).spec.data as unknown as {
    type: string;
    x: number[];
    width: number[];
  }[];
  const spans = data.filter((t) => t.type === "bar")
    .map((t) => [t.x[0]! - t.width[0]! / 2, t.x[0]! + t.width[0]! / 2]);
  assert(spans[0]![0]! > -0.5 && spans[1]![1]! < 0.5);
  assert(spans[0]![1]! < spans[1]![0]!);
});

Deno.test("reported numbers are hollow marks with a legend of their own, as they were reported", () => {
  const { spec, rows, caption } = groupedBars(bars);
  const mark = spec.data.at(-1) as unknown as {
    legend: string;
    text: string[];
    marker: { symbol: string };
  };
  assertEquals(mark.legend, "legend2");
  assertEquals(mark.marker.symbol, "diamond-open");
  assertEquals(mark.text, ["80.95", "61.94"]);
  assertEquals(rows.filter((row) => row.measured === false).length, 2);
  assertStringIncludes(caption, "not measured here");
});

Deno.test("value labels are there when they fit and absent when they do not", () => {
  const texts = (
    figure: { spec: { data: readonly Record<string, unknown>[] } },
  ) => figure.spec.data.filter((t) => t.mode === "text").length;
  assertEquals(texts(groupedBars(bars)), 2);
  const many = Array.from(
    { length: 12 },
    (_, i) => ({ name: `m${i}`, values: [10.5, 20.5], n: 5 }),
  );
  assertEquals(
    texts(groupedBars({ ...bars, series: many, width: columnWidth })),
    0,
  );
});

Deno.test("caption holds n, alt text the numbers and the best system", () => {
  const { caption, alt } = groupedBars(bars);
  assertStringIncludes(caption, "n for each bar: domain 200, reasoning 150.");
  assertStringIncludes(caption, "Error bars: 95 % intervals.");
  assertStringIncludes(alt, "base 31.2 (28.1 to 34.3)");
  assertStringIncludes(alt, "Highest: CA-GRPO on domain.");
  assertStringIncludes(alt, "CA-GRPO not measured");
});

Deno.test("caption gives ranges when n differs between systems", () => {
  const series = [{ name: "a", values: [1, 2], n: [5, 9] }, {
    name: "b",
    values: [1, 2],
    n: 7,
  }];
  assertStringIncludes(
    groupedBars({ title: "t", groups: ["g", "h"], series, yTitle: "y" })
      .caption,
    "n for each bar: a 5 to 9, b 7.",
  );
});

Deno.test("wrong lists are refused with the series' name", () => {
  const series = (
    more: object,
  ) => [{ name: "base", values: [1, 2], n: 5, ...more }];
  const draw = (more: object) => () => groupedBars({ ...bars, series: series(more) });
  assertThrows(
    draw({ values: [1] }),
    UsageError,
    'Expected values of series "base" to have 2',
  );
  assertThrows(
    draw({ low: [2, 2], high: [3, 3] }),
    UsageError,
    "but found 2, 1, 3 at 0",
  );
  assertThrows(draw({ low: [0, 0] }), UsageError, "low and high together");
  assertThrows(draw({ values: [1, NaN] }), UsageError, "finite numbers");
  assertThrows(
    draw({ n: [1, 2, 3] }),
    UsageError,
    "to have 2 entries but found 3",
  );
  assertThrows(
    () => groupedBars({ ...bars, series: [] }),
    UsageError,
    "found none",
  );
});

Deno.test("a bar that is not there counts for no number of items", () => {
  const caption = (n: readonly number[]) =>
    groupedBars({
      title: "Scores",
      groups: ["domain", "MMLU"],
      series: [
        { name: "floor", values: [10, null], n: [16, 0] },
        { name: "base", values: [30, 20], n },
      ],
      yTitle: "Score (%)",
    }).caption;
  assertStringIncludes(caption([16, 400]), "n for each bar: domain 16, MMLU 400.");
  assertStringIncludes(caption([16, 16]), "n = 16 for each bar.");
  assertStringIncludes(caption([12, 400]), "n for each bar: floor 16, base 12 to 400.");
});

Deno.test("error bars are called what they are, and n what it counts", () => {
  const series = [{ name: "LoRA", values: [1, 2], low: [0.9, 1.9], high: [1.1, 2.1], n: 5 }];
  const { reported: _, ...own } = bars;
  const figure = groupedBars({
    ...own,
    series,
    interval: "range of the timed steps",
    unit: "steps",
  });
  assertStringIncludes(figure.caption, "Error bars: range of the timed steps.");
  assertStringIncludes(figure.caption, "n = 5 steps for each bar.");
  assertStringIncludes(figure.alt, "in brackets range of the timed steps.");
  assertStringIncludes(groupedBars(bars).caption, "Error bars: 95 % intervals.");
});
