"""Gram matrices with the weights of the rules, solved exactly. For theory_reference.py."""

import math
from fractions import Fraction

import numpy as np
import quadprog

from exact_programs import combine, dot, floats, minimum_norm, nonnegative, project, solve, times

KINDS = [
    "aligned",
    "conflict2",
    "generic3",
    "generic4",
    "generic4",
    "metric4",
    "duplicate",
    "opposite",
    "stationary",
    "zero",
]


def unit(size, index):
    return [Fraction(int(i == index)) for i in range(size)]


def draw_jacobian(kind, rng, width):
    rows = {"aligned": 3, "conflict2": 2, "generic3": 3}.get(kind, 4)
    jacobian = rng.integers(-5, 6, size=(rows, width))
    if kind == "aligned":
        jacobian = np.abs(jacobian) + 1
    if kind == "conflict2":
        jacobian[1] = -jacobian[0] + rng.integers(-1, 2, size=width)
    if kind == "duplicate":
        jacobian[1] = 2 * jacobian[0]
        jacobian[2] = -jacobian[0] + jacobian[3]
    if kind == "opposite":
        jacobian[1] = -jacobian[0]
    if kind == "stationary":
        jacobian[3] = -(jacobian[0] + jacobian[1] + jacobian[2])
    if kind == "zero":
        jacobian[2] = 0
    return jacobian


def general_program(rng, rows, metric, gram):
    """The least change of any other update (momentum, divergence, decay) that harms no capability: Theorem 5."""
    base = [Fraction(int(x)) for x in rng.integers(-4, 5, size=len(metric))]
    progress = [sum(x * y * z for x, y, z in zip(row, base, metric)) for row in rows]
    v, after = nonnegative(gram, progress)
    z = [x + y for x, y in zip(base, combine(v, rows))]
    return {
        "base": floats(base),
        "b": floats(progress),
        "v": floats(v),
        "z": floats(z),
        "progress": floats(after),
        "z_norm_M_squared": float(sum(x * x * y for x, y in zip(z, metric))),
    }


def ridged_weights(gram, preference):
    """Weights with 1 % of each diagonal entry added, and how far the exact conditions then are from holding."""
    size = len(gram)
    ridged = [
        [gram[i][j] + (gram[i][i] / 100 if i == j else 0) for j in range(size)]
        for i in range(size)
    ]
    w = project(ridged, preference)[1]
    progress = times(gram, w)
    slack = dot([x - y for x, y in zip(w, preference)], progress)
    assert all(x >= -gram[i][i] / 100 * w[i] for i, x in enumerate(progress)) and slack <= 0
    return {"w": floats(w), "Gw": floats(progress), "eps": float(slack)}


def unique_weights(gram, preference, w):
    """What only a nonsingular Gram matrix has: the dual basis, and quadprog's agreement."""
    size = len(gram)
    inverse = [solve(gram, unit(size, j))[0] for j in range(size)]  # its columns
    dual = [
        float(sum(preference[j] * inverse[j][i] / inverse[j][j] for j in range(size)))
        for i in range(size)
    ]
    found = quadprog.solve_qp(
        np.array([floats(row) for row in gram]),
        np.zeros(size),
        np.eye(size),
        np.array(floats(preference)),
    )[0]
    apart = float(np.abs(found - floats(w)).max())
    assert apart < 1e-9, apart
    return {"dual_basis_w": dual, "quadprog_max_abs_dev": apart}


def gram_case(kind, rng):
    jacobian = draw_jacobian(kind, rng, width=6)
    size, width = jacobian.shape
    quarters = rng.integers(1, 17, size=width) if kind in ("metric4", "duplicate") else [4] * width
    metric = [Fraction(int(x), 4) for x in quarters]
    parts = [int(x) for x in rng.integers(1, 6, size=size)]
    p = [Fraction(x, sum(parts)) for x in parts]
    rows = [[Fraction(int(x)) for x in row] for row in jacobian]
    gram = [
        [sum(a * b * c for a, b, c in zip(one, other, metric)) for other in rows] for one in rows
    ]
    v, w, progress = project(gram, p)
    least, given = dot(w, progress), dot(p, times(gram, p))
    assert dot(p, progress) == least and given - least == dot(v, times(gram, v))
    projected = [project(gram, unit(size, j))[1] for j in range(size)]
    upgrad = [sum(p[i] * projected[i][j] for i in range(size)) for j in range(size)]
    mgda = minimum_norm(gram)
    rank = int(np.linalg.matrix_rank(np.array([floats(row) for row in gram])))
    case = {
        "kind": kind,
        "m": size,
        "J": jacobian.tolist(),
        "metric_diag": floats(metric),
        "G": [floats(row) for row in gram],
        "p": floats(p),
        "rank": rank,
        "w_unique": rank == size,
        "v": floats(v),
        "w": floats(w),
        "Gw": floats(progress),
        "d": floats(combine(w, rows)),
        "d_norm_M": math.sqrt(float(least)),
        "d_norm_M_squared": float(least),
        "u_norm_M_squared": float(given),
        "price_of_harmlessness": float(given - least),
        "active": [i for i in range(size) if v[i] > 0],
        "d_is_zero": least == 0,
        "upgrad_w": floats(upgrad),
        "upgrad_norm_M_squared": float(dot(upgrad, times(gram, upgrad))),
        "general": general_program(rng, rows, metric, gram),
        "ridge_1_percent": ridged_weights(gram, p),
        "mgda_norm_M_squared": float(dot(mgda, times(gram, mgda))),
        "mgda_w": floats(mgda),
    }
    if case["w_unique"]:
        case.update(unique_weights(gram, p, w))
    g, rounded = np.array(case["G"]), np.array(case["w"])
    case["kkt_float64"] = {
        "min_Gw": float((g @ rounded).min()),
        "complementarity": float(np.array(case["v"]) @ g @ rounded),
        "pGw_minus_wGw": float(np.array(case["p"]) @ g @ rounded - rounded @ g @ rounded),
    }
    case["min_offdiag"] = min(
        float(gram[i][j]) for i in range(size) for j in range(size) if i != j
    )
    case["some_preference_harms"] = case["min_offdiag"] < 0
    return case


def gram_cases(rng):
    return [gram_case(kind, rng) for kind in KINDS]
