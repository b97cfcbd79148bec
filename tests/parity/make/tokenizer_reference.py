"""Small tokenizers, one a rule of tokenizer.json, as the library tokenizers encodes with them.

`tokenizer_reference.py` writes ../references/tokenizers/reference.json: a base definition, texts, and for each rule
what it changes in the base with the ids of every text.
"""

import json
from pathlib import Path

from tokenizers import Tokenizer

SYMBOLS = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
OTHERS = [byte for byte in range(256) if byte not in SYMBOLS]
ALPHABET = [chr(byte) for byte in SYMBOLS] + [chr(256 + i) for i in range(len(OTHERS))]
MERGES = [
    ("a", "b"), ("-", "-"), ("-", "a"), ("Ġ", "a"), ("c", "a"), ("ca", "t"), ("Ġ", "Ġ"), ("1", "2"), ("'", "s"), ("ab", "-"),
    ("Ġ", "cat"), ("!", "!"), ("Ċ", "Ċ"), ("e", "r"), ("'", "S"), ("Ġ", "Ċ"), ("Ã", "Ł"), ("Ġa", "b"), (".", "."), ("3", "12"), ("t", "s"),
]
TOKENS = [*ALPHABET, *(a + b for a, b in MERGES)]
BYTES = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": False}
BASE = {
    "version": "1.0", "truncation": None, "padding": None, "added_tokens": [], "normalizer": None, "pre_tokenizer": BYTES,
    "post_processor": None, "decoder": {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True},
    "model": {
        "type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": None, "end_of_word_suffix": None,
        "fuse_unk": False, "byte_fallback": False, "vocab": {token: i for i, token in enumerate(TOKENS)}, "merges": [list(m) for m in MERGES],
    },
}
TEXTS = [
    "ab--ab-a", "-a-", "--", "", "a", "a cat sat", "concat cats cat.", "cat", " cat  cat\tcat\u00a0cat\u0085cat\ufeffcat", "catécat cat_ 1cat cat1 🙂cat ecat\u0301cat", "<t>x <t> y  <t>  <t>z", "<T> <t>a",
    "x12 3123 ²½ ١٢", "it's IT'S it'ſ 'K", "ab!!ab?!.", "a\n\nb \n c\r\n\r\nd", "  ab   ab  ", "Grüße ΑΣ Σας ﬁ Å", "é e\u0301 ñ", "a.b..c", "a«b»c$d+e", "\u2028ab\u3000ab", "İstanbul", "\u200cab\u200dcat",
]


def split(behavior, pattern={"String": "-"}, invert=False):
    return {"pre_tokenizer": {"type": "Sequence", "pretokenizers": [{"type": "Split", "pattern": pattern, "behavior": behavior, "invert": invert}, BYTES]}}


def before(*steps):
    return {"pre_tokenizer": {"type": "Sequence", "pretokenizers": [*steps, BYTES]}}


def added(*tokens, **more):
    base = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": False}
    rows, free = [], len(TOKENS)
    for token in tokens:
        known = BASE["model"]["vocab"].get(token["content"])
        rows.append({"id": free if known is None else known, **base, **token})
        free += known is None
    return {"added_tokens": rows, **more}


BEHAVIORS = ["Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous"]
QWEN = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
CASES = {
    **{f"Split {b}{' inverted' if i else ''}": split(b, invert=i) for b in BEHAVIORS for i in (False, True)},
    **{f"Split of an expression, {b}": split(b, {"Regex": r"\s+|[^\w\s]"}) for b in BEHAVIORS},
    "Split at words, numbers and spaces": split("Isolated", {"Regex": QWEN}),
    "Split at words, inverted and Removed": split("Removed", {"Regex": QWEN}, True),
    **{f"Punctuation {b}": before({"type": "Punctuation", "behavior": b}) for b in BEHAVIORS},
    "Digits": before({"type": "Digits", "individual_digits": False}),
    "Digits alone": before({"type": "Digits", "individual_digits": True}),
    "Whitespace": before({"type": "Whitespace"}),
    "WhitespaceSplit": before({"type": "WhitespaceSplit"}),
    "CharDelimiterSplit": before({"type": "CharDelimiterSplit", "delimiter": "a"}),
    "FixedLength": before({"type": "FixedLength", "length": 3}),
    "ByteLevel with words": {"pre_tokenizer": {**BYTES, "use_regex": True}},
    "ByteLevel with a space before": {"pre_tokenizer": {**BYTES, "use_regex": True, "add_prefix_space": True}},
    "Digits and a space before": {"pre_tokenizer": {"type": "Sequence", "pretokenizers": [{"type": "Digits", "individual_digits": True}, {**BYTES, "add_prefix_space": True}]}},
    **{f"normalizer {n}": {"normalizer": {"type": n}} for n in ["NFC", "NFD", "NFKC", "NFKD", "Lowercase", "StripAccents"]},
    "normalizer Strip": {"normalizer": {"type": "Strip", "strip_left": True, "strip_right": True}},
    "normalizer Strip, one side": {"normalizer": {"type": "Strip", "strip_left": False, "strip_right": True}},
    "normalizer Prepend": {"normalizer": {"type": "Prepend", "prepend": "a"}},
    "normalizer Replace": {"normalizer": {"type": "Replace", "pattern": {"Regex": r"\s+"}, "content": "$1-"}},
    "normalizer Replace of a text": {"normalizer": {"type": "Replace", "pattern": {"String": "."}, "content": "!"}},
    "normalizer Sequence": {"normalizer": {"type": "Sequence", "normalizers": [{"type": "NFD"}, {"type": "StripAccents"}, {"type": "Lowercase"}]}},
    "added token": added({"content": "cat"}),
    "added token, single_word": added({"content": "cat", "single_word": True}),
    "added token, single_word, special and longer": added({"content": "cat", "single_word": True, "special": True}, {"content": "cats", "single_word": True}, {"content": "ca"}),
    "added token, lstrip": added({"content": "<t>", "lstrip": True, "special": True}),
    "added token, rstrip": added({"content": "<t>", "rstrip": True, "special": True}),
    "added token, both strips": added({"content": "<t>", "lstrip": True, "rstrip": True}, {"content": "cat", "lstrip": True, "rstrip": True}),
    "added token, normalized": added({"content": "<T>", "normalized": True}, {"content": "<t>"}, normalizer={"type": "Lowercase"}),
    "added token, normalized and single_word": added({"content": "CAT", "normalized": True, "single_word": True}, {"content": "x", "special": True}, normalizer={"type": "Lowercase"}),
    "added tokens, the longest": added({"content": "ab"}, {"content": "ab--"}, {"content": "ab-"}),
    "added token of white space": added({"content": "  "}, {"content": "<t>", "rstrip": True}),
    "ignore_merges": {"model": {"ignore_merges": True}, "pre_tokenizer": {**BYTES, "use_regex": True}},
    "a byte without a token": {"model": {"without": "."}},
}


def main():
    rows = []
    for name, change in CASES.items():
        model = {**BASE["model"], **change.get("model", {})}
        without = model.pop("without", None)
        if without:
            model["vocab"] = {t: i for t, i in model["vocab"].items() if without not in t}
            model["merges"] = [m for m in model["merges"] if without not in "".join(m)]
        definition = {**BASE, **change, "model": model}
        tokenizer = Tokenizer.from_str(json.dumps(definition))
        rows.append({"name": name, "change": change, "ids": [tokenizer.encode(text, add_special_tokens=False).ids for text in TEXTS]})
    folder = Path(__file__).parent.parent / "references" / "tokenizers"
    folder.mkdir(exist_ok=True)
    text = ",\n  ".join(json.dumps(row) for row in rows)
    head = f'{{\n "base": {json.dumps(BASE)},\n "texts": {json.dumps(TEXTS)},\n "rows": [\n  {text}\n ]\n}}\n'
    (folder / "reference.json").write_text(head)
    print(f"{len(rows)} rules, {len(TEXTS)} texts")


if __name__ == "__main__":
    main()
