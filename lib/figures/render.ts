import { Resvg } from "@resvg/resvg-js";
import { join } from "@std/path";
import { UsageError, writeFileAtomic } from "../runtime/mod.ts";
import { type Figure, isFigure, type PlotlySpec } from "./figure.ts";
import { svgToPdf } from "./pdf.ts";
import { plotlyScript, plotlySvg } from "./plotly_engine.ts";
import { csvTable } from "./table.ts";
import { escapeXml, resvgFont } from "./text.ts";

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
  const svg = await plotlySvg(figure.spec);
  const { width, height } = figure.spec.layout;
  const label = `role="img" aria-label="${escapeXml(figure.alt)}" viewBox="0 0 ${width} ${height}"`;
  return svg.replace(/^<svg /, `<svg ${label} `)
    .replace(/( viewBox="[^"]*")(.*?) viewBox="[^"]*"/, "$1$2")
    .replace(/>/, `><title>${escapeXml(figure.title)}</title>`);
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

/**
 * Writes a figure as NAME.svg, NAME.png, NAME.pdf, NAME.html (interactive), NAME.csv (its numbers) and NAME.json (the
 * whole of it, see {@linkcode readFigure}). The page reads Plotly from `plotly.min.js` in the same folder and shows the SVG where that fails.
 *
 * Each file is written whole or not at all, and the same figure always gives the same bytes.
 *
 * @param folder Where the files go; it is made if it is not there.
 * @param name File name without extension: letters, digits, `-`, `_`, `.`.
 * @returns The paths.
 * @throws {RangeError} if the name has other characters.
 */
export async function renderFigure(
  figure: Figure,
  folder: string,
  name: string,
): Promise<FigurePaths> {
  if (!/^[\w-][\w.-]*$/.test(name)) {
    throw new RangeError(
      `Expected a file name without extension but found "${name}"`,
    );
  }
  const at = (extension: string) => join(folder, `${name}.${extension}`);
  const svg = await figureSvg(figure);
  await writeFileAtomic(at("svg"), svg);
  await writeFileAtomic(at("png"), svgToPng(svg));
  const { width, height } = figure.spec.layout as { width: number; height: number };
  await writeFileAtomic(at("pdf"), await svgToPdf(svg, { ...figure, width, height }));
  await writeFileAtomic(at("csv"), csvTable(figure.rows));
  await writeFileAtomic(at("json"), `${JSON.stringify(figure, null, 1)}\n`);
  await writeFileAtomic(join(folder, plotlyScriptName), plotlyScript);
  await writeFileAtomic(at("html"), interactivePage(figure, svg));
  return {
    svg: at("svg"),
    png: at("png"),
    pdf: at("pdf"),
    html: at("html"),
    csv: at("csv"),
    json: at("json"),
  };
}

/**
 * Reads a figure that {@linkcode renderFigure} wrote as JSON.
 *
 * @throws {UsageError} if there is no such file or it does not hold a whole figure.
 */
export async function readFigure(path: string): Promise<Figure> {
  let text: string;
  try {
    text = await Deno.readTextFile(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new UsageError(`Expected a figure but found no file at ${path}`);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new UsageError(`Expected JSON but found something else in ${path}`);
  }
  if (isFigure(value) && "title" in value && "caption" in value) return value;
  throw new UsageError(
    `Expected a figure with title, spec, rows, alt and caption but found ${
      Object.keys(Object(value)).join(", ") || "none of them"
    } in ${path}`,
  );
}

function interactivePage(figure: Figure, svg: string): string {
  const { width } = figure.spec.layout;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeXml(figure.title)}</title>
<style>
body { font: 15px/1.5 system-ui, sans-serif; color: #222; max-width: ${width}px; margin: 1rem auto; padding: 0 1rem; }
svg { max-width: 100%; height: auto; }
</style>
</head>
<body>
<figure style="margin:0">
<div id="figure" role="img" aria-label="${escapeXml(figure.alt)}">${svg.trim()}</div>
<figcaption>${escapeXml(figure.caption)}</figcaption>
</figure>
<script type="application/json" id="spec">${specJson(figure.spec)}</script>
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
</body>
</html>
`;
}
