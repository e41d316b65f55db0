"""A hand-made town of two communities, stored; and the frames it was made of."""

from collections.abc import Callable

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from sqlalchemy import Connection

from gis_service.db import barriers, buildings, estates, facilities, given_grids, network, regions, units
from gis_service.db.cities import City

from .town import CRS, LABELS, WEST, frame, multi, save_test_city, save_test_plan, table


@pytest.fixture
def town_regions() -> gpd.GeoDataFrame:
    west, east = shapely.box(0, 0, 500, 400), shapely.box(500, 0, 900, 400)
    return frame(
        {
            "code": ["990000000000", "990001000000", "990001001000", "990001001001", "990001001002"],
            "name": ["示例市", "示例区", "示例街道", "西社区", "东\t社区\\n"],
            "level": ["city", "county", "street", "community", "community"],
            "parent_code": [None, "990000000000", "990001000000", "990001001000", "990001001000"],
        },
        [None, None, multi(shapely.union(west, east)), multi(west), multi(east)],
    )


@pytest.fixture
def town_estates() -> gpd.GeoDataFrame:
    return frame({"id": ["E1", "E2"], "name": ["花园小区", "无界小区"]}, [multi(shapely.box(10, 10, 200, 200)), None])


@pytest.fixture
def town_buildings() -> gpd.GeoDataFrame:
    return frame(
        {
            "id": ["B01", "B02", "B03", "b04", "虎𬇙镇1"],
            "households": [120, 0, 33, 7, 2],
            "residents": pd.array([300, 0, pd.NA, 20, 5], dtype="Int64"),
            "elderly": pd.array([pd.NA, 0, 3, 4, 1], dtype="Int64"),
            "children": pd.array([pd.NA] * 5, dtype="Int64"),
            "floors": pd.array([18, pd.NA, 6, 1, 2], dtype="Int64"),
            "estate_id": ["E1", None, "E2", None, None],
            "community_code": ["990001001001", "990001001001", "990001001001", "990001001002", None],
            "households_source": ["observed", "observed", "estimated", "observed", "observed"],
        },
        [
            shapely.box(20, 20, 60, 40),
            shapely.Point(300.25, 100.75),
            shapely.box(30, 100, 50, 160).difference(shapely.box(35, 110, 45, 150)),
            multi(shapely.box(600, 50, 620, 70), shapely.box(630, 50, 650, 70)),
            shapely.Point(2000, 2000),
        ],
    )


@pytest.fixture
def town_barriers() -> gpd.GeoDataFrame:
    return frame(
        {"kind": ["railway", "river", "river"], "name": [None, "清水河", None]},
        [
            shapely.LineString([(0, 390), (450, 380), (900, 395)]),
            shapely.box(480, 0, 520, 400),
            shapely.MultiLineString([[(0, 1), (2, 3)], [(4, 5), (6, 7), (8, 8)]]),
        ],
    )


@pytest.fixture
def town_facilities() -> gpd.GeoDataFrame:
    return frame(
        {
            "id": ["F1", "F2"],
            "name": ["红色驿站", "服务中心"],
            "kind": ["red_station", "service_centre"],
            "level": pd.array([3, pd.NA], dtype="Int64"),
            "address": ["一路 1 号", None],
            "hours": ["Mo-Fr 08:00-18:00", None],
            "phone": [None, None],
            "owner": [None, None],
            "functions": [('热水"', "休息\\充电", "a,b{}"), ()],
            "area_m2": [35.5, np.nan],
            "public": [True, False],
        },
        [shapely.Point(100, 5), shapely.Point(700, 5)],
    )


@pytest.fixture
def town_given_grids() -> gpd.GeoDataFrame:
    return frame(
        {
            "code": ["990001001001001", None],
            "name": [None, "农贸市场"],
            "kind": ["base", "special"],
            "community_code": ["990001001001", "990001001002"],
        },
        [multi(shapely.box(0, 0, 250, 400)), multi(shapely.box(800, 0, 900, 100))],
    )


@pytest.fixture
def town_network() -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    nodes = frame({"node": [0, 1, 2]}, [shapely.Point(0, 0), shapely.Point(450, 0), shapely.Point(900, 3)])
    edges = frame(
        {
            "u": [1, 0, 1],
            "v": [2, 1, 2],
            "length_m": [450.123456789, 450.0, 1000.1],
            "kind": ["residential", None, "footway"],
            "name": ["一路", None, None],
            "origin": ["streets", "streets", "drawn"],
            "structure": [None, None, "bridge"],
            "crossings": [0.0, 1.5, 0.0],
            "signals": [0.5, 0.0, 0.0],
            "slope_to_u": [1.25, np.nan, 1.0],
            "slope_to_v": [0.875, np.nan, 1.0],
        },
        [
            shapely.LineString([(450, 0), (900, 3)]),
            shapely.LineString([(0, 0), (450, 0)]),
            shapely.LineString([(450, 0), (600, 300), (900, 3)]),
        ],
    )
    return nodes, edges


@pytest.fixture
def town_units() -> gpd.GeoDataFrame:
    """The western community in three units: the second is empty, the third holds a building of unknown residents."""
    return frame(
        {
            "unit": [0, 1, 2],
            "code": ["U001", "U002", "U003"],
            "kind": ["cell", "open", "estate"],
            "special": [None, "农贸市场", None],
            "estate_id": [None, None, "E2"],
            "households": [120, 0, 33],
            "residents": pd.array([300, 0, pd.NA], dtype="Int64"),
            "elderly": pd.array([pd.NA, 0, 3], dtype="Int64"),
            "children": pd.array([pd.NA, 0, pd.NA], dtype="Int64"),
        },
        [shapely.box(0, 0, 250, 80), shapely.box(250, 0, 500, 400), shapely.box(0, 80, 250, 400)],
    )


@pytest.fixture
def town_unit_buildings() -> pd.DataFrame:
    return table({"building_id": ["B01", "B03"], "unit": [0, 2]})


@pytest.fixture
def town_grids() -> gpd.GeoDataFrame:
    return frame(
        {
            "code": ["990001001001001", "990001001001002"],
            "name": ["西社区第一网格", "西社区第二网格"],
            "kind": ["base", "base"],
            "status": ["small", "small"],
            "households": [33, 120],
            "residents": pd.array([pd.NA, 300], dtype="Int64"),
        },
        [multi(shapely.box(0, 80, 250, 400)), multi(shapely.box(0, 0, 250, 80), shapely.box(250, 100, 500, 400))],
    )


@pytest.fixture
def make_city(connection: Connection) -> Callable[[str, str], City]:
    """Return a function that stores a city without anything in it, by name and metric CRS."""

    def make(name: str, metric_crs: str) -> City:
        return save_test_city(connection, name, metric_crs)

    return make


@pytest.fixture
def city(connection: Connection) -> City:
    """Return a stored city without anything in it."""
    return save_test_city(connection, "test-town", CRS)


@pytest.fixture
def town(
    connection: Connection,
    city: City,
    town_regions: gpd.GeoDataFrame,
    town_estates: gpd.GeoDataFrame,
    town_buildings: gpd.GeoDataFrame,
    town_barriers: gpd.GeoDataFrame,
    town_facilities: gpd.GeoDataFrame,
    town_given_grids: gpd.GeoDataFrame,
    town_network: tuple[gpd.GeoDataFrame, gpd.GeoDataFrame],
) -> City:
    """Return the city with everything an import stores."""
    regions.save_regions(connection, city, town_regions)
    estates.save_estates(connection, city, town_estates)
    buildings.save_buildings(connection, city, town_buildings)
    barriers.save_barriers(connection, city, town_barriers)
    facilities.save_facilities(connection, city, town_facilities)
    given_grids.save_given_grids(connection, city, town_given_grids)
    network.save_network(connection, city, *town_network)
    return city


@pytest.fixture
def planned_town(
    connection: Connection,
    town: City,
    town_units: gpd.GeoDataFrame,
    town_unit_buildings: pd.DataFrame,
    town_grids: gpd.GeoDataFrame,
) -> City:
    """Return the town with a plan ``first`` of its western community."""
    units.save_units(connection, town, WEST, town_units, town_unit_buildings)
    save_test_plan(connection, town, "first", LABELS, town_grids)
    return town
