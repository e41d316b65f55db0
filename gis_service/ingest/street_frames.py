"""The two frames of a walking network, in an order of their own."""

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from gis_service.ingest.frames import metric_frame

NetworkFrames = tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]

EDGE_COLUMNS = (
    "u", "v", "length_m", "kind", "name", "origin", "structure", "crossings", "signals", "slope_to_u", "slope_to_v",
)  # fmt: skip
"""Columns of the frame ``network edges`` before the geometry."""


def network_frames(
    node_xy: NDArray[np.float64],
    columns: Mapping[str, NDArray[np.generic] | NDArray[np.object_]],
    geometry: NDArray[np.object_],
    metric_crs: str,
) -> NetworkFrames:
    """Return the frames ``network nodes`` and ``network edges`` of the contract.

    Parameters
    ----------
    node_xy
        Positions of the nodes [m], in the order of their numbers.
    columns
        ``u``, ``v`` (numbers of the end nodes), ``length_m`` [m], ``kind`` and ``name`` of each edge. What else of
        `EDGE_COLUMNS` is not given is not known: ``origin`` streets, no ``structure``, no ``crossings`` nor
        ``signals``, slopes nan.
    geometry
        LineString of each edge from u to v.
    metric_crs
        CRS of positions and lines.

    Returns
    -------
    nodes, edges : geopandas.GeoDataFrame
        Edges sorted by u, v, length and shape, so that the order of a file does not show.
    """
    count = len(geometry)
    unknown = {
        "origin": np.full(count, "streets", dtype=object),
        "structure": np.full(count, None, dtype=object),
        "crossings": np.zeros(count),
        "signals": np.zeros(count),
        "slope_to_u": np.full(count, np.nan),
        "slope_to_v": np.full(count, np.nan),
    }
    whole = {**unknown, **columns}
    by_shape = np.unique(shapely.to_wkb(geometry), return_inverse=True)[1]
    by_origin = np.unique(whole["origin"].astype("U"), return_inverse=True)[1]
    order = np.lexsort((by_origin, by_shape, whole["length_m"], whole["v"], whole["u"]))
    points = np.asarray(shapely.points(node_xy), dtype=object)
    nodes = metric_frame({"node": np.arange(len(node_xy), dtype=np.int64)}, points, metric_crs)
    sorted_columns = {name: whole[name][order] for name in EDGE_COLUMNS}
    return nodes, metric_frame(sorted_columns, geometry[order], metric_crs)
