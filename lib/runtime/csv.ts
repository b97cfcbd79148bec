/**
 * Tables as comma-separated values.
 *
 * @module
 */
import { stringify } from "@std/csv/stringify";
import { UsageError } from "./errors.ts";

/** A value in a line; `null` is an empty cell. */
export type CsvCell = string | number | boolean | null;

/** What a spreadsheet takes for a formula: Excel, LibreOffice and Google Sheets run a cell that begins so. */
const formula = /^[=+\-@\t\r]/;
/** A number as text, which a spreadsheet reads as a number. */
const number = /^[+-]?(?:\d+\.?\d*(?:e[+-]?\d+)?|\.\d+(?:e[+-]?\d+)?|Infinity)$/i;

/** A text that no spreadsheet runs: an apostrophe before what would be a formula, as OWASP advises. */
function harmless(text: string): string {
  return formula.test(text) && !number.test(text) ? `'${text}` : text;
}

/**
 * Lines of cells as CSV after RFC 4180, but that every line break, in a cell too, is a line feed.
 *
 * Tables are opened in spreadsheets, and texts in them come from models and files of others: one that begins with `=`, `+`,
 * `-`, `@`, a tab or a carriage return gets an apostrophe before it, so that nothing runs it. Numbers stay as they are.
 *
 * @param lines the cells of each line, those of the header first
 * @returns the text, which ends with a line feed
 * @example
 * ```ts
 * import { csvText } from "./csv.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(csvText([["name", "score"], ['a "b", c', 0.5], ["d", null]]), 'name,score\n"a ""b"", c",0.5\nd,\n');
 * assertEquals(csvText([["=1+1", -1, "-1e-5"]]), "'=1+1,-1,-1e-5\n");
 * ```
 */
export function csvText(lines: readonly (readonly CsvCell[])[]): string {
  const text = lines.map((line) =>
    line.map((cell) => typeof cell === "string" ? harmless(cell).replaceAll(/\r\n?/g, "\n") : cell)
  );
  return stringify(text).replaceAll("\r\n", "\n");
}

/** A row of a table. */
export interface CsvRow {
  /** The cells by column. */
  readonly cells: Readonly<Record<string, string>>;
  /** File and line, for messages. */
  readonly where: string;
}

/** A table that was read. */
export interface CsvTable {
  /** The columns' names in order. */
  readonly columns: readonly string[];
  /** The rows below them. */
  readonly rows: readonly CsvRow[];
}

/** A line's cells, and where the line begins. */
interface Line {
  readonly cells: string[];
  readonly number: number;
}

const quotedCell = /"((?:[^"]|"")*)"/y;
const plainCell = /[^",\r\n]*/y;
const lineEnd = /\r\n|\n|\r/y;

/** Lines of cells after RFC 4180; empty lines are left out. */
function cellsOf(text: string, path: string): Line[] {
  const lines: Line[] = [];
  let [at, number] = [0, 1];
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    at += found?.[0].length ?? 0;
    return found;
  };
  while (at < text.length) {
    const [cells, start, begin]: [string[], number, number] = [[], number, at];
    do {
      const where = `${path}, line ${number}`;
      const quoted = take(quotedCell);
      if (quoted === null && text[at] === '"') {
        throw new UsageError(`Expected a quote to be closed but found no second one in ${where}`);
      }
      cells.push(quoted === null ? take(plainCell)![0] : quoted[1]!.replaceAll('""', '"'));
      number += quoted?.[0].match(/\r\n|\n|\r/g)?.length ?? 0;
      if (at < text.length && !",\r\n".includes(text[at]!)) {
        throw new UsageError(
          `Expected quotes around whole cells only but found one ${
            quoted === null ? "inside a cell" : "closed before the cell's end"
          } in ${where}; a quote in a cell is written twice, with the cell in quotes`,
        );
      }
    } while (text[at] === "," && ++at);
    if (at > begin) lines.push({ cells, number: start });
    if (take(lineEnd) !== null) number++;
  }
  return lines;
}

/**
 * Reads a table after RFC 4180: the first line names the columns, and every row has a cell for each. A byte order mark and
 * empty lines are passed over; lines end with a line feed, a carriage return or both.
 *
 * @param text the table, from `readText`
 * @param path the file's path, for messages
 * @returns no columns for a text without lines
 * @throws {UsageError} one line with file and line for the first fault: too many or too few cells, a quote inside a cell or
 *   not closed, a column twice
 * @example
 * ```ts
 * import { parseCsv } from "./csv.ts";
 * import { assertEquals, assertThrows } from "@std/assert";
 *
 * const { rows } = parseCsv('name,note\n"a, b","say ""c"""\n', "a.csv");
 * assertEquals(rows, [{ cells: { name: "a, b", note: 'say "c"' }, where: "a.csv, line 2" }]);
 * assertThrows(() => parseCsv("name,note\na,b,c\n", "a.csv"), Error, "Expected 2 cells but found 3 in a.csv, line 2");
 * ```
 */
export function parseCsv(text: string, path: string): CsvTable {
  const [header, ...lines] = cellsOf(text.replace(/^\ufeff/, ""), path);
  const columns = header?.cells ?? [];
  const twice = columns.find((name, i) => columns.indexOf(name) !== i);
  if (twice !== undefined) {
    throw new UsageError(
      `Expected every column once but found ${JSON.stringify(twice)} twice in ${path}`,
    );
  }
  return {
    columns,
    rows: lines.map(({ cells, number }) => {
      const where = `${path}, line ${number}`;
      if (cells.length !== columns.length) {
        throw new UsageError(
          `Expected ${columns.length} cells but found ${cells.length} in ${where}; ` +
            "a cell with a comma has to be in quotes",
        );
      }
      return { cells: Object.fromEntries(columns.map((name, i) => [name, cells[i]!])), where };
    }),
  };
}
