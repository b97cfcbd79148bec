/** Blocks of a step's prompts, whose gradients are kept apart: where they lie, what they add up to, what they estimate. @module */

import { tf, UsageError } from "../runtime/mod.ts";
import { type GroupRewards, presentRewards } from "./advantages.ts";
import type { RewardGradients } from "./balance_step.ts";
import type { BalanceConfig } from "./config.ts";
import type { PieceGradients } from "./part_pass.ts";
import { type Bounds, evenBounds } from "./step_parts.ts";

/** Most blocks where their number is not given: their gradients stand in memory together. */
const MOST_BLOCKS = 16;

/**
 * Blocks of a step whose weights follow a rule, as equal as they can be.
 *
 * @param config Number of blocks, cross-fitting and gate.
 * @param prompts Prompts in the step.
 * @returns First prompt of each block and the one behind its last.
 * @throws UsageError when there are too few blocks for what is done with them.
 */
export function promptBlocks(
  config: Pick<BalanceConfig, "gramBlocks" | "crossFit" | "gate">,
  prompts: number,
): Bounds[] {
  const blocks = Math.min(config.gramBlocks ?? MOST_BLOCKS, prompts);
  // A product takes two blocks, and its jackknife one to leave out.
  const least = (config.gate === "shrink" ? 3 : 2) * (config.crossFit ? 2 : 1);
  if (blocks < least) {
    const reasons = [
      ...config.crossFit ? ["crossFit"] : [],
      ...config.gate === "shrink" ? ["gate shrink"] : [],
    ];
    throw new UsageError(
      `Expected promptsPerStep and gramBlocks to give at least ${least} blocks of prompts${
        reasons.length === 0 ? "" : ` with ${reasons.join(" and ")}`
      } but found ${blocks}`,
    );
  }
  return evenBounds(0, prompts, blocks);
}

/**
 * Adds up the gradients of a step's pieces over the blocks. Disposes of what it is given.
 *
 * @param pieces Gradients of each piece, one a reward and then the divergence's where it has a weight; no piece reaches over
 * the end of a block.
 * @param blocks Bounds of the blocks.
 * @param rewards Rewards of the step, [prompts][completions][rewards].
 * @param m Number of rewards.
 * @returns Gradients and shares of the blocks, for the caller to dispose of.
 */
export function blockGradients(
  pieces: readonly Pick<PieceGradients, "first" | "vectors">[],
  blocks: readonly Bounds[],
  rewards: readonly GroupRewards[],
  m: number,
): RewardGradients {
  const sums = blocks.map(([from, to]) => {
    const members = pieces.filter(({ first }) => first >= from && first < to);
    if (members.length === 1) return members[0]!.vectors;
    const added = members[0]!.vectors.map((_, k) =>
      tf.addN(members.map(({ vectors }) => vectors[k]!))
    );
    tf.dispose(members.flatMap(({ vectors }) => vectors));
    return added;
  });
  return {
    rewards: sums.map((vectors) => vectors.slice(0, m)),
    shares: blockShares(rewards, blocks, m),
    ...(sums[0]!.length > m && {
      divergence: sums.map((vectors) => vectors[m]!),
      divergenceShares: blocks.map(([from, to]) => (to - from) / rewards.length),
    }),
  };
}

/**
 * Share of the groups that have a reward, out of those of the step, that lies in each block: the reward's gradient on the
 * block is this share of an estimate of the whole gradient.
 *
 * @param groups Rewards of the step, [prompts][completions][rewards].
 * @param blocks Bounds of the blocks.
 * @param rewards Number of rewards.
 * @returns Shares, [blocks][rewards]; 0 where no group has the reward.
 */
export function blockShares(
  groups: readonly GroupRewards[],
  blocks: readonly Bounds[],
  rewards: number,
): number[][] {
  const count = (of: readonly GroupRewards[], i: number) =>
    of.filter((group) => presentRewards(group, i).length >= 2).length;
  const all = Array.from({ length: rewards }, (_, i) => Math.max(1, count(groups, i)));
  return blocks.map(([from, to]) => all.map((n, i) => count(groups.slice(from, to), i) / n));
}
