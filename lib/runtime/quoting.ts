/** Texts written so that they stand for themselves in expressions and in shells. @module */

/**
 * The source of an expression that finds a text as it stands, whatever signs are in it.
 *
 * @param text any text
 * @returns source for `RegExp`, with or without the flags i and u
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { escapeRegExp } from "./quoting.ts";
 *
 * assertEquals(escapeRegExp("a+b"), "a\\+b");
 * ```
 */
export const escapeRegExp = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/**
 * A text as one word of a POSIX shell.
 *
 * @param text any text
 */
export const shellQuoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
