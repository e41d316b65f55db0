import geopandas as gpd
import numpy as np
from shapely import LineString, Point, box

from gis_service.reach.siting.surroundings import community_of, nearest_street

PLACES = np.array([Point(1, 1), Point(10, 5), Point(99, 99)], dtype=object)


def test_a_place_is_called_by_the_nearest_street_that_has_a_name_and_by_the_first_of_two():
    lines = [LineString([(0, 0), (9, 0)]), LineString([(0, 1), (9, 1)]), LineString([(0, 9), (10, 9)])]
    edges = gpd.GeoDataFrame({"name": ["南街", None, "北街"]}, geometry=lines)
    assert nearest_street(PLACES, edges).tolist() == ["南街", "北街", "北街"]
    crossing = gpd.GeoDataFrame({"name": ["b", "a"]}, geometry=[lines[0], lines[0]])
    assert nearest_street(PLACES[:1], crossing).tolist() == ["a"]
    nameless = gpd.GeoDataFrame({"name": [None]}, geometry=lines[:1])
    assert nearest_street(PLACES, nameless).tolist() == [None, None, None]


def test_a_place_on_a_border_lies_in_the_first_community_and_one_far_away_in_none():
    regions = gpd.GeoDataFrame(
        {"code": ["2", "1", "0"], "level": ["community", "community", "street"]},
        geometry=[box(0, 0, 10, 10), box(10, 0, 20, 10), box(0, 0, 20, 10)],
    )
    assert community_of(PLACES, regions).tolist() == ["2", "1", None]
