/** One page of every figure of stored results, with captions. @module */

import { basename, join } from "@std/path";
import { escapeXml, type Figure, figureSvg, readFigure } from "../../lib/figures/mod.ts";
import { resultsFolders } from "./presentation.ts";

/** The figures of one experiment. */
export interface GalleryPart {
  /** The experiment. */
  readonly experiment: string;
  /** Its figures by name. */
  readonly figures: readonly { readonly name: string; readonly figure: Figure }[];
}

/** Reads the figures of stored results: of one experiment or of several. See {@linkcode resultsFolders}. */
export async function readGallery(from: string): Promise<GalleryPart[]> {
  const parts: GalleryPart[] = [];
  for (const folder of await resultsFolders(from)) {
    const files: string[] = [];
    try {
      for await (const { name } of Deno.readDir(join(folder, "figures"))) {
        if (name.endsWith(".json")) files.push(name);
      }
    } catch (error) {
      // An experiment without figures has no such folder.
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
    const figures: { name: string; figure: Figure }[] = [];
    for (const file of files.sort()) {
      const figure = await readFigure(join(folder, "figures", file));
      figures.push({ name: file.slice(0, -".json".length), figure });
    }
    parts.push({ experiment: basename(folder), figures });
  }
  return parts;
}

/** The figures as one HTML page without scripts, which needs no other file. Same figures, same text. */
export async function renderGallery(title: string, parts: readonly GalleryPart[]): Promise<string> {
  const shown = parts.filter(({ figures }) => figures.length > 0);
  const sections: string[] = [];
  for (const { experiment, figures } of shown) {
    const items: string[] = [];
    for (const { name, figure } of figures) {
      items.push(
        `<figure id="${experiment}-${name}">\n<div class="scroll">${
          (await figureSvg(figure)).trim()
        }</div>\n<figcaption><b>${escapeXml(name)}.</b> ${
          escapeXml(figure.caption)
        }</figcaption>\n</figure>`,
      );
    }
    sections.push(
      `<section aria-labelledby="${experiment}">\n<h2 id="${experiment}">${
        escapeXml(experiment)
      }</h2>\n<div class="grid">\n${items.join("\n")}\n</div>\n</section>`,
    );
  }
  const links = shown.map(({ experiment, figures }) =>
    `<li><a href="#${experiment}">${escapeXml(experiment)}</a> (${figures.length})</li>`
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeXml(title)}</title>
<style>
body { margin: 0 auto; max-width: 88rem; padding: 1rem; background: #fff; color: #1a1a1a;
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", sans-serif; }
a { color: #00558c; }
.grid { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 38rem), 1fr)); gap: 1.5rem; }
figure { margin: 0; min-width: 0; break-inside: avoid; }
.scroll { overflow-x: auto; }
.scroll svg { display: block; max-width: 100%; height: auto; }
figcaption { font-size: .88rem; }
@media print { .grid { display: block; } }
</style>
</head>
<body>
<h1>${escapeXml(title)}</h1>
<nav aria-label="Contents"><ul>
${links.join("\n")}
</ul></nav>
<main>
${sections.join("\n")}
</main>
</body>
</html>
`;
}
