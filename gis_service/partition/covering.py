"""Set partitioning: choose connected sets that hold every unit once at least cost, with a proof."""

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse import csc_array, eye_array, hstack

from gis_service.partition.cover_search import choose

COLUMNS_AT_FIRST, COLUMNS_A_ROUND = 8_000, 1_000
"""Sets the linear programme begins with, the most promising ones, and sets added as long as they improve it."""
FIRST_GAP, GAP_GROWTH = 0.1, 1.5
"""The search first uses sets of a reduced cost below this only, then so many times as much, until it finds a choice."""
MOST_COLUMNS = 20_000
"""Sets among which the search chooses, at most."""
MOST_LOOKS = 5_000_000
"""Sets each search looks at, at most: a limit that does not depend on the machine."""
_TOLERANCE = 1e-7
_SOLVED, _INFEASIBLE = 0, 2
"""What ``linprog`` answers; the others (a limit, numerical difficulties) tell nothing."""


@dataclass(frozen=True)
class Cover:
    """The cheapest choice of sets that holds every unit once.

    Parameters
    ----------
    chosen
        Numbers of the chosen sets, ascending; None where no choice was found.
    bound
        No choice costs less; infinite where it is proven that there is none, minus infinity where nothing is proven.
    proven
        True: nothing is cheaper than ``chosen`` or, where that is None, cheaper than what was to be beaten.
    """

    chosen: NDArray[np.int64] | None
    bound: float
    proven: bool


def cheapest_cover(
    mask: NDArray[np.uint64],
    cost: NDArray[np.float64],
    units: int,
    *,
    below: float = np.inf,
    missed: NDArray[np.int64] | None = None,
    most_missed: int = 0,
) -> Cover:
    """Return the sets that hold each unit once and cost the least together.

    HiGHS solves the linear relaxation by column generation (Gilmore and Gomory 1961). A choice costs the value of the
    relaxation plus the reduced costs of its sets, so only the few sets whose reduced cost is below the gap to a known
    cost matter; a depth-first search chooses among them, with the gap growing until there is a choice.

    Parameters
    ----------
    mask
        The sets: bit ``u`` is set where unit ``u`` belongs to one.
    cost
        Cost of each set.
    units
        Number of units, 1 to 64.
    below
        Only choices that cost less are wanted (exclusive).
    missed, most_missed
        Grids out of range each set counts for, and how many those chosen may count for (inclusive); None: no limit.
    """
    weight = np.zeros(len(mask), np.int64) if missed is None else missed
    relaxed = _relax(mask, cost, weight, most_missed, units)
    if relaxed is None:
        return Cover(None, np.inf, proven=True)
    bound, reduced = relaxed
    if np.isinf(bound):
        return Cover(None, bound, proven=False)
    order = np.argsort(reduced, kind="stable")
    order = order[reduced[order] < below - bound]
    gap, searched = FIRST_GAP, 0.0
    while True:
        kept = order[: np.searchsorted(reduced[order], gap)]
        last = len(kept) == len(order)
        if len(kept) > MOST_COLUMNS:
            return Cover(None, bound + searched, proven=False)
        within = below - bound if last else gap
        chosen, total, complete = choose(
            mask[kept], reduced[kept], weight[kept], units, within, most_missed, MOST_LOOKS
        )
        if len(chosen):
            return Cover(np.sort(kept[chosen]), bound + (total if complete else searched), complete)
        if last or not complete:
            return Cover(None, below if complete else bound + searched, complete)
        searched, gap = gap, gap * GAP_GROWTH


def _relax(
    mask: NDArray[np.uint64], cost: NDArray[np.float64], missed: NDArray[np.int64], most_missed: int, units: int
) -> tuple[float, NDArray[np.float64]] | None:
    """Return the value of the linear relaxation and the reduced cost of each set; None where it has no solution.

    The value is minus infinity where HiGHS finds none and cannot tell that there is none.
    """
    if len(mask) == 0:
        return None
    columns = np.arange(len(mask))
    if len(mask) > COLUMNS_AT_FIRST:
        columns = np.linspace(0, len(mask) - 1, COLUMNS_AT_FIRST).astype(np.int64)
        uncovered, _, columns = _generate(mask, np.zeros(len(mask)), missed, most_missed, units, columns, 1.0)
        if uncovered > _TOLERANCE:
            return None
    value, reduced, _ = _generate(mask, cost, missed, most_missed, units, columns, np.inf)
    return None if value == np.inf else (value, np.maximum(reduced, 0.0))


def _generate(
    mask: NDArray[np.uint64],
    cost: NDArray[np.float64],
    missed: NDArray[np.int64],
    most_missed: int,
    units: int,
    columns: NDArray[np.int64],
    price: float,
) -> tuple[float, NDArray[np.float64], NDArray[np.int64]]:
    """Solve the relaxation over some columns, adding more as long as they improve it.

    A unit may stay uncovered at a price, unless that is infinite. Return the value (infinite where there is no
    solution, minus infinity where none is found), the reduced costs of all sets, and the columns at the end.
    """
    prices = np.full(0 if np.isinf(price) else units, price)
    while True:
        held = _incidence(mask[columns], units)
        solved = linprog(
            np.concatenate((cost[columns], prices)),
            A_eq=hstack((held, eye_array(units, len(prices)))),
            b_eq=np.ones(units),
            A_ub=np.concatenate((missed[columns], np.zeros(len(prices))))[None, :],
            b_ub=[most_missed],
            bounds=(0.0, None),
            method="highs",
        )
        if solved.status == _INFEASIBLE:
            return np.inf, cost, columns
        if solved.status != _SOLVED:
            return -np.inf, cost, columns
        reduced = _reduced(mask, cost - solved.ineqlin.marginals[0] * missed, solved.eqlin.marginals)
        # Columns in use may seem to improve it by as much as HiGHS tolerates: adding them again would never end.
        better = np.setdiff1d(np.flatnonzero(reduced < -_TOLERANCE), columns)
        if len(better) == 0:
            return float(solved.fun), reduced, columns
        added = better[np.argsort(reduced[better], kind="stable")[:COLUMNS_A_ROUND]]
        columns = np.union1d(columns, added)


def _incidence(mask: NDArray[np.uint64], units: int) -> csc_array:
    """Return the matrix of units (rows) and sets (columns) that is 1 where the set holds the unit."""
    column, unit = np.nonzero(mask[:, None] >> np.arange(units, dtype=np.uint64) & np.uint64(1))
    return csc_array((np.ones(len(column)), (unit, column)), shape=(units, len(mask)))


@njit(cache=True)
def _reduced(mask: NDArray[np.uint64], cost: NDArray[np.float64], dual: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return each cost less the dual prices of the units in the set."""
    reduced = cost.copy()
    for i in range(len(mask)):
        for u in range(len(dual)):
            if mask[i] >> np.uint64(u) & np.uint64(1):
                reduced[i] -= dual[u]
    return reduced
