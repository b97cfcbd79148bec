/**
 * From the inner products of a step's gradients to the weights of the rewards: unbiased products on each half of the
 * blocks, shrunk for their noise if asked, and the rule (THEORY.md, Theorems 5, 6 and 10).
 *
 * @module
 */

import {
  type Aggregator,
  aggregators,
  blockGram,
  blockNorms,
  capabilityAwareWeights,
  clipEigenvalues,
  jackknifeVariance,
  projectionGap,
  type PromptProducts,
  shrinkage,
  unitDiagonal,
} from "../balance/mod.ts";
import type { BalanceConfig } from "./config.ts";

/** Inner products of a step's gradients of losses, in the metric of the Gram matrix; b and c count blocks. */
export interface BlockProducts {
  /** `<g_ib, g_jc>`, [blocks, blocks][rewards, rewards]. */
  readonly gram: PromptProducts;
  /** `<g_ib, m>` with the optimizer's momentum, [blocks][rewards]. */
  readonly momentum: readonly (readonly number[])[];
  /** `<g_ib, k_c>` with the divergence's gradient, [blocks, blocks][rewards]; undefined without one. */
  readonly divergence: readonly (readonly (readonly number[])[])[] | undefined;
  /** `<g_ib, q>` with the gradient of a further loss of the parameters alone, [blocks][rewards]; undefined without one. */
  readonly penalty: readonly (readonly number[])[] | undefined;
  /** `g_ib' k'` with the change k' that decay makes, in units of the step, [blocks][rewards]; undefined without decay. */
  readonly decay: readonly (readonly number[])[] | undefined;
}

/** What {@linkcode blockWeights} needs. */
export interface BlockWeightsInput {
  /** Inner products of the gradients. */
  readonly products: BlockProducts;
  /** Share of each reward's gradient that each block estimates, [blocks][rewards], and of the divergence's, [blocks]. */
  readonly shares: readonly (readonly number[])[];
  /** Share of the divergence's gradient that each block estimates, [blocks]. */
  readonly divergenceShares: readonly number[];
  /** Options of the rule. */
  readonly config: BalanceConfig;
  /** The optimizer's decay of the momentum. */
  readonly beta1: number;
  /** A rule of the user's own, in place of `config.weighting`. */
  readonly aggregator: Aggregator | undefined;
  /** Names of the rewards, for the log. */
  readonly names: readonly string[];
}

/** The weights and what to log. */
export interface BlockWeights {
  /** Weights from each half of the blocks, [1 or 2][rewards]. */
  readonly weights: number[][];
  /** Metrics of the Gram matrix and of the solutions, means over the halves. */
  readonly metrics: Record<string, number>;
}

/** Signal to noise under which the `veto` gate takes a capability's veto. */
const LEAST_SIGNAL = 1;

/**
 * The halves of the blocks. Weights come from one and multiply the gradients of the other; a single part stands for both.
 *
 * @param blocks Number of blocks.
 * @param crossFit Whether there are two halves; exact gradients, one block, have none.
 * @returns Indices of the blocks of each half.
 */
export function blockHalves(blocks: number, crossFit: boolean): number[][] {
  const all = Array.from({ length: blocks }, (_, b) => b);
  if (!crossFit || blocks === 1) return [all];
  const middle = Math.ceil(blocks / 2);
  return [all.slice(0, middle), all.slice(middle)];
}

/** Products that a solution is made of, [m, m] and [m]. */
interface Estimate {
  readonly gram: readonly (readonly number[])[];
  readonly momentum: readonly number[];
  readonly extra: readonly number[];
  readonly decay: readonly number[];
}

/** A solution on one half. */
interface Solved {
  readonly weights: readonly number[];
  /** Unbiased Gram matrix of the half, 0 where nothing is known, [m, m]. */
  readonly gram: readonly (readonly number[])[];
  /** By name of the metric: numbers of the whole, lists of the rewards. */
  readonly metrics: Readonly<Record<string, number | readonly number[]>>;
}

/**
 * Solves for the weights on each half of the blocks.
 *
 * With one block the gradients are exact: the plain Gram matrix, without shrinkage. Otherwise no block meets itself in a
 * product, and the divergence's gradient is that of the other half.
 *
 * @param input Products, shares and options.
 * @returns Weights of each half and what to log.
 */
export function blockWeights(input: BlockWeightsInput): BlockWeights {
  const { products, config, names } = input;
  const blocks = products.gram.length;
  const halves = blockHalves(blocks, config.crossFit);
  const solved = halves.map((half, h) => solveHalf(input, half, halves.at(h - 1)!));
  const gap = (of: Solved, from: Solved) =>
    projectionGap(of.gram, from.weights, config.rewardWeights);
  const metrics: Record<string, number> = {
    ...geometryMetrics(input),
    "balance/eps": mean(solved.map((half, h) => gap(half, solved.at(h - 1)!))),
  };
  for (const [name, value] of Object.entries(solved[0]!.metrics)) {
    const over = (pick: (value: number | readonly number[]) => number) =>
      mean(solved.map((half) => pick(half.metrics[name]!)));
    if (typeof value === "number") metrics[`balance/${name}`] = over((x) => x as number);
    else {
      names.forEach((reward, i) =>
        metrics[`balance/${name}/${reward}`] = over((x) => (x as readonly number[])[i]!)
      );
    }
  }
  return { weights: solved.map(({ weights }) => [...weights]), metrics };
}

const mean = (xs: readonly number[]): number => xs.reduce((a, b) => a + b, 0) / xs.length;

/** What is not known counts as 0. */
const known = (x: number): number => Number.isNaN(x) ? 0 : x;

/** Estimates from some blocks; the divergence's gradient is taken from `others`, without a block that meets itself. */
function estimateOn(
  { products, shares, divergenceShares }: BlockWeightsInput,
  members: readonly number[],
  others: readonly number[],
): Estimate {
  const exact = products.gram.length === 1;
  const rewards = shares[0]!.map((_, i) => i);
  const sumOver = (rows: BlockProducts["penalty"], i: number): number => {
    if (rows === undefined) return 0;
    const share = members.reduce((sum, b) => sum + shares[b]![i]!, 0);
    return members.reduce((sum, b) => sum + rows[b]![i]!, 0) / share;
  };
  const divergence = (i: number): number => {
    if (products.divergence === undefined) return 0;
    let [sum, weight] = [0, 0];
    for (const b of members) {
      for (const c of others) {
        if (b === c && !exact) continue;
        sum += products.divergence[b]![c]![i]!;
        weight += shares[b]![i]! * divergenceShares[c]!;
      }
    }
    return sum / weight;
  };
  return {
    gram: exact ? products.gram[0]![0]! : blockGram(products.gram, shares, members),
    momentum: rewards.map((i) => sumOver(products.momentum, i)),
    extra: rewards.map((i) => divergence(i) + sumOver(products.penalty, i)),
    decay: rewards.map((i) => sumOver(products.decay, i)),
  };
}

/** Off-diagonal products and those with other vectors, shrunk for their variance over the half's blocks. */
function shrunk(
  input: BlockWeightsInput,
  members: readonly number[],
  others: readonly number[],
): { readonly estimate: Estimate; readonly kept: number } {
  const flat = ({ gram, momentum, extra, decay }: Estimate) => [
    ...gram.flat(),
    ...momentum,
    ...extra,
    ...decay,
  ];
  const estimate = estimateOn(input, members, others);
  const alone = members === others;
  const variance = jackknifeVariance(
    members,
    (left) => flat(estimateOn(input, left, alone ? left : others)),
  );
  const m = estimate.gram.length;
  const keptOf = (x: number, k: number) => shrinkage(x, variance[k]!);
  const vector = (xs: readonly number[], start: number) =>
    xs.map((x, i) => x * keptOf(x, start + i));
  const shares = estimate.gram.map((row, i) =>
    row.map((x, j) => i === j ? 1 : keptOf(x, i * m + j))
  );
  const pairs = shares.flatMap((row, i) => row.slice(i + 1));
  return {
    estimate: {
      gram: estimate.gram.map((row, i) => row.map((x, j) => x * shares[i]![j]!)),
      momentum: vector(estimate.momentum, m * m),
      extra: vector(estimate.extra, m * m + m),
      decay: vector(estimate.decay, m * m + 2 * m),
    },
    kept: pairs.length === 0 ? 1 : mean(pairs),
  };
}

/** Signal to noise of each reward's gradient on some blocks, below 0 where they point apart; NaN where no noise is seen. */
function signals(
  { products, shares }: BlockWeightsInput,
  members: readonly number[],
): number[] {
  const norms = blockNorms(products.gram, shares, members);
  return blockGram(products.gram, shares, members).map((row, i) => {
    const noise = norms[i]! - row[i]!;
    return noise > 0 ? row[i]! / noise : NaN;
  });
}

/** Weights from one half of the blocks. */
function solveHalf(
  input: BlockWeightsInput,
  members: readonly number[],
  others: readonly number[],
): Solved {
  const { products, config, beta1, aggregator } = input;
  const { rewardWeights: preference, cap, ridge } = config;
  const noisy = products.gram.length > 1;
  const unbiased = estimateOn(input, members, others);
  const { estimate, kept } = noisy && config.gate === "shrink"
    ? shrunk(input, members, others)
    : { estimate: unbiased, kept: 1 };
  const measured = estimate.gram.map((row) => row.map(known));
  const gram = clipEigenvalues(measured);
  const rest = {
    gram: unbiased.gram.map((row) => row.map(known)),
    metrics: { clipped: clippedShare(measured, gram), shrunk: kept },
  };
  const rule = aggregator ?? config.weighting;
  if (typeof rule === "function" || rule !== "capability_aware") {
    const weights = (typeof rule === "function" ? rule : aggregators[rule])(gram, preference);
    const mu = gram.map((row) => Math.max(0, -row.reduce((sum, x, j) => sum + x * weights[j]!, 0)));
    return { ...rest, weights, metrics: { ...rest.metrics, mu } };
  }
  const { weights, ...solved } = capabilityAwareWeights({
    gram,
    preference,
    ...(config.momentumAware && {
      beta1,
      momentumProducts: estimate.momentum.map(known),
      extraProducts: estimate.extra.map(known),
      decayProducts: estimate.decay.map(known),
    }),
    cap,
    ridge,
    ...(noisy && config.gate === "veto" && {
      veto: signals(input, members).map((signal) => !(signal < LEAST_SIGNAL)),
    }),
  });
  const { kkt, price, mu, kappa } = solved;
  return { ...rest, weights, metrics: { ...rest.metrics, kkt, price, mu, kappa } };
}

/** Share of the Gram matrix's norm that clipping its eigenvalues takes away. */
function clippedShare(
  gram: readonly (readonly number[])[],
  clipped: readonly (readonly number[])[],
): number {
  const norm = Math.hypot(...gram.flat());
  return norm === 0
    ? 0
    : Math.hypot(...gram.flatMap((row, i) => row.map((x, j) => x - clipped[i]![j]!))) / norm;
}

/** Signal to noise and cosines of the unbiased products of all blocks, as far as they are defined. */
function geometryMetrics(input: BlockWeightsInput): Record<string, number> {
  const { products, shares, names } = input;
  const all = products.gram.map((_, b) => b);
  const metrics: Record<string, number> = {};
  if (all.length > 1) {
    signals(input, all).forEach((signal, i) => {
      if (!Number.isNaN(signal)) metrics[`balance/signal_to_noise/${names[i]}`] = signal;
    });
  }
  const gram = all.length > 1 ? blockGram(products.gram, shares) : products.gram[0]![0]!;
  const { cosines } = unitDiagonal(gram);
  names.forEach((name, i) =>
    names.slice(i + 1).forEach((other, k) => {
      const j = i + 1 + k;
      if (!(gram[i]![i]! > 0 && gram[j]![j]! > 0) || Number.isNaN(cosines[i]![j]!)) return;
      metrics[`balance/cosine/${name}/${other}`] = Math.max(-1, Math.min(1, cosines[i]![j]!));
    })
  );
  return metrics;
}
