/**
 * Tables as comma-separated values.
 *
 * @module
 */
import { stringify } from "@std/csv/stringify";

/** A value in a line; `null` is an empty cell. */
export type CsvCell = string | number | boolean | null;

/**
 * Lines of cells as CSV after RFC 4180, but that every line break, in a cell too, is a line feed.
 *
 * @param lines the cells of each line, those of the header first
 * @returns the text, which ends with a line feed
 * @example
 * ```ts
 * import { csvText } from "./csv.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(csvText([["name", "score"], ['a "b", c', 0.5], ["d", null]]), 'name,score\n"a ""b"", c",0.5\nd,\n');
 * ```
 */
export function csvText(lines: readonly (readonly CsvCell[])[]): string {
  const text = lines.map((line) =>
    line.map((cell) => typeof cell === "string" ? cell.replaceAll(/\r\n?/g, "\n") : cell)
  );
  return stringify(text).replaceAll("\r\n", "\n");
}
