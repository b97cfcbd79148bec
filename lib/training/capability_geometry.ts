/**
 * From the capabilities' gradients on two halves of a step to the weights of the next steps: the cross-batch Gram
 * matrix in the optimizer's metric, its running mean, and the capability-aware weights (theory 2, 5, 6, 10).
 *
 * @module
 */

import {
  type Aggregator,
  type AggregatorName,
  aggregators,
  capabilityAwareWeights,
  clipEigenvalues,
  crossGram,
  gramMatrix,
  projectionGap,
  unitDiagonal,
} from "../balance/mod.ts";
import type { tf } from "../runtime/mod.ts";

/** Gradients of the capabilities' losses on the halves of a step, and of the divergence on all of it. */
export interface HalfGradients {
  /** On the first half, `[m]` vectors `[n]`, normalised by the whole step. */
  readonly a: readonly tf.Tensor1D[];
  /** On the second half. */
  readonly b: readonly tf.Tensor1D[];
  /** Of beta times the divergence, `[n]`. */
  readonly kl: tf.Tensor1D;
  /** The second half in two folds, where it was computed in several parts. */
  readonly folds?: HalfFolds | undefined;
}

/** The second half of a step in two folds. */
export interface HalfFolds {
  /** Gradients on the first fold, `[m]` vectors `[n]` on the host, normalised by the whole step. */
  readonly first: readonly Float32Array[];
  /** Index in the step of the second fold's first prompt. */
  readonly split: number;
}

/** Means over the measurements, in which one that lies k measurements back counts `decay^k`. */
export interface GeometryMemory {
  /** Cross-batch Gram matrix, unbiased. */
  readonly gram: readonly (readonly number[])[];
  /** Variance of each capability's gradient on the prompts of one measurement. */
  readonly noise: readonly number[];
  /** Sum of the measurements' weights. */
  readonly total: number;
  /** Sum of their squares: the mean is as good as one over `total^2 / squares` measurements. */
  readonly squares: number;
}

/** What {@linkcode capabilityGeometry} needs. */
export interface GeometryInput {
  /** The measured gradients. */
  readonly halves: HalfGradients;
  /** The rule that sets the weights, by name or as a function; capability-aware when left out. */
  readonly rule?: AggregatorName | Aggregator;
  /** Cross Gram matrix of the folds of the second half: unbiased, and independent of the first half. */
  readonly foldGram?: readonly (readonly number[])[] | undefined;
  /** Diagonal metric of the optimizer before the step, `[n]`. */
  readonly metric: Float32Array;
  /** The optimizer's momentum before the step, `[n]`. */
  readonly momentum: Float32Array;
  /** Earlier measurements. */
  readonly memory: GeometryMemory | null;
  /** Preferred weights. */
  readonly preference: readonly number[];
  /** Whether capability-aware weights take momentum and divergence into account; they do when left out. */
  readonly momentumAware?: boolean;
  /** The optimizer's decay of the momentum. */
  readonly beta1: number;
  /** Weight of the measurement before, against 1 of this one. */
  readonly decay: number;
  /** Largest addition to a weight. */
  readonly cap: number;
  /** Relative ridge. */
  readonly ridge: number;
  /** Signal-to-noise below which a capability has no veto. */
  readonly minSignalToNoise: number;
  /** Names of the capabilities, for the log. */
  readonly names: readonly string[];
}

/** The weights and what to log. */
export interface Geometry {
  /** Weights of the next steps. */
  readonly weights: number[];
  /** For the next measurement. */
  readonly memory: GeometryMemory;
  /** Cosines, signal to noise of the mean over the measurements, eps, mu and the clipped share; kappa, price and KKT residual of capability-aware weights. */
  readonly metrics: Record<string, number>;
}

/** `sum_k a_k b_k c_k` in double precision. */
function weightedDot(a: Float32Array, b: Float32Array, c: Float32Array): number {
  let total = 0;
  for (let k = 0; k < a.length; k++) total += a[k]! * b[k]! * c[k]!;
  return total;
}

/** How a measurement joins the mean over the earlier ones. */
function runningMean(memory: GeometryMemory | null, decay: number) {
  const total = decay * (memory?.total ?? 0) + 1;
  const squares = decay ** 2 * (memory?.squares ?? 0) + 1;
  const blend = (earlier: number | undefined, fresh: number): number =>
    (earlier ?? 0) + (fresh - (earlier ?? 0)) / total;
  return { blend, total, squares };
}

/**
 * Measures the geometry and solves for the weights.
 *
 * @param input Gradients of the halves, optimizer state, earlier measurements and the rule.
 * @returns Weights of the next steps, the mean over the measurements, and what to log.
 */
export function capabilityGeometry(input: GeometryInput): Geometry {
  const { metric, momentum, memory, decay, names } = input;
  const read = (t: tf.Tensor1D) => t.dataSync() as Float32Array;
  const a = input.halves.a.map(read);
  const b = input.halves.b.map(read);
  const kl = read(input.halves.kl);
  const { blend, total, squares } = runningMean(memory, decay);
  // Each half carries half of the step's mean gradient: times 2 it estimates the whole gradient.
  const cross = crossGram(a, b, metric);
  const gram = cross.map((row, i) => row.map((x, j) => blend(memory?.gram[i]?.[j], 4 * x)));
  // Two independent estimates of the same gradient differ by twice their variance, their mean has half of it.
  const noise = a.map((ai, i) => {
    const bi = b[i]!;
    const squared = weightedDot(ai, ai, metric) + weightedDot(bi, bi, metric) - 2 * cross[i]![i]!;
    return blend(memory?.noise[i], squared);
  });
  const measurements = total ** 2 / squares;
  const signal = gram.map((row, i) =>
    noise[i]! > 0 ? measurements * Math.max(0, row[i]!) / noise[i]! : 0
  );
  const products = (v: Float32Array) =>
    a.map((ai, i) => weightedDot(ai, v, metric) + weightedDot(b[i]!, v, metric));
  const clipped = clipEigenvalues(gram);
  const metrics: Record<string, number> = {
    ...geometryMetrics(names, clipped, signal),
    "balance/clipped": clippedShare(gram, clipped),
    ...(input.foldGram && { "balance/eps_three_fold": foldedEps(input, input.foldGram, a) }),
  };
  const { rule = "capability_aware", momentumAware = true } = input;
  if (rule !== "capability_aware") {
    const weights = ruleOf(input)(clipped, input.preference);
    metrics["balance/eps"] = projectionGap(clipped, weights, input.preference);
    clipped.forEach((row, i) => {
      const progress = row.reduce((sum, x, j) => sum + x * weights[j]!, 0);
      metrics[`balance/mu/${names[i]}`] = Math.max(0, -progress);
    });
    return { weights, memory: { gram, noise, total, squares }, metrics };
  }
  const solved = capabilityAwareWeights({
    gram: clipped,
    preference: input.preference,
    ...(momentumAware && {
      momentumProducts: products(momentum),
      beta1: input.beta1,
      extraProducts: products(kl),
    }),
    cap: input.cap,
    ridge: input.ridge,
    veto: signal.map((s) => s >= input.minSignalToNoise),
  });
  metrics["balance/kkt"] = solved.kkt;
  metrics["balance/eps"] = solved.eps;
  metrics["balance/price"] = solved.price;
  names.forEach((name, i) => {
    metrics[`balance/kappa/${name}`] = solved.kappa[i]!;
    metrics[`balance/mu/${name}`] = solved.mu[i]!;
  });
  return { weights: solved.weights, memory: { gram, noise, total, squares }, metrics };
}

/** The rule as a function of the Gram matrix alone: momentum, divergence and vetoes are left out. */
function ruleOf({ rule = "capability_aware", cap, ridge }: GeometryInput): Aggregator {
  if (typeof rule === "function") return rule;
  return rule === "capability_aware"
    ? (gram, preference) => capabilityAwareWeights({ gram, preference, cap, ridge }).weights
    : aggregators[rule];
}

/**
 * Unbiased estimate of `eps = (w - p)' G w` for the weights w that the rule finds on the first half and the earlier
 * measurements (theory, theorem 10e). Momentum and divergence are left out: they hold samples of the second half.
 */
function foldedEps(
  input: GeometryInput,
  foldGram: readonly (readonly number[])[],
  a: readonly Float32Array[],
): number {
  const { memory, decay, preference } = input;
  const { blend } = runningMean(memory, decay);
  const half = gramMatrix(a, input.metric).map((row, i) =>
    row.map((x, j) => blend(memory?.gram[i]?.[j], 4 * x))
  );
  return projectionGap(foldGram, ruleOf(input)(clipEigenvalues(half), preference), preference);
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

/** What every rule logs: signal to noise and cosines. */
function geometryMetrics(
  names: readonly string[],
  gram: readonly (readonly number[])[],
  signal: readonly number[],
): Record<string, number> {
  const { cosines } = unitDiagonal(gram);
  const metrics: Record<string, number> = {};
  names.forEach((name, i) => {
    metrics[`balance/signal_to_noise/${name}`] = signal[i]!;
    names.slice(i + 1).forEach((other, j) => {
      metrics[`balance/cosine/${name}/${other}`] = cosines[i]![i + 1 + j]!;
    });
  });
  return metrics;
}
