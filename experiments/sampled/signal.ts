/** The exact signal to noise of rewards' gradients: exact products between prompts, and a draw of completions of each. @module */

import { type Laboratory, promptProducts } from "../../lib/laboratory/mod.ts";
import {
  backwardEach,
  currentPolicy,
  disposePolicy,
  disposeTape,
  packGroups,
  type Policy,
  recordBatch,
  type Tokenizer,
  type Trainable,
} from "../../lib/model/mod.ts";
import { randomStream, tf } from "../../lib/runtime/mod.ts";
import {
  gradientProducts,
  type GroupRewards,
  type GrpoConfig,
  type GrpoPrompt,
  rewardAdvantages,
  type RewardFunction,
  sampleCompletions,
} from "../../lib/training/mod.ts";

/** What {@linkcode signalToNoise} needs. */
export interface SignalInput {
  /** The prompts with their closed answers. */
  readonly lab: Laboratory;
  /** The same prompts, in their order, as they are sampled from. */
  readonly prompts: readonly GrpoPrompt[];
  /** The model's tokenizer. */
  readonly tokenizer: Tokenizer;
  /** The rewards of sampled text. */
  readonly reward: RewardFunction;
  /** How completions are sampled, and how many of each prompt. */
  readonly config: GrpoConfig;
  /** Where gradients are taken. */
  readonly trainable: Trainable;
  /** Positive diagonal of the metric, [n]. */
  readonly metric: tf.Tensor1D;
}

/** Signal to noise of one prompt; a step with n prompts has n times that. */
export interface SignalToNoise {
  /** Against all of the noise: prompts are drawn and so are their completions, [m]. */
  readonly drawn: readonly number[];
  /** Against that of the completions alone: the step holds every prompt equally often, [m]. */
  readonly whole: readonly number[];
}

/**
 * `|g_i|^2 / C_i` in the metric, g_i the exact gradient of reward i's mean over the prompts and C_i the variance of its
 * leave-one-out estimate from one prompt. With `g_ix` the exact gradient of prompt x,
 * `C_i = mean_x E |ghat_ix|^2 - |g_i|^2` over prompts and completions, and `mean_x (E |ghat_ix|^2 - |g_ix|^2)` over completions
 * alone; `E |ghat_ix|^2` is the mean over {@linkcode DRAWS} fresh draws of completions of each prompt.
 *
 * @param input prompts, policy and metric
 * @returns both ratios; 0 where nothing varies
 */
export async function signalToNoise(input: SignalInput): Promise<SignalToNoise> {
  const { lab, prompts, trainable, metric } = input;
  const products = promptProducts(lab, trainable, metric);
  const squares = await estimatedSquares(input);
  const n = prompts.length;
  const of = (i: number) => {
    const [all, own] = products.reduce(([sum, diagonal], row, x) => [
      row.reduce((total, block) => total + block[i]![i]!, sum),
      diagonal + row[x]![i]![i]!,
    ], [0, 0]);
    const signal = all / n ** 2;
    const ratio = (noise: number) => noise > 0 ? signal / noise : 0;
    return {
      drawn: ratio(squares[i]! - signal),
      whole: ratio(squares[i]! - own / n),
    };
  };
  const found = lab.rewardNames.map((_, i) => of(i));
  return { drawn: found.map(({ drawn }) => drawn), whole: found.map(({ whole }) => whole) };
}

/** Draws of completions of every prompt. */
const DRAWS = 4;

/** `mean_x |ghat_ix|^2` over the draws, [m]. */
async function estimatedSquares(input: SignalInput): Promise<number[]> {
  const { lab, prompts, trainable, config } = input;
  const policy = currentPolicy(lab.model, trainable);
  const sums = lab.rewardNames.map(() => 0);
  for (let draw = 0; draw < DRAWS; draw++) {
    const samples = await sampleCompletions(
      {
        ...input,
        rewardNames: lab.rewardNames,
        config: {
          ...config,
          promptsPerStep: prompts.length,
          dynamicSampling: false,
          // Not the draws that training steps on.
          seed: randomStream(config.seed, "signal").seed32(),
        },
      },
      policy,
      draw,
    );
    samples.indices.forEach((x, g) =>
      groupSquares(input, policy, x, samples.completions[g]!, samples.rewards[g]!)
        .forEach((square, i) => sums[i]! += square / (DRAWS * prompts.length))
    );
  }
  disposePolicy(policy, trainable);
  return sums;
}

/** `|ghat_ix|^2` of one group of completions, [m]. */
function groupSquares(
  { lab, prompts, trainable, metric, config: { temperature } }: SignalInput,
  policy: Policy,
  prompt: number,
  completions: readonly { readonly ids: readonly number[] }[],
  rewards: GroupRewards,
): number[] {
  const texts = completions.map(({ ids }) => ids);
  const batch = packGroups([{ prompt: prompts[prompt]!.ids, completions: texts }]);
  const { tape } = recordBatch(policy, trainable, batch, { temperature });
  const coefficients = lab.rewardNames.map((_, i) => {
    const [advantages] = rewardAdvantages([rewards], i, {
      multiObjectiveAggregation: "leave_one_out",
    });
    return Float32Array.from(
      texts.flatMap((ids, k) => ids.map(() => advantages![k]! / texts.length)),
    );
  });
  const gradients = backwardEach(policy, trainable, tape, coefficients, { temperature });
  disposeTape(tape);
  const squares = gradients.map((g) => gradientProducts([g], [g], metric)[0]![0]!);
  tf.dispose(gradients);
  return squares;
}
