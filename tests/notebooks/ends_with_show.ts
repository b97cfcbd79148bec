/** Where a cell shows something. @module */

/** Whether the last statement of a cell shows something: no later line starts at the margin, brackets aside. */
export function endsWithShow(source: string): boolean {
  const last = source.split("\n").findLast((line) => /^[^\s)\]}`/]/.test(line));
  return last?.startsWith("await show(") ?? false;
}
