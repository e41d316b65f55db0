"""Strips of land between a border and a line beside it change hands, so that the border runs along the line."""

import numpy as np
import shapely
from numpy.typing import NDArray

from gis_service.geo.coverage import FloatArray, GeometryArray, IndexArray
from gis_service.partition.absorption import width_m
from gis_service.partition.linework import OVERSHOOT_M, Borders

REACH_M = 15.0
"""A line that ends this near to a border is led on to it [m, inclusive]."""
STRIP_M = 20.0
"""Only land of at most this width changes hands [m]."""
ON_LINE_WEIGHT = 0.5
"""What a metre of border along a line counts where one without counts 1."""
_ROUNDS = 4


def loose_ends(lines: GeometryArray, others: GeometryArray) -> GeometryArray:
    """Return the ends of lines that touch nothing.

    Parameters
    ----------
    lines
        LineStrings and MultiLineStrings in metres.
    others
        More lines that ends may touch, such as the border of the land.

    Returns
    -------
    array of Point
        Ends farther than `OVERSHOOT_M` from every other line.
    """
    parts = shapely.get_parts(lines)
    parts = parts[~shapely.is_empty(parts) & ~shapely.is_closed(parts)]
    ends = np.concatenate((shapely.get_point(parts, 0), shapely.get_point(parts, -1)))
    tree = shapely.STRtree(np.concatenate((parts, others)))
    touching = np.bincount(tree.query(ends, predicate="dwithin", distance=OVERSHOOT_M)[0], minlength=len(ends))
    loose: GeometryArray = ends[touching == 1]
    return loose


def connectors(ends: GeometryArray, targets: GeometryArray, obstacles: GeometryArray, reach_m: float) -> GeometryArray:
    """Return the straight lines from ends to the nearest target.

    Parameters
    ----------
    ends
        Points in metres.
    targets
        Lines to lead on to.
    obstacles
        Footprints; a connector that would touch one is left out.
    reach_m
        Greatest length of a connector [m, inclusive].

    Returns
    -------
    array of LineString
        Each reaches `OVERSHOOT_M` beyond its target.
    """
    end, target = shapely.STRtree(targets).query_nearest(ends, max_distance=reach_m, all_matches=False)
    straight = shapely.shortest_line(ends[end], targets[target])
    length_m = shapely.length(straight)
    straight, length_m = straight[length_m > 0], length_m[length_m > 0]
    xy = shapely.get_coordinates(straight).reshape(-1, 2, 2)
    xy[:, 1] += (xy[:, 1] - xy[:, 0]) * (OVERSHOOT_M / length_m)[:, None]
    led: GeometryArray = np.asarray(shapely.linestrings(xy), dtype=object)
    blocked = np.zeros(len(led), dtype=bool)
    blocked[shapely.STRtree(obstacles).query(led, predicate="intersects")[0]] = True
    return led[~blocked]


def hand_over(
    label: IndexArray,
    group: IndexArray,
    borders: Borders,
    area_m2: FloatArray,
    perimeter_m: FloatArray,
    free: NDArray[np.bool_],
) -> IndexArray:
    """Return the labels after strips have gone to the neighbour with which the borders are best.

    Parameters
    ----------
    label
        Whom every face belongs to.
    group
        Land stays within its group: a face takes labels of faces of its own group only.
    borders
        Borders between the faces.
    area_m2, perimeter_m
        Area [m²] and perimeter [m] of the faces.
    free
        Faces that may change hands; none with buildings.

    Returns
    -------
    array of int
        Borders cost their length, along lines `ON_LINE_WEIGHT` of it; a face changes hands only where that lowers the
        cost. Faces are visited in their order, in a few rounds.
    """
    label = label.copy()
    cost_m = borders.plain_m + ON_LINE_WEIGHT * (borders.walkable_m + borders.hard_m)
    left = np.concatenate((borders.left, borders.right))
    order = np.argsort(left, kind="stable")
    other = np.concatenate((borders.right, borders.left))[order]
    cost_m = np.tile(cost_m, 2)[order]
    start = np.searchsorted(left[order], np.arange(len(label) + 1))
    on_line = np.zeros(len(label), dtype=bool)
    beside = borders.walkable_m + borders.hard_m > 0
    on_line[borders.left[beside]] = on_line[borders.right[beside]] = True
    strips = np.flatnonzero(free & on_line & (width_m(area_m2, perimeter_m) <= STRIP_M))
    for _ in range(_ROUNDS):
        before = label.copy()
        for face in strips:
            around = slice(start[face], start[face + 1])
            near, names = other[around], label[other[around]]
            saved = {int(name): 0.0 for name in names[group[near] == group[face]]}
            for name, metres in zip(names.tolist(), cost_m[around].tolist(), strict=True):
                if name in saved:
                    saved[name] += metres
            best = max(saved, key=lambda name: (saved[name], -name), default=label[face])
            if saved.get(best, 0.0) > saved.get(int(label[face]), 0.0):
                label[face] = best
        if np.array_equal(before, label):
            break
    return label
