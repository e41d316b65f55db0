from itertools import pairwise

import numpy as np
import pytest
import shapely

from gis_service.reach.circles import band_circles, service_circles
from gis_service.reach.lattice import SAMPLE_M
from gis_service.reach.premises import DOT_M, premises_of
from gis_service.reach.snapping import snap


def circles(network, facilities, cutoff_m, max_gap_m=500.0):
    targets = snap(network, np.array(facilities, dtype=float), max_gap_m=500.0)
    return service_circles(network, targets, cutoff_m, max_gap_m=max_gap_m)


def circles_with(network, facilities, cutoff_m, geometries):
    """Return the circles that hold the buildings within and no others."""
    geometries = np.array(geometries, dtype=object)
    places = shapely.get_coordinates(shapely.point_on_surface(geometries))
    premises = premises_of(network, geometries, places, snap(network, places, max_gap_m=500.0))
    targets = snap(network, np.array(facilities, dtype=float), max_gap_m=500.0)
    return service_circles(network, targets, cutoff_m, premises)


def test_along_a_street_the_circle_ends_where_the_walk_does(streets):
    network = streets.network([(0, 0), (2000, 0)], [(0, 1)])
    (circle,) = circles(network, [(1000, 0)], 300.0).each
    assert circle.bounds == pytest.approx((700, -300, 1300, 300), abs=SAMPLE_M / 2)
    # Who may walk 300 m along and off the street together lives on a square that stands on its corner.
    assert circle.area == pytest.approx(2 * 300.0**2, rel=0.005)
    assert circle.is_valid


def test_nobody_lives_farther_off_the_street_than_people_are_put_on_one(streets):
    network = streets.network([(0, 0), (2000, 0)], [(0, 1)])
    (circle,) = circles(network, [(1000, 0)], 300.0, max_gap_m=50.0).each
    assert circle.bounds == pytest.approx((700, -50, 1300, 50), abs=SAMPLE_M / 2)


def test_the_facilitys_own_gap_shortens_the_walk(streets):
    network = streets.network([(0, 0), (2000, 0)], [(0, 1)])
    (circle,) = circles(network, [(1000, 100)], 300.0).each
    assert circle.bounds[0] == pytest.approx(800, abs=1.0)


def test_the_walk_off_the_street_counts(streets):
    network = streets.network([(0, 0), (2000, 0)], [(0, 1)])
    (circle,) = circles(network, [(1000, 0)], 300.0).each
    assert circle.contains(shapely.Point(1250, 40))
    assert not circle.contains(shapely.Point(1285, 40))


def test_a_circle_does_not_bleed_to_the_other_bank(streets):
    # Two streets 80 m apart, joined by a bridge 2 km away.
    network = streets.network([(0, 0), (2000, 0), (0, 80), (2000, 80)], [(0, 1), (2, 3), (1, 3)])
    (circle,) = circles(network, [(100, 0)], 600.0).each
    assert not circle.intersects(shapely.LineString([(0, 40 + SAMPLE_M), (2000, 40 + SAMPLE_M)]))
    assert circle.contains(shapely.LineString([(0, 0), (690, 0)]))


def test_ground_that_can_only_be_reached_too_late_is_a_hole(streets):
    # A courtyard's path, not joined to the streets around it, takes its own ground out of their circle.
    places = [(0, 0), (200, 0), (200, 200), (0, 200), (80, 100), (120, 100)]
    network = streets.network(places, [(0, 1), (1, 2), (2, 3), (3, 0), (4, 5)])
    (circle,) = circles(network, [(0, 0)], 900.0).each
    (hole,) = circle.geoms[0].interiors
    # Half-way between the path and each street.
    assert shapely.Polygon(hole).bounds == pytest.approx((40, 50, 160, 150), abs=SAMPLE_M / 2)
    assert circle.contains(shapely.Point(30, 100))


def test_a_facility_off_the_network_or_too_far_off_has_no_circle(streets):
    network = streets.network([(0, 0), (2000, 0)], [(0, 1)])
    found = circles(network, [(100, 600), (100, 310), (100, 0)], 300.0)
    assert shapely.is_empty(found.each).tolist() == [True, True, False]
    assert found.merged.equals(found.each[2])


def test_without_facilities_there_is_no_circle(streets):
    network = streets.network([(0, 0), (2000, 0)], [(0, 1)])
    found = circles(network, np.empty((0, 2)), 300.0)
    assert len(found.each) == 0
    assert found.merged.is_empty


def test_a_loop_and_a_dead_end_are_covered(streets):
    loop = [(300, 0), (300, 200), (500, 200), (500, 0), (300, 0)]
    network = streets.network([(0, 0), (300, 0), (0, -250)], [(0, 1), (1, 1), (0, 2)], lines={1: loop})
    (circle,) = circles(network, [(10, 0)], 900.0).each
    assert circle.buffer(0.5).contains(shapely.LineString(loop))
    assert circle.contains(shapely.Point(0, -250))


def test_a_street_declared_shorter_than_drawn_is_reached_as_far_as_declared(streets):
    network = streets.network([(0, 0), (4000, 0)], [(0, 1)], length_m=[400.0])
    (circle,) = circles(network, [(2000, 0)], 100.0).each
    assert circle.bounds[0] == pytest.approx(1000, abs=SAMPLE_M)
    assert circle.bounds[2] == pytest.approx(3000, abs=SAMPLE_M)


def test_a_street_without_declared_length_is_reached_as_a_whole(streets):
    network = streets.network([(0, 0), (100, 0), (900, 0)], [(0, 1), (1, 2)], length_m=[100.0, 1e-9])
    (circle,) = circles(network, [(0, 0)], 300.0).each
    assert circle.contains(shapely.LineString([(0, 0), (900, 0)]))


def test_the_merged_circle_holds_each_of_them_and_little_more(streets):
    places = [(x, y) for y in range(0, 2001, 250) for x in range(0, 2001, 250)]
    joins = [(i, i + 1) for i in range(81) if i % 9 < 8] + [(i, i + 9) for i in range(72)]
    network = streets.network(places, joins)
    found = circles(network, [(300, 250), (1500, 1250), (700, 250)], 600.0)
    union = shapely.union_all(found.each)
    assert union.difference(found.merged).area < 1e-6
    assert found.merged.difference(union).area < 0.02 * union.area
    assert shapely.is_valid(found.each).all()
    assert found.merged.is_valid


def test_towns_far_apart_have_their_own_parts(streets):
    network = streets.network([(0, 0), (500, 0), (90000, 0), (90500, 0)], [(0, 1), (2, 3)])
    found = circles(network, [(0, 0), (90000, 0)], 300.0)
    assert len(found.merged.geoms) == 2
    assert found.merged.area == pytest.approx(shapely.area(found.each).sum())


def test_the_point_of_a_building_decides_where_the_border_is_not_sure(streets):
    network = streets.network([(0, 0), (2000, 0)], [(0, 1)])
    plain = circles(network, [(1000, 0)], 300.0).merged
    border = np.array([(1250 + dx, 50 + dy) for dx in (-1, 0, 1) for dy in (-1, 0, 1)], dtype=float)
    homes = shapely.points(border)
    walk_m = border.sum(axis=1) - 1000
    found = circles_with(network, [(1000, 0)], 300.0, homes)
    for circle in (found.each[0], found.merged):
        assert (shapely.contains(circle, homes) == (walk_m <= 300.0)).all()
        assert circle.symmetric_difference(plain).area < 9 * np.pi * DOT_M**2


def test_where_two_buildings_stand_together_the_one_within_goes_first(streets):
    network = streets.network([(0, 0), (2000, 0)], [(0, 1)])
    inside, beyond = shapely.Point(1249.9, 50), shapely.Point(1250.1, 50)
    (circle,) = circles_with(network, [(1000, 0)], 300.0, [inside, beyond]).each
    assert circle.contains(inside)
    assert circle.is_valid


def test_a_facilitys_own_circle_holds_the_buildings_within_its_own_cut_off(streets):
    network = streets.network([(0, 0), (2000, 0)], [(0, 1)])
    homes = [shapely.Point(x, 150) for x in (100, 1000, 1900)]
    found = circles_with(network, [(200, 0), (1800, 0)], 300.0, homes)
    assert shapely.contains(found.each[0], homes).tolist() == [True, False, False]
    assert shapely.contains(found.each[1], homes).tolist() == [False, False, True]
    assert shapely.contains(found.merged, homes).tolist() == [True, False, True]


def test_a_building_that_no_street_is_near_is_in_no_circle(streets):
    network = streets.network([(0, 0), (2000, 0)], [(0, 1)])
    plain = circles(network, [(1000, 0)], 300.0).merged
    assert circles_with(network, [(1000, 0)], 300.0, [shapely.Point(1000, 600)]).merged.equals(plain)


def test_bands_are_the_circles_of_each_cut_off_and_lie_inside_each_other(streets):
    places = [(x, y) for y in range(0, 1001, 250) for x in range(0, 1001, 250)]
    joins = [(i, i + 1) for i in range(25) if i % 5 < 4] + [(i, i + 5) for i in range(20)]
    network = streets.network(places, joins)
    targets = snap(network, np.array([(300.0, 250.0), (700.0, 760.0)]), max_gap_m=500.0)
    homes = np.array([shapely.box(350, 100, 380, 120), shapely.box(620, 600, 650, 620)], dtype=object)
    stands = shapely.get_coordinates(shapely.point_on_surface(homes))
    premises = premises_of(network, homes, stands, snap(network, stands, max_gap_m=500.0))
    bands = band_circles(network, targets, [150.0, 300.0, 450.0], premises)
    for band, cutoff_m in zip(bands, (150.0, 300.0, 450.0), strict=True):
        alone = service_circles(network, targets, cutoff_m, premises)
        assert shapely.equals_exact(band.each, alone.each, tolerance=0.0).all()
        assert band.merged.equals_exact(alone.merged, tolerance=0.0)
    for inner, outer in pairwise(bands):
        assert shapely.area(shapely.difference(inner.each, outer.each)).max() < 1e-6


def test_downhill_a_circle_is_drawn_as_far_as_the_walk_leads(streets):
    # Towards the facility the street counts a tenth of its length, as far as 3000 m; away from it five times.
    nodes, edges = streets.frames([(0, 0), (4000, 0), (4000, 10)], [(0, 1), (1, 2)])
    network = streets.build(nodes, edges.assign(to_u_m=[20000.0, 10.0], to_v_m=[400.0, 10.0]))
    (circle,) = circles(network, [(4000, 10)], 310.0).each
    assert circle.bounds[0] == pytest.approx(1000, abs=SAMPLE_M)
    (circle,) = circles(network, [(3900, 0)], 310.0).each
    assert circle.bounds[0] == pytest.approx(800, abs=SAMPLE_M)


@pytest.mark.parametrize("zone_m", [0.0, 39_500_000.0])
def test_a_street_drawn_twice_has_the_circle_of_one(streets, zone_m):
    line = [(zone_m, 0.0), (zone_m + 310.0, 270.0), (zone_m + 1000.0, 130.0)]
    once = streets.network([line[0], line[-1]], [(0, 1)], lines={0: line})
    twice = streets.network([line[0], line[-1]], [(0, 1), (1, 0)], lines={0: line, 1: line[::-1]})
    one, other = (circles(network, [(zone_m + 420.0, 200.0)], 300.0).merged for network in (once, twice))
    assert other.symmetric_difference(one).area < 1e-3 * one.area
