/** Forward and backward pass of one part of a step of GRPO. @module */

import {
  backwardEach,
  backwardSequences,
  disposeSequenceTape,
  disposeTape,
  type Policy,
  recordBatch,
  recordSequences,
  scoreBatch,
  type Trainable,
} from "../model/mod.ts";
import { tf } from "../runtime/mod.ts";
import type { GrpoConfig } from "./config.ts";
import type { GrpoLoss, GrpoLossOptions } from "./grpo_loss.ts";
import { cutRows, type Part, partLoss } from "./step_parts.ts";

/** What all parts of a step share. */
export interface SharedByParts {
  /** Options of the training. */
  readonly config: GrpoConfig;
  /** The policy that is trained. */
  readonly policy: Policy;
  /** The policy that the divergence is measured from. */
  readonly reference: Policy;
  /** The present parameters. */
  readonly trainable: Trainable;
  /** How token losses are made and averaged. */
  readonly lossOptions: GrpoLossOptions;
  /** Advantages of the weighted rewards, [prompts][completions], by the weights known before the step. */
  readonly combined: readonly (readonly number[])[];
  /** Advantages of each reward by itself, [rewards][prompts][completions]. */
  readonly own: readonly (readonly (readonly number[])[])[];
  /** Sequences in the step. */
  readonly sequences: number;
  /** Tokens in the step that count. */
  readonly tokens: number;
  /** Whether each reward's gradient is needed by itself. */
  readonly apart: boolean;
}

/** Log-probabilities of a part's tokens when its completions were sampled, [sequences][tokens]. */
export interface OldRows {
  /** Under the policy that sampled. */
  readonly policy: readonly (readonly number[])[];
  /** Under the reference; empty where the divergence has no weight. */
  readonly reference: readonly (readonly number[])[];
}

/** What the forward and backward pass of one part gives. */
export interface PartPass {
  /** The loss of the rewards with the divergence, by the weights known before the step. */
  readonly loss: GrpoLoss;
  /** The loss of each reward and, if it has a weight, the divergence's, where their gradients are needed apart. */
  readonly apart: readonly number[];
  /** One gradient; where they are needed apart one for each reward and one for the divergence, if it has a weight. */
  readonly gradients: readonly tf.Tensor1D[];
  /** Log-probabilities under the policy, [sequences][tokens]. */
  readonly logProbs: readonly (readonly number[])[];
  /** Log-probabilities under the reference, [sequences][tokens]; empty where the divergence has no weight. */
  readonly reference: readonly (readonly number[])[];
  /** The part's share of the mean entropy over all counted tokens, in nats. */
  readonly entropy: number;
}

const total = (xs: readonly number[]): number => xs.reduce((a, b) => a + b, 0);

/** Records the part: for losses that differ by a number a completion where several rewards have one, if it can be done. */
function recordPart(
  { policy, trainable, config }: SharedByParts,
  part: Part,
  moving: number,
) {
  const { temperature, gradientCheckpointing } = config;
  const options = { temperature, gradientCheckpointing };
  const sequences = moving < 2
    ? undefined
    : recordSequences(policy, trainable, part.batch, moving, options);
  return sequences === undefined
    ? { ...recordBatch(policy, trainable, part.batch, options), sequences: undefined }
    : { ...sequences, sequences: sequences.tape };
}

const flatRows = ({ gradient }: GrpoLoss): Float32Array =>
  Float32Array.from(gradient.flatMap((row) => [...row]));

/**
 * Records a part of a step and takes its gradients.
 *
 * @param shared What all parts share.
 * @param part The part.
 * @param old Log-probabilities when the completions were sampled; undefined in the first step on them.
 * @returns Losses, gradients, which the caller disposes of, and log-probabilities.
 */
export function passPart(shared: SharedByParts, part: Part, old: OldRows | undefined): PartPass {
  const { config, policy, combined, own, sequences, tokens, apart } = shared;
  const within = (advantages: readonly (readonly number[])[]) =>
    advantages.slice(part.first, part.first + part.batch.groups).flat();
  const each = apart ? own.map(within) : [];
  const moving = each.filter((advantages) => advantages.some((a) => a !== 0));
  const recorded = recordPart(shared, part, moving.length);
  const logProbs = cutRows(recorded.logProbs, part.lengths);
  const entropies = cutRows(recorded.entropies, part.lengths).filter((_, s) => part.counts[s]);
  const score = { temperature: config.temperature };
  const reference = config.beta === 0
    ? []
    : old?.reference ?? cutRows(scoreBatch(shared.reference, part.batch, score), part.lengths);
  const lossWith = (advantages: readonly number[], beta: number) =>
    partLoss(part, {
      logProbs,
      oldLogProbs: old?.policy,
      refLogProbs: reference,
      advantages,
      clipAdvantages: within(combined),
      sequences,
      tokens,
    }, { ...shared.lossOptions, beta });
  const loss = lossWith(within(combined), config.beta);
  const constant = (value: number) => within(combined).map(() => value);
  const divergence = apart && config.beta !== 0 ? [lossWith(constant(0), config.beta)] : [];
  const losses = apart ? [...each.map((a) => lossWith(a, 0)), ...divergence] : [loss];
  const gradients = recorded.sequences === undefined
    ? backwardEach(policy, shared.trainable, recorded.tape, losses.map(flatRows), score)
    : [
      ...spread(
        each,
        backwardSequences(policy, recorded.sequences, flatRows(lossWith(constant(1), 0)), moving),
      ),
      ...divergence.flatMap((loss) =>
        backwardSequences(policy, recorded.sequences, flatRows(loss), [constant(1)])
      ),
    ];
  if (recorded.sequences === undefined) disposeTape(recorded.tape);
  else disposeSequenceTape(recorded.sequences);
  return {
    loss,
    apart: apart ? losses.map(({ loss }) => loss) : [],
    gradients,
    logProbs,
    reference,
    entropy: total(entropies.flat()) / Math.max(1, tokens),
  };
}

/** The gradients of the rewards that have one, and zeros of the others. */
function spread(
  advantages: readonly (readonly number[])[],
  found: readonly tf.Tensor1D[],
): tf.Tensor1D[] {
  let next = 0;
  return advantages.map((of) =>
    of.some((a) => a !== 0) ? found[next++]! : tf.zerosLike(found[0]!) as tf.Tensor1D
  );
}
