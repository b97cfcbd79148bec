/**
 * The forward pass of a BERT (Devlin et al., arXiv 1810.04805): layers of bidirectional attention and a feed-forward
 * block, each with its norm after the sum.
 *
 * Letters of the shapes: B texts, T tokens, N = B * T, W width, H heads, D = W / H.
 *
 * @module
 */
import { z } from "zod";
import { matmul, tf } from "../runtime/mod.ts";

/** Shape of a BERT, with the names of a Hugging Face `config.json`. */
export interface BertConfig {
  /** Width of a token's vector. */
  readonly hidden_size: number;
  /** Number of layers. */
  readonly num_hidden_layers: number;
  /** Attention heads in a layer. */
  readonly num_attention_heads: number;
  /** Activation; the exact form with erf. */
  readonly hidden_act: "gelu";
  /** Added to the variance in a layer norm. */
  readonly layer_norm_eps: number;
  /** Longest input, in tokens. */
  readonly max_position_embeddings: number;
}

/** Schema of a {@linkcode BertConfig}. */
export const bertConfigSchema: z.ZodType<BertConfig> = z.object({
  hidden_size: z.int().positive(),
  num_hidden_layers: z.int().positive(),
  num_attention_heads: z.int().positive(),
  hidden_act: z.literal("gelu"),
  layer_norm_eps: z.number().positive(),
  max_position_embeddings: z.int().positive(),
});

/**
 * The direction of the mean over each text's final token vectors.
 *
 * @param config Shape of the network.
 * @param tensors Weights as an encoder holds them.
 * @param rows Token ids of each text, the longest text first.
 * @returns Vectors of length 1, [B, W], for the caller to dispose of.
 */
export function unitVectors(
  config: BertConfig,
  tensors: ReadonlyMap<string, tf.Tensor>,
  rows: readonly (readonly number[])[],
): tf.Tensor2D {
  const count = rows.length;
  const longest = rows[0]!.length;
  const width = config.hidden_size;
  const ids = new Int32Array(count * longest);
  const present = new Float32Array(count * longest);
  rows.forEach((row, i) => {
    ids.set(row, i * longest);
    present.fill(1, i * longest, i * longest + row.length);
  });
  const network = { config, tensors };
  return tf.tidy(() => {
    const mask = tf.tensor(present, [count, longest]); // [B, T]
    const bias = tf.mul(tf.sub(mask, 1), 1e9).reshape([count, 1, 1, longest]);
    // Each step frees what it made: a batch keeps one layer's intermediates at a time.
    let x = tf.tidy(() => embedTokens(network, ids, [count, longest]));
    for (let i = 0; i < config.num_hidden_layers; i++) {
      const next = tf.tidy(() =>
        encoderLayer(network, `encoder.layer.${i}`, x, bias, [count, longest])
      );
      x.dispose();
      x = next;
    }
    const weights = mask.reshape([count, longest, 1]);
    const total = tf.sum(
      tf.mul(x.reshape([count, longest, width]), weights),
      1,
    ); // the mean's direction
    return tf.div(total, tf.norm(total, 2, 1, true)) as tf.Tensor2D;
  });
}

/** A BERT's shape and weights. */
interface Network {
  readonly config: BertConfig;
  readonly tensors: ReadonlyMap<string, tf.Tensor>;
}

/** Layer norm over the last axis. */
function layerNorm({ config, tensors }: Network, name: string, x: tf.Tensor): tf.Tensor2D {
  const { mean, variance } = tf.moments(x, -1, true);
  const scale = tf.mul(
    tf.rsqrt(tf.add(variance, config.layer_norm_eps)),
    tensors.get(`${name}.weight`)!,
  );
  return tf.add(tf.mul(tf.sub(x, mean), scale), tensors.get(`${name}.bias`)!);
}

/** Affine projection of the rows. */
function project({ tensors }: Network, name: string, x: tf.Tensor2D): tf.Tensor2D {
  return tf.add(
    matmul(x, tensors.get(`${name}.weight`) as tf.Tensor2D),
    tensors.get(`${name}.bias`)!,
  );
}

/** Words, places and the kind of the text in one vector for each token, [N, W]. */
function embedTokens(
  network: Network,
  ids: Int32Array,
  [count, longest]: readonly [number, number],
): tf.Tensor2D {
  const width = network.config.hidden_size;
  const table = (name: string) => network.tensors.get(`embeddings.${name}_embeddings.weight`)!;
  const words = tf.gather(table("word"), tf.tensor1d(ids, "int32"));
  const places = tf.slice(table("position"), 0, longest);
  const kind = tf.slice(table("token_type"), 0, 1);
  const sum = tf.add(words.reshape([count, longest, width]), tf.add(places, kind));
  return layerNorm(network, "embeddings.LayerNorm", sum.reshape([count * longest, width]));
}

/** One layer: attention and feed-forward block, [N, W] to [N, W]. */
function encoderLayer(
  network: Network,
  at: string,
  x: tf.Tensor2D,
  bias: tf.Tensor,
  shape: readonly [number, number],
): tf.Tensor2D {
  const attended = attend(project(network, `${at}.self.qkv`, x), bias, shape, network.config);
  const middle = layerNorm(
    network,
    `${at}.attention.output.LayerNorm`,
    tf.add(project(network, `${at}.attention.output.dense`, attended), x),
  );
  const inner = project(network, `${at}.intermediate.dense`, middle); // [N, 4W]
  const active = tf.mul(tf.mul(inner, 0.5), tf.add(tf.erf(tf.mul(inner, Math.SQRT1_2)), 1));
  return layerNorm(
    network,
    `${at}.output.LayerNorm`,
    tf.add(project(network, `${at}.output.dense`, active as tf.Tensor2D), middle),
  );
}

/** Self-attention of joined projections [N, 3W] with an additive mask [B, 1, 1, T]; the heads joined again, [N, W]. */
function attend(
  qkv: tf.Tensor2D,
  bias: tf.Tensor,
  [count, longest]: readonly [number, number],
  config: BertConfig,
): tf.Tensor2D {
  const heads = config.num_attention_heads;
  const size = config.hidden_size / heads;
  const parts = qkv.reshape([count, longest, 3, heads, size]).transpose([
    2,
    0,
    3,
    1,
    4,
  ]);
  const [q, k, v] = tf.unstack(parts) as [
    tf.Tensor4D,
    tf.Tensor4D,
    tf.Tensor4D,
  ]; // [B, H, T, D]
  const scores = tf.matMul(tf.mul(q, 1 / Math.sqrt(size)), k, false, true); // [B, H, T, T]
  const attention = tf.softmax(tf.add(scores, bias));
  return tf.matMul(attention as tf.Tensor4D, v).transpose([0, 2, 1, 3]).reshape(
    [
      count * longest,
      config.hidden_size,
    ],
  );
}
