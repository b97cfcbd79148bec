/** Which tokens may come next in a text of a grammar. @module */

import { UsageError, WorkbenchError } from "../../runtime/mod.ts";
import { choice, type Grammar, grammarMachine, type GrammarState, literal } from "./grammar.ts";
import type { Tokenizer } from "../tokenizer/tokenizer.ts";

/** Keeps decoding inside a language. States are shared by completions; a constraint serves any number of texts. */
export interface TokenConstraint {
  /** Before the first token. */
  readonly start: GrammarState;
  /** The tokenizer's end tokens: one of them, and nothing else, ends a text. */
  readonly endIds: readonly number[];
  /** After a token. Throws WorkbenchError for one that was not allowed. */
  readonly advance: (state: GrammarState, token: number) => GrammarState;
  /** 1 for every token that may come next, by id; an end token where the text may end. Never all 0. */
  readonly allowed: (state: GrammarState) => Uint8Array;
}

/** Ordinary tokens by their bytes: a node for each beginning of a token, in the order of a walk through the tree. */
interface Trie {
  /** The last byte of each node. */
  readonly bytes: Uint8Array;
  /** Length of each node, less one. */
  readonly depths: Uint32Array;
  /** The first node behind those below each. */
  readonly skips: Uint32Array;
  /** Tokens that end at each node: from `firsts[node]` to `firsts[node + 1]` in `tokens`. */
  readonly firsts: Uint32Array;
  readonly tokens: Uint32Array;
  readonly longest: number;
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return a.length - b.length;
}

function makeTrie(tokenizer: Tokenizer): Trie {
  const sorted = Array.from(
    { length: tokenizer.vocabSize },
    (_, id) => ({ id, text: tokenizer.tokenBytes(id) }),
  ).filter(({ id, text }) => text.length > 0 && !tokenizer.isSpecial(id))
    .sort((a, b) => compareBytes(a.text, b.text));
  const [bytes, depths, skips, firsts]: number[][] = [[], [], [], []];
  // Nodes from the root to where the walk is; those that it leaves learn where it goes on.
  const path: number[] = [];
  let before = new Uint8Array();
  sorted.forEach(({ text }, t) => {
    let shared = 0;
    while (shared < before.length && before[shared] === text[shared]) shared++;
    path.splice(shared).forEach((node) => skips![node] = bytes!.length);
    for (let depth = shared; depth < text.length; depth++) {
      path.push(bytes!.length);
      bytes!.push(text[depth]!);
      depths!.push(depth);
      // Tokens that end earlier than this node come before `t`.
      firsts!.push(t);
    }
    before = new Uint8Array(text);
  });
  path.forEach((node) => skips![node] = bytes!.length);
  return {
    bytes: Uint8Array.from(bytes!),
    depths: Uint32Array.from(depths!),
    skips: Uint32Array.from(skips!),
    firsts: Uint32Array.from([...firsts!, sorted.length]),
    tokens: Uint32Array.from(sorted, ({ id }) => id),
    longest: Math.max(0, ...new Set(sorted.map(({ text }) => text.length))),
  };
}

const tries = new WeakMap<Tokenizer, Trie>();

function trieOf(tokenizer: Tokenizer): Trie {
  const trie = tries.get(tokenizer) ?? makeTrie(tokenizer);
  tries.set(tokenizer, trie);
  return trie;
}

/** Masks that are kept; a mask has a byte for each token. */
const MOST_MASKS = 512;

/**
 * Keeps decoding inside a grammar. Tokens may span several of its elements, and characters several tokens. A text can
 * be ended from everywhere: bytes that no token writes alone do not occur in it. The grammar of a JSON Schema is made by
 * `jsonGrammar`.
 *
 * @throws UsageError when the tokenizer has no end token or can write no text of the grammar
 */
export function grammarConstraint(tokenizer: Tokenizer, grammar: Grammar): TokenConstraint {
  const endIds = tokenizer.eosIds;
  if (endIds.length === 0) {
    throw new UsageError("Expected a tokenizer with an end token but found one without");
  }
  const trie = trieOf(tokenizer);
  const { bytes, depths, skips, firsts, tokens } = trie;
  const alone = new Set<number>();
  bytes.forEach((byte, node) => {
    if (depths[node] === 0 && firsts[node + 1]! > firsts[node]!) alone.add(byte);
  });
  const { start, next } = grammarMachine(grammar, (byte) => alone.has(byte));
  const masks = new Map<number, Uint8Array>();

  function maskOf(state: GrammarState): Uint8Array {
    const mask = new Uint8Array(tokenizer.vocabSize);
    if (state.complete) endIds.forEach((id) => mask[id] = 1);
    const path: GrammarState[] = new Array(trie.longest + 1);
    path[0] = state;
    for (let node = 0; node < bytes.length;) {
      const depth = depths[node]!;
      const after = next(path[depth]!, bytes[node]!);
      if (after === undefined) {
        node = skips[node]!;
        continue;
      }
      path[depth + 1] = after;
      for (let t = firsts[node]!; t < firsts[node + 1]!; t++) mask[tokens[t]!] = 1;
      node++;
    }
    return mask;
  }

  return {
    start,
    endIds,
    advance: (state, token) => {
      let at: GrammarState | undefined = tokenizer.isSpecial(token) ? undefined : state;
      for (const byte of tokenizer.tokenBytes(token)) at = at && next(at, byte);
      if (at === undefined) {
        throw new WorkbenchError(`Expected a token that the grammar allows but found ${token}`);
      }
      return at;
    },
    allowed: (state) => {
      const known = masks.get(state.id);
      if (known !== undefined) return known;
      if (masks.size >= MOST_MASKS) masks.clear();
      const mask = maskOf(state);
      masks.set(state.id, mask);
      return mask;
    },
  };
}

/**
 * Keeps decoding to one of several texts.
 *
 * @throws UsageError when there is none that the tokenizer can write
 */
export function choiceConstraint(
  tokenizer: Tokenizer,
  choices: readonly string[],
): TokenConstraint {
  if (choices.length === 0) throw new UsageError("Expected at least 1 choice but found 0");
  return grammarConstraint(tokenizer, choice(...choices.map(literal)));
}
