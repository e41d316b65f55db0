import geopandas as gpd
import numpy as np
import shapely

from gis_service.partition.start import NONE, in_canonical_order, start_of
from tests.unit.partition.lattices import CRS, SIDE_M, lattice, units_frame


def strips(*bounds):
    boxes = [shapely.box(west * SIDE_M, -2 * SIDE_M, east * SIDE_M, 0) for west, east in bounds]
    return gpd.GeoDataFrame({"code": [str(i) for i in range(len(boxes))]}, geometry=boxes, crs=CRS)


def start(grids, cells, people, group=None):
    """Return the start of units with one building each in the middle of their western half."""
    units = units_frame(cells, people)
    points = np.array([shapely.Point((c + 0.25) * SIDE_M, -(r + 0.5) * SIDE_M) for c, r in cells], dtype=object)
    groups = np.arange(len(cells)) if group is None else np.array(group)
    return start_of(grids, units, groups, points, np.array(people), np.arange(len(cells))).tolist()


def test_units_belong_to_the_grid_they_lie_in():
    assert start(strips((0, 2), (2, 4)), lattice(4, 1), [10, 10, 10, 10]) == [0, 0, 1, 1]


def test_where_a_grid_cuts_a_unit_its_people_decide_and_else_its_land():
    grids = strips((0, 1.4), (1.4, 4))
    assert start(grids, lattice(3, 1), [10, 10, 10]) == [0, 0, 1]  # the building of unit 1 stands in the west
    assert start(grids, lattice(3, 1), [10, 0, 10]) == [0, 1, 1]  # 60 % of its land lies in the east


def test_units_without_a_grid_have_none():
    assert start(strips((0, 1)), lattice(3, 1), [10, 10, 0]) == [0, NONE, NONE]
    assert start(strips(), lattice(2, 1), [10, 0]) == [NONE, NONE]


def test_a_group_goes_where_most_of_its_people_live():
    assert start(strips((0, 1), (1, 4)), lattice(3, 1), [30, 10, 5], group=[0, 0, 1]) == [0, 1]


def test_grids_stand_in_one_order_however_they_are_listed_and_drawn():
    north, south = shapely.box(0, 0, 10, 10), shapely.box(0, -10, 10, 0)
    codes = ["B", None, "A", None]
    grids = gpd.GeoDataFrame({"code": codes}, geometry=[north, south, north, north], crs=CRS)
    found = in_canonical_order(grids)
    assert found["code"].dropna().tolist() == ["A", "B"]
    turned = grids[::-1].set_geometry(shapely.reverse(grids[::-1].geometry.to_numpy()), crs=CRS)
    again = in_canonical_order(turned)
    assert again["code"].equals(found["code"])
    assert again.geometry.geom_equals(found.geometry).all()
    assert found.index.tolist() == again.index.tolist() == [0, 1, 2, 3]
