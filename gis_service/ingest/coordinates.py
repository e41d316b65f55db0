"""From the coordinates of a file to metres: declared CRS or datum, axis order, distance from the city."""

from dataclasses import dataclass, replace

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer

from gis_service.geo.crs import STORED_CRS, round_coordinates, transform_coordinates
from gis_service.geo.datum import Datum, to_wgs84
from gis_service.ingest.notes import ImportNote, refusal
from gis_service.ingest.positions import centres, raw_geometry
from gis_service.ingest.reference import Reference, read_reference
from gis_service.ingest.source import Source

FAR_M = 20_000.0
"""Nothing of a city lies farther than this from the extent of its regions [m]."""

_OUTSIDE_CRS_DEGREES = 2.0
_METRES_PER_DEGREE = 111_320.0
_LARGEST_DEGREE = 360.0


@dataclass(frozen=True)
class Window:
    """Where coordinates are believed: a box of longitudes and latitudes [degrees], bounds included."""

    west: float
    south: float
    east: float
    north: float

    def holds(self, lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Return which positions lie in the box; nan does not."""
        inside: NDArray[np.bool_] = (lon >= self.west) & (lon <= self.east) & (lat >= self.south) & (lat <= self.north)
        return inside


def window_of_crs(metric_crs: str) -> Window | None:
    """Return the area of use of a CRS, widened by 2°; None where the CRS names none."""
    area = CRS.from_user_input(metric_crs).area_of_use
    if area is None:
        return None
    wide = _OUTSIDE_CRS_DEGREES
    return Window(area.west - wide, area.south - wide, area.east + wide, area.north + wide)


def window_of(geometries: NDArray[np.object_], metric_crs: str) -> Window | None:
    """Return the extent of metric geometries, widened by `FAR_M`; None where there is no geometry."""
    stored = transform_coordinates(geometries, metric_crs, STORED_CRS)
    west, south, east, north = shapely.total_bounds(stored).tolist()
    if np.isnan(west):
        return None
    high = FAR_M / _METRES_PER_DEGREE
    wide = high / np.cos(np.radians(max(abs(south), abs(north))))
    return Window(west - wide, south - high, east + wide, north + high)


def locate(
    source: Source, metric_crs: str, window: Window | None
) -> tuple[NDArray[np.object_], NDArray[np.bool_], tuple[ImportNote, ...]]:
    """Return the geometries of a file in metres.

    Parameters
    ----------
    source
        The file; tables have columns ``lon`` and ``lat`` (or WKT in ``geometry``).
    metric_crs
        CRS of the result.
    window
        Where the city lies; None: unknown, nothing is called far.

    Returns
    -------
    geometries : numpy.ndarray
        In `metric_crs`, rounded, two dimensions; None where the row has none.
    far : numpy.ndarray
        True where the middle of the row's extent lies outside `window`.
    notes : tuple of ImportNote
        Contradictions, axis order and zones that were found.

    Raises
    ------
    InputError
        Neither a CRS nor a datum is known; numbers that cannot be of the declared system; swapped axes in some of
        the rows only.
    """
    geometries = raw_geometry(source)
    middle = centres(geometries)
    if np.isnan(middle[:, 0]).all():
        return geometries, np.zeros(len(geometries), dtype=bool), ()
    reference, notes = read_reference(source, middle, metric_crs)
    cure = source.spec.cures.crs
    refused_magnitude = np.flatnonzero(np.abs(middle).max(axis=1) > _LARGEST_DEGREE)
    if reference.crs.is_geographic and len(refused_magnitude):
        raise source.refuse(
            refused_magnitude,
            None,
            f"的坐标是以米计的投影坐标，与声明的经纬度不符，请{cure.zh}（如 EPSG:4549 或 cgcs2000）",
            f"the coordinates are metres but longitude and latitude are declared; {cure.en} (such as EPSG:4549 or "
            "cgcs2000)",
        )
    if reference.crs.is_projected and (np.abs(middle[np.isfinite(middle)]) <= _LARGEST_DEGREE).all():
        raise refusal(
            source.spec.label,
            f"坐标像经纬度，但声明的是投影坐标系 {reference.crs.name}，请{cure.zh}（如 EPSG:4326 或 gcj02）",
            f"the coordinates look like degrees but the projected {reference.crs.name} is declared; {cure.en} (such as "
            "EPSG:4326 or gcj02)",
        )
    swapped, far, more = _axis_order(source, reference, middle, window)
    reference = replace(reference, swapped=swapped)
    return _to_metric(geometries, reference, metric_crs), far, (*notes, *more)


def refuse_far(source: Source, far: NDArray[np.bool_]) -> None:
    """Refuse rows that do not lie in or near the city.

    Raises
    ------
    InputError
        Names the rows.
    """
    rows, cure = np.flatnonzero(far), source.spec.cures.crs
    if len(rows):
        raise source.refuse(
            rows,
            None,
            f"离本市行政区划范围超过 {FAR_M / 1000:.0f} 公里，请检查这些坐标，或{cure.zh}",
            f"more than {FAR_M / 1000:.0f} km from the city's regions; check these coordinates, or {cure.en}",
        )


def _axis_order(
    source: Source, reference: Reference, middle: NDArray[np.float64], window: Window | None
) -> tuple[bool, NDArray[np.bool_], tuple[ImportNote, ...]]:
    """Return whether the two coordinates are swapped, and which rows are far from the city."""
    known = np.isfinite(middle[:, 0])
    if window is None:
        return reference.swapped, np.zeros(len(middle), dtype=bool), ()
    as_read = window.holds(*_lonlat(middle, reference))
    turned = window.holds(*_lonlat(middle, replace(reference, swapped=not reference.swapped)))
    crossed = known & ~as_read & turned
    if not crossed.any():
        return reference.swapped, known & ~as_read, ()
    rows = np.flatnonzero(crossed)
    if not (crossed | ~known).all():
        raise source.refuse(
            rows,
            None,
            "的经度和纬度（或东、北坐标）写反了，其余行没有，请把这些行的两个坐标对调",
            "longitude and latitude (or easting and northing) are swapped, in the other rows they are not; exchange "
            "them in these rows",
        )
    note = source.note(
        "repaired",
        None,
        "全部坐标的两个分量写反了（先纬度后经度，或先北后东），已对调",
        "the two coordinates are swapped in every row (latitude or northing first); they were exchanged",
    )
    return not reference.swapped, np.zeros(len(middle), dtype=bool), (note,)


def _lonlat(xy: NDArray[np.float64], reference: Reference) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return longitudes and latitudes on WGS 84; what has none (inf) stays outside of everything."""
    first, second = (xy[:, 1], xy[:, 0]) if reference.swapped else (xy[:, 0], xy[:, 1])
    transformer = Transformer.from_crs(reference.crs, STORED_CRS, always_xy=True)
    lon, lat = transformer.transform(first, second)
    usable = np.isfinite(lon) & np.isfinite(lat) & (np.abs(lat) <= 90.0)  # noqa: PLR2004 the poles
    return to_wgs84(np.where(usable, lon, np.nan), np.where(usable, lat, np.nan), reference.datum)


def _to_metric(geometries: NDArray[np.object_], reference: Reference, metric_crs: str) -> NDArray[np.object_]:
    def ordered(xy: NDArray[np.float64]) -> NDArray[np.float64]:
        return xy[:, ::-1] if reference.swapped else xy

    def leave_datum(xy: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(to_wgs84(xy[:, 0], xy[:, 1], reference.datum))

    flat = shapely.transform(shapely.force_2d(geometries), ordered)
    if reference.datum in (Datum.GCJ02, Datum.BD09):
        flat = shapely.transform(transform_coordinates(flat, reference.crs, STORED_CRS), leave_datum)
        reference = replace(reference, crs=CRS.from_user_input(STORED_CRS))
    if reference.crs == CRS.from_user_input(metric_crs):
        return round_coordinates(flat)
    return round_coordinates(transform_coordinates(flat, reference.crs, metric_crs))
