"""The walking network."""

import geopandas as gpd
from sqlalchemy import Connection, select

from gis_service.db.cities import City
from gis_service.db.frames import Kind, copy_rows, fetch_geometries, wkb
from gis_service.db.tables import NetworkEdge, NetworkNode
from gis_service.errors import NoNetworkError, Text
from gis_service.geo.crs import to_stored

NODE_COLUMNS: dict[str, Kind] = {"node": "count"}
EDGE_COLUMNS: dict[str, Kind] = {
    "u": "count",
    "v": "count",
    "length_m": "measure",
    "kind": "text",
    "name": "text",
    "origin": "text",
    "structure": "text",
    "crossings": "measure",
    "signals": "measure",
    "slope_to_u": "measure",
    "slope_to_v": "measure",
}


def save_network(conn: Connection, city: City, nodes: gpd.GeoDataFrame, edges: gpd.GeoDataFrame) -> None:
    """Store the network nodes and edges frames."""
    copy_rows(
        conn,
        NetworkNode,
        {"city_id": [city.id] * len(nodes), "node": nodes["node"], "geometry": to_stored(nodes).geometry},
    )
    copy_rows(
        conn,
        NetworkEdge,
        {
            "city_id": [city.id] * len(edges),
            "edge": range(len(edges)),
            **{name: edges[name] for name in EDGE_COLUMNS},
            "geometry": to_stored(edges).geometry,
        },
    )


def load_network(conn: Connection, city: City) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Return the network nodes and edges frames in the city's metric CRS, edges in the order they were saved.

    Raises
    ------
    NoNetworkError
        The city was imported without streets.
    """
    node_query = (
        select(NetworkNode.node, wkb(NetworkNode.geometry))
        .where(NetworkNode.city_id == city.id)
        .order_by(NetworkNode.node)
    )
    nodes = fetch_geometries(conn, node_query, NODE_COLUMNS, city.metric_crs)
    if nodes.empty:
        raise NoNetworkError(
            Text(
                f"城市 {city.name} 没有步行路网，请在 dataset.toml 的 [files.streets] 中给出道路后重新导入",
                f"city {city.name} has no walking network; name its streets under [files.streets] in dataset.toml "
                "and import it again",
            )
        )
    edge_query = (
        select(*(getattr(NetworkEdge, name) for name in EDGE_COLUMNS), wkb(NetworkEdge.geometry))
        .where(NetworkEdge.city_id == city.id)
        .order_by(NetworkEdge.edge)
    )
    return nodes, fetch_geometries(conn, edge_query, EDGE_COLUMNS, city.metric_crs)
