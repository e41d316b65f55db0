"""Communities cut into units, each small enough to check by hand.

Cases: no building, one, several; roads, medians, rivers, dead ends; footprints that touch, overlap, cross a road or
the border; points; estates whole, too large, known by name only, crossed by a road; special grids; islands; far hills;
buildings that stand outside.
"""

import tomllib

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import LineString, MultiPolygon, Point, box

from gis_service.geo.crs import RESOLUTION_M, to_metric
from gis_service.partition.community import CommunityInput
from gis_service.partition.remarks import remarks
from gis_service.partition.units import cut_units
from gis_service.plan.rules import Rules
from tests.tilings import tiling_faults
from tests.unit.partition.towns import COUNTS, CRS, building, community, frame


def units_by_building(cut):
    return cut.unit_buildings.set_index("building_id")["unit"].to_dict()


def remarks_on(parts):
    cut = cut_units(parts)
    return sorted(remarks(parts, cut.units, cut.unit_buildings))


def land_of(cut, name):
    return cut.units.geometry[units_by_building(cut)[name]]


def assert_same_land(first, second):
    assert shapely.symmetric_difference(first, second).area <= 2 * RESOLUTION_M * second.length


def test_a_community_without_buildings_or_lines_is_one_open_unit():
    cut = cut_units(community())
    assert cut.units.drop(columns="geometry").to_dict("records") == [
        {
            "unit": 0,
            "code": "u0001",
            "kind": "open",
            "special": None,
            "estate_id": None,
            "households": 0,
            "residents": 0,
            "elderly": 0,
            "children": 0,
        }
    ]
    assert_same_land(cut.units.geometry[0], box(0, 0, 200, 100))
    assert len(cut.unit_buildings) == 0
    assert remarks_on(community()) == []


def test_the_frames_have_the_promised_columns_and_types():
    cut = cut_units(community([building("b", box(10, 10, 30, 30))]))
    assert cut.units.dtypes.astype(str).to_dict() == {
        "unit": "int64",
        "code": "object",
        "kind": "object",
        "special": "object",
        "estate_id": "object",
        "households": "int64",
        "residents": "Int64",
        "elderly": "Int64",
        "children": "Int64",
        "geometry": "geometry",
    }
    assert cut.unit_buildings.dtypes.astype(str).to_dict() == {"building_id": "object", "unit": "int64"}
    assert cut.units.crs == CRS


def test_a_block_with_one_building_is_one_unit_of_kind_block():
    cut = cut_units(community([building("b", box(10, 10, 30, 30))]))
    assert cut.units["kind"].tolist() == ["block"]


def test_two_buildings_share_the_land_midway():
    cut = cut_units(community([building("a", box(40, 40, 60, 60)), building("b", box(140, 40, 160, 60))]))
    assert cut.units["kind"].tolist() == ["cell", "cell"]
    assert_same_land(land_of(cut, "a"), box(0, 0, 100, 100))
    assert_same_land(land_of(cut, "b"), box(100, 0, 200, 100))


def test_the_border_between_parallel_walls_has_no_saw_teeth():
    rows = [building("a", box(10.3, 10, 90, 20)), building("b", box(12.1, 26, 93, 36))]
    cut = cut_units(community(rows, land=box(0, 0, 100, 46)))
    border = shapely.intersection(shapely.intersection(*cut.units.geometry), box(13, 0, 90, 46))
    ys = shapely.get_coordinates(border)[:, 1]
    assert np.abs(ys - 23).max() < 1.0


def test_a_road_separates_blocks_and_a_dead_end_does_not():
    rows = [building("a", box(40, 40, 60, 60)), building("b", box(170, 40, 190, 60))]
    road, dead_end = ("road", LineString([(80, -5), (80, 105)])), ("road", LineString([(120, -5), (120, 60)]))
    cut = cut_units(community(rows, barriers=[road, dead_end]))
    assert_same_land(land_of(cut, "a"), box(0, 0, 80, 100))
    assert_same_land(land_of(cut, "b"), box(80, 0, 200, 100))
    assert cut.units["kind"].tolist() == ["block", "block"]


def test_the_median_of_a_dual_carriageway_is_no_unit():
    rows = [building("a", box(20, 40, 40, 60)), building("b", box(160, 40, 180, 60))]
    lanes = [("road", LineString([(x, -5), (x, 105)])) for x in (92, 108)]
    cut = cut_units(community(rows, barriers=lanes))
    assert len(cut.units) == 2
    assert sorted(cut.units.area.round().tolist()) == [9200, 10800]


def test_a_wide_river_is_a_unit_and_a_narrow_one_joins_a_bank():
    rows = [building("a", box(20, 40, 40, 60)), building("b", box(560, 40, 580, 60))]
    for width, kinds in ((100, ["block", "open", "block"]), (20, ["block", "block"])):
        river = [("river", box(300 - width / 2, -5, 300 + width / 2, 105))]
        cut = cut_units(community(rows, land=box(0, 0, 600, 100), barriers=river))
        assert sorted(cut.units["kind"]) == sorted(kinds)
        assert land_of(cut, "a").area + land_of(cut, "b").area == pytest.approx(
            60_000 - (10_000 if width == 100 else 0)
        )


def test_a_building_across_a_road_is_not_cut_and_belongs_where_most_of_it_stands():
    rows = [building("a", box(70, 40, 105, 60)), building("b", box(150, 40, 170, 60))]
    cut = cut_units(community(rows, barriers=[("road", LineString([(100, -5), (100, 105)]))]))
    assert_same_land(land_of(cut, "a"), box(0, 0, 100, 100) | box(70, 40, 105, 60))


def test_buildings_that_share_a_wall_are_parted_along_it():
    rows = [building("a", box(60, 40, 100, 60)), building("b", box(100, 40, 140, 60))]
    cut = cut_units(community(rows))
    assert_same_land(land_of(cut, "a"), box(0, 0, 100, 100))


def test_overlapping_buildings_stay_together():
    rows = [
        building("podium", box(40, 40, 80, 60)),
        building("tower", box(70, 50, 90, 70)),
        building("c", box(150, 40, 160, 50)),
    ]
    unit = units_by_building(cut_units(community(rows)))
    assert unit["podium"] == unit["tower"] != unit["c"]


def test_inseparable_buildings_above_the_maximum_are_reported():
    rows = [building("b2", Point(50, 50), 300), building("b1", Point(50.5, 50), 201)]
    (finding,) = remarks_on(community(rows))
    assert (finding.kind, finding.subject) == ("buildings_inseparable", "b1")
    assert "501" in finding.zh


def test_points_in_one_place_and_points_in_a_footprint_stay_with_it():
    rows = [
        building("p1", Point(30, 30)),
        building("p2", Point(30, 30)),
        building("house", box(100, 40, 120, 60)),
        building("p3", Point(110, 50)),
        building("p4", Point(170, 50)),
    ]
    unit = units_by_building(cut_units(community(rows)))
    assert unit["p1"] == unit["p2"]
    assert unit["house"] == unit["p3"]
    assert len(set(unit.values())) == 3


def test_a_point_on_the_line_between_two_blocks_has_exactly_one_unit():
    rows = [building("p", Point(100, 50)), building("a", box(20, 40, 40, 60)), building("b", box(160, 40, 180, 60))]
    cut = cut_units(community(rows, barriers=[("road", LineString([(100, -5), (100, 105)]))]))
    assert len(cut.unit_buildings) == 3
    assert land_of(cut, "p").distance(Point(100, 50)) == 0


def test_a_building_of_two_wings_lies_in_one_unit():
    wings = MultiPolygon([box(40, 40, 50, 60), box(70, 40, 80, 60)])
    rows = [building("wings", wings), building("b", box(95, 40, 105, 60))]
    assert land_of(cut_units(community(rows)), "wings").covers(wings)


def test_a_house_in_a_courtyard_is_a_unit_in_a_hole():
    ring = box(50, 10, 130, 90) - box(70, 30, 110, 70)
    cut = cut_units(community([building("ring", ring), building("inner", box(85, 45, 95, 55))]))
    assert land_of(cut, "ring").covers(ring)
    assert len(land_of(cut, "ring").interiors) == 1


def test_a_footprint_over_the_border_keeps_the_part_inside_uncut():
    rows = [building("a", box(190, 40, 230, 60)), building("b", box(150, 40, 170, 60))]
    cut = cut_units(community(rows))
    assert land_of(cut, "a").buffer(RESOLUTION_M).covers(box(190, 40, 200, 60))
    assert remarks_on(community(rows)) == []


def test_a_building_outside_the_community_belongs_to_the_nearest_unit_and_is_reported():
    rows = [
        building("a", box(20, 40, 40, 60)),
        building("b", box(160, 40, 180, 60)),
        building("far", Point(300, 50), 7),
    ]
    cut = cut_units(community(rows))
    unit = units_by_building(cut)
    assert unit["far"] == unit["b"]
    assert cut.units["households"][unit["b"]] == 17
    assert [(finding.kind, finding.subject) for finding in remarks_on(community(rows))] == [("building_outside", "far")]


def test_an_estate_is_cut_between_its_buildings_and_takes_the_verge_up_to_the_road():
    rows = [building("a", box(20, 20, 40, 40), 200, "E"), building("b", box(60, 20, 80, 40), 200, "E")]
    rows.append(building("c", box(150, 40, 170, 60)))
    estate, road = ("E", box(5, 5, 95, 95)), ("road", LineString([(100, -5), (100, 105)]))
    cut = cut_units(community(rows, estates=[estate], barriers=[road]))
    assert_same_land(land_of(cut, "a") | land_of(cut, "b"), box(0, 0, 100, 100))
    assert_same_land(land_of(cut, "a") & estate[1], box(5, 5, 50, 95))
    assert cut.units[["kind", "estate_id", "households"]].to_dict("records") == [
        {"kind": "cell", "estate_id": "E", "households": 200},
        {"kind": "cell", "estate_id": "E", "households": 200},
        {"kind": "block", "estate_id": None, "households": 10},
    ]


def test_the_verge_around_walls_belongs_to_the_land_behind_them_on_either_side_of_a_lane():
    wall = LineString([(20, 97), (20, 20), (180, 20), (180, 180), (20, 180), (20, 103)])
    lines = [("wall", wall), ("road", LineString([(100, 20), (100, 180)]))]
    rows = [building("a", box(50, 90, 60, 110), 10, "E"), building("b", box(140, 90, 150, 110), 10, "E")]
    estates = [("E", box(20, 20, 180, 180))]
    cut = cut_units(community(rows, land=box(0, 0, 200, 200), barriers=lines, estates=estates))
    assert_same_land(land_of(cut, "a"), box(0, 0, 100, 200))
    assert_same_land(land_of(cut, "b"), box(100, 0, 200, 200))


def test_a_river_bank_is_cut_where_the_streets_beside_it_meet_it():
    lines = [("river", LineString([(-5, 150), (605, 150)])), ("road", LineString([(-5, 100), (605, 100)]))]
    lines += [("road", LineString([(x, -5), (x, 100)])) for x in (200, 400)]
    rows = [building(f"b{x}", box(x, 40, x + 20, 60)) for x in (90, 290, 490)]
    cut = cut_units(community(rows, land=box(0, 0, 600, 200), barriers=lines))
    bank = cut.units[cut.units["kind"] == "open"]
    assert sorted(map(round, bank.area)) == [10_000] * 6  # three of the bank, three across the river


def test_half_a_river_along_the_border_goes_to_those_who_live_beside_it():
    lines = [("river", box(-5, 100, 405, 130)), ("road", LineString([(200, -5), (200, 100)]))]
    rows = [building("a", box(90, 40, 110, 60)), building("b", box(290, 40, 310, 60))]
    cut = cut_units(community(rows, land=box(0, 0, 400, 115), barriers=lines))
    assert_same_land(land_of(cut, "a"), box(0, 0, 200, 115))
    assert_same_land(land_of(cut, "b"), box(200, 0, 400, 115))


def test_borders_inside_an_estate_stay_within_its_walls():
    rows = [building("a", box(20, 20, 40, 40), 300, "E"), building("b", box(60, 20, 80, 40), 201, "E")]
    rows.append(building("c", box(110, 20, 130, 40)))
    cut = cut_units(community(rows, estates=[("E", box(0, 0, 100, 100))]))
    unit = units_by_building(cut)
    assert len(set(unit.values())) == 3
    assert_same_land(land_of(cut, "a"), box(0, 0, 50, 100))
    assert land_of(cut, "b").covers(box(50.01, 0.01, 99.99, 99.99))
    assert cut.units["kind"].tolist() == ["cell"] * 3
    assert cut.units["estate_id"].tolist() == ["E", "E", None]


def test_an_estate_with_one_building_is_a_unit_of_kind_estate():
    cut = cut_units(
        community(
            [building("a", box(20, 20, 40, 40)), building("b", box(150, 20, 170, 40))],
            estates=[("E", box(0, 0, 100, 100))],
        )
    )
    assert land_of(cut, "a").buffer(RESOLUTION_M).covers(box(0, 0, 100, 100))
    assert cut.units["kind"].tolist() == ["estate", "cell"]


def test_a_road_through_an_estate_is_a_border_of_its_units():
    rows = [building("a", box(20, 40, 40, 60), 10, "E"), building("b", box(190, 40, 198, 60), 10, "E")]
    road = ("road", LineString([(80, -5), (80, 105)]))
    cut = cut_units(community(rows, estates=[("E", box(0, 0, 200, 100))], barriers=[road]))
    assert_same_land(land_of(cut, "a"), box(0, 0, 80, 100))
    assert cut.units["estate_id"].tolist() == ["E", "E"]


def test_open_land_of_an_estate_is_a_unit_that_knows_its_estate():
    rows = [building("a", box(20, 40, 40, 60), 10, "E"), building("c", box(250, 40, 270, 60))]
    road = ("road", LineString([(80, -5), (80, 105)]))
    estate = ("E", box(0, 0, 200, 100))
    cut = cut_units(community(rows, land=box(0, 0, 300, 100), estates=[estate], barriers=[road]))
    assert cut.units[["kind", "estate_id"]].to_numpy().tolist() == [["block", "E"], ["open", "E"], ["cell", None]]


def test_leftover_land_of_an_estate_stays_with_it():
    # Across the road 1,500 m² of the estate have no buildings; their border with c is longer than the one with a.
    rows = [building("a", box(20, 10, 40, 20), 10, "E"), building("c", box(120, 40, 140, 60))]
    road = ("road", LineString([(-5, 30), (205, 30)]))
    estate = ("E", box(0, 0, 100, 30) | box(80, 30, 95, 130))
    cut = cut_units(community(rows, land=box(0, 0, 200, 130), estates=[estate], barriers=[road]))
    assert land_of(cut, "a").covers(box(81, 31, 94, 129))


def test_an_estate_known_by_name_only_is_the_cells_of_its_buildings():
    rows = [
        building(name, box(x, 40, x + 10, 60), 10, estate)
        for name, x, estate in (("a", 20, "E"), ("b", 60, "E"), ("c", 100, None))
    ]
    cut = cut_units(community(rows))
    assert_same_land(land_of(cut, "a") | land_of(cut, "b"), box(0, 0, 85, 100))
    assert cut.units["estate_id"].tolist() == ["E", "E", None]


def test_cutting_changes_nothing_of_what_it_is_given():
    parts = community([building("a", box(20, 40, 30, 60), 10, "E")], estates=[("E", None)])
    cut_units(parts)
    assert parts.estates.geometry.tolist() == [None]
    assert remarks_on(parts) == []


def test_the_place_of_a_building_outweighs_the_estate_it_names():
    rows = [building("a", box(20, 40, 40, 60), 10, "E"), building("b", box(60, 40, 80, 60), 10, "F")]
    parts = community(rows, estates=[("E", box(0, 0, 100, 100)), ("F", box(150, 0, 200, 100))])
    cut = cut_units(parts)
    assert cut.units["estate_id"][units_by_building(cut)["b"]] == "E"
    assert [(finding.kind, finding.subject) for finding in remarks_on(parts)] == [("building_estate_differs", "b")]


def test_an_estate_of_the_neighbour_community_claims_no_land_here():
    rows = [building("a", box(20, 40, 40, 60)), building("b", box(100, 40, 120, 60))]
    cut = cut_units(community(rows, estates=[("E", box(180, 0, 400, 100))]))
    assert cut.units["kind"].tolist() == ["cell", "cell"]


def test_a_special_grid_is_its_own_unit_and_does_not_grow():
    rows = [
        building("stall", box(120, 40, 140, 60), 0),
        building("a", box(20, 40, 40, 60)),
        building("b", box(60, 40, 80, 60)),
    ]
    market = box(110, 10, 190, 90)
    cut = cut_units(community(rows, special=[("中心市场", market)]))
    assert_same_land(land_of(cut, "stall"), market)
    assert cut.units["special"].dropna().tolist() == ["中心市场"]
    assert cut.units.loc[cut.units["special"].notna(), "kind"].tolist() == ["block"]


def test_a_special_grid_without_buildings_is_open_and_nameless_ones_go_by_their_code():
    parts = community(special=[(None, box(110, 10, 190, 90))])
    parts.special["code"] = "S1"
    cut = cut_units(parts)
    assert cut.units.loc[cut.units["special"] == "S1", "kind"].tolist() == ["open"]


def test_land_far_from_all_buildings_is_open_and_leaves_no_long_wedges():
    rows = [building(f"b{x}", box(x, 20, x + 30, 40)) for x in (400, 500, 600)]
    cut = cut_units(community(rows, land=box(0, 0, 1000, 900)))
    assert sorted(cut.units["kind"]) == ["cell", "cell", "cell", "open"]
    assert land_of(cut, "b500").bounds[3] < 250


def test_units_never_span_islands():
    land = MultiPolygon([box(0, 0, 100, 100), box(110, 0, 210, 100)])
    rows = [building("a", box(20, 40, 40, 60), 10, "E"), building("b", box(160, 40, 180, 60), 10, "E")]
    cut = cut_units(community(rows, land=land))
    assert cut.units["estate_id"].tolist() == ["E", "E"]
    assert sorted(cut.units.area.tolist()) == pytest.approx([10_000, 10_000])


def test_a_piece_of_a_cell_behind_a_notch_joins_the_neighbour():
    # The notch cuts a strip of the land nearest to a off from a; it hangs on the land of b only.
    land = box(0, 0, 200, 100) - box(70, 20, 90, 100)
    rows = [building("a", box(60, 60, 68, 90)), building("b", box(95, 2, 190, 20))]
    cut = cut_units(community(rows, land=land))
    assert len(cut.units) == 2
    assert set(cut.units.geometry.geom_type) == {"Polygon"}
    assert land_of(cut, "b").covers(Point(92, 80))


def test_a_count_is_unknown_as_soon_as_one_building_has_none():
    rows = [
        building("a", box(40, 40, 60, 60), 3, residents=8, elderly=2),
        building("b", box(50, 50, 70, 70), 4, residents=None, elderly=1),
        building("c", box(150, 40, 160, 60), 5, residents=9),
    ]
    units = cut_units(community(rows)).units
    assert units["households"].tolist() == [7, 5]
    assert units["residents"].isna().tolist() == [True, False]
    assert units["residents"][1] == 9
    assert units["elderly"].tolist() == [3, pd.NA]


def test_units_are_numbered_in_rows_from_north_to_south_and_west_to_east():
    rows = [building(f"{x}{y}", box(x + 90, y + 90, x + 110, y + 110)) for x in (0, 200, 400) for y in (0, 200)]
    cut = cut_units(community(rows, land=box(0, 0, 600, 400)))
    unit = units_by_building(cut)
    assert sorted(unit, key=unit.get) == ["0200", "200200", "400200", "00", "2000", "4000"]
    assert cut.units["code"].tolist() == ["u0001", "u0002", "u0003", "u0004", "u0005", "u0006"]


@pytest.mark.cases
@pytest.mark.parametrize("case", ["singapore_bukit_merah", "singapore_outram"])
def test_real_communities_are_tiled_and_their_footprints_stay_uncut(cases_dir, case):
    folder = cases_dir / case
    dataset = tomllib.loads((folder / "dataset.toml").read_text(encoding="utf-8"))
    layers = {
        kind: to_metric(gpd.read_file(folder / f"{kind}.gpkg"), dataset["dataset"]["metric_crs"])
        for kind in ("regions", "buildings", "barriers")
    }
    buildings = layers["buildings"].assign(estate_id=None, **dict.fromkeys(COUNTS, pd.NA))
    buildings = buildings.astype(dict.fromkeys(COUNTS, "Int64"))
    centres = shapely.point_on_surface(buildings.geometry.to_numpy())
    none = frame([], ("id", "code", "name"))
    for region in layers["regions"].query("level == 'community'").itertuples():
        mine = buildings[shapely.intersects(region.geometry, centres)].reset_index(drop=True)
        parts = CommunityInput(region.code, region.name, region.geometry, mine, layers["barriers"], none, none, Rules())
        cut = cut_units(parts)
        polygons = cut.units.geometry.to_numpy()
        faults = tiling_faults(polygons, region.geometry)
        assert shapely.coverage_is_valid(polygons)
        assert max(faults.gap_m2, faults.overlap_m2, faults.outside_m2) <= 2 * RESOLUTION_M * region.geometry.length
        unit = np.array([units_by_building(cut)[name] for name in mine["id"]], dtype=np.int64)
        inside = shapely.intersection(mine.geometry.to_numpy(), region.geometry)
        cut_off_m2 = shapely.area(shapely.difference(inside, polygons[unit]))
        assert (cut_off_m2 <= RESOLUTION_M * shapely.length(inside)).all()
        assert cut.units["households"].sum() == mine["households"].sum()


def test_a_drive_through_a_building_divides_nothing_there():
    comb = shapely.union_all([box(60, 20, 80, 80), box(80, 20, 120, 30), box(80, 45, 120, 55), box(80, 70, 120, 80)])
    rows = [building("comb", comb), building("b", box(160, 40, 180, 60))]
    cut = cut_units(community(rows, barriers=[("road", LineString([(85, -5), (85, 105)]))]))
    land = land_of(cut, "comb")
    assert land.covers(shapely.convex_hull(comb))
    assert len(land.exterior.coords) <= 8


def test_a_border_between_buildings_has_no_bend_that_nothing_calls_for():
    rows = [building(f"west{y}", box(60, y, 85 + y % 3, y + 8)) for y in (10, 32, 54, 77)]
    rows += [building(f"east{y}", box(110 + y % 4, y, 140, y + 8)) for y in (18, 41, 66, 84)]
    polygons = cut_units(community(rows)).units.geometry.to_numpy()
    vertices = np.unique(shapely.get_coordinates(polygons), axis=0)
    meeting = [point for point in vertices if shapely.dwithin(polygons, shapely.Point(point), 1e-9).sum() > 1]
    bends = [point for point in meeting if shapely.dwithin(polygons, shapely.Point(point), 1e-9).sum() == 2]
    inside = [point for point in bends if 0 < point[0] < 200 and 0 < point[1] < 100]
    assert len(inside) <= 1
