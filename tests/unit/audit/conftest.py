"""A community of six units in three grids, and a T of streets with two facilities, small enough to check by hand."""

from dataclasses import dataclass, field, replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from gis_service.audit.plans import audit_plan
from gis_service.audit.walks import audit_reach
from gis_service.plan.findings import Finding
from gis_service.plan.rules import Rules

CRS = "EPSG:4549"
COMMUNITY = "350982001007"
X, Y = 521400.0, 3023500.0


def square(column: float, row: float, width: float = 100, height: float = 100) -> shapely.Polygon:
    return shapely.box(X + 100 * column, Y + 100 * row, X + 100 * column + width, Y + 100 * row + height)


@dataclass(frozen=True)
class PlanCase:
    """The inputs of `audit_plan`; `change` gives a copy with some of them replaced."""

    community: shapely.Geometry
    buildings: gpd.GeoDataFrame
    units: gpd.GeoDataFrame
    grids: gpd.GeoDataFrame
    assignment: pd.DataFrame
    rules: Rules = field(default_factory=Rules)
    special: gpd.GeoDataFrame | None = None

    def change(self, **frames: object) -> "PlanCase":
        return replace(self, **frames)

    def audit(self) -> list[Finding]:
        return audit_plan(
            self.community,
            self.buildings,
            self.units,
            self.grids,
            self.assignment,
            self.rules,
            community_code=COMMUNITY,
            special=self.special,
        )

    def faults(self) -> set[tuple[str, str]]:
        return {(finding.kind, finding.subject) for finding in self.audit() if finding.severity == "fault"}


@pytest.fixture
def plan_case() -> PlanCase:
    """Return a sound plan: units a-f in two rows of three, one grid a column, two buildings of 200 households each."""
    units = gpd.GeoDataFrame(
        {
            "code": list("abcdef"),
            "grid_code": [f"{COMMUNITY}00{column + 1}" for row in range(2) for column in range(3)],
        },
        geometry=[square(column, row) for row in range(2) for column in range(3)],
        crs=CRS,
    )
    buildings = gpd.GeoDataFrame(
        {
            "id": [f"B{number}" for number in range(6)],
            "households": np.full(6, 200),
            "residents": pd.array([600] * 6, dtype="Int64"),
        },
        geometry=[square(column + 0.4, row + 0.4, 20, 20) for row in range(2) for column in range(3)],
        crs=CRS,
    )
    grids = gpd.GeoDataFrame(
        {
            "code": [f"{COMMUNITY}00{number}" for number in (1, 2, 3)],
            "name": ["第一网格", "第二网格", "第三网格"],
            "kind": "base",
            "status": "normal",
            "households": np.full(3, 400),
            "residents": pd.array([1200] * 3, dtype="Int64"),
            "community_code": COMMUNITY,
        },
        geometry=[shapely.MultiPolygon([shapely.coverage_union_all([square(c, 0), square(c, 1)])]) for c in range(3)],
        crs=CRS,
    )
    assignment = pd.DataFrame({"building_id": buildings["id"], "grid_code": units["grid_code"]})
    return PlanCase(shapely.box(X, Y, X + 300, Y + 200), buildings, units, grids, assignment)


@dataclass(frozen=True)
class WalkRules:
    minutes: float = 15.0
    speed_m_per_s: float = 1.0
    kinds: tuple[str, ...] = ("red_station",)
    max_gap_m: float = 100.0
    min_component_m: float = 500.0
    steps_factor: float = 1.0
    crossing_s: float = 0.0
    signal_s: float = 0.0
    slope: str = "off"


@dataclass(frozen=True)
class ReachCase:
    """The inputs of `audit_reach`; `change` gives a copy with some of them replaced.

    Straight lines to the nearest station follow from the map, and ways back from the walks there, unless the results
    name them.
    """

    nodes: gpd.GeoDataFrame
    edges: gpd.GeoDataFrame
    buildings: gpd.GeoDataFrame
    facilities: gpd.GeoDataFrame
    results: pd.DataFrame
    rules: WalkRules = field(default_factory=WalkRules)

    def change(self, **frames: object) -> "ReachCase":
        return replace(self, **frames)

    def with_results(self, building: str, **values: object) -> "ReachCase":
        results = self.results.copy()
        for column, value in values.items():
            results.loc[results["id"] == building, column] = value
        return replace(self, results=results)

    def faults(self, sample: int = 100) -> set[tuple[str, str]]:
        results = self.results
        if "straight_m" not in results:
            counted = self.facilities[(self.facilities["kind"] == "red_station") & self.facilities["public"]]
            lines = dict(zip(self.buildings["id"], self.buildings.distance(counted.union_all()), strict=True))
            results = results.assign(straight_m=results["id"].map(lines).fillna(0.0))
        if "walk_back_s" not in results:
            results = results.assign(walk_back_s=results["walk_s"])
        found = audit_reach(
            self.nodes,
            self.edges,
            self.buildings,
            self.facilities,
            results,
            self.rules,
            sample=sample,
            rng=np.random.default_rng(1),
        )
        return {(finding.kind, finding.subject) for finding in found}


@pytest.fixture
def reach_case() -> ReachCase:
    """Return a sound run over this map (100 m a dash pair, stations s1 and s2, node numbers below)::

      3                        island 4 -- 5, 600 m long, 5 km east
      |      e
    d |
      |  a     b   c
    0 -------- 1 -------- 2
     s1 at 0             s2 10 m above 2
    """
    at = {0: (0, 0), 1: (400, 0), 2: (1400, 0), 3: (0, 500), 4: (5000, 0), 5: (5600, 0)}
    places = {number: (X + dx, Y + dy) for number, (dx, dy) in at.items()}
    links = [(0, 1, 400.0), (1, 2, 1000.0), (0, 3, 500.0), (4, 5, 600.0)]
    nodes = gpd.GeoDataFrame({"node": list(places)}, geometry=[shapely.Point(p) for p in places.values()], crs=CRS)
    edges = gpd.GeoDataFrame(
        {"u": [u for u, _, _ in links], "v": [v for _, v, _ in links], "length_m": [m for _, _, m in links]},
        geometry=[shapely.LineString([places[u], places[v]]) for u, v, _ in links],
        crs=CRS,
    )
    rows = [
        # id, dx, dy, facility, walk_m, covered, status
        ("a", 100, 20, "s1", 120.0, True, "ok"),  # gap 20, 100 to s1
        ("b", 300, 20, "s1", 320.0, True, "ok"),
        ("c", 500, 30, "s1", 530.0, True, "ok"),  # the other edge: 30 + 100 + 400
        ("d", 10, 250, "s1", 260.0, True, "ok"),  # gap 10, 250 down
        ("e", 90, 480, "s1", 570.0, True, "ok"),
        ("f", 1390, 0, "s2", 20.0, True, "ok"),  # on the street, 10 + 10
        ("g", 5200, 10, None, np.nan, False, "no_path"),
        ("h", 700, 400, None, np.nan, False, "no_network"),
        ("i", 850, 50, "s2", 610.0, True, "ok"),  # 50 + 550 + 10
    ]
    buildings = gpd.GeoDataFrame(
        {"id": [row[0] for row in rows]}, geometry=[shapely.Point(X + row[1], Y + row[2]) for row in rows], crs=CRS
    )
    results = pd.DataFrame(
        {
            "id": [row[0] for row in rows],
            "facility_id": [row[3] for row in rows],
            "walk_m": [row[4] for row in rows],
            "walk_s": [row[4] for row in rows],
            "covered": [row[5] for row in rows],
            "status": [row[6] for row in rows],
        }
    )
    facilities = gpd.GeoDataFrame(
        {
            "id": ["s1", "s2", "home", "shop"],
            "kind": ["red_station"] * 3 + ["shop"],
            "public": [True, True, False, True],
        },
        geometry=[shapely.Point(X + dx, Y + dy) for dx, dy in ((0, 0), (1400, 10), (300, 0), (300, 0))],
        crs=CRS,
    )
    return ReachCase(nodes, edges, buildings, facilities, results)
