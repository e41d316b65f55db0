"""The share of borders along lines, on communities of two and three rectangles."""

import geopandas as gpd
import numpy as np
import pytest
from shapely import LineString, box

from gis_service.partition.following import Following, following
from tests.unit.partition.towns import CRS, building, community


def grids(*polygons):
    return gpd.GeoDataFrame(geometry=list(polygons), crs=CRS)


HALVES = grids(box(0, 0, 100, 100), box(100, 0, 200, 100))


def test_a_border_on_a_road_follows_it_and_the_communitys_own_border_does_not_count():
    found = following(HALVES, community(barriers=[("road", LineString([(100, -5), (100, 105)]))]))
    assert (found.inner_m, found.on_lines_m, found.forced_m) == (pytest.approx(100), pytest.approx(100), 0)
    assert found.share == pytest.approx(1)


@pytest.mark.parametrize(("offset_m", "share"), [(1.5, 1.0), (1.6, 0.0)])
def test_a_road_beside_the_border_counts_up_to_a_metre_and_a_half(offset_m, share):
    road = ("road", LineString([(100 + offset_m, -5), (100 + offset_m, 105)]))
    assert following(HALVES, community(barriers=[road])).share == pytest.approx(share)


def test_a_road_that_ends_half_way_is_followed_half_way():
    found = following(HALVES, community(barriers=[("wall", LineString([(100, -5), (100, 50)]))]))
    assert found.on_lines_m == pytest.approx(50, abs=4)


def test_the_outline_of_an_estate_or_special_grid_is_a_line():
    assert following(HALVES, community(estates=[("e", box(0, 0, 100, 100))])).share == pytest.approx(1)
    assert following(HALVES, community(special=[("market", box(0, 0, 100, 100))])).share == pytest.approx(1)


def test_an_estate_without_outline_is_no_line():
    assert following(HALVES, community(estates=[("e", None)])).share == 0


@pytest.mark.parametrize(("households", "forced_m"), [(250, 0), (251, 100)])
def test_a_border_is_forced_in_a_block_of_more_households_than_a_grid_may_have(households, forced_m):
    rows = [building("a", box(40, 40, 60, 60), households), building("b", box(140, 40, 160, 60), 250)]
    found = following(HALVES, community(rows))
    assert found.forced_m == pytest.approx(forced_m)
    assert found.share == 0
    assert np.isnan(found.share_where_possible) == (forced_m > 0)


def test_lines_count_in_blocks_where_borders_are_forced():
    rows = [building("a", box(40, 40, 60, 60), 400), building("b", box(140, 40, 160, 60), 400)]
    road = ("road", LineString([(100, -5), (100, 25)]))
    found = following(HALVES, community(rows, barriers=[road]))
    assert found.on_lines_m == pytest.approx(25, abs=4)
    assert found.on_lines_m + found.forced_m == pytest.approx(100)
    assert found.share_where_possible == pytest.approx(1)


def test_one_grid_has_no_share():
    found = following(grids(box(0, 0, 200, 100)), community())
    assert found == Following(0.0, 0.0, 0.0)
    assert np.isnan(found.share)
