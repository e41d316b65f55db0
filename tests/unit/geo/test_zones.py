import numpy as np
import pytest
import shapely

from gis_service.geo.zones import generalised

LARGE = shapely.box(0, 0, 100, 100)


def test_pieces_and_holes_smaller_than_a_pixel_go() -> None:
    pierced = LARGE.difference(shapely.box(10, 10, 15, 15)).difference(shapely.box(40, 40, 60, 60))
    zone = shapely.MultiPolygon([shapely.box(200, 0, 209, 9), pierced, shapely.box(300, 0, 325, 25)])
    drawn = generalised([zone], 10.0)[0]
    hole = shapely.box(40, 40, 60, 60)
    assert drawn.equals(shapely.MultiPolygon([LARGE.difference(hole), shapely.box(300, 0, 325, 25)]))


def test_every_piece_keeps_its_own_holes() -> None:
    near, far = (shapely.box(x, 0, x + 100, 100).difference(shapely.box(x + 30, 30, x + 70, 60)) for x in (0, 200))
    whole, dot = shapely.box(400, 0, 500, 100), shapely.box(150, 0, 155, 5)
    zones = [shapely.MultiPolygon([dot, near, far]), whole, shapely.MultiPolygon([whole, dot, near])]
    expected = [shapely.MultiPolygon([near, far]), whole, shapely.MultiPolygon([whole, near])]
    assert shapely.equals(generalised(zones, 10.0), expected).all()


def test_the_largest_piece_of_a_zone_stays_however_small() -> None:
    zones = [shapely.MultiPolygon([shapely.box(0, 0, 1, 1), shapely.box(5, 0, 7, 2)]), shapely.box(0, 0, 3, 3)]
    drawn = generalised(zones, 10.0)
    assert shapely.bounds(drawn).tolist() == [[5, 0, 7, 2], [0, 0, 3, 3]]


def test_outlines_move_by_the_tolerance_at_most() -> None:
    around = np.linspace(0.0, 2 * np.pi, 400, endpoint=False)
    wavy = shapely.Polygon(np.column_stack((np.cos(around), np.sin(around))) * (100 + np.sin(37 * around))[:, None])
    drawn = generalised([wavy], 4.0)[0]
    assert shapely.get_num_coordinates(drawn) < 40
    assert shapely.hausdorff_distance(drawn.boundary, wavy.boundary) <= 4.0 + 1e-9


def test_zones_keep_their_places_and_an_empty_one_stays_empty() -> None:
    empty = shapely.MultiPolygon()
    drawn = generalised([empty, LARGE, empty, shapely.Polygon(), shapely.box(0, 0, 50, 50)], 1.0)
    assert shapely.area(drawn).tolist() == [0, 10_000, 0, 0, 2_500]


@pytest.mark.parametrize("zones", [[], [shapely.MultiPolygon()]])
def test_nothing_drawn_with_less_detail_is_nothing(zones: list[shapely.MultiPolygon]) -> None:
    assert shapely.is_empty(generalised(zones, 1.0)).tolist() == [True] * len(zones)
