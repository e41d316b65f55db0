"""Paths and gates that planners draw by hand, joined to the streets."""

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from gis_service.ingest.coordinates import locate, refuse_far, window_of
from gis_service.ingest.dataset import FileSpec
from gis_service.ingest.notes import ImportNote
from gis_service.ingest.path_joins import JOIN_M, Joined, join_paths
from gis_service.ingest.positions import refuse_other_than, require_geometry
from gis_service.ingest.reading import read_source
from gis_service.ingest.source import Source
from gis_service.ingest.street_frames import EDGE_COLUMNS, network_frames
from gis_service.ingest.values import choices, texts

_WORDS = {
    **dict.fromkeys(("path", "footway", "路", "小路", "小径", "通道", "步道", "人行道", "便道"), "path"),
    **dict.fromkeys(("gate", "entrance", "门", "大门", "小门", "出入口", "便门"), "gate"),
    **dict.fromkeys(("steps", "stairs", "台阶", "楼梯", "阶梯"), "steps"),
}


def with_paths(
    nodes: gpd.GeoDataFrame, edges: gpd.GeoDataFrame, spec: FileSpec
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, tuple[ImportNote, ...]]:
    """Return a walking network with the paths of a file.

    Parameters
    ----------
    nodes, edges
        Frames ``network nodes`` and ``network edges``.
    spec
        The file of lines. Fields, both optional: ``kind`` (path, gate or steps; path where empty), ``name``. A gate is
        a short line through the wall that joins what lies on its two sides.

    Returns
    -------
    nodes, edges : geopandas.GeoDataFrame
        Paths are edges of the origin ``drawn``; see :func:`gis_service.ingest.path_joins.join_paths`. Streets that are
        cut keep what they are; length, crossings and signals are shared among the pieces by their drawn length.
    notes : tuple of ImportNote
        Paths that join no street, and what was repaired.

    Raises
    ------
    InputError
        A row has no line, an unknown kind, or lies far from the streets.
    """
    source, notes = read_source(spec)
    crs = str(edges.crs)
    drawn, far, located = locate(source, crs, window_of(edges.geometry.to_numpy(), crs))
    require_geometry(source, drawn)
    refuse_other_than(source, drawn, "l")
    refuse_far(source, far)
    kind, name = choices(source, "kind", _WORDS), texts(source, "name")
    parts, row = shapely.get_parts(shapely.line_merge(drawn), return_index=True)
    parts, row = parts[shapely.length(parts) > 0], row[shapely.length(parts) > 0]
    order = np.argsort(shapely.to_wkb(parts, hex=True).astype("U"), kind="stable")
    paths, row = parts[order], row[order]
    joined = join_paths(
        shapely.get_coordinates(nodes.geometry.to_numpy()),
        (edges["u"].to_numpy(np.int64), edges["v"].to_numpy(np.int64)),
        edges.geometry.to_numpy(),
        paths,
    )
    of_paths = {
        "kind": np.array([value or "path" for value in kind[row].tolist()], dtype=object),
        "name": name[row],
    }
    new_nodes, new_edges = _frames(edges, joined, of_paths)
    return new_nodes, new_edges, (*notes, *located, *_loose(source, joined, len(edges), row))


def _frames(
    edges: gpd.GeoDataFrame, joined: Joined, of_paths: dict[str, NDArray[np.object_]]
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Return the frames of the joined network."""
    line = np.array([piece.line for piece in joined.pieces], dtype=np.int64)
    geometry = np.array([shapely.LineString(piece.places) for piece in joined.pieces], dtype=object)
    drawn_m = shapely.length(geometry)
    is_street = line < len(edges)
    whole_m = np.bincount(line, weights=drawn_m)[line]
    share = np.divide(drawn_m, whole_m, out=np.ones(len(line)), where=whole_m > 0)
    columns: dict[str, NDArray[np.generic] | NDArray[np.object_]] = {
        "u": np.array([piece.u for piece in joined.pieces], dtype=np.int64),
        "v": np.array([piece.v for piece in joined.pieces], dtype=np.int64),
    }
    count = len(of_paths["kind"])
    none, nought = np.full(count, None, dtype=object), np.zeros(count)
    unknown = {
        "origin": np.full(count, "drawn", dtype=object),
        "structure": none,
        "crossings": nought,
        "signals": nought,
        "slope_to_u": np.full(count, np.nan),
        "slope_to_v": np.full(count, np.nan),
        "length_m": nought,
    }
    for name in EDGE_COLUMNS[2:]:
        columns[name] = np.concatenate([edges[name].to_numpy(), {**unknown, **of_paths}[name]])[line]
    for name in ("crossings", "signals"):
        columns[name] = columns[name] * share
    columns["length_m"] = np.where(is_street, columns["length_m"] * share, drawn_m)
    return network_frames(joined.node_xy, columns, geometry, str(edges.crs))


def _loose(source: Source, joined: Joined, streets: int, row: NDArray[np.int64]) -> tuple[ImportNote, ...]:
    """Return a note on paths from which no street can be reached."""
    ends = np.array([(piece.u, piece.v) for piece in joined.pieces], dtype=np.int64)
    line = np.array([piece.line for piece in joined.pieces], dtype=np.int64)
    count = len(joined.node_xy)
    graph = coo_array((np.ones(len(ends), np.int8), (ends[:, 0], ends[:, 1])), shape=(count, count))
    component = connected_components(graph, directed=False)[1][ends[:, 0]]
    loose = ~np.isin(component, component[line < streets])
    rows = np.unique(row[line[loose] - streets])
    if not len(rows):
        return ()
    return (
        source.note(
            "notice",
            rows,
            f"的路径没有接上任何道路（端点应画到道路 {JOIN_M:g} 米以内），请补画",
            f"joins no street (an end must lie within {JOIN_M:g} m of one); draw it up to a street",
        ),
    )
