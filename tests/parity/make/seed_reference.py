"""Reference numbers of PyTorch, transformers, TRL, PEFT and TorchJD for a small Qwen2 of one seed.

    python seed_reference.py --seed 0 --out ../references/seed0

Writes model/ (random weights, tokenizer), adapter/ (PEFT, with a B that is not zero), arrays.safetensors (inputs, logits,
log-probabilities, LoRA gradients, weights after one step of AdamW) and reference.json (token ids, nine losses of TRL,
advantages, eight aggregators on twelve Jacobians). Prompts are padded on the left, completions on the right. float32 on
two threads, no network. Needs requirements.txt.
"""

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path

os.environ.update(HF_HUB_OFFLINE="1", TOKENIZERS_PARALLELISM="false")
sys.path.insert(0, str(Path(__file__).parents[3] / "experiments" / "bench" / "peers"))

import torch
import torchjd.aggregation
from datasets import Dataset
from peft import LoraConfig
from safetensors.torch import save_file
from transformers import Qwen2ForCausalLM
from trl import GRPOConfig, GRPOTrainer

from random_qwen2 import LORA_MODULES, VOCABULARY, random_model, random_texts, train_tokenizer

ROWS, PROMPT, COMPLETION = 8, 12, 20

LOSSES = [
    *((form, beta, "token") for form in ("grpo", "bnpo", "dr_grpo", "dapo") for beta in (0.0, 0.04)),
    ("grpo", 0.04, "sequence"),
]

AGGREGATORS = {
    "Mean": {},
    "MGDA": {"epsilon": 1e-9, "max_iters": 20000},
    "UPGrad": {},
    "DualProj": {},
    "CAGrad": {"c": 0.5},
    "IMTLG": {},
    "AlignedMTL": {},
    "NashMTL": {"n_tasks": 4},
}


def make_model(seed):
    """Weights so large that every part shows in the logits."""
    model = random_model(
        seed,
        hidden_size=64,
        num_hidden_layers=2,
        intermediate_size=168,
        initializer_range=0.3,
    ).eval()
    for name, parameter in model.named_parameters():
        if name.endswith("bias"):
            torch.nn.init.normal_(parameter, std=0.2)
        if "norm" in name:
            torch.nn.init.normal_(parameter, mean=1.0, std=0.2)
    return model


def tokenizer_reference(tokenizer, text):
    texts = [
        "Fever and cough, 3 days.",
        "β-blocker ≥ 5 mg/kg — naïve",
        text[:80],
        "  leading  spaces\n\nand newlines\t",
        "<|im_start|>user\nhi<|im_end|>",
    ]
    rows = []
    for text in texts:
        ids = tokenizer(text, add_special_tokens=False)["input_ids"]
        rows.append({"text": text, "ids": ids, "decoded": tokenizer.decode(ids)})
    return rows


def padded_batch():
    """Random ids and their mask, with prompts and completions of different lengths."""
    ids = torch.randint(3, VOCABULARY, (ROWS, PROMPT + COMPLETION))
    mask = torch.ones_like(ids)
    for row in range(ROWS):
        left, right = row % 4, (3 * row) % 11
        mask[row, :left] = 0
        mask[row, PROMPT + COMPLETION - right :] = 0
    return ids * mask, mask


def completion_log_probabilities(logits, ids):
    of_completions = torch.log_softmax(logits[:, PROMPT - 1 : -1], -1)
    return of_completions.gather(-1, ids[:, PROMPT:, None])[..., 0]


def make_trainer(folder, form, beta, level, model_folder, tokenizer, texts):
    """TRL's trainer, which only lends its loss."""
    config = GRPOConfig(
        output_dir=folder,
        per_device_train_batch_size=ROWS,
        num_generations=4,
        max_completion_length=COMPLETION,
        beta=beta,
        loss_type=form,
        epsilon=0.2,
        epsilon_high=0.28,
        importance_sampling_level=level,
        report_to=[],
        use_cpu=True,
        bf16=False,
        fp16=False,
        temperature=1.0,
        gradient_checkpointing=False,
    )
    lora = LoraConfig(
        r=4,
        lora_alpha=8,
        lora_dropout=0.0,
        target_modules=LORA_MODULES,
        task_type="CAUSAL_LM",
    )
    prompts = [" ".join(text.split()[:8]) for text in texts[:64]]
    return GRPOTrainer(
        model=Qwen2ForCausalLM.from_pretrained(model_folder).float(),
        reward_funcs=[lambda completions, **_: [0.0] * len(completions)],
        args=config,
        train_dataset=Dataset.from_dict({"prompt": prompts}),
        processing_class=tokenizer,
        peft_config=lora,
    )


def stored_name(name):
    """A parameter's name as PEFT stores it."""
    return name.replace("base_model.model.", "").replace(".default", "")


def loss_references(seed, out, tokenizer, texts, arrays):
    """TRL's losses with the norms of their gradients; the arrays get all gradients of one of them, and a step."""
    ids, mask = arrays["input_ids"], arrays["attention_mask"]
    inputs = {
        "prompt_ids": ids[:, :PROMPT],
        "prompt_mask": mask[:, :PROMPT],
        "completion_ids": ids[:, PROMPT:],
        "completion_mask": mask[:, PROMPT:],
        "advantages": arrays["advantages"],
        "old_per_token_logps": arrays["old_logprobs"],
        "ref_per_token_logps": arrays["ref_logprobs"],
        "num_items_in_batch": mask[:, PROMPT:].sum(),
    }
    rows = []
    for form, beta, level in LOSSES:
        with tempfile.TemporaryDirectory() as folder:
            trainer = make_trainer(folder, form, beta, level, str(out / "model"), tokenizer, texts)
        torch.manual_seed(seed + 2)
        lora = [(n, p) for n, p in trainer.model.named_parameters() if p.requires_grad]
        for _, parameter in lora:
            torch.nn.init.normal_(parameter, std=0.1)
        if not rows:
            trainer.model.save_pretrained(out / "adapter")
        trainer.model.eval()
        trainer.current_gradient_accumulation_steps = 1
        loss = trainer._compute_loss(trainer.model, inputs)
        loss.backward()
        gradients = {stored_name(name): p.grad.clone() for name, p in lora}
        squares = sum((gradient**2).sum() for gradient in gradients.values())
        rows.append(
            {
                "loss_type": form,
                "beta": beta,
                "importance_sampling_level": level,
                "loss": loss.item(),
                "grad_norm": torch.sqrt(squares).item(),
            }
        )
        if (form, beta, level) == ("grpo", 0.04, "token"):
            with torch.no_grad():
                logits = trainer.model(input_ids=ids, attention_mask=mask).logits
                arrays["adapted_logprobs"] = completion_log_probabilities(logits, ids)
            arrays.update({f"grad/{name}": gradient for name, gradient in gradients.items()})
            torch.optim.AdamW(
                [p for _, p in lora], lr=1e-2, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.1
            ).step()
            after = {f"after_adamw/{stored_name(n)}": p.detach().clone() for n, p in lora}
            arrays.update(after)
    return rows


def advantage_reference(seed):
    """Advantages of six groups of four completions with four rewards."""

    def centred(values):
        return values - values.mean(1, keepdim=True)

    def normalised(values):
        return centred(values) / (values.std(1, keepdim=True) + 1e-4)

    torch.manual_seed(seed + 3)
    rewards = torch.rand(6, 4, 4).round(decimals=1)
    weights = torch.tensor([0.4, 0.3, 0.2, 0.1])
    total = (rewards * weights).sum(-1)
    gdpo = (normalised(rewards) * weights).sum(-1)
    return {
        "rewards": rewards.tolist(),
        "weights": weights.tolist(),
        "grpo": normalised(total).tolist(),
        "dr_grpo": centred(total).tolist(),
        "gdpo": ((gdpo - gdpo.mean()) / (gdpo.std() + 1e-4)).tolist(),
    }


def aggregator_references(seed):
    """TorchJD's combined gradients; null where its solver fails."""
    rows, skipped = [], {}
    for k in range(12):
        torch.manual_seed(1000 * seed + k)
        jacobian = torch.randn(4, 30, dtype=torch.float64)
        if k % 3 == 1:  # aligned
            jacobian = jacobian + 0.8 * torch.randn(1, 30, dtype=torch.float64)
        if k % 3 == 2:  # opposed and badly scaled
            jacobian[1] = -0.7 * jacobian[0] + 0.5 * jacobian[1]
            jacobian[3] *= 10
        row = {"jacobian": jacobian.tolist()}
        for name, options in AGGREGATORS.items():
            try:
                aggregator = getattr(torchjd.aggregation, name)(**options)
                row[name] = aggregator(jacobian).tolist()
            except Exception as error:
                row[name] = None
                skipped[name] = str(error)[:200]
        rows.append(row)
    return rows, skipped


def main(seed, out):
    torch.set_num_threads(2)
    out.mkdir(parents=True, exist_ok=True)
    texts = random_texts()
    tokenizer = train_tokenizer(texts)
    model = make_model(seed)
    model.save_pretrained(out / "model")
    tokenizer.save_pretrained(out / "model")
    reference = {"seed": seed, "tokenizer": tokenizer_reference(tokenizer, texts[seed])}

    ids, mask = padded_batch()
    with torch.no_grad():
        logits = model(input_ids=ids, attention_mask=mask).logits
        base = completion_log_probabilities(logits, ids)
    torch.manual_seed(seed + 1)
    arrays = {
        "base_logits": logits,
        "input_ids": ids,
        "attention_mask": mask,
        "base_logprobs": base,
        "advantages": torch.randn(ROWS),
        "old_logprobs": base + 0.3 * torch.randn_like(base),
        "ref_logprobs": base + 0.1 * torch.randn_like(base),
    }
    reference["losses"] = loss_references(seed, out, tokenizer, texts, arrays)
    reference["advantages"] = advantage_reference(seed)
    reference["aggregators"], skipped = aggregator_references(seed)
    if skipped:
        reference["skipped"] = skipped
    contiguous = {name: array.contiguous() for name, array in arrays.items()}
    save_file(contiguous, out / "arrays.safetensors")
    text = json.dumps(reference, separators=(",", ":"))
    (out / "reference.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    main(args.seed, args.out)
