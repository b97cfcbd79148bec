/**
 * A whole step of CA-GRPO from prompts to new parameters, spelled out. `trainGrpo` does this with everything that long
 * runs need besides: parts that fit into memory, divergence, clipping, halves that keep noise out of the Gram matrix,
 * checkpoints. Here nothing is hidden: ten numbered lines of thought, one after the other.
 */
import { capabilityAwareWeights } from "../../lib/balance/mod.ts";
import type { Knowledge } from "../../lib/knowledge/mod.ts";
import {
  backwardEach,
  currentPolicy,
  disposePolicy,
  disposeTape,
  encodePrompt,
  generate,
  packGroups,
  recordBatch,
  type Tokenizer,
  type Trainable,
  type Transformer,
  withValues,
} from "../../lib/model/mod.ts";
import { itemRewards } from "../../lib/runs/mod.ts";
import { tf } from "../../lib/runtime/mod.ts";
import { capabilities, type Item } from "../../lib/synthesis/mod.ts";
import {
  adamWDefaults,
  adamWMetric,
  type AdamWState,
  adamWStep,
  gradientProducts,
} from "../../lib/training/mod.ts";

/** What a step starts from. */
export interface RlStart {
  readonly model: Transformer;
  readonly tokenizer: Tokenizer;
  readonly trainable: Trainable;
  readonly optimizer: AdamWState;
  readonly knowledge: Knowledge;
}

/** Sizes of a step. */
export interface RlSizes {
  readonly completions: number;
  readonly maxNewTokens: number;
  readonly learningRate: number;
  readonly seed: number;
}

/** What a step gives. The caller disposes of the new values and of the optimizer's old and new state. */
export interface RlStep {
  readonly trainable: Trainable;
  readonly optimizer: AdamWState;
  /** Mean reward by capability. */
  readonly rewards: readonly (number | null)[];
  /** Weight of each capability's gradient. */
  readonly weights: readonly number[];
}

const mean = (values: readonly number[]): number | null =>
  values.length === 0 ? null : values.reduce((a, b) => a + b, 0) / values.length;

/** How much better each completion is than the mean of the others of its prompt; 0 where the reward is absent. */
export function leaveOneOut(rewards: readonly (number | null)[]): number[] {
  return rewards.map((own, k) => {
    const others = rewards.filter((r, j): r is number => j !== k && r !== null);
    return own === null || others.length === 0 ? 0 : own - mean(others)!;
  });
}

/** One step of CA-GRPO on some items. */
export async function rlStep(
  { model, tokenizer, trainable, optimizer, knowledge }: RlStart,
  items: readonly Item[],
  { completions: K, maxNewTokens, learningRate, seed }: RlSizes,
): Promise<RlStep> {
  // 1. The policy is the model with the parameters as they are now.
  const policy = currentPolicy(model, trainable);

  // 2. Sample K completions of every prompt; they share the prompt's computation.
  const prompts = items.map(({ prompt }) => encodePrompt(tokenizer, prompt));
  const groups = await generate(policy, prompts, {
    numGenerations: K,
    maxNewTokens,
    temperature: 1,
    stopIds: tokenizer.eosIds,
    seed,
  });

  // 3. Score each completion: a reward for each capability, null where it does not apply to the item.
  const texts = groups.flat().map(({ ids }) => tokenizer.decode(ids, { skipSpecial: true }));
  const owners = items.flatMap((item) => new Array<Item>(K).fill(item));
  const rewards = await itemRewards({ items: owners, completions: texts, knowledge });

  // 4. Advantages, capability by capability: each completion against the others of its group.
  const advantages = capabilities.map((_, c) =>
    items.flatMap((_, g) => leaveOneOut(rewards.slice(g * K, (g + 1) * K).map((row) => row[c]!)))
  );

  // 5. One forward pass over all prompts and completions keeps what the backward pass needs.
  const batch = packGroups(prompts.map((prompt, g) => ({
    prompt,
    completions: groups[g]!.map(({ ids }) => ids),
  })));
  const { tape } = recordBatch(policy, trainable, batch);

  // 6. The loss of a capability is -sum_s A_s sum_t log p(token t of completion s) / completions: its derivative by each
  //    log-probability is all that the backward pass has to know.
  const lengths = groups.flat().map(({ ids }) => ids.length);
  const coefficients = advantages.map((row) =>
    Float32Array.from(
      lengths.flatMap((length, s) => new Array<number>(length).fill(-row[s]! / lengths.length)),
    )
  );

  // 7. One backward pass gives a gradient for each capability.
  const gradients = backwardEach(policy, trainable, tape, coefficients);

  // 8. AdamW does not move along the gradient but along momentum, divided by the root of the second moment. Whom a step
  //    harms is seen in that metric, which here does not depend on the weights: it takes the preferred gradient.
  const preference = capabilities.map(() => 1 / capabilities.length);
  const weighted = (weights: readonly number[]) =>
    tf.tidy(() => tf.addN(gradients.map((own, c) => tf.mul(own, weights[c]!))) as tf.Tensor1D);
  const preferred = weighted(preference);
  const options = { ...adamWDefaults, secondMoment: "before" } as const;
  const metric = adamWMetric(optimizer, options, preferred);

  // 9. Weights for which the whole step, momentum included, harms no capability (THEORY.md, theorem 5). `trainGrpo`
  //    measures the products on halves of the prompts, so that noise does not pass for conflict.
  const products = gradientProducts(gradients, [...gradients, optimizer.momentum], metric);
  const { weights } = capabilityAwareWeights({
    gram: products.map((row) => row.slice(0, -1)),
    momentumProducts: products.map((row) => row.at(-1)!),
    beta1: options.betas[0],
    preference,
    cap: 4,
    ridge: 0.01,
  });

  // 10. A step of AdamW along the weighted sum.
  const gradient = weighted(weights);
  const next = adamWStep(
    trainable.values,
    gradient,
    optimizer,
    learningRate,
    options,
    preferred,
  );

  disposeTape(tape);
  disposePolicy(policy, trainable);
  tf.dispose([metric, preferred, gradient, ...gradients]);
  return {
    trainable: withValues(trainable, next.values),
    optimizer: next.state,
    rewards: capabilities.map((_, c) => mean(rewards.flatMap((row) => row[c] ?? []))),
    weights,
  };
}
