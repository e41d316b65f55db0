"""Buildings in no community, and buildings that a border between communities cuts."""

import geopandas as gpd
import numpy as np
import pytest
from shapely import MultiPolygon

from gis_service.audit.community_borders import check_community_borders
from tests.unit.audit.conftest import CRS, square


def communities(*codes):
    """Return squares of 100 m side by side; a code with ? has no polygon."""
    shapes = [None if "?" in code else MultiPolygon([square(i, 0)]) for i, code in enumerate(codes)]
    return gpd.GeoDataFrame({"code": codes}, geometry=shapes, crs=CRS)


def buildings(*rows):
    """Return buildings: households, community and the column where 20 m of footprint begin."""
    return gpd.GeoDataFrame(
        {
            "id": [f"B{number}" for number in range(len(rows))],
            "households": np.array([row[0] for row in rows], dtype=np.int64),
            "community_code": np.array([row[1] for row in rows], dtype=object),
        },
        geometry=[square(row[2], 0.4, 20, 20) for row in rows],
        crs=CRS,
    )


def test_sound_buildings_give_no_finding():
    housed = buildings((3, "a", 0.1), (4, "b", 1.0), (0, "b", 1.8))
    assert check_community_borders(housed, communities("a", "b"), city_name="town") == []


def test_buildings_in_no_community_are_counted_with_their_households():
    lost = buildings((3, None, 2.5), (4, None, 3.0), (9, "a", 0.1))
    (finding,) = check_community_borders(lost, communities("a"), city_name="town")
    assert (finding.kind, finding.severity, finding.subject) == ("buildings_outside_communities", "warning", "town")
    assert "2 栋楼（7 户）" in finding.zh
    assert "B0、B1；" in finding.zh
    assert "2 buildings (7 households)" in finding.en


@pytest.mark.parametrize(
    ("begins", "cut"), [(0.8, False), (0.8 + 1e-7, False), (0.801, True), (0.9, True), (1.5, True)]
)
def test_a_building_that_leaves_its_community_is_cut(begins, cut):
    #  20 m of footprint from 80 m on just fit; 1e-5 m more is rounding, 0.1 m is not
    found = check_community_borders(buildings((5, "a", begins)), communities("a", "b"), city_name="town")
    assert [finding.kind for finding in found] == ["buildings_across_borders"] * cut


def test_the_first_five_of_many_are_named():
    (finding,) = check_community_borders(buildings(*[(2, "a", 0.9)] * 7), communities("a"), city_name="town")
    assert "7 栋楼（14 户）" in finding.zh
    assert "B0、B1、B2、B3、B4、…；" in finding.zh


def test_a_community_without_a_polygon_cuts_nothing():
    assert check_community_borders(buildings((5, "a?", 0.9)), communities("a?"), city_name="town") == []


def test_the_order_of_rows_does_not_matter():
    mixed = buildings((1, None, 5), (2, "a", 0.9), (3, None, 6), (4, "b", 1.9))
    extents = communities("a", "b")
    expected = check_community_borders(mixed, extents, city_name="town")
    assert len(expected) == 2
    assert check_community_borders(mixed[::-1], extents[::-1], city_name="town") == expected
