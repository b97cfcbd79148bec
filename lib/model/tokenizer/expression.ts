/** Regular expressions of a `tokenizer.json`, which are in Ruby's notation (Oniguruma), as trees. @module */

/** A character, an escape, a set of characters or an anchor, as it is written. */
interface Single {
  readonly text: string;
}

/** Alternatives between brackets. */
interface Group {
  /** How the bracket opens: `(`, `(?:`, `(?>`, `(?=`, `(?<name>` and so on. */
  readonly open: string;
  readonly alternatives: readonly Sequence[];
}

/** Something and how often it stands there. */
export interface Part {
  readonly atom: Single | Group;
  /** As it is written; empty where the atom stands there once. */
  readonly quantifier: string;
  readonly least: number;
  readonly most: number;
  /** Whether what it has taken is never given back, as with `a++`. */
  readonly possessive: boolean;
}

/** What follows one another. */
export type Sequence = readonly Part[];

/** An escape with a name or number in braces, which count nothing, or with the name of a group. */
const named = /\\(?:[pPxuk]\{[^}]*\}|k<\w+>)/uy;
const brackets = /\((?:\?(?:[imx-]*:|<?[=!]|>|<\w+>))?/uy;
/** A change of options to the end of a group, or a comment. */
const aside = /\(\?(?:[imx-]+|#[^)]*)\)/uy;
const quantifier = /(?:[*+?]|\{(?:(\d+)(?:(,)(\d*))?|,(\d+))\})/uy;

/** What an expression matches at a place, which then moves behind it. */
function read(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

function boundsOf([text, least, comma, most, upTo]: RegExpExecArray): [number, number] {
  if (upTo !== undefined) return [0, Number(upTo)];
  if (least !== undefined) {
    return [Number(least), comma === undefined ? Number(least) : Number(most || Infinity)];
  }
  return [text === "+" ? 1 : 0, text === "?" ? 1 : Infinity];
}

/** Where a set of characters ends that begins at a place; sets can stand in sets. */
function endOfSet(regex: string, start: number): number {
  let depth = 0;
  for (let at = start; at < regex.length; at++) {
    if (regex[at] === "\\") at++;
    else if (regex[at] === "[") depth++;
    else if (regex[at] === "]" && --depth === 0) return at + 1;
  }
  return regex.length;
}

/**
 * Reads an expression.
 *
 * @param regex the expression, in Ruby's notation; whether its escapes and sets mean something is not looked at
 * @returns its alternatives; undefined where its brackets do not fit together
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { expressionOf } from "./expression.ts";
 *
 * const [first, second] = expressionOf("\\p{L}++|x")!;
 * assertEquals(first?.[0]?.possessive, true);
 * assertEquals(second?.length, 1);
 * ```
 */
export function expressionOf(regex: string): readonly Sequence[] | undefined {
  let at = 0;
  const single = (length: number): Single => ({ text: regex.slice(at, at += length) });
  const atom = (): Single | Group | undefined => {
    const symbol = String.fromCodePoint(regex.codePointAt(at)!);
    if (symbol === "\\") {
      const escaped = String.fromCodePoint(regex.codePointAt(at + 1) ?? 0);
      return single(read(named, regex, at)?.[0].length ?? 1 + escaped.length);
    }
    if (symbol === "[") return single(endOfSet(regex, at) - at);
    if (symbol !== "(") return single(symbol.length);
    const skipped = read(aside, regex, at);
    if (skipped !== null) return single(skipped[0].length);
    const open = read(brackets, regex, at)![0];
    at += open.length;
    const inner = alternatives();
    return regex[at++] === ")" ? { open, alternatives: inner } : undefined;
  };
  /** Reads an atom and what says how often it stands there; a second count is one of a group around the first. */
  const part = (): Part | undefined => {
    const first = atom();
    if (first === undefined) return undefined;
    let found: Part = { atom: first, quantifier: "", least: 1, most: 1, possessive: false };
    for (let counted; (counted = read(quantifier, regex, at)) !== null;) {
      const [text] = counted;
      at += text.length;
      const [least, most] = boundsOf(counted);
      const lazy = regex[at] === "?";
      const possessive = regex[at] === "+" && !text.startsWith("{");
      if (lazy || possessive) at++;
      const inner = found.quantifier === "" ? found.atom : { open: "(?:", alternatives: [[found]] };
      found = {
        atom: inner,
        quantifier: lazy ? `${text}?` : text,
        least,
        most,
        possessive,
      };
    }
    return found;
  };
  function alternatives(): Sequence[] {
    const all: Part[][] = [[]];
    while (at < regex.length && regex[at] !== ")") {
      if (regex[at] === "|") {
        all.push([]);
        at++;
        continue;
      }
      const next = part();
      if (next === undefined) {
        at = Infinity;
        return all;
      }
      all.at(-1)!.push(next);
    }
    return all;
  }
  const all = alternatives();
  return at === regex.length ? all : undefined;
}

/**
 * Whether something holds of a part, in groups too.
 *
 * @param part where to look
 * @param what asked of the part and of all inside
 */
export const holds = (part: Part, what: (part: Part) => boolean): boolean =>
  what(part) ||
  ("open" in part.atom &&
    part.atom.alternatives.some((parts) => parts.some((inner) => holds(inner, what))));

/**
 * Whether it matches a place and no character: an anchor, what looks ahead or behind, a comment.
 *
 * @param atom a part's atom
 */
export const isPlace = (atom: Part["atom"]): boolean =>
  "open" in atom
    ? /^\(\?<?[=!]/u.test(atom.open)
    : /^(?:[$^]|\\[AzZbBG]|\(\?.*\))$/su.test(atom.text);

/**
 * Whether what it has taken is tried in one way alone.
 *
 * @param atom a part's atom
 */
export const isAtomic = (atom: Part["atom"]): boolean => "open" in atom && atom.open === "(?>";
