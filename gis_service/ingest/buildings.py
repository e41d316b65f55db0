"""Reader of buildings: counts, estates, communities, and households spread from totals."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gis_service.geo.crs import STORED_CRS, transform_coordinates
from gis_service.geo.datum import Datum, to_wgs84
from gis_service.ingest.coordinates import locate, refuse_far, window_of
from gis_service.ingest.dataset import Dataset
from gis_service.ingest.estates import Estates
from gis_service.ingest.frames import metric_frame
from gis_service.ingest.notes import ImportNote
from gis_service.ingest.positions import polygons, refuse_other_than, require_geometry, single_points
from gis_service.ingest.reading import read_source
from gis_service.ingest.source import Source
from gis_service.ingest.tiling import containing
from gis_service.ingest.totals import spread_totals
from gis_service.ingest.values import counts, texts, unique_codes

_SUSPICIOUS_OUTSIDE = 0.02
_CONVINCING_INSIDE = 0.5
_OPTIONAL_COUNTS = ("residents", "elderly", "children", "floors")


@dataclass(frozen=True)
class Communities:
    """Communities with polygons, in ascending order of code.

    Parameters
    ----------
    code, name
        Text.
    geometry
        Metric polygons.
    households
        Total of each community that has one [count, Int64], by code.
    """

    code: NDArray[np.object_]
    name: NDArray[np.object_]
    geometry: NDArray[np.object_]
    households: pd.Series


def read_buildings(
    dataset: Dataset, regions: gpd.GeoDataFrame, communities: Communities, estates: Estates
) -> tuple[gpd.GeoDataFrame, tuple[ImportNote, ...]]:
    """Return the buildings of a dataset.

    Parameters
    ----------
    dataset
        The folder; its ``buildings`` file is read.
    regions
        Frame ``regions`` in metres; the city's extent is theirs.
    communities
        Where buildings are placed, by a point on their surface.
    estates
        Estates of the dataset, for estate ids, places and totals.

    Returns
    -------
    buildings : geopandas.GeoDataFrame
        Frame ``buildings`` of the contract.
    notes : tuple of ImportNote
        What was repaired, estimated or noticed.

    Raises
    ------
    InputError
        As `gis_service.ingest.city.read_city`.
    """
    source, notes = read_source(dataset.files["buildings"])
    ids = unique_codes(source, "id")
    households = counts(source, "households")
    optional = {field: counts(source, field) for field in _OPTIONAL_COUNTS}
    geometries, far, located = locate(
        source, dataset.metric_crs, window_of(regions.geometry.to_numpy(), dataset.metric_crs)
    )
    require_geometry(source, geometries)
    geometries = single_points(geometries)
    geometries, repaired = polygons(source, geometries)
    refuse_other_than(source, geometries, "pa")
    refuse_far(source, far)
    points = np.asarray(shapely.point_on_surface(geometries), dtype=object)
    inside = containing(communities.geometry, points)
    code = np.full(len(ids), None, dtype=object)
    code[inside >= 0] = communities.code[inside[inside >= 0]]
    estate_id, joined = _estate_ids(source, estates, points)
    found, estimated, spread = spread_totals(
        source,
        households,
        footprint_m2=shapely.area(geometries),
        floors=optional["floors"].to_numpy(dtype=np.float64, na_value=np.nan),
        groups=((estate_id, estates.households, "小区", "estate"), (code, communities.households, "社区", "community")),
    )
    order = np.argsort(ids.astype("U"), kind="stable")
    columns = {
        "id": ids[order],
        "households": found[order],
        **{field: values[order] for field, values in optional.items()},
        "estate_id": estate_id[order],
        "community_code": code[order],
        "households_source": np.where(estimated, "estimated", "observed").astype(object)[order],
    }
    remarks = (
        *_outside(source, inside),
        *_suspected_datum(source, dataset, communities, points, inside),
        *_disagreement(source, communities, inside),
    )
    frame = metric_frame(columns, geometries[order], dataset.metric_crs)
    return frame, (*notes, *located, *repaired, *joined, *spread, *remarks)


def no_buildings(metric_crs: str) -> gpd.GeoDataFrame:
    """Return the frame ``buildings`` without rows."""
    text = np.empty(0, dtype=object)
    columns = {
        "id": text,
        "households": np.empty(0, dtype=np.int64),
        **{field: pd.array([], dtype="Int64") for field in _OPTIONAL_COUNTS},
        "estate_id": text,
        "community_code": text,
        "households_source": text,
    }
    return metric_frame(columns, text, metric_crs)


def _estate_ids(
    source: Source, estates: Estates, points: NDArray[np.object_]
) -> tuple[NDArray[np.object_], tuple[ImportNote, ...]]:
    """Return the estate of each building: as given (by id or unmistakable name), else by place."""
    if source.has("estate_id"):
        known = set(estates.id.tolist())
        names = pd.Index(estates.name, dtype=object)
        telling = ~names.duplicated(keep=False)
        by_name = dict(zip(estates.name[telling].tolist(), estates.id[telling].tolist(), strict=True))
        given = texts(source, "estate_id")
        out = np.empty(len(given), dtype=object)
        out[:] = [value if value is None or value in known else by_name.get(value, value) for value in given.tolist()]
        return out, ()
    at = containing(estates.geometry, points)
    joined = np.flatnonzero(at >= 0)
    ids = np.full(len(points), None, dtype=object)
    ids[joined] = estates.id[at[joined]]
    if not len(joined):
        return ids, ()
    note = source.note(
        "notice",
        None,
        f"没有小区编号列，{len(joined)} 栋楼按位置归入所在的小区",
        f"there is no column of estates; {len(joined)} buildings were given the estate they stand in",
    )
    return ids, (note,)


def _outside(source: Source, inside: NDArray[np.int64]) -> tuple[ImportNote, ...]:
    rows = np.flatnonzero(inside < 0)
    if not len(rows):
        return ()
    return (
        source.note(
            "notice",
            rows,
            f"（共 {len(rows)} 栋）不在任何社区内，已保留但不参加划分，请核对坐标或社区边界",
            f"{len(rows)} buildings lie in no community; they are kept but join no grid, check their coordinates or "
            "the boundaries",
        ),
    )


def _suspected_datum(
    source: Source,
    dataset: Dataset,
    communities: Communities,
    points: NDArray[np.object_],
    inside: NDArray[np.int64],
) -> tuple[ImportNote, ...]:
    """Notice that most buildings outside every community would lie in one if the datum were an obfuscated one."""
    outside = inside < 0
    if source.spec.datum in (Datum.GCJ02, Datum.BD09) or outside.mean() <= _SUSPICIOUS_OUTSIDE:
        return ()
    stored = transform_coordinates(points, dataset.metric_crs, STORED_CRS)
    for datum, name in ((Datum.GCJ02, "高德、腾讯"), (Datum.BD09, "百度")):
        lon, lat = to_wgs84(shapely.get_x(stored), shapely.get_y(stored), datum)
        shifted = np.asarray(shapely.points(lon, lat), dtype=object)
        moved = transform_coordinates(shifted, STORED_CRS, dataset.metric_crs)
        still = containing(communities.geometry, moved) < 0
        if still.sum() < (1.0 - _CONVINCING_INSIDE) * outside.sum():
            return (
                source.note(
                    "notice",
                    None,
                    f"社区外的楼栋有 {outside.mean():.0%}，若按 {datum.value}（{name}）换算只剩 {still.mean():.0%}，"
                    f'请核对坐标来源，必要时写 datum = "{datum.value}"',
                    f"{outside.mean():.0%} of the buildings lie outside every community, but only {still.mean():.0%} "
                    f"if they are {datum.value}; check where the coordinates come from and give "
                    f'datum = "{datum.value}" if so',
                ),
            )
    return ()


def _disagreement(source: Source, communities: Communities, inside: NDArray[np.int64]) -> tuple[ImportNote, ...]:
    """Notice buildings whose file names another community than the one they stand in."""
    given = texts(source, "community").tolist()
    known = set(communities.code.tolist()) | set(communities.name.tolist())
    rows = np.flatnonzero(
        [
            value in known and at >= 0 and value not in (communities.code[at], communities.name[at])
            for value, at in zip(given, inside.tolist(), strict=True)
        ]
    )
    if not len(rows):
        return ()
    return (
        source.note(
            "notice",
            rows,
            f"写的社区与坐标所在的社区不同（共 {len(rows)} 栋），以坐标为准，请核对",
            f"{len(rows)} buildings name another community than the one they stand in; the place was believed, check "
            "them",
        ),
    )
