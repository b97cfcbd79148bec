"""What transformers, tokenizers and jinja2 make of random configurations, tokenizer files and chat templates.

    python fuzz_reference.py --out ../references/fuzz [--seed 0] [--times 1] [--only templates]

Writes configs.json, tokenizers.json and templates.json, a row a case. The same seed writes the same bytes. What the cases
are made of is in fuzz_configs.py, fuzz_tokenizers.py and fuzz_templates.py. Needs requirements.txt.
"""

import argparse
import json
from pathlib import Path
from random import Random

COUNTS = {"configs": 300, "tokenizers": 160, "templates": 700}


def write(path, rows):
    """Writes a list of rows as JSON, one a line."""
    lines = ",\n".join(json.dumps(row, ensure_ascii=False, separators=(",", ":")) for row in rows)
    path.write_text(f'{{"rows":[\n{lines}\n]}}\n')


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--times", type=int, default=1, help="how many times as many rows")
    parser.add_argument("--only", choices=COUNTS)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    for name in [options.only] if options.only else COUNTS:
        module = __import__(f"fuzz_{name}")
        rows = module.rows(Random(f"{name} {options.seed}"), COUNTS[name] * options.times)
        write(options.out / f"{name}.json", rows)
        print(f"{name}: {len(rows)} rows")


if __name__ == "__main__":
    main()
