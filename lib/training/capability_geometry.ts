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
}

/** Running means over the measurements. */
export interface GeometryMemory {
  /** Cross-batch Gram matrix, unbiased. */
  readonly gram: readonly (readonly number[])[];
  /** Variance of each capability's gradient over the whole step. */
  readonly noise: readonly number[];
}

/** What {@linkcode capabilityGeometry} needs. */
export interface GeometryInput {
  /** The measured gradients. */
  readonly halves: HalfGradients;
  /** The rule that sets the weights, by name or as a function; capability-aware when left out. */
  readonly rule?: AggregatorName | Aggregator;
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
  /** Share of the earlier measurements that is kept. */
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
  /** Cosines, kappa, signal-to-noise, KKT residual, eps, mu. */
  readonly metrics: Record<string, number>;
}

/** `sum_k a_k b_k c_k` in double precision. */
function weightedDot(a: Float32Array, b: Float32Array, c: Float32Array): number {
  let total = 0;
  for (let k = 0; k < a.length; k++) total += a[k]! * b[k]! * c[k]!;
  return total;
}

/** Measures the geometry and solves for the weights. */
export function capabilityGeometry(input: GeometryInput): Geometry {
  const { metric, momentum, memory, decay, names } = input;
  const read = (t: tf.Tensor1D) => t.dataSync() as Float32Array;
  const a = input.halves.a.map(read);
  const b = input.halves.b.map(read);
  const kl = read(input.halves.kl);
  const blend = (old: number | undefined, fresh: number) =>
    old === undefined ? fresh : decay * old + (1 - decay) * fresh;
  // Each half carries half of the step's mean gradient: times 2 it estimates the whole gradient.
  const cross = crossGram(a, b, metric);
  const gram = cross.map((row, i) => row.map((x, j) => blend(memory?.gram[i]?.[j], 4 * x)));
  // Two independent estimates of the same gradient differ by twice their variance, their mean has half of it.
  const noise = a.map((ai, i) => {
    const bi = b[i]!;
    const squared = weightedDot(ai, ai, metric) + weightedDot(bi, bi, metric) - 2 * cross[i]![i]!;
    return blend(memory?.noise[i], squared);
  });
  const signal = gram.map((row, i) => noise[i]! > 0 ? Math.max(0, row[i]!) / noise[i]! : 0);
  const products = (v: Float32Array) =>
    a.map((ai, i) => weightedDot(ai, v, metric) + weightedDot(b[i]!, v, metric));
  const clipped = clipEigenvalues(gram);
  const { rule = "capability_aware", momentumAware = true } = input;
  if (rule !== "capability_aware") {
    const weigh = typeof rule === "function" ? rule : aggregators[rule];
    const weights = weigh(clipped, input.preference);
    return { weights, memory: { gram, noise }, metrics: geometryMetrics(names, clipped, signal) };
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
  const metrics: Record<string, number> = {
    ...geometryMetrics(names, clipped, signal),
    "balance/kkt": solved.kkt,
    "balance/eps": solved.eps,
    "balance/price": solved.price,
  };
  names.forEach((name, i) => {
    metrics[`balance/kappa/${name}`] = solved.kappa[i]!;
    metrics[`balance/mu/${name}`] = solved.mu[i]!;
  });
  return { weights: solved.weights, memory: { gram, noise }, metrics };
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
