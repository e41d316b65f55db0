import numpy as np
import osmium
import pytest
import shapely
from osmium.osm.mutable import Node, Relation, Way

from gis_service.ingest.osm import read_osm
from gis_service.ingest.osm_squares import MOST_CORNERS, sight_lines
from gis_service.ingest.osm_topology import Street

SQUARE = {"highway": "pedestrian", "area": "yes", "name": "广场"}
STREET = {"highway": "residential"}


@pytest.fixture
def across(tmp_path):
    """Return a reader of extracts: nodes {id: (x, y)} in steps of 0.001°, ways, relations; gives lines across."""

    def read(nodes, ways, relations=()):
        path = tmp_path / "town.osm.pbf"
        with osmium.SimpleWriter(path, overwrite=True) as writer:
            for ref, (x, y, *tags) in sorted(nodes.items()):
                location = (120.2 + 0.001 * x, 0.001 * y)
                writer.add_node(Node(id=ref, version=1, location=location, tags=tags[0] if tags else {}))
            for way, (refs, tags) in sorted(ways.items()):
                writer.add_way(Way(id=way, version=1, nodes=refs, tags=tags))
            for relation, (members, tags) in enumerate(relations, start=1):
                writer.add_relation(Relation(id=relation, version=1, members=members, tags=tags))
        streets = read_osm(path)
        lines = [
            tuple((round((x - 120.2) * 1000), round(y * 1000)) for x, y in line.coords)
            for line, street in zip(streets.network.geometry, streets.network.street, strict=True)
            if street == Street("pedestrian", "广场", None, "square")
        ]
        return sorted(tuple(sorted(line)) for line in lines), streets

    return read


# A square of 4 × 4 with an entrance at each end of a diagonal and one in the middle of a side.
CORNERS = {1: (0, 0), 2: (4, 0), 3: (4, 4), 4: (0, 4), 5: (2, 0)}
OUTSIDE = {11: (-1, -1), 13: (5, 5), 15: (2, -1)}
RING = [1, 5, 2, 3, 4, 1]
STREETS = {20: ([11, 1], STREET), 21: ([13, 3], STREET), 22: ([15, 5], STREET)}


def test_people_walk_straight_between_the_entrances_of_a_square(across):
    lines, _ = across(CORNERS | OUTSIDE, {10: (RING, SQUARE), **STREETS})
    # From 1 to 5 they walk along the side, which is an edge already.
    assert lines == [((0, 0), (4, 4)), ((2, 0), (4, 4))]


def test_a_closed_way_that_is_no_area_is_walked_around(across):
    lines, _ = across(CORNERS | OUTSIDE, {10: (RING, {"highway": "pedestrian", "name": "广场"}), **STREETS})
    assert lines == []


def test_a_square_without_two_entrances_needs_no_way_across(across):
    assert across(CORNERS | OUTSIDE, {10: (RING, SQUARE), 20: STREETS[20]})[0] == []


def test_a_closed_gate_is_no_entrance(across):
    nodes = CORNERS | OUTSIDE | {3: (4, 4, {"barrier": "gate", "locked": "yes"})}
    assert across(nodes, {10: (RING, SQUARE), **STREETS})[0] == []


def test_a_multipolygon_is_crossed_round_its_holes(across):
    hole = {6: (1, 1), 7: (3, 1), 8: (3, 2), 9: (1, 2)}
    members = [("w", 10, "outer"), ("w", 12, "inner")]
    square = (members, {"type": "multipolygon", "highway": "pedestrian", "name": "广场"})
    ways = {10: (RING, {}), 12: ([6, 7, 8, 9, 6], {}), 20: STREETS[20], 21: STREETS[21]}
    lines, streets = across(CORNERS | OUTSIDE | hole, ways, [square])
    # 5.8 steps round the corner at (1, 2); 6.3 round the one at (3, 1).
    assert lines == [((0, 0), (1, 2)), ((1, 2), (4, 4))]
    assert streets.large_squares == 0


def test_an_inward_corner_is_walked_round(across):
    # An L: from the end of one arm to the end of the other, round the corner at (1, 1).
    nodes = {1: (0, 0), 2: (4, 0), 3: (4, 1), 4: (1, 1), 5: (1, 4), 6: (0, 4), 11: (5, 0), 12: (0, 5)}
    ways = {10: ([1, 2, 3, 4, 5, 6, 1], SQUARE), 20: ([11, 2], STREET), 21: ([12, 6], STREET)}
    assert across(nodes, ways)[0] == [((0, 4), (1, 1)), ((1, 1), (4, 0))]


def test_a_square_of_too_many_corners_is_walked_around_and_told(across):
    count = MOST_CORNERS + 1
    angle = np.linspace(0, 2 * np.pi, count, endpoint=False)
    ring = {i + 1: (10 * np.cos(a), 10 * np.sin(a)) for i, a in enumerate(angle)}
    outside = {1000 + i + 1: (12 * np.cos(a), 12 * np.sin(a)) for i, a in enumerate(angle)}
    ways = {10: ([*ring, 1], SQUARE)} | {1000 + i: ([1000 + i, i], STREET) for i in ring}
    lines, streets = across(ring | outside, ways)
    assert lines == []
    assert streets.large_squares == 1


def test_lines_of_sight_never_leave_the_square():
    star = np.array([[np.cos(a), np.sin(a)] for a in np.linspace(0, 2 * np.pi, 12, endpoint=False)])
    star *= np.tile([10.0, 4.0], 6)[:, None]
    shape = shapely.Polygon(star)
    tips = np.tile([True, False], 6)
    lines = [shapely.LineString(star[[i, j]]) for i, j in sight_lines(shape, star, tips)]
    assert lines
    assert all(shape.buffer(0.02).covers(line) for line in lines)
