/**
 * Whether an expression's repetitions can take a time that doubles with every character: those of a group that can be cut
 * up in several ways, as in `(a+)+`, which JavaScript tries one after the other. The tokenizers of known models have none.
 *
 * @module
 */

/** A group that is being read. */
interface Group {
  /** Whether something inside it is repeated without a limit. */
  repeats: boolean;
  /** The first sign of each of its alternatives so far. */
  readonly firsts: string[];
  /** Whether an alternative begins here. */
  begins: boolean;
}

const open = (): Group => ({ repeats: false, firsts: [], begins: true });

/** One sign: a set, an escape with its braces, or a character. */
const sign = /\[\^?\]?(?:\\.|\[:\w+:\]|[^\]\\])*\]|\\[pPxu]\{[^}]*\}|\\.|[^]/uy;
/** What opens a group. */
const opening = /\((?:\?(?:[:=!>]|<[=!]|<\w+>|[a-z-]+:))?/y;
/** How often what stands before it comes. */
const often = /(?:[*+?]|\{\d*,?\d*\})[?+]?/y;

/** Whether a quantifier has no limit, or one so high that trying takes for ever. */
function isEndless(quantifier: string): boolean {
  if (/^[*+]/.test(quantifier)) return true;
  const [, most] = /^\{\d*(,?\d*)\}/.exec(quantifier) ?? [];
  const times = /^\{(\d+)\}/.exec(quantifier)?.[1] ?? most?.slice(1);
  return times !== undefined && (times === "" || Number(times) > 9);
}

/**
 * The first repetition of a group in which something is repeated, or in which two alternatives begin alike.
 *
 * @param pattern an expression in Ruby's or JavaScript's notation
 * @returns where in the pattern it ends, undefined where there is none
 */
export function doublingRepetition(pattern: string): number | undefined {
  const groups: Group[] = [open()];
  let at = 0;
  const take = (expression: RegExp): string => {
    expression.lastIndex = at;
    const found = expression.exec(pattern)?.[0] ?? "";
    at += found.length;
    return found;
  };
  while (at < pattern.length) {
    const group = groups.at(-1)!;
    const begun = take(opening);
    if (begun !== "") {
      if (group.begins) group.firsts.push(begun);
      group.begins = false;
      groups.push(open());
      continue;
    }
    const found = take(sign);
    if (found === "|") {
      group.begins = true;
      continue;
    }
    const closed = found === ")" && groups.length > 1 ? groups.pop() : undefined;
    const into = groups.at(-1)!;
    if (closed === undefined && into.begins) {
      into.firsts.push(found);
      into.begins = false;
    }
    const endless = isEndless(take(often));
    if (closed !== undefined) {
      const alike = new Set(closed.firsts).size < closed.firsts.length;
      if (endless && (closed.repeats || alike)) return at;
      into.repeats ||= closed.repeats;
    }
    into.repeats ||= endless;
  }
  return undefined;
}
