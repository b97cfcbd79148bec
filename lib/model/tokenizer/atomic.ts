/** Possessive counts and atomic groups of Ruby's notation, written for JavaScript, which has neither. @module */

import { UsageError } from "../../runtime/mod.ts";
import { expressionOf, holds, isAtomic, type Part, type Sequence } from "./expression.ts";

const hasPossessive = (sequences: readonly Sequence[]): boolean =>
  sequences.some((parts) =>
    parts.some((part) => holds(part, ({ atom, possessive }) => possessive || isAtomic(atom)))
  );

/** Whether anything that looks behind holds one: JavaScript reads backwards there. */
const looksBehind = (sequences: readonly Sequence[]): boolean =>
  sequences.some((parts) =>
    parts.some((part) =>
      holds(
        part,
        ({ atom }) =>
          "open" in atom && /^\(\?<[=!]/u.test(atom.open) && hasPossessive(atom.alternatives),
      )
    )
  );

/**
 * Writes `a++` and `(?>a|ab)` with what JavaScript has: a look ahead is tried in one way alone, so what it found and a name
 * remembers is taken as a whole.
 *
 * @param regex an expression in Ruby's notation
 * @param at its place in the file, for messages
 * @returns an expression that matches the same, in the rest of Ruby's notation; the same text where nothing has to change
 * @throws UsageError for those inside of what looks behind, or beside groups that are referred to by number
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { withoutPossessives } from "./atomic.ts";
 *
 * assertEquals(withoutPossessives("a++b", "x"), "(?:(?=(?<_1>a+))\\k<_1>)b");
 * ```
 */
export function withoutPossessives(regex: string, at: string): string {
  const read = expressionOf(regex);
  if (read === undefined || !hasPossessive(read)) return regex;
  const numbered = /\\[1-9]/u.test(regex);
  if (numbered || looksBehind(read)) {
    throw new UsageError(
      `Expected ${at} to be an expression without possessive parts ${
        numbered ? "beside groups referred to by number" : "in what looks behind"
      } but found ${JSON.stringify(regex)}`,
    );
  }
  let count = 0;
  /** In names there are no letters: those of a `(?i:` would become sets of their cases. */
  const once = (text: string): string => {
    const name = `_${++count}`;
    return `(?:(?=(?<${name}>${text}))\\k<${name}>)`;
  };
  const written = (sequences: readonly Sequence[]): string =>
    sequences.map((parts) => parts.map(writtenPart).join("")).join("|");
  function writtenPart({ atom, quantifier, possessive }: Part): string {
    const inside = "open" in atom ? written(atom.alternatives) : atom.text;
    const whole = "open" in atom ? `${atom.open}${inside})` : inside;
    const text = isAtomic(atom) ? once(inside) : whole;
    return possessive ? once(text + quantifier) : text + quantifier;
  }
  return written(read);
}
