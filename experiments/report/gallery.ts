/** One page of every figure of stored results, with captions. @module */

import { basename, join } from "@std/path";
import {
  type Figure,
  figureSvg,
  htmlPage,
  markup,
  readFigure,
  type SafeHtml,
} from "../../lib/figures/mod.ts";
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

const galleryStyle = `
body { margin: 0 auto; max-width: 88rem; padding: 1rem; background: #fff; color: #1a1a1a;
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", sans-serif; }
a { color: #00558c; }
.grid { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 38rem), 1fr)); gap: 1.5rem; }
figure { margin: 0; min-width: 0; break-inside: avoid; }
.scroll { overflow-x: auto; }
.scroll svg { display: block; max-width: 100%; height: auto; }
figcaption { font-size: .88rem; }
@media print { .grid { display: block; } }
`;

/** The figures as one HTML page without scripts, which needs no other file. Same figures, same text. */
export async function renderGallery(title: string, parts: readonly GalleryPart[]): Promise<string> {
  const shown = parts.filter(({ figures }) => figures.length > 0);
  const sections: SafeHtml[] = [];
  for (const { experiment, figures } of shown) {
    const items: SafeHtml[] = [];
    for (const { name, figure } of figures) {
      const svg = markup.raw`${(await figureSvg(figure)).trim()}`;
      items.push(markup`<figure id="${experiment}-${name}">
<div class="scroll">${svg}</div>
<figcaption><b>${name}.</b> ${figure.caption}</figcaption>
</figure>
`);
    }
    sections.push(markup`<section aria-labelledby="${experiment}">
<h2 id="${experiment}">${experiment}</h2>
<div class="grid">
${items}</div>
</section>
`);
  }
  const links = shown.map(({ experiment, figures }) =>
    markup`<li><a href="#${experiment}">${experiment}</a> (${figures.length})</li>\n`
  );
  const body = markup`<h1>${title}</h1>
<nav aria-label="Contents"><ul>
${links}</ul></nav>
<main>
${sections}</main>
`;
  return htmlPage(title, galleryStyle, body);
}
