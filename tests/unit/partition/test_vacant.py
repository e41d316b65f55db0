"""Land without households: on which side of barriers it goes, when it is a grid of its own, and what is told of it."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import LineString, box

from gis_service.partition.contiguity import unit_graph
from gis_service.partition.propose import mend, propose
from gis_service.partition.sides import sides_of
from gis_service.partition.vacant import BEYOND_M2, within_reach
from gis_service.plan.rules import Rules
from tests.unit.partition.towns import building, community

RULES = Rules(basis="households")


def frames(units, *barriers):
    """Return units of (polygon, households) and barriers of (kind, geometry)."""
    table = gpd.GeoDataFrame(
        {
            "unit": np.arange(len(units)),
            "kind": pd.Series(["block" if households else "open" for _, households in units], dtype=object),
            "special": pd.Series([None] * len(units), dtype=object),
            "estate_id": pd.Series([None] * len(units), dtype=object),
            "households": [households for _, households in units],
            "residents": pd.array([None] * len(units), dtype="Int64"),
        },
        geometry=[polygon for polygon, _ in units],
        crs="EPSG:4549",
    )
    lines = gpd.GeoDataFrame(
        {"kind": [kind for kind, _ in barriers], "name": [None] * len(barriers)},
        geometry=[line for _, line in barriers],
        crs="EPSG:4549",
    )
    return table, lines


def reached(units, *barriers, start=None, rules=RULES):
    """Return the pairs of neighbours that a grid may hold both of."""
    table, lines = frames(units, *barriers)
    start = None if start is None else np.array(start)
    graph = within_reach(table, unit_graph(table, lines), lines, rules, start)
    left = np.repeat(np.arange(len(units)), np.diff(graph.start))
    assert len(left) == len(graph.neighbour) == len(graph.length_m) == len(graph.bridge)
    return {(int(a), int(b)) for a, b in zip(left, graph.neighbour, strict=True) if a < b}


def row(*households, side=100):
    return [(box(side * k, 0, side * (k + 1), side), number) for k, number in enumerate(households)]


def across(x, kind="railway", reach=1000):
    return kind, LineString([(x, -10), (x, reach)])


def test_empty_land_is_reached_from_its_own_side_only():
    assert reached(row(400, 0, 400), across(100)) == {(1, 2)}
    assert reached(row(400, 0, 400), across(200)) == {(0, 1)}
    assert reached(row(400, 0, 400), across(200, "road")) == {(0, 1), (1, 2)}


def test_people_on_both_sides_may_be_joined():
    assert reached(row(400, 400), across(100)) == {(0, 1)}


def test_a_line_with_a_gap_parts_nothing():
    assert reached(row(400, 0), across(100, reach=94)) == {(0, 1)}
    assert reached(row(0, 400, 400), across(100, reach=96)) == {(0, 1), (1, 2)}  # nobody lives beyond, and it is small
    assert reached([*row(400, 0, 400)], across(100, reach=96)) == {(1, 2)}


def test_small_land_beyond_a_barrier_goes_with_the_longest_border():
    beyond = (shapely.Polygon([(0, 100), (150, 100), (200, 100), (200, 150), (0, 150)]), 0)
    units = [(box(0, 0, 150, 100), 400), (box(150, 0, 200, 100), 400), beyond]
    line = ("expressway", LineString([(-10, 100), (210, 100)]))
    assert reached(units, line) == {(0, 1), (0, 2), (1, 2)}  # both are the one side
    river = ("river", LineString([(150, -10), (150, 160)]))
    units = [*units[:2], (box(0, 100, 150, 150), 0), (box(150, 100, 200, 150), 0)]
    assert reached(units, line, river) == {(0, 1), (0, 2), (1, 3)}


def test_large_land_beyond_a_barrier_is_a_grid_of_its_own():
    units = [*row(400, 400), (box(200, 0, 200 + BEYOND_M2 / 100, 100), 0)]
    assert reached(units, across(200)) == {(0, 1)}


def test_water_goes_with_one_bank():
    river = box(100, -10, 200, 110)
    assert reached(row(400, 0, 400), ("river", river)) == {(0, 1)}
    table, lines = frames(row(400, 0, 400), ("river", river))
    assert sides_of(table, unit_graph(table, lines), lines).water.tolist() == [False, True, False]


def test_people_who_fit_no_grid_keep_a_way_to_others():
    assert reached(row(200, 0, 400), across(200)) == {(0, 1), (1, 2)}
    assert reached(row(200, 0, 0, 400), across(200)) == {(0, 1), (1, 2), (2, 3)}
    assert reached(row(400, 0, 400), across(200), start=[7, 7, 7]) == {(0, 1), (1, 2)}


def settlement(*, hill, households=(400, 400)):
    """Return two units of one hectare beside a hill of so many, with a hut's land inside it."""
    hut = box(220, 20, 240, 40)
    return [*row(*households), (box(200, 0, 200 + 100 * hill, 100).difference(hut), 0), (hut, 0)]


def test_a_hill_larger_than_several_grids_is_a_grid_of_its_own_with_what_it_encloses():
    assert reached(settlement(hill=11)) == {(0, 1), (2, 3)}
    assert reached(settlement(hill=9)) == {(0, 1), (1, 2), (2, 3)}


def test_where_there_is_but_one_grid_it_has_the_hill_too():
    assert reached(settlement(hill=11, households=(200, 200))) == {(0, 1), (1, 2), (2, 3)}


def test_a_hamlet_beyond_the_hill_is_reached_over_it():
    units = [*row(400, 400), (box(200, 0, 1400, 100), 0), (box(1400, 0, 1500, 100), 100)]
    assert reached(units) == {(0, 1), (1, 2), (2, 3)}
    units[3] = (units[3][0], 350)
    assert reached(units) == {(0, 1)}


def test_the_way_of_a_hamlet_leads_over_no_more_of_the_hills_than_it_needs():
    nearer, farther = (box(200, 0, 1400, 100), 0), (box(200, 100, 1400, 400), 0)
    assert reached([*row(400, 400), nearer, (box(1400, 0, 1500, 100), 100), farther]) == {(0, 1), (1, 2), (2, 3)}


def test_a_strip_beside_the_hill_goes_with_it_and_one_beside_houses_does_not():
    hill = (box(200, 0, 1400, 100), 0)
    beside_houses = shapely.Polygon([(0, 100), (100, 100), (200, 100), (200, 120), (0, 120)])
    assert reached([*row(400, 400), hill, (box(200, 100, 1400, 120), 0), (beside_houses, 0)]) == {
        (0, 1),
        (2, 3),
        (0, 4),
        (1, 4),
    }


def test_a_border_towards_a_side_without_people_counts_as_if_it_ran_along_no_line():
    table, lines = frames(row(400, 0, 400), ("river", box(100, -10, 200, 110)))
    along = unit_graph(table, lines)
    assert along.barrier_m.tolist() == along.follow_m.tolist() == [100.0] * 4
    reach = within_reach(table, along, lines, RULES)
    assert reach.barrier_m.tolist() == reach.follow_m.tolist() == [0.0, 0.0]
    peopled, railway = frames(row(400, 400), across(100))
    assert within_reach(peopled, unit_graph(peopled, railway), railway, RULES).barrier_m.tolist() == [100.0, 100.0]


def test_islands_keep_their_bridges():
    assert reached([*row(400), (box(150, 0, 250, 100), 0)]) == {(0, 1)}


def town(*, east, barrier="铁路支线"):
    """Return a community of 600 m with houses in the west, and ``east`` households in the far east, beyond a line."""
    rows = [building(f"w{k}", box(20 + 80 * k, 30, 60 + 80 * k, 70), 200) for k in range(4)]
    rows += [building("e", box(540, 30, 580, 70), east)] if east else []
    parts = community(rows, land=box(0, 0, 600, 100), barriers=[("railway", LineString([(400, -5), (400, 105)]))])
    return replace(parts, rules=RULES, barriers=parts.barriers.assign(name=barrier))


def test_a_plan_tells_what_it_joined_across_which_barrier():
    plan = propose(town(east=0))
    (told,) = [finding for finding in plan.findings if finding.kind == "land_across"]
    assert told.severity == "note"
    assert "铁路“铁路支线”另一侧" in told.zh
    assert "2.0 公顷" in told.zh
    assert told.subject in set(plan.grids["code"])


def test_a_name_may_be_missing():
    plan = propose(town(east=0, barrier=None))
    (told,) = [finding for finding in plan.findings if finding.kind == "land_across"]
    assert "含铁路另一侧" in told.zh


def park_town():
    """Return the town with a park beside the railway, on the side of the houses in the east."""
    parts = town(east=400)
    road = parts.barriers.assign(kind="road", name=None, geometry=[LineString([(470, -5), (470, 105)])])
    return replace(parts, barriers=pd.concat([parts.barriers, road], ignore_index=True))


def test_a_park_belongs_to_the_grid_on_its_side():
    plan = propose(park_town())
    assert [finding.kind for finding in plan.findings] == []
    grid = plan.grids.geometry[plan.labels[plan.units["households"] == 0][0]]
    assert grid.bounds[0] == pytest.approx(400.0)


def test_a_grid_that_reaches_across_today_stays_and_is_told():
    today = gpd.GeoDataFrame(
        {"code": ["350982001007001", "350982001007002", "350982001007003"]},
        geometry=[box(0, 0, 180, 100), box(180, 0, 470, 100), box(470, 0, 600, 100)],
        crs="EPSG:4549",
    )
    plan = mend(park_town(), today)
    assert plan.households_moved == 0
    (told,) = [finding for finding in plan.findings if finding.kind == "land_across"]
    assert (told.severity, told.subject) == ("warning", "350982001007002")
