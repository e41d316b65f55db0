"""The two frames of a walking network, in an order of their own."""

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from gis_service.ingest.frames import metric_frame

NetworkFrames = tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]


def network_frames(
    node_xy: NDArray[np.float64],
    *,
    ends: tuple[NDArray[np.int64], NDArray[np.int64]],
    length_m: NDArray[np.float64],
    what: tuple[NDArray[np.object_], NDArray[np.object_]],
    geometry: NDArray[np.object_],
    metric_crs: str,
) -> NetworkFrames:
    """Return the frames ``network nodes`` and ``network edges`` of the contract.

    Parameters
    ----------
    node_xy
        Positions of the nodes [m], in the order of their numbers.
    ends
        Numbers u and v of each edge's end nodes.
    length_m
        Walking length of each edge [m].
    what
        Kind and name of each edge, None where unknown.
    geometry
        LineString of each edge from u to v.
    metric_crs
        CRS of positions and lines.

    Returns
    -------
    nodes, edges : geopandas.GeoDataFrame
        Edges sorted by u, v, length and shape, so that the order of a file does not show.
    """
    u, v = ends
    kind, name = what
    by_shape = np.unique(shapely.to_wkb(geometry), return_inverse=True)[1]
    order = np.lexsort((by_shape, length_m, v, u))
    points = np.asarray(shapely.points(node_xy), dtype=object)
    nodes = metric_frame({"node": np.arange(len(node_xy), dtype=np.int64)}, points, metric_crs)
    columns = {
        "u": u[order].astype(np.int64),
        "v": v[order].astype(np.int64),
        "length_m": length_m[order],
        "kind": kind[order],
        "name": name[order],
    }
    return nodes, metric_frame(columns, geometry[order], metric_crs)
