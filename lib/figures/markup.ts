/**
 * HTML in templates that escape what is put into them.
 *
 * @module
 */
import { html, type SafeHtml as EscapedHtml } from "@remix-run/html-template";

/** HTML in which every text was escaped; `String(...)` gives it as text. */
export type SafeHtml = EscapedHtml;

/** The tag of a template: a function of its strings and of what stands between them. */
export interface MarkupTag {
  /** HTML: texts and numbers are escaped, HTML is kept, lists are joined, `null` and `undefined` leave nothing. */
  (strings: TemplateStringsArray, ...values: MarkupValue[]): SafeHtml;
  /** HTML from text that is HTML already, such as a picture in SVG; nothing is escaped. */
  raw(strings: TemplateStringsArray, ...values: MarkupValue[]): SafeHtml;
}

/** What may stand in a template. */
export type MarkupValue =
  | SafeHtml
  | string
  | number
  | null
  | undefined
  | MarkupValue[];

/**
 * Tag of HTML templates. It is not called `html`, because the formatter lays out
 * templates of that name anew, with white space that pages would show.
 *
 * @example
 * ```ts
 * import { markup } from "./markup.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const items = ["a < b", "c"].map((text) => markup`<li>${text}</li>`);
 * assertEquals(String(markup`<ul>${items}</ul>`), "<ul><li>a &lt; b</li><li>c</li></ul>");
 * ```
 */
export const markup: MarkupTag = html;

/**
 * A whole page in English.
 *
 * @param title The page's title.
 * @param style Its style sheet.
 * @param body What stands inside `body`, from line to line.
 */
export function htmlPage(title: string, style: string, body: SafeHtml): string {
  return String(markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${markup.raw`${style}`}</style>
</head>
<body>
${body}</body>
</html>
`);
}
