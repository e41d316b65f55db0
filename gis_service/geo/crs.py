"""The two doors between stored longitude/latitude and metric coordinates."""

from functools import lru_cache

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError

from gis_service.errors import InputError, Text

RESOLUTION_M = 1e-6
"""Metric coordinates are multiples of this [m]: far below any survey, far above the rounding noise of a projection."""

STORED_CRS = "EPSG:4326"
_DECIMALS = 6
_PROBES_A_SIDE = 7


def is_metric(crs: str) -> bool:
    """Return whether lengths may be measured in a CRS.

    Parameters
    ----------
    crs
        Anything pyproj understands, such as ``"EPSG:4549"``.

    Returns
    -------
    bool
        True for a projected CRS whose two axes are in metres; False for anything else, unknown names included.
        Web Mercator is projected in metres but stretches lengths (by 13 % at 27° N), so it is False as well.
    """
    try:
        system = CRS.from_user_input(crs)
    except CRSError:
        return False
    return (
        system.is_projected
        and all(axis.unit_conversion_factor == 1.0 for axis in system.axis_info)
        and system.to_epsg() != 3857  # noqa: PLR2004 Web Mercator's code
    )


def survives_storage(crs: str) -> bool:
    """Return whether coordinates come back from longitude and latitude as they were.

    Parameters
    ----------
    crs
        Anything pyproj understands, such as ``"EPSG:4549"``; metric.

    Returns
    -------
    bool
        True where the round trip moves points all over the system's area of use by less than half of `RESOLUTION_M`, so
        that rounding restores every bit. False where it does not, as on datums that are shifted against WGS 84
        (Hong Kong 1980, OSGB36, Beijing 1954: from 0.04 mm to metres), and where the system names no area of use.
    """
    area = CRS.from_user_input(crs).area_of_use
    if area is None:
        return False
    east = area.east if area.east > area.west else area.east + 360.0  # across the 180th meridian
    lon, lat = np.meshgrid(
        np.linspace(area.west, east, _PROBES_A_SIDE), np.linspace(area.south, area.north, _PROBES_A_SIDE)
    )
    there, back = _transformer(STORED_CRS, crs), _transformer(crs, STORED_CRS)
    x, y = (np.round(values, _DECIMALS) for values in there.transform(lon.ravel(), lat.ravel()))
    again_x, again_y = there.transform(*back.transform(x, y))
    with np.errstate(invalid="ignore"):  # what has no counterpart is inf, and does not survive
        moved_m = np.hypot(again_x - x, again_y - y)
    return bool(np.all(moved_m < RESOLUTION_M / 2))


def round_coordinates(geometries: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return the geometries in two dimensions with every coordinate rounded to `RESOLUTION_M`.

    Parameters
    ----------
    geometries
        Shapely geometries in metres; None stays None.

    Returns
    -------
    numpy.ndarray
        New geometries; rounding twice changes nothing.
    """
    flat = shapely.force_2d(np.asarray(geometries, dtype=object))
    rounded: NDArray[np.object_] = shapely.transform(flat, lambda xy: np.round(xy, _DECIMALS) + 0.0)
    return rounded


def transform_coordinates(
    geometries: NDArray[np.object_], source: str | CRS | None, target: str | CRS
) -> NDArray[np.object_]:
    """Return the geometries expressed in another CRS, always x = longitude or easting first.

    Parameters
    ----------
    geometries
        Shapely geometries in `source`; None stays None.
    source, target
        The two systems.

    Returns
    -------
    numpy.ndarray
        New geometries in `target`.

    Raises
    ------
    InputError
        A coordinate has no counterpart in `target`, which happens far outside its area of use.
    """
    transformer = _transformer(source, target)

    def forward(xy: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(transformer.transform(xy[:, 0], xy[:, 1]))

    moved: NDArray[np.object_] = shapely.transform(shapely.force_2d(np.asarray(geometries, dtype=object)), forward)
    if not np.isfinite(shapely.get_coordinates(moved)).all():
        names = CRS.from_user_input(source).name, CRS.from_user_input(target).name
        raise InputError(
            Text(
                f"有坐标无法从 {names[0]} 换算到 {names[1]}，请检查 crs 是否写错",
                f"some coordinates cannot be expressed in {names[1]} (from {names[0]}); check the declared crs",
            )
        )
    return moved


@lru_cache(maxsize=32)
def _transformer(source: str | CRS | None, target: str | CRS) -> Transformer:
    """Return the transformer between two systems; looking one up takes PROJ some 80 ms, more than using it."""
    return Transformer.from_crs(source, target, always_xy=True)


def to_metric(frame: gpd.GeoDataFrame, metric_crs: str) -> gpd.GeoDataFrame:
    """Return the frame in metres, coordinates rounded to `RESOLUTION_M`.

    Parameters
    ----------
    frame
        Frame whose geometry column is called ``geometry`` and whose CRS is set.
    metric_crs
        Projected CRS in metres, such as ``"EPSG:4549"``.

    Returns
    -------
    geopandas.GeoDataFrame
        Copy in `metric_crs`, x = easting and y = northing [m], two dimensions; missing geometries stay None.

    Raises
    ------
    InputError
        A coordinate cannot be expressed in `metric_crs`.

    Notes
    -----
    ``to_metric(to_stored(frame), metric_crs)`` gives back the same bits where a projection and its inverse agree below
    half of `RESOLUTION_M`; `survives_storage` says where, and datasets in other systems are refused.
    """
    geometries = frame.geometry.to_numpy()
    if frame.crs != CRS.from_user_input(metric_crs):
        geometries = transform_coordinates(geometries, frame.crs, metric_crs)
    return _with_geometry(frame, round_coordinates(geometries), metric_crs)


def to_stored(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the frame in longitude and latitude [degrees] on WGS 84, as it is stored and exchanged.

    Parameters
    ----------
    frame
        Frame whose geometry column is called ``geometry`` and whose CRS is set.

    Returns
    -------
    geopandas.GeoDataFrame
        Copy in EPSG:4326, x = longitude and y = latitude; missing geometries stay None.

    Raises
    ------
    InputError
        A coordinate cannot be expressed in longitude and latitude.
    """
    geometries = frame.geometry.to_numpy()
    if frame.crs != CRS.from_user_input(STORED_CRS):
        geometries = transform_coordinates(geometries, frame.crs, STORED_CRS)
    return _with_geometry(frame, geometries, STORED_CRS)


def _with_geometry(frame: gpd.GeoDataFrame, geometries: NDArray[np.object_], crs: str) -> gpd.GeoDataFrame:
    columns = frame.drop(columns="geometry")
    return gpd.GeoDataFrame(columns, geometry=gpd.GeoSeries(geometries, index=frame.index, crs=crs), crs=crs)[
        list(frame.columns)
    ]
