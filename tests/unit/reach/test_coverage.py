import geopandas as gpd
import pandas as pd
import pytest
from shapely import Point, box

from gis_service.reach.coverage import coverage

SQUARE = box(0, 0, 100, 100)


@pytest.fixture
def regions():
    return gpd.GeoDataFrame(
        {
            "code": ["C", "D", "S1", "S2", "a", "b", "z"],
            "level": ["city", "county", "street", "street", "community", "community", "community"],
            "parent_code": [None, "C", "D", "D", "S1", "S1", "S2"],
        },
        geometry=gpd.GeoSeries([None, None, None, None, SQUARE, None, SQUARE], crs="EPSG:4549"),
        crs="EPSG:4549",
    )


def people(rows):
    """Return buildings and their reach from rows (id, households, residents, community, covered)."""
    ids, households, residents, communities, covered = zip(*rows, strict=True)
    buildings = gpd.GeoDataFrame(
        {
            "id": ids,
            "households": pd.array(households, dtype="int64"),
            "residents": pd.array(residents, dtype="Int64"),
            "community_code": pd.Series(communities, dtype=object),
        },
        geometry=[Point(0, 0)] * len(ids),
        crs="EPSG:4549",
    )
    return buildings, pd.DataFrame({"id": ids, "covered": pd.array(covered, dtype="bool")})


def by_code(table):
    return {row["code"]: row[2:].to_dict() for _, row in table.iterrows()}


def test_every_region_sums_the_communities_below_it(regions):
    table = coverage(*people([("1", 10, 30, "a", True), ("2", 20, 50, "a", False), ("3", 5, 9, "b", True)]), regions)
    assert table["code"].tolist() == ["C", "D", "S1", "a", "b", "z"]
    rows = by_code(table)
    assert rows["a"] == {
        "buildings": 2, "buildings_covered": 1, "households": 30, "households_covered": 10,
        "residents": 80, "residents_covered": 30,
    }  # fmt: skip
    assert rows["C"] == rows["D"] == rows["S1"]
    assert rows["C"]["households"] == 35
    assert rows["C"]["residents_covered"] == 39


def test_a_region_with_a_shape_and_nobody_in_it_counts_zero(regions):
    rows = by_code(coverage(*people([("1", 10, 30, "a", True)]), regions))
    assert set(rows["z"].values()) == {0}
    assert "b" not in rows
    assert "S2" not in rows


def test_residents_are_unknown_where_those_of_one_building_are(regions):
    rows = by_code(
        coverage(*people([("1", 10, 30, "a", True), ("2", 20, None, "a", False), ("3", 5, 9, "b", True)]), regions)
    )
    assert pd.isna(rows["a"]["residents"])
    assert rows["a"]["residents_covered"] == 30
    assert rows["b"]["residents"] == 9
    assert pd.isna(rows["S1"]["residents"])


def test_buildings_without_households_do_not_count(regions):
    rows = by_code(coverage(*people([("1", 0, None, "a", True), ("2", 7, 20, "a", False)]), regions))
    assert (rows["a"]["buildings"], rows["a"]["households"], rows["a"]["residents"]) == (1, 7, 20)
    assert (rows["a"]["buildings_covered"], rows["a"]["residents_covered"]) == (0, 0)


def test_a_building_outside_every_community_counts_nowhere(regions):
    rows = by_code(coverage(*people([("1", 10, 30, None, True), ("2", 7, 20, "a", False)]), regions))
    assert rows["C"]["households"] == 7


def test_the_types_are_those_of_the_contract_and_rows_may_come_in_any_order(regions):
    buildings, reached = people([("1", 10, 30, "a", True), ("2", 20, None, "a", False), ("3", 5, 9, "b", True)])
    table = coverage(buildings, reached, regions)
    assert table.dtypes.astype(str).tolist()[2:] == ["int64"] * 4 + ["Int64"] * 2
    shuffled = coverage(buildings.iloc[[2, 0, 1]], reached.iloc[[1, 2, 0]], regions.iloc[::-1])
    pd.testing.assert_frame_equal(table, shuffled)
