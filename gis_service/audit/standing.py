"""Since when the land of a grid is the same."""

from collections.abc import Sequence
from datetime import date

import geopandas as gpd
import shapely

SAME_LAND_M2 = 1.0
"""Two extents that differ by no more than this [m²] are the same land: units that are cut get vertices."""


def unchanged_since(
    grids: gpd.GeoDataFrame, in_force: date | None, before: Sequence[tuple[date, gpd.GeoDataFrame]]
) -> dict[str, date]:
    """Return the day since which each grid has had its land under its code.

    Parameters
    ----------
    grids
        ``code`` and ``geometry`` of the grids of a community, metric CRS.
    in_force
        First day in force of their plan; None: a proposal, of which only grids with the land they have today are known.
    before
        What was in force before, the latest first: first day, and grids as above.

    Returns
    -------
    dict
        Code to day; grids of a proposal that change are missing.
    """
    since = {} if in_force is None else dict.fromkeys(grids["code"], in_force)
    open_grids = dict(zip(grids["code"], grids.geometry, strict=True))
    for day, earlier in before:
        shapes = dict(zip(earlier["code"], earlier.geometry, strict=True))
        open_grids = {
            code: shape for code, shape in open_grids.items() if code in shapes and same_land(shape, shapes[code])
        }
        for code in open_grids:
            since[code] = min(day, since.get(code, day))
    return since


def same_land(one: shapely.Geometry, other: shapely.Geometry) -> bool:
    """Return whether two extents are the same land, see `SAME_LAND_M2`."""
    if abs(shapely.area(one) - shapely.area(other)) > SAME_LAND_M2:
        return False
    if shapely.equals_exact(one, other):
        return True
    return bool(shapely.area(shapely.symmetric_difference(one, other)) <= SAME_LAND_M2)
