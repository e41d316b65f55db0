"""Reader of streets: the walking network from an OpenStreetMap extract or from lines."""

from collections.abc import Iterable

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from gis_service.geo.crs import STORED_CRS, round_coordinates, transform_coordinates
from gis_service.ingest.dataset import NETWORK_SUFFIX, FileSpec
from gis_service.ingest.notes import ImportNote, refusal
from gis_service.ingest.osm import OsmStreets, read_osm
from gis_service.ingest.osm_topology import Street
from gis_service.ingest.street_frames import NetworkFrames, network_frames
from gis_service.ingest.street_lines import read_lines


def read_streets(spec: FileSpec, metric_crs: str) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, tuple[ImportNote, ...]]:
    """Return the walking network of a streets file.

    Parameters
    ----------
    spec
        An ``.osm.pbf`` (see :func:`gis_service.ingest.osm.read_osm`) or a file of lines (see
        :func:`gis_service.ingest.street_lines.read_lines`).
    metric_crs
        CRS in which lengths are measured.

    Returns
    -------
    nodes, edges : geopandas.GeoDataFrame
        Frames ``network nodes`` and ``network edges`` of the contract.
    notes : tuple of ImportNote
        What was left out, repaired or noticed.

    Raises
    ------
    InputError
        The file is damaged or at fault, or holds nothing that can be walked on.
    """
    if spec.path.name.lower().endswith(NETWORK_SUFFIX):
        (nodes, edges), notes = _from_osm(spec, metric_crs)
    else:
        (nodes, edges), notes = read_lines(spec, metric_crs)
    return nodes, edges, notes


def _from_osm(spec: FileSpec, metric_crs: str) -> tuple[NetworkFrames, tuple[ImportNote, ...]]:
    """Return the network of an OpenStreetMap extract, which is always in WGS 84."""
    if spec.datum not in (None, "wgs84") or spec.crs not in (None, STORED_CRS):
        raise refusal(
            spec.label,
            "OpenStreetMap 数据总是 WGS 84，请在 dataset.toml 删去该文件的 crs、datum",
            "OpenStreetMap data are always in WGS 84; delete crs and datum of this file in dataset.toml",
        )
    try:
        streets = read_osm(spec.path, spec.access)
    except RuntimeError as error:
        raise refusal(
            spec.label,
            f"文件无法读取（{error}），请重新下载",
            f"the file cannot be read ({error}); download it again",
        ) from error
    network = streets.network
    if not len(network.geometry):
        raise refusal(
            spec.label,
            "里没有可步行的道路，请换成含道路的 OSM 数据",
            "holds no street that can be walked on; give an extract with streets",
        )
    lines = round_coordinates(transform_coordinates(network.geometry, STORED_CRS, metric_crs))
    points = np.asarray(shapely.points(network.node_lonlat), dtype=object)
    frames = network_frames(
        shapely.get_coordinates(round_coordinates(transform_coordinates(points, STORED_CRS, metric_crs))),
        {
            "u": network.u,
            "v": network.v,
            "length_m": shapely.length(lines),
            **{name: _texts(getattr(street, name) for street in network.street) for name in Street._fields},
            "crossings": network.crossings,
            "signals": network.signals,
        },
        lines,
        metric_crs,
    )
    return frames, _osm_notes(spec, streets)


def _texts(values: Iterable[str | None]) -> NDArray[np.object_]:
    """Return texts as an array of objects, None where there is none."""
    return np.array(list(values), dtype=object)


def _osm_notes(spec: FileSpec, streets: OsmStreets) -> tuple[ImportNote, ...]:
    """Return what the reader should know of an extract."""
    remarks = (
        (
            streets.cut_nodes,
            "处门禁或障碍不让行人通过，道路在此断开",
            "closed gates or barriers let nobody through; streets end there",
        ),
        (
            streets.open_gates,
            "处门禁按可通行处理；要改请在 dataset.toml 的 [files.streets] 写 gates",
            "gates are taken as open; gates in [files.streets] of dataset.toml decides otherwise",
        ),
        (
            streets.missing_nodes,
            "个道路节点不在文件里（裁剪所致），道路在此断开",
            "nodes of streets are not in the file (it was clipped); streets end there",
        ),
        (
            streets.timed_ways,
            "条道路只在部分时段允许步行，系统不看时段，按其余标签处理",
            "ways are open at certain hours only; hours are not looked at, their other tags decide",
        ),
        (
            streets.ferries,
            "条渡口航线按步行速度计入，不含候船时间",
            "ferries count at walking pace, without the wait",
        ),
        (
            streets.large_squares,
            "个广场形状太复杂，只能沿边缘走",
            "squares have so many corners that they are walked around, not across",
        ),
    )
    return tuple(
        ImportNote("notice", spec.label, None, f"{count} {zh}", f"{count} {en}") for count, zh, en in remarks if count
    )
