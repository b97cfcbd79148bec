"""How fast other programs run SmolLM2-135M-Instruct on this machine's processor.

    python bench_smollm2.py torch --gguf MODEL.gguf [--json OUT] [--threads 2] [--only prefill,generate] [--steps 4] [--bf16]
    python bench_smollm2.py llama --gguf MODEL.gguf [--json OUT] [--threads 2]

Prints JSON with medians. `torch` measures PyTorch, transformers and TRL in float32, or in bfloat16: a model in bfloat16 for
inference, autocast for training as TRL has it. `llama` measures llama.cpp on the file as it is (Q4_1). No network. Needs requirements.txt, `llama` requirements-llama.txt too; `deno task bench
--compare` runs it.
"""

import argparse
import copy
import json
import os
import random
import statistics
import tempfile
import time

os.environ.update(HF_HUB_OFFLINE="1", TOKENIZERS_PARALLELISM="false", WANDB_DISABLED="true")

import torch

from timing import (
    made_up_rewards,
    matmul_gflops,
    median_seconds,
    peak_megabytes,
    record_seconds,
    write_json,
)

# Ids of ordinary tokens; control tokens come before.
IDS = (100, 49000)
SEQUENCES, PROMPT, NEW = 32, 64, 48


def measure_arithmetic():
    """Products of matrices, and the overhead of one small operation."""
    found = matmul_gflops((256, 512, 1024, 2048), 4e9)
    x, y = torch.ones(8, 8), torch.ones(8, 8)
    calls = 20000

    def run():
        for _ in range(calls):
            torch.add(x, y)

    found["add_8x8_us"] = median_seconds(run, 3) / calls * 1e6
    return found


def measure_prefill(model):
    """Speed of the forward pass up to the logits of the last position."""
    ids = torch.randint(*IDS, (16, 128))

    @torch.no_grad()
    def run():
        model(input_ids=ids, logits_to_keep=1)

    seconds = median_seconds(run, 3)
    return {"prefill_16x128_tok_s": ids.numel() / seconds, "rss_prefill_mb": peak_megabytes()}


def measure_log_probabilities(model):
    """Speed of the log-probabilities of given tokens."""
    ids = torch.randint(*IDS, (16, 128))

    @torch.no_grad()
    def run():
        logits = model(input_ids=ids).logits
        logits = logits.float()
        return logits.gather(-1, ids[..., None])[..., 0] - logits.logsumexp(-1)

    seconds = median_seconds(run, 3)
    return {"logprob_16x128_tok_s": ids.numel() / seconds, "rss_logprob_mb": peak_megabytes()}


def measure_generation(model):
    """Speed of sampling 48 tokens, for 32 sequences and for one."""
    prompts = torch.randint(*IDS, (SEQUENCES, PROMPT))

    def sample(rows):
        model.generate(
            input_ids=rows,
            attention_mask=torch.ones_like(rows),
            max_new_tokens=NEW,
            min_new_tokens=NEW,
            do_sample=True,
            temperature=1.0,
            top_k=0,
            pad_token_id=2,
            eos_token_id=2,
        )

    many = median_seconds(lambda: sample(prompts), 3)
    memory = peak_megabytes()
    return {
        "generate_32x64_new48_tok_s": SEQUENCES * NEW / many,
        "rss_generate_mb": memory,
        "generate_1x64_new48_tok_s": NEW / median_seconds(lambda: sample(prompts[:1]), 3),
    }


def grpo_prompts(tokenizer):
    """24 prompts of 96 tokens, each one token further into the same text."""
    text = (
        "The patient reports chest pain, shortness of breath and swelling of both legs for three days. "
        "Blood pressure, heart rate and oxygen saturation were measured on arrival. "
    )
    ids = tokenizer(text * 4, add_special_tokens=False)["input_ids"]
    return [tokenizer.decode(ids[k : k + 96]) for k in range(24)]


def item_prompts():
    """Prompts of items in the model's chat format."""
    with open(os.path.join(os.path.dirname(__file__), "item_prompts.json"), encoding="utf-8") as file:
        return json.load(file)


def measure_items(model, tokenizer, steps, bf16):
    """As measure_grpo on prompts of items, as long as they are; completions end by themselves, or at 96 tokens."""
    found = measure_grpo(model, tokenizer, steps, bf16, item_prompts(), 96, {})
    names = ("step_s", "generate_s", "completion_length")
    return {f"grpo_items_{name}": found[f"grpo_{name}"] for name in names}


def measure_grpo(model, tokenizer, steps, bf16, prompts=None, new=NEW, generation=None):
    """A step of 4 prompts with 8 completions of 48 tokens, LoRA of rank 16; the first step does not count."""
    from datasets import Dataset
    from peft import LoraConfig
    from trl import GRPOConfig, GRPOTrainer

    from random_qwen2 import LORA_MODULES

    prompts = prompts or grpo_prompts(tokenizer)
    lengths = [len(tokenizer(p, add_special_tokens=False)["input_ids"]) for p in prompts]
    with tempfile.TemporaryDirectory() as folder:
        config = GRPOConfig(
            output_dir=folder,
            per_device_train_batch_size=32,
            num_generations=8,
            max_completion_length=new,
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
            generation_kwargs={"min_new_tokens": NEW} if generation is None else generation,
        )
        trainer = GRPOTrainer(
            model=model,
            reward_funcs=made_up_rewards(4),
            args=config,
            train_dataset=Dataset.from_dict({"prompt": prompts}),
            processing_class=tokenizer,
            peft_config=LoraConfig(
                r=16, lora_alpha=32, target_modules=LORA_MODULES, task_type="CAUSAL_LM"
            ),
        )
        step, generate, score = [], [], []
        record_seconds(trainer, "training_step", step)
        record_seconds(trainer, "_generate", generate)
        record_seconds(trainer, "_generate_and_score_completions", score)
        start = time.perf_counter()
        trainer.train()
        wall = time.perf_counter() - start
    return {
        "grpo_prompt_tokens": statistics.mean(lengths),
        "grpo_step_s": statistics.median(step[1:]),
        "grpo_generate_s": statistics.median(generate[1:]),
        "grpo_generate_and_score_s": statistics.median(score[1:]),
        "grpo_wall_per_step_s": wall / steps,
        "grpo_completion_length": statistics.median(
            entry["completions/mean_length"]
            for entry in trainer.state.log_history
            if "completions/mean_length" in entry
        ),
        "grpo_trainable": sum(p.numel() for p in trainer.model.parameters() if p.requires_grad),
    }


def measure_torch(args):
    from smollm2_gguf import load

    torch.set_num_threads(args.threads)
    torch.manual_seed(0)
    chosen = args.only.split(",")
    found = {"torch": torch.__version__, "threads": args.threads}
    if "matmul" in chosen:
        found.update(measure_arithmetic())
    if set(chosen) - {"matmul"}:
        model, tokenizer = load(args.gguf)
        found["params"] = sum(p.numel() for p in model.parameters())
        found["rss_loaded_mb"] = peak_megabytes()
    if args.bf16 and set(chosen) & {"prefill", "logprob", "generate"}:
        inference = copy.deepcopy(model).to(torch.bfloat16)
    elif set(chosen) - {"matmul"}:
        inference = model
    workloads = {
        "prefill": lambda: measure_prefill(inference),
        "logprob": lambda: measure_log_probabilities(inference),
        "generate": lambda: measure_generation(inference),
        "grpo": lambda: measure_grpo(model, tokenizer, args.steps, args.bf16),
        "grpo-items": lambda: measure_items(model, tokenizer, args.steps, args.bf16),
    }
    for name, measure in workloads.items():
        if name in chosen:
            found.update(measure())
    return {**found, "peak_rss_mb": peak_megabytes()}


def measure_single(model):
    """Speed of llama.cpp for one sequence, with its prompt and without."""
    prompt = [random.randrange(*IDS) for _ in range(PROMPT)]

    def sample(count):
        tokens = model.generate(
            prompt, temp=1.0, top_k=0, top_p=1.0, min_p=0.0, repeat_penalty=1.0
        )
        for _ in range(count):
            next(tokens)
        model.reset()

    whole = median_seconds(lambda: sample(NEW), 3)
    first = median_seconds(lambda: sample(1), 3)
    return {
        "generate_1x64_new48_tok_s": NEW / whole,
        "decode_only_1_tok_s": (NEW - 1) / (whole - first) if whole > first else None,
    }


def measure_batch(llama, model, threads):
    """Speed of llama.cpp for 32 sequences in one context, through its C interface."""
    options = llama.llama_context_default_params()
    options.n_ctx = SEQUENCES * 128
    options.n_batch = SEQUENCES * PROMPT
    options.n_ubatch = 512
    options.n_seq_max = SEQUENCES
    options.n_threads = options.n_threads_batch = threads
    options.kv_unified = False
    context = llama.llama_init_from_model(model.model, options)
    assert context, "llama.cpp gave no context"
    sampler = llama.llama_sampler_chain_init(llama.llama_sampler_chain_default_params())
    llama.llama_sampler_chain_add(sampler, llama.llama_sampler_init_temp(1.0))
    llama.llama_sampler_chain_add(sampler, llama.llama_sampler_init_dist(1))
    batch = llama.llama_batch_init(SEQUENCES * PROMPT, 0, 1)
    prompts = [[random.randrange(*IDS) for _ in range(PROMPT)] for _ in range(SEQUENCES)]
    prefill = []

    def decode(tokens):
        """Runs (token, position, sequence, whether its logits are wanted), and samples where they are."""
        batch.n_tokens = len(tokens)
        for i, (token, position, sequence, wanted) in enumerate(tokens):
            batch.token[i] = token
            batch.pos[i] = position
            batch.n_seq_id[i] = 1
            batch.seq_id[i][0] = sequence
            batch.logits[i] = wanted
        assert llama.llama_decode(context, batch) == 0, "llama.cpp failed to decode"
        wanted = [i for i, token in enumerate(tokens) if token[3]]
        return [llama.llama_sampler_sample(sampler, context, i) for i in wanted]

    def run():
        llama.llama_memory_clear(llama.llama_get_memory(context), True)
        start = time.perf_counter()
        last = PROMPT - 1
        tokens = decode(
            [(t, i, s, i == last) for s, prompt in enumerate(prompts) for i, t in enumerate(prompt)]
        )
        prefill.append(time.perf_counter() - start)
        for k in range(NEW - 1):
            tokens = decode([(t, PROMPT + k, s, True) for s, t in enumerate(tokens)])

    seconds = median_seconds(run, 3)
    return {
        "generate_32x64_new48_tok_s": SEQUENCES * NEW / seconds,
        "prefill_32x64_tok_s": SEQUENCES * PROMPT / statistics.median(prefill),
    }


def measure_llama(args):
    import llama_cpp

    random.seed(0)
    model = llama_cpp.Llama(
        model_path=args.gguf,
        n_ctx=512,
        n_threads=args.threads,
        n_threads_batch=args.threads,
        verbose=False,
    )
    return {
        "llama_cpp_python": llama_cpp.__version__,
        "threads": args.threads,
        **measure_single(model),
        **measure_batch(llama_cpp, model, args.threads),
        "peak_rss_mb": peak_megabytes(),
    }


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("program", choices=["torch", "llama"])
    parser.add_argument("--gguf", required=True)
    parser.add_argument("--json")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--steps", type=int, default=4)
    parser.add_argument("--bf16", action="store_true")
    parser.add_argument("--only", default="matmul,prefill,logprob,generate,grpo,grpo-items")
    args = parser.parse_args()
    measure = {"torch": measure_torch, "llama": measure_llama}[args.program]
    write_json(measure(args), args.json)


if __name__ == "__main__":
    main()
