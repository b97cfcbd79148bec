"""Texts as transformers and tokenizers read them: `texts.py FOLDER`.

Writes FOLDER/chats.json, the chat templates of the installed TRL with what transformers renders: a list of {template,
conversation, source, variables, text or error}. For every tokenizer.json in FOLDER/tokenizers/NAME it writes ids.json
beside it, the ids of each text of FOLDER/texts.json. Nothing of the templates is kept elsewhere.
"""

import json
import sys
from importlib.util import find_spec
from pathlib import Path

from tokenizers import Tokenizer
from transformers.utils.chat_template_utils import _compile_jinja_template

TOOLS = [
    {
        "type": "function",
        "function": {
            "name": "dose",
            "description": 'Looks a dose up: "mg" per kg, in <units>.',
            "parameters": {
                "type": "object",
                "properties": {
                    "drug": {"type": "string", "description": "Its name", "enum": ["aspirin", "ibuprofène"]},
                    "weights": {"type": "array", "items": {"type": "number"}},
                    "urgent": {"type": ["boolean", "null"], "default": None},
                },
                "required": ["drug"],
            },
            "return": {"type": "object", "description": "The dose"},
        },
    }
]


def turn(role, content, **more):
    return {"role": role, "content": content, **more}


CALL = {
    "type": "function",
    "id": "abcdefghi",
    "function": {"name": "dose", "arguments": {"drug": "aspirin", "weights": [1, 2.5, 1e-7, 70.25], "urgent": True, "note": None}},
}
CONVERSATIONS = {
    "user": {"messages": [turn("user", "hi")]},
    "user, prompt": {"messages": [turn("user", "hi")], "add_generation_prompt": True},
    "system": {"messages": [turn("system", "Be brief."), turn("user", "hi")], "add_generation_prompt": True},
    "turns": {"messages": [turn("user", "a"), turn("assistant", "b"), turn("user", "c")], "add_generation_prompt": True},
    "system and turns": {
        "messages": [turn("system", " s \n"), turn("user", "a\n\n"), turn("assistant", "\n  b"), turn("user", " c "), turn("assistant", "d")]
    },
    "white space": {"messages": [turn("user", "\n\t x \u00a0\u2003\x1c"), turn("assistant", "\n\n    code\n\ty\n"), turn("user", "")]},
    "letters": {"messages": [turn("user", "Grüße 你好 🙂 'a' \"b\" <c> & \\ {{ d }} {% e %}"), turn("assistant", "\u2028ß\ufeff")]},
    "thought": {
        "messages": [turn("user", "2+2?"), turn("assistant", "<think>\nfour\n</think>\n\n4"), turn("user", "and 3+3?")],
        "add_generation_prompt": True,
    },
    "reasoning": {
        "messages": [turn("user", "2+2?"), turn("assistant", "4", reasoning_content="\n two and two \n", thinking="two and two")],
        "enable_thinking": False,
    },
    "tools": {"messages": [turn("system", "s"), turn("user", "How much?")], "tools": TOOLS, "add_generation_prompt": True},
    "tool call": {
        "messages": [
            turn("user", "How much?"),
            turn("assistant", "", tool_calls=[CALL]),
            turn("tool", '{"mg": 300}', name="dose", tool_call_id="abcdefghi"),
            turn("assistant", "300 mg"),
        ],
        "tools": TOOLS,
    },
    "parts": {"messages": [turn("user", [{"type": "text", "text": "one "}, {"type": "text", "text": "two"}]), turn("assistant", [{"type": "text", "text": "three"}])]},
    "roles out of order": {"messages": [turn("assistant", "a"), turn("assistant", "b"), turn("system", "c")]},
    "none": {"messages": [], "add_generation_prompt": True},
}


def chats():
    folder = Path(find_spec("trl").submodule_search_locations[0]) / "chat_templates"
    rows = []
    for path in sorted(folder.glob("*.jinja")):
        source = path.read_bytes().decode()
        for name, conversation in CONVERSATIONS.items():
            variables = {"tools": None, "documents": None, "add_generation_prompt": False, "bos_token": "<s>", "eos_token": "</s>", **conversation}
            try:
                result = {"text": _compile_jinja_template(source).render(**variables)}
            except Exception as error:  # whatever the template does wrong
                result = {"error": f"{type(error).__name__}: {error}"}
            rows.append({"template": path.stem, "conversation": name, "source": source, "variables": variables, **result})
    return rows


def main(folder):
    (folder / "chats.json").write_text(json.dumps(chats()))
    texts = json.loads((folder / "texts.json").read_text())
    for path in sorted(folder.glob("tokenizers/*/tokenizer.json")):
        tokenizer = Tokenizer.from_file(str(path))
        ids = [tokenizer.encode(text, add_special_tokens=False).ids for text in texts]
        (path.parent / "ids.json").write_text(json.dumps(ids))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
