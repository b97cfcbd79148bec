import { Resvg } from "@resvg/resvg-js";
import { join } from "@std/path";
import { z } from "zod";
import {
  parseConfig,
  parseJson,
  readText,
  sha256Hex,
  UsageError,
  writeFileAtomic,
} from "../runtime/mod.ts";
import { currentFile, type DrawnFile, drawnFrom, loadedDrawing, readDrawn } from "./drawn.ts";
import { type Figure, isFigure, type PlotlySpec } from "./figure.ts";
import { htmlPage, markup } from "./markup.ts";
import { svgToPdf } from "./pdf.ts";
import { plotlyScript, plotlySvg } from "./plotly_engine.ts";
import { csvTable } from "./table.ts";
import { escapeXml, resvgFont, xmlText } from "./text.ts";

/** The paths of a figure's files. */
export interface FigurePaths {
  /** The picture for the web and for print. */
  readonly svg: string;
  /** The picture in pixels. */
  readonly png: string;
  /** The picture for LaTeX: vectors, with the font inside. */
  readonly pdf: string;
  /** The interactive page. */
  readonly html: string;
  /** The numbers. */
  readonly csv: string;
  /** The whole figure, from which {@linkcode readFigure} and `renderFigure` make the same files again. */
  readonly json: string;
}

/** Name of Plotly's script beside the interactive pages. */
export const plotlyScriptName = "plotly.min.js";

/** PNG pixels for each px: 300 dots an inch where 96 px are an inch. */
const pngScale = 300 / 96;

/**
 * A figure as SVG, with its title and alternative text inside. Same figure, same bytes.
 */
export async function figureSvg(figure: Figure): Promise<string> {
  const svg = xmlText(await plotlySvg(figure.spec));
  const { width, height } = figure.spec.layout;
  const label = `role="img" aria-label="${escapeXml(figure.alt)}" viewBox="0 0 ${width} ${height}"`;
  return svg.replace(/^<svg /, () => `<svg ${label} `)
    .replace(/( viewBox="[^"]*")(.*?) viewBox="[^"]*"/, "$1$2")
    .replace(/>/, () => `><title>${escapeXml(figure.title)}</title>`);
}

/** An SVG as PNG at 300 dots an inch. Fonts other than the shipped one are not used. */
export function svgToPng(svg: string): Uint8Array {
  const options = {
    font: resvgFont,
    fitTo: { mode: "zoom", value: pngScale },
  } as const;
  return new Resvg(svg, { ...options, background: "#FFFFFF" }).render().asPng();
}

/** A figure's spec as JSON that may stand in an HTML script element. */
export function specJson(spec: PlotlySpec): string {
  return JSON.stringify({ data: spec.data, layout: spec.layout }).replaceAll(
    "<",
    "\\u003c",
  );
}

/** The forms of a figure, by extension; the picture first, from which others are made. */
export const figureForms = ["svg", "png", "pdf", "html", "csv", "json"] as const;

/** One of {@linkcode figureForms}. */
export type FigureForm = typeof figureForms[number];

/** The content of one form's file. */
async function figureForm(
  form: FigureForm,
  figure: Figure,
  svg: string,
): Promise<string | Uint8Array> {
  switch (form) {
    case "svg":
      return svg;
    case "png":
      return svgToPng(svg);
    case "pdf": {
      const { width, height } = figure.spec.layout as { width: number; height: number };
      return await svgToPdf(svg, { ...figure, width, height });
    }
    case "html":
      return interactivePage(figure, svg);
    case "csv":
      return csvTable(figure.rows);
    case "json":
      return `${JSON.stringify(figure, null, 1)}\n`;
  }
}

/** A figure's files and its picture. */
export interface RenderedFigure {
  /** The files. */
  readonly paths: FigurePaths;
  /** The picture, as {@linkcode figureSvg} draws it. */
  readonly svg: string;
}

/**
 * Writes a figure as NAME.svg, NAME.png, NAME.pdf, NAME.html (interactive), NAME.csv (its numbers) and NAME.json (the
 * whole of it, see {@linkcode readFigure}). The page reads Plotly from `plotly.min.js` in the same folder and shows the SVG where that fails.
 *
 * Each file is written whole or not at all, and the same figure always gives the same bytes.
 *
 * @param folder Where the files go; it is made if it is not there.
 * @param name File name without extension: letters, digits, `-`, `_`, `.`.
 * @returns The paths.
 * @throws {UsageError} if the name has other characters.
 */
export async function renderFigure(
  figure: Figure,
  folder: string,
  name: string,
): Promise<FigurePaths> {
  const [rendered] = await renderFigures([{ name, figure }], folder);
  return rendered!.paths;
}

/**
 * Writes figures as {@linkcode renderFigure} does. With a record, a file is drawn only if it is not there, was changed
 * since, or comes from another figure or other code; what is in the folder afterwards is the same either way.
 *
 * @param figures The figures and the names of their files.
 * @param folder Where the files go.
 * @param record Path of the record: a JSON file that says what each file was made from. Without it all is drawn.
 * @throws {UsageError} if a name has characters that file names here do not have.
 */
export async function renderFigures(
  figures: readonly { readonly name: string; readonly figure: Figure }[],
  folder: string,
  record?: string,
): Promise<RenderedFigure[]> {
  for (const { name } of figures) {
    if (!/^[\w-][\w.-]*$/.test(name)) {
      throw new UsageError(`Expected a file name without extension but found "${name}"`);
    }
  }
  const known = record === undefined ? {} : await readDrawn(record);
  const version = record === undefined ? undefined : loadedDrawing;
  const drawn: Record<string, DrawnFile> = {};
  const rendered: RenderedFigure[] = [];
  for (const { name, figure } of figures) {
    const from = version === undefined ? undefined : await drawnFrom(version, figure);
    const at = (form: FigureForm) => join(folder, `${name}.${form}`);
    const kept = await currentFile(at("svg"), known[`${name}.svg`], from);
    const svg = kept === undefined ? await figureSvg(figure) : new TextDecoder().decode(kept);
    for (const form of figureForms) {
      const file = `${name}.${form}`;
      const current = form === "svg" ? kept : await currentFile(at(form), known[file], from);
      if (current !== undefined) {
        drawn[file] = known[file]!;
        continue;
      }
      const content = await figureForm(form, figure, svg);
      await writeFileAtomic(at(form), content);
      if (from !== undefined) drawn[file] = { from, bytes: await sha256Hex(content) };
    }
    const paths = Object.fromEntries(figureForms.map((form) => [form, at(form)]));
    rendered.push({ paths: paths as unknown as FigurePaths, svg });
  }
  if (figures.length > 0) await writePlotly(join(folder, plotlyScriptName));
  if (record !== undefined && version !== undefined) {
    await writeFileAtomic(record, `${JSON.stringify(drawn, null, 1)}\n`);
  }
  return rendered;
}

/** Writes Plotly's script if what is there is something else. */
async function writePlotly(path: string): Promise<void> {
  const bytes = await sha256Hex(plotlyScript);
  if (await currentFile(path, { from: "", bytes }, "") === undefined) {
    await writeFileAtomic(path, plotlyScript);
  }
}

/**
 * The pictures that {@linkcode renderFigures} left in a folder.
 *
 * @param folder Where the files are.
 * @param record Path of the record.
 * @returns A function that gives a figure's picture, the same as {@linkcode figureSvg} draws: from its file where that
 * is the picture of the same figure by the same code, else drawn.
 */
export async function drawnSvgs(
  folder: string,
  record: string,
): Promise<(figure: Figure) => Promise<string>> {
  const known = Object.entries(await readDrawn(record)).filter(([file]) => file.endsWith(".svg"));
  return async (figure) => {
    const from = loadedDrawing && await drawnFrom(loadedDrawing, figure);
    for (const [file, drawn] of known) {
      const kept = await currentFile(join(folder, file), drawn, from);
      if (kept !== undefined) return new TextDecoder().decode(kept);
    }
    return await figureSvg(figure);
  };
}

/** Traces that need nothing but their numbers: those with maps or pictures would fetch them. */
const traceTypes = ["scatter", "bar", "heatmap", "contour", "box", "violin", "histogram"] as const;
const side = z.number().positive().max(20_000);

/** What a figure that comes from a file has to be: it is drawn, and stands in pages, as it says. */
const figureSchema = z.object({
  title: z.string(),
  alt: z.string(),
  caption: z.string(),
  spec: z.object({
    data: z.array(z.object({ type: z.enum(traceTypes).optional() })),
    layout: z.object({
      width: side,
      height: side,
      images: z.array(z.unknown()).max(0).optional(),
    }),
  }),
  rows: z.array(z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]))),
});

/**
 * Reads a figure that {@linkcode renderFigure} wrote as JSON.
 *
 * @throws {UsageError} if there is no such file or it does not hold a whole figure.
 */
export async function readFigure(path: string): Promise<Figure> {
  const text = await readText(path);
  if (text === undefined) throw new UsageError(`Expected a figure but found no file at ${path}`);
  const value = parseJson(text, path, { integers: "round" });
  if (isFigure(value) && "title" in value && "caption" in value) {
    parseConfig(figureSchema, value, path);
    return value;
  }
  throw new UsageError(
    `Expected a figure with title, spec, rows, alt and caption but found ${
      Object.keys(Object(value)).join(", ") || "none of them"
    } in ${path}`,
  );
}

function interactivePage(figure: Figure, svg: string): string {
  const { width } = figure.spec.layout;
  const style = `
body { font: 15px/1.5 system-ui, sans-serif; color: #222; max-width: ${width}px; margin: 1rem auto; padding: 0 1rem; }
svg { max-width: 100%; height: auto; }
`;
  const body = markup`<figure style="margin:0">
<div id="figure" role="img" aria-label="${figure.alt}">${markup.raw`${svg.trim()}`}</div>
<figcaption>${figure.caption}</figcaption>
</figure>
<script type="application/json" id="spec">${markup.raw`${specJson(figure.spec)}`}</script>
<script src="${plotlyScriptName}"></script>
<script>
if (window.Plotly) {
  const spec = JSON.parse(document.getElementById("spec").textContent);
  const place = document.getElementById("figure");
  const still = place.innerHTML;
  place.textContent = "";
  Plotly.newPlot(place, spec.data, spec.layout, { displaylogo: false }).catch(() => { place.innerHTML = still; });
}
</script>
`;
  return htmlPage(figure.title, style, body);
}
