"""Loads the data sets that data_sets.ts wrote with `datasets`, trains on them with TRL, and prints [name, error, tolerance] for
each comparison as one JSON line."""

import json
import math
import os
import re
import sys
from pathlib import Path

import torch
from datasets import load_dataset
from huggingface_hub import DatasetCard
from transformers import AutoTokenizer, LlamaConfig, LlamaForCausalLM
from trl import GRPOConfig, GRPOTrainer, SFTConfig, SFTTrainer

folder = Path(sys.argv[1])
expected = json.loads((folder / "expected.json").read_text())
results = []


def differing(name, found, wanted):
    """Share of rows that differ, or are missing."""
    wrong = sum(a != b for a, b in zip(found, wanted)) + abs(len(found) - len(wanted))
    results.append([f"{name}, {len(wanted)}", wrong / max(1, len(wanted)), 0])


os.chdir(folder)
for data in ("messages", "parquet"):
    for table, splits in expected["tables"].items():
        if data == "messages" and table == "items":
            continue
        loaded = load_dataset(f"as-{data}", table)
        results.append([f"{data} {table}: splits", int(list(loaded) != list(splits)), 0])
        for split, rows in splits.items():
            differing(f"{data} {table}: rows of {split}", loaded[split].to_list(), rows)

card = (folder / "as-parquet" / "README.md").read_text()
head = DatasetCard(card).data
results.append(["card: tables", int([one["config_name"] for one in head.configs] != list(expected["tables"])), 0])
results.append(["card: licences", int(not head.license or head.size_categories != ["n<1K"]), 0])
names = {}
for block in re.findall(r"```python\n(.*?)```", card, re.DOTALL):
    exec(block.replace("PATH", str(folder / "as-parquet")), names)
sft, grpo, reward = names["sft"]["train"], names["grpo"]["train"], names["reward"]

answers = [[{"role": "assistant", "content": text}] for text in expected["completions"]["texts"]]
columns = {key: expected["completions"][key] for key in ("decisions", "reference")}
differing("reward of the card", reward(completions=answers, prompts=None, **columns), expected["completions"]["rewards"])

tokenizer = AutoTokenizer.from_pretrained(folder / "tokenizer")
torch.manual_seed(0)
config = LlamaConfig(
    vocab_size=len(tokenizer), hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4,
    num_key_value_heads=2, max_position_embeddings=1024, pad_token_id=tokenizer.pad_token_id, eos_token_id=tokenizer.eos_token_id,
)
model = LlamaForCausalLM(config)
shared = dict(max_steps=2, report_to="none", save_strategy="no", use_cpu=True, logging_steps=1, disable_tqdm=True, bf16=False)

trainer = SFTTrainer(
    model=model, processing_class=tokenizer, train_dataset=sft,
    args=SFTConfig(output_dir=str(folder / "sft"), per_device_train_batch_size=4, max_length=1024, **shared),
)
tokens = trainer.train_dataset
ids = [list(row) for row in tokens["input_ids"]]
if "completion_mask" in tokens.column_names:
    starts = [list(mask).index(1) for mask in tokens["completion_mask"]]
else:
    starts = [next(i for i, label in enumerate(labels) if label != -100) for labels in tokens["labels"]]
# The template writes a line end behind the token that ends an answer; TRL trains on it, and nothing reads it.
ends = [len(row) - row[::-1].index(tokenizer.eos_token_id) for row in ids]
found = [[row[:start], row[start:end]] for row, start, end in zip(ids, starts, ends)]
differing("SFTTrainer: tokens of prompt and completion, up to the end token", found, expected["tokens"])
trainer.train()
losses = [entry["loss"] for entry in trainer.state.log_history if "loss" in entry]
results.append(["SFTTrainer: losses of 2 steps", int(len(losses) != 2 or not all(map(math.isfinite, losses))), 0])

by_prompt = {json.dumps(row["prompt"]): row for row in grpo.to_list()}
seen = {"calls": 0, "wrong": 0}


def checked(completions, prompts, **columns):
    """The card's reward, and whether every column is that of its prompt."""
    seen["calls"] += 1
    for i, prompt in enumerate(prompts):
        own = by_prompt[json.dumps(prompt)]
        seen["wrong"] += any(columns[key][i] != own[key] for key in own if key != "prompt")
    return reward(completions=completions, prompts=prompts, **columns)


trainer = GRPOTrainer(
    model=model, processing_class=tokenizer, train_dataset=grpo, reward_funcs=checked,
    args=GRPOConfig(
        output_dir=str(folder / "grpo"), per_device_train_batch_size=4, num_generations=4, max_completion_length=8, **shared
    ),
)
trainer.train()
rewards = [entry["reward"] for entry in trainer.state.log_history if "reward" in entry]
results.append(["GRPOTrainer: columns beside their prompts", seen["wrong"], 0])
results.append(["GRPOTrainer: rewards of 2 steps", int(len(rewards) != 2 or seen["calls"] < 2), 0])
print(json.dumps(results))
