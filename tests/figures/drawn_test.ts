import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { join } from "@std/path";
import {
  curves,
  drawingVersion,
  drawnFrom,
  drawnSvgs,
  type Figure,
  figureSvg,
  groupedBars,
  loadedDrawing,
  readDrawn,
  renderFigures,
} from "../../lib/figures/mod.ts";
import { bars, lines } from "./samples.ts";

const figures = [
  { name: "bars", figure: groupedBars(bars) },
  { name: "lines", figure: curves(lines) },
];

/** Content and making of every file of a folder. */
async function files(folder: string): Promise<Record<string, { sha: string; at: string }>> {
  const found: Record<string, { sha: string; at: string }> = {};
  for await (const { name } of Deno.readDir(folder)) {
    const path = join(folder, name);
    const digest = await crypto.subtle.digest("SHA-256", await Deno.readFile(path));
    const { ino, mtime } = await Deno.stat(path);
    found[name] = { sha: new Uint8Array(digest).toHex(), at: `${ino} ${mtime?.getTime()}` };
  }
  return found;
}

/** Names of files that were written between two looks; every write makes a new file. */
const written = (
  before: Awaited<ReturnType<typeof files>>,
  after: Awaited<ReturnType<typeof files>>,
) => Object.keys(after).filter((name) => before[name]?.at !== after[name]!.at).sort();

async function within(work: (folder: string, record: string) => Promise<void>): Promise<void> {
  const root = await Deno.makeTempDir();
  try {
    await work(join(root, "figures"), join(root, "drawn.json"));
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

Deno.test("what is drawn already is left alone; what is missing, changed or other is drawn again", () =>
  within(async (folder, record) => {
    await renderFigures(figures, folder, record);
    const first = await files(folder);
    assertEquals(Object.keys(first).length, 13);

    await renderFigures(figures, folder, record);
    assertEquals(written(first, await files(folder)), []);

    await Deno.remove(join(folder, "bars.pdf"));
    await Deno.writeTextFile(join(folder, "lines.csv"), "changed by hand");
    await Deno.writeTextFile(join(folder, "bars.svg"), "<svg/>");
    await Deno.writeTextFile(join(folder, "plotly.min.js"), "");
    const changed = await files(folder);
    await renderFigures(figures, folder, record);
    const again = await files(folder);
    assertEquals(written(changed, again), ["bars.pdf", "bars.svg", "lines.csv", "plotly.min.js"]);
    for (const [name, { sha }] of Object.entries(first)) assertEquals(again[name]!.sha, sha, name);

    const other: Figure = { ...figures[1]!.figure, caption: "Another caption." };
    await renderFigures([figures[0]!, { name: "lines", figure: other }], folder, record);
    const forms = ["csv", "html", "json", "pdf", "png", "svg"].map((form) => `lines.${form}`);
    assertEquals(written(again, await files(folder)), forms);
  }));

Deno.test("other code, a broken record or none: everything is drawn, the bytes stay the same", () =>
  within(async (folder, record) => {
    await renderFigures([figures[1]!], folder, record);
    const first = await files(folder);
    const known = await readDrawn(record);
    const version = loadedDrawing!;
    assertEquals(known["lines.svg"]!.from, await drawnFrom(version, figures[1]!.figure));
    const other = await drawnFrom(`${version} of other code`, figures[1]!.figure);
    const stale = Object.fromEntries(
      Object.entries(known).map(([name, file]) => [name, { ...file, from: other }]),
    );
    const { length } = Object.keys(stale);
    for (const text of [JSON.stringify(stale), "{", '{"lines.svg":1}', undefined]) {
      if (text === undefined) await Deno.remove(record);
      else await Deno.writeTextFile(record, text);
      const before = await files(folder);
      await renderFigures([figures[1]!], folder, record);
      const after = await files(folder);
      assertEquals(written(before, after).length, length, text);
      assertEquals(Object.values(after).map((f) => f.sha), Object.values(first).map((f) => f.sha));
      assertEquals(await readDrawn(record), known);
    }
    const before = await files(folder);
    await renderFigures([figures[1]!], folder);
    assertEquals(written(before, await files(folder)).length, length, "without a record");
  }));

Deno.test("the version of the drawing follows every source file, the font and the lock file", async () => {
  const root = await Deno.makeTempDir();
  try {
    const here = join(import.meta.dirname!, "../..");
    const copy = join(root, "lib/figures");
    await Deno.mkdir(join(copy, "fonts"), { recursive: true });
    for await (const { name, isFile } of Deno.readDir(join(here, "lib/figures"))) {
      if (isFile) await Deno.copyFile(join(here, "lib/figures", name), join(copy, name));
    }
    await Deno.copyFile(join(here, "deno.lock"), join(root, "deno.lock"));
    await Deno.writeTextFile(join(copy, "fonts/font.ttf"), "a font");
    const version = () => drawingVersion(new URL(`file://${copy}/`));
    const seen = new Set([version()]);
    for (const path of ["panels.ts", "ticks.ts", "fonts/font.ttf", "../../deno.lock"]) {
      await Deno.writeTextFile(join(copy, path), "\n", { append: true });
      seen.add(version());
    }
    assertEquals(seen.size, 5);
    assert(!seen.has(undefined));
    await Deno.remove(join(root, "deno.lock"));
    assertEquals(version(), undefined);
    assertEquals(drawingVersion(new URL("https://example.org/figures/")), undefined);
    const own = drawingVersion(new URL("../../lib/figures/", import.meta.url));
    assertEquals(loadedDrawing, own);
    assertNotEquals(own, undefined);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});

Deno.test("pictures come from their files, and are drawn where those are not what was drawn", () =>
  within(async (folder, record) => {
    await renderFigures(figures, folder, record);
    const { figure } = figures[1]!;
    const svg = await figureSvg(figure);
    assertEquals(await (await drawnSvgs(folder, record))(figure), svg);
    await Deno.writeTextFile(join(folder, "lines.svg"), "changed by hand");
    assertEquals(await (await drawnSvgs(folder, record))(figure), svg);
    const title: Figure = { ...figure, title: "Another title" };
    assertEquals(await (await drawnSvgs(folder, record))(title), await figureSvg(title));
  }));
