"""Whatever the plan or the streets: sound ones pass, and one seeded fault is always found."""

from dataclasses import dataclass, field
from itertools import pairwise

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from gis_service.audit.plans import audit_plan
from gis_service.audit.walks import audit_reach
from gis_service.plan.rules import Rules, judge
from gis_service.reach.costs import walking_network
from gis_service.reach.rules import ReachRules
from gis_service.reach.snapping import snap
from gis_service.reach.walks import nearest_walks

CRS = "EPSG:4549"
COMMUNITY = "350982001007"
RULES = Rules()
X, Y = 521400.0, 3023500.0
QUIET = settings(deadline=None, max_examples=40)


def quad(corners, column, row):
    return shapely.Polygon([corners[row + dy, column + dx] for dx, dy in ((0, 0), (1, 0), (1, 1), (0, 1))])


@st.composite
def plans(draw):
    """Return a crooked board of units, cut by columns into grids, with a building in every unit."""
    columns, rows = draw(st.integers(2, 5)), draw(st.integers(1, 4))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    corners = np.stack(np.meshgrid(np.arange(columns + 1), np.arange(rows + 1)), axis=-1) * 100.0
    corners += rng.integers(-20_000_000, 20_000_000, corners.shape) / 1e6
    corners += (X, Y)
    shapes = [quad(corners, column, row) for row in range(rows) for column in range(columns)]
    cuts = sorted(draw(st.sets(st.integers(1, columns - 1))))
    number = np.tile(np.searchsorted(cuts, np.arange(columns), side="right") + 1, rows)
    codes = np.array([f"{COMMUNITY}{n:03d}" for n in number])
    units = gpd.GeoDataFrame(
        {"code": [f"u{n:02d}" for n in range(len(shapes))], "grid_code": codes}, geometry=shapes, crs=CRS
    )
    buildings = gpd.GeoDataFrame(
        {
            "id": [f"b{n:02d}" for n in range(len(shapes))],
            "households": rng.integers(0, 400, len(shapes)),
            "residents": pd.array(rng.integers(0, 1200, len(shapes)), dtype="Int64"),
        },
        geometry=shapely.buffer(shapely.point_on_surface(shapes), 5.0),
        crs=CRS,
    )
    totals = buildings.groupby(codes)[["households", "residents"]].sum()
    grids = gpd.GeoDataFrame(
        {
            "code": totals.index,
            "kind": "base",
            "status": [judge(int(h), int(r), "base", RULES).status for h, r in totals.to_numpy()],
            "households": totals["households"].to_numpy(),
            "residents": pd.array(totals["residents"], dtype="Int64"),
        },
        geometry=[shapely.union_all(units.geometry[codes == code].to_numpy()) for code in totals.index],
        crs=CRS,
    )
    assignment = pd.DataFrame({"building_id": buildings["id"], "grid_code": codes})
    return shapely.union_all(shapes), buildings, units, grids, assignment


def faults(plan):
    return {
        finding.kind for finding in audit_plan(*plan, RULES, community_code=COMMUNITY) if finding.severity == "fault"
    }


def with_shape(frame, row, shape):
    shapes = list(frame.geometry)
    shapes[row] = shape
    return frame.set_geometry(gpd.GeoSeries(shapes, crs=frame.crs))


@QUIET
@given(plans())
def test_a_sound_plan_has_no_fault(plan):
    assert faults(plan) == set()


@QUIET
@given(plans(), st.data())
def test_a_unit_taken_away_is_found(plan, data):
    community, buildings, units, grids, assignment = plan
    lost = data.draw(st.integers(0, len(units) - 1))
    found = faults((community, buildings, units.drop(index=lost).reset_index(drop=True), grids, assignment))
    assert {"unit_gap", "grid_not_its_units"} <= found


@QUIET
@given(plans(), st.data())
def test_a_unit_given_to_another_grid_is_found(plan, data):
    community, buildings, units, grids, assignment = plan
    assume(len(grids) > 1)
    row = data.draw(st.integers(0, len(units) - 1))
    other = data.draw(st.sampled_from(sorted(set(grids["code"]) - {units["grid_code"][row]})))
    changed = units.assign(grid_code=units["grid_code"].where(units.index != row, other))
    assert faults((community, buildings, changed, grids, assignment)) == {"grid_not_its_units"}


@QUIET
@given(plans(), st.data())
def test_a_moved_vertex_of_a_grid_is_found(plan, data):
    community, buildings, units, grids, assignment = plan
    row = data.draw(st.integers(0, len(grids) - 1))
    ring = shapely.get_coordinates(grids.geometry[row])[:-1]
    vertex = data.draw(st.integers(0, len(ring) - 1))
    ring[vertex] += data.draw(st.sampled_from([(1.0, 0.0), (0.0, 1.0), (-1.0, -1.0)]))
    moved = shapely.Polygon(ring)
    assume(shapely.symmetric_difference(moved.buffer(0), grids.geometry[row]).area > 0.1)
    found = faults((community, buildings, units, with_shape(grids, row, moved), assignment))
    assert "grid_not_its_units" in found
    assert found & {"grid_gap", "grid_overlap", "grid_outside"}


@QUIET
@given(plans(), st.data())
def test_a_wrong_sum_or_status_is_found(plan, data):
    community, buildings, units, grids, assignment = plan
    row = data.draw(st.integers(0, len(grids) - 1))
    column = data.draw(st.sampled_from(["households", "residents", "status"]))
    wrong = grids.copy()
    wrong.loc[row, column] = "special" if column == "status" else grids.loc[row, column] + data.draw(st.integers(1, 9))
    assert f"grid_{column}_wrong" in faults((community, buildings, units, wrong, assignment))


@QUIET
@given(plans(), st.data())
def test_a_building_assigned_elsewhere_is_found(plan, data):
    community, buildings, units, grids, assignment = plan
    assume(len(grids) > 1)
    row = data.draw(st.integers(0, len(assignment) - 1))
    other = data.draw(st.sampled_from(sorted(set(grids["code"]) - {assignment["grid_code"][row]})))
    changed = assignment.assign(grid_code=assignment["grid_code"].where(assignment.index != row, other))
    assert faults((community, buildings, units, grids, changed)) == {"building_in_other_grid"}


@dataclass(frozen=True)
class WalkRules:
    minutes: float = 15.0
    speed_m_per_s: float = 1.25
    kinds: tuple[str, ...] = field(default=("red_station",))
    max_gap_m: float = 60.0
    min_component_m: float = 150.0
    steps_factor: float = 1.0
    crossing_s: float = 0.0
    signal_s: float = 0.0
    slope: str = "off"


@st.composite
def runs(draw):
    """Return random streets and places, with the walks that networkx finds."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    count = draw(st.integers(3, 9))
    places = rng.integers(0, 600, (count, 2)) + rng.integers(0, 1000, (count, 2)) / 1000 + (X, Y)
    pairs = np.array([(i, j) for i in range(count) for j in range(i)])
    kept = pairs[rng.random(len(pairs)) < 0.35]
    assume(len(kept) > 0)
    lines = [shapely.LineString(places[[u, v]]) for u, v in kept]
    length_m = np.round(shapely.length(lines) * rng.uniform(1, 1.3, len(lines)), 3)
    nodes = gpd.GeoDataFrame({"node": range(count)}, geometry=shapely.points(places), crs=CRS)
    edges = gpd.GeoDataFrame({"u": kept[:, 0], "v": kept[:, 1], "length_m": length_m}, geometry=lines, crs=CRS)
    spots = rng.integers(0, 600, (12, 2)) + rng.integers(0, 1000, (12, 2)) / 1000 + (X, Y)
    buildings = gpd.GeoDataFrame({"id": [f"b{n}" for n in range(9)]}, geometry=shapely.points(spots[:9]), crs=CRS)
    facilities = gpd.GeoDataFrame(
        {"id": list("rst"), "kind": "red_station", "public": True}, geometry=shapely.points(spots[9:]), crs=CRS
    )
    return nodes, edges, buildings, facilities, walks_by_networkx(edges, buildings, facilities, WalkRules())


def walks_by_networkx(edges, buildings, facilities, rules):
    """Return the reach buildings frame by cutting the streets at every place and searching with networkx."""
    streets = nx.MultiGraph()
    streets.add_edges_from((u, v, number) for number, (u, v) in enumerate(zip(edges["u"], edges["v"], strict=True)))
    parts = [
        {number for *_, number in streets.subgraph(nodes).edges(keys=True)}
        for nodes in nx.connected_components(streets)
    ]
    lengths = [edges["length_m"].iloc[sorted(part)].sum() for part in parts]
    usable = sorted(
        number
        for part, length in zip(parts, lengths, strict=True)
        for number in part
        if length >= min(rules.min_component_m, max(lengths))
    )
    cuts = {number: [(0.0, edges["u"][number]), (1.0, edges["v"][number])] for number in edges.index}
    gaps = {}
    for name, point in zip(
        [*buildings["id"], *facilities["id"]], [*buildings.geometry, *facilities.geometry], strict=True
    ):
        nearest = min(usable, key=lambda number, point=point: point.distance(edges.geometry[number]))
        line = edges.geometry[nearest]
        if point.distance(line) <= rules.max_gap_m:
            gaps[name] = point.distance(line)
            cuts[nearest].append((line.project(point, normalized=True), name))
    graph = nx.Graph()
    for number, places in cuts.items():
        places.sort(key=lambda place: place[0])
        for (low, first), (high, second) in pairwise(places):
            length_m = (high - low) * edges["length_m"][number]
            if not graph.has_edge(first, second) or graph[first][second]["weight"] > length_m:
                graph.add_edge(first, second, weight=length_m)
    rows = []
    for building in buildings["id"]:
        reached = {}
        if building in gaps:
            found = nx.single_source_dijkstra_path_length(graph, building)
            reached = {f: found[f] + gaps[f] + gaps[building] for f in facilities["id"] if f in gaps and f in found}
        owner = min(reached, key=lambda facility: (reached[facility], facility), default=None)
        walk_m = reached.get(owner, np.nan)
        status = "ok" if reached else "no_path" if building in gaps else "no_network"
        limit_m = rules.minutes * 60 * rules.speed_m_per_s
        rows.append((building, owner, walk_m, walk_m / rules.speed_m_per_s, bool(walk_m <= limit_m), status))
    found = pd.DataFrame(rows, columns=["id", "facility_id", "walk_m", "walk_s", "covered", "status"])
    return found.assign(straight_m=buildings.distance(facilities.union_all()), walk_back_s=found["walk_s"])


def walk_faults(run, *, sample=100):
    found = audit_reach(*run, WalkRules(), sample=sample, rng=np.random.default_rng(1))
    return {(finding.kind, finding.subject) for finding in found}


@QUIET
@given(runs())
def test_walks_that_networkx_finds_pass(run):
    assert walk_faults(run) == set()


@QUIET
@given(runs(), st.data())
def test_a_walk_that_is_wrong_by_two_centimetres_is_found(run, data):
    *inputs, results = run
    reached = results.index[results["status"] == "ok"].tolist()
    assume(reached)
    row = data.draw(st.sampled_from(reached))
    wrong = results.copy()
    wrong.loc[row, "walk_m"] += data.draw(st.sampled_from([-0.02, 0.02, 5.0, 5000.0]))
    wrong.loc[row, "walk_s"] = wrong.loc[row, "walk_m"] / 1.25
    wrong.loc[row, "covered"] = bool(wrong.loc[row, "walk_m"] <= 1125)
    assert ("walk_differs", results["id"][row]) in walk_faults((*inputs, wrong))


@QUIET
@given(runs(), st.data())
def test_triangles_never_accuse_a_sound_walk_of_being_too_short(run, data):
    """Lengthening one walk may only be blamed on that building: the bounds of all others grow."""
    *inputs, results = run
    reached = results.index[results["status"] == "ok"].tolist()
    assume(reached)
    row = data.draw(st.sampled_from(reached))
    wrong = results.copy()
    wrong.loc[row, ["walk_m", "walk_s"]] += 4000.0 * np.array([1, 1 / 1.25])
    wrong.loc[row, "covered"] = False
    assert {subject for _, subject in walk_faults((*inputs, wrong), sample=0)} <= {results["id"][row]}


@st.composite
def runs_that_count_more(draw):
    """Return random streets with stairs, crossings and slopes, and the walks that the reach engine finds."""
    nodes, edges, buildings, facilities, _ = draw(runs())
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    size = len(edges)
    edges = edges.assign(
        kind=rng.choice(np.array(["steps", "residential", None], dtype=object), size),
        crossings=rng.integers(0, 3, size) / 2,
        signals=rng.integers(0, 3, size) / 2,
        slope_to_u=np.where(rng.random(size) < 0.2, np.nan, rng.uniform(0.84, 2.0, size)),
        slope_to_v=rng.uniform(0.84, 2.0, size),
    )
    rules = ReachRules(
        speed_m_per_s=0.8,
        kinds=("red_station",),
        max_gap_m=WalkRules.max_gap_m,
        min_component_m=WalkRules.min_component_m,
        steps_factor=draw(st.sampled_from([1.0, 1.5, 2.0])),
        crossing_s=draw(st.sampled_from([0.0, 12.0])),
        signal_s=20.0,
        slope=draw(st.sampled_from(["off", "tobler"])),
    )
    network = walking_network(nodes, edges, rules)
    snaps = [
        snap(network, shapely.get_coordinates(frame.geometry), max_gap_m=rules.max_gap_m)
        for frame in (buildings, facilities)
    ]
    walks = nearest_walks(network, *snaps)
    results = pd.DataFrame(
        {
            "id": buildings["id"],
            "facility_id": pd.Series(np.array([*facilities["id"], None], dtype=object)[walks.owner], dtype=object),
            "walk_m": walks.length_m,
            "walk_s": walks.counted_m / rules.speed_m_per_s,
            "walk_back_s": walks.back_m / rules.speed_m_per_s,
            "straight_m": buildings.distance(facilities.union_all()),
            "covered": walks.counted_m <= rules.cutoff_m,
            "status": np.select([snaps[0].edge < 0, walks.owner < 0], ["no_network", "no_path"], "ok"),
        }
    )
    return (nodes, edges, buildings, facilities, results), rules


@QUIET
@given(runs_that_count_more())
def test_walks_that_count_more_than_lengths_pass_what_counts_them_another_way(case):
    run, rules = case
    assert audit_reach(*run, rules, sample=100, rng=np.random.default_rng(1)) == []


@QUIET
@given(runs_that_count_more(), st.sampled_from(["walk_m", "walk_s", "walk_back_s"]), st.data())
def test_metres_minutes_or_a_way_back_that_are_wrong_are_found(case, column, data):
    (*inputs, results), rules = case
    reached = results.index[results["status"] == "ok"].tolist()
    assume(reached)
    row = data.draw(st.sampled_from(reached))
    wrong = results.copy()
    wrong.loc[row, column] += data.draw(st.sampled_from([-0.05, 0.05, 300.0]))
    found = audit_reach(*inputs, wrong, rules, sample=100, rng=np.random.default_rng(1))
    assert results["id"][row] in {finding.subject for finding in found}
