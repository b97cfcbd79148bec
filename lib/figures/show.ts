import { type Figure, isFigure } from "./figure.ts";
import { figureSvg } from "./render.ts";
import { htmlTable, markdownTable, plainTable, type Table } from "./table.ts";

/** One output in several forms, by MIME type: each reader of a notebook takes the best one it knows. */
export interface MimeBundle {
  /** The form of one MIME type. */
  readonly [type: string]: unknown;
}

/**
 * The forms in which a notebook shows a figure (SVG, interactive Plotly, text), a table (HTML, Markdown, text) or a
 * sentence (Markdown, text).
 */
export async function mimeBundle(
  value: Figure | Table | string,
): Promise<MimeBundle> {
  if (typeof value === "string") {
    return { "text/markdown": value, "text/plain": value };
  }
  if (isFigure(value)) {
    return {
      "image/svg+xml": await figureSvg(value),
      "application/vnd.plotly.v1+json": {
        data: value.spec.data,
        layout: value.spec.layout,
      },
      "text/plain": `${value.alt}\n${value.caption}`,
    };
  }
  return {
    "text/html": htmlTable(value),
    "text/markdown": markdownTable(value),
    "text/plain": plainTable(value),
  };
}

/**
 * Shows a figure, a table or a text in a notebook: the last call of a cell, awaited.
 *
 * The kernel may report a cell as done before its output has gone out, so this waits 25 ms after sending.
 *
 * @throws {Error} outside a notebook.
 */
export async function show(value: Figure | Table | string): Promise<void> {
  await Deno.jupyter.display({ ...await mimeBundle(value) }, { raw: true });
  await new Promise((resolve) => setTimeout(resolve, 25));
}
