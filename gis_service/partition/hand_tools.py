"""Hand tools that ask the engine for the least change: mend one grid, balance two."""

from collections.abc import Collection, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from gis_service.errors import InputError, Text
from gis_service.geo.coverage import IndexArray
from gis_service.partition.bundling import bundled, contracted
from gis_service.partition.connected_sets import sets_in_range
from gis_service.partition.energy import HOUSEHOLDS, RESIDENTS, Problem
from gis_service.partition.misses import credit
from gis_service.partition.part_problems import part_problem
from gis_service.partition.repair import CHANGE_PRICE, repair
from gis_service.partition.tool_field import Field, check_open, faults_of, field_of, moves_of, nothing_found, spread
from gis_service.partition.windows import UNIT_WEIGHT
from gis_service.plan.draft import UNASSIGNED, Draft
from gis_service.plan.operations import Assign
from gis_service.plan.rules import Rules, judge
from gis_service.plan.spacing import set_apart

RINGS = 3
"""So many grids away from the one to be mended land may change hands, at most."""
BUNDLES = (48, 36, 24, 14)
"""Units two grids are balanced with, at most; fewer where so many have too many connected sets."""
MOST_SETS = 200_000
SAME_SIZE = 0.05
"""Differences between two grids count in steps of this share of their mean: a little less is not worth more moves."""


def fix_grid(draft: Draft, grid: int, rules: Rules) -> Assign:
    """Return the least change that brings a grid into range and into one piece.

    Parameters
    ----------
    draft
        The draft.
    grid
        Key of a base grid that is not locked.
    rules
        The size rule.

    Returns
    -------
    Assign
        Exchanges land with one neighbour, where that is enough (the one with which the fewest households move), else
        with all grids beside it, then with those within `RINGS` steps. Locked and special grids and land without a
        grid stay as they are; estates that lie in one grid stay whole. New grids may come and old ones be emptied.
        Where nothing brings the grid into range, the change that leaves the fewest sizes and pieces wrong. The same for
        the same input.

    Raises
    ------
    InputError
        The grid is unknown, locked, special or without land, needs no change, or nothing was found that helps.
    """
    check_open(draft, grid)
    if not faults_of(draft, [grid], rules):
        title = draft.grids[grid].title
        raise InputError(
            Text(set_apart(title.zh, "规模合规且连成一片，无需调整"), f"{title.en} is in range and needs no change")
        )
    if _is_indivisible(draft, grid, rules):
        raise nothing_found(draft, (grid,), rules)
    better: list[tuple[int, int, int, tuple[int, ...], IndexArray]] = []
    for fields in _widening(draft, grid):
        tries = []
        for keys in fields:
            labels = _repaired(draft, keys, rules)
            new = [*keys, *np.unique(labels[labels >= draft.next_key]).tolist()]
            before, after = faults_of(draft, keys, rules), faults_of(draft, new, rules, labels)
            homes = np.unique(labels[draft.labels == grid]).tolist()
            if after < before:
                moved = labels != draft.labels
                one = (after - before, int(draft.land.households[moved].sum()), int(moved.sum()), keys, labels)
                better.append(one)
                if not faults_of(draft, [grid, *homes], rules, labels):
                    tries.append(one)
        if tries:
            return moves_of(draft, min(tries, key=lambda one: one[1:4])[4])
    if better:
        return moves_of(draft, min(better, key=lambda one: one[:4])[4])
    raise nothing_found(draft, (grid,), rules)


def balance_two(draft: Draft, one: int, other: int, rules: Rules) -> Assign:
    """Return the least change between two neighbours that brings both into range, or evens them out.

    Parameters
    ----------
    draft
        The draft.
    one, other
        Keys of two base grids that are not locked.
    rules
        The size rule.

    Returns
    -------
    Assign
        All ways to divide their land into two connected grids in range are looked at. Where one is out of range now,
        the one with the fewest households that move is taken, as far as shape allows; where both are in range, the
        most even one, in steps of `SAME_SIZE`, then the least change.

    Raises
    ------
    InputError
        A grid is unknown, locked, special or without land, both are the same, they do not touch, no division puts
        both in range, or none is better than what is there.
    """
    for key in (one, other):
        check_open(draft, key)
    keys = (min(one, other), max(one, other))
    field = field_of(draft, keys, rules)
    problem = _problem(field, rules)
    if one == other or not _touch(problem, field.old):
        raise InputError(
            Text("请选择两个相邻的网格再平衡", "choose two grids beside each other to balance them"),
        )
    must = faults_of(draft, keys, rules) > 0
    for most in BUNDLES:
        bundle = bundled(problem, field.old, most)
        first = np.unique(bundle, return_index=True)[1]
        part = contracted(problem, bundle)
        sets = sets_in_range(part, credit(part), MOST_SETS)
        if sets.complete:
            chosen = _best_half(part, field.old[first], np.bincount(bundle), sets.mask, sets.energy, rules, must=must)
            if chosen is None:
                break
            return moves_of(draft, spread(draft, field, np.where(chosen[bundle], 0, 1)))
    raise nothing_found(draft, keys, rules) if must else _even_enough(draft, keys)


def _best_half(
    part: Problem,
    old: IndexArray,
    units: IndexArray,
    mask: NDArray[np.uint64],
    energy: NDArray[np.float64],
    rules: Rules,
    *,
    must: bool,
) -> NDArray[np.bool_] | None:
    """Return which bundles the first of two grids gets; None where the best is what it has."""
    n = len(old)
    full = ~np.uint64(0) >> np.uint64(64 - n)
    order = np.argsort(mask)
    mask, energy = mask[order], energy[order]
    at = np.searchsorted(mask, full ^ mask)
    paired = (at < len(mask)) & (mask[np.minimum(at, len(mask) - 1)] == full ^ mask)
    if not paired.any():
        return None
    held = (mask[paired, None] >> np.arange(n, dtype=np.uint64) & np.uint64(1)).astype(bool)
    weight = part.weight[:, HOUSEHOLDS] + UNIT_WEIGHT * units
    moved = (held != (old == 0)) @ weight
    cost = energy[paired] + energy[at[paired]] + CHANGE_PRICE * moved / max(part.size.mean_households, 1.0)
    counted = part.weight[:, RESIDENTS if rules.basis == "residents" else HOUSEHOLDS]
    difference = np.abs(2.0 * (held @ counted) - counted.sum())
    uneven = np.zeros(len(held)) if must else np.floor(difference / max(SAME_SIZE * counted.sum() / 2.0, 1.0))
    best = held[np.lexsort((cost, uneven))[0]]
    return None if (best == (old == 0)).all() else best


def _is_indivisible(draft: Draft, grid: int, rules: Rules) -> bool:
    """Return whether a grid is above its range by a unit, or an estate that stays whole, which nothing divides."""
    totals = draft.totals[grid]
    verdict = judge(totals.households, totals.residents, "base", rules)
    return verdict.status == "large" and len(field_of(draft, (grid,), rules).bundles.first) == 1


def _widening(draft: Draft, grid: int) -> Iterator[list[tuple[int, ...]]]:
    """Yield sets of grids to solve together: the grid with each neighbour, with all of them, then with theirs."""
    reached = {grid}
    for ring in range(RINGS):
        beside = _beside(draft, reached)
        if ring == 0:
            yield [(grid,), *(tuple(sorted((grid, key))) for key in sorted(beside))]
        if not beside:
            return
        reached |= beside
        yield [tuple(sorted(reached))]


def _beside(draft: Draft, keys: Collection[int]) -> set[int]:
    """Return the open base grids that touch any of some grids."""
    borders, labels = draft.land.borders, draft.labels
    inside = np.isin(labels, list(keys))
    left, right = borders.left, borders.right
    found = {*labels[right[inside[left]]].tolist(), *labels[left[inside[right]]].tolist()} - {UNASSIGNED, *keys}
    return {key for key in found if draft.grids[key].kind == "base" and not draft.grids[key].locked}


def _repaired(draft: Draft, keys: tuple[int, ...], rules: Rules) -> IndexArray:
    field = field_of(draft, keys, rules)
    bundles = field.bundles
    found = repair(
        bundles.graph,
        bundles.households,
        bundles.residents,
        rules,
        area_m2=bundles.area_m2,
        perimeter_m=bundles.perimeter_m,
        old=field.old,
    )
    return spread(draft, field, found.labels)


def _problem(field: Field, rules: Rules) -> Problem:
    bundles = field.bundles
    return part_problem(
        bundles.graph,
        np.arange(len(bundles.first)),
        bundles.households,
        bundles.residents,
        rules,
        area_m2=bundles.area_m2,
        perimeter_m=bundles.perimeter_m,
    )


def _touch(problem: Problem, old: IndexArray) -> bool:
    left = np.repeat(np.arange(len(old)), np.diff(problem.start))
    return bool((old[left] != old[problem.neighbour]).any())


def _even_enough(draft: Draft, keys: Sequence[int]) -> InputError:
    titles = [draft.grids[key].title for key in keys]
    return InputError(
        Text(
            set_apart(titles[0].zh, "与", titles[1].zh, "都合规，也没有更均衡的分法"),
            f"{' and '.join(t.en for t in titles)} are in range, and no division is more even",
        )
    )
