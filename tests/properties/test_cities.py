"""Whatever the city of streets, rivers, courtyards, towers and islands: its plans keep every hard rule."""

from dataclasses import replace

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, affinity, box

from gis_service.audit.plans import audit_plan
from gis_service.geo.crs import round_coordinates
from gis_service.partition.propose import mend, propose
from gis_service.plan.rules import Rules
from tests.tilings import tiling_faults
from tests.unit.partition.towns import building, community

BLOCK_M, STREET_M = 90.0, 12.0
QUIET = settings(deadline=None, max_examples=12)


def block(kind, x, y, households):
    """Return the footprints of a street block and the households of each."""
    if kind == "park":
        return []
    if kind == "tower":
        return [(box(x + 30, y + 30, x + 55, y + 55), households)]
    if kind == "courtyard":
        ring = box(x + 8, y + 8, x + 82, y + 82).difference(box(x + 22, y + 22, x + 68, y + 68))
        return [(ring, households), (box(x + 38, y + 38, x + 52, y + 52), households // 4)]
    if kind == "village":
        return [(box(x + a, y + b, x + a + 11, y + b + 9), households // 30) for a in (5, 30, 55) for b in (6, 33, 60)]
    return [(box(x + 8, y + b, x + 80, y + b + 12), households // 5) for b in (10, 38, 66)]


@st.composite
def cities(draw):
    """Return a community of street blocks, some estates, maybe with a river, an island or streets drawn twice."""
    columns, rows = draw(st.integers(1, 4)), draw(st.integers(1, 3))
    kinds = st.sampled_from(["rows", "rows", "tower", "courtyard", "village", "park"])
    pitch = BLOCK_M + STREET_M
    shapes, estates = [], []
    for column in range(columns):
        for row in range(rows):
            x, y = column * pitch + STREET_M, row * pitch + STREET_M
            found = block(draw(kinds), x, y, draw(st.integers(0, 650)))
            estate = f"e{column}{row}" if draw(st.booleans()) else None
            shapes += [(shape, households, estate) for shape, households in found]
            estates += [(estate, box(x, y, x + BLOCK_M, y + BLOCK_M))] * (estate is not None)
    width, height = columns * pitch + STREET_M, rows * pitch + STREET_M
    middle = STREET_M / 2
    streets = [LineString([(x * pitch + middle, -3), (x * pitch + middle, height + 3)]) for x in range(columns + 1)]
    streets += [LineString([(-3, y * pitch + middle), (width + 3, y * pitch + middle)]) for y in range(rows + 1)]
    lines = [("road", street) for street in streets]
    if draw(st.booleans()):  # another survey of the same streets, a few millimetres off
        x, y, turn = draw(st.tuples(*[st.integers(-4, 4)] * 3))
        again = [affinity.rotate(affinity.translate(street, x / 1e3, y / 1e3), turn / 1e4) for street in streets]
        lines += [("road", street) for street in again]
    if draw(st.booleans()):
        lines.append(("river", LineString([(-3, 3), (width + 3, 6)]).buffer(draw(st.sampled_from([1.0, 4.0])))))
    land = box(0, 0, width, height)
    if draw(st.booleans()):
        land = land.union(box(width + 30, 0, width + 90, 60))
        shapes.append((box(width + 50, 20, width + 62, 30), draw(st.integers(0, 600)), None))
    angle = draw(st.sampled_from([0.0, 13.0, 45.0]))

    def placed(geometry):
        turned = affinity.translate(affinity.rotate(geometry, angle, origin=(0, 0)), 521400, 3023500)
        return round_coordinates(np.array([turned], dtype=object))[0]

    return community(
        [
            building(f"b{n:03d}", placed(shape), households, estate)
            for n, (shape, households, estate) in enumerate(shapes)
        ],
        land=placed(land),
        barriers=[(kind, placed(line)) for kind, line in lines],
        estates=[(name, placed(shape)) for name, shape in estates],
        rules=Rules(basis="households"),
    )


def faults_of(city, plan):
    code = plan.grids["code"].to_numpy()[plan.labels]
    found = audit_plan(
        city.geometry,
        city.buildings,
        plan.units.assign(grid_code=code),
        plan.grids,
        plan.unit_buildings.assign(grid_code=code[plan.unit_buildings["unit"]])[["building_id", "grid_code"]],
        plan.rules,
        community_code=city.code,
        special=city.special,
    )
    return [finding.en for finding in found if finding.severity == "fault"]


@QUIET
@given(cities())
def test_a_plan_keeps_every_hard_rule_and_every_household(city):
    plan = propose(city)
    assert faults_of(city, plan) == []
    assert plan.grids["households"].sum() == city.buildings["households"].sum()
    polygons = plan.grids.geometry.to_numpy()
    assert shapely.coverage_is_valid(polygons)
    faults = tiling_faults(polygons, city.geometry)
    assert max(faults.gap_m2, faults.overlap_m2, faults.outside_m2) <= 1e-5 * city.geometry.length
    assert all(bound.forced <= bound.missed for bound in plan.bounds)


@QUIET
@given(cities(), st.randoms(use_true_random=False))
def test_the_plan_does_not_depend_on_the_order_of_rows(city, random):
    def shuffled(frame):
        order = list(range(len(frame)))
        random.shuffle(order)
        return frame.iloc[order].reset_index(drop=True)

    first = propose(city)
    second = propose(
        replace(
            city,
            buildings=shuffled(city.buildings),
            barriers=shuffled(city.barriers),
            estates=shuffled(city.estates),
        )
    )
    assert first.labels.tolist() == second.labels.tolist()
    assert first.grids.geometry.to_wkb().tolist() == second.grids.geometry.to_wkb().tolist()
    assert first.findings == second.findings


@QUIET
@given(cities())
def test_mending_a_valid_plan_changes_nothing_and_one_of_a_grown_city_keeps_the_rules(city):
    plan = propose(city)
    start = plan.grids[["code", "geometry"]]
    same = mend(city, start)
    if set(plan.grids["status"]) <= {"normal"}:
        assert same.households_moved == 0
        assert same.labels.tolist() == plan.labels.tolist()
    grown = city.buildings.assign(households=city.buildings["households"] * 3 // 2)
    later = replace(city, buildings=grown)
    mended = mend(later, start)
    assert faults_of(later, mended) == []
    assert mended.grids["households"].sum() == grown["households"].sum()
