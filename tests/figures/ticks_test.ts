import { assert, assertEquals } from "@std/assert";
import { axisScale, axisTicks, curves, figureSvg, textWidth } from "../../lib/figures/mod.ts";

const log = (from: number, to: number, pixels: number, direction: "x" | "y" = "x") => {
  const range = [Math.log10(from), Math.log10(to)];
  const { tickvals, ticktext } = axisTicks({ type: "log", range }, pixels, direction).settings;
  return { values: tickvals as number[], labels: ticktext as string[] };
};

Deno.test("log axes: powers of ten when wide, 1-2-5 or even steps in whole numbers when narrow", () => {
  assertEquals(log(0.8, 12, 300).labels, ["1", "2", "5", "10"]);
  assertEquals(log(8, 600, 300).labels, ["10", "100"]);
  assertEquals(log(3e5, 8e6, 170).labels, ["500k", "1M", "2M", "5M"]);
  assertEquals(log(2.1, 4.6, 200).labels, ["2.5", "3", "3.5", "4", "4.5"]);
  assertEquals(log(0.00009, 0.0025, 140, "y").labels, [
    "0.0001",
    "0.0002",
    "0.0005",
    "0.001",
    "0.002",
  ]);
  assertEquals(log(0.9e-6, 1.1, 300).labels.length, 7);
  assertEquals(log(0.9e-6, 1.1, 300).labels[0], "10<sup>\u22126</sup>");
});

Deno.test("log axes: labels in order, each the number it stands at, none over another, at any size", () => {
  const units: Record<string, number> = { k: 1e3, M: 1e6, B: 1e9 };
  const numberOf = (label: string) => {
    const power = label.match(/^(?:([\d.]+)\u00D7)?10<sup>(.+)<\/sup>$/);
    if (power) return Number(power[1] ?? 1) * 10 ** Number(power[2]!.replace("\u2212", "-"));
    return Number.parseFloat(label) * (units[label.at(-1)!] ?? 1);
  };
  for (let n = 0; n < 400; n++) {
    const from = 10 ** ((n * 7919 % 160) / 10 - 9);
    const to = from * 10 ** (0.05 + (n * 104729 % 90) / 10);
    const pixels = 70 + n * 31 % 500;
    const { values, labels } = log(from, to, pixels);
    assert(labels.length > 0, `no tick from ${from} to ${to}`);
    values.forEach((value, i) => {
      assert(Math.abs(numberOf(labels[i]!) / value - 1) < 1e-6, `${labels[i]} at ${value}`);
      if (i === 0) return;
      assert(value > values[i - 1]!, `${values}`);
      const apart = Math.log10(value / values[i - 1]!) / Math.log10(to / from) * pixels;
      const [a, b] = [labels[i - 1]!, labels[i]!].map((text) =>
        textWidth(text.replace(/<.*/, ""), 9) / 2
      );
      assert(apart > a! + b!, `${labels} on ${pixels} px`);
    });
  }
});

/** Boxes of the x axes' labels in a picture: left end, right end and height of the line. */
function xLabels(svg: string): { left: number; right: number; text: string }[] {
  return [...svg.matchAll(/<g class="x\d*tick"><text([^>]*)>(.*?)<\/text>/g)].map((match) => {
    const attributes = match[1]!;
    assert(!/rotate\((?!0[,)])/.test(attributes), `a turned label: ${attributes}`);
    const shift = Number(attributes.match(/translate\(([\d.-]+)/)?.[1] ?? 0);
    const middle = shift + Number(attributes.match(/ x="([\d.-]+)"/)?.[1] ?? 0);
    const size = Number(attributes.match(/font-size: ([\d.]+)px/)![1]);
    const text = match[2]!.replace(/<[^>]*>/g, "").replace(/[\u200B]/g, "");
    const half = textWidth(text, size * (match[2]!.includes("70%") ? 0.8 : 1)) / 2;
    return { left: middle - half, right: middle + half, text };
  });
}

Deno.test("labels in narrow panels never touch, and none is cut at the figure's edge", async () => {
  for (const xScale of ["linear", "log"] as const) {
    for (const [width, columns] of [[336, 2], [672, 3], [672, 4]] as const) {
      const x = xScale === "log"
        ? [1e-5, 1e-4, 1e-3, 0.01, 0.1, 1]
        : [1, 2, 4, 6, 8, 10].map((v) => v / 10_000);
      const panels = Array.from({ length: columns }, (_, i) => ({
        title: `panel ${i}`,
        series: [{ name: "GRPO", x: x.map((v) => v * (i + 1)), y: x.map((_, j) => j / 5) }],
      }));
      const figure = curves({
        title: "Narrow panels",
        series: panels,
        xTitle: "Divergence of whole answers (nats)",
        yTitle: "Fall",
        xScale,
        columns,
        width,
        n: 1,
      });
      const boxes = xLabels(await figureSvg(figure));
      assert(boxes.length >= 2 * columns, `${boxes.length} labels in ${columns} panels`);
      const ordered = boxes.toSorted((a, b) => a.left - b.left);
      ordered.forEach((box, i) => {
        assert(box.left >= 0 && box.right <= width, `"${box.text}" is cut at ${width} px`);
        const before = ordered[i - 1];
        assert(
          before === undefined || before.right < box.left,
          `"${before?.text}" touches "${box.text}" in ${columns} ${xScale} panels`,
        );
      });
    }
  }
});

Deno.test("linear axes: fewer ticks where labels are long, at least two, and small numbers in full", () => {
  const count = (values: number[], pixels: number) =>
    axisTicks(axisScale("linear", values), pixels, "x").settings.nticks as number;
  assert(count([0, 0.0005], 130) < count([0, 5], 130));
  assert(count([0, 5], 60) < count([0, 5], 300));
  assertEquals(
    axisTicks(axisScale("linear", [0, 0.0005]), 130, "x").settings.exponentformat,
    "none",
  );
});
