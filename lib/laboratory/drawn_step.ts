/** What a training step on prompts drawn at random does, from the products between prompts alone. @module */

import { blockGram, type PromptProducts, weighted } from "../balance/mod.ts";
import { type BalanceConfig, blockHalves, blockWeights, followsRule } from "../training/mod.ts";

/** Blocks of prompts whose gradients are kept apart, at most, as in the trainer. */
const BLOCKS = 16;

/** A step from drawn prompts, judged by the exact gradients of the population. */
export interface DrawnStep {
  /** Weights of each half of the blocks, for the gradients of the other one, `[1 or 2][m]`. */
  readonly weights: readonly (readonly number[])[];
  /** `<g_i, d>` with the exact `g_i` and the step's gradient d: the change of `J_i` to first order, `[m]`. */
  readonly changes: readonly number[];
  /**
   * The same as the step's own prompts show it, from products in which no prompt meets itself, `[m]`: of the gradients that
   * the weights multiply. Unbiased with halves; weights from the same prompts were chosen to make it harmless.
   */
  readonly measured: readonly number[];
}

/** Products between the blocks of a draw, normalised by all of it. */
function blockProducts(
  products: PromptProducts,
  blocks: readonly (readonly number[])[],
  count: number,
): number[][][][] {
  const rewards = products[0]![0]!.map((_, i) => i);
  return blocks.map((own) =>
    blocks.map((other) =>
      rewards.map((i) =>
        rewards.map((j) =>
          own.reduce(
            (sum, x) => other.reduce((inner, y) => inner + products[x]![y]![i]![j]!, sum),
            0,
          ) / count ** 2
        )
      )
    )
  );
}

/**
 * Weighs the gradients of drawn prompts as the trainer does, without momentum, divergence and decay: the gradients of
 * every prompt are exact, so the noise is that of the draw.
 *
 * @param products inner products between the gradients of the population's prompts, promptProducts say
 * @param drawn indices of the step's prompts, at least two; a prompt may come more than once
 * @param config rule, preference, gate and halves
 * @returns the weights, and what the step does to the mean over the whole population
 */
export function drawnStep(
  products: PromptProducts,
  drawn: readonly number[],
  config: BalanceConfig,
): DrawnStep {
  const { rewardWeights: preference } = config;
  const count = Math.min(BLOCKS, drawn.length);
  const blocks: number[][] = Array.from({ length: count }, () => []);
  drawn.forEach((x, k) => blocks[Math.floor(k * count / drawn.length)]!.push(x));
  const none = blocks.map(() => preference.map(() => 0));
  const halves = blockHalves(count, config.crossFit);
  const gram = blockProducts(products, blocks, drawn.length);
  const shares = blocks.map((own) => preference.map(() => own.length / drawn.length));
  const weights = followsRule(config, undefined)
    ? blockWeights({
      products: {
        gram,
        momentum: none,
        divergence: undefined,
        penalty: undefined,
        decay: undefined,
      },
      shares,
      divergenceShares: blocks.map(() => 0),
      config,
      beta1: 0,
      aggregator: undefined,
      names: preference.map((_, i) => `${i}`),
    }).weights
    : halves.map(() => preference);
  const changes = preference.map(() => 0);
  const measured = preference.map(() => 0);
  halves.forEach((half, h) => {
    const own = weights.at(h - 1)!;
    blockGram(gram, shares, half).forEach((row, i) => {
      measured[i]! += weighted(row, own) / halves.length;
    });
    for (const y of half.flatMap((b) => blocks[b]!)) {
      products.forEach((row) =>
        row[y]!.forEach((towards, i) =>
          towards.forEach((product, j) =>
            changes[i]! += own[j]! * product / (drawn.length * products.length)
          )
        )
      );
    }
  });
  return { weights, changes, measured };
}
