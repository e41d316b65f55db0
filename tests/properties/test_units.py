"""Whatever the town: its units tile it, no building is cut, small estates stay whole, and order means nothing."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import affinity

from gis_service.geo.crs import RESOLUTION_M, round_coordinates
from gis_service.partition.community import CommunityInput
from gis_service.partition.contiguity import unit_graph
from gis_service.partition.footprints import OVERLAP_M2
from gis_service.partition.propose import propose
from gis_service.partition.units import cut_units
from gis_service.plan.rules import Rules, judge
from tests.tilings import tiling_faults

CRS = "EPSG:4549"
QUIET = settings(deadline=None, max_examples=30)
SIDE = 60
"""Towns are drawn on a lattice of this many steps of 10 m, then turned, so that no line keeps round coordinates."""

steps = st.integers(0, SIDE)


@st.composite
def rectangles(draw, smallest=1, largest=20):
    x, y = draw(steps), draw(steps)
    width, height = draw(st.integers(smallest, largest)), draw(st.integers(smallest, largest))
    return shapely.box(x, y, x + width, y + height)


@st.composite
def footprints(draw):
    shape = draw(st.sampled_from(["house", "house", "row", "point", "wings", "podium"]))
    if shape == "point":
        return [shapely.Point(draw(steps), draw(steps))]
    house = draw(rectangles(largest=4))
    if shape == "row":
        return [affinity.translate(house, 0, step * (house.bounds[3] - house.bounds[1])) for step in range(4)]
    if shape == "wings":
        return [shapely.MultiPolygon([house, affinity.translate(house, 6, 1)])]
    if shape == "podium":
        return [house, affinity.translate(house, 0.5, 0.5)]
    return [house]


@st.composite
def lines(draw):
    a, b = draw(steps), draw(steps)
    ends = [(a, -2), (b, SIDE + 2)] if draw(st.booleans()) else [(-2, a), (SIDE + 2, b)]
    return shapely.LineString(ends)


@st.composite
def barriers(draw):
    kind = draw(st.sampled_from(["road", "road", "expressway", "railway", "wall", "river", "dual"]))
    line = draw(lines())
    if kind == "dual":
        return [("road", line), ("road", affinity.translate(line, 1.5, 1.5))]
    if kind == "river":
        return [(kind, line.buffer(draw(st.sampled_from([0.5, 4.0]))))]
    return [(kind, line)]


@st.composite
def communities(draw):
    land = shapely.box(0, 0, SIDE, SIDE).difference(draw(rectangles(largest=30)))
    if draw(st.booleans()):
        land = land.union(draw(rectangles(2, 10)).buffer(0))
        land = land.union(shapely.box(SIDE + 4, 5, SIDE + 12, 20))
    return land if land.area > 100 else shapely.box(0, 0, SIDE, SIDE)


@st.composite
def towns(draw):
    angle = draw(st.sampled_from([0, 17, 45, 83]))

    def placed(geometries):
        turned = [affinity.rotate(affinity.scale(g, 10, 10, origin=(0, 0)), angle, origin=(0, 0)) for g in geometries]
        return round_coordinates(np.array([affinity.translate(g, 521400, 3023500) for g in turned], dtype=object))

    shapes = [shape for group in draw(st.lists(footprints(), max_size=15)) for shape in group]
    estates = draw(st.lists(rectangles(5, 20), max_size=3))
    names = st.one_of(st.none(), st.sampled_from(["e0", "e1", "e2", "unwalled"]))
    count = len(shapes)
    residents = draw(st.lists(st.one_of(st.none(), st.integers(0, 900)), min_size=count, max_size=count))
    buildings = gpd.GeoDataFrame(
        {
            "id": pd.Series([f"b{number:03d}" for number in range(count)], dtype=object),
            "households": np.array(draw(st.lists(st.integers(0, 300), min_size=count, max_size=count)), dtype=np.int64),
            "residents": pd.array(residents, dtype="Int64"),
            "elderly": pd.array([None] * count, dtype="Int64"),
            "children": pd.array([0] * count, dtype="Int64"),
            "estate_id": np.array(draw(st.lists(names, min_size=count, max_size=count)), dtype=object),
        },
        geometry=placed(shapes),
        crs=CRS,
    )
    crossing = [barrier for group in draw(st.lists(barriers(), max_size=4)) for barrier in group]
    market = draw(st.lists(rectangles(4, 12), max_size=1))
    return CommunityInput(
        code="350982001007",
        name="试验社区",
        geometry=placed([draw(communities())])[0],
        buildings=buildings,
        barriers=gpd.GeoDataFrame(
            {"kind": [kind for kind, _ in crossing], "name": [None] * len(crossing)},
            geometry=placed([line for _, line in crossing]),
            crs=CRS,
        ),
        estates=gpd.GeoDataFrame(
            {"id": [f"e{number}" for number in range(len(estates))], "name": ["小区"] * len(estates)},
            geometry=placed(estates),
            crs=CRS,
        ),
        special=gpd.GeoDataFrame(
            {"code": [None] * len(market), "name": ["市场"] * len(market)}, geometry=placed(market), crs=CRS
        ),
        rules=Rules(),
    )


def inside(community, geometries):
    hulls = np.where(shapely.get_num_geometries(geometries) > 1, shapely.convex_hull(geometries), geometries)
    return shapely.intersection(hulls, community.geometry)


@QUIET
@given(towns())
def test_units_tile_the_community_exactly(community):
    polygons = cut_units(community).units.geometry.to_numpy()
    slack_m2 = 2 * RESOLUTION_M * community.geometry.length
    faults = tiling_faults(polygons, community.geometry)
    assert shapely.coverage_is_valid(polygons)
    assert shapely.is_valid(polygons).all()
    assert set(shapely.get_type_id(polygons)) == {shapely.GeometryType.POLYGON}
    assert max(faults.gap_m2, faults.overlap_m2, faults.outside_m2) <= slack_m2
    assert shapely.equals_exact(polygons, round_coordinates(polygons), 0.0).all()


@QUIET
@given(towns())
def test_every_building_stands_uncut_in_exactly_one_unit_and_is_counted_there(community):
    cut = cut_units(community)
    buildings = community.buildings.merge(cut.unit_buildings, left_on="id", right_on="building_id", validate="1:1")
    assert len(buildings) == len(community.buildings) == len(cut.unit_buildings)
    part = inside(community, buildings.geometry.to_numpy())
    own = cut.units.geometry.to_numpy()[buildings["unit"]]
    # A footprint that the border of the community itself cuts in pieces cannot lie in one unit; one that only leans
    # against that border from outside lies in none.
    areal = (shapely.get_type_id(part) == shapely.GeometryType.POLYGON) & (shapely.area(part) > OVERLAP_M2)
    cut_off_m2 = shapely.area(shapely.difference(part[areal], own[areal]))
    assert (cut_off_m2 <= RESOLUTION_M * shapely.length(part[areal])).all()
    points = (shapely.get_dimensions(buildings.geometry.to_numpy()) == 0) & ~shapely.is_empty(part)
    assert (shapely.distance(part[points], own[points]) <= RESOLUTION_M).all()
    assert cut.units["households"].tolist() == [
        buildings.loc[buildings["unit"] == unit, "households"].sum() for unit in cut.units["unit"]
    ]
    unknown = set(buildings.loc[buildings["residents"].isna(), "unit"])
    assert set(cut.units.loc[cut.units["residents"].isna(), "unit"]) == unknown


@QUIET
@given(towns())
def test_small_estates_stay_whole_where_nothing_else_claims_their_land(community):
    plan = propose(community)
    grid = pd.Series(plan.labels[plan.unit_buildings["unit"]], index=plan.unit_buildings["building_id"])
    outlines = np.concatenate([community.estates.geometry.to_numpy(), community.special.geometry.to_numpy()])
    hulls = inside(community, community.buildings.geometry.to_numpy())
    for number, estate in enumerate(community.estates.geometry):
        others = np.delete(outlines, number)
        land = shapely.intersection(estate, community.geometry)
        if shapely.intersects(others, estate).any() or land.geom_type != "Polygon":
            continue
        if (shapely.intersects(hulls, shapely.boundary(estate)) & ~shapely.is_empty(hulls)).any():
            continue
        within = shapely.within(hulls, estate)
        if (community.buildings["estate_id"] == community.estates["id"][number])[~within].any():
            continue
        members = community.buildings[within]
        residents = members["residents"].sum(skipna=False)
        if judge(int(members["households"].sum()), residents, "base", community.rules).status != "large":
            assert len(set(grid[members["id"]])) <= 1


@QUIET
@given(towns(), st.sampled_from([(1, 40), (200, 350), (600, 900)]))
def test_a_plan_over_stored_units_is_that_of_a_fresh_cut_whatever_the_rules(community, sizes):
    other = Rules(households_min=sizes[0], households_max=sizes[1], basis="households")
    stored, fresh = (
        propose(replace(community, rules=other), cut_units(community)),
        propose(replace(community, rules=other)),
    )
    assert stored.labels.tolist() == fresh.labels.tolist()
    assert stored.findings == fresh.findings


@QUIET
@given(towns(), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(community, random):
    def shuffled(frame):
        order = list(range(len(frame)))
        random.shuffle(order)
        return frame.iloc[order].reset_index(drop=True)

    first = cut_units(community)
    second = cut_units(
        CommunityInput(
            community.code,
            community.name,
            community.geometry,
            shuffled(community.buildings),
            shuffled(community.barriers),
            shuffled(community.estates),
            shuffled(community.special),
            community.rules,
        )
    )
    pd.testing.assert_frame_equal(
        pd.DataFrame(first.units.drop(columns="geometry")), pd.DataFrame(second.units.drop(columns="geometry"))
    )
    assert first.units.geometry.to_wkb().tolist() == second.units.geometry.to_wkb().tolist()
    pd.testing.assert_frame_equal(first.unit_buildings, second.unit_buildings)


@QUIET
@given(towns())
def test_the_graph_of_the_units_is_connected_and_symmetric(community):
    units = cut_units(community).units
    graph = unit_graph(units, community.barriers)
    source = np.repeat(np.arange(len(units)), np.diff(graph.start))
    forth = set(zip(source.tolist(), graph.neighbour.tolist(), graph.length_m.tolist(), strict=True))
    assert forth == {(b, a, length) for a, b, length in forth}
    assert (graph.barrier_m <= graph.follow_m).all()
    assert (graph.follow_m <= graph.length_m + 1e-9).all()
    reached, edge = {0}, [0]
    while edge:
        unit = edge.pop()
        new = set(graph.neighbour[graph.start[unit] : graph.start[unit + 1]].tolist()) - reached
        reached |= new
        edge += new
    assert reached == set(range(len(units)))
