import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal
from shapely import Point, box

from gis_service.reach.gaps import gap_clusters

CRS = "EPSG:4549"
NOWHERE = shapely.MultiPolygon()


def people(rows):
    """Return buildings and their reach from rows (id, households, residents, geometry, walk_m, covered)."""
    ids, households, residents, geometry, walk_m, covered = zip(*rows, strict=True)
    buildings = gpd.GeoDataFrame(
        {
            "id": ids,
            "households": pd.array(households, dtype="int64"),
            "residents": pd.array(residents, dtype="Int64"),
            "community_code": "a",
        },
        geometry=list(geometry),
        crs=CRS,
    )
    return buildings, pd.DataFrame(
        {"id": ids, "walk_m": np.array(walk_m, dtype=float), "covered": pd.array(covered, dtype="bool")}
    )


CHAIN = [
    ("a", 10, 30, box(0, 0, 20, 20), 1200, False),
    ("b", 20, 50, box(120, 0, 140, 20), 1100, False),
    ("c", 25, 60, box(240, 0, 260, 20), np.nan, False),
    ("d", 90, 200, box(1000, 0, 1020, 20), 1500, False),
    ("e", 40, 100, box(500, 0, 520, 20), 300, True),
    ("f", 0, 0, box(360, 0, 380, 20), 1300, False),
]


def test_buildings_within_100_metres_of_each_other_form_one_gap():
    gaps = gap_clusters(*people(CHAIN), NOWHERE)
    assert gaps["rank"].tolist() == [1, 2]
    assert gaps["buildings"].tolist() == [1, 3]
    assert gaps["households"].tolist() == [90, 55]
    assert gaps["residents"].tolist() == [200, 140]
    assert gaps["nearest_walk_m"].tolist() == [1500.0, 1100.0]


def test_buildings_farther_apart_are_different_gaps():
    rows = [("a", 10, 30, Point(0, 0), 1200, False), ("b", 20, 50, Point(100.01, 0), 1100, False)]
    assert gap_clusters(*people(rows), NOWHERE)["buildings"].tolist() == [1, 1]


def test_a_gap_is_one_piece_around_its_buildings():
    rows = [("a", 10, 30, Point(0, 0), 1200, False), ("b", 20, 50, Point(100, 0), 1100, False)]
    gaps = gap_clusters(*people(rows), NOWHERE)
    outline = gaps.geometry[0]
    assert outline.geom_type == "MultiPolygon"
    assert outline.is_valid
    assert len(outline.geoms) == 1
    assert shapely.contains_xy(outline, [0.0, 100.0, 50.0], [0.0, 0.0, 0.0]).all()


def test_nobody_within_the_cut_off_is_in_a_gap():
    buildings, reached = people(CHAIN)
    gaps = gap_clusters(buildings, reached, NOWHERE)
    assert not gaps.geometry.intersects(buildings.geometry[4]).any()


def test_equal_gaps_are_ranked_from_north_to_south_and_west_to_east():
    places = [(0, 0), (3000, 5000), (0, 5000)]
    rows = [(str(i), 10, 30, Point(place), 1200, False) for i, place in enumerate(places)]
    corners = gap_clusters(*people(rows), NOWHERE).geometry.bounds[["minx", "maxy"]].round()
    assert corners.to_numpy().tolist() == [[-40.0, 5040.0], [2960.0, 5040.0], [-40.0, 40.0]]


def test_residents_and_the_nearest_walk_may_be_unknown():
    rows = [("a", 10, None, Point(0, 0), np.nan, False), ("b", 20, 50, Point(10, 0), np.nan, False)]
    gaps = gap_clusters(*people(rows), NOWHERE)
    assert gaps["residents"][0] is pd.NA
    assert np.isnan(gaps["nearest_walk_m"][0])


def test_a_gap_tells_its_shortest_its_mean_and_its_longest_walk():
    gaps = gap_clusters(*people(CHAIN), NOWHERE)
    assert gaps["nearest_walk_m"].tolist() == [1500.0, 1100.0]
    assert gaps["mean_walk_m"].tolist() == [1500.0, (10 * 1200 + 20 * 1100) / 30]
    assert gaps["farthest_walk_m"].tolist() == [1500.0, 1200.0]
    assert gaps["households_no_path"].tolist() == [0, 25]


def test_a_gap_without_any_path_has_no_walk():
    gaps = gap_clusters(*people([("a", 10, 30, Point(0, 0), np.nan, False)]), NOWHERE)
    assert np.isnan(gaps[["nearest_walk_m", "mean_walk_m", "farthest_walk_m"]].to_numpy()).all()
    assert gaps["households_no_path"].tolist() == [10]


@pytest.mark.parametrize(
    ("residents", "code", "centre"),
    [
        ((30, 40, 60), "x", "b"),  # 70 people against 60
        ((30, 20, 60), "y", "c"),
        ((30, 30, 60), "x", "b"),  # equal: the first by code
        ((None, 20, 60), "x", "b"),  # residents unknown: 30 households against 25
    ],
)
def test_a_gap_belongs_to_the_community_with_most_people_in_it(residents, code, centre):
    buildings, reached = people(CHAIN[:3])
    buildings["community_code"] = ["x", "x", "y"]
    buildings["residents"] = pd.array(residents, dtype="Int64")
    gaps = gap_clusters(buildings, reached, NOWHERE)
    assert gaps["community_code"].tolist() == [code]
    assert gaps["centre_id"].tolist() == [centre]


def test_a_building_outside_every_community_is_in_no_gap():
    buildings, reached = people(CHAIN)
    buildings["community_code"] = ["a", None, "a", None, "a", "a"]
    gaps = gap_clusters(buildings, reached, NOWHERE)
    assert gaps["households"].tolist() == [25, 10]


def test_without_uncovered_buildings_there_are_no_gaps():
    gaps = gap_clusters(*people([("a", 10, 30, Point(0, 0), 100, True)]), NOWHERE)
    assert len(gaps) == 0
    counts = ["rank", "community_code", "buildings", "households", "residents", "elderly"]
    walks = ["nearest_walk_m", "mean_walk_m", "farthest_walk_m", "mean_walk_s", "households_no_path"]
    assert gaps.columns.tolist() == [*counts, *walks, "facility_id", "centre_id", "geometry"]
    assert gaps.crs == CRS


def test_the_order_of_rows_does_not_matter():
    buildings, reached = people(CHAIN)
    turned = gap_clusters(buildings.iloc[::-1], reached.iloc[[3, 1, 0, 2, 5, 4]], NOWHERE)
    assert_geodataframe_equal(gap_clusters(buildings, reached, NOWHERE), turned)


def test_a_gap_ends_where_the_circle_begins():
    # The circle runs past the chain 10 m north of it.
    circle = shapely.MultiPolygon([box(-200, 30, 600, 200)])
    gap = gap_clusters(*people(CHAIN), circle).geometry[1]
    assert gap.is_valid
    assert gap.intersection(circle).area == 0
    assert gap.bounds[3] == 30.0
    assert all(gap.contains(row[3]) for row in CHAIN[:3])


def test_a_gap_keeps_the_footprints_of_its_buildings_whatever_the_circle_holds():
    circle = shapely.MultiPolygon([box(-200, -200, 600, 200)])
    gap = gap_clusters(*people(CHAIN), circle).geometry[1]
    assert gap.equals(shapely.union_all([row[3] for row in CHAIN[:3]]))


def test_what_the_circle_cuts_off_a_gap_is_dropped():
    # Streets on both sides leave a building, its margin and nothing of the ground beyond the streets.
    circle = shapely.MultiPolygon([box(-100, 25, 100, 35), box(-100, -15, 100, -5)])
    gap = gap_clusters(*people(CHAIN[:1]), circle).geometry[0]
    assert gap.bounds[1::2] == (-5.0, 25.0)
