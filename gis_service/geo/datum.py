"""Datums in use in China: WGS 84, CGCS2000 and the two obfuscated ones, GCJ-02 and BD-09."""

from collections.abc import Callable
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

Degrees = NDArray[np.float64]

_AXIS_M = 6378245.0
_ECCENTRICITY_SQUARED = 0.00669342162296594323
_OFFSET_BOX = (72.004, 137.8347, 0.8293, 55.8271)
_BAIDU_SHIFT_LON, _BAIDU_SHIFT_LAT = 0.0065, 0.006
_BAIDU_WAVE = np.pi * 3000.0 / 180.0
_INVERSE_STEPS = 8


class Datum(StrEnum):
    """The datum of longitudes and latitudes.

    ``cgcs2000`` agrees with ``wgs84`` far below a metre and is taken as equal; ``gcj02`` is what Amap and Tencent
    emit; ``bd09`` is what Baidu emits.
    """

    WGS84 = "wgs84"
    CGCS2000 = "cgcs2000"
    GCJ02 = "gcj02"
    BD09 = "bd09"


def from_wgs84(lon: Degrees, lat: Degrees, datum: Datum) -> tuple[Degrees, Degrees]:
    """Return WGS 84 positions expressed in another datum.

    Parameters
    ----------
    lon, lat
        Longitude and latitude [degrees]; nan stays nan.
    datum
        Target datum.

    Returns
    -------
    tuple of numpy.ndarray
        Longitude and latitude [degrees] in `datum`.

    Notes
    -----
    GCJ-02 by the public reimplementation of its offset, which is zero outside 72.004–137.8347° E, 0.8293–55.8271° N
    [1]_; BD-09 is a rotation and shift of GCJ-02 published by the same sources.

    References
    ----------
    .. [1] https://github.com/googollee/eviltransform
    """
    match datum:
        case Datum.WGS84 | Datum.CGCS2000:
            return lon, lat
        case Datum.GCJ02:
            return _gcj02_from_wgs84(lon, lat)
        case Datum.BD09:
            return _bd09_from_gcj02(*_gcj02_from_wgs84(lon, lat))


def to_wgs84(lon: Degrees, lat: Degrees, datum: Datum) -> tuple[Degrees, Degrees]:
    """Return positions of a datum on WGS 84.

    Parameters
    ----------
    lon, lat
        Longitude and latitude [degrees] in `datum`; nan stays nan.
    datum
        Their datum.

    Returns
    -------
    tuple of numpy.ndarray
        Longitude and latitude [degrees] on WGS 84; sending them forward again gives the input within 1e-6 m.

    Notes
    -----
    The forward formulas have no closed inverse. They differ from a constant shift by less than one part in a hundred
    locally, so the fixed-point iteration ``w ← w + (given − forward(w))`` gains two digits a step; the number of
    steps is fixed, so a row never depends on the others.
    """
    match datum:
        case Datum.WGS84 | Datum.CGCS2000:
            return lon, lat
        case Datum.GCJ02:
            return _invert(_gcj02_from_wgs84, lon, lat)
        case Datum.BD09:
            return _invert(_gcj02_from_wgs84, *_invert(_bd09_from_gcj02, lon, lat))


def _invert(
    forward: Callable[[Degrees, Degrees], tuple[Degrees, Degrees]], lon: Degrees, lat: Degrees
) -> tuple[Degrees, Degrees]:
    found_lon, found_lat = lon, lat
    for _ in range(_INVERSE_STEPS):
        sent_lon, sent_lat = forward(found_lon, found_lat)
        found_lon, found_lat = found_lon + (lon - sent_lon), found_lat + (lat - sent_lat)
    return found_lon, found_lat


def _gcj02_from_wgs84(lon: Degrees, lat: Degrees) -> tuple[Degrees, Degrees]:
    x, y = lon - 105.0, lat - 35.0
    root, product = np.sqrt(np.abs(x)), x * y
    ripple = 20.0 * np.sin(6.0 * np.pi * x) + 20.0 * np.sin(2.0 * np.pi * x)
    north_m = (
        -100.0
        + 2.0 * x
        + 3.0 * y
        + 0.2 * y * y
        + 0.1 * product
        + 0.2 * root
        + (
            ripple
            + 20.0 * np.sin(np.pi * y)
            + 40.0 * np.sin(np.pi * y / 3.0)
            + 160.0 * np.sin(np.pi * y / 12.0)
            + 320.0 * np.sin(np.pi * y / 30.0)
        )
        * (2.0 / 3.0)
    )
    east_m = (
        300.0
        + x
        + 2.0 * y
        + 0.1 * x * x
        + 0.1 * product
        + 0.1 * root
        + (
            ripple
            + 20.0 * np.sin(np.pi * x)
            + 40.0 * np.sin(np.pi * x / 3.0)
            + 150.0 * np.sin(np.pi * x / 12.0)
            + 300.0 * np.sin(np.pi * x / 30.0)
        )
        * (2.0 / 3.0)
    )
    phi = np.radians(lat)
    curvature = 1.0 - _ECCENTRICITY_SQUARED * np.sin(phi) ** 2
    meridian_m = _AXIS_M * (1.0 - _ECCENTRICITY_SQUARED) / curvature**1.5
    parallel_m = _AXIS_M / np.sqrt(curvature) * np.cos(phi)
    west, east, south, north = _OFFSET_BOX
    inside = (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
    return (
        lon + np.where(inside, np.degrees(east_m / parallel_m), 0.0),
        lat + np.where(inside, np.degrees(north_m / meridian_m), 0.0),
    )


def _bd09_from_gcj02(lon: Degrees, lat: Degrees) -> tuple[Degrees, Degrees]:
    radius = np.hypot(lon, lat) + 0.00002 * np.sin(lat * _BAIDU_WAVE)
    angle = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * _BAIDU_WAVE)
    return radius * np.cos(angle) + _BAIDU_SHIFT_LON, radius * np.sin(angle) + _BAIDU_SHIFT_LAT
