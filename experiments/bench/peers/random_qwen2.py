"""A small Qwen2 with random weights, and a byte-level tokenizer trained on random words: always the same ones."""

import random

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast, Qwen2Config, Qwen2ForCausalLM

VOCABULARY = 2048
LORA_MODULES = ["q_proj", "k_proj", "v_proj", "o_proj", "up_proj", "down_proj", "gate_proj"]


def random_texts():
    """3,000 texts of 30 made-up words."""
    draw = random.Random(0)
    letters = "abcdefghijklmnopqrstuvwxyz"
    words = [
        "".join(draw.choice(letters) for _ in range(draw.randint(3, 9))) for _ in range(3000)
    ]
    return [" ".join(draw.choice(words) for _ in range(30)) for _ in range(3000)]


def train_tokenizer(texts):
    """A tokenizer of 2,048 tokens with ChatML's control tokens; pads on the left."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=["<|endoftext|>", "<|im_start|>", "<|im_end|>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        eos_token="<|im_end|>",
        pad_token="<|endoftext|>",
        padding_side="left",
    )


def random_model(seed, **options):
    """A float32 Qwen2 of four heads; the options are those of transformers' Qwen2Config."""
    config = Qwen2Config(
        vocab_size=VOCABULARY,
        num_attention_heads=4,
        num_key_value_heads=2,
        tie_word_embeddings=True,
        rope_theta=1e6,
        max_position_embeddings=256,
        eos_token_id=2,
        pad_token_id=0,
        bos_token_id=None,
        **options,
    )
    torch.manual_seed(seed)
    return Qwen2ForCausalLM(config).float()
