"""Plans for one community: from nothing, from grids that exist, or several to choose from."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from gis_service.geo.coverage import IndexArray
from gis_service.partition.community import CommunityInput
from gis_service.partition.engine import solve
from gis_service.partition.groundwork import Groundwork, UnitFrames, begin_with, groundwork_of
from gis_service.partition.proposed_plan import ProposedPlan, plan_of
from gis_service.partition.refinement import Refined, refine
from gis_service.partition.repair import repair
from gis_service.plan.findings import Finding
from gis_service.plan.priorities import WISHES, Wish, soft_order

CLEARLY_DIFFERENT = 0.05
"""Share of the households that two alternatives put into different grids, at least."""
ATTEMPTS = 3
"""Seeds tried for an alternative until one differs clearly."""
_STRIDE = 0x632BE59B


def propose(community: CommunityInput, units: UnitFrames | None = None, *, seed: int = 1) -> ProposedPlan:
    """Return a plan for one community, whatever its grids are today.

    Parameters
    ----------
    community
        The community and what lies in it.
    units
        Its units and their buildings, sorted by ``unit``, if it has been cut before, by whatever rules; None cuts it.
    seed
        Seed of the random numbers, not negative. The same input and seed give the same plan, whatever the row order.

    Returns
    -------
    ProposedPlan
        Units of a special grid form that grid; all others form base grids. An estate that is not too large for one
        grid by the rules lies in one, as far as its land hangs together. Grids that continue earlier ones keep their
        codes and names.

    Raises
    ------
    InputError
        The community needs more grids than there are codes.
    CoverageError
        The community's geometry, or that of the given units, is invalid.
    """
    ground = groundwork_of(community, units)
    refined = _assigned(community, ground, seed)
    return plan_of(community, ground, refined.labels, bounds=refined.bounds)


def alternatives(
    community: CommunityInput, units: UnitFrames | None = None, *, seed: int = 1
) -> dict[Wish, ProposedPlan]:
    """Return three plans for one community, each with another soft rule first.

    Parameters
    ----------
    community, units, seed
        As for :func:`propose`.

    Returns
    -------
    dict
        By the wish that goes first, the community's own first. A later plan puts at least `CLEARLY_DIFFERENT` of the
        households into other grids than each plan before it, without more grids out of range than the first; where
        `ATTEMPTS` seeds do not find such a plan, the nearest to it is kept, with a finding of kind ``alike``.

    Raises
    ------
    InputError, CoverageError
        As :func:`propose`.
    """
    ground = groundwork_of(community, units)
    own: Wish = next(rule for rule in community.rules.soft_order if rule in WISHES)
    found: dict[Wish, Refined] = {}
    plans: dict[Wish, ProposedPlan] = {}
    for wish in (own, *(other for other in WISHES if other != own)):
        rules = community.rules if wish == own else replace(community.rules, soft_order=soft_order(wish))
        wished = replace(community, rules=rules)
        tries = []
        for attempt in range(ATTEMPTS):
            refined = _assigned(wished, ground, seed + attempt * _STRIDE)
            apart = min((_apart(refined.labels, other.labels, ground) for other in found.values()), default=1.0)
            missed = max(0, _missed(refined) - (_missed(found[own]) if found else _missed(refined)))
            tries.append((missed, -min(apart, CLEARLY_DIFFERENT), attempt, refined))
            if missed == 0 and apart >= CLEARLY_DIFFERENT:
                break
        _, apart, _, found[wish] = min(tries, key=lambda one: one[:3])
        plan = plan_of(wished, ground, found[wish].labels, bounds=found[wish].bounds)
        if -apart < CLEARLY_DIFFERENT:
            plan = replace(plan, findings=tuple(sorted((*plan.findings, _alike(community)))))
        plans[wish] = plan
    return plans


def mend(
    community: CommunityInput,
    grids: gpd.GeoDataFrame,
    units: UnitFrames | None = None,
    *,
    locked: frozenset[str] = frozenset(),
    seed: int = 1,
) -> ProposedPlan:
    """Return a plan near the grids that exist: the size rule is met again, few households change their grid.

    Parameters
    ----------
    community, units
        As for :func:`propose`.
    grids
        Grids that exist: ``code`` (None: has none) and ``geometry``, in the CRS of the community.
    locked
        Codes of grids that must stay as they are, even where that splits an estate.
    seed
        Seed of the random numbers, for land without a grid.

    Returns
    -------
    ProposedPlan
        See :func:`gis_service.partition.repair.repair`; without any grid today, what :func:`propose` returns. Given
        special grids stay as given, whatever ``grids`` say. Households that change grid are those of buildings that
        stand in a grid today and belong to another one then.

    Raises
    ------
    InputError, CoverageError
        As :func:`propose`.
    """
    if grids.empty:
        return propose(community, units, seed=seed)
    begun = begin_with(community, grids, units, locked)
    ground, bundles = begun.ground, begun.ground.bundles
    given = ground.special >= 0
    old = np.where(given, len(grids) + ground.special, begun.start)
    repaired = repair(
        bundles.graph,
        bundles.households,
        bundles.residents,
        community.rules,
        area_m2=bundles.area_m2,
        perimeter_m=bundles.perimeter_m,
        old=old,
        # The engine divides what has no grid yet; one unit after the other would take very long.
        begin=_solved(community, ground, old, seed),
        locked=begun.held | given,
    )
    bundle = bundles.of_unit[ground.unit_buildings["unit"].to_numpy(np.int64)]
    moved = (begun.building >= 0) & ~given[bundle] & (repaired.labels[bundle] != begun.building)
    households_moved = int(begun.households[moved].sum())
    return plan_of(community, ground, repaired.labels, households_moved=households_moved)


def _solved(community: CommunityInput, ground: Groundwork, locked: IndexArray, seed: int) -> IndexArray:
    """Return the grid the engine finds for every bundle; -1 in ``locked`` is free."""
    bundles = ground.bundles
    return solve(
        bundles.graph,
        bundles.households,
        bundles.residents,
        community.rules,
        area_m2=bundles.area_m2,
        perimeter_m=bundles.perimeter_m,
        locked=locked,
        seed=seed,
    )


def _assigned(community: CommunityInput, ground: Groundwork, seed: int) -> Refined:
    """Return the grid of every bundle, as good as the engine and what can be decided exactly make it."""
    bundles = ground.bundles
    return refine(
        bundles.graph,
        bundles.households,
        bundles.residents,
        community.rules,
        area_m2=bundles.area_m2,
        perimeter_m=bundles.perimeter_m,
        labels=_solved(community, ground, ground.special, seed),
        locked=ground.special,
    )


def _missed(refined: Refined) -> int:
    return sum(bound.missed for bound in refined.bounds)


def _apart(first: IndexArray, second: IndexArray, ground: Groundwork) -> float:
    """Return the share of the households that are in another grid, grids named alike as far as that can be."""
    households = ground.bundles.households
    shared: NDArray[np.int64] = np.zeros((int(first.max()) + 1, int(second.max()) + 1), np.int64)
    np.add.at(shared, (first, second), households)
    rows, columns = linear_sum_assignment(shared, maximize=True)
    total = int(households.sum())
    return 1.0 - float(shared[rows, columns].sum()) / total if total else 0.0


def _alike(community: CommunityInput) -> Finding:
    return Finding(
        "alike",
        "note",
        community.code,
        f"社区“{community.name}”没有找到明显不同的另一种划法",
        f"no clearly different division of community {community.name} was found",
    )
