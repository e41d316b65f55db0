"""The bound on how compact two grids can be that share some land, which a benchmark prints as proven."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from shapely.ops import split

from gis_service.geo.compactness import polsby_popper

SOURCE = Path(__file__).resolve().parents[2] / "benchmarks" / "partition" / "two_grids.py"
SQUARE = np.pi / 4.0
LEAST, MOST = 300, 500


def _loaded() -> ModuleType:
    spec = importlib.util.spec_from_file_location("two_grids", SOURCE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["two_grids"] = module  # dataclasses ask there
    spec.loader.exec_module(module)
    return module


two_grids = _loaded()


def bound(land: shapely.Polygon, places: list[tuple[float, float]], households: list[int], steps: int = 60) -> float:
    people = two_grids.People(np.array(places), np.array(households), LEAST, MOST)
    return float(two_grids.bound_of_two(land, people, steps))


def mean_of(grids: list[shapely.Polygon]) -> float:
    return float(polsby_popper(np.array(grids, dtype=object)).mean())


def test_two_towers_of_a_long_field_may_have_a_square_each_and_not_much_more() -> None:
    land = shapely.box(1000.0, 2000.0, 1200.0, 2100.0)
    tight = bound(land, [(1050.0, 2050.0), (1150.0, 2050.0)], [400, 400], 400)
    assert SQUARE <= tight < SQUARE + 0.07


def test_a_corner_cannot_be_cut_off_alone_where_too_few_live_in_it() -> None:
    land = shapely.box(0.0, 0.0, 1000.0, 20.0)
    by_the_ends = bound(land, [(5.0, 10.0), (995.0, 10.0)], [400, 400], 400)
    together = bound(land, [(480.0, 10.0), (520.0, 10.0), (450.0, 10.0), (550.0, 10.0)], [200, 200, 200, 200], 400)
    assert together < by_the_ends


def test_households_that_no_two_grids_can_share_have_no_bound() -> None:
    assert np.isnan(bound(shapely.box(0.0, 0.0, 200.0, 100.0), [(50.0, 50.0)], [599]))


def test_land_with_a_hole_is_refused() -> None:
    land = shapely.box(0.0, 0.0, 200.0, 100.0).difference(shapely.box(90.0, 40.0, 110.0, 60.0))
    with pytest.raises(ValueError, match="holes"):
        bound(land, [(50.0, 50.0), (150.0, 50.0)], [400, 400])


@given(
    radii=st.lists(st.floats(40.0, 200.0), min_size=5, max_size=12),
    ends=st.tuples(st.floats(0.0, 1.0), st.floats(0.0, 1.0)),
    bend=st.tuples(st.floats(-60.0, 60.0), st.floats(-60.0, 60.0)),
    few=st.integers(LEAST, MOST),
)
@settings(deadline=None, max_examples=60)
def test_no_division_in_two_is_more_compact_than_the_bound(
    radii: list[float], ends: tuple[float, float], bend: tuple[float, float], few: int
) -> None:
    turn = np.linspace(0.0, 2.0 * np.pi, len(radii), endpoint=False)
    land = shapely.Polygon(np.column_stack((np.cos(turn), np.sin(turn))) * np.array(radii)[:, None])
    p, q = (land.exterior.interpolate(end, normalized=True) for end in ends)
    towards = [(2.0 * end.x - bend[0], 2.0 * end.y - bend[1]) for end in (p, q)]  # beyond the outline
    grids = list(split(land, shapely.LineString([towards[0], bend, towards[1]])).geoms)
    assume(len(grids) == 2 and min(shapely.area(grids)) > 1.0)
    places = [(point.x, point.y) for point in shapely.point_on_surface(grids)]
    assert mean_of(grids) <= bound(land, places, [few, few]) + 1e-9


@given(
    width_m=st.floats(50.0, 300.0),
    height_m=st.floats(50.0, 300.0),
    radius_m=st.floats(2.0, 24.0),
    few=st.integers(300, 500),
)
@settings(deadline=None, max_examples=25)
def test_nor_is_a_round_grid_with_another_around_it(width_m: float, height_m: float, radius_m: float, few: int) -> None:
    land = shapely.box(0.0, 0.0, width_m, height_m)
    middle = shapely.Point(width_m / 2.0, height_m / 2.0)
    inner = middle.buffer(radius_m, quad_segs=64)
    at = [(middle.x - 0.9 * radius_m, middle.y), (middle.x + 0.9 * radius_m, middle.y), (1.0, 1.0)]
    share = [few // 2, few - few // 2, few]
    assert mean_of([inner, land.difference(inner)]) <= bound(land, at, share) + 1e-9
