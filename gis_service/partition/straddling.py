"""Grids on both sides of a river, railway or expressway, each with the reason why it has to be, as far as known."""

from collections.abc import Iterator

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from gis_service.errors import Text
from gis_service.geo.coverage import IndexArray
from gis_service.partition.bound_findings import LOCKED, counting
from gis_service.partition.community import CommunityInput
from gis_service.partition.contraction import Bundles
from gis_service.partition.groundwork import Groundwork
from gis_service.partition.misses import giants
from gis_service.partition.refinement import problem_of_part
from gis_service.partition.relaxation import least_misses
from gis_service.partition.sides import components, edges_of, inhabited, sides_of
from gis_service.partition.uncrossed import uncrossed
from gis_service.partition.vacant_findings import barrier_between
from gis_service.plan.arithmetic import may_fit, total_residents, totals_of
from gis_service.plan.findings import Finding
from gis_service.plan.judgement import STRADDLED_M
from gis_service.plan.land import open_borders
from gis_service.plan.rules import Rules, describe, judge
from gis_service.plan.unit_places import side_of

NOT_PROVEN = Text(
    "搜索至今未找到不跨越又使规模合规的划法，也未证明不可避免",
    "the search has found no division that keeps to its sides and to the size rule, and it is not proven that there "
    "is none",
)


KEPT = Text(
    "沿用起始方案的网格，未为此调动住户",
    "it is so in the plan this one starts from, and no households were moved for it",
)


def straddling_findings(
    community: CommunityInput,
    ground: Groundwork,
    labels: IndexArray,
    grids: gpd.GeoDataFrame,
    locked: NDArray[np.bool_],
    *,
    repaired: bool,
) -> Iterator[Finding]:
    """Yield base grids with households on both sides of a river, railway or expressway inside them.

    A side with people has to be crossed from where it cannot be divided into grids in range by itself: its total fits
    no number of grids, or its units cannot be grouped so (ruled out by exhaustion). An estate that stays whole may
    also lie on two sides. Where one can walk around a barrier, so that it has no sides, a part of the community may
    have more grids out of range if none crossed (by exhaustion, too). The size rule and whole estates go before
    barriers, so such a grid is forced.

    Parameters
    ----------
    community
        The community the plan is for.
    ground
        Its units.
    labels
        Row of ``grids`` for each unit.
    grids
        The grids frame.
    locked
        True for rows of ``grids`` that had to stay.
    repaired
        The plan starts from grids that exist, and changes no more of them than the size rule asks for.

    Yields
    ------
    Finding
        Of kind ``straddling``, with the witness where there is one. Where several grids reach a side that cannot stand
        alone, only one of them need: that is said, and which they are.
    """
    graph, units = ground.graph, ground.units
    left = np.repeat(np.arange(len(units)), np.diff(graph.start))
    inside = labels[left] == labels[graph.neighbour]
    enclosed_m = np.bincount(labels[left], graph.barrier_m * inside, minlength=len(grids)) / 2.0
    piece = components(len(units), edges_of(units, graph), inside & open_borders(graph.length_m, graph.barrier_m))
    lived_in = inhabited(units)
    of_grid = {
        int(row): here
        for row in np.flatnonzero((grids["kind"] == "base").to_numpy() & (enclosed_m >= STRADDLED_M))
        if len(np.unique(piece[(here := labels == row) & lived_in])) > 1
    }
    if not of_grid:
        return
    side = sides_of(units, graph, community.barriers).of_unit
    lived_on = {row: np.unique(side[here & lived_in]).tolist() for row, here in of_grid.items()}
    reached = sorted({number for own in lived_on.values() if len(own) > 1 for number in own})
    stuck = {number: why for number in reached if (why := _stuck(community, ground, side == number)) is not None}
    codes = grids["code"].to_numpy(dtype=object)
    for row, here in of_grid.items():
        whys = [_estate_across(community, units, here & lived_in, piece)]
        for number in sorted(stuck.keys() & set(lived_on[row])):
            others = [str(codes[other]) for other, own in lived_on.items() if other != row and number in own]
            whys.append(_with_others(stuck[number], others))
        if not locked[row] and not any(whys):
            why, around = _size_first(ground, community.rules, labels, locked, row)
            others = [str(codes[other]) for other in of_grid if other != row and other in around]
            whys.append(_with_others(why, others))
        unforced = LOCKED if locked[row] else KEPT if repaired else NOT_PROVEN
        why = next((text for text in whys if text is not None), unforced)
        yield _finding(community, units, here, piece, (str(codes[row]), float(enclosed_m[row])), why)


def _stuck(community: CommunityInput, ground: Groundwork, here: NDArray[np.bool_]) -> Text | None:
    """Return why a side cannot be divided into grids in range by itself, None where it can or nobody knows."""
    side, fits = _total(community, ground.units, here)
    if not fits:
        return Text(
            f"不可避免，{side.zh}，单独划不成合规的网格，只能与对面合并",
            f"it is forced, for {side.en}, which fits no number of grids by itself",
        )
    if _indivisible(ground.bundles, here, community):
        return Text(
            f"不可避免，{side.zh}，但楼栋和小区不可拆分，已逐一排除在这一侧之内的划法",
            f"it is forced, for {side.en}, but its buildings and estates cannot be cut, and every division within that "
            "side was ruled out",
        )
    return None


def _finding(
    community: CommunityInput,
    units: gpd.GeoDataFrame,
    here: NDArray[np.bool_],
    piece: IndexArray,
    grid: tuple[str, float],
    why: Text,
) -> Finding:
    """Return what is told of a grid, given its code and the length of barriers inside it [m]."""
    code, length_m = grid
    polygons = units.geometry.to_numpy()
    households = units["households"].to_numpy(np.int64)
    numbers = np.unique(piece[here])
    main = max(numbers.tolist(), key=lambda number: (int(households[here & (piece == number)].sum()), -number))
    one, rest = here & (piece == main), here & (piece != main)
    barrier = barrier_between(community.barriers, shapely.union_all(polygons[one]), shapely.union_all(polygons[rest]))
    return Finding(
        "straddling",
        "warning",
        code,
        f"网格 {code} 跨越{barrier.zh}，其内长约 {length_m:.0f} 米：{why.zh}",
        f"grid {code} lies on both sides of {barrier.en}, about {length_m:.0f} m of it: {why.en}",
    )


def _total(community: CommunityInput, units: gpd.GeoDataFrame, here: NDArray[np.bool_]) -> tuple[Text, bool]:
    """Return what a side holds, and whether arithmetic allows to divide that into grids in range."""
    rules = community.rules
    each = units["households"].to_numpy(np.int64)[here], units["residents"].fillna(-1).to_numpy(np.int64)[here]
    households, residents = int(each[0].sum()), total_residents(each[1])
    first = str(units["code"][here].iloc[0])
    where = side_of(units.geometry.to_numpy(), np.flatnonzero(here))
    sizes = describe(households, residents, judge(households, residents, "base", rules), rules)
    side = Text(
        f"{where.zh}（单元 {first} 所在）合计 {sizes.zh}",
        f"the {where.en} (that of unit {first}) has {sizes.en} in all",
    )
    return side, may_fit(totals_of(*each), rules)


def _indivisible(bundles: Bundles, here: NDArray[np.bool_], community: CommunityInput) -> bool:
    """Tell whether it is proven that what stays together on a side cannot be grouped into grids in range.

    Nothing is told of sides with units above the maximum, to which crossing is no cure, nor of what lies on two sides.
    """
    chosen = np.unique(bundles.of_unit[here])
    if not here[np.isin(bundles.of_unit, chosen)].all():
        return False
    problem = problem_of_part(bundles, chosen, community.rules)
    return not giants(problem).any() and least_misses(problem) > 0


def _size_first(
    ground: Groundwork, rules: Rules, labels: IndexArray, locked: NDArray[np.bool_], row: int
) -> tuple[Text | None, frozenset[int]]:
    """Return why the size rule asks for a crossing in the part of the community a grid lies in, and the grids there."""
    of_bundle = labels[ground.bundles.first]
    fixed = (ground.special >= 0) | locked[of_bundle]
    without = uncrossed(ground.bundles, rules, of_bundle, fixed, row)
    if without is None or without.least <= without.missed:
        return None, frozenset()
    note = counting(without.least)
    why = Text(
        f"不可避免，规模优先：已逐一排除没有网格跨越的划法，那样这一片至少有 {without.least} 个网格不合规，"
        f"现有 {without.missed} 个{note.zh}",
        f"it is forced, for size goes first: if none crossed, at least {without.least} grids of this part would be out "
        f"of range, every such division ruled out; now {without.missed} are{note.en}",
    )
    return why, without.labels


def _estate_across(
    community: CommunityInput, units: gpd.GeoDataFrame, here: NDArray[np.bool_], piece: IndexArray
) -> Text | None:
    """Return the first estate with households on two sides of the barrier inside a grid, None where there is none."""
    names = community.estates.set_index("id")["name"].dropna().to_dict()
    of_estate = units["estate_id"].where(here)
    for estate in sorted(of_estate.dropna().unique()):
        if len(np.unique(piece[(of_estate == estate).to_numpy()])) > 1:
            name = names.get(estate, estate)
            return Text(
                f"小区“{name}”在两侧都有住户，规模以内的小区不拆分",
                f"estate {name} has households on both sides, and estates that fit into one grid are not split",
            )
    return None


def _with_others(why: Text | None, others: list[str]) -> Text | None:
    """Return why a side has to be crossed from, and which other grids do."""
    if why is None or not others:
        return why
    return Text(
        f"{why.zh}；跨越的还有网格 {'、'.join(others)}，其中至少要有一个",
        f"{why.en}; grids {', '.join(others)} cross too, and at least one of them all has to",
    )
