/**
 * What is trained: the factors of a LoRA adapter, or all weights of the model. Either way it is one flat vector whose
 * first part is layer after layer, so that optimizers, checkpoints and Gram matrices need not know which.
 *
 * @module
 */

import { tf } from "../../runtime/mod.ts";
import type { ModelConfig } from "./config.ts";
import { type Layer, type LayerWeights, mergeAdapter } from "./layer.ts";
import { type Adapter, unpackLayer } from "./lora.ts";
import type { OuterWeights, Policy, ReadyWeights, Transformer } from "./transformer.ts";

/** A weight of a layer inside the flat vector. */
export interface WeightSegment {
  /** Which weight. */
  readonly name: keyof LayerWeights;
  /** Its shape. */
  readonly shape: readonly number[];
}

/** All weights of a model as one flat vector: the layers, then embedding, final norm and, where untied, the head. */
export interface FullParameters {
  /** The weights of one layer, in order. */
  readonly segments: readonly WeightSegment[];
  /** Number of parameters in a layer. */
  readonly layerSize: number;
  /** All parameters. */
  readonly values: tf.Tensor1D;
}

/** What is trained. */
export type Trainable =
  | ({ readonly kind: "lora" } & Adapter)
  | ({ readonly kind: "full" } & FullParameters);

/** All weights of a model as a trainable vector (a copy). */
export function fullParameters(model: Transformer): Trainable {
  const first = model.layers[0]!;
  const segments = Object.entries(first).map(([name, tensor]) => ({
    name: name as keyof LayerWeights,
    shape: (tensor as tf.Tensor).shape,
  }));
  const values = tf.tidy(() => {
    const layers = model.layers.flatMap((layer) =>
      segments.map(({ name }) => tf.reshape(layer[name]!, [-1]))
    );
    return tf.concat([...layers, ...flattenOuter(model.config, model)]);
  }) as tf.Tensor1D;
  const layerSize = segments.reduce(
    (n, { shape }) => n + tf.util.sizeFromShape([...shape]),
    0,
  );
  return { kind: "full", segments, layerSize, values };
}

/** Weights outside the layers as flat vectors; the tied head's part is added to the embedding's. */
function flattenOuter(
  config: ModelConfig,
  { embedding, norm, head }: OuterWeights,
): tf.Tensor[] {
  const flat = [tf.reshape(embedding, [-1]), norm];
  return config.tieWordEmbeddings ? flat : [...flat, tf.reshape(head, [-1])];
}

function unpackWeights(
  segments: readonly WeightSegment[],
  values: tf.Tensor,
): LayerWeights {
  const sizes = segments.map(({ shape }) => tf.util.sizeFromShape([...shape]));
  const parts = tf.split(values, sizes);
  return Object.fromEntries(
    segments.map((
      { name, shape },
      i,
    ) => [name, tf.reshape(parts[i]!, [...shape])]),
  ) as unknown as LayerWeights;
}

/** What a recorded layer depends on besides the values: kind and layout. */
export function trainableKey(trainable: Trainable): string {
  return JSON.stringify(
    trainable.kind === "lora" ? [trainable.config, trainable.segments] : trainable.segments,
  );
}

/** The part of the vector that belongs to a layer. */
export function layerSlice(trainable: Trainable, layer: number): tf.Tensor1D {
  return tf.slice(
    trainable.values,
    layer * trainable.layerSize,
    trainable.layerSize,
  );
}

/** The layer as a function of its part of the vector: over `weights` with an adapter, in their place otherwise. */
export function layerAt(
  config: ModelConfig,
  trainable: Trainable,
  weights: LayerWeights,
  values: tf.Tensor,
): Layer {
  return trainable.kind === "lora"
    ? { weights, adapter: unpackLayer(config, trainable, values) }
    : { weights: unpackWeights(trainable.segments, values) };
}

/** Gradients outside the layers, flat; computed only where those weights are trained. */
export function outsideSlices(
  config: ModelConfig,
  trainable: Trainable,
  gradients: () => OuterWeights,
): tf.Tensor[] {
  if (trainable.kind === "lora") return [];
  const { embedding, norm, head } = gradients();
  return config.tieWordEmbeddings
    ? flattenOuter(config, { embedding: tf.add(embedding, head), norm, head })
    : flattenOuter(config, { embedding, norm, head });
}

/**
 * The policy at the trainable's present values, adapters merged into the weights. Free what it adds with
 * {@linkcode disposePolicy} and build a new policy after an update.
 */
export function currentPolicy(
  model: Transformer,
  trainable: Trainable,
): Policy {
  const { config } = model;
  return tf.tidy(() => {
    // Each layer's products are freed before the next one's are made.
    const layers = model.layers.map((base, l) =>
      tf.tidy(() => {
        const { weights, adapter } = layerAt(config, trainable, base, layerSlice(trainable, l));
        const own = adapter === undefined ? weights : mergeAdapter(weights, adapter);
        return { weights: own } as unknown as tf.TensorContainer;
      })
    );
    const outer = trainable.kind === "lora" ? model : unpackOuter(model, trainable);
    return { ...outer, config, layers } as unknown as tf.TensorContainer;
  }) as unknown as Policy;
}

/** The weights outside the layers at the vector's values. */
function unpackOuter(
  model: Transformer,
  parameters: FullParameters,
): ReadyWeights {
  const { config, embedding: { shape } } = model;
  const matrix = shape[0] * shape[1];
  const start = config.layers * parameters.layerSize;
  const [e, norm, h] = tf.split(
    tf.slice(parameters.values, start, parameters.values.size - start),
    [matrix, shape[1], ...(config.tieWordEmbeddings ? [] : [matrix])],
  ) as tf.Tensor1D[];
  const embedding = tf.reshape(e!, shape) as tf.Tensor2D;
  const head = h === undefined ? embedding : tf.reshape(h, shape) as tf.Tensor2D;
  return { embedding, norm: norm!, head, projection: tf.transpose(head) };
}

/** Frees what {@linkcode currentPolicy} made; the model's own weights stay. */
export function disposePolicy(policy: Policy, trainable: Trainable): void {
  for (const { weights } of policy.layers) {
    const own = trainable.kind === "full"
      ? Object.values(weights)
      : [...new Set(trainable.segments.map(({ group }) => group))].map((group) => weights[group]);
    tf.dispose(own as tf.Tensor[]);
  }
  if (trainable.kind === "full") {
    tf.dispose([policy.embedding, policy.norm, policy.head, policy.projection]);
  }
}

/** A trainable at other values. */
export function withValues(
  trainable: Trainable,
  values: tf.Tensor1D,
): Trainable {
  return { ...trainable, values };
}
