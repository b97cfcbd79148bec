import { assert, assertEquals } from "@std/assert";
import {
  curves,
  dotIntervals,
  figureSvg,
  groupedBars,
  heatMap,
  scatterPanels,
  textWidth,
} from "../../lib/figures/mod.ts";
import { kinds } from "./kinds.ts";
import { bars, lines } from "./samples.ts";

/** The least size of text in print. */
const leastPoints = 6;

/** Sizes of a picture's texts in px; parts at 70 % (exponents) count with theirs. */
function sizes(svg: string): number[] {
  return [...svg.matchAll(/<text[^>]*font-size: ([\d.]+)px[^>]*>(.*?)<\/text>/g)].flatMap(
    ([, size, content]) => [Number(size), ...content!.includes("70%") ? [Number(size) * 0.7] : []],
  );
}

/** A column of 85 mm and a page of 175 mm: what a figure's px are there in points. */
const printed = (width: number) => (width <= 336 ? 85 : 175) / 25.4 * 72 / width;

Deno.test("every text is at least 6 pt at the width of a column and of a page", async () => {
  for (const width of [336, 672]) {
    const all = Object.entries(kinds(width));
    all.push([
      "heat",
      heatMap({
        title: "Cosines",
        caption: "Cosines.",
        range: [0, 1],
        rows: ["domain", "reasoning", "instruction", "integration"],
        columns: ["a", "b", "c", "d", "e", "f", "g", "h"],
        values: [0, 1, 2, 3].map(() => [1, 0.00001, 0.3, 0.4, 0.1, 1, 0.2, 0.3]),
        width,
      }),
    ]);
    all.push(["bars", groupedBars({ ...bars, width })]);
    const series = [{ name: "GRPO", x: [1e-6, 1], y: [1e-9, 1e9] }];
    all.push([
      "powers",
      curves({ ...lines, series, xScale: "log", yScale: "log", width }),
    ]);
    for (const [name, figure] of all) {
      const found = sizes(await figureSvg(figure));
      assert(found.length > 3, name);
      const least = Math.min(...found) * printed(width);
      assert(least >= leastPoints, `${name} at ${width} px has text of ${least} pt`);
    }
  }
});

Deno.test("titles of panels and axes stay inside the figure and apart, however long", async () => {
  for (const [width, columns] of [[336, 2], [672, 3]] as const) {
    const figure = curves({
      title: "Long texts",
      series: Array.from({ length: columns }, (_, i) => ({
        title: `a binary reward, tilted against what it measures, number ${i}`,
        series: [{ name: "GRPO", x: [1, 2], y: [1, 2] }],
      })),
      xTitle: "Divergence of whole answers from the reference (nats)",
      yTitle: "Fall of the reward that was not trained (percentage points)",
      columns,
      width,
      n: 1,
    });
    const svg = await figureSvg(figure);
    const { annotations, margin, height } = figure.spec.layout as {
      annotations: { text: string; x: number; xanchor: string; textangle?: number }[];
      margin: { l: number; r: number };
      height: number;
    };
    const inner = width - margin.l - margin.r;
    for (const { text, x, xanchor, textangle } of annotations.slice(1)) {
      const wide = Math.max(...text.split("<br>").map((line) => textWidth(line, 10)));
      if (textangle === -90) {
        assert(wide < height - 40, `"${text}" is ${wide} px high`);
        continue;
      }
      const from = margin.l + x * inner - (xanchor === "center" ? wide / 2 : 0);
      assert(from >= 0 && from + wide <= width, `"${text}" reaches from ${from} over ${wide} px`);
    }
    assert(!svg.includes("NaN"));
  }
});

Deno.test("long names of rows and measures are cut into lines that have room", () => {
  const rows = ["fixed start, constant risk in every draw", "b"];
  const panel = { title: "Risk", xTitle: "Draws (%)", values: [1, 2], low: [0, 1], high: [2, 3] };
  const dots = dotIntervals({ title: "Promises", rows, panels: [panel], n: 1, width: 336 });
  const { margin, yaxis } = dots.spec.layout as {
    margin: { l: number };
    yaxis: { ticktext: string[] };
  };
  const lines = yaxis.ticktext.flatMap((text) => text.split("<br>"));
  assertEquals(lines.join(" "), rows.join(" "));
  assert(lines.every((line) => textWidth(line, 10) < margin.l - 6), `${lines} in ${margin.l} px`);

  const yTitle = "Gain of the capability that falls furthest";
  const series = [{ name: "GRPO", x: [0, 1], y: [0, 1] }];
  const panels = [0, 1].map(() => ({ xTitle: "Cosine", yTitle, series }));
  const { layout } = scatterPanels({ title: "Gains", panels, n: 1, width: 336 }).spec;
  const { annotations, height, margin: { t, b } } = layout as {
    annotations: { text: string }[];
    height: number;
    margin: { t: number; b: number };
  };
  const cut = annotations.filter(({ text }) => text.startsWith("Gain of"));
  assertEquals(cut.map(({ text }) => text.replaceAll("<br>", " ")), [yTitle, yTitle]);
  for (const line of cut.flatMap(({ text }) => text.split("<br>"))) {
    // There is some room above and below a panel.
    assert(textWidth(line, 10) < height - t - b + 17, `"${line}" is higher than its panel`);
  }
});
