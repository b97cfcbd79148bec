"""What transformers makes of changed configurations and of files that contradict each other about special tokens.

    python foreign_files_reference.py --out ../references/foreign

Writes configs.json (changes of a config.json, each with the last logits that transformers computes, or that it refuses)
and tokens.json (tokenizer files, each with the names and ids that transformers gives). The weights come from a formula
that the test has, too, so that none are stored. float32, no network. Needs requirements.txt.
"""

import argparse
import json
import math
import os
import tempfile
from pathlib import Path

os.environ.update(HF_HUB_OFFLINE="1", TOKENIZERS_PARALLELISM="false", TRANSFORMERS_VERBOSITY="error")

import torch
import transformers
from safetensors.torch import save_file
from transformers import AutoModelForCausalLM, AutoTokenizer

HIDDEN, INTERMEDIATE, HEADS, KEY_HEADS, WIDTH, VOCABULARY = 16, 24, 4, 2, 4, 24
IDS = [3, 17, 5, 9, 22, 1, 14, 8, 20, 6, 11, 2]

BASE = {
    "vocab_size": VOCABULARY,
    "hidden_size": HIDDEN,
    "intermediate_size": INTERMEDIATE,
    "num_hidden_layers": 1,
    "num_attention_heads": HEADS,
    "num_key_value_heads": KEY_HEADS,
    "head_dim": WIDTH,
    "hidden_act": "silu",
    "rms_norm_eps": 1e-5,
    "tie_word_embeddings": False,
    "max_position_embeddings": 8,
    "rope_theta": 1000.0,
    "bos_token_id": 0,
    "eos_token_id": 1,
}

YARN = {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 8}
LLAMA3 = {
    "rope_type": "llama3",
    "factor": 8.0,
    "low_freq_factor": 1.0,
    "high_freq_factor": 4.0,
    "original_max_position_embeddings": 8,
}
DEFAULT = {"rope_theta": 200.0, "rope_type": "default"}

# Changes of the base; the value "absent" takes the key away.
CHANGES = [
    {},
    {"rope_theta": 500.0},
    {"rope_theta": "absent"},
    {"rope_parameters": DEFAULT},
    {"rope_parameters": DEFAULT, "rope_theta": "absent"},
    {"rope_parameters": {"rope_type": "default"}},
    {"rope_parameters": {}},
    {"rope_parameters": None},
    {"rope_scaling": None},
    {"rope_scaling": {}, "rope_parameters": DEFAULT},
    {"rope_scaling": {"type": "linear", "factor": 4.0}},
    {"rope_scaling": {"rope_type": "linear", "factor": 4.0}, "rope_parameters": DEFAULT},
    {"rope_scaling": {"rope_type": "linear", "factor": 4.0}, "rope_parameters": DEFAULT, "rope_theta": "absent"},
    {"rope_scaling": {"type": "linear", "factor": 4.0, "rope_theta": 50.0}},
    {"rope_scaling": YARN},
    {"rope_scaling": YARN, "rope_parameters": DEFAULT},
    {"rope_scaling": DEFAULT, "rope_parameters": YARN},
    {"rope_scaling": {"rope_type": "yarn", "factor": 4.0}},
    {"rope_scaling": {"rope_type": "yarn", "factor": 4.0}, "original_max_position_embeddings": 4},
    {"rope_scaling": YARN, "original_max_position_embeddings": 4},
    {"rope_scaling": {**YARN, "type": "linear"}},
    {"rope_scaling": {**YARN, "attention_factor": 2.0}},
    {"rope_scaling": {**YARN, "beta_fast": 4.0, "beta_slow": 2.0}},
    {"rope_scaling": {**YARN, "mscale": 0.7, "mscale_all_dim": 0.5}},
    {"rope_scaling": {**YARN, "mscale": 1.0}},
    {"rope_scaling": {**YARN, "truncate": False}},
    {"rope_scaling": {**YARN, "factor": 0.5}},
    {"rope_scaling": LLAMA3},
    {"rope_scaling": LLAMA3, "original_max_position_embeddings": 4},
    {"rope_scaling": {key: LLAMA3[key] for key in list(LLAMA3)[:4]}},
    {"rope_scaling": {"rope_type": "dynamic", "factor": 4.0}},
    {"rope_scaling": {"rope_type": "longrope", "factor": 4.0, "long_factor": [4.0, 4.0], "short_factor": [1.0, 1.0]}},
    {"rope_scaling": {"rope_type": "linear", "factor": 4.0, "partial_rotary_factor": 0.5}},
    {"partial_rotary_factor": 0.5},
    {"partial_rotary_factor": 1.0},
    {"rope_interleaved": True},
    {"rms_norm_eps": "absent"},
    {"rms_norm_eps": 0.5},
    {"layer_norm_eps": 0.5},
    {"hidden_act": "gelu"},
    {"hidden_act": "swish"},
    {"mlp_bias": True},
    {"mlp_bias": False},
    {"attention_bias": True},
    {"attention_bias": False},
    {"attention_dropout": 0.5},
    {"sliding_window": 3},
    {"sliding_window": 3, "use_sliding_window": False},
    {"sliding_window": 3, "use_sliding_window": True, "max_window_layers": 0},
    {"sliding_window": 3, "layer_types": ["sliding_attention"]},
    {"layer_types": ["full_attention"]},
    {"max_window_layers": 0},
    {"tie_word_embeddings": True},
    {"tie_word_embeddings": "absent"},
    {"num_key_value_heads": "absent"},
    {"num_key_value_heads": None},
    {"head_dim": "absent"},
    {"head_dim": None},
    {"head_dim": 8},
    {"num_hidden_layers": 2},
    {"pretraining_tp": 2},
    {"max_position_embeddings": 64},
    {"max_position_embeddings": "absent"},
    {"use_cache": False},
    {"initializer_range": 0.5},
    {"torch_dtype": "bfloat16"},
    {"dtype": "bfloat16"},
    {"is_decoder": True},
    {"is_encoder_decoder": True},
    {"add_cross_attention": True},
    {"output_attentions": True},
    {"chunk_size_feed_forward": 2},
    {"pruned_heads": {"0": [1]}},
    {"final_logit_softcapping": 2.0},
    {"attn_logit_softcapping": 2.0},
    {"logit_scale": 2.0},
    {"logits_scaling": 2.0},
    {"embedding_multiplier": 2.0},
    {"residual_multiplier": 2.0},
    {"attention_multiplier": 2.0},
    {"query_pre_attn_scalar": 2.0},
    {"use_qk_norm": True},
    {"num_experts": 4},
    {"num_local_experts": 4},
    {"text_config": {"hidden_size": 4}},
    {"vision_config": {"hidden_size": 4}},
    {"quantization_config": {"quant_method": "bitsandbytes", "load_in_4bit": True}},
    {"architectures": ["LlamaModel"]},
    {"a_key_of_no_one": 3},
]


def weights(architecture):
    """Weights from a formula: 0.4 sin(a + 0.7 i), 1 + that for norms; a is the sum of the name's bytes modulo 97."""
    query, key = HEADS * WIDTH, KEY_HEADS * WIDTH
    layer = {
        "input_layernorm.weight": [HIDDEN],
        "self_attn.q_proj.weight": [query, HIDDEN],
        "self_attn.k_proj.weight": [key, HIDDEN],
        "self_attn.v_proj.weight": [key, HIDDEN],
        "self_attn.o_proj.weight": [HIDDEN, query],
        "post_attention_layernorm.weight": [HIDDEN],
        "mlp.gate_proj.weight": [INTERMEDIATE, HIDDEN],
        "mlp.up_proj.weight": [INTERMEDIATE, HIDDEN],
        "mlp.down_proj.weight": [HIDDEN, INTERMEDIATE],
    }
    if architecture == "qwen2":
        layer |= {f"self_attn.{name}_proj.bias": [query if name == "q" else key] for name in "qkv"}
    if architecture == "qwen3":
        layer |= {"self_attn.q_norm.weight": [WIDTH], "self_attn.k_norm.weight": [WIDTH]}
    shapes = {
        "model.embed_tokens.weight": [VOCABULARY, HIDDEN],
        **{f"model.layers.0.{name}": shape for name, shape in layer.items()},
        "model.norm.weight": [HIDDEN],
        "lm_head.weight": [VOCABULARY, HIDDEN],
    }
    made = {}
    for name, shape in shapes.items():
        start = sum(name.encode()) % 97
        values = [0.4 * math.sin(start + 0.7 * i) for i in range(math.prod(shape))]
        if "norm" in name:
            values = [1 + value for value in values]
        made[name] = torch.tensor(values, dtype=torch.float64).to(torch.float32).reshape(shape)
    return made


def last_logits(folder):
    try:
        model, info = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, output_loading_info=True)
    except Exception as error:
        return {"refused": type(error).__name__}
    if info["missing_keys"] or info["mismatched_keys"]:
        return {"refused": "weights that do not fit"}
    with torch.no_grad():
        try:
            logits = model.eval()(torch.tensor([IDS])).logits[0, -1]
        except Exception as error:
            return {"refused": type(error).__name__}
    return {"logits": [float(value) for value in logits[:6]]}


def configs():
    rows = []
    for architecture in ["llama", "qwen2", "qwen3"]:
        with tempfile.TemporaryDirectory() as folder:
            save_file(weights(architecture), Path(folder) / "model.safetensors", {"format": "pt"})
            for change in CHANGES:
                config = {"model_type": architecture, **BASE, **change}
                config = {key: value for key, value in config.items() if value != "absent"}
                (Path(folder) / "config.json").write_text(json.dumps(config))
                rows.append({"architecture": architecture, "change": change, **last_logits(folder)})
    return rows


TOKENS = ["<s>", "</s>", "<|end|>", "<|endoftext|>", "a", "b", "Ġ", "ab", "c"]


def definition(added, post_processor=None):
    flags = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False}
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [{"id": TOKENS.index(token), "content": token, **flags, "special": True} for token in added],
        "normalizer": None,
        "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True},
        "post_processor": post_processor,
        "decoder": {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True},
        "model": {
            "type": "BPE",
            "dropout": None,
            "unk_token": None,
            "continuing_subword_prefix": None,
            "end_of_word_suffix": None,
            "fuse_unk": False,
            "byte_fallback": False,
            "ignore_merges": False,
            "vocab": {token: id for id, token in enumerate(TOKENS)},
            "merges": [["a", "b"]],
        },
    }


def template(before, after):
    piece = lambda token: [{"SpecialToken": {"id": token, "type_id": 0}}]
    single = [*(piece(before) if before else []), {"Sequence": {"id": "A", "type_id": 0}}, *(piece(after) if after else [])]
    tokens = {token: {"id": token, "ids": [TOKENS.index(token)], "tokens": [token]} for token in (before, after) if token}
    return {"type": "TemplateProcessing", "single": single, "pair": [*single, {"Sequence": {"id": "B", "type_id": 1}}], "special_tokens": tokens}


BYTE_LEVEL = {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": False, "use_regex": True}
SPECIAL = TOKENS[:4]
DECODER = {
    str(id): {"content": token, "lstrip": False, "normalized": False, "rstrip": False, "single_word": False, "special": True}
    for id, token in enumerate(TOKENS[:3])
}
FAST = {"tokenizer_class": "PreTrainedTokenizerFast"}
CHAT = {**FAST, "bos_token": "<s>", "eos_token": "<|end|>"}
ROBERTA = {"type": "RobertaProcessing", "sep": ["</s>", 1], "cls": ["<s>", 0], "trim_offsets": True, "add_prefix_space": False}

# Files of a tokenizer: added tokens and post-processor of tokenizer.json, tokenizer_config.json, and others.
FILES = [
    (SPECIAL, None, CHAT, {}),
    (SPECIAL, None, {**CHAT, "bos_token": None}, {}),
    (SPECIAL, None, {**FAST, "eos_token": {"content": "<|end|>", "special": True, "__type": "AddedToken"}}, {}),
    (SPECIAL, None, FAST, {"special_tokens_map.json": {"bos_token": "<s>", "eos_token": "</s>", "pad_token": "</s>"}}),
    (SPECIAL, None, CHAT, {"special_tokens_map.json": {"bos_token": "<|endoftext|>", "eos_token": {"content": "</s>"}}}),
    (SPECIAL, None, {**CHAT, "added_tokens_decoder": DECODER}, {"special_tokens_map.json": {"eos_token": "</s>"}}),
    (SPECIAL, template("<s>", None), CHAT, {}),
    (SPECIAL, template("<s>", "</s>"), CHAT, {}),
    (SPECIAL, template(None, "</s>"), CHAT, {}),
    (SPECIAL, BYTE_LEVEL, CHAT, {}),
    (SPECIAL, {"type": "Sequence", "processors": [BYTE_LEVEL, template("<s>", None)]}, CHAT, {}),
    (SPECIAL, ROBERTA, CHAT, {}),
    (SPECIAL, template("<s>", None), {**CHAT, "add_bos_token": False}, {}),
    (SPECIAL, template("<s>", None), {**CHAT, "add_eos_token": True}, {}),
    (SPECIAL, None, {**CHAT, "add_bos_token": True}, {}),
    (SPECIAL, None, {**CHAT, "add_bos_token": True, "add_eos_token": True}, {}),
    (SPECIAL, BYTE_LEVEL, {**CHAT, "bos_token": None, "add_bos_token": True}, {}),
    (["<s>"], None, CHAT, {}),
    (["<s>"], None, {**FAST, "bos_token": "<s>", "added_tokens_decoder": DECODER}, {}),
    (["<s>"], None, {**FAST, "bos_token": "<s>", "additional_special_tokens": ["<|end|>", "</s>"]}, {}),
    (["<s>"], None, {**FAST, "bos_token": "<s>", "extra_special_tokens": ["<|end|>"]}, {}),
    (["<s>"], None, {**FAST, "added_tokens_decoder": {"9": {**DECODER["0"], "content": "<|tool|>"}}}, {}),
    (["<s>"], None, {**FAST, "added_tokens_decoder": {"9": {**DECODER["0"], "content": "<tool>", "special": False}}}, {}),
    (["<s>"], None, {**FAST, "pad_token": "<pad>"}, {}),
    (["<s>"], None, {**FAST, "tool_token": "<|tool|>"}, {}),
    (["<s>"], None, {**FAST, "tool_token": {"content": "<|tool|>", "special": True, "__type": "AddedToken"}}, {}),
    (["<s>"], None, {**FAST, "extra_special_tokens": {"tool_token": "<|tool|>"}}, {}),
    (["<s>"], None, {**FAST, "model_specific_special_tokens": {"tool_token": "<|tool|>"}}, {}),
    (["<s>"], None, {**FAST, "additional_special_tokens": ["<|tool|>"]}, {"special_tokens_map.json": {"additional_special_tokens": ["<|end|>"]}}),
    (["<s>"], None, FAST, {"added_tokens.json": {"<tool>": 9, "<|tool|>": 10}}),
    (SPECIAL, None, {"tokenizer_class": "Qwen2Tokenizer"}, {}),
    (SPECIAL, None, {"tokenizer_class": "Qwen2Tokenizer", "eos_token": "<|end|>", "pad_token": None}, {}),
    (SPECIAL, None, {"tokenizer_class": "Qwen2TokenizerFast", "eos_token": "<|end|>", "add_bos_token": False}, {}),
    (SPECIAL, None, {"tokenizer_class": "Qwen2Tokenizer", "bos_token": "<s>", "add_bos_token": True}, {}),
    (SPECIAL, template("<s>", None), {"tokenizer_class": "Qwen2Tokenizer", "bos_token": "<s>", "add_bos_token": False}, {}),
    (SPECIAL, BYTE_LEVEL, {"tokenizer_class": "Qwen2Tokenizer", "bos_token": "<s>", "add_eos_token": True}, {}),
    (SPECIAL, None, {"tokenizer_class": "GPT2Tokenizer"}, {}),
    (SPECIAL, None, {"tokenizer_class": "GPT2Tokenizer", "bos_token": "<s>", "eos_token": "<|end|>", "add_bos_token": True}, {}),
    (SPECIAL, None, {"tokenizer_class": "LlamaTokenizerFast", "add_bos_token": True}, {}),
    (SPECIAL, template("<s>", None), {"tokenizer_class": "LlamaTokenizer", "bos_token": "<|end|>", "add_bos_token": False}, {}),
    (SPECIAL, template("<s>", None), {"tokenizer_class": "LlamaTokenizerFast", "bos_token": "<s>", "eos_token": "</s>"}, {}),
]

TEXT = "ab<|end|> <|tool|>a<tool>b</s>c"


def tokens():
    rows = []
    for added, post_processor, config, others in FILES:
        with tempfile.TemporaryDirectory() as folder:
            files = {"tokenizer.json": definition(added, post_processor), "tokenizer_config.json": config, **others}
            for name, content in files.items():
                (Path(folder) / name).write_text(json.dumps(content))
            tokenizer = AutoTokenizer.from_pretrained(folder)
            rows.append(
                {
                    "files": files,
                    "bos_token": tokenizer.bos_token,
                    "eos_token": tokenizer.eos_token,
                    "pad_token": tokenizer.pad_token,
                    "alone": tokenizer(TEXT)["input_ids"],
                    "part": tokenizer(TEXT, add_special_tokens=False)["input_ids"],
                    "without_special": tokenizer.decode(
                        tokenizer(TEXT, add_special_tokens=False)["input_ids"], skip_special_tokens=True
                    ),
                }
            )
    return {"text": TEXT, "rows": rows}


def main():
    # Progress bars would hide what matters.
    transformers.utils.logging.disable_progress_bar()
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path, required=True)
    out = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    for name, made in {"configs": {"ids": IDS, "base": BASE, "rows": configs()}, "tokens": tokens()}.items():
        (out / f"{name}.json").write_text(json.dumps(made, ensure_ascii=False, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
