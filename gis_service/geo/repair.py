"""Repair of invalid polygons that says what it changed."""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from gis_service.geo.crs import RESOLUTION_M, round_coordinates

_POLYGON, _MULTIPOLYGON, _COLLECTION = 3, 6, 7


@dataclass(frozen=True)
class Repair:
    """One geometry that was changed.

    Parameters
    ----------
    row
        Position in the array that was given.
    fault
        What was wrong and where, in GEOS's words, such as ``Self-intersection[1 1]``.
    done
        ``made_valid``; ``kept_polygons`` (lines and points beside the polygons were left out); ``emptied`` (no area
        was left, so the result is an empty polygon).
    area_before_m2, area_after_m2
        Area [m²] before and after; before is what the rings enclose by sign, so a figure of eight counts near zero.
    """

    row: int
    fault: str
    done: str
    area_before_m2: float
    area_after_m2: float


def repair_polygons(geometries: NDArray[np.object_]) -> tuple[NDArray[np.object_], tuple[Repair, ...]]:
    """Return the geometries with every polygon valid, and what was changed.

    Parameters
    ----------
    geometries
        Geometries in metres with coordinates rounded to `RESOLUTION_M`. Polygons, multipolygons and collections are
        looked at; points, lines and None pass through.

    Returns
    -------
    repaired : numpy.ndarray
        Same length and order; valid polygons are the objects that were given.
    changes : tuple of Repair
        One for each geometry that was changed, by row.

    Notes
    -----
    Rings are made valid by the ``structure`` method of GEOS ``MakeValid``, which treats shells as filled and holes as
    empty and drops what collapses. The result lies on the `RESOLUTION_M` grid again.
    """
    repaired = np.array(geometries, dtype=object)
    kinds = shapely.get_type_id(repaired)
    areal = np.isin(kinds, (_POLYGON, _MULTIPOLYGON, _COLLECTION))
    faulty = np.flatnonzero(areal & (~shapely.is_valid(repaired) | (kinds == _COLLECTION)))
    if not len(faulty):
        return repaired, ()
    before = repaired[faulty]
    faults = np.where(shapely.is_valid(before), "Geometry collection", shapely.is_valid_reason(before))
    made = _on_grid(_polygons_of(shapely.make_valid(before, method="structure", keep_collapsed=False)))
    repaired[faulty] = made
    mixed = shapely.get_type_id(before) == _COLLECTION
    emptied = shapely.is_empty(made)
    done = np.where(emptied, "emptied", np.where(mixed, "kept_polygons", "made_valid"))
    areas = zip(shapely.area(before).tolist(), shapely.area(made).tolist(), strict=True)
    changes = tuple(
        Repair(row, str(fault), str(what), old, new)
        for row, fault, what, (old, new) in zip(faulty.tolist(), faults, done, areas, strict=True)
    )
    return repaired, changes


def _polygons_of(geometries: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return what is polygonal in each geometry: a polygon, a multipolygon or an empty polygon."""
    parts, owner = shapely.get_parts(geometries, return_index=True)
    parts, inner = shapely.get_parts(parts, return_index=True)
    owner = owner[inner]
    areal = shapely.get_type_id(parts) == _POLYGON
    kept = np.full(len(geometries), shapely.Polygon(), dtype=object)
    for row in np.unique(owner[areal]).tolist():
        mine = parts[areal & (owner == row)]
        kept[row] = mine[0] if len(mine) == 1 else shapely.union_all(mine)
    return kept


def _on_grid(geometries: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return valid polygons with coordinates on the metric grid, free of a precision model of their own."""
    snapped = shapely.set_precision(geometries, RESOLUTION_M)
    free = shapely.from_wkb(shapely.to_wkb(snapped))
    rounded: NDArray[np.object_] = round_coordinates(free)
    return rounded
