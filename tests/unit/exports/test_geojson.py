"""GeoJSON as RFC 7946 asks for it."""

import json
from dataclasses import replace

import geopandas as gpd
import pytest
import shapely
from numpy.testing import assert_allclose

from gis_service.errors import InputError
from gis_service.exports.geojson import write_grids


@pytest.fixture
def written(tmp_path, plan, about):
    write_grids(tmp_path / "grids.geojson", plan.grids, about=about)
    return json.loads((tmp_path / "grids.geojson").read_text(encoding="utf-8"))


def test_grids_carry_their_totals(written):
    assert written["type"] == "FeatureCollection"
    assert written["features"][1]["id"] == "999901001001002"
    assert written["features"][1]["properties"] == {
        "code": "999901001001002",
        "name": "河东第二网格",
        "kind": "base",
        "status": "small",
        "community_code": "999901001001",
        "households": 100,
        "residents": None,
    }
    assert [type(feature["properties"]["residents"]) for feature in written["features"][::2]] == [int, int, int]


def test_grids_without_households_say_so(tmp_path, plan, about):
    write_grids(tmp_path / "grids.geojson", plan.grids.assign(status="empty", households=0), about=about)
    found = json.loads((tmp_path / "grids.geojson").read_text(encoding="utf-8"))
    assert {feature["properties"]["status"] for feature in found["features"]} == {"empty"}


def test_coordinates_are_longitude_and_latitude_counter_clockwise(written):
    assert "crs" not in written
    shapes = [shapely.from_geojson(json.dumps(feature["geometry"])) for feature in written["features"]]
    rings = [polygon.exterior for shape in shapes for polygon in shape.geoms]
    assert all(ring.is_ccw for ring in rings)
    assert_allclose(written["bbox"], (120.2162, 27.3236, 120.2213, 27.3245), atol=1e-4, rtol=0)
    assert written["bbox"] == list(shapely.total_bounds(shapes))


def test_neighbours_still_share_every_vertex(written):
    shapes = [shapely.from_geojson(json.dumps(feature["geometry"])) for feature in written["features"]]
    assert shapely.coverage_is_valid(shapes)
    assert shapely.union_all(shapes).geom_type == "Polygon"


def test_the_provenance_is_a_foreign_member(written, about):
    assert written["about"] == about.as_dict()
    assert written["about"]["synthetic"] is True


def test_other_tools_read_it_back_to_a_tenth_of_a_millimetre(tmp_path, written, plan):
    found = gpd.read_file(tmp_path / "grids.geojson")
    assert found.crs == "EPSG:4326"
    moved = shapely.hausdorff_distance(found.to_crs(plan.grids.crs).geometry.to_numpy(), plan.grids.geometry.to_numpy())
    assert moved.max() < 2e-4


def test_equal_exports_are_equal_bytes_whatever_the_order_of_rows(tmp_path, written, plan, about):
    write_grids(tmp_path / "again.geojson", plan.grids.iloc[::-1], about=about)
    assert (tmp_path / "again.geojson").read_bytes() == (tmp_path / "grids.geojson").read_bytes()


def test_a_plan_without_grids_is_an_empty_collection(tmp_path, plan, about):
    write_grids(tmp_path / "none.geojson", plan.grids.iloc[:0], about=replace(about, minutes=None))
    found = json.loads((tmp_path / "none.geojson").read_text(encoding="utf-8"))
    assert found["features"] == []
    assert "bbox" not in found


def test_another_suffix_is_refused(tmp_path, plan, about):
    with pytest.raises(InputError, match=r"\.geojson"):
        write_grids(tmp_path / "grids.json", plan.grids, about=about)
