"""The borders of a coverage as a graph of vertices, and the coverage made anew from changed vertices."""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from gis_service.geo.coverage import FloatArray, GeometryArray, IndexArray

NO_POLYGON = -1
"""What lies beside an edge on the outside of the coverage."""
GONE = -1
"""Heir of a vertex that was left out."""


@dataclass(frozen=True)
class BorderNetwork:
    """The vertices and edges of a coverage.

    Parameters
    ----------
    xy
        Vertices (n, 2) [m], in lexicographic order.
    source, target, left
        Every edge from both ends, sorted: its vertices, and the polygon to the left on the way, or `NO_POLYGON`.
    ring_vertex, ring
        Vertex and ring of every point of a ring, without the points that close the rings.
    polygon_of_ring
        Polygon of every ring; its shell comes before its holes.
    """

    xy: FloatArray
    source: IndexArray
    target: IndexArray
    left: IndexArray
    ring_vertex: IndexArray
    ring: IndexArray
    polygon_of_ring: IndexArray

    @property
    def start(self) -> IndexArray:
        """Return where the edges of every vertex begin, with the number of all at the end."""
        return np.searchsorted(self.source, np.arange(len(self.xy) + 1)).astype(np.int64)

    def midpoints(self, edges: NDArray[np.bool_]) -> GeometryArray:
        """Return the midpoints of the chosen edges."""
        middle = (self.xy[self.source[edges]] + self.xy[self.target[edges]]) / 2
        return np.asarray(shapely.points(middle), dtype=object)


def border_network(polygons: GeometryArray) -> BorderNetwork:
    """Return the borders of a coverage.

    Parameters
    ----------
    polygons
        Polygons of a valid coverage.
    """
    rings, polygon = shapely.get_rings(shapely.orient_polygons(polygons), return_index=True)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    last = np.append(ring[1:] != ring[:-1], True)
    places, vertex = np.unique(points[:, 0] + 1j * points[:, 1], return_inverse=True)
    tail, head = vertex[:-1][~last[:-1]], vertex[1:][~last[:-1]]
    owner = polygon[ring[:-1][~last[:-1]]]
    count = len(places)
    there, back = tail * count + head, head * count + tail
    alone = ~np.isin(back, there)
    key = np.concatenate((there, back[alone]))
    left = np.concatenate((owner, np.full(int(alone.sum()), NO_POLYGON)))
    order = np.argsort(key)
    source, target = np.divmod(key[order], count)
    return BorderNetwork(
        xy=np.column_stack((places.real, places.imag)),
        source=source,
        target=target,
        left=left[order],
        ring_vertex=vertex[~last],
        ring=ring[~last],
        polygon_of_ring=polygon,
    )


def rebuilt(network: BorderNetwork, xy: FloatArray, heir: IndexArray) -> GeometryArray:
    """Return the coverage with other vertices.

    Parameters
    ----------
    network
        The borders of the coverage.
    xy
        New places of its vertices (n, 2) [m].
    heir
        For every vertex the one that takes its place, itself or another, or `GONE`. Each ring must keep three.

    Returns
    -------
    array of Polygon
        In the order of the old ones.
    """
    vertex = heir[network.ring_vertex]
    vertex, ring = vertex[vertex != GONE], network.ring[vertex != GONE]
    first = np.append(True, ring[1:] != ring[:-1])
    last = np.append(ring[1:] != ring[:-1], True)
    before = np.empty_like(vertex)
    before[1:] = vertex[:-1]
    before[first] = vertex[last]
    vertex, ring = vertex[vertex != before], ring[vertex != before]
    rings = shapely.linearrings(xy[vertex], indices=ring)
    shell = np.append(True, network.polygon_of_ring[1:] != network.polygon_of_ring[:-1])
    polygons: GeometryArray = np.asarray(shapely.polygons(rings[shell]), dtype=object)
    for number in np.unique(network.polygon_of_ring[~shell]):
        own = network.polygon_of_ring == number
        polygons[number] = shapely.polygons(rings[own & shell][0], holes=rings[own & ~shell])
    return polygons
