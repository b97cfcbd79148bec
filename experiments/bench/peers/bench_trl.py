"""How fast PyTorch, transformers and TRL run a Qwen2 of 2 M parameters on this machine's processor.

    python bench_trl.py [--json OUT] [--steps 8] [--skip-grpo] [--bf16]

Prints JSON with medians: products of matrices, SFT, generation, log-probabilities, and steps of TRL's GRPOTrainer with
LoRA and in full. float32, or bfloat16 by autocast as TRL has it, on two threads, no network. Needs requirements.txt; `deno task bench --compare` runs it.
"""

import argparse
import os
import statistics
import tempfile
import time

os.environ.update(HF_HUB_OFFLINE="1", TOKENIZERS_PARALLELISM="false", WANDB_DISABLED="true")

import torch
from datasets import Dataset
from peft import LoraConfig
from transformers import Qwen2ForCausalLM
from trl import GRPOConfig, GRPOTrainer

from random_qwen2 import LORA_MODULES, VOCABULARY, random_model, random_texts, train_tokenizer
from timing import (
    made_up_rewards,
    matmul_gflops,
    median_seconds,
    peak_megabytes,
    record_seconds,
    write_json,
)


def small_model():
    return random_model(0, hidden_size=192, num_hidden_layers=4, intermediate_size=512)


def random_ids(rows, width):
    return torch.randint(3, VOCABULARY, (rows, width))


def measure_model(model, bf16):
    """Speed of SFT with AdamW, of sampling, and of the log-probabilities of given tokens."""

    def autocast():
        return torch.autocast("cpu", dtype=torch.bfloat16, enabled=bf16)

    ids = random_ids(32, 96)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4)

    def sft():
        optimizer.zero_grad()
        with autocast():
            loss = model(input_ids=ids, labels=ids).loss
        loss.backward()
        optimizer.step()

    found = {"sft_tok_s": ids.numel() / median_seconds(sft)}
    model.eval()
    if bf16:
        model.to(torch.bfloat16)
    prompts = random_ids(64, 32)
    sampling = {"do_sample": True, "temperature": 1.0, "top_k": 0}

    @torch.no_grad()
    def generate():
        model.generate(
            input_ids=prompts,
            attention_mask=torch.ones_like(prompts),
            max_new_tokens=64,
            min_new_tokens=64,
            **sampling,
        )

    found["generate_tok_s"] = 64 * 64 / median_seconds(generate)
    scored = random_ids(64, 96)

    @torch.no_grad()
    def log_probabilities():
        logits = model(input_ids=scored).logits
        torch.log_softmax(logits.float(), -1).gather(-1, scored[..., None])

    found["logprob_tok_s"] = scored.numel() / median_seconds(log_probabilities)
    return found


def measure_grpo(name, lora, steps, bf16):
    """A step of 8 prompts with 8 completions of up to 64 tokens; the first step does not count."""
    texts = random_texts()
    tokenizer = train_tokenizer(texts)
    prompts = [" ".join(text.split()[:8]) for text in texts[:512]]
    with tempfile.TemporaryDirectory() as folder:
        small_model().save_pretrained(folder)
        config = GRPOConfig(
            output_dir=folder,
            per_device_train_batch_size=64,
            num_generations=8,
            max_completion_length=64,
            beta=0.04,
            max_steps=steps,
            logging_steps=1,
            save_strategy="no",
            report_to=[],
            use_cpu=True,
            bf16=bf16,
            fp16=False,
            temperature=1.0,
            gradient_checkpointing=False,
            disable_tqdm=True,
            learning_rate=1e-5,
        )
        trainer = GRPOTrainer(
            model=Qwen2ForCausalLM.from_pretrained(folder).float(),
            reward_funcs=made_up_rewards(4),
            args=config,
            train_dataset=Dataset.from_dict({"prompt": prompts}),
            processing_class=tokenizer,
            peft_config=lora,
        )
        seconds = []
        record_seconds(trainer, "training_step", seconds)
        start = time.perf_counter()
        trainer.train()
        wall = time.perf_counter() - start
    return {
        f"grpo_{name}_step_s": statistics.median(seconds[1:]),
        f"grpo_{name}_wall_per_step_s": wall / steps,
        f"grpo_{name}_len": trainer.state.log_history[0].get("completions/mean_length"),
    }


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json")
    parser.add_argument("--steps", type=int, default=8)
    parser.add_argument("--skip-grpo", action="store_true")
    parser.add_argument("--bf16", action="store_true")
    args = parser.parse_args()
    torch.set_num_threads(2)
    found = {"torch": torch.__version__, **matmul_gflops((256, 512, 1024), 2e9)}
    model = small_model()
    found["params"] = sum(p.numel() for p in model.parameters())
    found.update(measure_model(model, args.bf16))
    if not args.skip_grpo:
        lora = LoraConfig(
            r=8, lora_alpha=16, target_modules=LORA_MODULES, task_type="CAUSAL_LM"
        )
        found.update(measure_grpo("lora", lora, args.steps, args.bf16))
        found.update(measure_grpo("full", None, args.steps, args.bf16))
    found["peak_rss_mb"] = peak_megabytes()
    write_json(found, args.json)


if __name__ == "__main__":
    main()
