"""From the coordinates of a file to metres: declared CRS or datum, axis order, distance from the city."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import ArrayLike, NDArray
from pandas.api.extensions import ExtensionArray
from pyproj import CRS, Transformer

from gis_service.geo.crs import STORED_CRS, round_coordinates, transform_coordinates
from gis_service.geo.datum import Datum, to_wgs84
from gis_service.ingest.gauss_kruger import GaussKruger, plain_crs, recognise, zone_crs, zone_of
from gis_service.ingest.notes import ImportNote, refusal
from gis_service.ingest.positions import centres, raw_geometry
from gis_service.ingest.source import Source

FAR_M = 20_000.0
"""Nothing of a city lies farther than this from the extent of its regions [m]."""

_OUTSIDE_CRS_DEGREES = 2.0
_METRES_PER_DEGREE = 111_320.0
_LARGEST_DEGREE = 360.0
_CGCS2000_DATUMS = ("China 2000", "China Geodetic Coordinate System 2000", "D_China_2000", "CGCS2000")
_OLD_DATUMS = ("Beijing 1954", "Xian 1980", "New Beijing")


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


@dataclass(frozen=True)
class _Reference:
    """How the numbers of a file are to be read: unproject from `crs`, then leave `datum`; first swap if `swapped`."""

    crs: CRS
    datum: Datum
    swapped: bool = False


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
    reference, notes = _reference(source, middle, metric_crs)
    refused_magnitude = np.flatnonzero(np.abs(middle).max(axis=1) > _LARGEST_DEGREE)
    if reference.crs.is_geographic and len(refused_magnitude):
        raise source.refuse(
            refused_magnitude,
            None,
            '的坐标是以米计的投影坐标，与声明的经纬度不符，请在 dataset.toml 改写 crs（如 EPSG:4549）或 datum = "cgcs2000"',
            "the coordinates are metres but longitude and latitude are declared; correct crs in dataset.toml "
            '(such as EPSG:4549) or give datum = "cgcs2000"',
        )
    if reference.crs.is_projected and (np.abs(middle[np.isfinite(middle)]) <= _LARGEST_DEGREE).all():
        raise refusal(
            source.spec.label,
            f'坐标像经纬度，但声明的是投影坐标系 {reference.crs.name}，请在 dataset.toml 改写 crs = "EPSG:4326" 或 datum',
            f"the coordinates look like degrees but the projected {reference.crs.name} is declared; "
            'give crs = "EPSG:4326" or a datum in dataset.toml',
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
    rows = np.flatnonzero(far)
    if len(rows):
        raise source.refuse(
            rows,
            None,
            f"离本市行政区划范围超过 {FAR_M / 1000:.0f} 公里，请检查这些坐标，或检查 dataset.toml 里的 crs、datum",
            f"more than {FAR_M / 1000:.0f} km from the city's regions; check these coordinates, or crs and datum in "
            "dataset.toml",
        )


def _reference(
    source: Source, middle: NDArray[np.float64], metric_crs: str
) -> tuple[_Reference, tuple[ImportNote, ...]]:
    spec, own = source.spec, source.table.crs
    if spec.crs is None and spec.datum is None and own is None:
        raise refusal(
            spec.label,
            f'没有坐标系：请在 dataset.toml 的 [files.{spec.kind}] 写 crs = "EPSG:4326"（或实际的 EPSG 编号），'
            '或 datum = "gcj02"（高德、腾讯）、"bd09"（百度）、"cgcs2000"、"wgs84"',
            f'no coordinate system: give crs = "EPSG:4326" (or the real EPSG code) in [files.{spec.kind}] of '
            'dataset.toml, or datum = "gcj02" (Amap, Tencent), "bd09" (Baidu), "cgcs2000" or "wgs84"',
        )
    datum = Datum(spec.datum) if spec.datum is not None else Datum.WGS84
    declared = CRS.from_user_input(spec.crs) if spec.crs is not None else None
    unprojected = own is None or own.is_geographic
    crs = declared or (CRS.from_user_input(STORED_CRS) if spec.datum is not None and unprojected else own)
    notes = [*_contradiction(source, declared, datum), *_old_datum(source, crs)]
    found = recognise(middle[:, 0], middle[:, 1])
    open_to_zones = crs.is_projected or (datum is Datum.CGCS2000 and spec.datum is not None)
    if found is None or not open_to_zones:
        return _Reference(crs, datum), tuple(notes)
    zoned = _zoned(source, found, crs, metric_crs)
    if zoned != crs or found.northing_first:
        order_zh = "X 为北、Y 为东的测量顺序" if found.northing_first else "先东后北的顺序"
        order_en = "survey order (X north, Y east)" if found.northing_first else "easting first"
        notes.append(
            source.note(
                "notice",
                None,
                f"坐标按 {zoned.name}、{order_zh}读取",
                f"the coordinates were read as {zoned.name} in {order_en}",
            )
        )
    return _Reference(zoned, Datum.WGS84, found.northing_first), tuple(notes)


def _zoned(source: Source, found: GaussKruger, crs: CRS, metric_crs: str) -> CRS:
    """Return the Gauss–Krüger system that magnitudes and declaration agree on."""
    declared = zone_of(crs) if crs.is_projected else None
    zone = found.zone or declared or zone_of(CRS.from_user_input(metric_crs))
    if crs.is_projected and (declared is None or not _is_cgcs2000(crs)):
        return crs
    if zone is None:
        raise refusal(
            source.spec.label,
            "坐标是高斯投影的米制坐标，但看不出中央经线，请在 dataset.toml 写明 crs（如 EPSG:4549）",
            "the coordinates are Gauss–Krüger metres of an unknown central meridian; give crs (such as EPSG:4549) in "
            "dataset.toml",
        )
    if declared is not None and zone != declared:
        raise refusal(
            source.spec.label,
            f"东坐标带 {zone} 带号，与声明的 {crs.name}（第 {declared} 带）矛盾，请改正 dataset.toml 的 crs",
            f"the eastings begin with zone {zone}, which contradicts the declared {crs.name} (zone {declared}); "
            "correct crs in dataset.toml",
        )
    return zone_crs(zone) if found.zone is not None else plain_crs(zone)


def _contradiction(source: Source, declared: CRS | None, datum: Datum) -> list[ImportNote]:
    own = source.table.crs
    shifted = datum in (Datum.GCJ02, Datum.BD09)
    if own is None or not (shifted or (declared is not None and not _agree(declared, own))):
        return []
    said = source.spec.crs or source.spec.datum
    return [
        source.note(
            "notice",
            None,
            f"文件自带坐标系 {own.name}，与 dataset.toml 声明的 {said} 不同，以声明为准",
            f"the file says {own.name}, dataset.toml says {said}; the latter was believed",
        )
    ]


def _old_datum(source: Source, crs: CRS) -> list[ImportNote]:
    geodetic = crs.geodetic_crs
    if geodetic is None or geodetic.datum is None or not geodetic.datum.name.startswith(_OLD_DATUMS):
        return []
    return [
        source.note(
            "notice",
            None,
            f"{crs.name} 是旧基准，换算到 CGCS2000 可能有几十米误差，请尽量提供 CGCS2000 数据",
            f"{crs.name} is of an old datum; its conversion may be tens of metres off, so CGCS2000 data are better",
        )
    ]


def _agree(one: CRS, other: CRS) -> bool:
    """Return whether two systems differ in nothing that matters: axis order, or WGS 84 against CGCS2000."""
    if one.is_geographic and other.is_geographic:
        return _is_modern(one) and _is_modern(other)
    return one.equals(other, ignore_axis_order=True) or (
        one.to_epsg() is not None and one.to_epsg() == other.to_epsg(min_confidence=25)
    )


def _is_modern(crs: CRS) -> bool:
    name = crs.geodetic_crs.datum.name if crs.geodetic_crs is not None and crs.geodetic_crs.datum is not None else ""
    return _is_cgcs2000(crs) or "World Geodetic System 1984" in name or "WGS" in name


def _is_cgcs2000(crs: CRS) -> bool:
    geodetic = crs.geodetic_crs
    return geodetic is not None and geodetic.datum is not None and geodetic.datum.name in _CGCS2000_DATUMS


def _axis_order(
    source: Source, reference: _Reference, middle: NDArray[np.float64], window: Window | None
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
            "longitude and latitude (or easting and northing) are swapped, in the other rows they are not; exchange them "
            "in these rows",
        )
    note = source.note(
        "repaired",
        None,
        "全部坐标的两个分量写反了（先纬度后经度，或先北后东），已对调",
        "the two coordinates are swapped in every row (latitude or northing first); they were exchanged",
    )
    return not reference.swapped, np.zeros(len(middle), dtype=bool), (note,)


def _lonlat(xy: NDArray[np.float64], reference: _Reference) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return longitudes and latitudes on WGS 84; what has none (inf) stays outside of everything."""
    first, second = (xy[:, 1], xy[:, 0]) if reference.swapped else (xy[:, 0], xy[:, 1])
    transformer = Transformer.from_crs(reference.crs, STORED_CRS, always_xy=True)
    lon, lat = transformer.transform(first, second)
    usable = np.isfinite(lon) & np.isfinite(lat) & (np.abs(lat) <= 90.0)  # noqa: PLR2004 the poles
    return to_wgs84(np.where(usable, lon, np.nan), np.where(usable, lat, np.nan), reference.datum)


def _to_metric(geometries: NDArray[np.object_], reference: _Reference, metric_crs: str) -> NDArray[np.object_]:
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


def metric_frame(
    columns: Mapping[str, ArrayLike | ExtensionArray], geometries: NDArray[np.object_], metric_crs: str
) -> gpd.GeoDataFrame:
    """Return a frame of the contract.

    Parameters
    ----------
    columns
        Name → values, in order; text as object arrays, which stay objects so that None stays None.
    geometries
        Metric geometries, which become the last column, ``geometry``.
    metric_crs
        Their CRS.

    Returns
    -------
    geopandas.GeoDataFrame
        Default index.
    """
    kept = {name: pd.Series(values, dtype=getattr(values, "dtype", None)) for name, values in columns.items()}
    return gpd.GeoDataFrame(kept, geometry=gpd.GeoSeries(list(geometries), crs=metric_crs), crs=metric_crs)
