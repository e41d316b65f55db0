"""Streets of the walking network that may bound a grid, and how the barriers are completed by them."""

import geopandas as gpd
import pandas as pd
import pytest
from shapely import LineString, box

from gis_service.partition.streets import street_barriers, with_streets
from gis_service.partition.units import cut_units
from tests.unit.partition.towns import CRS, building, community


def edges(*kinds, names=None):
    lines = [LineString([(100 + 10 * row, -5), (100 + 10 * row, 105)]) for row in range(len(kinds))]
    columns = {"u": 0, "v": 1, "length_m": 110.0, "kind": pd.Series(kinds, dtype=object)}
    frame = gpd.GeoDataFrame(columns, geometry=lines, crs=CRS)
    return frame.assign(name=pd.Series(names or [None] * len(kinds), dtype=object))


@pytest.mark.parametrize("kind", ["residential", "service", "living_street", "primary_link", "cycleway|service"])
def test_carriageways_are_roads(kind):
    assert street_barriers(edges(kind))["kind"].tolist() == ["road"]


@pytest.mark.parametrize("kind", [None, "footway", "steps", "path|footway", "corridor", "services"])
def test_paths_steps_and_edges_of_unknown_kind_are_not(kind):
    assert len(street_barriers(edges(kind))) == 0


def test_streets_keep_their_name_and_order():
    streets = street_barriers(edges("service", "steps", "residential", names=["甲路", "石阶", None]))
    assert streets["name"].tolist() == ["甲路", None]
    assert streets.columns.tolist() == ["kind", "name", "geometry"]
    assert streets.crs == CRS


def test_barriers_come_first_and_streets_after_them():
    barriers = gpd.GeoDataFrame({"kind": ["river"], "name": [None]}, geometry=[LineString([(0, 0), (9, 9)])], crs=CRS)
    completed = with_streets(barriers, edges("footway", "tertiary"))
    assert completed["kind"].tolist() == ["river", "road"]
    assert with_streets(barriers, edges("footway"))["kind"].tolist() == ["river"]
    assert with_streets(barriers.iloc[:0], edges("tertiary"))["kind"].tolist() == ["road"]


def test_units_are_cut_along_a_street_that_no_barrier_knows():
    rows = [building("a", box(40, 40, 60, 60)), building("b", box(170, 40, 190, 60))]
    town = community(rows)
    with_lines = community(rows, barriers=[("road", with_streets(town.barriers, edges("service")).geometry[0])])
    assert sorted(cut_units(with_lines).units.area.round().tolist()) == [10000, 10000]
