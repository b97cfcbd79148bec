/**
 * Multiplications and additions in the matrix products of a model, counted from its shapes: one multiplication with
 * its addition counts as 2, attention is counted without its causal half left out, padding that is computed counts as
 * tokens.
 *
 * @module
 */
import {
  type Batch,
  type ModelConfig,
  type Projection,
  projections,
  projectionShape,
  streamRows,
  type Trainable,
} from "../../lib/model/mod.ts";

/** The sizes of a batch that count. */
export type BatchSizes = Pick<
  Batch,
  "groups" | "promptLength" | "completions" | "completionLength" | "targets" | "ids" | "stream"
>;

/** In the projections of all layers. */
function projectionFlops(config: ModelConfig, batch: BatchSizes): number {
  const weights = projections.reduce((n, name) => {
    const [input, output] = projectionShape(config, name);
    return n + input * output;
  }, 0);
  return 2 * config.layers * streamRows(batch) * weights;
}

/** In the attention of all layers: scores, and sums of values. */
function attentionFlops(
  { layers, heads, headDim }: ModelConfig,
  { groups, promptLength, completions, completionLength }: BatchSizes,
): number {
  const own = completions * completionLength;
  const pairs = promptLength ** 2 + own * (promptLength + completionLength);
  return 4 * layers * groups * heads * headDim * pairs;
}

/** In the logits of the scored tokens. */
const headFlops = ({ vocabSize, hiddenSize }: ModelConfig, { targets }: BatchSizes): number =>
  2 * targets.length * vocabSize * hiddenSize;

/** Scoring a batch takes this many. */
export function forwardFlops(config: ModelConfig, batch: BatchSizes): number {
  return projectionFlops(config, batch) + attentionFlops(config, batch) + headFlops(config, batch);
}

/**
 * A gradient on a batch takes this many, forward and backward, nothing computed twice: backward every product has one
 * for each factor whose gradient is needed. A frozen projection needs that of its input only; an adapter of rank r
 * adds its own four products of width r.
 */
export function trainingFlops(
  config: ModelConfig,
  batch: BatchSizes,
  trainable: Trainable,
): number {
  if (trainable.kind === "full") return 3 * forwardFlops(config, batch);
  const { r, targetModules } = trainable.config;
  const adapter = targetModules.reduce((n, name: Projection) => {
    const [input, output] = projectionShape(config, name);
    return n + 4 * r * (input + output);
  }, 0);
  return 2 * (projectionFlops(config, batch) + headFlops(config, batch)) +
    3 * attentionFlops(config, batch) + config.layers * streamRows(batch) * adapter;
}
