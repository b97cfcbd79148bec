/** Regular expressions that a text which does not fit is tried with in endlessly many ways. @module */

/** A part of an expression: how often it may stand there, and whether it can be divided in many ways. */
interface Part {
  /** Whether it may be there as often as it likes. */
  readonly unbounded: boolean;
  /** Whether it may be missing. */
  readonly optional: boolean;
}

/** An escape with a name or number in braces, which count nothing. */
const braced = /\\[pPxuk]\{[^}]*\}/y;
const quantifier = /(?:[*+?]|\{(\d*)(,?)(\d*)\})([?+]?)/y;

/**
 * Whether an expression repeats a group of nothing but repeated parts, such as `(a+)+` or `(\w+\s*)*`.
 *
 * @param regex the expression, in Ruby's or JavaScript's notation
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { isEndless } from "./endless.ts";
 *
 * assert(isEndless("(?:\\w+\\s*)+x"));
 * assert(!isEndless("(?:\\s?\\w)+|a+b*"));
 * ```
 */
export function isEndless(regex: string): boolean {
  let at = 0;
  let found = false;
  /** Reads one symbol, class or group; says whether it is a group that can be divided in many ways. */
  const atom = (): boolean => {
    if (regex[at] === "\\") {
      braced.lastIndex = at;
      at += braced.exec(regex)?.[0].length ?? 2;
    } else if (regex[at] === "[") {
      for (let depth = 0; at < regex.length; at++) {
        if (regex[at] === "\\") at++;
        else if (regex[at] === "[") depth++;
        else if (regex[at] === "]" && --depth === 0) break;
      }
      at++;
    } else if (regex[at] === "(") {
      const [open] = /^\((?:\?(?:[imxs-]*:|<?[=!]|>|<\w+>|[imxs-]+\)))?/.exec(regex.slice(at))!;
      at += open.length;
      if (/^\(\?[imxs-]+\)$/.test(open)) return false;
      const loose = alternatives();
      at++;
      // An atomic group and what only looks ahead or behind are not divided again.
      return loose && !/^\(\?(?:<?[=!]|>)/.test(open);
    } else at++;
    return false;
  };
  const part = (): Part => {
    const divisible = atom();
    quantifier.lastIndex = at;
    const counted = quantifier.exec(regex);
    if (counted === null) return { unbounded: false, optional: false };
    at += counted[0].length;
    const [sign, least, comma, most, greed] = counted as unknown as string[];
    const unbounded = /^[*+]/.test(sign!) || (comma === "," && most === "");
    if (divisible && unbounded && greed !== "+") found = true;
    return { unbounded, optional: /^[*?]/.test(sign!) || least === "0" || least === "" };
  };
  /** Reads to the end of a group; says whether one of its alternatives has repeated parts alone. */
  function alternatives(): boolean {
    let loose = false;
    let parts: Part[] = [];
    const close = (): void => {
      loose ||= parts.some(({ unbounded }) => unbounded) &&
        parts.every(({ unbounded, optional }) => unbounded || optional);
      parts = [];
    };
    while (at < regex.length && regex[at] !== ")") {
      if (regex[at] === "|") {
        close();
        at++;
      } else parts.push(part());
    }
    close();
    return loose;
  }
  while (at < regex.length) {
    alternatives();
    at++;
  }
  return found;
}
