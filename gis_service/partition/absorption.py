"""Leftover land joins the neighbour with which it shares most border."""

import heapq

import numpy as np
from numpy.typing import NDArray

from gis_service.geo.coverage import FloatArray, IndexArray, group_sums
from gis_service.partition.linework import Borders

OPEN_LAND_M2 = 2000.0
"""Land without buildings below this area is no unit of its own [m², exclusive]."""
OPEN_LAND_WIDTH_M = 40.0
"""Land without buildings of a smaller width (`width_m`) is no unit of its own [m, exclusive]: medians, verges."""
WALKABLE_WEIGHT = 0.5
"""What a metre of border along a road or wall counts when land chooses its neighbour."""
LAST_RESORT_WEIGHT = 0.01
"""What a metre counts along a river, railway or expressway, towards a special grid, or out of an estate."""


def width_m(area_m2: FloatArray, perimeter_m: FloatArray) -> FloatArray:
    """Return the shorter side [m] of the rectangle of the same area and perimeter; P/4 for land rounder than a square.

    Parameters
    ----------
    area_m2, perimeter_m
        Area [m²] and perimeter [m] of pieces of land.

    Notes
    -----
    Sides a >= b with ab = A and 2(a + b) = P give b = P/4 - sqrt((P/4)² - A).
    """
    quarter_m = perimeter_m / 4
    shorter_m: FloatArray = quarter_m - np.sqrt(np.maximum(quarter_m**2 - area_m2, 0.0))
    return shorter_m


def is_leftover(area_m2: FloatArray, perimeter_m: FloatArray) -> NDArray[np.bool_]:
    """Return which pieces of land are too small or too thin to be units of their own, if no building stands there.

    Parameters
    ----------
    area_m2, perimeter_m
        Area [m²] and perimeter [m] of the pieces.
    """
    leftover: NDArray[np.bool_] = (area_m2 < OPEN_LAND_M2) | (width_m(area_m2, perimeter_m) < OPEN_LAND_WIDTH_M)
    return leftover


def absorb(
    borders: Borders,
    area_m2: FloatArray,
    perimeter_m: FloatArray,
    *,
    loose: NDArray[np.bool_],
    homeless: NDArray[np.bool_],
    special: NDArray[np.bool_],
    estate: IndexArray,
) -> IndexArray:
    """Return for every piece of land the piece it ends up in.

    Parameters
    ----------
    borders
        Borders between the pieces.
    area_m2, perimeter_m
        Area [m²] and perimeter [m] of the pieces.
    loose
        Pieces that join a neighbour if they are leftover land, judged with all that has joined them before.
    homeless
        Pieces that join a neighbour whatever their size.
    special
        Pieces of special grids, which are as they were given: land that is of none joins them only where there is
        nothing else, and not where it is the greater part.
    estate
        Estate of every piece, negative where it is of none: land of an estate stays with it while it can.

    Returns
    -------
    array of int
        Position of the piece that has taken it in, its own where none has. Smallest go first; each joins the neighbour
        with the longest border, barriers counting little. A piece without neighbours stays.
    """
    keeper = np.arange(len(area_m2))
    neighbours = _neighbours(borders, len(area_m2))
    area, perimeter = area_m2.copy(), perimeter_m.copy()
    waiting = [(float(area[piece]), int(piece)) for piece in np.flatnonzero(loose | homeless)]
    heapq.heapify(waiting)
    while waiting:
        known_m2, piece = heapq.heappop(waiting)
        if keeper[piece] != piece or known_m2 != area[piece] or not neighbours[piece]:
            continue
        if not homeless[piece] and not is_leftover(area[piece], perimeter[piece]):
            continue
        others = np.array(sorted(neighbours[piece]))
        abroad = (estate[piece] >= 0) & (estate[others] != estate[piece])
        weight = np.array([neighbours[piece][int(other)][0] for other in others])
        for last_resort in (abroad, special[others] & ~special[piece]):
            weight = weight * np.where(last_resort, LAST_RESORT_WEIGHT, 1.0)
        taker = int(others[np.argmax(weight)])
        if special[taker] and not (special[piece] or homeless[piece]) and area[piece] > area[taker]:
            continue
        area[taker] += area[piece]
        perimeter[taker] += perimeter[piece] - 2 * neighbours[piece][taker][1]
        keeper[piece] = taker
        _join(neighbours, piece, taker)
        if loose[taker] or homeless[taker]:
            heapq.heappush(waiting, (float(area[taker]), taker))
    while np.any(keeper != keeper[keeper]):
        keeper = keeper[keeper]
    return keeper


def group_extents(
    borders: Borders, area_m2: FloatArray, perimeter_m: FloatArray, group: IndexArray
) -> tuple[FloatArray, FloatArray]:
    """Return area [m²] and perimeter [m] of groups of pieces.

    Parameters
    ----------
    borders
        Borders between the pieces.
    area_m2, perimeter_m
        Area [m²] and perimeter [m] of the pieces.
    group
        Group of every piece, 0 … n-1.
    """
    inner = group[borders.left] == group[borders.right]
    length_m = (borders.plain_m + borders.walkable_m + borders.hard_m)[inner]
    count = int(group.max(initial=-1)) + 1
    inner_m = group_sums(group[borders.left[inner]], length_m, count)
    return group_sums(group, area_m2, count), group_sums(group, perimeter_m, count) - 2 * inner_m


def _neighbours(borders: Borders, count: int) -> list[dict[int, tuple[float, float]]]:
    """Return per piece its neighbours with the weighted and the true length of their border."""
    length_m = borders.plain_m + borders.walkable_m + borders.hard_m
    weight = borders.plain_m + WALKABLE_WEIGHT * borders.walkable_m + LAST_RESORT_WEIGHT * borders.hard_m
    neighbours: list[dict[int, tuple[float, float]]] = [{} for _ in range(count)]
    rows = zip(borders.left.tolist(), borders.right.tolist(), weight.tolist(), length_m.tolist(), strict=True)
    for left, right, weighted, metres in rows:
        neighbours[left][right] = neighbours[right][left] = (weighted, metres)
    return neighbours


def _join(neighbours: list[dict[int, tuple[float, float]]], piece: int, taker: int) -> None:
    """Hand the borders of a piece over to the piece that takes it in."""
    for other, (weighted, metres) in neighbours[piece].items():
        del neighbours[other][piece]
        if other != taker:
            before = neighbours[taker].get(other, (0.0, 0.0))
            neighbours[taker][other] = neighbours[other][taker] = (before[0] + weighted, before[1] + metres)
    neighbours[piece] = {}
