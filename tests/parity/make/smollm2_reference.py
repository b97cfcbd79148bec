"""Reference numbers of PyTorch and transformers for SmolLM2-135M-Instruct from a GGUF file.

    python smollm2_reference.py --gguf MODEL.gguf --out ../references/smollm2

Reads inputs.json of the output folder: texts for the tokenizer, conversations, eight prompts (a text, or {"chat": i} for
conversation i with the generation prompt), a continuation, layers whose weights get checksums, and MMLU questions
[subject, from, to]. Writes reference.json and arrays.safetensors beside it. First it checks that the file is read as
the gguf package and transformers read it. float32 on two threads, no network. Needs requirements.txt.
"""

import argparse
import hashlib
import json
import os
import sys
from pathlib import Path

os.environ.update(HF_HUB_OFFLINE="1", TOKENIZERS_PARALLELISM="false")
ROOT = Path(__file__).parents[3]
sys.path.insert(0, str(ROOT / "experiments" / "bench" / "peers"))

import numpy as np
import torch
import transformers
from gguf import GGUFReader
from gguf import dequantize as dequantize_elsewhere
from safetensors.torch import save_file
from transformers import AutoModelForCausalLM

from mmlu_reference import encode, mmlu_reference
from smollm2_gguf import END, hugging_face_name, load, read_gguf, unpermute


def check_reading(path, metadata, tensors):
    """Whether the gguf package and transformers find the same tensors."""
    heads = {
        "attn_q": metadata["llama.attention.head_count"],
        "attn_k": metadata["llama.attention.head_count_kv"],
    }
    for tensor in GGUFReader(path).tensors:
        weight = dequantize_elsewhere(tensor.data, tensor.tensor_type)
        for part, count in heads.items():
            if part in tensor.name:
                weight = unpermute(weight, count)
        assert np.allclose(weight, tensors[hugging_face_name(tensor.name)], 0, 1e-6), tensor.name
    model = AutoModelForCausalLM.from_pretrained(
        Path(path).parent, gguf_file=Path(path).name, dtype=torch.float32
    )
    found = model.state_dict()
    for name, weight in tensors.items():
        assert np.allclose(found[name].numpy(), weight, 0, 1e-6), name


# ---------------------------------------------------------------- tokens and weights


def tokenizer_reference(tokenizer, texts):
    rows = []
    for text in texts:
        ids = encode(tokenizer, text)
        rows.append(
            {
                "text": text,
                "ids": ids,
                "decoded": tokenizer.decode(ids, skip_special_tokens=False),
                "decoded_skip_special": tokenizer.decode(ids, skip_special_tokens=True),
            }
        )
    return rows


def chat_reference(tokenizer, conversations):
    rows = []
    for messages in conversations:
        row = {"messages": messages}
        for key, prompt in (("plain", False), ("with_generation_prompt", True)):
            text = tokenizer.apply_chat_template(
                messages, tokenize=False, add_generation_prompt=prompt
            )
            row[key] = {"text": text, "ids": encode(tokenizer, text)}
        rows.append(row)
    return rows


def checksum(weight):
    """Sums, corner values, and the SHA-256 of the little-endian float32 bytes row by row."""
    flat = weight.astype(np.float64).ravel()
    found = {
        "shape": list(weight.shape),
        "sum": float(flat.sum()),
        "mean_abs": float(np.abs(flat).mean()),
        "weighted_sum": float((flat * (np.arange(flat.size) % 997 + 1)).sum()),
        "first8": weight.ravel()[:8].tolist(),
        "last8": weight.ravel()[-8:].tolist(),
        "sha256": hashlib.sha256(np.ascontiguousarray(weight, "<f4").tobytes()).hexdigest(),
    }
    if weight.ndim == 2:
        rows = [row for row in (1, 2, 32, 33, 63, 64, 65) if row < weight.shape[0]]
        found["rows_first8"] = {str(row): weight[row, :8].tolist() for row in rows}
    return found


def weight_reference(tensors, layers):
    prefixes = tuple(f"model.layers.{layer}." for layer in layers)
    names = ["model.embed_tokens.weight", "model.norm.weight"]
    names += [name for name in tensors if name.startswith(prefixes)]
    return {name: checksum(tensors[name]) for name in names}


# ---------------------------------------------------------------- logits and continuations


def positions(mask):
    return (mask.cumsum(-1) - 1).clamp(min=0)


def padded(rows):
    """Ids and mask, padded on the left."""
    width = max(map(len, rows))
    ids = torch.tensor([[END] * (width - len(row)) + row for row in rows])
    mask = torch.tensor([[0] * (width - len(row)) + [1] * len(row) for row in rows])
    return ids, mask


@torch.no_grad()
def greedy(model, ids, mask, count):
    """Greedy tokens, end tokens being like any other, and the gap between the two best logits at each step."""
    at = positions(mask)
    output = model(input_ids=ids, attention_mask=mask, position_ids=at, use_cache=True)
    tokens, gaps = [], []
    for _ in range(count):
        top = output.logits[:, -1].topk(2, -1)
        tokens.append(top.indices[:, :1])
        gaps.append(top.values[:, 0] - top.values[:, 1])
        mask = torch.cat([mask, torch.ones_like(tokens[-1])], 1)
        at = at[:, -1:] + 1
        output = model(
            input_ids=tokens[-1],
            attention_mask=mask,
            position_ids=at,
            past_key_values=output.past_key_values,
            use_cache=True,
        )
    return torch.cat(tokens, 1), torch.stack(gaps, 1)


@torch.no_grad()
def prompt_arrays(model, rows, continuation):
    """What follows each prompt: logits, hidden states, log-probabilities of a continuation, greedy tokens."""
    ids, mask = padded(rows)
    output = model(
        input_ids=ids,
        attention_mask=mask,
        position_ids=positions(mask),
        output_hidden_states=True,
    )
    last = output.logits[:, -1]
    top = last.topk(20, -1)
    more = torch.tensor([continuation] * len(rows))
    whole = torch.cat([ids, more], 1)
    whole_mask = torch.cat([mask, torch.ones_like(more)], 1)
    logits = model(
        input_ids=whole, attention_mask=whole_mask, position_ids=positions(whole_mask)
    ).logits
    log_probs = torch.log_softmax(logits[:, ids.shape[1] - 1 : -1], -1)
    tokens, gaps = greedy(model, ids, mask, 32)
    hidden = torch.stack([state[:, -1] for state in output.hidden_states], 1)
    arrays = {
        "input_ids": ids,
        "attention_mask": mask,
        "last_top20_ids": top.indices,
        "last_top20_logits": top.values,
        "last_logsumexp": last.logsumexp(-1),
        "continuation_logprobs": log_probs.gather(-1, more[..., None])[..., 0],
        "continuation_entropy": -(log_probs.exp() * log_probs).sum(-1),
        "last_logits_rows_0_and_7": last[[0, 7]],
        # The embeddings, then what each layer gives; the last one is behind the final norm.
        "last_hidden_by_layer": hidden,
        "greedy_ids": tokens,
        "greedy_gap": gaps,
    }
    return {name: array.contiguous() for name, array in arrays.items()}, last


@torch.no_grad()
def noise(model, path, rows, last, gaps):
    """How far padding alone, and another form of attention, move the logits."""
    ids, mask = padded(rows)
    alone = torch.stack([model(input_ids=torch.tensor([row])).logits[0, -1] for row in rows])
    other, _ = load(path, "sdpa")
    fused = other(input_ids=ids, attention_mask=mask, position_ids=positions(mask)).logits[:, -1]
    return {
        "padding_max_abs_logit": (alone - last).abs().max().item(),
        "sdpa_max_abs_logit": (fused - last).abs().max().item(),
        "min_greedy_gap": gaps.min().item(),
        "greedy_gaps_below_0.01": int((gaps < 0.01).sum()),
    }


def prompt_reference(tokenizer, texts, rows, arrays):
    found = []
    for i, (text, row) in enumerate(zip(texts, rows)):
        tokens = arrays["greedy_ids"][i]
        found.append(
            {
                "text": text,
                "ids": row,
                "last_top20_ids": arrays["last_top20_ids"][i].tolist(),
                "last_top20_logits": arrays["last_top20_logits"][i].tolist(),
                "continuation_logprobs": arrays["continuation_logprobs"][i].tolist(),
                "greedy_ids": tokens.tolist(),
                "greedy_text": tokenizer.decode(tokens, skip_special_tokens=False),
                "greedy_min_gap": arrays["greedy_gap"][i].min().item(),
            }
        )
    return found


# ---------------------------------------------------------------- all of it


def about(path, inputs, metadata, kinds):
    types = list(kinds.values())
    return {
        "set": inputs["set"],
        "torch": torch.__version__,
        "transformers": transformers.__version__,
        "dtype": "float32",
        "attention": "eager",
        "gguf_sha256": hashlib.sha256(Path(path).read_bytes()).hexdigest(),
        "tensor_types": {kind: types.count(kind) for kind in sorted(set(types))},
        "config": {k: v for k, v in metadata.items() if k.startswith("llama.")},
        "bos": 1,
        "eos": END,
        "pad": END,
    }


def main(path, mmlu, out):
    torch.set_num_threads(2)
    inputs = json.loads((out / "inputs.json").read_text(encoding="utf-8"))
    metadata, tensors, kinds = read_gguf(path)
    check_reading(path, metadata, tensors)
    model, tokenizer = load(path, "eager")
    chats = chat_reference(tokenizer, inputs["conversations"])
    texts = [
        chats[prompt["chat"]]["with_generation_prompt"]["text"]
        if isinstance(prompt, dict)
        else prompt
        for prompt in inputs["prompts"]
    ]
    rows = [encode(tokenizer, text) for text in texts]
    continuation = encode(tokenizer, inputs["continuation"])
    arrays, last = prompt_arrays(model, rows, continuation)
    reference = {
        "about": about(path, inputs, metadata, kinds),
        "tokenizer": tokenizer_reference(tokenizer, inputs["tokenizer_strings"]),
        "chat": chats,
        "noise": noise(model, path, rows, last, arrays["greedy_gap"]),
        "prompts": prompt_reference(tokenizer, texts, rows, arrays),
        "continuation": {"text": inputs["continuation"], "ids": continuation},
        "left_pad_width": max(map(len, rows)),
        "weights": weight_reference(tensors, inputs["layers"]),
        "parameters": int(sum(tensor.size for tensor in tensors.values())),
        "mmlu": [
            mmlu_reference(model, tokenizer, mmlu, *asked) for asked in inputs["mmlu_questions"]
        ],
    }
    save_file(arrays, out / "arrays.safetensors")
    text = json.dumps(reference, ensure_ascii=False, separators=(",", ":"))
    (out / "reference.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--gguf", required=True)
    parser.add_argument("--mmlu", type=Path, default=ROOT / "data" / "benchmarks" / "mmlu")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    main(args.gguf, args.mmlu, args.out)
