"""What the benchmark scripts share: medians of times, peak memory, products of matrices, rewards, the JSON they write."""

import json
import resource
import statistics
import time

import torch


def median_seconds(run, repeats=5):
    """Median seconds of several runs, after one that warms up."""
    run()
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)


def peak_megabytes():
    """The peak of this process's memory, in units of 2^20 bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def matmul_gflops(sizes, operations):
    """Speed of float32 products of square matrices; each time measured is of about so many operations."""
    found = {}
    for n in sizes:
        x, y = torch.randn(n, n), torch.randn(n, n)
        repeats = max(3, int(operations / (2 * n**3)))

        def run():
            for _ in range(repeats):
                torch.mm(x, y)

        found[f"matmul_{n}_gflops"] = 2 * n**3 * repeats / median_seconds(run) / 1e9
    return found


def made_up_rewards(count):
    """Reward functions for TRL that depend on nothing but the completion's letters."""

    def reward(k):
        def score(completions, **_):
            return [sum(map(ord, text)) * (k + 3) % 97 / 97 for text in completions]

        score.__name__ = f"reward{k}"
        return score

    return [reward(k) for k in range(count)]


def record_seconds(trainer, name, into):
    """Appends the seconds of every call of a trainer's method to a list."""
    method = getattr(trainer, name)

    def timed(*args, **options):
        start = time.perf_counter()
        result = method(*args, **options)
        into.append(time.perf_counter() - start)
        return result

    setattr(trainer, name, timed)


def write_json(found, path):
    """Prints what was found, and writes it to a file where one is named."""
    text = json.dumps(found, indent=1)
    print(text)
    if path:
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
