import type { ColumnTable } from "arquero";
import { csvText, markdownRows, markdownText } from "../runtime/mod.ts";
import { type Cell, formatNumber, type Row } from "./figure.ts";
import { markup } from "./markup.ts";

/** A table: an arquero table or plain rows. */
export type Table = ColumnTable | readonly Row[];

/** How tables are written. */
export interface TableOptions {
  /** Decimals of columns that are not all integers; default 2. Numbers that would read 0 get more. */
  readonly digits?: number;
  /** Text above or below the table. */
  readonly caption?: string;
}

interface TextTable {
  readonly columns: readonly {
    readonly name: string;
    readonly numeric: boolean;
  }[];
  readonly cells: readonly (readonly string[])[];
}

/**
 * The rows of a table as plain objects, those of an arquero table in its order and without those it filters out.
 *
 * @param table the table
 * @returns its rows: dates as ISO 8601 in UTC, lists and objects as JSON, whole numbers of any size as numbers where
 *   these are exact, else as text; missing values, NaN and dates that are none are `null`
 */
export function tableRows(table: Table): Row[] {
  const rows = "columnNames" in table ? table.objects() as Record<string, unknown>[] : table;
  return rows.map((row) =>
    Object.fromEntries(
      Object.entries(row).map(([name, value]) => [name, toCell(value)]),
    )
  );
}

function toCell(value: unknown): Cell {
  if (value === undefined || value === null) return null;
  if (typeof value === "number") return Number.isNaN(value) ? null : value;
  if (typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "bigint") {
    return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  }
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  return typeof value === "object" ? JSON.stringify(value, plainJson) : String(value);
}

/** What JSON has no form for: typed arrays are lists, whole numbers of any size as {@linkcode toCell} has them. */
function plainJson(_key: string, value: unknown): unknown {
  if (ArrayBuffer.isView(value)) return Array.from(value as Float64Array);
  return typeof value === "bigint" ? toCell(value) : value;
}

function columnNames(table: Table): string[] {
  if ("columnNames" in table) return table.columnNames();
  return [...new Set(table.flatMap((row) => Object.keys(row)))];
}

function textTable(table: Table, digits = 2): TextTable {
  const rows = tableRows(table);
  const columns = columnNames(table).map((name) => {
    const values = rows.map((row) => row[name] ?? null).filter((value) => value !== null);
    const numeric = values.length > 0 &&
      values.every((value) => typeof value === "number");
    return {
      name,
      numeric,
      integers: numeric && values.every(Number.isInteger),
    };
  });
  const cells = rows.map((row) =>
    columns.map(({ name, integers }) => {
      const value = row[name] ?? null;
      if (value === null) return "\u2013";
      if (typeof value === "number") {
        return formatNumber(value, integers ? 0 : digits);
      }
      return String(value);
    })
  );
  return { columns, cells };
}

/**
 * A table in Markdown, numbers to the right.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { markdownTable } from "./table.ts";
 *
 * assertEquals(
 *   markdownTable([{ system: "base", score: 0.5 }]),
 *   "| system | score |\n| :--- | ---: |\n| base | 0.50 |\n",
 * );
 * ```
 */
export function markdownTable(
  table: Table,
  options: TableOptions = {},
): string {
  const { columns, cells } = textTable(table, options.digits);
  const caption = options.caption ? `${markdownText(options.caption)}\n\n` : "";
  return caption + markdownRows(columns, cells);
}

const latexCharacters: Readonly<Record<string, string>> = {
  "\\": "\\textbackslash{}",
  "~": "\\textasciitilde{}",
  "^": "\\textasciicircum{}",
  "\u2212": "$-$",
  "\u2013": "--",
  "\n": " ",
};

/** A table in LaTeX with the rules of the package booktabs; with a caption as a float, else the tabular alone. */
export function latexTable(table: Table, options: TableOptions = {}): string {
  const { columns, cells } = textTable(table, options.digits);
  const escape = (text: string) =>
    text.replace(
      /[\\~^\u2212\u2013\n]|[&%$#_{}]/g,
      (c) => latexCharacters[c] ?? `\\${c}`,
    );
  const line = (texts: readonly string[]) => `${texts.map(escape).join(" & ")} \\\\\n`;
  const tabular =
    `\\begin{tabular}{${columns.map(({ numeric }) => numeric ? "r" : "l").join("")}}\n` +
    `\\toprule\n${line(columns.map(({ name }) => name))}\\midrule\n` +
    `${cells.map(line).join("")}\\bottomrule\n\\end{tabular}\n`;
  if (!options.caption) return tabular;
  return `\\begin{table}\n\\centering\n\\caption{${
    escape(options.caption)
  }}\n${tabular}\\end{table}\n`;
}

/** A table in HTML, with scopes for screen readers; its cells say how they are aligned, which notebooks do not. */
export function htmlTable(table: Table, options: TableOptions = {}): string {
  const { columns, cells } = textTable(table, options.digits);
  const align = (index: number) => columns[index]!.numeric ? "right" : "left";
  const head = columns.map(({ name }, i) =>
    markup`<th scope="col" style="text-align: ${align(i)}">${name}</th>`
  );
  // An interval stands in one line.
  const unbroken = (text: string) =>
    text.replace(/\[−?\d[^\]]{1,40}\]/g, (interval) => interval.replaceAll(" ", "\u00a0"));
  const body = cells.map((row) =>
    markup`<tr>${
      row.map((text, i) => markup`<td style="text-align: ${align(i)}">${unbroken(text)}</td>`)
    }</tr>\n`
  );
  const caption = options.caption && markup`<caption>${options.caption}</caption>\n`;
  return String(markup`<table>
${caption}<thead><tr>${head}</tr></thead>
<tbody>
${body}</tbody>
</table>
`);
}

/** A table as plain text in columns. */
export function plainTable(table: Table, options: TableOptions = {}): string {
  const { columns, cells } = textTable(table, options.digits);
  const lines = [columns.map(({ name }) => name), ...cells];
  const widths = columns.map((_, i) => Math.max(...lines.map((line) => line[i]!.length)));
  return lines.map((line) =>
    line.map((text, i) => columns[i]!.numeric ? text.padStart(widths[i]!) : text.padEnd(widths[i]!))
      .join("  ").trimEnd() + "\n"
  ).join("");
}

/** A table as CSV: numbers in full, missing values empty. See `csvText`. */
export function csvTable(table: Table): string {
  const columns = columnNames(table);
  const lines = tableRows(table).map((row) => columns.map((name) => row[name] ?? null));
  return csvText([columns, ...lines]);
}
