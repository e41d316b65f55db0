"""The assignments found for a community, whatever was wished for, from which each wish takes what is best for it."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from gis_service.partition.engine import solve
from gis_service.partition.groundwork import Groundwork
from gis_service.partition.misses import assessed, credit
from gis_service.partition.numbering import after_given, numbered
from gis_service.partition.refinement import PartBound, Refined, problem_of_part, refine
from gis_service.partition.windows import settle
from gis_service.plan.priorities import WISHES, soft_order
from gis_service.plan.rules import Rules

ATTEMPTS = 3
"""Seeds tried at most where one is not enough."""
_STRIDE = 0x632BE59B
SAME_ENERGY = 1e-9
"""Energies that differ by no more than this are the same."""


class Runs:
    """What was found for a community so far, by rules and attempt; each is made once, when it is first asked for.

    Parameters
    ----------
    ground
        The community's units.
    seed
        Seed of the first attempt, not negative; those of later ones follow from it.
    """

    def __init__(self, ground: Groundwork, seed: int) -> None:
        self.ground = ground
        self._seed = seed
        self._solved: dict[tuple[Rules, int], NDArray[np.int64]] = {}
        self._refined: dict[tuple[Rules, int], Refined] = {}

    def solved(self, rules: Rules, attempt: int) -> NDArray[np.int64]:
        """Return the grid of every bundle as the engine finds it."""
        key = (rules, attempt)
        if key not in self._solved:
            bundles = self.ground.bundles
            self._solved[key] = solve(
                bundles.graph,
                bundles.households,
                bundles.residents,
                rules,
                area_m2=bundles.area_m2,
                perimeter_m=bundles.perimeter_m,
                locked=self.ground.special,
                seed=self._seed + attempt * _STRIDE,
            )
        return self._solved[key]

    def refined(self, rules: Rules, attempt: int) -> Refined:
        """Return the same made better where that can be decided exactly."""
        key = (rules, attempt)
        if key not in self._refined:
            labels = self.solved(rules, attempt)
            self._refined[key] = refine(self.ground.bundles, rules, labels=labels, locked=self.ground.special)
        return self._refined[key]


def assigned(runs: Runs, rules: Rules) -> Refined:
    """Return the assignment for some rules: no wish has more grids out of range than was found for another.

    The first run is taken where all its grids out of range are proven to be forced. Where they are not, runs for all
    wishes and several seeds are pooled. Each part then is the one with the fewest grids out of range and, among these,
    the cheapest by the rules themselves, settled by them. So all wishes end with the same grids out of range, and a
    plan does not depend on whether it was asked for alone or beside its alternatives.

    Parameters
    ----------
    runs
        Those of the community.
    rules
        The size rule and the order of the soft rules.
    """
    ground, own = runs.ground, runs.refined(rules, 0)
    if not any(map(avoidable, own.bounds)):
        return own
    found = [own, *pool(runs, rules)]
    labels, bounds = own.labels.copy(), []
    for each in _by_part(found):
        new, bound = own.labels[each[0].units], each[0]
        if avoidable(bound):
            new, bound = _best(ground, rules, [one.labels for one in found], each)
        labels[bound.units] = int(labels.max()) + 1 + numbered(new)
        bounds.append(bound)
    return Refined(after_given(labels, ground.special), tuple(bounds))


def pool(runs: Runs, rules: Rules) -> list[Refined]:
    """Return what was found for each wish, and from other seeds where that has fewer grids out of range.

    No more is tried than it takes to prove that nothing can be better. The order of the soft rules does not matter.
    """
    found: list[Refined] = []
    for attempt in range(ATTEMPTS):
        for wish in WISHES:
            wished = replace(rules, soft_order=soft_order(wish))
            if attempt == 0 or _has_fewer(runs, wished, attempt, found):
                found.append(runs.refined(wished, attempt))
            if not any(_least(each) > _forced(each).forced for each in _by_part(found)):
                return found
    return found


def _has_fewer(runs: Runs, rules: Rules, attempt: int, found: Sequence[Refined]) -> bool:
    """Tell whether the engine alone left fewer grids of some part out of range than all that was found."""
    labels = runs.solved(rules, attempt)
    return any(
        reassessed(runs.ground, rules, each[0], labels[each[0].units]).missed < _least(each) for each in _by_part(found)
    )


def _by_part(found: Sequence[Refined]) -> list[tuple[PartBound, ...]]:
    """Return for each part what every assignment found is known to be there."""
    return list(zip(*(one.bounds for one in found), strict=True))


def avoidable(bound: PartBound) -> bool:
    """Tell whether more grids of a part are out of range than are proven to be forced."""
    return bound.missed > bound.forced


def reassessed(ground: Groundwork, rules: Rules, bound: PartBound, labels: NDArray[np.int64]) -> PartBound:
    """Return what is known of a part under another assignment of it, given what is proven about the part.

    Parameters
    ----------
    ground, rules
        The community's units, and the rules of ``bound``.
    bound
        What is proven.
    labels
        Grid of each unit of the part.
    """
    problem = problem_of_part(ground.bundles, bound.units, rules)
    dense = numbered(labels)
    missed, energy = assessed(problem, dense, credit(problem))
    same = bool(missed == bound.missed)
    return replace(
        bound,
        grids=int(dense.max()) + 1,
        missed=missed,
        energy=energy,
        heuristic_energy=bound.heuristic_energy if same else np.inf,
        found=min(bound.found, missed),
        proven=bound.proven and same and energy <= bound.least_energy + SAME_ENERGY,
    )


def _best(
    ground: Groundwork, rules: Rules, labels: Sequence[NDArray[np.int64]], bounds: Sequence[PartBound]
) -> tuple[NDArray[np.int64], PartBound]:
    """Return the best assignment of one part by the rules, of all that were found."""
    own, told = bounds[0], _forced(bounds)
    known = replace(own, forced=told.forced, witness=told.witness)
    fewest = [one[own.units] for one, bound in zip(labels, bounds, strict=True) if bound.missed == _least(bounds)]
    best = min(fewest, key=lambda one: reassessed(ground, rules, known, one).energy)
    settled = settle(problem_of_part(ground.bundles, own.units, rules), numbered(best))
    return settled, reassessed(ground, rules, known, settled)


def _least(bounds: Sequence[PartBound]) -> int:
    return min(bound.missed for bound in bounds)


def _forced(bounds: Sequence[PartBound]) -> PartBound:
    """Return the bound that proves the most."""
    return max(bounds, key=lambda bound: bound.forced)
