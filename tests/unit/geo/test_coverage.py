"""Coverages: shared borders, dissolving, pieces.

Cases: squares of a chess board, neighbours that touch in a corner only, vertices that one neighbour lacks, holes,
several parts, overlaps and gaps.
"""

import numpy as np
import pytest
import shapely

from gis_service.errors import CoverageError
from gis_service.geo.coverage import dissolve, group_sums, pieces, shared_edges, simplified


def box(x, y, width=1, height=1):
    return shapely.box(x, y, x + width, y + height)


def pairs(edges):
    return list(zip(edges.left.tolist(), edges.right.tolist(), edges.length_m.tolist(), strict=True))


def test_squares_side_by_side_share_an_edge_and_diagonal_ones_do_not():
    board = [box(0, 0), box(1, 0), box(0, 1), box(1, 1)]
    assert pairs(shared_edges(board)) == [(0, 1, 1.0), (0, 2, 1.0), (1, 3, 1.0), (2, 3, 1.0)]


def test_a_border_of_several_segments_counts_once_with_its_whole_length():
    left = shapely.Polygon([(0, 0), (3, 0), (4, 4), (3, 8), (0, 8)])
    right = shapely.Polygon([(3, 0), (8, 0), (8, 8), (3, 8), (4, 4)])
    edges = shared_edges([left, right])
    assert pairs(edges) == [(0, 1, pytest.approx(2 * np.sqrt(17)))]
    assert edges.pair.tolist() == [0, 0]
    assert edges.segments.lengths_m() == pytest.approx([np.sqrt(17)] * 2)
    assert shapely.get_coordinates(edges.segments.midpoints()).tolist() == [[3.5, 2.0], [3.5, 6.0]]


def test_a_vertex_that_only_one_neighbour_has_hides_the_border():
    wide = box(0, 0, 2, 1)
    assert pairs(shared_edges([wide, box(0, 1), box(1, 1)])) == [(1, 2, 1.0)]
    noded = shapely.Polygon([(0, 0), (2, 0), (2, 1), (1, 1), (0, 1)])
    assert pairs(shared_edges([noded, box(0, 1), box(1, 1)])) == [(0, 1, 1.0), (0, 2, 1.0), (1, 2, 1.0)]


def test_an_island_in_a_hole_shares_the_whole_ring():
    island = box(4, 4, 2, 2)
    assert pairs(shared_edges([box(0, 0, 10, 10) - island, island])) == [(0, 1, 8.0)]


def test_parts_of_a_multipolygon_are_one_neighbour():
    both = shapely.MultiPolygon([box(0, 0), box(2, 0)])
    assert pairs(shared_edges([both, box(1, 0)])) == [(0, 1, 2.0)]


def test_polygons_without_neighbours_and_no_polygons_at_all_share_nothing():
    assert pairs(shared_edges([box(0, 0), box(5, 5)])) == []
    assert pairs(shared_edges([])) == []


def test_values_of_segments_are_summed_per_pair():
    edges = shared_edges([box(0, 0), box(1, 0), box(2, 0)])
    assert edges.sums(np.array([2.0, 5.0])).tolist() == [2.0, 5.0]


@pytest.mark.parametrize(
    "overlapping",
    [
        [box(0, 0), box(1, 0), box(1, 0)],
        [box(0, 0), box(0, 0)],
        [box(0, 0), shapely.Polygon([(0, 0), (1, 0), (0.5, 0.5)]).reverse()],
    ],
)
def test_polygons_on_the_same_side_of_a_segment_are_refused(overlapping):
    with pytest.raises(CoverageError) as refused:
        shared_edges(overlapping)
    assert "重叠" in refused.value.text.zh


def test_the_direction_of_rings_does_not_matter():
    board = [box(0, 0), box(1, 0).reverse()]
    assert pairs(shared_edges(board)) == [(0, 1, 1.0)]


def test_dissolving_drops_inner_borders_and_keeps_the_coverage_valid():
    board = [box(x, y) for x in range(3) for y in range(3)]
    labels = np.array([0, 0, 0, 1, 1, 0, 1, 1, 0])
    united = dissolve(board, labels)
    assert shapely.area(united).tolist() == [5.0, 4.0]
    assert shapely.get_num_interior_rings(united).tolist() == [0, 0]
    assert shapely.coverage_is_valid(united)
    assert shapely.equals(united[1], box(1, 0, 2, 2))


def test_dissolving_keeps_apart_what_is_apart_and_leaves_out_negative_labels():
    united = dissolve([box(0, 0), box(2, 0), box(4, 0)], np.array([2, 2, -1]))
    assert [geometry.geom_type for geometry in united] == ["Polygon", "Polygon", "MultiPolygon"]
    assert shapely.is_empty(united).tolist() == [True, True, False]


def test_pieces_come_largest_first_then_from_north_to_south_and_west_to_east():
    small, north, west, east = box(50, 0), box(0, 20, 2, 2), box(0, 10, 2, 2), box(5, 10, 2, 2)
    found = pieces(shapely.MultiPolygon([small, east, west, north]))
    assert shapely.equals(found, np.array([north, west, east, small])).all()


def test_pieces_of_a_collection_are_its_polygons_only():
    mixed = shapely.GeometryCollection(
        [shapely.Point(0, 0), shapely.LineString([(0, 0), (1, 1)]), shapely.MultiPolygon([box(0, 0), box(3, 0)])]
    )
    assert len(pieces(mixed)) == 2
    assert len(pieces(shapely.Polygon())) == 0


def test_a_group_without_values_sums_to_nothing():
    assert group_sums(np.array([0, 2, 2]), np.array([1.0, 2.0, 3.0]), 4).tolist() == [1.0, 0.0, 5.0, 0.0]


def jagged(x0, x1, y, step=1.0, depth=0.1):
    """Points from one place to the other that go up and down a little on their way."""
    xs = np.arange(x0, x1 + step / 2, step)
    return [(x, y + (depth if index % 2 else 0.0)) for index, x in enumerate(xs)]


def test_neighbours_keep_one_border_when_vertices_are_dropped():
    border = jagged(0, 10, 5)
    below = shapely.Polygon([(0, 0), (10, 0), *reversed(border)])
    above = shapely.Polygon([*border, (10, 10), (0, 10)])
    fewer = simplified([below, above], 1.0)
    assert shapely.coverage_is_valid(fewer)
    assert shapely.get_num_coordinates(fewer).tolist() == [5, 5]


def test_a_vertex_that_one_side_lacks_opens_no_gap_between_them():
    """Two grids of one community meet at (5, 5); the community east of them has no vertex there."""
    south = shapely.Polygon([(0, 0), (5, 0), (5, 5), (0, 5)])
    north = shapely.Polygon([(0, 5), (5, 5), (5, 6), (5.2, 7), (5, 10), (0, 10)])
    east = shapely.Polygon([(5, 0), (10, 0), (10, 10), (5, 10), (5.2, 7), (5, 6)])
    assert not shapely.coverage_is_valid([south, north, east])
    fewer = simplified([south, north, east], 2.0)
    assert shapely.coverage_is_valid(fewer)
    assert shapely.area(fewer).tolist() == pytest.approx([25.0, 25.0, 50.0])


def test_outlines_that_nobody_shares_lose_vertices_too():
    alone = shapely.Polygon([*jagged(0, 10, 0), (10, 10), (0, 10)])
    assert shapely.get_num_coordinates(simplified([alone], 1.0)).tolist() == [5]


def test_land_given_twice_hides_nobody():
    same = simplified([box(0, 0), box(0, 0), box(1, 0)], 0.1)
    assert not shapely.is_empty(same).any()


def test_nothing_simplified_is_nothing():
    assert simplified([], 1.0).tolist() == []
