"""Real cities through the whole product: import, partition, check, audit, export."""

from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from gis_service.config import Settings
from gis_service.db.engine import begin, reading
from gis_service.reach.check import ReachRules
from gis_service.workflows.check_city_reach import check_city_reach
from gis_service.workflows.export_city import export_city
from tests.workflows.conftest import AuditedCase
from tests.workflows.real_cases import HOUSEHOLDS, WALKED

pytestmark = [pytest.mark.cases, pytest.mark.slow]


@pytest.mark.parametrize("name", HOUSEHOLDS)
def test_the_grids_of_a_real_city_tile_it_and_sum_up(
    audited_case: Callable[[str], AuditedCase], tmp_path: Path, name: str
) -> None:
    case = audited_case(name)
    assert [finding for finding in case.findings if finding.severity == "fault"] == []
    with reading(case.settings) as conn:
        export_city(conn, name, tmp_path / "plan.gpkg", plan=None, settings=Settings())

    grids, buildings, units = (
        gpd.read_file(tmp_path / "plan.gpkg", layer=layer) for layer in ("grids", "buildings", "units")
    )
    assert grids["code"].is_unique
    assert grids["households"].sum() == buildings["households"].sum() == HOUSEHOLDS[name]
    sums = buildings.groupby("grid_code")["households"].sum().reindex(grids["code"], fill_value=0)
    assert sums.tolist() == grids["households"].tolist()
    files = gpd.read_file(case.folder / "regions.gpkg").to_crs(grids.crs)
    communities = files[files["level"] == "community"].set_index("code").geometry
    assert set(grids["community_code"]) == set(communities.index)
    for code, own in grids.groupby("community_code"):
        land = shapely.make_valid(communities[code])
        assert shapely.symmetric_difference(shapely.union_all(own.geometry.to_numpy()), land).area < 1.0, code
        assert own.area.sum() == pytest.approx(land.area, rel=1e-6)
        assert shapely.coverage_is_valid(own.geometry.to_numpy()), code
    assert shapely.is_valid(units.geometry.to_numpy()).all()
    inside = gpd.sjoin(buildings.set_geometry(buildings.representative_point()), grids[["code", "geometry"]])
    found = inside.groupby("id")["code"].agg(set)
    given = buildings.set_index("id")["grid_code"]
    assert [code for code in found.index if given[code] not in found[code]] == []


@pytest.mark.parametrize("name", WALKED)
def test_walks_equal_the_independent_reference(
    imported_case: Callable[[str], Settings], cases_dir: Path, name: str
) -> None:
    rules = ReachRules(kinds=("service_centre",))
    with begin(imported_case(name)) as conn:
        walks = check_city_reach(conn, name, rules=rules).result.buildings.set_index("id")
    reference = pd.read_csv(cases_dir / name / "reference_nearest.csv", dtype={"edge_facility_id": str}).set_index(
        "building_id"
    )
    apart_m = (walks.loc[reference.index, "walk_m"] - reference["edge_walk_m"]).abs()
    assert (apart_m <= 1.0).mean() >= 0.99
    assert (walks.loc[reference.index, "facility_id"] == reference["edge_facility_id"]).mean() >= 0.99
