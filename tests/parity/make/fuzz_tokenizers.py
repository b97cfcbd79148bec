"""Random tokenizer files around the vocabulary of tokenizer_reference.py, as transformers' AutoTokenizer reads them."""

import json
import tempfile
from pathlib import Path

import transformers
from foreign_files_reference import BASE as MODEL
from tokenizer_reference import BASE, BEHAVIORS, BYTES, QWEN, TEXTS, TOKENS
from transformers import AutoTokenizer

SIZE = len(TOKENS)
SPECIAL = ["<s>", "</s>", "<|end|>", "<|endoftext|>"]
MARKS = [*SPECIAL, "<pad>", "<unk>", "<|tool|>", "<T>", "cat", "ab", " ab", "<x y>", "É", "  "]
PATTERNS = [
    {"String": "-"}, {"String": "a"}, {"String": " "}, {"String": "."}, {"Regex": r"\s+|[^\w\s]"}, {"Regex": QWEN}, {"Regex": r"\p{L}+"}, {"Regex": r"\d{1,3}"}, {"Regex": r"\p{N}"}, {"Regex": r"[a-c]"},
    {"Regex": r"\s*[\r\n]+|\s+"}, {"Regex": r"[[:alpha:]]+|[[:punct:]]"}, {"Regex": r"(?i)cat"}, {"Regex": r"(?i:ab)|\s"}, {"Regex": r"\p{Lu}\p{Ll}*"}, {"Regex": r"\h+"}, {"Regex": r"^a|b$"}, {"Regex": r"\bcat\b"},
    {"Regex": r"[^\S\n]+"}, {"Regex": r"(?<=a)b"}, {"Regex": r"\p{Han}+|\p{Script=Greek}+"}, {"Regex": r"x*"}, {"Regex": r"."}, {"Regex": r"[\p{P}\p{S}]"}, {"Regex": r"\p{M}"}, {"Regex": r"\w+"}, {"Regex": r"\R|\A."},
    {"Regex": r"(?>a+)b?"}, {"Regex": r"a++"}, {"Regex": r"\S+(?=\s|$)"}, {"Regex": r"\p{Alpha}+|\p{Punct}"}, {"Regex": r"[a-z&&[^b]]+"}, {"Regex": r"\x{e9}|\u00e9"}, {"Regex": r"(a)(b)?\1"}, {"Regex": r"\p{^L}+"}, {"Regex": r"[\s\d]+"},
]
FORMS = ["NFC", "NFD", "NFKC", "NFKD", "Lowercase", "StripAccents"]
PIECES = [
    *TEXTS[5:], "ab", "cat", " cat ", "AB", "İ ſ ẞ", "ΑΣ", "e\u0301", "é", "12", "3 1 2", "٣", "½", "--", "...", "!?", "\t", "\n\n", "\r\n", "   ", "\u00a0", "\u3000", "🙂", "👨‍👩‍👧", "<|END|>", "< s>", "<s", "a<s>b", "中文", "\u0085", "\u200b",
    "＜ｓ＞", "ﬁ", "x\u0300\u0301", "Ꭰꭰ", "_", "a_b", "ǅ", "\u1e9e", "\u2028", "\ufeff",
]


def flags(random, often=0.15):
    return {name: random.random() < often for name in ("single_word", "lstrip", "rstrip")} | {"normalized": random.random() < 0.25, "special": random.random() < 0.6}


def normalizer(random, inner=False):
    make = [
        lambda: {"type": random.choice(FORMS)}, lambda: {"type": random.choice(FORMS)}, lambda: {"type": "Strip", "strip_left": random.random() < 0.5, "strip_right": random.random() < 0.5},
        lambda: {"type": "Prepend", "prepend": random.choice(["a", " ", "▁"])}, lambda: {"type": "Replace", "pattern": random.choice(PATTERNS), "content": random.choice(["", "-", "$1", "a b", "\\1"])},
        lambda: {"type": random.choice(["Nmt", "BertNormalizer", "ByteLevel"])},
    ]
    if not inner:
        make.append(lambda: {"type": "Sequence", "normalizers": [normalizer(random, True) for _ in range(random.randrange(4))]})
    return random.choice(make)()


def step(random):
    return random.choice([
        *[lambda: {"type": "Split", "pattern": random.choice(PATTERNS), "behavior": random.choice(BEHAVIORS), "invert": random.random() < 0.3}] * 5,
        lambda: {"type": "Digits", "individual_digits": random.random() < 0.5}, lambda: {"type": "Punctuation", "behavior": random.choice(BEHAVIORS)},
        lambda: {"type": random.choice(["Whitespace", "WhitespaceSplit"])}, lambda: {"type": "CharDelimiterSplit", "delimiter": random.choice("a -")}, lambda: {"type": "FixedLength", "length": random.randrange(1, 6)},
        lambda: {"type": random.choice(["UnicodeScripts", "BertPreTokenizer"])}, lambda: {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True},
    ])()


def pre_tokenizer(random):
    last = {**BYTES, "use_regex": random.random() < 0.4, "add_prefix_space": random.random() < 0.15}
    if random.random() < 0.2:
        return last
    return {"type": "Sequence", "pretokenizers": [*(step(random) for _ in range(random.choice([1, 1, 1, 2, 3]))), last]}


def post_processor(random, tokens):
    ids = {token["content"]: token["id"] for token in tokens}
    if not ids:
        return random.choice([None, BYTES])
    name = lambda: random.choice(list(ids))
    piece = lambda token: {"SpecialToken": {"id": token, "type_id": 0}}
    text = {"Sequence": {"id": "A", "type_id": 0}}

    def template():
        before, after = ([name() for _ in range(random.choice([0, 1, 1, 2]))] for _ in range(2))
        single = [*map(piece, before), text, *map(piece, after)]
        special = {token: {"id": token, "ids": [ids[token]], "tokens": [token]} for token in {*before, *after}}
        return {"type": "TemplateProcessing", "single": single, "pair": [*single, {"Sequence": {"id": "B", "type_id": 1}}], "special_tokens": dict(sorted(special.items()))}

    def pair(kind):
        first, last = name(), name()
        more = {"trim_offsets": True, "add_prefix_space": False} if kind == "RobertaProcessing" else {}
        return {"type": kind, "sep": [last, ids[last]], "cls": [first, ids[first]], **more}

    return random.choice([
        lambda: None, lambda: BYTES, template, template, lambda: {"type": "Sequence", "processors": [BYTES, template()]}, lambda: pair("RobertaProcessing"), lambda: pair("BertProcessing"),
        lambda: {"type": "Sequence", "processors": [template(), template()]},
    ])()


def definition(random):
    """What differs from BASE in tokenizer.json; keys of the model on their own."""
    made, id, tokens = {}, SIZE, []
    for content in random.sample(MARKS, random.choice([1, 2, 3, 4, 5])):
        known = BASE["model"]["vocab"].get(content)
        tokens.append({"id": id if known is None else known, "content": content, **flags(random)})
        id += known is None
    made["added_tokens"] = tokens
    if random.random() < 0.4:
        made["normalizer"] = normalizer(random)
    if random.random() < 0.7:
        made["pre_tokenizer"] = pre_tokenizer(random)
    if random.random() < 0.6:
        made["post_processor"] = post_processor(random, tokens)
    if random.random() < 0.1:
        made["truncation"] = {"direction": "Right", "max_length": 4, "strategy": "LongestFirst", "stride": 0}
    if random.random() < 0.1:
        made["padding"] = {"strategy": {"Fixed": 9}, "direction": "Right", "pad_to_multiple_of": None, "pad_id": 0, "pad_type_id": 0, "pad_token": "!"}
    if random.random() < 0.1:
        made["decoder"] = random.choice([None, {"type": "Sequence", "decoders": [BASE["decoder"]]}, {"type": "Fuse"}, {**BASE["decoder"], "add_prefix_space": False}])
    model = {key: value for key, value in {"ignore_merges": True, "byte_fallback": True, "fuse_unk": True, "unk_token": "a", "dropout": 0.0, "continuing_subword_prefix": "##", "end_of_word_suffix": ""}.items() if random.random() < (0.3 if key == "ignore_merges" else 0.03)}
    return made, model


def token(random, content):
    """A token as tokenizer_config.json writes it: a text, or an object."""
    if random.random() < 0.75:
        return content
    return {"__type": "AddedToken", "content": content, **flags(random, 0.1)}


def beside(random, tokens):
    """The files beside tokenizer.json."""
    contents = [t["content"] for t in tokens]
    name = lambda: random.choice(contents) if random.random() < 0.7 else random.choice([*MARKS, "a", "<new>"])
    config = {}
    if random.random() < 0.85:
        config["tokenizer_class"] = random.choice(["PreTrainedTokenizerFast", "PreTrainedTokenizerFast", "TokenizersBackend", "Qwen2Tokenizer", "Qwen2TokenizerFast", "LlamaTokenizer", "LlamaTokenizerFast", "GPT2Tokenizer", "GPT2TokenizerFast", "PreTrainedTokenizer"])
    for key, chance in {"bos_token": 0.5, "eos_token": 0.6, "pad_token": 0.4, "unk_token": 0.25, "cls_token": 0.05, "mask_token": 0.08, "image_token": 0.05}.items():
        if random.random() < chance:
            config[key] = None if random.random() < 0.15 else token(random, name())
    for key, values in {
        "add_bos_token": [True, False, None], "add_eos_token": [True, False], "add_prefix_space": [True, False, False, None], "clean_up_tokenization_spaces": [True, False], "split_special_tokens": [True, False, False, None], "model_max_length": [3, 1e30],
        "padding_side": ["left"], "use_fast": [False], "legacy": [True, False], "errors": ["ignore", "replace"], "sp_model_kwargs": [{}], "a_key_of_no_one": [1], "trim_offsets": [False], "spaces_between_special_tokens": [True], "do_lower_case": [True],
    }.items():
        if random.random() < 0.08:
            config[key] = random.choice(values)
    if random.random() < 0.25:
        listed = tokens if random.random() < 0.7 else [t for t in tokens if random.random() < 0.7]
        decoder = {str(t["id"]): {**{k: v for k, v in t.items() if k != "id"}, **(flags(random, 0.1) if random.random() < 0.3 else {})} for t in listed}
        if random.random() < 0.4:
            decoder[str(max(SIZE, *(t["id"] + 1 for t in tokens)) + (random.random() < 0.2))] = {"content": random.choice(["<late>", "<tool>"]), **flags(random, 0.1)}
        config["added_tokens_decoder"] = decoder
    if random.random() < 0.2:
        config[random.choice(["additional_special_tokens", "extra_special_tokens"])] = random.choice([lambda: [token(random, name()) for _ in range(2)], lambda: [], lambda: {"tool_token": "<|tool|>"}, lambda: [name()]])()
    files = {"tokenizer_config.json": config}
    if random.random() < 0.2:
        files["special_tokens_map.json"] = {key: token(random, name()) for key in random.sample(["bos_token", "eos_token", "pad_token", "unk_token"], 2)} | ({"additional_special_tokens": [name()]} if random.random() < 0.3 else {})
    if random.random() < 0.1:
        files["added_tokens.json"] = {random.choice(["<late>", "<tool>", contents[0]]): max(SIZE, *(t["id"] + 1 for t in tokens))}
    if random.random() < 0.2:
        files["generation_config.json"] = {"eos_token_id": random.choice([SIZE, [SIZE, 3], [], None]), "bos_token_id": random.choice([2, None])}
    return files


def text(random, tokens):
    contents = [t["content"] for t in tokens] + ["<s>", "<|end|>"]
    mixed = lambda: random.choice([str.lower, str.upper, str])(random.choice(contents)) if random.random() < 0.2 else random.choice(contents)
    return "".join(random.choice([lambda: random.choice(PIECES), lambda: random.choice(PIECES), mixed, lambda: random.choice([" ", "  ", "", "\n"])])() for _ in range(random.randrange(1, 6)))


def outcome(folder, texts):
    try:
        tokenizer = AutoTokenizer.from_pretrained(folder)
        part = [tokenizer(text, add_special_tokens=False)["input_ids"] for text in texts]
        return {
            "names": [tokenizer.bos_token, tokenizer.eos_token, tokenizer.pad_token],
            "part": part,
            "alone": [tokenizer(text)["input_ids"] for text in texts],
            "decoded": [tokenizer.decode(ids, skip_special_tokens=True) for ids in part],
            "with_special": [tokenizer.decode(ids) for ids in part],
        }
    except BaseException as error:  # tokenizers panics, too
        if isinstance(error, KeyboardInterrupt):
            raise
        return {"refused": type(error).__name__}


def short(change, found):
    """A row without what it says twice: flags that are off, and texts and ids that equal the ones before."""
    tokens = [{key: value for key, value in token.items() if value is not False} for token in change["added_tokens"]]
    same = {"alone": "part", "with_special": "decoded"}
    return {"change": {**change, "added_tokens": tokens}}, {key: value for key, value in found.items() if value != found.get(same.get(key), [])}


def rows(random, count):
    """Files with names, ids and decoded texts, or what is raised; at most a third are refused."""
    transformers.utils.logging.disable_progress_bar()
    made, refused = [], 0
    while len(made) < count:
        architecture = random.choice(["llama", "qwen2", "qwen3"])
        change, model = definition(random)
        files = beside(random, change["added_tokens"])
        texts = [text(random, change["added_tokens"]) for _ in range(3)]
        with tempfile.TemporaryDirectory() as folder:
            whole = {**BASE, **change, "model": {**BASE["model"], **model}}
            config = {"model_type": architecture, **MODEL, "vocab_size": SIZE + 20}
            for name, content in {"tokenizer.json": whole, "config.json": config, **files}.items():
                (Path(folder) / name).write_text(json.dumps(content))
            found = outcome(folder, texts)
        if "refused" in found and refused > len(made) / 3:
            continue
        refused += "refused" in found
        change, found = short(change, found)
        made.append({"architecture": architecture, **change, **({"model": model} if model else {}), "files": files, "texts": texts, **found})
    return made
