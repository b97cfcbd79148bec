import { Resvg } from "@resvg/resvg-js";
import { fromFileUrl } from "@std/path";

/** The font that every figure names; DejaVu Sans ships in `fonts/`, the others are for readers' machines. */
export const fontFamily = "DejaVu Sans, Verdana, sans-serif";

/** Font options of resvg: the shipped file and nothing of the machine's, so that pictures agree everywhere. */
export const resvgFont: {
  loadSystemFonts: boolean;
  fontFiles: string[];
  defaultFontFamily: string;
  sansSerifFamily: string;
} = {
  loadSystemFonts: false,
  fontFiles: [fromFileUrl(new URL("./fonts/DejaVuSans.ttf", import.meta.url))],
  defaultFontFamily: "DejaVu Sans",
  sansSerifFamily: "DejaVu Sans",
};

const emWidths = new Map<string, number>();

/** A text without the characters that XML has no form for: control characters, halves of surrogate pairs. */
export function xmlText(text: string): string {
  // deno-lint-ignore no-control-regex -- control characters are what is looked for
  return text.toWellFormed().replace(/[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g, "\ufffd");
}

/** Escapes text for XML, in content and in attributes; for HTML see `markup`. */
export function escapeXml(text: string): string {
  return xmlText(text)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

/**
 * Width of one line of text in the figures' font.
 *
 * @param text One line, without markup.
 * @param size Font size in px.
 * @returns Width in px.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { textWidth } from "./text.ts";
 *
 * assert(textWidth("mm", 10) > textWidth("ii", 10));
 * ```
 */
export function textWidth(text: string, size: number): number {
  let width = emWidths.get(text);
  if (width === undefined) {
    // The box of the ink would leave out spaces at the ends: two bars stand around the text.
    width = inkWidth(`|${text}|`) - inkWidth("||");
    emWidths.set(text, width);
  }
  return width * size;
}

function inkWidth(text: string): number {
  const size = 100;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="99999" height="200">` +
    `<text x="0" y="100" font-size="${size}" font-family="DejaVu Sans" xml:space="preserve">` +
    `${escapeXml(text)}</text></svg>`;
  return (new Resvg(svg, { font: resvgFont }).getBBox()?.width ?? 0) / size;
}
