"""What changes, counted by hand and against two checks from scratch."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import LineString, Point, box

from gis_service.errors import InputError
from gis_service.reach.check import ReachRules, check_reach
from gis_service.reach.comparison import Edits, compare, difference, standing_of
from gis_service.reach.costs import walking_network
from gis_service.reach.imagined_paths import join, with_imagined

CRS = "EPSG:4549"
NOTHING = Edits((), (), np.empty((0, 2)), ())
REGIONS = gpd.GeoDataFrame(
    {"code": ["a"], "name": ["甲社区"], "level": ["community"], "parent_code": pd.Series([None], dtype=object)},
    geometry=[box(-1000, -1000, 6000, 6000)],
    crs=CRS,
)
RULES = ReachRules()


@pytest.fixture
def town(streets):
    """Return two streets of 4 km, 1,000 m apart and joined at their west ends."""
    nodes, edges = streets.frames([(0, 0), (4000, 0), (0, 1000), (4000, 1000)], [(0, 1), (0, 2), (2, 3)])
    return nodes, edges.assign(name=["南街", None, "北街"], kind="residential", origin="streets")


def homes(*rows):
    """Return buildings (x, y, households, residents)."""
    return gpd.GeoDataFrame(
        {
            "id": [f"b{i}" for i in range(len(rows))],
            "households": np.array([row[2] for row in rows], np.int64),
            "residents": pd.array([row[3] for row in rows], dtype="Int64"),
            "elderly": pd.array([row[2] for row in rows], dtype="Int64"),
            "community_code": pd.Series(["a"] * len(rows), dtype=object),
        },
        geometry=[Point(row[:2]) for row in rows],
        crs=CRS,
    )


HOMES = homes((500, 0, 5, 15), (2000, 0, 7, 21), (2050, 0, 1, 3), (3900, 1000, 11, None), (300, 1000, 2, 6))


def stations(**places):
    return gpd.GeoDataFrame(
        {"id": list(places), "kind": "red_station"}, geometry=[Point(place) for place in places.values()], crs=CRS
    )


def compared(town, facilities, edits, buildings=HOMES):
    nodes, edges = town
    network = walking_network(nodes, edges, RULES)
    return compare(network, buildings, facilities, edits, RULES, edges=edges, regions=REGIONS)


def paths_of(town, *lines):
    return join(walking_network(*town, RULES), np.array([LineString(line) for line in lines], dtype=object))


def test_a_new_facility_tells_who_is_newly_covered_and_which_gap_it_mends(town):
    found = compared(town, stations(s0=(0, 0)), Edits((), (), np.array([[2500.0, 0.0]]), ()))
    rows = found.coverage.set_index("measure")
    assert rows.loc["households"].tolist() == [26, 5, 13]
    assert rows.loc["buildings"].tolist() == [5, 1, 3]
    assert rows.loc["elderly"].tolist() == [26, 5, 13]
    assert rows.loc["residents", ["before", "after"]].tolist() == [15, 39]
    assert rows.loc["residents", "total"] is pd.NA
    assert rows.loc["children"].isna().all()
    assert (found.gained, found.lost) == (("b1", "b2"), ())
    assert (found.households_nearer, found.households_farther) == (8, 0)
    assert found.gaps.to_dict("records") == [
        {"rank": 2, "name": "甲社区 · 南街", "households": 8, "households_covered": 8}
    ]


def test_a_closed_and_a_moved_facility_lose_and_gain(town):
    closed = compared(town, stations(s0=(0, 0), s1=(2000, 0)), Edits(("s1",), (), np.empty((0, 2)), ()))
    assert (closed.gained, closed.lost) == ((), ("b1", "b2"))
    assert closed.households_farther == 8
    assert len(closed.gaps) == 0
    assert closed.gaps_worsened.to_dict("records") == [
        {"rank": 2, "name": "甲社区 · 南街", "households": 8, "households_lost": 8}
    ]
    assert closed.as_dict()["gaps_worsened"] == closed.gaps_worsened.to_dict("records")
    moved = compared(town, stations(s0=(0, 0)), Edits((), (("s0", (3900.0, 1000.0)),), np.empty((0, 2)), ()))
    assert (moved.gained, moved.lost) == (("b3",), ("b0",))


def test_a_gap_that_grows_tells_how_many_of_its_people_are_new_in_it(town):
    more = homes((500, 0, 5, 15), (2000, 0, 7, 21), (2050, 0, 1, 3), (2850, 0, 4, 8), (2950, 0, 9, 9))
    closed = compared(town, stations(s0=(2000, 0), s1=(0, 0)), Edits(("s0",), (), np.empty((0, 2)), ()), more)
    lost = closed.gaps_worsened.set_index("rank")
    assert lost["households_lost"].sum() == 7 + 1 + 4
    assert (lost["households"] - lost["households_lost"]).sum() == 9


def test_nothing_imagined_changes_nothing(town):
    found = compared(town, stations(s0=(0, 0)), NOTHING)
    assert found.coverage["before"].equals(found.coverage["after"])
    assert found.gained == found.lost == ()
    assert len(found.gaps) == 0
    assert found.as_dict()["gaps_mended"] == found.as_dict()["gaps_worsened"] == []


def test_a_path_is_as_long_as_it_is_drawn_with_the_ways_to_the_streets(town):
    (path,) = paths_of(town, [(2000, 10), (2000, 500), (2100, 500), (2100, 980)])
    assert path.length_m == pytest.approx(490 + 100 + 480 + 10 + 20)
    found = compared(town, stations(s0=(2100, 1000)), Edits((), (), np.empty((0, 2)), (path,)))
    assert found.coverage.set_index("measure").loc["households", ["before", "after"]].tolist() == [0, 0]
    (short,) = paths_of(town, [(2000, 50), (2000, 950)])
    assert short.length_m == 1000.0


@pytest.mark.parametrize("line", [[(2000, 60), (2000, 1000)], [(2000, 0), (2000, 900)]])
def test_a_path_that_ends_off_every_street_is_refused(town, line):
    with pytest.raises(InputError, match="50 米"):
        paths_of(town, line)


def test_a_path_without_length_is_refused(town):
    with pytest.raises(InputError, match="没有长度"):
        paths_of(town, [(2000, 0), (2000, 0)])


def test_every_comparison_equals_two_checks_from_scratch(town):
    rng = np.random.default_rng(4)
    nodes, edges = town
    places = rng.uniform((0, -50), (4000, 1050), (60, 2))
    buildings = homes(*[(x, y, int(n), int(3 * n)) for (x, y), n in zip(places, rng.integers(1, 9, 60), strict=True)])
    facilities = stations(s0=(100, 20), s1=(2500, -30), s2=(3000, 1020))
    paths = paths_of(town, [(1500, 0), (1500, 1000)], [(1500, 5), (2600, 5), (2600, 990)], [(3500, 0), (3500, 1000)])
    edits = Edits(("s0",), (("s1", (900.0, 10.0)),), np.array([[3400.0, 15.0], [60.0, 990.0]]), paths)
    found = compared(town, facilities, edits, buildings)
    after = pd.concat(
        [stations(s1=(900, 10), s2=(3000, 1020)), stations(n0=(3400, 15), n1=(60, 990))], ignore_index=True
    )
    results = [
        check_reach(nodes, edges, buildings, facilities, REGIONS, RULES),
        check_reach(*with_imagined(nodes, edges, paths), buildings, after, REGIONS, RULES),
    ]
    covered = [set(result.buildings.loc[result.buildings["covered"], "id"]) for result in results]
    assert found.gained == tuple(sorted(covered[1] - covered[0]))
    assert set(found.lost) == covered[0] - covered[1]
    assert found.lost
    rows = found.coverage.set_index("measure")
    for column, result in zip(("before", "after"), results, strict=True):
        city = result.bands.query("level == 'community' and minutes == 15").iloc[0]
        for measure in ("buildings", "households", "residents", "elderly"):
            assert rows.loc[measure, column] == city[f"{measure}_covered"]
    walks = [result.buildings["walk_m"].fillna(np.inf).to_numpy() for result in results]
    households = buildings.sort_values("id")["households"].to_numpy()
    assert found.households_nearer == households[walks[1] < walks[0] - 1e-6].sum()


def test_streets_cut_by_paths_keep_their_length_and_nobody_is_put_on_a_path(town):
    nodes, edges = town
    paths = paths_of(town, [(1500, 0), (1500, 1000)], [(1500, 0), (2600, 1000)])
    more_nodes, more_edges = with_imagined(nodes, edges, paths)
    assert more_nodes["node"].tolist() == list(range(8))
    own = more_edges[more_edges["origin"] != "imagined"]
    assert own["length_m"].sum() == pytest.approx(edges["length_m"].sum())
    assert shapely.length(more_edges.geometry.to_numpy()).tolist() == pytest.approx(more_edges["length_m"].tolist())
    network = walking_network(more_nodes, more_edges, RULES)
    assert network.snappable.tolist() == (more_edges["origin"] != "imagined").tolist()
    assert with_imagined(nodes, edges, ()) == (nodes, edges)


def test_a_city_that_is_ready_answers_again_and_again_as_from_scratch(town):
    facilities = stations(s0=(0, 0), s1=(2000, 0))
    standing = standing_of(walking_network(*town, RULES), HOMES.iloc[::-1], facilities.iloc[::-1], RULES)
    asked = [
        Edits(("s1",), (), np.empty((0, 2)), ()),
        Edits((), (("s0", (3900.0, 1000.0)),), np.array([[300.0, 900.0]]), paths_of(town, [(2000, 50), (2000, 950)])),
        NOTHING,
    ]
    for edits in [*asked, *asked]:
        told, whole = difference(standing, standing.after(edits)), compared(town, facilities, edits)
        pd.testing.assert_frame_equal(told.coverage, whole.coverage)
        ids = standing.buildings["id"].to_numpy()
        assert (tuple(ids[told.gained]), tuple(ids[told.lost])) == (whole.gained, whole.lost)
        assert (told.households_nearer, told.households_farther) == (
            whole.households_nearer,
            whole.households_farther,
        )
