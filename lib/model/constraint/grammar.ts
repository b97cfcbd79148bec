/**
 * Grammars over bytes, followed one byte at a time: what may come next is known at every point, so that decoding can be
 * kept inside a language. Recursion is allowed; the state is the set of stacks that the bytes so far lead to.
 *
 * XGrammar's build for JavaScript (`@mlc-ai/web-xgrammar` 0.1.27) is not used: it cannot be imported as a module, and is
 * not exact, for it lets -129 to -121 pass a minimum of -120 and control characters into strings of limited length.
 *
 * @module
 */

import { UsageError } from "../../runtime/mod.ts";

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

/** One of several; with no options, no text at all. */
export function choice(...options: readonly Grammar[]): Grammar {
  return { kind: "choice", options };
}

/** From `least` to `most` times the same; no text at all where `most` is smaller. */
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
  /** One number for each state of a machine, counted from 0. */
  readonly id: number;
  /** Whether the text may end here. */
  readonly complete: boolean;
}

/** Follows texts of one grammar; keeps what it has worked out. */
export interface GrammarMachine {
  /** Before the first byte. */
  readonly start: GrammarState;
  /** After one more byte; undefined where no text of the language goes on with it. */
  readonly next: (state: GrammarState, byte: number) => GrammarState | undefined;
}

/** Every part of a grammar that some text of the given bytes fits. */
function partsWithText(
  grammar: Grammar,
  inside: (part: Grammar & { kind: "lazy" }) => Grammar,
  available: (byte: number) => boolean,
): ReadonlySet<Grammar> {
  // Parts before what holds them, so that few passes are enough.
  const parts: Grammar[] = [];
  const seen = new Set<Grammar>();
  const collect = (part: Grammar): void => {
    if (seen.has(part)) return;
    seen.add(part);
    if (part.kind === "sequence") part.parts.forEach(collect);
    else if (part.kind === "choice") part.options.forEach(collect);
    else if (part.kind === "repeat") collect(part.part);
    else if (part.kind === "lazy") collect(inside(part));
    parts.push(part);
  };
  collect(grammar);
  const found = new Set<Grammar>();
  const has = (part: Grammar): boolean => {
    switch (part.kind) {
      case "byte":
        return part.allowed.some(([first, last]) => {
          for (let byte = first; byte <= last; byte++) if (available(byte)) return true;
          return false;
        });
      case "sequence":
        return part.parts.every((p) => found.has(p));
      case "choice":
        return part.options.some((p) => found.has(p));
      case "repeat":
        return part.least <= part.most && (part.least === 0 || found.has(part.part));
      case "lazy":
        return found.has(inside(part));
    }
  };
  for (let before = -1; before < found.size;) {
    before = found.size;
    for (const part of parts) if (!found.has(part) && has(part)) found.add(part);
  }
  return found;
}

/** Makes stacks and grammars, each once, so that states can be compared and remembered. */
interface Interning {
  /** A grammar and what follows it. */
  readonly push: (top: Grammar, below: Stack | undefined) => Stack;
  /** What is left of a repetition after one part. */
  readonly lessOne: (g: Grammar & { kind: "repeat" }) => Grammar;
  /** What a lazy grammar makes. */
  readonly inside: (g: Grammar & { kind: "lazy" }) => Grammar;
}

function interning(): Interning {
  const ids = new Map<Grammar, number>();
  const idOf = (g: Grammar): number => {
    const known = ids.get(g) ?? ids.size;
    ids.set(g, known);
    return known;
  };
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
  const inside = (g: Grammar & { kind: "lazy" }): Grammar => {
    const known = made.get(g) ?? g.make();
    made.set(g, known);
    return known;
  };
  return { push, lessOne, inside };
}

/** All stacks with a byte on top that a stack stands for, over parts with a text; undefined for the end. */
function expand(
  from: Stack | undefined,
  { push, lessOne, inside }: Interning,
  withText: ReadonlySet<Grammar>,
): (Stack | undefined)[] {
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
        return top.options.forEach((g) => withText.has(g) && visit(push(g, below)));
      case "lazy":
        return visit(push(inside(top), below));
      case "repeat":
        if (top.least === 0) visit(below);
        if (top.most > 0 && withText.has(top.part)) {
          visit(push(top.part, push(lessOne(top), below)));
        }
    }
  };
  visit(from);
  return [...found];
}

/** What a state stands for, and what is known of the bytes from there: null before a byte is tried. */
interface Node extends GrammarState {
  readonly ways: readonly Stack[];
  readonly byByte: (Node | undefined | null)[];
  readonly byWays: Map<string, Node>;
}

/**
 * Makes the machine of a grammar. Each of its states can be led to the end of a text: parts that no text fits are left
 * out.
 *
 * @param grammar what texts look like
 * @param available whether texts may have a byte; left out, all may
 * @throws UsageError when no text fits the grammar
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
export function grammarMachine(
  grammar: Grammar,
  available: (byte: number) => boolean = () => true,
): GrammarMachine {
  const interned = interning();
  const withText = partsWithText(grammar, interned.inside, available);
  if (!withText.has(grammar)) {
    throw new UsageError("Expected a grammar that some text fits but found one that none does");
  }

  const nodes: Node[] = [];
  const nodeByKey = new Map<string, Node>();
  function nodeOf(expanded: readonly (Stack | undefined)[]): Node {
    const ends = [...new Set(expanded)];
    const key = ends.map((stack) => stack?.id ?? "end").sort().join(" ");
    const known = nodeByKey.get(key);
    if (known !== undefined) return known;
    const node: Node = {
      id: nodes.length,
      complete: ends.includes(undefined),
      ways: ends.filter((stack) => stack !== undefined),
      byByte: new Array(256).fill(null),
      byWays: new Map(),
    };
    nodes.push(node);
    nodeByKey.set(key, node);
    return node;
  }
  /** After a byte that is tried for the first time. Bytes that go the same ways lead to the same state. */
  function follow(node: Node, byte: number): Node | undefined {
    if (!available(byte)) return undefined;
    const taken = node.ways.filter(({ top }) =>
      top.kind === "byte" && top.allowed.some(([first, last]) => byte >= first && byte <= last)
    );
    if (taken.length === 0) return undefined;
    const key = taken.map(({ id }) => id).join(" ");
    const after = node.byWays.get(key) ??
      nodeOf(taken.flatMap(({ below }) => expand(below, interned, withText)));
    node.byWays.set(key, after);
    return after;
  }

  return {
    start: nodeOf(expand(interned.push(grammar, undefined), interned, withText)),
    next: (state, byte) => {
      const node = nodes[state.id]!;
      const known = node.byByte[byte];
      return known !== null ? known : (node.byByte[byte] = follow(node, byte));
    },
  };
}
