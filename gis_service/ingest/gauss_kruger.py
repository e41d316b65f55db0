"""Coordinates of the Chinese 3-degree Gauss–Krüger zones, recognised by their magnitudes."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pyproj import CRS

_NORTHING_M = (1_800_000.0, 6_000_000.0)
_EASTING_M = (100_000.0, 900_000.0)
_ZONES = (25, 45)
_FALSE_EASTING_M = 500_000.0
_ZONE_WIDTH = 3.0
_FIRST_PREFIXED_EPSG, _FIRST_PLAIN_EPSG = 4513, 4534


@dataclass(frozen=True)
class GaussKruger:
    """What the magnitudes of a file tell.

    Parameters
    ----------
    northing_first
        True: the first coordinate is the northing (X of Chinese surveys), the second the easting (Y).
    zone
        3-degree zone (25–45) that prefixes the eastings; None: no prefix, so the magnitudes do not tell the zone.
    """

    northing_first: bool
    zone: int | None


def recognise(first: NDArray[np.float64], second: NDArray[np.float64]) -> GaussKruger | None:
    """Return what kind of Gauss–Krüger coordinates a file holds.

    Parameters
    ----------
    first, second
        The two coordinates as the file gives them [m]; nan is left out.

    Returns
    -------
    GaussKruger or None
        None: not every pair is a northing within 1.8–6.0 million (16°–54° N) and an easting within 0.1–0.9 million,
        with or without one common zone number before it.
    """
    known = np.isfinite(first) & np.isfinite(second)
    if not known.any():
        return None
    for northing_first, northing, easting in (
        (True, first[known], second[known]),
        (False, second[known], first[known]),
    ):
        zone = np.floor(easting / 1e6)
        within = easting - zone * 1e6
        if (
            (zone == zone[0]).all()
            and (zone[0] == 0 or _ZONES[0] <= zone[0] <= _ZONES[1])
            and _between(northing, _NORTHING_M)
            and _between(within, _EASTING_M)
        ):
            return GaussKruger(northing_first, int(zone[0]) or None)
    return None


def zone_crs(zone: int) -> CRS:
    """Return the CGCS2000 system whose eastings begin with a 3-degree zone number (EPSG 4513–4533)."""
    return CRS.from_epsg(_FIRST_PREFIXED_EPSG + zone - _ZONES[0])


def zone_of(system: CRS) -> int | None:
    """Return the 3-degree zone of a projected system, with or without prefix; None: it is no such zone."""
    operation = system.coordinate_operation
    if operation is None or operation.method_name != "Transverse Mercator":
        return None
    values = {parameter.name: float(parameter.value) for parameter in operation.params}
    zone = values["Longitude of natural origin"] / _ZONE_WIDTH
    false_easting = values["False easting"]
    known = zone.is_integer() and _ZONES[0] <= zone <= _ZONES[1] and values["Scale factor at natural origin"] == 1.0
    if known and false_easting in (_FALSE_EASTING_M, zone * 1e6 + _FALSE_EASTING_M):
        return int(zone)
    return None


def plain_crs(zone: int) -> CRS:
    """Return the CGCS2000 system of a 3-degree zone without prefix (EPSG 4534–4554)."""
    return CRS.from_epsg(_FIRST_PLAIN_EPSG + zone - _ZONES[0])


def _between(values: NDArray[np.float64], limits: tuple[float, float]) -> bool:
    return bool(((values >= limits[0]) & (values <= limits[1])).all())
