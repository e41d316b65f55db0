"""What bounds a grid on each side, by hand-computable examples."""

import geopandas as gpd
import pytest
import shapely
from shapely import affinity

from gis_service.plan.bounds import bounds_of_grid

GRID = shapely.box(0, 0, 200, 100)


def lines(*rows):
    return gpd.GeoDataFrame(
        {"name": [name for name, _ in rows]}, geometry=[shapely.LineString(xy) for _, xy in rows], crs="EPSG:4549"
    )


def sides(bounds):
    return [[text.zh for text in getattr(bounds, side)] for side in ("east", "south", "west", "north")]


def test_roads_grids_and_the_border_of_the_community_each_bound_a_side():
    roads = lines(("桐山路", [(205, -50), (205, 150)]), ("护城河", [(-20, -3), (220, -3)]), (None, [(0, 0), (0, 100)]))
    neighbours = {"002": shapely.box(-100, 0, 0, 100), "003": shapely.box(500, 0, 600, 100)}
    found = bounds_of_grid(GRID, roads, neighbours)
    assert sides(found) == [["桐山路"], ["护城河"], ["网格 002"], ["社区边界"]]
    assert found.text.zh == "东至桐山路，南至护城河，西至网格 002，北至社区边界"
    assert found.text.en == "east: 桐山路; south: 护城河; west: grid 002; north: the community's border"


def test_a_side_names_all_that_bounds_a_fifth_of_it_longest_first():
    neighbours = {"002": shapely.box(0, 100, 50, 200), "003": shapely.box(50, 100, 180, 200)}
    assert sides(bounds_of_grid(GRID, lines(), neighbours))[3] == ["网格 003", "网格 002"]


def test_a_road_that_only_meets_the_border_does_not_bound_it():
    roads = lines(("横街", [(200, 50), (400, 50)]), ("远路", [(0, 115), (200, 115)]))
    assert sides(bounds_of_grid(GRID, roads, {})) == [["社区边界"]] * 4


def test_the_nearer_of_two_roads_is_named_and_rivers_given_as_areas_count_by_their_bank():
    roads = lines(("远路", [(0, -8), (200, -8)]), ("近路", [(0, -2), (200, -2)]))
    river = gpd.GeoDataFrame({"name": ["桐山溪"]}, geometry=[shapely.box(0, 104, 200, 160)], crs=roads.crs)
    assert sides(bounds_of_grid(GRID, roads, {}))[1] == ["近路"]
    assert sides(bounds_of_grid(GRID, river, {}))[3] == ["桐山溪"]


def test_what_lies_in_a_bay_bounds_no_side_that_has_something_else():
    # A bay opens to the north; its western wall faces east but the grid itself lies beyond it.
    bay = GRID.difference(shapely.box(80, 20, 120, 100))
    roads = lines(("湾路", [(82, 20), (82, 100)]), ("东路", [(203, 0), (203, 100)]))
    assert sides(bounds_of_grid(bay, roads, {}))[0] == ["东路"]


@pytest.mark.parametrize("angle", [0, 90, 180, 270])
def test_sides_turn_with_the_map(angle):
    roads = lines(("桐山路", [(205, -50), (205, 150)]))
    turned = roads.rotate(angle, origin=(100, 50))
    found = bounds_of_grid(affinity.rotate(GRID, angle, origin=(100, 50)), roads.set_geometry(turned), {})
    at = {0: 0, 90: 3, 180: 2, 270: 1}[angle]
    assert [names == ["桐山路"] for names in sides(found)] == [side == at for side in range(4)]


def test_the_order_of_rows_does_not_matter():
    roads = lines(("甲路", [(0, -2), (200, -2)]), ("乙路", [(0, -2), (200, -2)]))
    assert bounds_of_grid(GRID, roads, {}) == bounds_of_grid(GRID, roads.iloc[::-1], {})
