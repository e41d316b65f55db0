"""Units cut by a drawn line, by hand-computable examples."""

import numpy as np
import pytest
import shapely

from gis_service.errors import InputError
from gis_service.partition.contiguity import unit_graph
from gis_service.partition.draft_land import draft_land, land_graph
from gis_service.partition.split_line import split_line
from gis_service.partition.unit_frames import sum_up
from gis_service.plan.applying import apply, inverse, restore
from gis_service.plan.draft import DraftGrid, assigned_units, draft_bytes, draft_of
from gis_service.plan.operation_records import operation_dict, operation_of
from tests.tilings import tiling_faults
from tests.unit.partition.towns import CRS, building, community, frame

ROAD = [("road", shapely.LineString([(100, -5), (100, 105)]))]
"""Cuts the usual 200 x 100 m into two units."""


def town(*buildings, barriers=ROAD, land=None):
    """Return a community, its land as two units of 100 x 100 m (or the parts of ``land``), and its buildings."""
    given = community(buildings, barriers=barriers, land=land)
    shapes = shapely.get_parts(land) if land else [shapely.box(0, 0, 100, 100), shapely.box(100, 0, 200, 100)]
    unit = shapely.STRtree(shapes).query_nearest(given.buildings.geometry.to_numpy(), all_matches=False)[1]
    units = frame(
        [
            {"unit": number, "code": f"u{number + 1:04d}", "kind": "block", "special": None, "geometry": shape}
            for number, shape in enumerate(shapes)
        ],
        ("unit", "code", "kind", "special", "estate_id"),
    )
    units = sum_up(units, given.buildings, unit)
    return given, draft_land(units, given.barriers), given.buildings.assign(unit=units["code"].to_numpy()[unit])


def split(land, buildings, *points, barriers=None, **more):
    lines = community().barriers if barriers is None else barriers
    return split_line(land, shapely.LineString(points), buildings, lines, **more)


def after(land, cut):
    draft = draft_of(land, np.zeros(len(land), np.int64), [DraftGrid(0)])
    return apply(draft, cut.operation)


def test_a_line_across_one_unit_makes_two_pieces_that_share_the_neighbours_vertices():
    _, land, buildings = town(building("a", shapely.box(20, 20, 30, 30)), building("b", shapely.box(20, 70, 30, 80)))
    cut = split(land, buildings, (-5, 50), (95, 50), (105, 50), units=["u0001"])
    assert cut.operation.cuts == (("u0001", ("u0001.1", "u0001.2")),)
    assert cut.operation.buildings == (("u0001.1", ("b",)), ("u0001.2", ("a",)))
    assert cut.bent == ()
    new = after(land, cut).land
    assert new.code.tolist() == ["u0001.1", "u0001.2", "u0002"]
    assert new.polygon[0].equals(shapely.box(0, 50, 100, 100))
    assert new.polygon[1].equals(shapely.box(0, 0, 100, 50))
    assert new.polygon[2].equals(shapely.box(100, 0, 200, 100))
    assert [100.0, 50.0] in shapely.get_coordinates(new.polygon[2]).tolist()
    assert shapely.coverage_is_valid(new.polygon)
    assert new.households.tolist() == [10, 10, 0]


def test_a_line_bends_around_a_building_the_shorter_way_and_says_so():
    _, land, buildings = town(building("a", shapely.box(40, 45, 60, 65)))
    cut = split(land, buildings, (-5, 50), (100, 50))
    assert cut.bent == ("a",)
    assert "绕开 1 栋" in cut.text.zh
    assert "bends around 1" in cut.text.en
    new = after(land, cut).land
    north, south = new.polygon[:2]
    # 5 m of the building lie south of the line and 15 m north: the cut passes south of it, at 2 m.
    assert shapely.covers(north, shapely.box(40, 45, 60, 65))
    assert north.equals(shapely.union(shapely.box(0, 50, 100, 100), shapely.box(38, 43, 62, 50)))
    assert south.area == pytest.approx(100 * 50 - 24 * 7)
    assert cut.operation.buildings == (("u0001.1", ("a",)), ("u0001.2", ()))


@pytest.mark.parametrize("depth_m", [0.003, 0.03])
def test_a_line_that_only_grazes_a_wall_leaves_the_building_whole(depth_m):
    _, land, buildings = town(building("a", shapely.box(40, 45, 60, 65)))
    cut = split(land, buildings, (-5, 45 + depth_m), (105, 45 + depth_m), units=["u0001"])
    assert shapely.covers(after(land, cut).land.polygon[0], shapely.box(40, 45, 60, 65))


def test_between_two_close_buildings_the_line_keeps_less_distance():
    _, land, buildings = town(building("a", shapely.box(40, 45, 60, 65)), building("b", shapely.box(40, 40, 60, 44)))
    new = after(land, split(land, buildings, (-5, 50), (100, 50))).land
    north = new.polygon[0]
    assert shapely.covers(north, shapely.box(40, 45, 60, 65))
    assert not shapely.intersects(north, shapely.box(40, 40, 60, 44))
    assert north.bounds[1] == pytest.approx(45 - 0.3)  # of the gap of 1 m between them


def test_buildings_that_overlap_stay_together():
    _, land, buildings = town(
        building("a", shapely.box(40, 30, 60, 52)),
        building("b", shapely.box(50, 48, 70, 60)),
        building("c", shapely.Point(10, 50)),
    )
    cut = split(land, buildings, (-5, 50), (100, 50))
    homes = {name: code for code, names in cut.operation.buildings for name in names}
    assert homes["a"] == homes["b"]
    assert set(homes) == {"a", "b", "c"}
    assert cut.bent == ("a", "b", "c")


def test_a_line_across_several_units_meets_itself_on_their_common_border():
    given, land, buildings = town()
    cut = split(land, buildings, (-7.3, 31.7), (207.9, 58.1))
    assert [unit for unit, _ in cut.operation.cuts] == ["u0001", "u0002"]
    new = after(land, cut).land
    assert shapely.coverage_is_valid(new.polygon)
    faults = tiling_faults(new.polygon, given.geometry)
    assert max(faults.gap_m2, faults.overlap_m2, faults.outside_m2) < 1e-3
    assert len(new) == 4
    assert new.borders.touching.sum() == 4


def test_the_borders_of_the_pieces_are_those_the_units_would_have_from_the_start():
    river = [*ROAD, ("river", shapely.LineString([(100, 40), (205, 40)]))]
    given, land, buildings = town(
        building("a", shapely.box(40, 45, 60, 65)), building("b", shapely.box(140, 45, 160, 65)), barriers=river
    )
    cut = split(land, buildings, (-5, 60), (205, 61), barriers=given.barriers)
    new = after(land, cut)
    fresh = unit_graph(assigned_units(new, CRS), given.barriers)
    kept = land_graph(new.land)
    assert kept.start.tolist() == fresh.start.tolist()
    assert kept.neighbour.tolist() == fresh.neighbour.tolist()
    for name in ("length_m", "barrier_m", "follow_m"):
        assert getattr(kept, name) == pytest.approx(getattr(fresh, name))


def test_a_cut_that_is_taken_back_leaves_no_trace():
    _, land, buildings = town(building("a", shapely.box(40, 45, 60, 65)), building("b", shapely.box(140, 20, 150, 30)))
    draft = draft_of(land, np.array([0, 1]), [DraftGrid(0), DraftGrid(1)])
    operation = split(land, buildings, (-5, 50), (205, 51)).operation
    done = apply(draft, operation)
    assert done.labels.tolist() == [0, 0, 1, 1]
    assert draft_bytes(restore(done, inverse(draft, operation))) == draft_bytes(draft)
    assert draft_bytes(apply(draft, operation_of(operation_dict(operation)))) == draft_bytes(done)


def test_a_piece_can_be_cut_again_and_codes_in_use_are_passed_over():
    _, land, buildings = town()
    once = after(land, split(land, buildings, (-5, 50), (100, 50), units=["u0001"], taken=["u0001.1"])).land
    assert once.code.tolist() == ["u0001.2", "u0001.3", "u0002"]
    twice = after(once, split(once, buildings, (50, 105), (50, 50), units=["u0001.2"])).land
    assert twice.code.tolist() == ["u0001.2.1", "u0001.2.2", "u0001.3", "u0002"]
    assert shapely.coverage_is_valid(twice.polygon)


def test_parts_that_lie_apart_stay_bridged_by_the_nearer_piece():
    land_apart = shapely.MultiPolygon([shapely.box(0, 0, 100, 100), shapely.box(110, 0, 150, 20)])
    _, land, buildings = town(barriers=(), land=land_apart)
    assert (~land.borders.touching).sum() == 1
    new = after(land, split(land, buildings, (-5, 50), (105, 50)))
    bridge = np.flatnonzero(~new.land.borders.touching)
    assert len(bridge) == 1
    ends = {new.land.code[new.land.borders.left[bridge[0]]], new.land.code[new.land.borders.right[bridge[0]]]}
    assert ends == {"u0001.2", "u0002"}


def test_unknown_residents_stay_unknown_where_their_building_stands():
    _, land, buildings = town(
        building("a", shapely.box(20, 20, 30, 30), residents=7), building("b", shapely.box(20, 70, 30, 80))
    )
    cut = split(land, buildings, (-5, 50), (100, 50))
    assert [unit.residents for unit in cut.operation.recut.come] == [None, 7]


@pytest.mark.parametrize(
    "points",
    [
        [(10, 50), (90, 50)],  # ends inside
        [(-5, 50), (50, 50)],  # one end inside
        [(-5, 99.9), (100, 99.9)],  # a sliver
        [(100, -5), (100, 105)],  # along a border
        [(300, 0), (400, 0)],  # outside
        [(0, 0), (0, 0)],  # no line
    ],
)
def test_a_line_that_divides_nothing_is_refused(points):
    _, land, buildings = town()
    with pytest.raises(InputError):
        split(land, buildings, *points)


def test_the_order_of_rows_does_not_matter():
    _, land, buildings = town(
        building("a", shapely.box(40, 45, 60, 65)),
        building("b", shapely.box(20, 40, 30, 52)),
        building("c", shapely.Point(80, 50)),
    )
    first = split(land, buildings, (-5, 50), (205, 51))
    second = split(land, buildings.iloc[::-1].reset_index(drop=True), (-5, 50), (205, 51))
    assert operation_dict(first.operation) == operation_dict(second.operation)
    assert first.bent == second.bent
