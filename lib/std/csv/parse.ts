/** CSV parsing of the Deno standard library, typed for its npm build. @module */
// deno-lint-ignore-file no-explicit-any
import * as csv from "npm:deno-std@1.4.0/csv/parse.js";

/** How {@linkcode parse} reads. */
export interface ParseOptions {
  /** The character between fields. */
  readonly separator?: string;
  /** Lines that start with it are skipped. */
  readonly comment?: string;
}

/** Parses CSV text to rows of fields. */
export function parse(text: string, options: ParseOptions = {}): string[][] {
  return (csv as any).parse(text, options);
}
