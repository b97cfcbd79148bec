/** CSV writing of the Deno standard library, typed for its npm build. @module */
// deno-lint-ignore-file no-explicit-any
import * as csv from "npm:deno-std@1.4.0/csv/stringify.js";

/** Writes rows of fields as CSV text whose lines end with CRLF; missing fields are empty. */
export function stringify(rows: readonly (readonly unknown[])[]): string {
  return (csv as any).stringify(rows);
}
