import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { aggregators } from "../../lib/balance/mod.ts";
import {
  methodColor,
  methodStyle,
  methodStyles,
  textWidth,
  withOpacity,
  wrapText,
} from "../../lib/figures/mod.ts";

Deno.test("a method looks the same however its name is written", () => {
  for (const name of ["CA-GRPO", "ca_grpo", "CA GRPO"]) {
    assertEquals(methodStyle(name), methodStyle("cagrpo"));
  }
});

Deno.test("the five systems have five colours, and the rules differ in colour, symbol or dash", () => {
  const five = ["base", "SFT", "GRPO", "GDPO", "CA-GRPO"];
  assertEquals(new Set(five.map(methodColor)).size, five.length);
  const rules =
    "capability-aware,momentum-aware,capped,margin,static,GDPO,MO-GRPO,conditioned,MGDA,PCGrad," +
    "CAGrad,IMTL-G,Nash-MTL,Aligned-MTL,UPGrad,DualProj,dual basis";
  const styles = rules.split(",").map((rule) => JSON.stringify(methodStyle(rule)));
  assertEquals(new Set(styles).size, styles.length);
});

Deno.test("every weighting rule has a look of its own, and names of two lists agree", () => {
  const names = Object.keys(aggregators);
  const styles = names.map((name) => JSON.stringify(methodStyle(name)));
  assertEquals(new Set(styles).size, names.length);
  const together = methodStyles([...names, "something new", "something else"]);
  assertEquals(names.map((name) => together.get(name)), names.map(methodStyle), "a spare style");
  assertEquals(methodStyle("capability_aware").color, methodColor("CA-GRPO"));
  assertEquals(methodStyle("Nash-MTL"), methodStyle("nash_mtl"));
});

/** Linear light of a colour with red-green blindness (Vienot, Brettel and Mollon 1999, deuteranopia). */
function deuteranope(color: string): number[] {
  const [r, g, b] = [1, 3, 5].map((at) =>
    (Number.parseInt(color.slice(at, at + 2), 16) / 255) ** 2.2
  );
  const mixed = 0.293 * r! + 0.707 * g!;
  return [mixed, 0.0223 * (g! - r!) + b!].map((v) => Math.max(0, v) ** (1 / 2.2) * 255);
}

Deno.test("the five systems stay apart with red-green blindness", () => {
  const colors = ["base", "SFT", "GRPO", "GDPO", "CA-GRPO"].map(methodColor)
    .map(deuteranope);
  colors.forEach((a, i) =>
    colors.slice(i + 1).forEach((b) => {
      const distance = Math.hypot(Math.SQRT2 * (a[0]! - b[0]!), a[1]! - b[1]!);
      assert(distance > 25, `${a} and ${b} are ${distance} apart`);
    })
  );
});

Deno.test("names that are not in the table look the same in every order, and no two look alike", () => {
  assertEquals(methodStyle("something new"), methodStyle("Something New"));
  assertNotEquals(
    methodStyle("\u03B1 = 0.50"),
    methodStyle("0.50"),
    "letters of other scripts count",
  );
  for (let n = 0; n < 50; n++) {
    const names = [0, 1, 2, 3, 4].map((i) => `series ${n * 7 + i * i}`);
    const styles = methodStyles([...names, "GRPO", "CA-GRPO"]);
    assertEquals(methodStyles(["CA-GRPO", "GRPO", ...names.toReversed()]).size, styles.size);
    for (const [name, style] of methodStyles(["GRPO", ...names.toReversed(), "CA-GRPO"])) {
      assertEquals(style, styles.get(name));
    }
    const all = [...styles.values()];
    assertEquals(new Set(all.map(({ color }) => color)).size, 7, names.join(", "));
    assertEquals(styles.get("GRPO"), methodStyle("GRPO"));
    assertEquals(methodStyles([names[0]!]).get(names[0]!), methodStyle(names[0]!));
  }
  // More names than colours: no two have both colour and shape in common.
  const many = methodStyles(Array.from({ length: 30 }, (_, i) => `name ${i}`));
  assertEquals(new Set([...many.values()].map((s) => JSON.stringify(s))).size, 30);
});

Deno.test("the colours of names that are not in the table stay apart with red-green blindness", () => {
  const styles = methodStyles(["a", "b", "c", "d", "e", "f"]);
  const colors = [...styles.values()].map(({ color }) => deuteranope(color));
  colors.forEach((a, i) =>
    colors.slice(i + 1).forEach((b) => {
      const distance = Math.hypot(Math.SQRT2 * (a[0]! - b[0]!), a[1]! - b[1]!);
      assert(distance > 25, `${a} and ${b} are ${distance} apart`);
    })
  );
});

Deno.test("text widths grow with text and size, and count spaces", () => {
  assert(Math.abs(textWidth("abc", 20) - 2 * textWidth("abc", 10)) < 1e-9);
  assert(textWidth("a b ", 10) > textWidth("a b", 10) + 2);
  // DejaVu Sans: the digit 0 is 1303 of 2048 units wide.
  assert(Math.abs(textWidth("0", 100) - 63.6) < 1);
  assert(textWidth("a<b & c", 10) > textWidth("ab  c", 10));
});

Deno.test("wrapText keeps all words and fits the width", () => {
  const text = "Scores on the four capabilities of the balanced model";
  const rows = wrapText(text, 10, 120);
  assertEquals(rows.join(" "), text);
  assert(rows.every((row) => textWidth(row, 10) <= 120));
});

Deno.test("withOpacity", () => assertEquals(withOpacity("#FF8000", 0.5), "rgba(255,128,0,0.5)"));
