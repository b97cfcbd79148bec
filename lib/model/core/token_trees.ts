/**
 * Batches in which equal beginnings are computed once. A token's hidden state depends on the tokens up to it alone: a
 * prompt and its completions make a tree of tokens, each of which attends to those above it (tree attention, Miao et al.
 * 2023, arXiv 2305.09781), and trees whose prompts open alike share these rows of the residual stream.
 *
 * @module
 */

import { UsageError } from "../../runtime/mod.ts";
import { type Batch, LENGTH_MULTIPLE, type PromptGroup, roundUp, streamLength } from "./batch.ts";

/** A batch of trees. */
export interface TreeBatch {
  /** The batch, without completions of its own; a token that several completions begin with is scored once. */
  readonly batch: Batch;
  /**
   * Which scored token of the batch stands for each token of each completion, `[groups][completions][tokens]`. The
   * derivative of a loss with respect to its log-probability is the sum over the tokens that it stands for.
   */
  readonly tokens: readonly (readonly Int32Array[])[];
}

/** A token that others read, and what follows it. */
interface TreeNode {
  /** Its number in the tree, from 0. */
  readonly at: number;
  /** Token id. */
  readonly id: number;
  /** Number of the token before it, -1 for the first. */
  readonly parent: number;
  /** Tokens before it. */
  readonly depth: number;
  /** Number of its beginning among those of all trees, from 0. */
  readonly row: number;
  /** What follows it, by id. */
  readonly next: Map<number, TreeNode>;
  /** Number of the scored token for each id that a completion has behind it. */
  readonly scored: Map<number, number>;
}

/** Rows of the residual stream: one for each beginning. */
interface Rows {
  /** Row of what follows a row's beginning, by id. */
  readonly next: Map<number, number>[];
  /** Row of the first token of sequences, by id. */
  readonly first: Map<number, number>;
}

/** A token behind a beginning, as a batch scores it. */
interface ScoredToken {
  readonly group: number;
  readonly predictor: number;
  readonly target: number;
}

/** Builds the tree of a prompt and its completions. */
function treeOf(
  { prompt, completions }: PromptGroup,
  group: number,
  rows: Rows,
  scored: ScoredToken[],
): { nodes: TreeNode[]; tokens: Int32Array[] } {
  if (prompt.length === 0) {
    throw new UsageError(`Expected a prompt of at least 1 token but found 0 in group ${group}`);
  }
  const nodes: TreeNode[] = [];
  const add = (id: number, parent: TreeNode | undefined): TreeNode => {
    const following = parent === undefined ? rows.first : rows.next[parent.row]!;
    const row = following.get(id) ?? rows.next.push(new Map()) - 1;
    following.set(id, row);
    const { at = -1, depth = -1 } = parent ?? {};
    const node: TreeNode = {
      at: nodes.length,
      id,
      parent: at,
      depth: depth + 1,
      row,
      next: new Map(),
      scored: new Map(),
    };
    nodes.push(node);
    parent?.next.set(id, node);
    return node;
  };
  let last = add(prompt[0]!, undefined);
  for (const id of prompt.slice(1)) last = add(id, last);
  const tokens = completions.map((completion) => {
    let at = last;
    return Int32Array.from(completion, (id, t) => {
      const found = at.scored.get(id) ??
        scored.push({ group, predictor: at.at, target: id }) - 1;
      at.scored.set(id, found);
      // Nothing reads the last token of a completion.
      if (t + 1 < completion.length) at = at.next.get(id) ?? add(id, at);
      return found;
    });
  });
  return { nodes, tokens };
}

/** Puts the rows that predict in front: the place of each row, and how many they are. */
function rowOrder(
  trees: readonly { readonly nodes: readonly TreeNode[] }[],
  rows: number,
): { order: Int32Array; predicting: number } {
  const predicts = new Set(
    trees.flatMap(({ nodes }) => nodes.flatMap(({ row, scored }) => scored.size > 0 ? [row] : [])),
  );
  const order = new Int32Array(rows);
  let [front, back] = [0, predicts.size];
  for (let row = 0; row < rows; row++) order[row] = predicts.has(row) ? front++ : back++;
  return { order, predicting: predicts.size };
}

/**
 * Packs prompts with their completions as trees. Numbers of tokens are rounded up to a multiple, so that shapes repeat.
 *
 * @param groups prompts of at least one token with their completions, which may be empty
 * @param multiple what the size of the largest tree is rounded up to
 * @returns the batch, and where the tokens of each completion are
 * @throws UsageError when a prompt is empty
 * @example
 * ```ts
 * import { packTrees } from "./token_trees.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const { batch, tokens } = packTrees([{ prompt: [5, 6], completions: [[7, 8], [7, 9]] }], 4);
 * assertEquals([...batch.targets], [7, 8, 9]);
 * assertEquals(tokens[0]!.map((completion) => [...completion]), [[0, 1], [0, 2]]);
 * ```
 */
export function packTrees(groups: readonly PromptGroup[], multiple = LENGTH_MULTIPLE): TreeBatch {
  const known: Rows = { next: [], first: new Map() };
  const scored: ScoredToken[] = [];
  const trees = groups.map((group, g) => treeOf(group, g, known, scored));
  const size = roundUp(trees.reduce((n, { nodes }) => Math.max(n, nodes.length), 0), multiple);
  const length = streamLength(known.next.length);
  const { order, predicting } = rowOrder(trees, known.next.length);
  const ids = new Int32Array(groups.length * size);
  const positions = new Int32Array(ids.length);
  const parents = new Int32Array(ids.length).fill(-1);
  const rows = new Int32Array(ids.length).fill(length - 1);
  const backRows = new Int32Array(ids.length).fill(length - 1);
  // Any place may stand for rows of padding: nothing reads what they hold.
  const places = new Int32Array(length);
  const taken = new Set<number>();
  trees.forEach(({ nodes }, g) =>
    nodes.forEach(({ at, id, parent, depth, row: number }) => {
      const place = g * size + at;
      const row = order[number]!;
      ids[place] = id;
      positions[place] = depth;
      parents[place] = parent;
      rows[place] = row;
      if (taken.has(row)) return;
      taken.add(row);
      places[row] = place;
      backRows[place] = row;
    })
  );
  return {
    batch: {
      groups: groups.length,
      promptLength: size,
      completions: 0,
      completionLength: 0,
      ids,
      positions,
      parents,
      stream: { places, rows, backRows },
      promptLengths: Int32Array.from(trees, ({ nodes }) => nodes.length),
      predictors: Int32Array.from(scored, ({ group, predictor }) => group * size + predictor),
      targets: Int32Array.from(scored, ({ target }) => target),
      slots: new Int32Array(),
      outputRows: Math.min(length, streamLength(predicting)),
    },
    tokens: trees.map(({ tokens }) => tokens),
  };
}
