/**
 * Tables in plain text.
 *
 * @module
 */

/** A number with three digits that count. */
export function short(value: number): string {
  const size = Math.abs(value);
  return size >= 100 ? String(Math.round(value)) : value.toPrecision(3);
}

/** Lines of a table: the first column to the left, the others to the right. */
export function textTable(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, c) => Math.max(...rows.map((row) => row[c]!.length)));
  return rows.map((row) =>
    row.map((cell, c) => c === 0 ? cell.padEnd(widths[c]!) : cell.padStart(widths[c]!)).join("  ")
      .trimEnd()
  ).join("\n");
}
