"""What each demand point gains from each candidate, as sorted arrays that do not depend on the order of input."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Gains(NamedTuple):
    """Gains > 0, of row ``i`` at ``start[i] … start[i + 1] - 1``, largest first, then by candidate; and by candidate.

    Rows are demand points that gain alike, merged. `column_start`, `column_row` and `column_gain` hold the same gains
    by candidate, then row.
    """

    start: NDArray[np.int64]
    candidate: NDArray[np.int64]
    gain: NDArray[np.float64]
    column_start: NDArray[np.int64]
    column_row: NDArray[np.int64]
    column_gain: NDArray[np.float64]


class Pairs(NamedTuple):
    """Demand row, candidate and value of each pair, in any order; no pair twice."""

    row: NDArray[np.int64]
    candidate: NDArray[np.int64]
    value: NDArray[np.float64]


def sorted_gains(pairs: Pairs, candidate_count: int) -> Gains:
    """Return pairs with values > 0 as gains; rows are numbered from 0 in the order of their numbers."""
    order = np.lexsort((pairs.candidate, -pairs.value, pairs.row))
    row, candidate, gain = pairs.row[order], pairs.candidate[order], pairs.value[order]
    present, row = np.unique(row, return_inverse=True)
    by_column = np.argsort(candidate, kind="stable")
    return Gains(
        start=_starts(row, len(present)),
        candidate=candidate,
        gain=gain,
        column_start=_starts(candidate, candidate_count),
        column_row=row[by_column],
        column_gain=gain[by_column],
    )


def merged_rows(
    pairs: Pairs, weight: NDArray[np.float64], trait: NDArray[np.float64]
) -> tuple[Pairs, NDArray[np.float64], NDArray[np.float64]]:
    """Merge demand rows that have the same trait and the same candidates with the same values; their weights add.

    Rows are recognised by a 64-bit sum of mixed pairs (splitmix64, Steele, Lea and Flood 2014): among a million
    different rows, the odds that any two are taken for one are below 1e-7.

    Parameters
    ----------
    pairs
        Candidates by row.
    weight, trait
        Weight of each row, and what else must be the same.

    Returns
    -------
    Pairs
        The merged rows, numbered in an order that depends on their content alone.
    numpy.ndarray, numpy.ndarray
        Weight and trait of each merged row. Rows without a pair are left out.
    """
    key = mixed(trait.astype(np.float64).view(np.uint64))
    np.add.at(key, pairs.row, mixed(mixed(pairs.candidate.astype(np.uint64)) + pairs.value.view(np.uint64)))
    nearest = np.full(len(weight), np.iinfo(np.int64).max)
    best = np.zeros(len(weight))
    np.maximum.at(best, pairs.row, pairs.value)
    at_best = pairs.value == best[pairs.row]
    # Rows of one best candidate lie together, which keeps the searches in the cache.
    np.minimum.at(nearest, pairs.row[at_best], pairs.candidate[at_best])
    filled = np.flatnonzero(np.bincount(pairs.row, minlength=len(weight)) > 0)
    order = filled[np.lexsort((key[filled], nearest[filled]))]
    new = np.r_[True, np.diff(key[order]) != 0] if len(order) else np.zeros(0, bool)
    merged = np.full(len(weight), -1, np.int64)
    merged[order] = np.cumsum(new) - 1
    first = np.zeros(len(weight), bool)
    first[order[new]] = True
    kept = first[pairs.row]
    together = Pairs(merged[pairs.row[kept]], pairs.candidate[kept], pairs.value[kept])
    # Weights are added in the order of size, so that sums of fractions do not depend on the order of rows either.
    by_weight = filled[np.argsort(weight[filled], kind="stable")]
    total = np.bincount(merged[by_weight], weights=weight[by_weight], minlength=int(new.sum())).astype(np.float64)
    return together, total, trait[order[new]]


def mixed(bits: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return splitmix64 of each number."""
    bits = bits + np.uint64(0x9E3779B97F4A7C15)
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return bits ^ (bits >> np.uint64(31))


def _starts(number: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    start: NDArray[np.int64] = np.r_[0, np.cumsum(np.bincount(number, minlength=count))].astype(np.int64)
    return start
