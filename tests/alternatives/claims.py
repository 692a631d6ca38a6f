"""Other right answers to the exercises of the chapter "Claims, measured"."""

from itertools import combinations
from math import comb, factorial

from torch import nn


def ratio_of_layers(kind, layers):
    one, both = (
        getattr(nn, kind.upper())(32, 32, layers, bidirectional=flag, device="meta")
        for flag in (False, True)
    )
    return sum(p.numel() for p in both.parameters()) / sum(p.numel() for p in one.parameters())


def ratio_by_formula(_, layers):
    h = 32
    return (2 * (2 * h + 2) + (layers - 1) * 2 * (3 * h + 2)) / (layers * (2 * h + 2))


def chance_by_complement(k, j, n):
    fewer = sum(comb(n, i) * comb(n, k + j - i) for i in range(max(0, k + j - n), k))
    return 1 - fewer / comb(2 * n, k + j)


def chance_by_margins(k, j, n):
    # For each table the product of the factorials at its margins over those of its cells.
    lost, found = 2 * n - k - j, 0.0
    for i in range(k, min(n, k + j) + 1):
        cells = (i, k + j - i, n - i, lost - n + i)
        if min(cells) < 0:
            continue
        part = factorial(n) ** 2 * factorial(k + j) * factorial(lost) / factorial(2 * n)
        for cell in cells:
            part /= factorial(cell)
        found += part
    return found


def chance_by_counting(k, j, n):
    if n > 5:  # too many ways to go through
        return chance_by_margins(k, j, n)
    ways = list(combinations(range(2 * n), k + j))
    return sum(sum(run < n for run in way) >= k for way in ways) / len(ways)


RIGHT = {
    "claims-ratio": (ratio_of_layers, ratio_by_formula),
    "claims-chance": (chance_by_complement, chance_by_counting),
}
