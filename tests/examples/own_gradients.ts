/**
 * Your own gradients, from PyTorch or anywhere: one for each prompt and capability. Do the capabilities conflict, how many
 * prompts does it take to see that, and does a step along capability-aware weights demonstrably raise all of them? Weights
 * are chosen on one half of the prompts and judged on the other: on the same half they would praise themselves.
 */
import {
  capabilityAwareWeights,
  certifyDirection,
  clipEigenvalues,
  directionalDerivatives,
  type DirectionCertificate,
  entryMoments,
  pairGram,
  promptProducts,
  promptsForSign,
  promptsToCertify,
  signalToNoise,
  signalToNoisePerPrompt,
  stepBounds,
  stepForHarm,
  type Vector,
  wrongSignBound,
} from "../../lib/balance/mod.ts";

/** What the prompts say of two capabilities. */
export interface PairEvidence {
  readonly pair: readonly [number, number];
  /** Estimate of the inner product of their gradients; below 0 they conflict. */
  readonly inner: number;
  /** Bound on the probability that as many prompts give it the wrong sign. */
  readonly wrongSign: number;
  /** Prompts in each half after which that probability is at most 5 %. */
  readonly promptsNeeded: number;
}

/** What they say of the weights. */
export interface Evidence {
  readonly pairs: readonly PairEvidence[];
  /** Signal to noise of each capability's mean gradient over all prompts, and between the halves. */
  readonly signalToNoise: { readonly all: readonly number[]; readonly halves: readonly number[] };
  readonly weights: readonly number[];
  /** Whether each capability is certified to rise, judged on the other half. */
  readonly certificates: readonly DirectionCertificate[];
  /** Prompts that would show the gain of each, by the normal law. */
  readonly promptsToCertify: readonly number[];
  /** Guaranteed change of each capability at the step size, where its smoothness is known. */
  readonly guaranteed: readonly number[];
  /** Step size times smoothness that keeps any harm below a tenth of the preferred gain. */
  readonly cautiousStep: number;
}

const meanOf = (gradients: readonly Vector[]): number[] =>
  Array.from(
    gradients[0]!,
    (_, k) => gradients.reduce((sum, g) => sum + g[k]!, 0) / gradients.length,
  );

/**
 * The evidence in gradients.
 *
 * @param gradients `[n][m]` vectors `[d]`, n at least 6 and even
 * @param preference preferred weights, `[m]`
 * @param options step size, smoothness of each capability, width of an interval that holds every directional derivative
 */
export function evidenceIn(
  gradients: readonly (readonly Vector[])[],
  preference: readonly number[],
  options: {
    readonly stepSize: number;
    readonly smoothness: readonly number[];
    readonly range: number;
  },
): Evidence {
  const half = gradients.length / 2;
  const [chosenOn, judgedOn] = [gradients.slice(0, half), gradients.slice(half)];
  const capabilities = preference.map((_, i) => i);
  const means = (part: typeof gradients) =>
    capabilities.map((i) => meanOf(part.map((prompt) => prompt[i]!)));

  // Pairs of capabilities, over all prompts; no prompt meets itself, so the estimate is unbiased.
  const products = promptProducts(gradients);
  const pairs = capabilities.flatMap((i) =>
    capabilities.slice(i + 1).map((j): PairEvidence => {
      const moments = entryMoments(products, i, j);
      return {
        pair: [i, j],
        inner: moments.mean,
        wrongSign: wrongSignBound(moments, half),
        promptsNeeded: promptsForSign(moments, 0.05),
      };
    })
  );

  // Weights from the first half; an unbiased Gram matrix need not be positive semidefinite, so it is clipped.
  const gram = clipEigenvalues(pairGram(promptProducts(chosenOn)));
  const { weights } = capabilityAwareWeights({ gram, preference });
  const direction = meanOf(
    chosenOn.map((prompt) =>
      Array.from(prompt[0]!, (_, k) => prompt.reduce((sum, g, i) => sum + weights[i]! * g[k]!, 0))
    ),
  );

  // Judged on the second half.
  const derivatives = capabilities.map((i) =>
    directionalDerivatives(judgedOn.map((prompt) => prompt[i]!), direction)
  );
  const own = gradients.map((prompt) => promptProducts([prompt])[0]![0]!);
  const [a, b] = [means(chosenOn), means(judgedOn)];
  const all = means(gradients);
  return {
    pairs,
    signalToNoise: {
      all: signalToNoisePerPrompt(promptProducts([all])[0]![0]!, own),
      halves: signalToNoise(a, b),
    },
    weights,
    certificates: derivatives.map((row) =>
      certifyDirection(row, options.range, 0.05, capabilities.length)
    ),
    promptsToCertify: derivatives.map((row) => promptsToCertify(row)),
    guaranteed: stepBounds(gram, weights, options.stepSize, options.smoothness),
    cautiousStep: stepForHarm(0.1),
  };
}
