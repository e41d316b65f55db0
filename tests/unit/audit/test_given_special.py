"""Special grids as they were given."""

import geopandas as gpd
import numpy as np
from shapely import MultiPolygon

from gis_service.audit.given_special import check_given_special
from tests.unit.audit.conftest import CRS, square


def communities():
    shapes = [MultiPolygon([square(0, 0)]), MultiPolygon([square(1, 0)]), None]
    return gpd.GeoDataFrame({"code": ["a", "b", "c"], "name": ["甲", "乙", "丙"]}, geometry=shapes, crs=CRS)


def special(*rows):
    """Return special grids: code, name, column and width in m."""
    return gpd.GeoDataFrame(
        {
            "code": np.array([row[0] for row in rows], dtype=object),
            "name": np.array([row[1] for row in rows], dtype=object),
            "community_code": "a",
        },
        geometry=[MultiPolygon([square(row[2], 0, row[3])]) for row in rows],
        crs=CRS,
    )


def test_special_grids_apart_or_side_by_side_are_sound():
    assert (
        check_given_special(special(("1", "市场", 0, 20), ("2", "校园", 0.2, 30), (None, None, 0.9, 10)), communities())
        == []
    )
    assert check_given_special(special(), communities()) == []


def test_special_grids_that_share_land_are_told_once_a_pair():
    #  0-40 m and 30-50 m share 10 m x 100 m, half of the smaller one
    pair = special(("2", "校园", 0.3, 20), ("1", "市场", 0, 40))
    (finding,) = check_given_special(pair, communities())
    assert (finding.kind, finding.severity, finding.subject) == ("special_grids_overlap", "warning", "1")
    assert "市场（1） 与 校园（2） 重叠 1000.0 m²" in finding.zh
    assert check_given_special(pair[::-1], communities()) == [finding]


def test_a_sliver_of_less_than_a_hundredth_is_inexact_drawing():
    assert check_given_special(special(("1", None, 0, 40), ("2", None, 0.398, 50)), communities()) == []
    assert len(check_given_special(special(("1", None, 0, 40), ("2", None, 0.395, 50)), communities())) == 1


def test_a_special_grid_over_two_communities_is_told_with_its_shares():
    (finding,) = check_given_special(special((None, "市场", 0.6, 50)), communities())
    assert (finding.kind, finding.subject) == ("special_grid_across_communities", "市场")
    assert "专属网格 市场 跨社区：归入 a，另有面积在 乙（b）20%" in finding.zh
    assert "20% in 乙 (b)" in finding.en


def test_land_outside_every_community_is_not_that_of_a_second_one():
    west = special(("1", "市场", -0.5, 60))
    assert check_given_special(west, communities()) == []


def test_a_nameless_special_grid_without_a_code_goes_by_its_community():
    whole = special((None, None, 0, 200))
    (finding,) = check_given_special(whole, communities())
    assert finding.subject == "a"
    assert "（无名称）" in finding.zh
