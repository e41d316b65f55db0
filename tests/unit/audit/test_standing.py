"""Since when grids stand as they do."""

from datetime import date

import geopandas as gpd
import shapely

from gis_service.audit.standing import unchanged_since

LAST, BEFORE, GIVEN = date(2026, 1, 1), date(2025, 1, 1), date(2023, 6, 30)


def grids(**boxes):
    return gpd.GeoDataFrame(
        {"code": list(boxes)},
        geometry=[shapely.box(x, 0, x + width, 10) for x, width in boxes.values()],
        crs="EPSG:4549",
    )


NOW = grids(a=(0, 10), b=(10, 10), c=(20, 10))


def test_a_grid_stands_since_the_first_plan_in_an_unbroken_row_that_has_its_land():
    before = [(BEFORE, grids(a=(0, 10), b=(10, 5))), (GIVEN, grids(a=(0, 10), b=(10, 10)))]
    assert unchanged_since(NOW, LAST, before) == {"a": GIVEN, "b": LAST, "c": LAST}


def test_of_a_proposal_only_the_land_of_today_is_known():
    assert unchanged_since(NOW, None, [(GIVEN, grids(a=(0, 10), b=(11, 9)))]) == {"a": GIVEN}


def test_more_vertices_on_the_same_border_are_the_same_land():
    cut = NOW.set_geometry([shapely.segmentize(shape, 1) for shape in NOW.geometry], crs=NOW.crs)
    assert unchanged_since(cut, LAST, [(BEFORE, NOW)]) == dict.fromkeys("abc", BEFORE)
