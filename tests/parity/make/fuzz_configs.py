"""Random changes of one to four keys of a config.json, with the last logits of foreign_files_reference.py's small models."""

import json
import tempfile
from pathlib import Path

import transformers
from foreign_files_reference import BASE, last_logits, weights
from safetensors.torch import save_file

ODD = [None, "absent", "a", True, [], {}, -1, 0, 0.5, "4"]
NUMBERS = [0.5, 1, 1.0, 2, 4.0, 8, 0, -1, "2", None, True]

# What each key is changed to; ODD values come in now and then.
KEYS = {
    # Used.
    "rope_theta": [500.0, 1, 10000, 1e6, 0.5, 2],
    "rms_norm_eps": [1e-6, 0.5, 1e-3, 1, 0.0],
    "tie_word_embeddings": [True, False],
    "max_position_embeddings": [4, 16, 64, 1],
    "original_max_position_embeddings": [4, 16, 8.0],
    "num_hidden_layers": [1, 2],
    "num_attention_heads": [4, 2, 8, 3],
    "num_key_value_heads": [2, 1, 4, 3],
    "head_dim": [4, 8, 3],
    "hidden_size": [16, 32],
    "intermediate_size": [24, 12],
    "vocab_size": [24, 12, 48],
    "hidden_act": ["silu", "swish", "gelu", "relu", "SiLU"],
    "bos_token_id": [0, 2, 30, [0]],
    "eos_token_id": [0, [1, 2], 30, []],
    "pad_token_id": [0, 3, 23, 24, -1, [1]],
    "layer_types": [["full_attention"], ["sliding_attention"], ["full_attention"] * 2, ["chunked_attention"], "full_attention"],
    "attention_bias": [True, False],
    # Harmless.
    "attention_dropout": [0.5, 0.0, 1],
    "use_cache": [True, False],
    "initializer_range": [0.5, 0.02, 2],
    "torch_dtype": ["bfloat16", "float16", "float32", "auto"],
    "dtype": ["bfloat16", "float32"],
    "pretraining_tp": [1, 2],
    "max_window_layers": [0, 1, 28],
    "sliding_window": [3, 4096],
    "transformers_version": ["4.40.0", "5.0.0"],
    "is_decoder": [True, False],
    "temperature": [0.5],
    "repetition_penalty": [1.3],
    "rope_interleaved": [True, False],
    "id2label": [{"0": "a"}],
    "num_labels": [3],
    "output_attentions": [True],
    "output_hidden_states": [True],
    "chunk_size_feed_forward": [2],
    "tie_encoder_decoder": [True],
    "problem_type": ["regression", "single_label_classification"],
    "_attn_implementation": ["eager", "sdpa"],
    "attn_implementation": ["eager"],
    "experts_implementation": ["eager"],
    "tokenizer_class": ["LlamaTokenizer"],
    "architectures": [["LlamaModel"], ["Qwen2ForCausalLM"], ["MistralForCausalLM"]],
    "auto_map": [{"AutoConfig": "a.B"}],
    # Refused, or of other architectures.
    "use_sliding_window": [True, False],
    "use_mrope": [True, False],
    "partial_rotary_factor": [0.5, 1.0, 1, 0.25],
    "mlp_bias": [True, False],
    "quantization_config": [{"quant_method": "gptq"}, {}],
    "final_logit_softcapping": [30.0, 0],
    "attn_logit_softcapping": [50.0],
    "logit_scale": [0.5, 1.0],
    "embedding_multiplier": [12.0, 1],
    "residual_multiplier": [0.5],
    "attention_multiplier": [0.5],
    "logits_scaling": [8.0],
    "query_pre_attn_scalar": [4],
    "use_qk_norm": [True, False],
    "num_experts": [0, 1, 4],
    "num_local_experts": [0, 8],
    "text_config": [{"hidden_size": 4}, {}],
    "vision_config": [{"hidden_size": 4}],
    "is_encoder_decoder": [True, False],
    "add_cross_attention": [True],
    "pruned_heads": [{"0": [1]}, {}],
    "layer_norm_eps": [0.5],
    "no_rope_layers": [[], [0], [1]],
    "alibi": [False, True],
    "clip_qkv": [1.0],
    "no_rope_layer_interval": [4],
    "rotary_pct": [0.5],
    "rope_ratio": [2],
    "parallel_attn": [True],
    "qk_layernorm": [True],
    "norm_eps": [0.5],
    "hidden_activation": ["gelu"],
    "scale_emb": [12],
    "scale_depth": [1.4],
    "dim_model_base": [256],
    "first_k_dense_replace": [1],
    "default_theta": [50.0],
    "rope_local_base_freq": [50.0],
    "rotary_emb_base": [50.0],
    "rope_type": ["yarn"],
    "rope_scaling_type": ["linear"],
    "num_nextn_predict_layers": [1],
    "attn_temperature_tuning": [True],
    # Of no one.
    "a_key_of_no_one": [3, {"a": [1]}, "x"],
    "unsloth_version": ["2025.1"],
    "n_embd": [8],
    "n_layer": [2],
    "hidden_dim": [8],
}

ROPE = {
    "rope_type": ["default", "linear", "llama3", "yarn", "linear", "llama3", "yarn", "dynamic", "longrope", "su", "mrope", "proportional", "Linear", 3],
    "type": ["default", "linear", "llama3", "yarn", "dynamic", "mrope"],
    "rope_theta": [50.0, 10000, 1e6, 2],
    "factor": [0.5, 1, 2.0, 4, 8.0, "2"],
    "low_freq_factor": [1.0, 2, 4.0],
    "high_freq_factor": [4.0, 4, 8.0],
    "original_max_position_embeddings": [4, 8, 32, 8.0],
    "beta_fast": [32, 4.0, 1],
    "beta_slow": [1, 2.0, 0],
    "attention_factor": [1.0, 2.0, 0.5, -1],
    "mscale": [0.7, 1.0, 0],
    "mscale_all_dim": [0.5, 1.0, 0],
    "truncate": [True, False],
    "partial_rotary_factor": [0.5, 1.0],
    "finetuned": [True],
    "mrope_section": [[1, 1]],
    "full_attention": [{"rope_type": "linear", "factor": 2.0}],
    "attn_factor": [2.0],
    "short_factor": [[1.0, 1.0]],
    "long_factor": [[2.0, 2.0]],
    "a_key_of_no_one": [1],
}

# What a scaling cannot be without.
NEEDED = {
    "linear": ["factor"],
    "dynamic": ["factor"],
    "yarn": ["factor", "original_max_position_embeddings"],
    "llama3": ["factor", "low_freq_factor", "high_freq_factor", "original_max_position_embeddings"],
}


def rope(random):
    """What rope_scaling or rope_parameters hold; mostly a scaling with what it needs."""
    if random.random() < 0.1:
        return random.choice([None, {}, [], "linear", 2.0])
    key = random.choice(["rope_type", "rope_type", "type"])
    made = {key: random.choice(ROPE[key])} if random.random() < 0.9 else {}
    for needed in NEEDED.get(made.get(key), []):
        if random.random() < 0.9:
            made[needed] = random.choice(ROPE[needed])
    for other in random.sample(list(ROPE), random.choice([0, 0, 1, 1, 2])):
        made.setdefault(other, random.choice(NUMBERS if random.random() < 0.1 else ROPE[other]))
    return made


def change(random):
    made = {}
    for _ in range(random.choice([1, 1, 2, 2, 3, 4])):
        if random.random() < 0.35:
            made[random.choice(["rope_scaling", "rope_parameters"])] = rope(random)
            continue
        key = random.choice(list(KEYS))
        made[key] = random.choice(ODD if random.random() < 0.15 else KEYS[key])
    return made


def rows(random, count):
    """Changes, each with six logits rounded to five digits, or what transformers raises."""
    transformers.utils.logging.disable_progress_bar()
    made = []
    with tempfile.TemporaryDirectory() as folder:
        for architecture in ["llama", "qwen2", "qwen3"]:
            save_file(weights(architecture), Path(folder) / "model.safetensors", {"format": "pt"})
            refused, rows = 0, []
            while len(rows) < count // 3:
                changes = change(random)
                config = {"model_type": architecture, **BASE, **changes}
                config = {key: value for key, value in config.items() if value != "absent"}
                (Path(folder) / "config.json").write_text(json.dumps(config))
                outcome = last_logits(folder)
                if "refused" in outcome and refused > len(rows) / 3:
                    continue
                refused += "refused" in outcome
                if "logits" in outcome:
                    outcome = {"logits": [round(value, 5) for value in outcome["logits"]]}
                rows.append({"architecture": architecture, "change": changes, **outcome})
            made += rows
    return made
