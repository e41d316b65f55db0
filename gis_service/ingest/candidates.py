"""Reader of candidate sites: places where a facility could be opened, such as vacant public rooms."""

from pathlib import Path
from types import MappingProxyType

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS
from pyproj.exceptions import CRSError

from gis_service.geo.datum import Datum
from gis_service.ingest.coordinates import locate, refuse_far, window_of
from gis_service.ingest.cures import OF_CANDIDATES, Cures
from gis_service.ingest.dataset import SUFFIXES, FileSpec
from gis_service.ingest.frames import metric_frame
from gis_service.ingest.notes import ImportNote, refusal
from gis_service.ingest.positions import polygons, refuse_other_than, require_geometry, single_points
from gis_service.ingest.reading import read_source, require_file
from gis_service.ingest.source import Source
from gis_service.ingest.values import numbers, texts, unique_codes

MOST_CANDIDATES = 10_000
"""With the buildings of a large city, walks to so many candidates take some 5 GB."""


def read_candidates(
    path: Path, regions: gpd.GeoDataFrame, metric_crs: str, *, crs: str | None = None, cures: Cures = OF_CANDIDATES
) -> tuple[gpd.GeoDataFrame, tuple[ImportNote, ...]]:
    """Return the candidate sites of a file.

    Parameters
    ----------
    path
        A table or layer with ``id``, perhaps ``name``, ``cost`` and ``capacity``, and a point.
    regions
        Frame ``regions`` in metres; the city's extent is theirs.
    metric_crs
        CRS of the result.
    crs
        System of the coordinates: an EPSG code or one of ``wgs84``, ``cgcs2000``, ``gcj02``, ``bd09``; None: what the
        file carries.
    cures
        Where people say what the file does not.

    Returns
    -------
    candidates : geopandas.GeoDataFrame
        Sorted by ``id``: ``id``, ``name`` (the id where empty), where the file has them ``cost`` (> 0) and ``capacity``
        (households, at least 0; nan: any number), ``geometry`` (Point).
    notes : tuple of ImportNote
        What was repaired or noticed.

    Raises
    ------
    InputError
        The file, a row or a value is at fault; the text names file, row, column and cure.
    """
    source, notes = read_source(_spec(path, crs, cures))
    if crs is None and source.table.crs is None:
        raise refusal(
            source.spec.label,
            f"没有坐标系，请{cures.crs.zh}：gcj02（高德、腾讯）、bd09（百度）、cgcs2000、wgs84 或 EPSG 编号",
            f"no coordinate system; {cures.crs.en}: gcj02 (Amap, Tencent), bd09 (Baidu), cgcs2000, wgs84 or an EPSG "
            "code",
        )
    if len(source) > MOST_CANDIDATES:
        raise refusal(
            source.spec.label,
            f"有 {len(source):,} 个候选点，最多 {MOST_CANDIDATES:,} 个，请先筛选",
            f"there are {len(source):,} candidates, at most {MOST_CANDIDATES:,} can be weighed; choose first",
        )
    ids = unique_codes(source, "id")
    name = texts(source, "name")
    columns = {"id": ids, "name": np.where(name == None, ids, name)}  # noqa: E711 elementwise
    columns |= _measures(source)
    geometries, far, located = locate(source, metric_crs, window_of(regions.geometry.to_numpy(), metric_crs))
    require_geometry(source, geometries)
    geometries, repaired = polygons(source, single_points(geometries))
    refuse_other_than(source, geometries, "pa")
    refuse_far(source, far)
    areal = np.flatnonzero(shapely.area(geometries) > 0)
    geometries[areal] = shapely.point_on_surface(geometries[areal])
    order = np.argsort(ids.astype("U"), kind="stable")
    ordered = {field: values[order] for field, values in columns.items()}
    return metric_frame(ordered, geometries[order], metric_crs), (*notes, *located, *repaired)


def _measures(source: Source) -> dict[str, NDArray[np.float64]]:
    """Return cost and capacity where the file has them."""
    measures = {field: numbers(source, field) for field in ("cost", "capacity") if source.has(field)}
    cost = measures.get("cost")
    if cost is not None:
        wrong = np.flatnonzero(~(cost > 0))
        if len(wrong):
            raise source.refuse(
                wrong,
                "cost",
                "为空或不大于 0；有造价列时每个候选点都要填大于 0 的数",
                "is empty or not more than 0; where costs are given, every candidate needs one",
            )
    capacity = measures.get("capacity")
    if capacity is not None and np.isnan(capacity).all():
        del measures["capacity"]
    elif capacity is not None:
        wrong = np.flatnonzero(capacity < 0)
        if len(wrong):
            raise source.refuse(
                wrong,
                "capacity",
                "小于 0，请填可服务的户数；不限时留空",
                "is less than 0; give the households it can serve, or leave it empty for any number",
            )
    return measures


def _spec(path: Path, crs: str | None, cures: Cures) -> FileSpec:
    require_file(path)
    if path.suffix.lower() not in SUFFIXES:
        known = " ".join(SUFFIXES)
        raise refusal(
            path.name,
            f"不支持这种类型的候选点文件，可用：{known}",
            f"candidates cannot be read from this type of file; use one of {known}",
        )
    is_datum = crs in {datum.value for datum in Datum}
    if crs is not None and not is_datum:
        _check_crs(path.name, crs)
    return FileSpec(
        kind="candidates",
        path=path.resolve(),
        label=path.name,
        crs=None if is_datum else crs,
        datum=crs if is_datum else None,
        encoding=None,
        columns=MappingProxyType({}),
        cures=cures,
    )


def _check_crs(label: str, crs: str) -> None:
    try:
        CRS.from_user_input(crs)
    except CRSError as error:
        raise refusal(
            label,
            f"不认识坐标系“{crs}”，请写 EPSG 编号（如 EPSG:4326）或 gcj02、bd09、cgcs2000、wgs84",
            f"unknown coordinate system {crs!r}; give an EPSG code such as EPSG:4326, or gcj02, bd09, cgcs2000, wgs84",
        ) from error
