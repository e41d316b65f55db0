import geopandas as gpd
import pandas as pd
from shapely import Point

from gis_service.reach.nearest_table import nearest_table
from gis_service.reach.rules import ReachRules


def places(rows, letter, **columns):
    ids = [f"{letter}{i}" for i in range(len(rows))]
    return gpd.GeoDataFrame({"id": ids, **columns}, geometry=[Point(row) for row in rows], crs="EPSG:4549")


def test_the_nearest_of_all_kinds_and_of_each_kind_are_told(streets):
    frames = streets.frames([(0, 0), (1000, 0)], [(0, 1)])
    buildings = places([(100, 0), (900, 0), (0, 900)], letter="b")
    kinds = ["red_station", "service_centre", "red_station", "park"]
    facilities = places([(0, 0), (300, 0), (1000, 0), (100, 0)], letter="s", kind=kinds)
    rules = ReachRules(speed_m_per_s=0.5)
    table = nearest_table(*frames, buildings, facilities, rules, 2)
    first = table[table["id"] == "b0"]
    assert list(zip(first["kind"], first["rank"], first["facility_id"], first["walk_m"], strict=True)) == [
        (None, 1, "s0", 100.0),
        (None, 2, "s1", 200.0),
        ("red_station", 1, "s0", 100.0),
        ("red_station", 2, "s2", 900.0),
        ("service_centre", 1, "s1", 200.0),
    ]
    assert first["walk_s"].tolist() == [200.0, 400.0, 200.0, 1800.0, 400.0]
    assert set(table["id"]) == {"b0", "b1"}
    turned = nearest_table(*frames, buildings.iloc[::-1], facilities.iloc[::-1], rules, 2)
    pd.testing.assert_frame_equal(turned, table)
