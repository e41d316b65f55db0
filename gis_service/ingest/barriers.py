"""Reader of barriers: rivers, railways, expressways, roads, walls."""

import geopandas as gpd
import numpy as np
import shapely

from gis_service.ingest.coordinates import FAR_M, locate, window_of
from gis_service.ingest.dataset import Dataset
from gis_service.ingest.frames import metric_frame
from gis_service.ingest.notes import ImportNote, refusal
from gis_service.ingest.positions import polygons, refuse_other_than, require_geometry
from gis_service.ingest.reading import read_source
from gis_service.ingest.values import choices, required_texts, texts

_WORDS = {
    **dict.fromkeys(("river", "河", "河流", "水系", "江", "溪", "湖", "湖泊", "水域", "canal", "stream"), "river"),
    **dict.fromkeys(("railway", "rail", "铁路", "高铁", "轨道"), "railway"),
    **dict.fromkeys(("expressway", "motorway", "快速路", "高速", "高速公路", "高架", "高架路"), "expressway"),
    **dict.fromkeys(("road", "道路", "公路", "主干道", "主干路", "次干路", "城市道路", "路"), "road"),
    **dict.fromkeys(("wall", "fence", "围墙", "墙", "围栏"), "wall"),
}  # fmt: skip


def read_barriers(dataset: Dataset, regions: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, tuple[ImportNote, ...]]:
    """Return the barriers of a dataset.

    Parameters
    ----------
    dataset
        The folder; its ``barriers`` file is read.
    regions
        Frame ``regions`` in metres; barriers farther from their extent than `FAR_M` are left out, because such
        layers often cover a province.

    Returns
    -------
    barriers : geopandas.GeoDataFrame
        Frame ``barriers`` of the contract, by kind, name and shape.
    notes : tuple of ImportNote
        What was repaired or left out.

    Raises
    ------
    InputError
        As `gis_service.ingest.city.read_city`.
    """
    source, notes = read_source(dataset.files["barriers"])
    required_texts(source, "kind")
    kind = choices(source, "kind", _WORDS)
    name = texts(source, "name")
    extent = regions.geometry.to_numpy()
    geometries, _, located = locate(source, dataset.metric_crs, window_of(extent, dataset.metric_crs))
    require_geometry(source, geometries)
    geometries, repaired = polygons(source, geometries)
    refuse_other_than(source, geometries, "la")
    pointlike = (shapely.area(geometries) == 0) & (shapely.length(geometries) == 0)
    near = np.ones(len(source), dtype=bool)
    if not shapely.is_missing(extent).all():
        west, south, east, north = shapely.total_bounds(extent).tolist()
        near = shapely.intersects(geometries, shapely.box(west - FAR_M, south - FAR_M, east + FAR_M, north + FAR_M))
    if not near.any():
        raise refusal(
            source.spec.label,
            f"全部图形离本市超过 {FAR_M / 1000:.0f} 公里，请检查 crs、datum 或换成本市的文件",
            f"everything lies more than {FAR_M / 1000:.0f} km from the city; check crs and datum, or give the "
            "city's own file",
        )
    far_km, dropped = f"{FAR_M / 1000:.0f}", []
    for rows, zh, en in (
        (np.flatnonzero(~near), f"离本市超过 {far_km} 公里，已略去", f"more than {far_km} km away, left out"),
        (np.flatnonzero(near & pointlike), "长度为零，已略去", "without any length, left out"),
    ):
        if len(rows):
            dropped.append(source.note("dropped", rows, zh, en))
    kept = np.flatnonzero(near & ~pointlike)
    kind, name, geometries = kind[kept], name[kept], geometries[kept]
    named = np.array([value or "" for value in name.tolist()], dtype="U")
    order = np.lexsort((shapely.to_wkb(geometries, hex=True).astype("U"), named, kind.astype("U")))
    frame = metric_frame({"kind": kind[order], "name": name[order]}, geometries[order], dataset.metric_crs)
    return frame, (*notes, *located, *repaired, *dropped)


def no_barriers(metric_crs: str) -> gpd.GeoDataFrame:
    """Return the frame ``barriers`` without rows."""
    none = np.empty(0, dtype=object)
    return metric_frame({"kind": none, "name": none}, none, metric_crs)
