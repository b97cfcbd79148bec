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
  type SequenceTape,
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
  /** The loss of the divergence alone, where gradients are needed apart; 0 where it has no weight. */
  readonly divergence: number;
  /** Gradients of the part's pieces. */
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

/** Losses of a part, and what is told of them. */
interface PartLosses {
  readonly told: Omit<PartPass, "pieces">;
  /** The loss for some advantages of the sequences, and a weight of the divergence. */
  readonly lossWith: (advantages: readonly number[], beta: number) => GrpoLoss;
  /** The divergence's, where gradients are needed apart and it has a weight. */
  readonly divergence: readonly GrpoLoss[];
}

/**
 * Records a part of a step and takes its gradients.
 *
 * @param shared What all parts share.
 * @param part The part.
 * @param old Log-probabilities when the completions were sampled; undefined in the first step on them.
 * @returns Losses, gradients, which the caller disposes of, and log-probabilities; undefined where gradients of several pieces
 * do not come apart in one pass, so that each has to be a part of its own.
 */
export function passPart(
  shared: SharedByParts,
  part: Part,
  old: OldRows | undefined,
): PartPass | undefined {
  const { policy, trainable, own, apart, config: { temperature, gradientCheckpointing } } = shared;
  const options = { temperature, gradientCheckpointing };
  const each = apart ? own.map((advantages) => within(part, advantages)) : [];
  const moving = each.filter(moves).length;
  const blocks = part.pieces.flatMap(([from, to], b) => new Array<number>(to - from).fill(b));
  const sequences = moving > 1 || part.pieces.length > 1
    ? recordSequences(policy, trainable, part.batch, Math.max(1, moving), blocks, options)
    : undefined;
  if (sequences !== undefined) {
    const losses = partLosses(shared, part, old, sequences);
    const pieces = pieceGradients(shared, part, sequences.tape, each, losses);
    disposeSequenceTape(sequences.tape);
    return { ...losses.told, pieces };
  }
  if (part.pieces.length > 1) return undefined;
  const recorded = recordBatch(policy, trainable, part.batch, options);
  const { told, lossWith, divergence } = partLosses(shared, part, old, recorded);
  const rewards = each.map((a) => lossWith(a, 0));
  const taken = apart ? [...rewards, ...divergence] : [told.loss];
  const vectors = backwardEach(policy, trainable, recorded.tape, taken.map(flatRows), options);
  disposeTape(recorded.tape);
  const losses = rewards.map(({ loss }) => loss);
  return { ...told, pieces: [{ first: part.first, losses, vectors }] };
}

/** Whether a loss has a gradient. */
const moves = (advantages: readonly number[]): boolean => advantages.some((a) => a !== 0);

/** Advantages of a part's sequences. */
function within({ first, batch }: Part, advantages: readonly (readonly number[])[]): number[] {
  return advantages.slice(first, first + batch.groups).flat();
}

function partLosses(
  shared: SharedByParts,
  part: Part,
  old: OldRows | undefined,
  recorded: HeadOutput,
): PartLosses {
  const { config: { beta, temperature }, sequences, tokens } = shared;
  const combined = within(part, shared.combined);
  const logProbs = cutRows(recorded.logProbs, part.lengths);
  const entropies = cutRows(recorded.entropies, part.lengths).filter((_, s) => part.counts[s]);
  const reference = beta === 0 ? [] : old?.reference ??
    cutRows(scoreBatch(shared.reference, part.batch, { temperature }), part.lengths);
  const lossWith = (advantages: readonly number[], beta: number) =>
    partLoss(part, {
      logProbs,
      oldLogProbs: old?.policy,
      refLogProbs: reference,
      advantages,
      clipAdvantages: combined,
      sequences,
      tokens,
    }, { ...shared.lossOptions, beta });
  const divergence = shared.apart && beta !== 0 ? [lossWith(combined.map(() => 0), beta)] : [];
  return {
    told: {
      loss: lossWith(combined, beta),
      divergence: total(divergence.map(({ loss }) => loss)),
      logProbs,
      reference,
      entropy: total(entropies.flat()) / Math.max(1, tokens),
    },
    lossWith,
    divergence,
  };
}

/** Losses and gradients of the rewards, zeros where a reward has none, and gradients of the divergence, on each piece. */
function pieceGradients(
  { policy, trainable }: SharedByParts,
  { pieces, first, batch }: Part,
  tape: SequenceTape,
  each: readonly (readonly number[])[],
  { lossWith, divergence, told }: PartLosses,
): PieceGradients[] {
  const ones = told.logProbs.map(() => 1);
  const moving = each.filter(moves);
  const found = moving.length === 0
    ? []
    : backwardSequences(policy, tape, flatRows(lossWith(ones, 0)), moving);
  const others = divergence.map((loss) => backwardSequences(policy, tape, flatRows(loss), [ones]));
  return pieces.map(([from, to], b) => {
    let next = 0;
    const own = each.map((a) =>
      moves(a) ? found[b]![next++]! : tf.zeros<tf.Rank.R1>([trainable.values.size])
    );
    const onPiece = (advantages: readonly number[]) =>
      advantages.map((a, s) => {
        const prompt = first + Math.floor(s / batch.completions);
        return prompt >= from && prompt < to ? a : 0;
      });
    return {
      first: from,
      losses: each.map((advantages) => lossWith(onPiece(advantages), 0).loss),
      vectors: [...own, ...others.flatMap((of) => of[b]!)],
    };
  });
}
