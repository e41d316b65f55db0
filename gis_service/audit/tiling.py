"""Whether polygons tile an extent, measured by overlaying them with GEOS and trusting nothing they claim."""

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import shapely
from numpy.typing import NDArray

ABSOLUTE_TOLERANCE_M2 = 0.01
RELATIVE_TOLERANCE = 1e-9
SEAM_M = 1e-3
"""Land joined only by a strip narrower than twice this [m] counts as apart: it is the seam of two layers."""


Area = TypeVar("Area", float, NDArray[np.float64])


@dataclass(frozen=True)
class Tiling:
    """How far polygons are from tiling an extent.

    Parameters
    ----------
    gap_m2
        Area of the extent that no polygon covers [m²].
    gap_at
        A point of the largest gap (x, y) [m]; nan where there is none.
    overlaps
        Pairs of positions whose shared area is not zero, with that area [m²], largest first.
    outside_m2
        Area of each polygon outside the extent [m²].
    unmatched
        Positions of polygons with an edge that a neighbour does not have vertex by vertex.
    """

    gap_m2: float
    gap_at: tuple[float, float]
    overlaps: tuple[tuple[int, int, float], ...]
    outside_m2: NDArray[np.float64]
    unmatched: NDArray[np.int64]


def tolerance_m2(area_m2: Area) -> Area:
    """Return the area below which a difference is rounding [m²]: 0.01 m² plus 1e-9 of the area looked at."""
    return ABSOLUTE_TOLERANCE_M2 + RELATIVE_TOLERANCE * area_m2


def sound(geometries: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return the geometries fit for overlays: missing ones empty, invalid ones made valid."""
    present = np.array(geometries, dtype=object)
    present[shapely.is_missing(present)] = shapely.Polygon()
    invalid = ~shapely.is_valid(present)
    present[invalid] = shapely.make_valid(present[invalid], method="structure", keep_collapsed=False)
    return present


def measure_tiling(polygons: NDArray[np.object_], extent: shapely.Geometry) -> Tiling:
    """Return how far polygons are from tiling an extent.

    Parameters
    ----------
    polygons
        Valid polygons in metres; empty ones cover nothing.
    extent
        Valid polygon that they should tile, in the same CRS.

    Returns
    -------
    Tiling
        All areas zero and nothing unmatched for an exact tiling.
    """
    gap = shapely.difference(extent, shapely.union_all(polygons))
    first, second = shapely.STRtree(polygons).query(polygons, predicate="intersects")
    once = first < second
    first, second = first[once], second[once]
    shared = shapely.area(shapely.intersection(polygons[first], polygons[second]))
    order = np.lexsort((second, first, -shared))
    pairs = tuple((int(first[i]), int(second[i]), float(shared[i])) for i in order if shared[i] > 0)
    return Tiling(
        gap_m2=float(gap.area),
        gap_at=_inside(gap),
        overlaps=pairs,
        outside_m2=shapely.area(shapely.difference(polygons, extent)),
        unmatched=_unmatched(polygons),
    )


def land_components(community: shapely.Geometry, reserved: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return the connected parts of a community outside reserved land.

    Parameters
    ----------
    community
        Polygon or multipolygon of the community [m].
    reserved
        Polygons of the special grids, which base grids cannot cross.

    Returns
    -------
    numpy.ndarray
        Polygons; parts that meet in a point or in a strip narrower than 2 `SEAM_M` are apart.
    """
    if len(reserved) == 0:
        return polygon_parts(community)
    blocked = shapely.buffer(shapely.union_all(reserved), SEAM_M, join_style="mitre")
    return polygon_parts(shapely.difference(community, blocked))


def polygon_parts(geometry: shapely.Geometry) -> NDArray[np.object_]:
    """Return the polygons of a geometry with any area; parts that only touch in points are apart."""
    parts = shapely.get_parts(geometry)
    kept: NDArray[np.object_] = parts[shapely.area(parts) > 0]
    return kept


def components_of(parts: NDArray[np.object_], components: NDArray[np.object_]) -> NDArray[np.int64]:
    """Return for each part the position of the component it lies in, or is nearest to."""
    inside = shapely.point_on_surface(parts)
    positions: NDArray[np.int64] = shapely.STRtree(components).nearest(inside).astype(np.int64)
    return positions


def _inside(geometry: shapely.Geometry) -> tuple[float, float]:
    parts = polygon_parts(geometry)
    if len(parts) == 0:
        return (float("nan"), float("nan"))
    point = shapely.point_on_surface(parts[int(np.argmax(shapely.area(parts)))])
    return (float(point.x), float(point.y))


def _unmatched(polygons: NDArray[np.object_]) -> NDArray[np.int64]:
    polygonal = np.flatnonzero(np.isin(shapely.get_type_id(polygons), (3, 6)) & ~shapely.is_empty(polygons))
    edges = shapely.coverage_invalid_edges(polygons[polygonal])
    wrong: NDArray[np.int64] = polygonal[~shapely.is_empty(edges)].astype(np.int64)
    return wrong
