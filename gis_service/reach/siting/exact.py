"""The best choice of a given number of candidates as a mixed-integer programme."""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array

from gis_service.reach.siting.gains import Gains, mixed
from gis_service.reach.siting.highs import Programme


def choice_programme(
    gains: Gains, count: int, *, cost: NDArray[np.float64] | None = None, budget: float = np.inf
) -> Programme:
    """Return the programme whose solution is the choice of most gain.

    The radius formulation (Cornuejols, Nemhauser and Wolsey 1980; García, Labbé and Marín 2011): one 0/1 variable per
    candidate, and per set of the nearest candidates of a row one variable for "one of these is open", at most that of
    the next smaller set plus the candidates in between. Rows share the sets they have in common.

    Parameters
    ----------
    gains
        Gains of the rows.
    count
        How many candidates may be opened.
    cost, budget
        Cost of each candidate, and how much they may cost together.

    Returns
    -------
    Programme
        Candidates are the first variables; the cost is the negative gain.
    """
    candidates, size = len(gains.column_start) - 1, len(gains.gain)
    row = np.repeat(np.arange(len(gains.start) - 1), np.diff(gains.start))
    row_ends = np.r_[row[1:] != row[:-1], True] if size else np.zeros(0, bool)
    next_gain = np.where(row_ends, 0.0, np.r_[gains.gain[1:], 0.0]) if size else np.zeros(0)
    level_ends = gains.gain > next_gain
    level: NDArray[np.int64] = np.cumsum(level_ends) - level_ends
    starts_row = np.r_[True, row[level_ends][1:] != row[level_ends][:-1]] if size else np.zeros(0, bool)
    near = _prefix_keys(gains, row)[level_ends]
    _, first, same = np.unique(near, return_index=True, return_inverse=True)
    worth = np.bincount(same, weights=(gains.gain - next_gain)[level_ends], minlength=len(first))
    kept = np.zeros(len(near), bool)
    kept[first] = True
    numbered = np.full(len(near), -1)
    numbered[first] = np.arange(len(first))
    inside = kept[level]
    inner = first[~starts_row[first]]
    sets = np.arange(len(first))
    limits = [(np.ones(candidates), float(count))]
    if cost is not None:
        limits.append((cost, budget))
    entries = [
        (-np.ones(len(first)), sets, candidates + sets),
        (np.ones(int(inside.sum())), numbered[level[inside]], gains.candidate[inside]),
        (np.ones(len(inner)), numbered[inner], candidates + same[inner - 1]),
        *((amount, np.full(candidates, len(first) + k), np.arange(candidates)) for k, (amount, _) in enumerate(limits)),
    ]
    value, line, column = (np.concatenate(part) for part in zip(*entries, strict=True))
    return Programme(
        cost=np.r_[np.zeros(candidates), -worth],
        most=np.ones(candidates + len(first)),
        whole=np.arange(candidates + len(first)) < candidates,
        matrix=coo_array((value, (line, column)), shape=(len(first) + len(limits), candidates + len(first))),
        lower=np.r_[np.zeros(len(first)), np.full(len(limits), -np.inf)],
        upper=np.r_[np.full(len(first), np.inf), [limit for _, limit in limits]],
    )


def _prefix_keys(gains: Gains, row: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Return 64 bits for the set of each pair's candidate and those before it in its row, whatever their order."""
    together = np.cumsum(mixed(gains.candidate.astype(np.uint64)), dtype=np.uint64)
    before = np.r_[np.zeros(1, np.uint64), together][gains.start[:-1]]
    keys: NDArray[np.uint64] = together - before[row]
    return keys
