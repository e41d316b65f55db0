"""The most compact division of given units, proven: connected sets priced by enumeration, chosen by HiGHS."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import csc_array, eye_array, hstack

from gis_service.partition.energy import AREA, HOUSEHOLDS, PERIMETER, Problem

MOST_UNITS = 128
"""Sets are the bits of two machine words."""
_ROUND, _MOST_CHOSEN_AMONG = 4_000, 100_000
_UNCOVERED = 100.0
_TOLERANCE, _MARGIN = 1e-7, 1e-5
_ONE = np.uint64(1)

Sets = NDArray[np.bool_]


@dataclass
class Part:
    """Units that are divided by themselves, and what a division of them may be.

    Parameters
    ----------
    problem
        The units, counted by households; prices do not matter.
    known
        A division known, as one row of bools for each of its grids.
    misses
        So many grids may be out of range.
    land_apart
        Land without households need not be part of any grid.
    pool
        Sets met so far; each a row.
    """

    problem: Problem
    known: Sets
    misses: int
    land_apart: bool
    pool: Sets = field(init=False)

    def __post_init__(self) -> None:
        """Begin with what is known."""
        self.pool = self.known.copy()

    @property
    def giants(self) -> NDArray[np.bool_]:
        """Units above the maximum by themselves."""
        large: NDArray[np.bool_] = self.problem.weight[:, HOUSEHOLDS] > self.problem.size.households_max
        return large

    @property
    def only_giants(self) -> bool:
        """Whether only grids with such a unit may be out of range: each must be, and no more may."""
        return int(self.giants.sum()) == self.misses


def best_at(part: Part, price: float, most_looks: int) -> Sets | None:
    """Return the division of a part with the largest sum of Polsby-Popper measures less a price for each grid.

    Column generation (Gilmore and Gomory 1961) where every connected set that may be a grid is looked at to find those
    that improve the relaxation, and at the end every one whose reduced cost is within the gap: nothing better can hold
    another. HiGHS chooses among these.

    Parameters
    ----------
    part
        The part; its pool grows.
    price
        Price of a grid, in units of the measure.
    most_looks
        Connected sets looked at in each round, at most.

    Returns
    -------
    array of bool or None
        The grids, a row each; None where there are more sets, or too many within the gap: nothing is proven then.
    """
    if len(part.problem.weight) > MOST_UNITS:
        return None
    while True:
        value, dual, miss_dual = _relaxed(part, price)
        found = _improving(part, price, dual, miss_dual, _TOLERANCE, most_looks, _ROUND)
        if found is None:
            return None
        if len(found) == 0:
            break
        part.pool = np.vstack((part.pool, found))
    chosen = _chosen(part, part.pool, price)
    gap = value - _worth(part, chosen, price)
    if gap <= _TOLERANCE:
        return chosen
    within = _improving(part, price, dual, miss_dual, -gap - _MARGIN, most_looks, _MOST_CHOSEN_AMONG + 1)
    if within is None or len(within) > _MOST_CHOSEN_AMONG:
        return None
    best = _chosen(part, np.vstack((chosen, within)), price)
    part.pool = np.vstack((part.pool, best))
    return best


def measures(problem: Problem, sets: Sets) -> NDArray[np.float64]:
    """Return the Polsby-Popper measure of each set of units dissolved."""
    left = np.repeat(np.arange(len(problem.weight)), np.diff(problem.start))
    inner = sets[:, left] & sets[:, problem.neighbour]
    perimeter_m = sets @ problem.weight[:, PERIMETER] - inner @ problem.border_m
    measure: NDArray[np.float64] = 4.0 * np.pi * (sets @ problem.weight[:, AREA]) / perimeter_m**2
    return measure


def out_of_range(problem: Problem, sets: Sets) -> NDArray[np.bool_]:
    """Tell which sets are out of range as a grid."""
    households = sets @ problem.weight[:, HOUSEHOLDS]
    missed: NDArray[np.bool_] = (households < problem.size.households_min) | (households > problem.size.households_max)
    return missed


def _worth(part: Part, sets: Sets, price: float) -> float:
    return float(measures(part.problem, sets).sum() - price * len(sets))


def _relaxed(part: Part, price: float) -> tuple[float, NDArray[np.float64], float]:
    """Return the value of the linear relaxation over the pool, and the dual prices of units and of a miss."""
    units = len(part.problem.weight)
    solved = linprog(
        np.concatenate((price - measures(part.problem, part.pool), np.where(_loose(part), 0.0, _UNCOVERED))),
        A_eq=hstack((csc_array(part.pool.T.astype(np.float64)), eye_array(units)), format="csc"),
        b_eq=np.ones(units),
        A_ub=np.concatenate((out_of_range(part.problem, part.pool), np.zeros(units)))[None, :],
        b_ub=[part.misses],
        bounds=(0.0, None),
        method="highs",
    )
    return -float(solved.fun), -solved.eqlin.marginals, -float(solved.ineqlin.marginals[0])


def _loose(part: Part) -> NDArray[np.bool_]:
    """Tell which units no grid need hold."""
    loose: NDArray[np.bool_] = (part.problem.weight[:, HOUSEHOLDS] == 0) & part.land_apart
    return loose


def _chosen(part: Part, sets: Sets, price: float) -> Sets:
    """Return the best choice among sets, one of which always is what is known, proven by HiGHS."""
    solved = milp(
        price - measures(part.problem, sets),
        constraints=[
            LinearConstraint(csc_array(sets.T.astype(np.float64)), np.where(_loose(part), 0.0, 1.0), 1.0),
            LinearConstraint(out_of_range(part.problem, sets).astype(np.float64)[None, :], -np.inf, part.misses),
        ],
        integrality=np.ones(len(sets)),
        bounds=Bounds(0.0, 1.0),
        options={"mip_rel_gap": 0.0},
    )
    if solved.status != 0:
        raise RuntimeError(solved.message)
    return sets[solved.x > 0.5]


def _improving(
    part: Part,
    price: float,
    dual: NDArray[np.float64],
    miss_dual: float,
    least: float,
    most_looks: int,
    most: int,
) -> Sets | None:
    """Return the sets worth more than their dual prices by over ``least``, the best ``most``; None: too many to see."""
    problem = part.problem
    found, complete = _priced(
        problem.start,
        problem.neighbour,
        problem.border_m,
        problem.weight,
        part.giants.astype(np.float64),
        problem.size.households_min,
        problem.size.households_max,
        part.misses > 0,
        part.only_giants,
        price,
        dual,
        miss_dual,
        least,
        most_looks,
        most,
    )
    if not complete:
        return None
    units = np.arange(len(problem.weight), dtype=np.uint64)
    word, bit = (units >> np.uint64(6)).astype(np.int64), units & np.uint64(63)
    return (found[:, word] >> bit & _ONE).astype(bool)


@njit(cache=True)
def _priced(  # noqa: C901, PLR0912, PLR0915 one loop over plain numbers: calls inside it cost most of its time
    start: NDArray[np.int64],
    neighbour: NDArray[np.int64],
    border_m: NDArray[np.float64],
    weight: NDArray[np.float64],
    giant: NDArray[np.float64],
    least_households: float,
    most_households: float,
    may_miss: bool,
    only_giants: bool,
    price: float,
    dual: NDArray[np.float64],
    miss_dual: float,
    least: float,
    most_looks: int,
    most: int,
) -> tuple[NDArray[np.uint64], bool]:
    """Look at every connected set that may be a grid; from its lowest unit, a frontier unit joins or stays out."""
    n = len(weight)
    one = np.uint64(1)
    adjacent = np.zeros((n, 2), np.uint64)
    for u in range(n):
        for e in range(start[u], start[u + 1]):
            adjacent[u, neighbour[e] >> 6] |= one << np.uint64(neighbour[e] & 63)
    kept, gains, count = np.empty((2 * most, 2), np.uint64), np.empty(2 * most), 0
    depth = n * n + 1
    bits, sums = np.empty((depth, 6), np.uint64), np.empty((depth, 6))
    # A grid that exceeds the maximum by the minimum or more, with each unit counted as the maximum at most, is no grid.
    too_many = most_households + least_households
    looked = 0
    for lowest in range(n):
        bits[0] = 0
        bits[0, lowest >> 6] = one << np.uint64(lowest & 63)
        for u in range(lowest + 1):
            bits[0, 2 + (u >> 6)] |= one << np.uint64(u & 63)
        bits[0, 4], bits[0, 5] = adjacent[lowest, 0], adjacent[lowest, 1]
        sums[0, 0] = weight[lowest, 0]
        sums[0, 1] = min(weight[lowest, 0], most_households)
        sums[0, 2], sums[0, 3] = weight[lowest, 2], weight[lowest, 3]
        sums[0, 4], sums[0, 5] = dual[lowest], giant[lowest]
        if giant[lowest] > 0 and not may_miss:
            continue
        height = 1
        while height > 0:
            height -= 1
            in0, in1, out0, out1 = bits[height, 0], bits[height, 1], bits[height, 2], bits[height, 3]
            next0, next1 = bits[height, 4], bits[height, 5]
            households, capped, area, perimeter = (
                sums[height, 0],
                sums[height, 1],
                sums[height, 2],
                sums[height, 3],
            )
            paid, large = sums[height, 4], sums[height, 5]
            looked += 1
            if looked > most_looks:
                return kept[:0].copy(), False
            missed = households < least_households or households > most_households
            if households > 0 and (not missed or (may_miss and (not only_giants or large > 0))):
                gain = 4.0 * np.pi * area / (perimeter * perimeter) - price - paid
                if missed:
                    gain -= miss_dual
                if gain > least:
                    if count == 2 * most:
                        order = np.argsort(-gains)[:most]
                        kept[:most], gains[:most] = kept[order].copy(), gains[order].copy()
                        count, least = most, gains[most - 1]
                    kept[count, 0], kept[count, 1], gains[count] = in0, in1, gain
                    count += 1
            for v in range(lowest + 1, n):
                word, bit = v >> 6, one << np.uint64(v & 63)
                if word == 0:
                    if next0 & ~out0 & bit == 0:
                        continue
                    out0 |= bit
                else:
                    if next1 & ~out1 & bit == 0:
                        continue
                    out1 |= bit
                more = capped + min(weight[v, 0], most_households)
                has_giant = large > 0 or giant[v] > 0
                limit = too_many - 1.0 if may_miss and (has_giant or not only_giants) else most_households
                if more > limit or (giant[v] > 0 and not may_miss):
                    continue
                shared = 0.0
                for e in range(start[v], start[v + 1]):
                    u = neighbour[e]
                    inside = in0 if u < 64 else in1
                    if inside >> np.uint64(u & 63) & one:
                        shared += border_m[e]
                bits[height, 0] = in0 | bit if word == 0 else in0
                bits[height, 1] = in1 | bit if word == 1 else in1
                bits[height, 2], bits[height, 3] = out0, out1
                bits[height, 4], bits[height, 5] = next0 | adjacent[v, 0], next1 | adjacent[v, 1]
                sums[height, 0], sums[height, 1] = households + weight[v, 0], more
                sums[height, 2] = area + weight[v, 2]
                sums[height, 3] = perimeter + weight[v, 3] - 2.0 * shared
                sums[height, 4], sums[height, 5] = paid + dual[v], max(large, giant[v])
                height += 1
    order = np.argsort(-gains[:count])[:most]
    return kept[order].copy(), True


def greatest_mean(parts: Sequence[Part], most_looks: int) -> list[Sets | None]:
    """Return the divisions of parts whose grids together have the greatest mean measure, by Dinkelbach (1967).

    A mean is the greatest where no division is worth anything by its measures less that mean for each grid.

    Parameters
    ----------
    parts
        The parts of a city.
    most_looks
        As for `best_at`.

    Returns
    -------
    list
        The grids of each part, a row each; None where nothing is proven: the mean is that of the others.
    """
    best: list[Sets | None] = [part.known for part in parts]
    mean, before = np.inf, -np.inf
    while abs(mean - before) > _TOLERANCE:
        counted = [measures(part.problem, sets) for part, sets in zip(parts, best, strict=True) if sets is not None]
        if not counted:
            break
        before, mean = mean, float(np.concatenate(counted).mean())
        best = [
            None if sets is None else best_at(part, mean, most_looks) for part, sets in zip(parts, best, strict=True)
        ]
    return best
