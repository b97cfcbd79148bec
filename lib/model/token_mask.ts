/** Which tokens may come next in a text of a grammar. @module */

import { UsageError } from "../runtime/mod.ts";
import { choice, type Grammar, grammarMachine, type GrammarState, literal } from "./grammar.ts";
import { jsonGrammar, type JsonSchema } from "./json_schema.ts";
import type { Tokenizer } from "./tokenizer.ts";

/** A token's bytes as a path: children by byte, and the tokens that end here. */
interface TrieNode {
  readonly children: Map<number, TrieNode>;
  readonly tokens: number[];
}

/** Keeps decoding inside a language. States are shared by rows; a constraint serves any number of texts. */
export interface TokenConstraint {
  /** Before the first token. */
  readonly start: GrammarState;
  /** After a token that was allowed. */
  readonly advance: (state: GrammarState, token: number) => GrammarState;
  /** 1 for every token that may come next, `[V]`; an end token where the text may end. */
  readonly allowed: (state: GrammarState) => Uint8Array;
}

const tries = new WeakMap<Tokenizer, TrieNode>();

/** All ordinary tokens of a tokenizer by their bytes. */
function trieOf(tokenizer: Tokenizer): TrieNode {
  const known = tries.get(tokenizer);
  if (known !== undefined) return known;
  const root: TrieNode = { children: new Map(), tokens: [] };
  for (let id = 0; id < tokenizer.vocabSize; id++) {
    if (tokenizer.isSpecial(id)) continue;
    let node = root;
    for (const byte of tokenizer.tokenBytes(id)) {
      const next: TrieNode = node.children.get(byte) ?? { children: new Map(), tokens: [] };
      node.children.set(byte, next);
      node = next;
    }
    if (node !== root) node.tokens.push(id);
  }
  tries.set(tokenizer, root);
  return root;
}

/**
 * Keeps decoding inside a grammar. Tokens may span several of its elements, and characters several tokens.
 *
 * @param vocabSize size of the model's vocabulary, which may be larger than the tokenizer's
 */
export function grammarConstraint(
  tokenizer: Tokenizer,
  grammar: Grammar,
  vocabSize: number = tokenizer.vocabSize,
): TokenConstraint {
  const { start, next } = grammarMachine(grammar);
  const trie = trieOf(tokenizer);
  const masks = new Map<string, Uint8Array>();
  const advance = (state: GrammarState, token: number): GrammarState =>
    tokenizer.tokenBytes(token).reduce<GrammarState>((at, byte) => next(at, byte)!, state);
  return {
    start,
    advance,
    allowed: (state) => {
      const known = masks.get(state.key);
      if (known !== undefined) return known;
      const mask = new Uint8Array(vocabSize);
      if (state.complete) tokenizer.eosIds.forEach((id) => mask[id] = 1);
      const visit = (node: TrieNode, at: GrammarState): void => {
        for (const [byte, child] of node.children) {
          const after = next(at, byte);
          if (after === undefined) continue;
          child.tokens.forEach((id) => mask[id] = 1);
          visit(child, after);
        }
      };
      visit(trie, state);
      masks.set(state.key, mask);
      return mask;
    },
  };
}

/** Keeps decoding to JSON that fits a schema; see {@linkcode jsonGrammar}. */
export function jsonConstraint(
  tokenizer: Tokenizer,
  schema: JsonSchema,
  vocabSize?: number,
): TokenConstraint {
  return grammarConstraint(tokenizer, jsonGrammar(schema), vocabSize);
}

/**
 * Keeps decoding to one of several texts.
 *
 * @throws UsageError when there is none
 */
export function choiceConstraint(
  tokenizer: Tokenizer,
  choices: readonly string[],
  vocabSize?: number,
): TokenConstraint {
  if (choices.length === 0) throw new UsageError("Expected at least 1 choice but found 0");
  return grammarConstraint(tokenizer, choice(...choices.map(literal)), vocabSize);
}
