import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { join, resolve } from "@std/path";
import { inflateSync } from "node:zlib";
import {
  columnWidth,
  curves,
  type Figure,
  figureSvg,
  groupedBars,
  plotlyScriptName,
  readFigure,
  renderFigure,
} from "../../lib/figures/mod.ts";
import { UsageError } from "../../lib/runtime/mod.ts";
import { kinds } from "./kinds.ts";
import { bars, lines } from "./samples.ts";

async function digests(folder: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for await (const { name } of Deno.readDir(folder)) {
    const bytes = await Deno.readFile(join(folder, name));
    found[name] = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes))
      .toHex();
  }
  return found;
}

const figures = (): Record<string, Figure> => ({
  bars: groupedBars(bars),
  lines: curves(lines),
});

Deno.test("files are the same bytes every time, at once or in another process", async () => {
  const root = await Deno.makeTempDir();
  try {
    const render = (folder: string) =>
      Promise.all(
        Object.entries(figures()).map(([name, f]) => renderFigure(f, join(root, folder), name)),
      );
    await render("first");
    const first = await digests(join(root, "first"));
    assertEquals(
      Object.keys(first).sort(),
      ["bars", "lines"].flatMap((n) =>
        ["csv", "html", "json", "pdf", "png", "svg"].map((e) => `${n}.${e}`)
      )
        .concat(plotlyScriptName).sort(),
    );
    await render("second");
    assertEquals(await digests(join(root, "second")), first);

    const here = import.meta.dirname!;
    const code = `
      import { curves, groupedBars, renderFigure } from ${
      JSON.stringify(fileUrl(here, "../../lib/figures/mod.ts"))
    };
      import { bars, lines } from ${JSON.stringify(fileUrl(here, "samples.ts"))};
      await renderFigure(curves(lines), Deno.args[0], "lines");
      await renderFigure(groupedBars(bars), Deno.args[0], "bars");
    `;
    const script = join(root, "child.ts");
    await Deno.writeTextFile(script, code);
    const child = await new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "-A",
        "--no-check",
        "--config",
        resolve(here, "../../deno.json"),
        script,
        join(root, "third"),
      ],
      stderr: "piped",
    }).output();
    assertEquals(child.code, 0, new TextDecoder().decode(child.stderr));
    assertEquals(await digests(join(root, "third")), first);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});

function fileUrl(folder: string, file: string): string {
  return `file://${resolve(folder, file)}`;
}

Deno.test("SVG: all texts, named font, alternative text, one viewBox, ids of its own", async () => {
  const { bars, lines } = figures();
  const [svg, other] = [await figureSvg(bars!), await figureSvg(lines!)];
  for (
    const text of [
      "domain",
      "CA-GRPO",
      "46.9",
      "80.95",
      "Score (%)",
      "not comparable",
    ]
  ) {
    assertStringIncludes(svg, text);
  }
  assertStringIncludes(svg, "DejaVu Sans");
  assertEquals(svg.match(/viewBox=/g)!.length, 1);
  assertStringIncludes(svg, 'role="img" aria-label="Bar chart: Scores');
  assert(!/url\(['&]/.test(svg));
  assert(!svg.includes("NaN"));
  const ids = (text: string) => [...text.matchAll(/ id="([^"]+)"/g)].map((m) => m[1]!);
  assertEquals(ids(svg).filter((id) => ids(other).includes(id)), []);
});

Deno.test("nothing of the drawing's browser is left in the process", () => {
  assertEquals("window" in globalThis || "document" in globalThis, false);
  assert(Math.random() !== Math.random());
});

Deno.test("PNG is 300 dots an inch, CSV is in full, JSON is the whole figure", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const figure = figures().bars!;
    const paths = await renderFigure(figure, folder, "bars");
    const png = new DataView((await Deno.readFile(paths.png)).buffer);
    assertEquals(png.getUint32(16), 2100);
    const csv = await Deno.readTextFile(paths.csv);
    assertEquals(csv.split("\n")[0], "group,series,value,low,high,n,measured");
    assertEquals(csv.split("\n")[1], "domain,base,31.2,28.1,34.3,200,true");
    const read = await readFigure(paths.json);
    assertEquals(JSON.stringify(read), JSON.stringify(figure));
    const html = await Deno.readTextFile(paths.html);
    assertStringIncludes(html, `<script src="${plotlyScriptName}">`);
    assert(!/https?:\/\/(?!www\.w3\.org)/.test(html));
    await assertRejects(
      () => renderFigure(figure, folder, "../bars"),
      UsageError,
      "file name",
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("every kind of figure is drawn again from its JSON with the same bytes", async () => {
  const root = await Deno.makeTempDir();
  try {
    for (const [name, figure] of Object.entries({ ...figures(), ...kinds(columnWidth) })) {
      const paths = await renderFigure(figure, join(root, "first"), name);
      await renderFigure(await readFigure(paths.json), join(root, "second"), name);
    }
    assertEquals(await digests(join(root, "second")), await digests(join(root, "first")));
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});

Deno.test("PDF: vectors and text in the shipped font, of the figure's size, without a date", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const figure = figures().bars!;
    const { pdf } = await renderFigure(figure, folder, "bars");
    const bytes = await Deno.readFile(pdf);
    const text = new TextDecoder("latin1").decode(bytes);
    const { height } = figure.spec.layout as { height: number };
    assertStringIncludes(text, `/MediaBox [0 0 504 ${height * 0.75}]`);
    assertStringIncludes(text, "+DejaVuSans");
    assertStringIncludes(text, "/FontFile2");
    assertStringIncludes(text, "(D:19700101000000Z)");
    assert(!text.includes("/Subtype /Image"), "pixels");
    const page = [...text.matchAll(/FlateDecode\n>>\nstream\n/g)].map(({ index, 0: head }) => {
      const end = text.indexOf("\nendstream", index);
      return inflateSync(bytes.slice(index + head.length, end)).toString("latin1");
    }).join("");
    assert(page.split(/ (?:re|l)\n/).length > 100, "paths");
    assert(page.split(/T[jJ]\n/).length > 15, "texts");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a file that is not a whole figure is refused with what was found", async () => {
  const path = await Deno.makeTempFile({ suffix: ".json" });
  try {
    const refused = (part: string) => assertRejects(() => readFigure(path), UsageError, part);
    await refused("Expected JSON");
    await Deno.writeTextFile(path, '{"data":[],"layout":{}}');
    await refused("but found data, layout");
    await Deno.remove(path);
    await refused("found no file");
  } finally {
    await Deno.remove(path).catch(() => undefined);
  }
});

Deno.test("SVG: texts with signs of XML and of replacements, or that XML has no form for", async () => {
  const hostile = "$& $' $` </svg><script>alert(1)</script> \" ' & \x1b[31m \ud800";
  const [figure] = Object.values(figures());
  const layout = { ...figure!.spec.layout, title: { text: hostile } };
  const svg = await figureSvg({
    ...figure!,
    title: hostile,
    alt: hostile,
    spec: { ...figure!.spec, layout },
  });
  assert(!svg.includes("<script"), "a script");
  assertEquals(svg.split("</svg>").length, (await figureSvg(figure!)).split("</svg>").length);
  assert(!svg.includes("\x1b") && svg.isWellFormed());
  assertStringIncludes(svg, "<title>$&amp; $' $` &lt;/svg&gt;");
});

Deno.test("a figure from a file that would bring markup or pictures of its own is refused", async () => {
  const folder = await Deno.makeTempDir();
  const path = join(folder, "a.json");
  const [figure] = Object.values(figures());
  const layout = figure!.spec.layout;
  const evil = '"></svg><script>alert(1)</script>';
  try {
    for (
      const [change, found] of [
        [{ spec: { ...figure!.spec, layout: { ...layout, width: evil } } }, "spec.layout.width"],
        [{ spec: { ...figure!.spec, layout: { ...layout, height: -1 } } }, "spec.layout.height"],
        [{ spec: { ...figure!.spec, layout: { ...layout, images: [{}] } } }, "spec.layout.images"],
        [{ spec: { ...figure!.spec, data: [{ type: "scattergeo" }] } }, "spec.data.0.type"],
        [{ spec: null }, "spec"],
        [{ rows: [[]] }, "rows.0"],
        [{ title: null }, "title"],
        [{ alt: {} }, "alt"],
      ] as const
    ) {
      await Deno.writeTextFile(path, JSON.stringify({ ...figure, ...change }));
      const error = await assertRejects(
        () => readFigure(path),
        UsageError,
        `Expected ${found} to be`,
      );
      assert(!error.message.includes("\n"));
    }
    await Deno.writeTextFile(path, "null");
    await assertRejects(() => readFigure(path), UsageError, "Expected a figure");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
