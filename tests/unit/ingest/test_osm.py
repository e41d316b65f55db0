from types import MappingProxyType

import numpy as np
import osmium
import pytest
import shapely
from osmium.osm.mutable import Node, Relation, Way

from gis_service.errors import InputError
from gis_service.ingest.dataset import FileSpec
from gis_service.ingest.osm import read_osm
from gis_service.ingest.osm_rules import AccessPolicy, crossing_of, cuts, structure_of, walkable
from gis_service.ingest.osm_topology import Street
from gis_service.ingest.street_frames import EDGE_COLUMNS
from gis_service.ingest.streets import read_streets
from gis_service.reach.network import build_network

WEST, SOUTH, STEP = 120.2, 27.3, 0.001
STREET = {"highway": "residential"}


@pytest.mark.parametrize(
    ("tags", "open_to_walkers"),
    [
        ({"highway": "footway"}, True),
        ({"highway": "steps"}, True),
        ({"highway": "residential"}, True),
        ({"highway": "primary"}, True),
        ({"highway": "pedestrian", "area": "yes"}, True),
        ({"highway": "corridor", "indoor": "yes"}, True),
        ({"highway": "footway", "tunnel": "yes"}, True),
        ({"highway": "footway", "bridge": "yes"}, True),
        ({"highway": "service", "service": "parking_aisle"}, True),
        ({"highway": "residential", "foot": "no"}, False),
        ({"highway": "residential", "foot": "use_sidepath"}, False),
        ({"highway": "residential", "access": "private"}, False),
        ({"highway": "residential", "access": "no"}, False),
        ({"highway": "residential", "access": "no", "foot": "yes"}, True),
        ({"highway": "service", "access": "private", "foot": "permissive"}, True),
        ({"highway": "service", "access": "private", "foot": "designated"}, True),
        ({"highway": "service", "access": "private", "foot": "customers"}, True),
        ({"highway": "residential", "access": "destination"}, True),
        ({"highway": "motorway"}, False),
        ({"highway": "motorway", "foot": "yes"}, True),
        ({"highway": "trunk"}, False),
        ({"highway": "trunk", "sidewalk": "both"}, True),
        ({"highway": "trunk", "sidewalk:left": "yes"}, True),
        ({"highway": "trunk", "sidewalk": "separate"}, False),
        ({"highway": "trunk", "sidewalk": "both", "motorroad": "yes"}, False),
        ({"highway": "trunk_link", "sidewalk": "right", "access": "no"}, False),
        ({"highway": "primary", "motorroad": "yes"}, False),
        ({"highway": "primary", "tunnel": "yes"}, False),
        ({"highway": "primary", "tunnel": "no"}, True),
        ({"highway": "primary", "tunnel": "yes", "sidewalk": "left"}, True),
        ({"highway": "bridleway"}, False),
        ({"highway": "busway", "foot": "yes"}, True),
        ({"highway": "construction", "foot": "yes"}, False),
        ({"highway": "proposed"}, False),
        ({"highway": "no_such_value"}, False),
        ({"route": "ferry", "foot": "yes"}, True),
        ({"route": "ferry"}, False),
        ({"route": "ferry", "foot": "no"}, False),
        ({"route": "hiking", "foot": "yes"}, False),
    ],
)
def test_the_rules_say_where_one_may_walk(tags, open_to_walkers):
    assert walkable(tags) is open_to_walkers


@pytest.mark.parametrize(
    ("tags", "cut"),
    [
        ({"barrier": "gate"}, False),
        ({"barrier": "lift_gate"}, False),
        ({"barrier": "bollard"}, False),
        ({"barrier": "gate", "access": "no"}, True),
        ({"barrier": "gate", "access": "private"}, True),
        ({"barrier": "gate", "access": "private", "foot": "yes"}, False),
        ({"barrier": "gate", "locked": "yes"}, True),
        ({"barrier": "gate", "locked": "yes", "foot": "permissive"}, False),
        ({"barrier": "kissing_gate", "foot": "no"}, True),
        ({"barrier": "wall"}, True),
        ({"barrier": "fence", "foot": "yes"}, False),
        ({"highway": "crossing", "access": "no"}, False),
    ],
)
def test_the_rules_say_which_barriers_cut_a_way(tags, cut):
    assert cuts(tags) is cut


@pytest.fixture
def extract(tmp_path):
    """Return a writer of extracts: nodes {id: (column, row) or (column, row, tags)}, ways {id: (refs, tags)}."""

    def write(nodes, ways, relations=()):
        path = tmp_path / "town.osm.pbf"
        with osmium.SimpleWriter(path, overwrite=True) as writer:
            for ref, (column, row, *tags) in sorted(nodes.items()):
                location = (WEST + column * STEP, SOUTH + row * STEP)
                writer.add_node(Node(id=ref, version=1, location=location, tags=tags[0] if tags else {}))
            for way, (refs, tags) in sorted(ways.items()):
                writer.add_way(Way(id=way, version=1, nodes=refs, tags=tags))
            for relation, (members, tags) in enumerate(relations, start=1):
                writer.add_relation(Relation(id=relation, version=1, members=members, tags=tags))
        return path

    return write


def shapes(path):
    """Return the edges of an extract as the cells of their points, and the number of nodes."""
    network = read_osm(path).network
    edges = [
        [tuple(int(i) for i in np.round((point - [WEST, SOUTH]) / STEP)) for point in shapely.get_coordinates(line)]
        for line in network.geometry
    ]
    return edges, len(network.node_lonlat)


CROSS = {1: (0, 1), 2: (1, 1), 3: (2, 1), 4: (1, 0), 5: (1, 2)}


def test_ways_meet_at_the_nodes_they_share(extract):
    edges, nodes = shapes(extract(CROSS, {10: ([1, 2, 3], STREET), 11: ([4, 2, 5], STREET)}))
    assert sorted(edges) == [[(0, 1), (1, 1)], [(1, 0), (1, 1)], [(1, 1), (1, 2)], [(1, 1), (2, 1)]]
    assert nodes == 5


def test_ways_that_cross_without_a_common_node_stay_apart(extract):
    edges, nodes = shapes(extract(CROSS, {10: ([1, 3], STREET), 11: ([4, 5], STREET | {"bridge": "yes"})}))
    assert sorted(edges) == [[(0, 1), (2, 1)], [(1, 0), (1, 2)]]
    assert nodes == 4


def test_a_street_drawn_in_several_ways_is_one_edge_with_all_its_points(extract):
    nodes = {1: (0, 0), 2: (1, 1), 3: (2, 0), 4: (3, 1), 5: (4, 0)}
    ways = {10: ([1, 2, 3], STREET), 11: ([5, 4, 3], STREET)}
    edges, count = shapes(extract(nodes, ways))
    assert edges == [[(0, 0), (1, 1), (2, 0), (3, 1), (4, 0)]]
    assert count == 2


def test_streets_of_different_names_are_different_edges(extract):
    nodes = {1: (0, 0), 2: (1, 0), 3: (2, 0)}
    path = extract(nodes, {10: ([1, 2], STREET | {"name": "东街"}), 11: ([2, 3], STREET)})
    network = read_osm(path).network
    assert network.street == [Street("residential", "东街"), Street("residential", None)]
    assert (network.u.tolist(), network.v.tolist()) == ([0, 1], [1, 2])


def test_a_closed_way_on_its_own_stays_a_loop(extract):
    edges, nodes = shapes(extract({1: (0, 0), 2: (1, 0), 3: (1, 1)}, {10: ([1, 2, 3, 1], STREET)}))
    assert edges == [[(0, 0), (1, 0), (1, 1), (0, 0)]]
    assert nodes == 1


def test_a_ring_of_several_ways_that_meets_nothing_becomes_one_loop(extract):
    edges, nodes = shapes(extract({1: (0, 0), 2: (1, 0), 3: (1, 1)}, {10: ([1, 2, 3], STREET), 11: ([3, 1], STREET)}))
    assert edges == [[(0, 0), (1, 0), (1, 1), (0, 0)]]
    assert nodes == 1


def test_a_way_that_returns_to_its_own_node_is_split_there(extract):
    nodes = {1: (0, 0), 2: (1, 0), 3: (2, 1), 4: (2, -1)}
    edges, count = shapes(extract(nodes, {10: ([1, 2, 3, 4, 2], STREET)}))
    assert sorted(edges) == [[(0, 0), (1, 0)], [(1, 0), (2, 1), (2, -1), (1, 0)]]
    assert count == 2


def test_a_closed_gate_cuts_the_street_and_an_open_one_does_not(extract):
    ways = {10: ([1, 2, 3], STREET)}
    closed = {1: (0, 0), 2: (1, 0, {"barrier": "gate", "access": "private"}), 3: (2, 0)}
    path = extract(closed, ways)
    assert read_osm(path).cut_nodes == 1
    edges, nodes = shapes(path)
    assert sorted(edges) == [[(0, 0), (1, 0)], [(1, 0), (2, 0)]]
    assert nodes == 4
    opened = closed | {2: (1, 0, {"barrier": "gate"})}
    assert shapes(extract(opened, ways)) == ([[(0, 0), (1, 0), (2, 0)]], 2)


def test_at_a_closed_gate_on_a_crossing_nobody_turns(extract):
    nodes = CROSS | {2: (1, 1, {"barrier": "gate", "locked": "yes"})}
    edges, count = shapes(extract(nodes, {10: ([1, 2, 3], STREET), 11: ([4, 2, 5], STREET)}))
    assert len(edges) == 4
    assert count == 8


def test_a_gate_that_lies_on_no_walkable_way_is_not_counted(extract):
    nodes = {1: (0, 0), 2: (1, 0), 3: (2, 0, {"barrier": "wall"})}
    streets = read_osm(extract(nodes, {10: ([1, 2], STREET), 11: ([2, 3], {"highway": "motorway"})}))
    assert streets.cut_nodes == 0
    assert len(streets.network.geometry) == 1


def test_a_clipped_way_ends_where_its_nodes_are_missing(extract):
    path = extract({1: (0, 0), 2: (1, 0), 4: (3, 0), 5: (4, 0)}, {10: ([1, 2, 3, 4, 5], STREET), 11: ([3, 5], STREET)})
    assert read_osm(path).missing_nodes == 2
    assert sorted(shapes(path)[0]) == [[(0, 0), (1, 0)], [(3, 0), (4, 0)]]


def test_a_repeated_node_leaves_no_edge_without_length(extract):
    assert shapes(extract({1: (0, 0), 2: (1, 0)}, {10: ([1, 1, 2, 2], STREET)}))[0] == [[(0, 0), (1, 0)]]


def test_the_outlines_of_a_square_drawn_as_a_multipolygon_are_walkable(extract):
    nodes = {1: (0, 0), 2: (2, 0), 3: (2, 2), 4: (0, 2), 5: (-1, 0)}
    ways = {10: ([1, 2, 3, 4, 1], {}), 11: ([5, 1], STREET)}
    square = ([("w", 10, "outer")], {"type": "multipolygon", "highway": "pedestrian", "name": "广场"})
    network = read_osm(extract(nodes, ways, [square])).network
    assert sorted(street.kind for street in network.street) == ["pedestrian", "residential"]
    assert Street("pedestrian", "广场") in network.street
    other = ([("w", 10, "outer")], {"type": "multipolygon", "highway": "proposed"})
    assert len(read_osm(extract(nodes, ways, [other])).network.geometry) == 1


def test_a_ferry_that_takes_people_on_foot_is_an_edge(extract):
    ways = {10: ([1, 2], STREET), 11: ([2, 3], {"route": "ferry", "foot": "yes"})}
    streets = read_osm(extract({1: (0, 0), 2: (1, 0), 3: (9, 0)}, ways))
    assert sorted(street.kind for street in streets.network.street) == ["ferry", "residential"]
    assert streets.ferries == 1


def spec_of(path, **changes):
    values = {"crs": None, "datum": None, "encoding": None, "columns": MappingProxyType({})} | changes
    return FileSpec(kind="streets", path=path, label=path.name, **values)


def test_an_extract_becomes_the_frames_of_the_contract(extract):
    path = extract(CROSS, {10: ([1, 2, 3], STREET), 11: ([4, 2, 5], STREET | {"name": "南街"})})
    nodes, edges, notes = read_streets(spec_of(path), "EPSG:4549")
    assert notes == ()
    assert nodes["node"].tolist() == [0, 1, 2, 3, 4]
    assert edges.columns.tolist() == [*EDGE_COLUMNS, "geometry"]
    assert edges.crs == "EPSG:4549"
    at = shapely.get_coordinates(nodes.geometry.to_numpy())
    np.testing.assert_array_equal(
        at[edges["u"]], shapely.get_coordinates(shapely.get_point(edges.geometry.to_numpy(), 0))
    )
    np.testing.assert_array_equal(
        at[edges["v"]], shapely.get_coordinates(shapely.get_point(edges.geometry.to_numpy(), -1))
    )
    # 0.001 degrees are 110.8 m of meridian and 99.0 m of parallel at 27.3 degrees north.
    assert sorted(edges["length_m"].round(1)) == pytest.approx([99.0, 99.0, 110.8, 110.8], abs=0.15)


def test_cuts_and_missing_nodes_are_told(extract):
    nodes = {1: (0, 0), 2: (1, 0, {"barrier": "gate", "access": "no"}), 3: (2, 0)}
    path = extract(nodes, {10: ([1, 2, 3], STREET), 11: ([3, 7], STREET)})
    notes = read_streets(spec_of(path), "EPSG:4549")[2]
    assert [note.severity for note in notes] == ["notice", "notice"]
    assert "1 closed gates" in notes[0].en
    assert "1 nodes" in notes[1].en


def test_an_extract_without_streets_is_refused(extract):
    path = extract({1: (0, 0), 2: (1, 0)}, {10: ([1, 2], {"highway": "motorway"})})
    with pytest.raises(InputError, match="没有可步行的道路"):
        read_streets(spec_of(path), "EPSG:4549")


def test_a_damaged_extract_is_refused(tmp_path):
    path = tmp_path / "town.osm.pbf"
    path.write_bytes(b"no protocol buffer")
    with pytest.raises(InputError, match=r"town\.osm\.pbf：文件无法读取"):
        read_streets(spec_of(path), "EPSG:4549")


@pytest.mark.parametrize("declared", [{"datum": "gcj02"}, {"crs": "EPSG:4549"}])
def test_an_extract_is_always_in_wgs84(extract, declared):
    path = extract({1: (0, 0), 2: (1, 0)}, {10: ([1, 2], STREET)})
    with pytest.raises(InputError, match="WGS 84"):
        read_streets(spec_of(path, **declared), "EPSG:4549")


@pytest.mark.cases
def test_a_whole_country_has_one_network_that_holds_nearly_all_of_it(cases_dir):
    path = cases_dir.parent / "osm" / "liechtenstein.osm.pbf"
    nodes, edges, _ = read_streets(spec_of(path), "EPSG:32632")
    network = build_network(nodes, edges, min_component_m=2000.0)
    assert network.component_length_m.sum() > 1_000_000
    assert network.component_length_m[0] > 0.95 * network.component_length_m.sum()


OPEN, PRIVATE_OPEN, CLOSED = AccessPolicy(gates="open"), AccessPolicy(private="open"), AccessPolicy(gates="closed")


@pytest.mark.parametrize(
    ("tags", "policy", "cut"),
    [
        ({"barrier": "gate", "access": "private"}, OPEN, False),
        ({"barrier": "gate", "locked": "yes"}, OPEN, False),
        ({"barrier": "wall"}, OPEN, True),
        ({"barrier": "gate"}, CLOSED, True),
        ({"barrier": "lift_gate"}, CLOSED, True),
        ({"barrier": "gate", "foot": "yes"}, CLOSED, False),
        ({"barrier": "bollard"}, CLOSED, False),
        ({"barrier": "gate", "access": "private"}, PRIVATE_OPEN, False),
        ({"barrier": "gate", "access": "no"}, PRIVATE_OPEN, True),
        ({"barrier": "gate", "locked": "yes"}, PRIVATE_OPEN, True),
    ],
)
def test_a_dataset_may_decide_for_all_gates(tags, policy, cut):
    assert cuts(tags, policy) is cut


@pytest.mark.parametrize("value", ["private", "residents", "permit"])
def test_ways_of_residents_are_closed_unless_the_dataset_opens_them(value):
    for tags in ({"highway": "service", "access": value}, {"highway": "footway", "foot": value}):
        assert not walkable(tags)
        assert walkable(tags, PRIVATE_OPEN)


@pytest.mark.parametrize("value", ["no", "military", "forestry", "agricultural", "delivery"])
def test_forbidden_ways_stay_closed_when_private_ones_are_opened(value):
    assert not walkable({"highway": "service", "access": value}, PRIVATE_OPEN)


@pytest.mark.parametrize("value", ["destination", "customers"])
def test_visitors_on_foot_may_enter_what_is_closed_to_others(value):
    for access in ("no", "private"):
        assert walkable({"highway": "footway", "access": access, "foot": value})
        assert not cuts({"barrier": "gate", "access": access, "foot": value})
    for highway in ("motorway", "bridleway"):
        assert not walkable({"highway": highway, "foot": value})
    assert cuts({"barrier": "wall", "foot": value})


@pytest.mark.parametrize("value", ["destination", "customers", "yes"])
def test_whoever_walks_to_an_address_may_use_ways_for_those_who_go_there(value):
    assert walkable({"highway": "service", "access": value})


@pytest.mark.parametrize(
    ("tags", "crossing"),
    [
        ({"highway": "crossing"}, "crossing"),
        ({"highway": "crossing", "crossing": "uncontrolled"}, "crossing"),
        ({"highway": "crossing", "crossing": "traffic_signals"}, "signals"),
        ({"highway": "crossing", "crossing:signals": "yes"}, "signals"),
        ({"highway": "traffic_signals"}, "signals"),
        ({"highway": "footway", "footway": "crossing"}, "crossing"),
        ({"highway": "path", "path": "crossing", "crossing": "traffic_signals"}, "signals"),
        ({"highway": "crossing", "crossing": "no"}, None),
        ({"highway": "footway"}, None),
        ({"crossing": "traffic_signals"}, None),
    ],
)
def test_the_rules_say_what_is_a_crossing(tags, crossing):
    assert crossing_of(tags) == crossing


@pytest.mark.parametrize(
    ("tags", "structure"),
    [
        ({"highway": "footway", "bridge": "yes"}, "bridge"),
        ({"highway": "footway", "bridge": "no"}, None),
        ({"highway": "footway", "tunnel": "yes"}, "tunnel"),
        ({"highway": "footway", "tunnel": "building_passage"}, "covered"),
        ({"highway": "footway", "covered": "yes"}, "covered"),
        ({"highway": "footway", "indoor": "yes"}, "indoor"),
        ({"highway": "corridor"}, "indoor"),
        ({"highway": "footway"}, None),
    ],
)
def test_the_rules_say_what_carries_or_covers_a_way(tags, structure):
    assert structure_of(tags) == structure


FOOTWAY = {"highway": "footway"}
ZEBRA = {"highway": "crossing"}
SIGNALS = {"highway": "crossing", "crossing": "traffic_signals"}


def marked(path):
    """Return kind, crossings and signals of every edge of an extract."""
    network = read_osm(path).network
    kinds = [street.kind for street in network.street]
    return sorted(zip(kinds, network.crossings.tolist(), network.signals.tolist(), strict=True))


def test_a_crossing_counts_for_those_who_cross_and_not_for_those_who_walk_along_the_street(extract):
    nodes = {1: (0, 1), 2: (1, 1, ZEBRA), 3: (2, 1), 4: (1, 0), 5: (1, 2)}
    path = extract(nodes, {10: ([1, 2, 3], STREET), 11: ([4, 2, 5], FOOTWAY)})
    # Half of the crossing belongs to either half of the footway, so that who walks over it all meets one.
    assert marked(path) == [("footway", 0.5, 0.0)] * 2 + [("residential", 0.0, 0.0)] * 2


def test_crossings_inside_an_edge_count_whole_and_signals_apart(extract):
    nodes = {1: (0, 0), 2: (1, 0, ZEBRA), 3: (2, 0, SIGNALS), 4: (3, 0, SIGNALS), 5: (4, 0)}
    assert marked(extract(nodes, {10: ([1, 2, 3, 4, 5], FOOTWAY)})) == [("footway", 1.0, 2.0)]


def test_edges_of_several_ways_add_up_their_crossings(extract):
    nodes = {1: (0, 0), 2: (1, 0, ZEBRA), 3: (2, 0, SIGNALS), 4: (3, 0)}
    ways = {10: ([1, 2], FOOTWAY), 11: ([4, 3, 2], FOOTWAY)}
    assert marked(extract(nodes, ways)) == [("footway", 1.0, 1.0)]


def test_traffic_lights_stop_people_on_the_carriageway_too(extract):
    nodes = {1: (0, 0), 2: (1, 0, {"highway": "traffic_signals"}), 3: (2, 0)}
    assert marked(extract(nodes, {10: ([1, 2, 3], STREET)})) == [("residential", 0.0, 1.0)]


def test_a_way_drawn_as_a_crossing_is_one_with_or_without_a_node_that_says_so(extract):
    crossing = FOOTWAY | {"footway": "crossing", "crossing": "traffic_signals"}
    bare = {1: (0, 0), 2: (1, 0), 3: (2, 0)}
    assert marked(extract(bare, {10: ([1, 2, 3], crossing)})) == [("footway", 0.0, 1.0)]
    assert marked(extract(bare, {10: ([1, 2], crossing)})) == [("footway", 0.0, 1.0)]
    assert marked(extract(bare | {2: (1, 0, SIGNALS)}, {10: ([1, 2, 3], crossing)})) == [("footway", 0.0, 1.0)]


def test_a_bridge_is_an_edge_of_its_own(extract):
    nodes = {1: (0, 0), 2: (1, 0), 3: (2, 0), 4: (3, 0)}
    ways = {10: ([1, 2], STREET), 11: ([2, 3], STREET | {"bridge": "yes"}), 12: ([3, 4], STREET)}
    network = read_osm(extract(nodes, ways)).network
    assert [street.structure for street in network.street] == [None, "bridge", None]


def test_gates_that_stay_open_and_ways_open_at_certain_hours_are_counted(extract):
    nodes = {1: (0, 0), 2: (1, 0, {"barrier": "gate"}), 3: (2, 0, {"barrier": "gate", "access": "private"}), 4: (3, 0)}
    path = extract(nodes, {10: ([1, 2, 3, 4], STREET | {"access:conditional": "no @ (22:00-06:00)"})})
    streets = read_osm(path)
    assert (streets.open_gates, streets.cut_nodes, streets.timed_ways) == (1, 1, 1)
    closed = read_osm(path, CLOSED)
    assert (closed.open_gates, closed.cut_nodes) == (0, 2)
    notes = read_streets(spec_of(path), "EPSG:4549")[2]
    assert [note.en.split(" ", 1)[0] for note in notes] == ["1", "1", "1"]
