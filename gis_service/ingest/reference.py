"""How the numbers of a file are to be read: declared or carried CRS, datum, Gauss–Krüger zone."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pyproj import CRS

from gis_service.geo.crs import STORED_CRS
from gis_service.geo.datum import Datum
from gis_service.ingest.cures import IN_DATASET
from gis_service.ingest.gauss_kruger import GaussKruger, plain_crs, recognise, zone_crs, zone_of
from gis_service.ingest.notes import ImportNote, refusal
from gis_service.ingest.source import Source

_CGCS2000 = ("China 2000", "China Geodetic Coordinate System 2000", "D_China_2000", "CGCS2000")
_OLD = ("Beijing 1954", "Xian 1980", "New Beijing")


@dataclass(frozen=True)
class Reference:
    """How the numbers of a file are to be read.

    Parameters
    ----------
    crs
        System of the numbers, taken as easting and northing or longitude and latitude.
    datum
        Datum of the longitudes and latitudes that come out of `crs`.
    swapped
        True: the file gives northing or latitude first.
    """

    crs: CRS
    datum: Datum
    swapped: bool = False


def read_reference(
    source: Source, middle: NDArray[np.float64], metric_crs: str
) -> tuple[Reference, tuple[ImportNote, ...]]:
    """Return how the numbers of a file are to be read.

    Parameters
    ----------
    source
        The file.
    middle
        Middle of each geometry's extent in the numbers of the file, n × 2, nan where there is none.
    metric_crs
        The dataset's own CRS; tells the zone of Gauss–Krüger coordinates that neither declare nor prefix theirs.

    Returns
    -------
    reference : Reference
        What ``dataset.toml`` declares, else what the file carries; Gauss–Krüger zone and axis order by magnitude.
    notes : tuple of ImportNote
        Contradictions between declaration and file, old datums, zone and axis order.

    Raises
    ------
    InputError
        Nothing is declared and the file carries no CRS; or magnitudes and declaration contradict each other.
    """
    spec, own = source.spec, source.table.crs
    if spec.crs is None and spec.datum is None and own is None:
        if spec.cures is not IN_DATASET:
            raise refusal(
                spec.label,
                f"文件没有带坐标系，请{spec.cures.crs.zh}，或连同坐标系（shapefile 的 .prj）重新导出",
                f"the file carries no coordinate system; {spec.cures.crs.en}, or export it again together with it (the "
                ".prj of a shapefile)",
            )
        raise refusal(
            spec.label,
            f'没有坐标系：请在 dataset.toml 的 [files.{spec.kind}] 写 crs = "EPSG:4326"（或实际的 EPSG 编号），'
            '或 datum = "gcj02"（高德、腾讯）、"bd09"（百度）、"cgcs2000"、"wgs84"',
            f'no coordinate system: give crs = "EPSG:4326" (or the real EPSG code) in [files.{spec.kind}] of '
            'dataset.toml, or datum = "gcj02" (Amap, Tencent), "bd09" (Baidu), "cgcs2000" or "wgs84"',
        )
    datum = Datum(spec.datum) if spec.datum is not None else Datum.WGS84
    declared = CRS.from_user_input(spec.crs) if spec.crs is not None else None
    crs = declared or own
    if crs is None or (spec.datum is not None and crs.is_geographic):
        crs = CRS.from_user_input(STORED_CRS)
    notes = [*_contradiction(source, declared, datum), *_old_datum(source, crs)]
    found = recognise(middle[:, 0], middle[:, 1])
    open_to_zones = crs.is_projected or (datum is Datum.CGCS2000 and spec.datum is not None)
    if found is None or not open_to_zones:
        return Reference(crs, datum), tuple(notes)
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
    return Reference(zoned, Datum.WGS84, found.northing_first), tuple(notes)


def _zoned(source: Source, found: GaussKruger, crs: CRS, metric_crs: str) -> CRS:
    """Return the Gauss–Krüger system that magnitudes and declaration agree on."""
    declared, cure = zone_of(crs) if crs.is_projected else None, source.spec.cures.crs
    zone = found.zone or declared or zone_of(CRS.from_user_input(metric_crs))
    if crs.is_projected and (declared is None or not _is_cgcs2000(crs)):
        return crs
    if zone is None:
        raise refusal(
            source.spec.label,
            f"坐标是高斯投影的米制坐标，但看不出中央经线，请{cure.zh}（如 EPSG:4549）",
            f"the coordinates are Gauss–Krüger metres of an unknown central meridian; {cure.en} (such as EPSG:4549)",
        )
    if declared is not None and zone != declared:
        raise refusal(
            source.spec.label,
            f"东坐标带 {zone} 带号，与声明的 {crs.name}（第 {declared} 带）矛盾，请{cure.zh}",
            f"the eastings begin with zone {zone}, which contradicts the declared {crs.name} (zone {declared}); "
            f"{cure.en}",
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
            f"文件自带坐标系 {own.name}，与声明的 {said} 不同，以声明为准",
            f"the file says {own.name}, but {said} is declared; the latter was believed",
        )
    ]


def _old_datum(source: Source, crs: CRS) -> list[ImportNote]:
    geodetic = crs.geodetic_crs
    if geodetic is None or geodetic.datum is None or not geodetic.datum.name.startswith(_OLD):
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
    return geodetic is not None and geodetic.datum is not None and geodetic.datum.name in _CGCS2000
