/**
 * Grammars over bytes, followed one byte at a time: what may come next is known at every point, so that decoding can be
 * kept inside a language. Recursion is allowed; the state is the set of stacks that the bytes so far lead to.
 *
 * @module
 */

/** A grammar. Build it with {@linkcode literal}, {@linkcode bytes}, {@linkcode sequence} and the others. */
export type Grammar =
  | { readonly kind: "byte"; readonly allowed: readonly (readonly [number, number])[] }
  | { readonly kind: "sequence"; readonly parts: readonly Grammar[] }
  | { readonly kind: "choice"; readonly options: readonly Grammar[] }
  | {
    readonly kind: "repeat";
    readonly part: Grammar;
    readonly least: number;
    readonly most: number;
  }
  | { readonly kind: "lazy"; readonly make: () => Grammar };

/** One byte out of ranges `[first, last]`. */
export function bytes(...allowed: readonly (readonly [number, number])[]): Grammar {
  return { kind: "byte", allowed };
}

/** One after the other. */
export function sequence(...parts: readonly Grammar[]): Grammar {
  return { kind: "sequence", parts };
}

/** One of several. */
export function choice(...options: readonly Grammar[]): Grammar {
  return { kind: "choice", options };
}

/** From `least` to `most` times the same. */
export function repeat(part: Grammar, least: number, most: number): Grammar {
  return { kind: "repeat", part, least, most };
}

/** A grammar that is made when it is first needed, for recursion. */
export function lazy(make: () => Grammar): Grammar {
  return { kind: "lazy", make };
}

/** The bytes of a text. */
export function literal(text: string): Grammar {
  return sequence(
    ...[...new TextEncoder().encode(text)].map((byte) => bytes([byte, byte])),
  );
}

/** Nothing, or the grammar. */
export function optional(part: Grammar): Grammar {
  return choice(sequence(), part);
}

/** What has to follow: a grammar and the rest; undefined at the end. */
interface Stack {
  readonly id: number;
  readonly top: Grammar;
  readonly below: Stack | undefined;
}

/** A point inside a text of the language. */
export interface GrammarState {
  /** Equal for equal states. */
  readonly key: string;
  /** Whether the text may end here. */
  readonly complete: boolean;
  /** Ways to go on: a byte grammar and what follows. */
  readonly ways: readonly {
    readonly allowed: readonly (readonly [number, number])[];
    readonly stack: Stack;
  }[];
}

/** Follows texts of one grammar; keeps what it has worked out. */
export interface GrammarMachine {
  /** Before the first byte. */
  readonly start: GrammarState;
  /** After one more byte; undefined where the language does not go on with it. */
  readonly next: (state: GrammarState, byte: number) => GrammarState | undefined;
}

/**
 * Makes the machine of a grammar.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { choice, grammarMachine, literal } from "./grammar.ts";
 *
 * const { start, next } = grammarMachine(choice(literal("a"), literal("ab")));
 * const a = next(start, 0x61)!;
 * assert(a.complete && next(a, 0x62)!.complete && next(a, 0x63) === undefined);
 * ```
 */
export function grammarMachine(grammar: Grammar): GrammarMachine {
  const ids = new Map<Grammar, number>();
  const idOf = (g: Grammar): number => {
    const known = ids.get(g) ?? ids.size;
    ids.set(g, known);
    return known;
  };
  // Equal stacks are one object, so that states can be compared and remembered.
  const stacks = new Map<string, Stack>();
  const push = (top: Grammar, below: Stack | undefined): Stack => {
    const key = `${idOf(top)} ${below?.id ?? "-"}`;
    const known = stacks.get(key) ?? { id: stacks.size, top, below };
    stacks.set(key, known);
    return known;
  };
  const repeats = new Map<string, Grammar>();
  const lessOne = (g: Grammar & { kind: "repeat" }): Grammar => {
    const least = Math.max(0, g.least - 1);
    const key = `${idOf(g.part)} ${least} ${g.most - 1}`;
    const known = repeats.get(key) ?? repeat(g.part, least, g.most - 1);
    repeats.set(key, known);
    return known;
  };
  const made = new Map<Grammar, Grammar>();

  /** All stacks with a byte on top that a stack stands for; undefined in the list for the end. */
  function expand(from: Stack | undefined): (Stack | undefined)[] {
    const found = new Set<Stack | undefined>();
    const seen = new Set<Stack | undefined>();
    const visit = (stack: Stack | undefined): void => {
      if (seen.has(stack)) return;
      seen.add(stack);
      if (stack === undefined || stack.top.kind === "byte") {
        found.add(stack);
        return;
      }
      const { top, below } = stack;
      switch (top.kind) {
        case "sequence":
          return visit(top.parts.reduceRight<Stack | undefined>((s, g) => push(g, s), below));
        case "choice":
          return top.options.forEach((g) => visit(push(g, below)));
        case "lazy": {
          const inner = made.get(top) ?? top.make();
          made.set(top, inner);
          return visit(push(inner, below));
        }
        case "repeat":
          if (top.least === 0) visit(below);
          if (top.most > 0) visit(push(top.part, push(lessOne(top), below)));
      }
    };
    visit(from);
    return [...found];
  }

  const states = new Map<string, GrammarState>();
  function stateOf(expanded: readonly (Stack | undefined)[]): GrammarState {
    const ends = [...new Set(expanded)];
    const key = ends.map((stack) => stack?.id ?? "end").sort().join(" ");
    let state = states.get(key);
    if (state === undefined) {
      const ways = ends.flatMap((stack) =>
        stack?.top.kind === "byte" ? [{ allowed: stack.top.allowed, stack }] : []
      );
      state = { key, complete: ends.includes(undefined), ways };
      states.set(key, state);
    }
    return state;
  }

  const steps = new Map<string, GrammarState | undefined>();
  return {
    start: stateOf(expand(push(grammar, undefined))),
    next: (state, byte) => {
      const key = `${state.key}:${byte}`;
      if (steps.has(key)) return steps.get(key);
      const taken = state.ways.filter(({ allowed }) =>
        allowed.some(([first, last]) => byte >= first && byte <= last)
      );
      const after = taken.length === 0
        ? undefined
        : stateOf(taken.flatMap(({ stack }) => expand(stack.below)));
      steps.set(key, after);
      return after;
    },
  };
}
