"""Grids divided by a drawn line, by hand-computable examples."""

import pytest
import shapely

from gis_service.errors import InputError
from gis_service.partition.split_grid import split_grid
from gis_service.plan.applying import apply, inverse, restore
from gis_service.plan.draft import draft_bytes
from gis_service.plan.operation_records import operation_dict, operation_of
from gis_service.plan.operations import Assign, Lock
from tests.unit.partition.lattices import barriers
from tests.unit.partition.towns import building, community
from tests.unit.plan.drafts import draft_cells

HOMES = {"u0001": shapely.Point(50, -50), "u0002": shapely.Point(150, -20), "u0003": shapely.Point(250, -50)}


def town():
    """Return three units in a row, the first two one grid, and their buildings."""
    buildings = community([building(f"b{code}", point, 100) for code, point in HOMES.items()]).buildings
    return draft_cells(3, 1, [0, 0, 1], 100), buildings.assign(unit=list(HOMES))


def split(draft, buildings, *points, grid=0):
    return split_grid(draft, grid, shapely.LineString(points), buildings.assign(residents=None), barriers())


def test_a_line_between_units_moves_them_and_cuts_none():
    draft, buildings = town()
    found = split(draft, buildings, (100, 10), (100, -110))
    assert found.cut is None
    assert found.operation == Assign(((2, ("u0002",)),))


def test_a_line_through_units_cuts_them_and_makes_one_step_that_is_undone_as_one():
    draft, buildings = town()
    found = split(draft, buildings, (-10, -70), (350, -70))
    done = apply(draft, operation_of(operation_dict(found.operation)))
    assert done.land.code.tolist() == ["u0001.1", "u0001.2", "u0002.1", "u0002.2", "u0003"]
    assert done.labels.tolist() == [0, 2, 0, 2, 1]
    assert [done.totals[key].households for key in (0, 1, 2)] == [200, 100, 0]
    assert shapely.coverage_is_valid(done.land.polygon)
    assert draft_bytes(restore(done, inverse(draft, found.operation))) == draft_bytes(draft)


def test_a_line_that_crosses_twice_makes_two_new_grids():
    draft, buildings = town()
    done = apply(draft, split(draft, buildings, (-10, -90), (100, 60), (210, -90)).operation)
    assert sorted(set(done.labels.tolist())) == [0, 1, 2, 3]


@pytest.mark.parametrize("points", [[(0, 10), (200, 10)], [(50, 10), (50, -50)], [(250, 10), (250, -110)]])
def test_a_line_that_does_not_divide_the_grid_is_refused(points):
    draft, buildings = town()
    with pytest.raises(InputError, match="没有把该网格"):
        split(draft, buildings, *points)


def test_a_line_that_leaves_bits_of_a_side_apart_gives_them_to_the_side_they_touch():
    """South of five units in a row; what joins the two bays of the line is half a metre, too little to be cut off."""
    draft = draft_cells(5, 1, [0] * 5, 100)
    bays = [(101, -99.5), (101, -40), (199, -40), (199, -99.5), (301, -99.5), (301, -40), (399, -40), (399, -99.5)]
    homes = community([building(f"b{at}", shapely.Point(100 * at + 50, -20), 100) for at in range(5)]).buildings
    found = split(draft, homes.assign(unit=draft.land.code), (-10, -99.5), *bays, (510, -99.5))
    done = apply(draft, found.operation)
    assert done.land.code.tolist() == ["u0001", "u0002.1", "u0002.2", "u0003", "u0004.1", "u0004.2", "u0005"]
    assert sorted(done.labels.tolist()) == [0, 0, 0, 0, 0, 0, 1]
    assert done.labels[[2, 5]].sum() == 1, "one bay is a grid, the other stays"


def test_locked_and_unknown_grids_are_not_divided():
    draft, buildings = town()
    with pytest.raises(InputError, match="锁定"):
        split(apply(draft, Lock(0)), buildings, (100, 10), (100, -110))
    with pytest.raises(InputError):
        split(draft, buildings, (100, 10), (100, -110), grid=7)
