"""Small quadratic programmes in rational arithmetic. For theory_reference.py."""

import itertools
from fractions import Fraction


def times(matrix, vector):
    return [dot(row, vector) for row in matrix]


def dot(a, b):
    return sum(x * y for x, y in zip(a, b))


def combine(weights, rows):
    """The weighted sum of rows."""
    return [dot(weights, column) for column in zip(*rows)]


def floats(values):
    return [float(x) for x in values]


def solve(matrix, right):
    """Gaussian elimination: a solution with free variables 0, and whether it is the only one; None without any."""
    size = len(matrix)
    rows = [list(row) + [b] for row, b in zip(matrix, right)]
    pivots = []
    for column in range(size):
        rank = len(pivots)
        pivot = next((i for i in range(rank, size) if rows[i][column] != 0), None)
        if pivot is None:
            continue
        rows[rank], rows[pivot] = rows[pivot], rows[rank]
        rows[rank] = [x / rows[rank][column] for x in rows[rank]]
        for i in range(size):
            if i != rank and rows[i][column] != 0:
                factor = rows[i][column]
                rows[i] = [x - factor * y for x, y in zip(rows[i], rows[rank])]
        pivots.append(column)
    if any(row[size] != 0 for row in rows[len(pivots) :]):
        return None
    solution = [Fraction(0)] * size
    for row, column in zip(rows, pivots):
        solution[column] = row[size]
    return solution, len(pivots) == size


def subsets(size, smallest):
    """All sets of indices, the small ones first."""
    for count in range(smallest, size + 1):
        yield from itertools.combinations(range(size), count)


def nonnegative(gram, linear):
    """argmin over v >= 0 of v'Gv/2 + b'v, and the slack Gv + b: the first active set that meets the KKT conditions."""
    size = len(gram)
    for active in subsets(size, 0):
        v = [Fraction(0)] * size
        if active:
            inner = [[gram[i][j] for j in active] for i in active]
            solved = solve(inner, [-linear[i] for i in active])
            if solved is None:
                continue
            for i, x in zip(active, solved[0]):
                v[i] = x
        slack = [x + y for x, y in zip(times(gram, v), linear)]
        if min(v) >= 0 and min(slack) >= 0 and dot(v, slack) == 0:
            return v, slack
    raise AssertionError("no active set meets the KKT conditions")


def project(gram, lower):
    """argmin over w >= u of w'Gw. Gives v = w - u, w and Gw."""
    v, slack = nonnegative(gram, times(gram, lower))
    return v, [a + b for a, b in zip(lower, v)], slack


def minimum_norm(gram):
    """argmin over the simplex of w'Gw."""
    size = len(gram)
    for active in subsets(size, 1):
        inner = [[gram[i][j] for j in active] + [Fraction(-1)] for i in active]
        inner.append([Fraction(1)] * len(active) + [Fraction(0)])
        solved = solve(inner, [Fraction(0)] * len(active) + [Fraction(1)])
        if solved is None or min(solved[0][: len(active)]) < 0:
            continue
        w = [Fraction(0)] * size
        for i, x in zip(active, solved[0]):
            w[i] = x
        progress = times(gram, w)
        if min(progress) >= dot(w, progress):
            return w
    raise AssertionError("no active set meets the KKT conditions")
