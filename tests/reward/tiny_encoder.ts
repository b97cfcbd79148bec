import type { EncoderParts } from "../../lib/reward/mod.ts";
import { randomStream } from "../../lib/runtime/mod.ts";

const [width, inner, positions] = [8, 16, 32];
const words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "fever", "cough", "pain", "and", "##s"];

/** An encoder of one layer, width 8 and nine words, with random weights. */
export function tinyEncoderParts(): EncoderParts {
  return {
    config: {
      hidden_size: width,
      num_hidden_layers: 1,
      num_attention_heads: 2,
      hidden_act: "gelu",
      layer_norm_eps: 1e-12,
      max_position_embeddings: positions,
    },
    weights: tinyWeights(),
    tokenizer: tinyTokenizer(),
    maxTokens: 24,
  };
}

function tinyWeights(): Map<string, { shape: number[]; data: Float32Array }> {
  const stream = randomStream(7, "tiny-encoder");
  const weights = new Map<string, { shape: number[]; data: Float32Array }>();
  const put = (name: string, ...shape: number[]) => {
    const size = shape.reduce((a, b) => a * b, 1);
    weights.set(name, {
      shape,
      data: Float32Array.from({ length: size }, () => stream.normal()),
    });
  };
  const dense = (name: string, out: number, into: number) => {
    put(`${name}.weight`, out, into);
    put(`${name}.bias`, out);
  };
  const norm = (name: string) => {
    put(`${name}.weight`, width);
    put(`${name}.bias`, width);
  };
  put("embeddings.word_embeddings.weight", words.length, width);
  put("embeddings.position_embeddings.weight", positions, width);
  put("embeddings.token_type_embeddings.weight", 2, width);
  norm("embeddings.LayerNorm");
  const at = "encoder.layer.0";
  for (const part of ["query", "key", "value"]) {
    dense(`${at}.attention.self.${part}`, width, width);
  }
  dense(`${at}.attention.output.dense`, width, width);
  norm(`${at}.attention.output.LayerNorm`);
  dense(`${at}.intermediate.dense`, inner, width);
  dense(`${at}.output.dense`, width, inner);
  norm(`${at}.output.LayerNorm`);
  return weights;
}

/** Contents of a `tokenizer.json`. */
function tinyTokenizer(): object {
  const special = (content: string, id: number) => ({
    id,
    content,
    special: true,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
  });
  const token = (id: string) => ({ SpecialToken: { id, type_id: 0 } });
  return {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: words.slice(0, 4).map(special),
    normalizer: {
      type: "BertNormalizer",
      clean_text: true,
      handle_chinese_chars: true,
      strip_accents: null,
      lowercase: true,
    },
    pre_tokenizer: { type: "BertPreTokenizer" },
    post_processor: {
      type: "TemplateProcessing",
      single: [
        token("[CLS]"),
        { Sequence: { id: "A", type_id: 0 } },
        token("[SEP]"),
      ],
      pair: [],
      special_tokens: {
        "[CLS]": { id: "[CLS]", ids: [2], tokens: ["[CLS]"] },
        "[SEP]": { id: "[SEP]", ids: [3], tokens: ["[SEP]"] },
      },
    },
    decoder: { type: "WordPiece", prefix: "##", cleanup: true },
    model: {
      type: "WordPiece",
      unk_token: "[UNK]",
      continuing_subword_prefix: "##",
      max_input_chars_per_word: 100,
      vocab: Object.fromEntries(words.map((word, id) => [word, id])),
    },
  };
}
