"""How far polygons are from tiling an extent, by the definition: unions and differences, for tests only."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry


@dataclass(frozen=True)
class TilingFaults:
    """How far polygons are from tiling an extent.

    Parameters
    ----------
    gap_m2
        Area of the extent that no polygon covers [m²].
    overlap_m2
        Area that polygons cover more than once, counted as often as it is covered beyond the first [m²].
    outside_m2
        Area of the polygons outside the extent [m²].
    """

    gap_m2: float
    overlap_m2: float
    outside_m2: float


def tiling_faults(polygons: NDArray[Any] | Sequence[BaseGeometry], extent: BaseGeometry) -> TilingFaults:
    """Return how far polygons are from tiling an extent.

    Parameters
    ----------
    polygons
        Valid polygons in a metric CRS; they need not be a coverage.
    extent
        The polygon or MultiPolygon they should tile.

    Returns
    -------
    TilingFaults
        Areas [m²]; all are zero, up to the resolution of the coordinates, for an exact tiling.
    """
    united = shapely.union_all(np.asarray(polygons, dtype=object))
    covered = float(shapely.area(united))
    return TilingFaults(
        gap_m2=float(shapely.area(shapely.difference(extent, united))),
        overlap_m2=max(float(np.sum(shapely.area(np.asarray(polygons, dtype=object)))) - covered, 0.0),
        outside_m2=float(shapely.area(shapely.difference(united, extent))),
    )
