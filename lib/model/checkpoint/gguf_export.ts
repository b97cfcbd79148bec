/**
 * Writes a model as a GGUF file of half-precision weights, which llama.cpp and what is built on it read.
 *
 * @module
 */

import { WorkbenchError, writeFileAtomic } from "../../runtime/mod.ts";
import { type Checkpoint, mergedKey } from "./checkpoint.ts";
import { encodeGguf, type GgufEntry, type GgufFloats } from "../formats/gguf_encode.ts";
import { ggufName, permuteRows, ropeDivisorsName } from "./gguf_model.ts";
import { rotaryDivisors } from "../core/rotary.ts";
import { surroundingIds } from "../tokenizer/post_processor.ts";
import { ggufPretokenizerName } from "../tokenizer/tokenizer_definition.ts";
import { checkWeightShapes } from "../core/weights.ts";

type Metadata = Record<string, GgufEntry>;

const u32 = (value: number): GgufEntry => ({ type: "u32", value });
const f32 = (value: number): GgufEntry => ({ type: "f32", value });
const text = (value: string): GgufEntry => ({ type: "string", value });

/**
 * Writes a model to a `.gguf` file: matrices as F16, norms and biases as F32.
 *
 * Of the end tokens, the format has room for two; readers know the usual ones by their text. Rows of the embedding without a token get a filler `[PADn]`, as
 * llama.cpp's own converter names them.
 *
 * @param path where to write; the file appears whole or not at all
 * @param checkpoint the model
 * @throws WorkbenchError when llama.cpp has no name for the tokenizer's rules or no key for the scaling of positions,
 * or a weight is too large for half precision
 */
export async function writeGguf(path: string, checkpoint: Checkpoint): Promise<void> {
  const { config, weights } = checkpoint;
  checkWeightShapes(
    config,
    new Map([...weights].map(([name, { shape }]) => [name, shape])),
    "the model to write",
  );
  const tensors = [...weights].map(([name, stored]): GgufFloats => {
    const permuted = config.architecture === "llama" && /\.[qk]_proj\./.test(name);
    return {
      ...permuted ? permuteRows(stored, config.headDim) : stored,
      name: ggufName(name)!,
      type: stored.shape.length > 1 ? "F16" : "F32",
    };
  });
  if (config.ropeScaling?.type === "llama3") {
    const data = rotaryDivisors(config);
    tensors.push({ name: ropeDivisorsName, type: "F32", shape: [data.length], data });
  }
  const metadata = { ...modelMetadata(checkpoint), ...tokenizerMetadata(checkpoint) };
  await writeFileAtomic(path, encodeGguf(metadata, tensors));
}

function modelMetadata({ config, source }: Checkpoint): Metadata {
  const { architecture, ropeScaling } = config;
  const keys: Metadata = {
    block_count: u32(config.layers),
    context_length: u32(config.maxPositions),
    embedding_length: u32(config.hiddenSize),
    feed_forward_length: u32(config.intermediateSize),
    vocab_size: u32(config.vocabSize),
    "attention.head_count": u32(config.heads),
    "attention.head_count_kv": u32(config.kvHeads),
    "attention.key_length": u32(config.headDim),
    "attention.value_length": u32(config.headDim),
    "attention.layer_norm_rms_epsilon": f32(config.rmsNormEps),
    "rope.dimension_count": u32(config.headDim),
    "rope.freq_base": f32(config.ropeTheta),
  };
  if (ropeScaling?.type === "linear") {
    keys["rope.scaling.type"] = text("linear");
    keys["rope.scaling.factor"] = f32(ropeScaling.factor);
  } else if (ropeScaling?.type === "yarn") {
    const { factor, betaFast, betaSlow, attentionFactor } = ropeScaling;
    const usual = 0.1 * Math.log(Math.max(factor, 1)) + 1;
    if (betaFast !== 32 || betaSlow !== 1 || Math.abs(attentionFactor / usual - 1) > 1e-6) {
      throw new WorkbenchError(
        `Expected YaRN with betas of 32 and 1 and the usual attention factor, which GGUF readers take for granted, but found ${betaFast}, ${betaSlow} and ${attentionFactor}`,
      );
    }
    keys["rope.scaling.type"] = text("yarn");
    keys["rope.scaling.factor"] = f32(factor);
    keys["rope.scaling.original_context_length"] = u32(ropeScaling.originalMaxPositions);
  }
  return {
    "general.architecture": text(architecture),
    "general.type": text("model"),
    "general.name": text(source.name),
    "general.file_type": u32(1), // Mostly F16.
    ...(source.merged === undefined ? {} : { [`general.${mergedKey}`]: text(source.merged) }),
    ...Object.fromEntries(
      Object.entries(keys).map(([key, value]) => [`${architecture}.${key}`, value]),
    ),
  };
}

function tokenizerMetadata({ config, tokenizer }: Checkpoint): Metadata {
  const { definition } = tokenizer;
  const pre = ggufPretokenizerName(definition);
  if (pre === undefined) {
    throw new WorkbenchError(
      "Expected a tokenizer whose rules GGUF has a name for (gpt-2, smollm, qwen2, llama-bpe) but found another pre_tokenizer",
    );
  }
  const tokens = Array.from({ length: config.vocabSize }, (_, id) => `[PAD${id}]`);
  const types = tokens.map(() => 5);
  for (const [token, id] of Object.entries(definition.model.vocab)) {
    tokens[id] = token;
    types[id] = 1;
  }
  for (const { id, content, special } of definition.added_tokens) {
    tokens[id] = content;
    types[id] = special ? 3 : 4;
  }
  const merges = definition.model.merges.map((merge) =>
    typeof merge === "string" ? merge : merge.join(" ")
  );
  const eos = tokenizer.eosId ?? config.eosIds[0];
  const eot = config.eosIds.find((id) => id !== eos);
  const ids = { bos: config.bosId, eos, eot, padding: config.padId };
  const { before, after } = surroundingIds(definition["post_processor"], "the tokenizer");
  for (
    const [found, own, name] of [[before, config.bosId, "begin"], [after, eos, "end"]] as const
  ) {
    if (found.length > 1 || (found.length === 1 && found[0] !== own)) {
      throw new WorkbenchError(
        `Expected a tokenizer that puts nothing or its ${name} token, ${own}, at a text's ${name}, which is all that GGUF can say, but found ${found}`,
      );
    }
  }
  return {
    "tokenizer.ggml.model": text("gpt2"),
    "tokenizer.ggml.pre": text(pre),
    "tokenizer.ggml.tokens": { type: "strings", value: tokens },
    "tokenizer.ggml.token_type": { type: "i32s", value: types },
    "tokenizer.ggml.merges": { type: "strings", value: merges },
    ...Object.fromEntries(
      Object.entries(ids).filter((entry): entry is [string, number] => entry[1] !== undefined)
        .map(([name, id]) => [`tokenizer.ggml.${name}_token_id`, u32(id)]),
    ),
    "tokenizer.ggml.add_bos_token": { type: "bool", value: before.length > 0 },
    "tokenizer.ggml.add_eos_token": { type: "bool", value: after.length > 0 },
    "tokenizer.ggml.add_space_prefix": { type: "bool", value: false },
    ...(tokenizer.chatTemplate === undefined
      ? {}
      : { "tokenizer.chat_template": text(tokenizer.chatTemplate) }),
  };
}
