/**
 * The transformer: a model's weights on the backend, and the policy that they and an adapter make.
 *
 * @module
 */

import { tf, UsageError } from "../../runtime/mod.ts";
import type { ModelConfig } from "./config.ts";
import type { Layer, LayerWeights } from "./layer.ts";
import type { FloatTensor } from "../formats/stored_tensor.ts";
import type { ModelWeights } from "./weights.ts";

/** Weights outside the layers. */
export interface OuterWeights {
  /** Token embedding, `[V, D]`. */
  readonly embedding: tf.Tensor2D;
  /** Weight of the final norm, `[D]`. */
  readonly norm: tf.Tensor1D;
  /** Output projection, `[V, D]`; the embedding itself where they are tied. */
  readonly head: tf.Tensor2D;
}

/** The weights outside the layers as they are used: the head in both orientations, since small batches read it faster so. */
export interface ReadyWeights extends OuterWeights {
  /** The output projection transposed, `[D, V]`. */
  readonly projection: tf.Tensor2D;
}

/** A model's weights on the backend. */
export interface Transformer extends ReadyWeights {
  /** Its sizes. */
  readonly config: ModelConfig;
  /** Weights of each layer. */
  readonly layers: readonly LayerWeights[];
}

/** Something that predicts the next token: a model, with an adapter on or off. */
export interface Policy extends ReadyWeights {
  /** Its sizes. */
  readonly config: ModelConfig;
  /** Each layer with its adapter. */
  readonly layers: readonly Layer[];
}

/** `[out, in]` matrices side by side and transposed: `[in, sum of out]`. */
function joinTransposed(
  parts: readonly FloatTensor[],
): tf.Tensor2D {
  return tf.tidy(() => {
    const columns = parts.map(({ shape, data }) =>
      tf.transpose(tf.tensor2d(data, shape as [number, number]))
    );
    return (columns.length === 1 ? columns[0]! : tf.concat(columns, 1)) as tf.Tensor2D;
  });
}

/**
 * Moves a model's weights to the backend, in the layout of {@linkcode LayerWeights}.
 *
 * @param model its shape and its weights by Hugging Face name, a checkpoint say; each weight is asked for once
 * @returns tensors that {@linkcode disposeTransformer} frees
 * @throws UsageError when a weight is missing
 */
export function createTransformer(
  model: { readonly config: ModelConfig; readonly weights: Pick<ModelWeights["weights"], "get"> },
): Transformer {
  return tf.tidy(() =>
    moveWeights(model) as unknown as tf.TensorContainer
  ) as unknown as Transformer;
}

function moveWeights({ config, weights }: Parameters<typeof createTransformer>[0]): Transformer {
  const get = (name: string) => {
    const found = weights.get(name);
    if (found === undefined) {
      throw new UsageError(`Expected a weight named ${name} but found none`);
    }
    return found;
  };
  const vector = (name: string) => tf.tensor1d(get(name).data);
  const layers = Array.from({ length: config.layers }, (_, l): LayerWeights => {
    const at = (name: string) => `model.layers.${l}.${name}.weight`;
    const bias = (name: string) => get(`model.layers.${l}.self_attn.${name}_proj.bias`).data;
    return {
      inputNorm: vector(at("input_layernorm")),
      qkv: joinTransposed(
        ["q", "k", "v"].map((n) => get(at(`self_attn.${n}_proj`))),
      ),
      ...(config.attentionBias &&
        {
          qkvBias: tf.tidy(() => tf.concat(["q", "k", "v"].map((n) => tf.tensor1d(bias(n))))),
        }),
      ...(config.architecture === "qwen3" && {
        queryNorm: vector(at("self_attn.q_norm")),
        keyNorm: vector(at("self_attn.k_norm")),
      }),
      output: joinTransposed([get(at("self_attn.o_proj"))]),
      postNorm: vector(at("post_attention_layernorm")),
      gateUp: joinTransposed([
        get(at("mlp.gate_proj")),
        get(at("mlp.up_proj")),
      ]),
      down: joinTransposed([get(at("mlp.down_proj"))]),
    };
  });
  const matrix = (name: string) => {
    const { data, shape } = get(name);
    return tf.tensor2d(data, shape as [number, number]);
  };
  const embedding = matrix("model.embed_tokens.weight");
  const head = config.tieWordEmbeddings ? embedding : matrix("lm_head.weight");
  return {
    config,
    embedding,
    norm: vector("model.norm.weight"),
    head,
    projection: tf.transpose(head),
    layers,
  };
}

/** Frees a model's tensors. */
export function disposeTransformer(model: Transformer): void {
  for (const layer of model.layers) {
    tf.dispose(Object.values(layer) as tf.Tensor[]);
  }
  tf.dispose([model.embedding, model.norm, model.head, model.projection]);
}

/** The model as it is, without an adapter: the reference policy. */
export function basePolicy(model: Transformer): Policy {
  return { ...model, layers: model.layers.map((weights) => ({ weights })) };
}
