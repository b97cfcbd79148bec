/**
 * Gradients of several losses that differ by a number for each completion: `sum_s a_is sum_t c_st log p(st)`, as rewards of
 * GRPO do, whose advantages are such numbers. Nothing flows from one completion to another, so behind the prompts one
 * backward pass with the coefficients c serves all losses: what comes to a completion's rows is the same times `a_is`. Only
 * the prompts' rows, which all completions read, have a pass for each loss. Nor does anything flow from prompt to prompt:
 * the gradients of blocks of prompts come apart in the same passes.
 *
 * Prompts and completions are two streams here: layers of the one give keys and values that layers of the other read.
 *
 * @module
 */

import { isRecording, tf } from "../../runtime/mod.ts";
import type { Batch } from "./batch.ts";
import { type HeadOutput, recordHead } from "./head.ts";
import { keptRoom } from "./kept_memory.ts";
import { embedBatch, worthRecording } from "./run_layers.ts";
import {
  blockCount,
  disposeLayer,
  flat,
  planOf,
  recordLayer,
  type SequenceLayer,
  type SequencePlan,
} from "./sequence_layer.ts";
import { finalGradient, type Tape, type TapeOptions, tensorBytes } from "./tape.ts";
import type { Trainable } from "./trainable.ts";
import type { Policy } from "./transformer.ts";

/** What a forward pass keeps; free it with {@linkcode disposeSequenceTape}. */
export interface SequenceTape
  extends
    Pick<Tape, "batch" | "stream" | "head">,
    Pick<SequencePlan, "losses" | "blocks" | "promptRows" | "completionRows"> {
  /** Each layer's part. */
  readonly layers: readonly SequenceLayer[];
  /** What the layers share. */
  readonly shared: readonly tf.Tensor[];
}

/** What {@linkcode recordSequences} gives. */
export interface RecordedSequences extends HeadOutput {
  /** What the backward passes need. */
  readonly tape: SequenceTape;
}

/** Frees what a forward pass kept. */
export function disposeSequenceTape({ stream, head, layers, shared }: SequenceTape): void {
  tf.dispose([...shared]);
  layers.forEach(disposeLayer);
  tf.dispose([stream, head.jacobian, ...head.logitGradients]);
}

/**
 * As {@linkcode recordBatch}, for {@linkcode backwardSequences}.
 *
 * @param policy Built from `trainable`.
 * @param trainable What is trained.
 * @param batch Prompts with completions.
 * @param losses Number of losses m.
 * @param blocks Block of each prompt, [G], counted from 0.
 * @param options As those of {@linkcode recordBatch}.
 * @returns What the head tells and the tape; undefined where it cannot be done: without an adapter or recorded graphs, for
 * trees, and where layers are not kept or do not fit into memory.
 */
export function recordSequences(
  policy: Policy,
  trainable: Trainable,
  batch: Batch,
  losses: number,
  blocks: readonly number[],
  options: TapeOptions = {},
): RecordedSequences | undefined {
  if (trainable.kind !== "lora" || !isRecording() || !worthRecording(policy)) return undefined;
  if (options.gradientCheckpointing === true || batch.completions === 0) return undefined;
  if (batch.parents !== undefined || batch.residual !== undefined) return undefined;
  const room = keptRoom(policy.config, options.gradientCheckpointing);
  const plan = planOf(policy, trainable, batch, losses, blocks);
  const { joined, promptRows, completionRows } = plan;
  const layers: SequenceLayer[] = [];
  let [prompts, completions] = tf.tidy(() =>
    tf.split(embedBatch(policy, joined), [promptRows, completionRows])
  ) as [tf.Tensor2D, tf.Tensor2D];
  for (let l = 0; l < policy.layers.length; l++) {
    const next = recordLayer(plan, l, prompts, completions);
    layers.push(next.layer);
    [prompts, completions] = next.streams;
    const { layer: { prompts: own, completions: others, inputs } } = next;
    if (policy.layers.length * tensorBytes([...own.kept, ...others.kept, ...inputs]) > room) {
      layers.forEach(disposeLayer);
      tf.dispose([prompts, completions, ...plan.shared]);
      return undefined;
    }
  }
  const stream = tf.concat([prompts, completions]) as tf.Tensor2D;
  tf.dispose([prompts, completions]);
  const { temperature = 1, predict = false } = options;
  const { head, ...told } = recordHead(policy, joined, stream, temperature, false, predict);
  const { shared } = plan;
  return {
    ...told,
    tape: {
      batch: joined,
      stream,
      head,
      losses,
      blocks,
      promptRows,
      completionRows,
      layers,
      shared,
    },
  };
}

/**
 * Gradients of the losses on each block of prompts with respect to the adapter. The policy must be that which recorded the
 * tape.
 *
 * @param policy The policy.
 * @param tape What the forward pass kept.
 * @param coefficients c: the derivative of a loss with respect to each token's log-probability, for factors of 1, [n].
 * @param factors a: what each completion counts in each loss, [losses][G K], at most as many losses as were recorded for.
 * @returns Gradients [blocks][losses], vectors [n], which the caller disposes of.
 */
export function backwardSequences(
  policy: Policy,
  tape: SequenceTape,
  coefficients: Float32Array,
  factors: readonly (readonly number[])[],
): tf.Tensor1D[][] {
  const start = startGradients(policy, tape, coefficients, factors);
  let { completions, prompts } = start;
  const byLayer: tf.Tensor2D[][] = [];
  for (const layer of tape.layers.toReversed()) {
    const next = tf.tidy(() => layerGradients(layer, completions, prompts, start.factors));
    tf.dispose([completions, ...prompts]);
    [completions, prompts] = [next.completions, next.prompts];
    byLayer.unshift(next.parameters);
  }
  tf.dispose([completions, ...prompts, ...start.factors]);
  const each = factors.map((_, i) => {
    const parts = byLayer.map((of) => of[i]!);
    const gradients = tf.tidy(() => tf.unstack(tf.concat(parts, 1))) as tf.Tensor1D[];
    tf.dispose(parts);
    return gradients;
  });
  return Array.from({ length: blockCount(tape.blocks) }, (_, b) => each.map((of) => of[b]!));
}

/** Derivatives with respect to the streams before a layer, and to its parameters on each block, for each loss. */
function layerGradients(
  layer: SequenceLayer,
  completions: tf.Tensor2D,
  prompts: readonly tf.Tensor2D[],
  [factors, wide]: readonly [tf.Tensor2D, tf.Tensor2D],
): { completions: tf.Tensor2D; prompts: tf.Tensor2D[]; parameters: tf.Tensor2D[] } {
  const [dx, dKeys, dValues, own] = layer.completions.gradients(completions, factors, wide) as [
    tf.Tensor2D,
    tf.Tensor,
    tf.Tensor,
    tf.Tensor2D,
  ];
  const [keys, values] = [tf.unstack(dKeys), tf.unstack(dValues)];
  const losses = factors.shape[1];
  const read = prompts.map((dy, i) =>
    layer.prompts.gradients(flat([dy, keys[i]!, values[i]!])) as [tf.Tensor2D, tf.Tensor2D]
  );
  // The copies of a block lie side by side, one a loss.
  const apart = tf.reshape(own, [-1, losses, own.shape[1]]);
  return {
    completions: dx,
    prompts: read.map(([dx]) => dx),
    parameters: read.map(([, d], i) =>
      tf.add(d, tf.squeeze(tf.slice(apart, [0, i], [-1, 1]), [1]))
    ),
  };
}

/**
 * Derivatives of the losses with respect to the streams after the last layer, and the completions' factors: in each loss,
 * `[G K, m]`, and in each loss on each block, `[G K, B m]`.
 */
function startGradients(
  policy: Policy,
  tape: SequenceTape,
  coefficients: Float32Array,
  factors: readonly (readonly number[])[],
): {
  completions: tf.Tensor2D;
  prompts: tf.Tensor2D[];
  factors: readonly [tf.Tensor2D, tf.Tensor2D];
} {
  const { batch, blocks, promptRows, completionRows, losses } = tape;
  const sequences = Array.from(batch.slots, (slot) => Math.floor(slot / batch.completionLength));
  const cut = (weighted: Float32Array, from: number, rows: number) =>
    tf.tidy(() => tf.slice(finalGradient(policy, tape, weighted)[0], [from, 0], [rows, -1]));
  const count = batch.groups * batch.completions;
  const own = new Float32Array(count * losses);
  const wide = new Float32Array(own.length * blockCount(blocks));
  for (let s = 0; s < count; s++) {
    const block = blocks[Math.floor(s / batch.completions)]!;
    factors.forEach((of, i) => {
      own[s * losses + i] = of[s]!;
      wide[(s * blockCount(blocks) + block) * losses + i] = of[s]!;
    });
  }
  return {
    completions: cut(coefficients, promptRows, completionRows),
    prompts: factors.map((of) =>
      cut(coefficients.map((c, n) => c * of[sequences[n]!]!), 0, promptRows)
    ),
    factors: [tf.tensor2d(own, [count, losses]), tf.tensor2d(wide, [count, wide.length / count])],
  };
}
