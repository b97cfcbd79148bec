"""Reference values for the weights, the bounds and the statistics, by exact arithmetic and by other programs.

    python theory_reference.py [OUT] [SEED]

Weights are solved in rational arithmetic: active sets are enumerated and the KKT conditions checked as fractions, then
they are checked against quadprog. Statistics come from scipy and statsmodels, hypervolumes from moocore and pymoo and
by inclusion and exclusion. Numbers are stored as float64. Needs requirements.txt.
"""

import itertools
import json
import math
import sys
from fractions import Fraction
from importlib.metadata import version
from pathlib import Path

import moocore
import numpy as np
import scipy
import scipy.stats
import statsmodels
from pymoo.indicators.hv import HV
from scipy.optimize import brentq
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.proportion import proportion_confint

from exact_programs import floats
from gram_reference import gram_cases

NOTES = (
    "When w_unique is false compare d, d_norm_M and Gw, never v or w. "
    "One p-value rule: p = P(Bin(n, alpha) <= k). KL in nats, whole sequences."
)


def draw_moments(kind, rng):
    """Variances a and b of two errors and their covariance c."""

    def drawn(low, high):
        return float(round(rng.uniform(low, high), 4))

    if kind == "interior":
        return drawn(0.02, 0.1), drawn(0.02, 0.1), drawn(-0.01, 0.01)
    if kind == "clip0":
        b = drawn(0.01, 0.03)
        return round(b * 6, 4), b, round(b * 1.8, 4)
    if kind == "clip1":
        a = drawn(0.01, 0.03)
        return a, round(a * 6, 4), round(a * 1.8, 4)
    a = drawn(0.02, 0.05)
    return a, a, a if kind == "identical" else 0.0


def lambda_cases(rng):
    """The mix of two rewards with the least variance; 0.5 where every mix has the same."""
    cases = []
    for kind in ("interior", "clip0", "clip1", "equal", "identical"):
        a, b, c = draw_moments(kind, rng)
        spread = a + b - 2 * c
        raw = None if abs(spread) < 1e-15 else (b - c) / spread
        mix = 0.5 if raw is None else min(1, max(0, raw))
        cases.append(
            {
                "kind": kind,
                "a": a,
                "b": b,
                "c": c,
                "lambda_raw": raw,
                "lambda_star": mix,
                "variance": mix * mix * a + (1 - mix) ** 2 * b + 2 * mix * (1 - mix) * c,
                "min_ab": min(a, b),
                "convention_when_degenerate": 0.5,
            }
        )
    return [*cases, lambda_from_data(rng)]


def lambda_from_data(rng):
    """The mix as the slope of a regression."""
    size = 40
    errors = rng.multivariate_normal([0, 0], [[0.05, 0.01], [0.01, 0.03]], size=size).round(6)
    quality = rng.uniform(0.3, 0.7, size=size).round(6)
    first, second = quality + errors[:, 0], quality + errors[:, 1]
    moments = np.cov(first - quality, second - quality)
    a, b, c = moments[0, 0], moments[1, 1], moments[0, 1]
    fit = scipy.stats.linregress((second - quality) - (first - quality), second - quality)
    raw = (b - c) / (a + b - 2 * c)
    assert abs(raw - fit.slope) < 1e-12
    return {
        "kind": "from_data",
        "Q": quality.tolist(),
        "R": first.tolist(),
        "S": second.tolist(),
        "a": a,
        "b": b,
        "c": c,
        "lambda_raw": raw,
        "ols_slope": fit.slope,
        "ols_stderr": fit.stderr,
    }


def threshold_test(confidence, error, threshold, alpha, delta):
    answered = confidence >= threshold
    n, k = int(answered.sum()), int(error[answered].sum())
    upper = 1.0 if k == n else float(scipy.stats.beta.ppf(1 - delta, k + 1, n - k))
    p = float(scipy.stats.binom.cdf(k, n, alpha)) if n else 1.0
    assert (p <= delta) == (upper <= alpha)
    return {"t": threshold, "n": n, "k": k, "p": p, "upper": upper}


def last_passed(tests, delta, at_least):
    """The last threshold of the sequence before the first one that fails; tests of fewer answers are passed over."""
    chosen = None
    for test in tests:
        if test["n"] < at_least:
            continue
        if test["p"] > delta:
            break
        chosen = test["t"]
    return chosen


def selective_cases(rng):
    settings = [
        (200, 0.1, 0.1, 0.25),
        (400, 0.1, 0.1, 0.3),
        (400, 0.05, 0.1, 0.2),
        (2000, 0.1, 0.05, 0.35),
        (60, 0.1, 0.1, 0.4),
    ]
    cases = []
    for size, alpha, delta, base in settings:
        confidence = rng.uniform(size=size).round(6)
        error = (rng.uniform(size=size) < base * (1 - confidence) ** 1.5 + 0.01).astype(int)
        grid = [round(0.95 - 0.05 * i, 2) for i in range(20)]
        minimum = math.ceil(math.log(delta) / math.log(1 - alpha))
        tests = [threshold_test(confidence, error, t, alpha, delta) for t in grid]
        cases.append(
            {
                "N": size,
                "alpha": alpha,
                "delta": delta,
                "n_min": minimum,
                "rule": "answer when confidence >= t",
                "grid": grid,
                "confidence": confidence.tolist(),
                "error": error.tolist(),
                "tests": tests,
                "chosen_strict_start_0": last_passed(tests, delta, 0),
                "chosen_skip_below_n_min": last_passed(tests, delta, minimum),
            }
        )
    return cases


def exact_hypervolume(points, reference):
    """By inclusion and exclusion, in fractions."""

    def hundredths(values):
        return [Fraction(int(round(x * 100)), 100) for x in values]

    points, reference = [hundredths(point) for point in points], hundredths(reference)
    total = Fraction(0)
    for size in range(1, len(points) + 1):
        for chosen in itertools.combinations(points, size):
            volume = Fraction(1)
            for axis, low in enumerate(reference):
                volume *= max(Fraction(0), min(point[axis] for point in chosen) - low)
            total += volume if size % 2 else -volume
    return float(total)


def hypervolume_cases(rng):
    cases = []
    for axes, size in ((2, 5), (2, 8), (3, 6), (3, 10), (4, 8)):
        points = rng.uniform(0.05, 0.95, size=(size, axes)).round(2)
        reference = [0.0] * axes
        if (axes, size) == (2, 8):
            points[3] = points[2]
            points[4] = points[2] - 0.05
            points = points.round(2)
        if (axes, size) == (3, 10):
            reference = [0.1, 0.2, 0.0]
            points[0] = [0.05, 0.9, 0.9]
        by_moocore = float(moocore.hypervolume(points, ref=reference, maximise=True))
        by_pymoo = float(HV(ref_point=-np.array(reference))(-points))
        exact = exact_hypervolume(points, reference)
        assert abs(by_moocore - by_pymoo) < 1e-12 and abs(by_moocore - exact) < 1e-12
        best = moocore.is_nondominated(points, maximise=True, keep_weakly=True)
        cases.append(
            {
                "dim": axes,
                "sense": "maximise",
                "points": points.tolist(),
                "reference": reference,
                "hypervolume_moocore": by_moocore,
                "hypervolume_pymoo": by_pymoo,
                "hypervolume_exact_rational": exact,
                "nondominated": [bool(x) for x in best],
            }
        )
    return cases


def mid_p(b, c):
    """McNemar's mid-p value."""
    if b == c:
        return 1.0
    n, k = b + c, min(b, c)
    lower, at = scipy.stats.binom.cdf(k - 1, n, 0.5), scipy.stats.binom.pmf(k, n, 0.5)
    return min(1.0, float(2 * (lower + 0.5 * at)))


def count_cases(rng):
    cases = []
    for n in (20, 50, 100, 200, 500):
        successes = 20 if n == 20 else int(rng.binomial(n, rng.choice([0.02, 0.5, 0.9])))
        b, c = [int(x) for x in rng.integers(0, n // 4, size=2)]
        a = int(rng.integers(0, n - b - c + 1))
        table = [[a, b], [c, n - a - b - c]]
        corrected = mcnemar(table, exact=False, correction=True)
        wilson = proportion_confint(successes, n, 0.05, "wilson")
        clopper_pearson = proportion_confint(successes, n, 0.05, "beta")
        cases.append(
            {
                "n": n,
                "successes": successes,
                "wilson95": floats(wilson),
                "clopper_pearson95": floats(clopper_pearson),
                "table": table,
                "mcnemar_exact_p": float(mcnemar(table, exact=True).pvalue),
                "mcnemar_mid_p": mid_p(b, c),
                "mcnemar_chi2_corrected": float(corrected.statistic),
                "mcnemar_chi2_corrected_p": float(corrected.pvalue),
            }
        )
    return cases


def divergence(x, q):
    """KL of Bernoulli(x) from Bernoulli(q), in nats."""
    ones = 0 if x == 0 else x * math.log(x / q)
    return ones + (0 if x == 1 else (1 - x) * math.log((1 - x) / (1 - q)))


def kl_cases(rng):
    """The scores that a divergence from a reference's score allows, and the bounds by Pinsker and by Bretagnolle and Huber."""
    lows, highs = [0.01, 0.05, 0.01, 0.1, 1.0], [0.1, 0.5, 0.05, 0.5, 3.0]
    drawn = [round(float(x), 4) for x in rng.uniform(lows, highs)]
    cases = []
    for q, k in zip((0.5, 0.8, 0.9, 0.99, 0.65), drawn):

        def excess(x):
            return divergence(x, q) - k

        cases.append(
            {
                "J_ref": q,
                "sequence_kl": k,
                "lower": 0.0 if excess(0) <= 0 else brentq(excess, 1e-300, q, xtol=1e-15),
                "upper": 1.0 if excess(1) <= 0 else brentq(excess, q, 1 - 1e-16, xtol=1e-15),
                "pinsker": math.sqrt(k / 2),
                "bretagnolle_huber": math.sqrt(1 - math.exp(-k)),
            }
        )
    return cases


def main(out="reference.json", seed="20250804"):
    rng = np.random.default_rng(int(seed))
    meta = {
        "seed": int(seed),
        "generator": Path(__file__).name,
        "numpy": np.__version__,
        "scipy": scipy.__version__,
        "statsmodels": statsmodels.__version__,
        **{name: version(name) for name in ("quadprog", "moocore", "pymoo")},
        "notes": NOTES,
    }
    data = {
        "meta": meta,
        "gram": gram_cases(rng),
        "lambda_star": lambda_cases(rng),
        "selective": selective_cases(rng),
        "hypervolume": hypervolume_cases(rng),
        "counts": count_cases(rng),
        "kl_inverse": kl_cases(rng),
    }
    Path(out).write_text(json.dumps(data, separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
