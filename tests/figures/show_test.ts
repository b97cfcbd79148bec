import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { op, table } from "arquero";
import { groupedBars, mimeBundle, show } from "../../lib/figures/mod.ts";
import { bars } from "./samples.ts";

Deno.test("a figure comes as SVG, as Plotly and as text in one bundle", async () => {
  const bundle = await mimeBundle(groupedBars(bars));
  assertEquals(Object.keys(bundle), [
    "image/svg+xml",
    "application/vnd.plotly.v1+json",
    "text/plain",
  ]);
  assertStringIncludes(bundle["image/svg+xml"] as string, "<svg ");
  const plotly = bundle["application/vnd.plotly.v1+json"] as {
    data: unknown[];
  };
  assertEquals(plotly.data.length, 5);
});

Deno.test("a table comes as HTML, Markdown and text; a sentence as Markdown and text", async () => {
  assertEquals(
    Object.keys(await mimeBundle([{ a: 1 }])),
    ["text/html", "text/markdown", "text/plain"],
  );
  const scores = table({ system: ["a", "b", "a"], score: [1, 0.5, 0] });
  const means = scores.groupby("system").rollup({ score: op.mean("score") }).orderby("score");
  assertEquals(
    await mimeBundle(means),
    await mimeBundle([{ system: "a", score: 0.5 }, { system: "b", score: 0.5 }]),
  );
  assertEquals(await mimeBundle("**x**"), {
    "text/markdown": "**x**",
    "text/plain": "**x**",
  });
});

Deno.test("show fails outside a notebook", async () => {
  await assertRejects(() => show("x"), Error, "deno jupyter");
});
