"""Small walking networks that one can work out by hand."""

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pytest
from shapely import LineString, Point

from gis_service.reach.network import WalkingNetwork, build_network

CRS = "EPSG:4549"


class Streets:
    """Builder of frames and networks from nodes and the pairs of nodes that edges join."""

    crs = CRS

    @staticmethod
    def frames(
        places: Sequence[tuple[float, float]],
        joins: Sequence[tuple[int, int]],
        *,
        lines: dict[int, Sequence[tuple[float, float]]] | None = None,
        length_m: Sequence[float] | None = None,
    ) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
        """Return nodes and edges; `lines` gives the shape of some edges, all others are straight."""
        lines = lines or {}
        shapes = [LineString(lines.get(i, (places[u], places[v]))) for i, (u, v) in enumerate(joins)]
        nodes = gpd.GeoDataFrame({"node": np.arange(len(places))}, geometry=[Point(p) for p in places], crs=CRS)
        edges = gpd.GeoDataFrame(
            {
                "u": np.array([u for u, _ in joins], dtype=np.int64),
                "v": np.array([v for _, v in joins], dtype=np.int64),
                "length_m": np.array(length_m or [shape.length for shape in shapes], dtype=np.float64),
            },
            geometry=gpd.GeoSeries(shapes, crs=CRS),
            crs=CRS,
        )
        return nodes, edges

    @classmethod
    def network(cls, *args, min_component_m: float = 0.0, **kwargs) -> WalkingNetwork:
        """Return a network of such frames."""
        return build_network(*cls.frames(*args, **kwargs), min_component_m=min_component_m)

    @staticmethod
    def build(nodes: gpd.GeoDataFrame, edges: gpd.GeoDataFrame) -> WalkingNetwork:
        """Return a network of frames."""
        return build_network(nodes, edges, min_component_m=0.0)


@pytest.fixture
def streets() -> type[Streets]:
    return Streets
