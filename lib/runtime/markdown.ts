/** Markdown, and the YAML before it: what cards of models and data are written in. @module */

/**
 * A text that is text in Markdown, too: it begins no HTML, no link or picture, and no cell of a table.
 *
 * @param text Any text, such as a name of a model, a folder or a column.
 * @returns The text in one line, with what could begin one of them escaped; plain words and numbers as they are.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { markdownText } from "./markdown.ts";
 *
 * assertEquals(markdownText("<b> [a](b) p < 0.05"), "\\<b> [a]\\(b) p < 0.05");
 * ```
 */
export function markdownText(text: string): string {
  return text.replace(/\\+(?=[|<(]|$)/g, (run) => run.repeat(2)).replaceAll("|", "\\|")
    .replace(/<(?=[A-Za-z/!?])/g, "\\<").replaceAll("](", "]\\(").replaceAll(/\r\n?|\n/g, "<br>");
}

/** A column of a table. */
export interface MarkdownColumn {
  /** What stands above it. */
  readonly name: string;
  /** Whether it holds numbers, which stand to the right. */
  readonly numeric: boolean;
}

/**
 * A table in Markdown.
 *
 * @param columns its columns in order
 * @param rows a cell for each column
 * @returns the table, which ends with a line feed
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { markdownRows } from "./markdown.ts";
 *
 * assertEquals(markdownRows([{ name: "n", numeric: true }], [["3"]]), "| n |\n| ---: |\n| 3 |\n");
 * ```
 */
export function markdownRows(
  columns: readonly MarkdownColumn[],
  rows: readonly (readonly string[])[],
): string {
  const line = (texts: readonly string[]) => `| ${texts.join(" | ")} |\n`;
  return line(columns.map(({ name }) => markdownText(name))) +
    line(columns.map(({ numeric }) => numeric ? "---:" : ":---")) +
    rows.map((row) => line(row.map(markdownText))).join("");
}
