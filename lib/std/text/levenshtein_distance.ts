/** Distances between texts of the Deno standard library, typed for its npm build. @module */
// deno-lint-ignore-file no-explicit-any
import * as text from "npm:deno-std@1.4.0/text/levenshtein_distance.js";

/** The least number of letters to put in, take out or exchange to make one text of another. */
export function levenshteinDistance(a: string, b: string): number {
  return (text as any).levenshteinDistance(a, b);
}
