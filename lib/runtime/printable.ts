/**
 * Text for a terminal. What models, templates, items and files say may hold escape codes, which would colour, clear or
 * rewrite a terminal, set its title or type into it.
 *
 * @module
 */

/**
 * Control characters but line feed and tab and signs that turn the direction of what follows.
 */
const unprintable =
  // deno-lint-ignore no-control-regex -- control characters are what is looked for
  /[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/**
 * A text in which every control character is written out: `\x1b` for the one that begins escape codes. Line feeds and
 * tabs stay, and a carriage return before a line feed goes. Of a text in which all are written out nothing changes.
 *
 * @param text any text
 * @example
 * ```ts
 * import { printable } from "./printable.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(printable("a\tb\r\n\x1b[2Jc\u202e"), "a\tb\n\\x1b[2Jc\\u202e");
 * ```
 */
export function printable(text: string): string {
  return text.replaceAll("\r\n", "\n").replace(unprintable, (sign) => {
    const code = sign.charCodeAt(0).toString(16);
    return code.length > 2 ? `\\u${code.padStart(4, "0")}` : `\\x${code.padStart(2, "0")}`;
  });
}

/** Sees to it that all that this process writes to its console from now on is {@linkcode printable}. */
export function guardConsole(): void {
  for (const name of ["log", "error", "warn", "info", "debug"] as const) {
    const write = console[name].bind(console);
    // deno-lint-ignore no-console -- this is what all that is written goes through
    console[name] = (...parts: unknown[]) =>
      write(...parts.map((part) => typeof part === "string" ? printable(part) : part));
  }
}
