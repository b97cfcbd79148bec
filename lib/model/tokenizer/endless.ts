/** Regular expressions that a text which does not fit is tried with in endlessly many ways. @module */

import { SplitPreTokenizer } from "@huggingface/tokenizers";
import { expressionOf, holds, isAtomic, isPlace, type Part, type Sequence } from "./expression.ts";

/** From so many repetitions on a count is as good as none. */
const many = 10;
/** Repeated parts with more characters and sets than this are not looked through. */
const mostPlaces = 80;
/** Expressions with more characters and sets, or more ways from one part to the next, are not looked through. */
const mostOfAll = 100_000;
/** Characters of many kinds; two sets of an expression that share none of them are taken to share none at all. */
const samples = [
  ...Array.from({ length: 256 }, (_, code) => String.fromCodePoint(code)),
  ..."ĄžſǅʰԱЖяאب٣कกあア漢가Ⅷ²\u0300\u200b\u2028\u3000€→、。😀\u{1d400}\u{20000}\u{e000}",
];

/** What a part of an expression can begin and end with, by the numbers of its characters and sets. */
interface Ends {
  readonly empty: boolean;
  readonly first: readonly number[];
  readonly last: readonly number[];
}

/**
 * Which of its characters and sets can follow which, and in how many ways (Glushkov 1961): an expression can take
 * exponential time where a text leads from one of them back to it in two ways (Weber and Seidl 1991).
 */
interface Places {
  /** What may stand at each: one of these. */
  readonly symbols: (readonly string[])[];
  /** How many ways lead from one to another. */
  readonly ways: Map<number, number>[];
  /** What is repeated without bound: the first number in it, and the first behind. */
  readonly loops: (readonly [number, number])[];
  found: boolean;
}

const noPlaces = (): Places => ({ symbols: [], ways: [], loops: [], found: false });

const nothing: Ends = { empty: true, first: [], last: [] };

function join(places: Places, last: readonly number[], first: readonly number[]): void {
  places.found ||= last.length * first.length > mostOfAll || places.symbols.length > mostOfAll;
  if (places.found) return;
  for (const from of last) {
    for (const to of first) places.ways[from]!.set(to, (places.ways[from]!.get(to) ?? 0) + 1);
  }
}

function inTurn(places: Places, ends: readonly Ends[]): Ends {
  return ends.reduce((before, next) => {
    join(places, before.last, next.first);
    return {
      empty: before.empty && next.empty,
      first: before.empty ? [...before.first, ...next.first] : before.first,
      last: next.empty ? [...before.last, ...next.last] : next.last,
    };
  }, nothing);
}

const place = (places: Places, symbols: readonly string[], empty = false): Ends => {
  const number = places.symbols.push(symbols) - 1;
  places.ways.push(new Map());
  return { empty, first: [number], last: [number] };
};

const oneOf = (all: readonly Ends[]): Ends => ({
  empty: all.some(({ empty }) => empty),
  first: all.flatMap(({ first }) => first),
  last: all.flatMap(({ last }) => last),
});

function anyOf(places: Places, sequences: readonly Sequence[]): Ends {
  const all = sequences.map((parts) => inTurn(places, parts.map((part) => partEnds(places, part))));
  return oneOf(all);
}

/** What is tried in one way alone, looked through by itself; to what is around it is one symbol. */
function apart(places: Places, sequences: readonly Sequence[]): Ends {
  const own = noPlaces();
  const { empty, first } = rootEnds(own, sequences);
  places.found ||= own.found;
  return place(places, first.flatMap((number) => own.symbols[number]!), empty);
}

function atomEnds(places: Places, atom: Part["atom"]): Ends {
  if ("open" in atom && (isAtomic(atom) || isPlace(atom))) {
    const ends = apart(places, atom.alternatives);
    return isAtomic(atom) ? ends : nothing;
  }
  if ("open" in atom) return anyOf(places, atom.alternatives);
  return isPlace(atom) ? nothing : place(places, [atom.text]);
}

function partEnds(places: Places, part: Part): Ends {
  if (places.found) return nothing;
  if (part.possessive) return apart(places, [[{ ...part, possessive: false }]]);
  const { atom, least, most } = part;
  const once = (): Ends => atomEnds(places, atom);
  if (most >= many && (least < most || "open" in atom)) {
    const start = places.symbols.length;
    const ends = once();
    join(places, ends.last, ends.first);
    places.loops.push([start, places.symbols.length]);
    // All have to be there, and each may be empty: which ones are is tried.
    places.found ||= ends.empty && least >= many;
    return { ...ends, empty: ends.empty || least === 0 };
  }
  // A few copies stand for a count: what matters is whether it is one count or several.
  const copies = Math.min(most, 3);
  const needed = least === most ? copies : Math.min(least, copies - 1);
  return inTurn(
    places,
    Array.from({ length: copies }, (_, i) => {
      const ends = once();
      return i < needed ? ends : { ...ends, empty: true };
    }),
  );
}

/** What has nothing behind it: where it could end, it does, and nothing is tried again. */
function rootEnds(places: Places, sequences: readonly Sequence[]): Ends {
  const done = new Set<number>();
  const all = sequences.map((parts) => {
    const ends = inTurn(places, parts.map((part) => partEnds(places, part)));
    const repeated = parts.findIndex((part) => holds(part, ({ most }) => most >= many));
    const fits = parts.slice(Math.max(0, repeated)).every((part) =>
      !holds(part, ({ atom }) => isPlace(atom))
    );
    if (fits) ends.last.forEach((number) => done.add(number));
    return ends;
  });
  const outer = places.loops.filter(([start, end]) =>
    !places.loops.some(([from, to]) => (from < start && end <= to) || (from <= start && end < to))
  );
  places.found ||= outer.some((loop) => isAmbiguous(places, loop, done));
  return oneOf(all);
}

/** For each character or set, which samples it takes, in either case; all where it cannot be read by itself. */
function tested(symbols: readonly string[], others: Iterable<string>): boolean[] {
  const patterns = symbols.map((symbol) => compiled(symbol));
  return [...samples, ...others].map((sample) =>
    patterns.some((pattern) => pattern === undefined || pattern.test(sample))
  );
}

function compiled(symbol: string): RegExp | undefined {
  try {
    const { pattern } = new SplitPreTokenizer({
      type: "Split",
      pattern: { Regex: symbol },
      behavior: "Isolated",
      invert: false,
    });
    return pattern === null ? undefined : new RegExp(`^(?:${pattern.source})$`, "iu");
  } catch {
    return undefined;
  }
}

/** All that can be come to, by some steps or none. */
function reached(start: number, next: (from: number) => readonly number[]): Set<number> {
  const all = new Set([start]);
  for (const one of all) for (const to of next(one)) all.add(to);
  return all;
}

/** Whether a text leads from somewhere in a loop back to it in two ways, without coming to where all could end. */
function isAmbiguous(
  { symbols, ways }: Places,
  [start, end]: readonly [number, number],
  done: ReadonlySet<number>,
): boolean {
  if (end - start > mostPlaces) return true;
  const inside = Array.from({ length: end - start }, (_, i) => start + i)
    .filter((number) => !done.has(number));
  const next = (from: number): number[] => inside.filter((to) => ways[from]!.has(to));
  const twice = inside.some((from) =>
    next(from).some((to) => ways[from]!.get(to)! > 1 && reached(to, next).has(from))
  );
  if (twice || inside.length < 2) return twice;
  const written = new Set(
    inside.flatMap((number) => symbols[number]!.flatMap((text) => [...text])),
  );
  const takes = new Map(inside.map((number) => [number, tested(symbols[number]!, written)]));
  const overlap = (a: number, b: number): boolean =>
    a === b || takes.get(a)!.some((taken, i) => taken && takes.get(b)![i]!);
  const count = symbols.length;
  const pairs = inside.flatMap((a) =>
    inside.filter((b) => overlap(a, b)).map((b) => a * count + b)
  );
  const both = new Map(pairs.map((pair) => {
    const [a, b] = [Math.floor(pair / count), pair % count];
    return [
      pair,
      next(a).flatMap((x) => next(b).filter((y) => overlap(x, y)).map((y) => x * count + y)),
    ];
  }));
  const back = new Map(pairs.map((pair) => [pair, [] as number[]]));
  for (const [from, all] of both) for (const to of all) back.get(to)!.push(from);
  return inside.some((number) => {
    const same = number * count + number;
    const behind = reached(same, (pair) => back.get(pair)!);
    return [...reached(same, (pair) => both.get(pair)!)].some((pair) =>
      Math.floor(pair / count) !== pair % count && behind.has(pair)
    );
  });
}

/**
 * Whether an expression repeats what can be divided in several ways, such as `(a+)+b`, `(a|a)*b` or `(a?b?)*c`, so that
 * a text can take time that doubles with every character. What looks ahead and behind counts as if it were always true;
 * time that grows as a power is not looked for.
 *
 * @param regex the expression, in Ruby's notation
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { isEndless } from "./endless.ts";
 *
 * assert(isEndless("(?:\\w+\\s*)+x"));
 * assert(isEndless("(?:\\w|\\d)*x"));
 * assert(!isEndless("(?:\\s?\\w)+x|a+b*"));
 * ```
 */
export function isEndless(regex: string): boolean {
  const read = expressionOf(regex);
  const places = noPlaces();
  if (read !== undefined) rootEnds(places, read);
  return places.found;
}
