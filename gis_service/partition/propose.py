"""Plans for one community: from nothing, from grids that exist, or several to choose from."""

from collections.abc import Iterator
from dataclasses import replace

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from gis_service.geo.coverage import IndexArray
from gis_service.partition.community import CommunityInput
from gis_service.partition.distinct import Alternative, most_distinct
from gis_service.partition.engine import solve
from gis_service.partition.groundwork import Groundwork, UnitFrames, begin_with, groundwork_of
from gis_service.partition.misses import assessed, credit
from gis_service.partition.numbering import numbered
from gis_service.partition.pool import Runs, assigned, reassessed
from gis_service.partition.proposed_plan import ProposedPlan, plan_of
from gis_service.partition.refinement import PartBound, parts, problem_of_part, refine
from gis_service.partition.repair import repair
from gis_service.partition.start import in_canonical_order
from gis_service.plan.priorities import WISHES, Wish, soft_order
from gis_service.plan.rules import Rules


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
    refined = assigned(Runs(ground, seed), community.rules)
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
        By the wish that goes first, the community's own first. All have the same number of grids out of range. The
        first is what :func:`propose` returns, and so are the others for their wish unless a finding of kind
        ``set_apart`` says otherwise: see :func:`gis_service.partition.distinct.most_distinct`.

    Raises
    ------
    InputError, CoverageError
        As :func:`propose`.
    """
    return dict(each_alternative(community, units, seed=seed))


def each_alternative(
    community: CommunityInput, units: UnitFrames | None = None, *, seed: int = 1
) -> Iterator[tuple[Wish, ProposedPlan]]:
    """Yield what :func:`alternatives` returns one by one, for those who tell how far it is or may be stopped."""
    ground = groundwork_of(community, units)
    runs = Runs(ground, seed)
    found: dict[Wish, Alternative] = {}
    for wish in wishes_of(community.rules):
        rules = replace(community.rules, soft_order=soft_order(wish)) if found else community.rules
        found[wish] = most_distinct(replace(community, rules=rules), runs, wish, found)
        yield wish, found[wish].plan


def wishes_of(rules: Rules) -> tuple[Wish, ...]:
    """Return the wishes in the order in which alternatives are made: that which goes first by the rules, the others."""
    own: Wish = next(rule for rule in rules.soft_order if rule in WISHES)
    return own, *(other for other in WISHES if other != own)


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
        Seed of the random numbers, for land without a grid and grids that are cut up.

    Returns
    -------
    ProposedPlan
        See :func:`gis_service.partition.repair.repair`; without any grid today, what :func:`propose` returns. Given
        special grids stay as given, whatever ``grids`` say; the order of these has no effect. Households that change
        grid are those of buildings that stand in a grid today and belong to another one then.

    Raises
    ------
    InputError, CoverageError
        As :func:`propose`.
    """
    if grids.empty:
        return propose(community, units, seed=seed)
    begun = begin_with(community, in_canonical_order(grids), units, locked)
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
        begin=_solved(community.rules, ground, old, seed),
        locked=begun.held | given,
        seed=seed,
    )
    bundle = bundles.of_unit[ground.unit_buildings["unit"].to_numpy(np.int64)]
    moved = (begun.building >= 0) & ~given[bundle] & (repaired.labels[bundle] != begun.building)
    households_moved = int(begun.households[moved].sum())
    bounds = _bounds_of_repair(ground, community.rules, repaired.labels, begun.held, seed)
    return plan_of(
        community, ground, repaired.labels, bounds=bounds, held=begun.held, households_moved=households_moved
    )


def _bounds_of_repair(
    ground: Groundwork, rules: Rules, labels: IndexArray, held: NDArray[np.bool_], seed: int
) -> tuple[PartBound, ...]:
    """Return what is proven of repaired grids, and how many of them a plan from nothing would leave out of range.

    Empty where all are in range: nothing has to be explained then.
    """
    bundles = ground.bundles
    locked = np.where(held | (ground.special >= 0), labels, -1)
    if not any(_misses(ground, rules, labels, units) for units in parts(bundles, rules, locked)):
        return ()
    anew = refine(bundles, rules, labels=_solved(rules, ground, locked, seed), locked=locked)
    return tuple(reassessed(ground, rules, bound, labels[bound.units]) for bound in anew.bounds)


def _misses(ground: Groundwork, rules: Rules, labels: IndexArray, units: IndexArray) -> int:
    problem = problem_of_part(ground.bundles, units, rules)
    return int(assessed(problem, numbered(labels[units]), credit(problem))[0])


def _solved(rules: Rules, ground: Groundwork, locked: IndexArray, seed: int) -> IndexArray:
    """Return the grid the engine finds for every bundle; -1 in ``locked`` is free."""
    bundles = ground.bundles
    return solve(
        bundles.graph,
        bundles.households,
        bundles.residents,
        rules,
        area_m2=bundles.area_m2,
        perimeter_m=bundles.perimeter_m,
        locked=locked,
        seed=seed,
    )
