"""SmolLM2-135M-Instruct from its GGUF file as float32 PyTorch, read by ourselves rather than by transformers.

`load(path)` gives a transformers LlamaForCausalLM and a fast tokenizer.
"""

import numpy as np
import torch
from gguf import GGUFReader
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

LAYER_NAMES = {
    "attn_norm": "input_layernorm",
    "ffn_norm": "post_attention_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}

CONTROL_TOKEN = 3
END = 2


def unpermute(weight, heads):
    """Undoes llama.cpp's order of a query's or key's rows.

    For each head of size D the file has the rows 0, D/2, 1, D/2 + 1, ... of Hugging Face's matrix, so that pairs that
    are rotated together stand side by side; Hugging Face rotates row i with row i + D/2.
    """
    rows, columns = weight.shape
    size = rows // heads
    pairs = weight.reshape(heads, size // 2, 2, columns)
    return np.ascontiguousarray(pairs.swapaxes(1, 2).reshape(rows, columns))


def dequantize(raw, kind, shape):
    """float32 array of a shape in numpy's order from a tensor's bytes; exact up to one addition.

    Q4_1 has 20 bytes for 32 values: float16 scale, float16 minimum, 16 bytes of nibbles, the low ones first.
    Q8_0 has 34 bytes for 32 values: float16 scale, 32 signed bytes.
    """
    raw = np.frombuffer(raw, np.uint8)
    if kind == "F32":
        return raw.view("<f4").reshape(shape).copy()
    if kind == "Q4_1":
        blocks = raw.reshape(-1, 20)
        scale = blocks[:, 0:2].copy().view("<f2").astype(np.float32)
        minimum = blocks[:, 2:4].copy().view("<f2").astype(np.float32)
        nibbles = np.concatenate([blocks[:, 4:] & 15, blocks[:, 4:] >> 4], axis=1)
        return (scale * nibbles.astype(np.float32) + minimum).reshape(shape)
    if kind == "Q8_0":
        blocks = raw.reshape(-1, 34)
        scale = blocks[:, 0:2].copy().view("<f2").astype(np.float32)
        return (scale * blocks[:, 2:].view(np.int8).astype(np.float32)).reshape(shape)
    raise ValueError(f"Expected a tensor of F32, Q4_1 or Q8_0 but found {kind}")


def hugging_face_name(name):
    """Hugging Face's name of a tensor that llama.cpp calls `blk.0.attn_q.weight`."""
    if name == "token_embd.weight":
        return "model.embed_tokens.weight"
    if name == "output_norm.weight":
        return "model.norm.weight"
    _, layer, part, _ = name.split(".")
    return f"model.layers.{layer}.{LAYER_NAMES[part]}.weight"


def read_gguf(path):
    """The file's metadata, its float32 tensors by Hugging Face's names, and their types by the file's names."""
    reader = GGUFReader(path)
    metadata = {
        key: field.contents()
        for key, field in reader.fields.items()
        if not key.startswith("GGUF.")
    }
    tensors, kinds = {}, {}
    for tensor in reader.tensors:
        shape = tuple(int(size) for size in reversed(tensor.shape))
        kind = tensor.tensor_type.name
        weight = dequantize(np.asarray(tensor.data).tobytes(), kind, shape)
        if tensor.name.endswith("attn_q.weight"):
            weight = unpermute(weight, metadata["llama.attention.head_count"])
        if tensor.name.endswith("attn_k.weight"):
            weight = unpermute(weight, metadata["llama.attention.head_count_kv"])
        tensors[hugging_face_name(tensor.name)] = weight
        kinds[tensor.name] = kind
    return metadata, tensors, kinds


def make_tokenizer(metadata):
    """The original model's tokenizer: digits one by one, GPT-2's split into bytes, BPE; control tokens are not split."""
    tokens = metadata["tokenizer.ggml.tokens"]
    merges = [tuple(merge.split(" ")) for merge in metadata["tokenizer.ggml.merges"]]
    tokenizer = Tokenizer(models.BPE(vocab={t: i for i, t in enumerate(tokens)}, merges=merges))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Digits(individual_digits=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens(
        [
            AddedToken(token, special=True, normalized=False)
            for token, kind in zip(tokens, metadata["tokenizer.ggml.token_type"])
            if kind == CONTROL_TOKEN
        ]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token="<|im_start|>",
        eos_token="<|im_end|>",
        unk_token="<|endoftext|>",
        pad_token="<|im_end|>",
        padding_side="left",
        chat_template=metadata["tokenizer.chat_template"],
        clean_up_tokenization_spaces=False,
    )


def make_config(metadata, attention):
    """transformers' configuration from the file's metadata."""

    def of(key):
        return metadata[f"llama.{key}"]

    return LlamaConfig(
        vocab_size=of("vocab_size"),
        hidden_size=of("embedding_length"),
        intermediate_size=of("feed_forward_length"),
        num_hidden_layers=of("block_count"),
        num_attention_heads=of("attention.head_count"),
        num_key_value_heads=of("attention.head_count_kv"),
        rms_norm_eps=1e-5,
        rope_parameters={"rope_type": "default", "rope_theta": float(of("rope.freq_base"))},
        max_position_embeddings=of("context_length"),
        tie_word_embeddings=True,
        bos_token_id=1,
        eos_token_id=END,
        pad_token_id=END,
        attn_implementation=attention,
    )


def load(path, attention="sdpa"):
    """The model, in float32 and without dropout, and its tokenizer."""
    metadata, tensors, _ = read_gguf(path)
    model = LlamaForCausalLM(make_config(metadata, attention)).float()
    weights = {name: torch.from_numpy(weight) for name, weight in tensors.items()}
    missing, unexpected = model.load_state_dict(weights, strict=False)
    assert not unexpected and set(missing) <= {"lm_head.weight"}, (missing, unexpected)
    model.tie_weights()
    model.generation_config.pad_token_id = END
    return model.eval(), make_tokenizer(metadata)
