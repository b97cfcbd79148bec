/** Forward and backward pass of one part of a step of GRPO. @module */

import {
  backwardEach,
  backwardSequences,
  disposeSequenceTape,
  disposeTape,
  type HeadOutput,
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

/** Gradients on what a part holds of a block of prompts. */
export interface PieceGradients {
  /** Its first prompt in the step. */
  readonly first: number;
  /** The loss of each reward, where their gradients are needed apart. */
  readonly losses: readonly number[];
  /** One gradient; where they are needed apart one for each reward and one for the divergence, if it has a weight. */
  readonly vectors: readonly tf.Tensor1D[];
}

/** What the forward and backward pass of one part gives. */
export interface PartPass {
  /** The loss of the rewards with the divergence, by the weights known before the step. */
  readonly loss: GrpoLoss;
  /** The loss of the divergence alone; 0 where it has no weight. */
  readonly divergence: number;
  /** Gradients of the part's pieces; one piece where they are not needed apart. */
  readonly pieces: readonly PieceGradients[];
  /** Log-probabilities under the policy, [sequences][tokens]. */
  readonly logProbs: readonly (readonly number[])[];
  /** Log-probabilities under the reference, [sequences][tokens]; empty where the divergence has no weight. */
  readonly reference: readonly (readonly number[])[];
  /** The part's share of the mean entropy over all counted tokens, in nats. */
  readonly entropy: number;
}

const total = (xs: readonly number[]): number => xs.reduce((a, b) => a + b, 0);

const flatRows = ({ gradient }: GrpoLoss): Float32Array =>
  Float32Array.from(gradient.flatMap((row) => [...row]));

/** The loss of a part for some advantages of its sequences, and weight of the divergence. */
type LossWith = (advantages: readonly number[], beta: number) => GrpoLoss;

/**
 * Records a part of a step and takes its gradients.
 *
 * @param shared What all parts share.
 * @param part The part.
 * @param old Log-probabilities when the completions were sampled; undefined in the first step on them.
 * @returns Losses, gradients, which the caller disposes of, and log-probabilities.
 */
export function passPart(shared: SharedByParts, part: Part, old: OldRows | undefined): PartPass {
  const { config, combined, own, sequences, tokens, apart } = shared;
  const score = { temperature: config.temperature };
  const within = (advantages: readonly (readonly number[])[]) =>
    advantages.slice(part.first, part.first + part.batch.groups).flat();
  const each = apart ? own.map(within) : [];
  const { recorded, backward } = recordPart(shared, part, each);
  const logProbs = cutRows(recorded.logProbs, part.lengths);
  const entropies = cutRows(recorded.entropies, part.lengths).filter((_, s) => part.counts[s]);
  const reference = config.beta === 0
    ? []
    : old?.reference ?? cutRows(scoreBatch(shared.reference, part.batch, score), part.lengths);
  const lossWith: LossWith = (advantages, beta) =>
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
  const divergence = apart && config.beta !== 0
    ? lossWith(within(combined).map(() => 0), config.beta)
    : undefined;
  const gradients = backward(lossWith, loss, divergence);
  return {
    loss,
    divergence: divergence?.loss ?? 0,
    pieces: part.pieces.map(([first], b) => ({
      first,
      losses: each.map((advantages) => lossWith(maskOf(part, b)(advantages), 0).loss),
      vectors: gradients[b]!,
    })),
    logProbs,
    reference,
    entropy: total(entropies.flat()) / Math.max(1, tokens),
  };
}

/** Sets to 0 what does not belong to a piece of the part, one number a sequence. */
function maskOf({ pieces, first, batch }: Part, b: number) {
  const [from, to] = pieces[b]!.map((prompt) => (prompt - first) * batch.completions);
  return (xs: readonly number[]): number[] => xs.map((x, s) => s >= from! && s < to! ? x : 0);
}

/** Gradients of a part's pieces, [pieces][losses]. */
type Backward = (
  lossWith: LossWith,
  loss: GrpoLoss,
  divergence: GrpoLoss | undefined,
) => tf.Tensor1D[][];

/** Records a part, all rewards and pieces in one if that can be done, and says how its gradients are taken. */
function recordPart(
  { policy, trainable, config, apart }: SharedByParts,
  part: Part,
  each: readonly (readonly number[])[],
): { readonly recorded: HeadOutput; readonly backward: Backward } {
  const { temperature, gradientCheckpointing } = config;
  const options = { temperature, gradientCheckpointing };
  const moves = (advantages: readonly number[]) => advantages.some((a) => a !== 0);
  const moving = each.filter(moves);
  const blocks = part.pieces.flatMap(([from, to], b) => new Array<number>(to - from).fill(b));
  const sequences = moving.length > 1 || part.pieces.length > 1
    ? recordSequences(policy, trainable, part.batch, Math.max(1, moving.length), blocks, options)
    : undefined;
  if (sequences !== undefined) {
    const ones = new Array<number>(part.lengths.length).fill(1);
    const take = (loss: GrpoLoss, factors: readonly (readonly number[])[]) =>
      backwardSequences(policy, sequences.tape, flatRows(loss), factors);
    return {
      recorded: sequences,
      backward: (lossWith, _, divergence) => {
        const found = moving.length === 0 ? [] : take(lossWith(ones, 0), moving);
        const last = divergence && take(divergence, [ones]);
        disposeSequenceTape(sequences.tape);
        const none = () => tf.zeros<tf.Rank.R1>([trainable.values.size]);
        return part.pieces.map((_, b) => {
          const vectors = found[b]?.values();
          const own = each.map((a) => moves(a) ? vectors!.next().value! : none());
          return [...own, ...last?.[b] ?? []];
        });
      },
    };
  }
  const recorded = recordBatch(policy, trainable, part.batch, options);
  return {
    recorded,
    backward: (lossWith, loss, divergence) => {
      const losses = (b: number) => [
        ...each.map((advantages) => flatRows(lossWith(maskOf(part, b)(advantages), 0))),
        ...divergence === undefined ? [] : [rowsOf(part, b, divergence)],
      ];
      const coefficients = apart ? part.pieces.flatMap((_, b) => losses(b)) : [flatRows(loss)];
      const gradients = backwardEach(policy, trainable, recorded.tape, coefficients, {
        temperature,
      });
      disposeTape(recorded.tape);
      const count = gradients.length / part.pieces.length;
      return part.pieces.map((_, b) => gradients.slice(b * count, (b + 1) * count));
    },
  };
}

/** The derivative of a loss at the tokens of a piece, 0 elsewhere. */
function rowsOf(part: Part, b: number, { gradient }: GrpoLoss): Float32Array {
  const kept = maskOf(part, b)(gradient.map(() => 1));
  return Float32Array.from(gradient.flatMap((row, s) => Array.from(row, (x) => x * kept[s]!)));
}
