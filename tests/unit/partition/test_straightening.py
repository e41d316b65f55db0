"""Borders are drawn straight where nothing stands in the way, and the coverage stays one."""

import math

import numpy as np
import pytest
import shapely
from shapely import LineString, Polygon, box

from gis_service.geo.crs import RESOLUTION_M
from gis_service.partition.border_network import GONE, border_network, rebuilt
from gis_service.partition.straightening import FREE_M, straightened
from gis_service.partition.taut_merges import MOST_M
from gis_service.partition.taut_strings import MEETING_SHARE, THIRD_WEIGHT

NOTHING = np.empty(0, dtype=object)
KEY = [(50, 0), (52, 20), (47, 35), (53, 60), (50, 100)]
"""A border with bends, of a few metres each."""


def array(*geometries):
    return np.array([*geometries, None], dtype=object)[:-1]


def halves(border, size=100):
    return array(Polygon([(0, 0), *border, (0, size)]), Polygon([*border, (size, size), (size, 0)]))


def straight(polygons, *, standing=NOTHING, home=(), fixed=NOTHING, kin=None):
    kin = np.full(len(polygons), -1) if kin is None else np.array(kin)
    result = straightened(polygons, standing, np.array(home, dtype=np.int64), fixed, kin)
    assert shapely.coverage_is_valid(result)
    assert shapely.is_valid(result).all()
    assert shapely.union_all(result).equals(shapely.union_all(polygons))
    return result


def border_between(first, second):
    return shapely.line_merge(shapely.intersection(first.boundary, second.boundary))


def test_a_coverage_made_anew_from_the_same_vertices_is_the_same():
    ring = box(0, 0, 90, 90).difference(box(30, 30, 60, 60))
    polygons = array(ring, box(30, 30, 60, 60), box(90, 0, 120, 90))
    network = border_network(polygons)
    again = rebuilt(network, network.xy, np.arange(len(network.xy)))
    assert shapely.equals_exact(shapely.normalize(again), shapely.normalize(polygons), 0.0).all()


def test_a_network_knows_the_polygons_beside_every_edge():
    network = border_network(array(box(0, 0, 10, 10), box(10, 0, 20, 10)))
    beside = {
        (*network.xy[a], *network.xy[b]): polygon
        for a, b, polygon in zip(network.source, network.target, network.left, strict=True)
    }
    assert beside[10, 0, 10, 10] == 0  # northwards the west is to the left
    assert beside[10, 10, 10, 0] == 1
    assert beside[0, 0, 10, 0] == 0
    assert beside[10, 0, 0, 0] == -1


def test_a_vertex_left_out_is_left_out_on_both_sides():
    network = border_network(halves([(50, 0), (60, 50), (50, 100)]))
    heir = np.arange(len(network.xy))
    heir[network.xy[:, 0] == 60] = GONE
    first, second = rebuilt(network, network.xy, heir)
    assert first.equals(box(0, 0, 50, 100))
    assert second.equals(box(50, 0, 100, 100))


def test_bends_of_a_border_in_the_open_are_taken_out():
    first, second = straight(halves(KEY))
    assert border_between(first, second).equals_exact(LineString([(50, 0), (50, 100)]), 0.0)


def test_a_border_that_would_move_far_stays():
    far = [(50, 0), (80, 50), (50, 100)]
    first, second = straight(halves(far))
    assert border_between(first, second).equals(LineString(far))


def test_a_border_stays_clear_of_a_building_in_a_bend():
    house = box(46, 48, 49, 52)
    first, second = straight(
        halves([(50, 0), (52, 20), (38, 50), (52, 80), (50, 100)]), standing=array(house), home=[1]
    )
    assert second.contains(house)
    assert border_between(first, second).distance(house) >= FREE_M
    assert len(border_between(first, second).coords) == 3


def test_borders_along_lines_and_walls_stay():
    road = array(LineString(KEY))
    assert shapely.equals(straight(halves(KEY), fixed=road), halves(KEY)).all()
    wall = Polygon([*KEY[1:4], (20, 60), (20, 20)])
    assert shapely.equals(straight(halves(KEY), standing=array(wall), home=[0]), halves(KEY)).all()


def fork(y, size=100):
    """Return three units that meet at (size / 2, y): one below, and two above on either side."""
    at, top, left, right = (size / 2, y), (size / 2, size), (0, 0.4 * size), (size, 0.4 * size)
    return array(
        Polygon([(0, 0), (size, 0), right, at, left]),
        Polygon([left, at, top, (0, size)]),
        Polygon([at, right, (size, size), top]),
    )


BEST_Y = 40 + 50 * THIRD_WEIGHT / math.sqrt(4 - THIRD_WEIGHT**2)
"""From (50, BEST_Y) the ways to (0, 40) and (100, 40) rise by half the weight of that to (50, 100): they balance."""


def meeting_point(units):
    """Return where three units meet."""
    (point,) = shapely.get_coordinates(shapely.intersection(border_between(units[0], units[1]), units[2]))
    return point


@pytest.mark.parametrize("y", [51, 61])
def test_three_borders_meet_where_they_are_shortest(y):
    assert meeting_point(straight(fork(y))) == pytest.approx((50.0, BEST_Y), abs=RESOLUTION_M)


def test_a_meeting_point_moves_by_a_share_of_the_length_of_its_borders_at_most():
    mean_m = (2 * math.hypot(50, 2) + 58) / 3
    at = meeting_point(straight(fork(42)))
    assert at == pytest.approx((50.0, 42 + MEETING_SHARE * mean_m), abs=RESOLUTION_M)


def test_a_meeting_point_of_long_borders_moves_no_farther_than_borders_may():
    assert meeting_point(straight(fork(165, 400))) == pytest.approx((200.0, 165 + MOST_M), abs=RESOLUTION_M)


def test_a_meeting_point_that_would_gain_next_to_nothing_stays():
    units = fork(57)  # 1.3 m off, where the ways are 3 cm longer
    assert shapely.equals(straight(units), units).all()


def test_a_meeting_point_goes_part_of_the_way_where_a_building_stands_in_the_rest():
    house = box(46, 51.6, 48, 53)  # half the way is too near to it, a quarter is not
    units = straight(fork(49), standing=array(house), home=[1])
    assert meeting_point(units) == pytest.approx((50.0, 49 + (BEST_Y - 49) / 4), abs=RESOLUTION_M)
    assert units[1].contains(house)


def test_a_meeting_point_stays_where_buildings_stand_close_by():
    houses = array(box(47, 49, 49.5, 51), box(50.5, 49, 53, 51))
    assert shapely.equals(straight(fork(49), standing=houses, home=[1, 2]), fork(49)).all()


def test_a_meeting_point_on_a_line_stays():
    units = fork(51)
    road = array(LineString([(0, 40), (50, 51), (100, 40)]))
    assert shapely.equals(straight(units, fixed=road), units).all()


def test_meeting_points_go_to_the_same_places_whatever_the_order_of_the_units():
    units = fork(51)
    plain, turned = straight(units), straight(units[::-1])[::-1]
    assert shapely.equals_exact(shapely.normalize(plain), shapely.normalize(turned), 0.0).all()


def crossing(gap):
    """Return four units whose borders meet in two points ``gap`` apart."""
    west, east = (50 - gap / 2, 50), (50 + gap / 2, 50)
    return array(
        Polygon([(0, 0), (50, 0), west, (0, 50)]),
        Polygon([(50, 0), (100, 0), (100, 50), east, west]),
        Polygon([(100, 50), (100, 100), (50, 100), east]),
        Polygon([(50, 100), (0, 100), (0, 50), west, east]),
    )


def across_a_street(above, below):
    """Return two units above a street at y = 50 and two below; their borders meet it at the given places."""
    points = sorted({(above, 50), (below, 50)})
    street = [(0, 50), *points, (100, 50)]
    at, to = street.index((above, 50)), street.index((below, 50))
    return array(
        Polygon([*street[: at + 1], (above, 100), (0, 100)]),
        Polygon([*street[at:], (100, 100), (above, 100)]),
        Polygon([*street[to:], (100, 0), (below, 0)]),
        Polygon([*street[: to + 1], (below, 0), (0, 0)]),
    )


STREET = LineString([(0, 50), (100, 50)])


def test_borders_on_either_side_of_a_street_meet_it_in_one_place_if_that_is_near():
    units = straight(across_a_street(47, 53), fixed=array(STREET))
    assert shapely.relate(units[0], units[2])[4] == shapely.relate(units[1], units[3])[4] == "0"  # touch in a point
    assert border_between(units[0], units[3]).intersection(STREET).length in (47.0, 53.0)


def test_borders_farther_apart_keep_their_places_along_a_street():
    units = straight(across_a_street(44, 56), fixed=array(STREET))
    assert border_between(units[1], units[3]).equals(LineString([(44, 50), (56, 50)]))


def test_a_unit_keeps_its_narrow_front_on_a_street():
    front = array(
        Polygon([(0, 50), (47, 50), (40, 100), (0, 100)]),
        Polygon([(47, 50), (53, 50), (60, 100), (40, 100)]),
        Polygon([(53, 50), (100, 50), (100, 100), (60, 100)]),
        Polygon([(0, 0), (100, 0), (100, 50), (53, 50), (47, 50), (0, 50)]),
    )
    assert shapely.equals(straight(front, fixed=array(STREET)), front).all()


def test_no_border_slides_over_a_building():
    house = box(47.5, 55, 52.5, 60)
    units = straight(across_a_street(47, 53), fixed=array(STREET), standing=array(house), home=[1])
    assert units[1].contains(house)


def test_two_meeting_points_close_together_become_one_crossing():
    units = straight(crossing(6.0))
    assert shapely.relate(units[1], units[3])[4] == "0"  # they touch in a point
    for x, y, unit in ((0, 0, units[0]), (50, 0, units[1]), (50, 50, units[2]), (0, 50, units[3])):
        assert unit.symmetric_difference(box(x, y, x + 50, y + 50)).area == pytest.approx(0.0, abs=0.01)


def test_neighbours_of_one_estate_stay_neighbours():
    units = straight(crossing(6.0), kin=[-1, 4, -1, 4])
    assert units[1].intersection(units[3]).length > 0.0
    parted = straight(crossing(6.0), kin=[4, 5, 4, 6])
    assert parted[1].intersection(parted[3]).length == 0.0


def test_meeting_points_farther_apart_stay_two():
    units = straight(crossing(12.0))
    assert units[1].intersection(units[3]).length > 0.0


def test_a_unit_inside_another_keeps_three_corners_and_its_place():
    hole = Polygon([(40, 40), (50, 38), (60, 40), (60, 60), (40, 60)])
    units = straight(array(box(0, 0, 100, 100).difference(hole), hole))
    assert len(units[1].exterior.coords) >= 4
    assert units[1].hausdorff_distance(hole) <= 15.0
