"""Reads the files that formats.ts wrote and prints [name, error, tolerance] for each comparison as one JSON line."""

import json
import sys
from pathlib import Path

import numpy as np
import torch
from gguf import GGUFReader, dequantize
from peft import PeftModel
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM, PreTrainedTokenizerFast

try:
    from llama_cpp import Llama
except ImportError:
    Llama = None

seed, folder = Path(sys.argv[1]), Path(sys.argv[2])
ids = torch.tensor([json.loads((folder / "ids.json").read_text())])
results = []


def load(path, **options):
    return AutoModelForCausalLM.from_pretrained(path, dtype=torch.float32, **options).eval()


@torch.no_grad()
def logits(model):
    return model(input_ids=ids).logits[0]


def compare(name, found, expected, tolerance):
    results.append([name, float((found - expected).abs().max()), tolerance])


adapted = logits(PeftModel.from_pretrained(load(seed / "model"), seed / "adapter"))
compare("merged adapter: logits", logits(load(folder / "merged")), adapted, 1e-4)
base = logits(load(seed / "model"))
moved = float((adapted - base).abs().max())
results.append(["merged adapter: the adapter matters", 0 if moved > 1e-2 else 1, 0])

for path in sorted(folder.glob("rope-*")):
    expected = load_file(path / "expected" / "logits.safetensors")["logits"]
    found = logits(load(path))
    scale = float(found.abs().max())
    compare(f"{path.name}: logits, relative", expected / scale, found / scale, 1e-4)

TEXT = "Take 250 mg twice daily,\n\nfor 10 days; it isn't for children.  Stop if a rash (or fever) appears."


def compare_with_llama_cpp(path, expected):
    """llama.cpp multiplies in half precision, hence the tolerance."""
    model = Llama(
        str(path / "model.gguf"), n_ctx=256, n_batch=256, logits_all=True, verbose=False,
        n_threads=2, type_k=0, type_v=0,
    )
    model.eval(ids[0].tolist())
    found = torch.tensor(model.scores[: ids.shape[1]])
    scale = float(expected.abs().max())
    compare(f"{path.name}: llama.cpp's logits, relative", found / scale, expected / scale, 5e-3)
    tokenizer = PreTrainedTokenizerFast(tokenizer_file=str(path / "tokenizer.json"))
    theirs = model.tokenize(TEXT.encode(), add_bos=False, special=False)
    wrong = theirs != tokenizer(TEXT, add_special_tokens=False)["input_ids"]
    results.append([f"{path.name}: llama.cpp's tokens", int(wrong), 0])


names = {"attn_q": "self_attn.q_proj", "attn_k": "self_attn.k_proj"}
for path in sorted(folder.glob("gguf-*")):
    architecture = path.name.removeprefix("gguf-")
    reader = GGUFReader(path / "model.gguf")
    stored = load_file(path / "model.safetensors")
    config = json.loads((path / "config.json").read_text())
    fields = {key: field.contents() for key, field in reader.fields.items()}
    wrong = [
        fields["general.architecture"] != architecture,
        fields[f"{architecture}.embedding_length"] != config["hidden_size"],
        len(fields["tokenizer.ggml.tokens"]) != config["vocab_size"],
        fields["tokenizer.ggml.tokens"][-1] != f"[PAD{config['vocab_size'] - 1}]",
        len(fields["tokenizer.ggml.token_type"]) != config["vocab_size"],
        len(reader.tensors) != len(stored),
    ]
    results.append([f"{path.name}: metadata", sum(wrong), 0])
    tokenizer = json.loads((path / "tokenizer.json").read_text())
    control = {token["content"]: token["id"] for token in tokenizer["added_tokens"]}
    tokens, types = fields["tokenizer.ggml.tokens"], fields["tokenizer.ggml.token_type"]
    merges = [" ".join(pair) for pair in tokenizer["model"]["merges"]]
    ids_of = {**tokenizer["model"]["vocab"], **control}
    wrong = [tokens[i] != token for token, i in ids_of.items()]
    wrong += [types[i] != (3 if token in control else 1) for token, i in ids_of.items()]
    wrong += [merges != fields["tokenizer.ggml.merges"], types.count(5) != len(types) - len(ids_of)]
    results.append([f"{path.name}: tokens, types, merges", sum(wrong), 0])
    worst = 0.0
    for tensor in reader.tensors:
        values = dequantize(tensor.data, tensor.tensor_type).astype(np.float32)
        part = tensor.name.split(".")
        if part[0] == "blk" and part[2] in names:
            expected = stored[f"model.layers.{part[1]}.{names[part[2]]}.{part[3]}"].float().numpy()
            if architecture == "llama":
                dim = config["head_dim"]
                rows, columns = expected.shape
                expected = expected.reshape(rows // dim, 2, dim // 2, columns)
                expected = expected.swapaxes(1, 2).reshape(rows, columns)
            worst = max(worst, float(np.abs(values - expected).max()))
    results.append([f"{path.name}: rows of q and k", worst, 0])
    found = logits(load(path, gguf_file="model.gguf"))
    expected = logits(load(path))
    scale = float(expected.abs().max())
    compare(f"{path.name}: logits, relative", found / scale, expected / scale, 1e-5)
    if Llama is not None:
        compare_with_llama_cpp(path, expected)

print(json.dumps(results))
