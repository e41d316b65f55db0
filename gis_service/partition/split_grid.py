"""A grid divided by a drawn line: units on the line are cut, and what lies beyond it becomes new grids."""

from collections.abc import Collection
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from gis_service.errors import InputError, Text
from gis_service.geo.coverage import GeometryArray, IndexArray, pieces
from gis_service.partition.linework import clip, faces_of
from gis_service.partition.split_line import LineCut, cut_units_by
from gis_service.partition.tool_field import moves_of
from gis_service.plan.applying import apply
from gis_service.plan.draft import Draft
from gis_service.plan.land import Land
from gis_service.plan.operations import Operation, Together


@dataclass(frozen=True)
class GridSplit:
    """A grid divided by a line.

    Parameters
    ----------
    operation
        To be applied as one step.
    cut
        The units that are cut; None where the line runs between units only.
    """

    operation: Operation
    cut: LineCut | None


def split_grid(
    draft: Draft,
    grid: int,
    line: shapely.LineString,
    buildings: gpd.GeoDataFrame,
    barriers: gpd.GeoDataFrame,
    *,
    taken: Collection[str] = (),
) -> GridSplit:
    """Return the division of a grid by a drawn line.

    Parameters
    ----------
    draft
        The draft.
    grid
        Key of the grid; not locked.
    line, buildings, barriers, taken
        As for :func:`gis_service.partition.split_line.split_line`.

    Returns
    -------
    GridSplit
        The side with the most households stays in the grid; each other becomes a new base grid, from north to south.
        A unit belongs to the side on which most of its land lies; units that this would part from the rest of their
        side go to the one they have the longest border with, so that the line leaves no grid in more pieces.

    Raises
    ------
    InputError
        The grid is unknown or locked, or the line does not divide it.
    CoverageError
        The units are no valid coverage.
    """
    units = draft.units_of(grid)
    cut = cut_units_by(draft.land, line, buildings, barriers, units=units, taken=taken) if units else None
    after = draft if cut is None else apply(draft, cut.operation)
    here = np.flatnonzero(after.labels == grid)
    side = _joined(_sides(after.land.polygon[here], line), here, after.land)
    households = np.bincount(side, after.land.households[here]) if len(here) else np.zeros(0)
    others = [number for number in range(len(households)) if number != households.argmax() and (side == number).any()]
    if not others:
        raise InputError(
            Text(
                "画的线没有把该网格分成两部分；请让线从网格的一侧边界画到另一侧",
                "the line does not divide the grid; draw it from one side of the grid to the other",
            )
        )
    labels = after.labels.copy()
    for number, other in enumerate(others):
        labels[here[side == other]] = after.next_key + number
    moves = moves_of(after, labels)
    apply(after, moves)  # refuses what must not be, before anybody sees it
    return GridSplit(moves if cut is None else Together((cut.operation, moves)), cut)


def _joined(side: IndexArray, here: IndexArray, land: Land) -> IndexArray:
    """Return sides without the pieces that lie apart from the largest of each, unless they touch no other side."""
    row = np.full(len(land), -1)
    row[here] = np.arange(len(here))
    left, right = row[land.borders.left], row[land.borders.right]
    near = (left >= 0) & (right >= 0) & land.borders.touching
    left, right, length_m = left[near], right[near], land.borders.length_m[near]
    joined = side.copy()
    while True:
        same = joined[left] == joined[right]
        graph = coo_array((np.ones(same.sum()), (left[same], right[same])), shape=(len(here), len(here)))
        piece = connected_components(graph, directed=False)[1]
        area_m2 = np.bincount(piece, land.area_m2[here])
        largest = [max(np.unique(piece[joined == one]), key=lambda at: area_m2[at]) for one in np.unique(joined)]
        loose = ~np.isin(piece, largest)
        meeting = np.unique(np.concatenate((piece[left[~same & loose[left]]], piece[right[~same & loose[right]]])))
        if len(meeting) == 0:
            return joined
        smallest = meeting[area_m2[meeting].argmin()]
        out, back = ~same & (piece[left] == smallest), ~same & (piece[right] == smallest)
        beside = np.concatenate((joined[right[out]], joined[left[back]]))
        # A piece that joins another is one piece fewer, so this ends.
        joined[piece == smallest] = np.bincount(beside, np.concatenate((length_m[out], length_m[back]))).argmax()


def _sides(polygons: GeometryArray, line: shapely.LineString) -> IndexArray:
    """Return on which side of a line most of each unit lies; sides are numbered from north to south."""
    if len(polygons) == 0:
        return np.zeros(0, np.int64)
    faces: list[shapely.Polygon] = []
    for area in pieces(shapely.coverage_union_all(polygons)):
        faces += faces_of((area.boundary, *clip(np.array([line], dtype=object), area)), area).tolist()
    shared_m2 = shapely.area(shapely.intersection(polygons[:, None], np.array(faces, dtype=object)[None, :]))
    most: IndexArray = shared_m2.argmax(axis=1).astype(np.int64)
    return np.unique(most, return_inverse=True)[1].astype(np.int64)
