"""The borders of the pieces of cut units: with each other, and with the units around them."""

from collections.abc import Mapping, Sequence

import geopandas as gpd
import numpy as np
import shapely

from gis_service.errors import CoverageError, Text
from gis_service.geo.coverage import IndexArray, shared_edges
from gis_service.partition.contiguity import HARD_BARRIERS, ON_BARRIER_M, near, outlines
from gis_service.plan.land import Border, Land, LandUnit


def borders_of_pieces(
    land: Land,
    leave: IndexArray,
    come: Sequence[LandUnit],
    reshaped: Mapping[int, shapely.Polygon],
    barriers: gpd.GeoDataFrame,
) -> tuple[Border, ...]:
    """Return every border that a piece of a cut unit has.

    Parameters
    ----------
    land
        The units before the cut.
    leave
        Positions of the cut units, ascending.
    come
        Their pieces.
    reshaped
        Neighbours that got vertices, by position.
    barriers
        The barriers frame.

    Raises
    ------
    CoverageError
        The pieces and the units around them do not share their borders vertex by vertex.
    """
    old = land.borders
    ends = np.column_stack((old.left, old.right))
    beside = np.setdiff1d(ends[np.isin(ends, leave).any(axis=1)], leave)
    codes = [*(unit.code for unit in come), *(str(land.code[at]) for at in beside)]
    polygons = np.empty(len(codes), dtype=object)
    polygons[:] = [*(unit.polygon for unit in come), *(reshaped.get(int(at), land.polygon[at]) for at in beside)]
    if not shapely.coverage_is_valid(polygons):
        raise CoverageError(
            Text(
                "切出的各块与相邻单元的边界不能逐点吻合，未切分；请略微移动切分线后重试",
                "the pieces do not share every vertex with the units around them and nothing was cut; "
                "move the line a little and try again",
            )
        )
    edges = shared_edges(polygons)
    segment_m, middle = edges.segments.lengths_m(), edges.segments.midpoints()
    lines = outlines(barriers.geometry.to_numpy())
    hard = barriers["kind"].isin(HARD_BARRIERS).to_numpy()
    barrier_m = edges.sums(segment_m * near(middle, lines[hard], ON_BARRIER_M))
    follow_m = edges.sums(segment_m * near(middle, lines, ON_BARRIER_M))
    rows = np.flatnonzero(edges.left < len(come))
    found = [
        _border(codes[edges.left[row]], codes[edges.right[row]], edges.length_m[row], barrier_m[row], follow_m[row])
        for row in rows
    ]
    return tuple(sorted([*found, *_bridges(land, leave, come)], key=lambda border: (border.one, border.other)))


def _bridges(land: Land, leave: IndexArray, come: Sequence[LandUnit]) -> list[Border]:
    """Return the bridges of cut units, each from the pieces nearest to each other."""
    old = land.borders
    gone = set(leave.tolist())
    bridges = []
    for row in np.flatnonzero(~old.touching & (np.isin(old.left, leave) | np.isin(old.right, leave))):
        one, other = (_candidates(land, int(end), gone, come) for end in (old.left[row], old.right[row]))
        _, _, a, b = min(
            (shapely.distance(p.polygon, q.polygon), number, p.code, q.code)
            for number, (p, q) in enumerate((p, q) for p in one for q in other)
        )
        bridges.append(_border(a, b, 0.0, 0.0, 0.0))
    return bridges


def _candidates(land: Land, at: int, gone: set[int], come: Sequence[LandUnit]) -> list[LandUnit]:
    code = str(land.code[at])
    if at not in gone:
        return [land.unit(code)]
    return [unit for unit in come if unit.code.rpartition(".")[0] == code]


def _border(one: str, other: str, length_m: float, barrier_m: float, follow_m: float) -> Border:
    return Border(min(one, other), max(one, other), float(length_m), float(barrier_m), float(follow_m))
