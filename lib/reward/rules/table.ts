/** Markdown tables. */
import type { TableCheck } from "../../synthesis/mod.ts";
import type { Reading } from "./reading.ts";

/** The cells of a row between its outer bars. */
const cellsOf = (row: string): string[] => row.slice(1, -1).split("|").map((cell) => cell.trim());

/**
 * Mean of three parts: the header has the wanted columns, a line of dashes stands below it, and as many rows follow as wanted, each
 * with a word in every cell; all times the share of the lines that belong to the table.
 */
export function verifyTable(check: TableCheck, { lines }: Reading): number {
  const rows = lines.filter((row) => /^\|.*\|$/.test(row)).map(cellsOf);
  const [header, dashes, ...body] = rows;
  if (header === undefined) return 0;
  const wanted = check.columns.map((column) => column.toLowerCase());
  const named = header.length === wanted.length &&
    header.every((cell, i) => cell.toLowerCase() === wanted[i]);
  const ruled = dashes?.length === wanted.length && dashes.every((cell) => /^:?-+:?$/.test(cell));
  const full =
    body.filter((cells) =>
      cells.length === wanted.length && cells.every((cell) => /[\p{L}\p{N}]/u.test(cell))
    ).length;
  const filled = Math.min(full, check.rows) / Math.max(body.length, check.rows);
  return (Number(named) + Number(ruled) + filled) / 3 * rows.length / lines.length;
}
