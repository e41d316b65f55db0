"""Real cities through the whole product: import, partition, check, audit, export."""

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from sqlalchemy import Connection

from gis_service.config import Settings
from gis_service.plan.rules import Rules
from gis_service.reach.check import ReachRules
from gis_service.workflows.audit_city import audit_city
from gis_service.workflows.check_city_reach import check_city_reach
from gis_service.workflows.export_city import export_city
from gis_service.workflows.import_city import import_city
from gis_service.workflows.partition_city import partition_city

HOUSEHOLDS = {
    "singapore_outram": 7_855,
    "shenzhen_futian_west": 109_465,
    "singapore_bukit_merah": 54_151,
    "singapore_hdb_west": 480_449,
    "xiamen_city": 1_378_080,
}
WITH_STREETS = ["singapore_outram", "shenzhen_futian_west", "singapore_bukit_merah"]
pytestmark = [pytest.mark.cases, pytest.mark.slow]


@pytest.mark.parametrize("name", HOUSEHOLDS)
def test_the_grids_of_a_real_city_tile_it_and_sum_up(
    connection: Connection, cases_dir: Path, tmp_path: Path, name: str
) -> None:
    imported = import_city(connection, cases_dir / name)
    assert imported.households == HOUSEHOLDS[name]
    partition_city(connection, name, rules=Rules(), workers=2)
    assert [finding for finding in audit_city(connection, name).findings if finding.severity == "fault"] == []
    export_city(connection, name, tmp_path / "plan.gpkg", plan=None, settings=Settings())

    grids, buildings, units = (
        gpd.read_file(tmp_path / "plan.gpkg", layer=layer) for layer in ("grids", "buildings", "units")
    )
    assert grids["code"].is_unique
    assert grids["households"].sum() == HOUSEHOLDS[name]
    sums = buildings.groupby("grid_code")["households"].sum().reindex(grids["code"], fill_value=0)
    assert sums.tolist() == grids["households"].tolist()
    files = gpd.read_file(cases_dir / name / "regions.gpkg").to_crs(grids.crs)
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


@pytest.mark.parametrize("name", WITH_STREETS)
def test_walks_equal_the_independent_reference(connection: Connection, cases_dir: Path, name: str) -> None:
    import_city(connection, cases_dir / name)
    rules = ReachRules(kinds=("service_centre",))
    walks = check_city_reach(connection, name, rules=rules).result.buildings.set_index("id")
    reference = pd.read_csv(cases_dir / name / "reference_nearest.csv", dtype={"edge_facility_id": str}).set_index(
        "building_id"
    )
    apart_m = (walks.loc[reference.index, "walk_m"] - reference["edge_walk_m"]).abs()
    assert (apart_m <= 1.0).mean() >= 0.99
    assert (walks.loc[reference.index, "facility_id"] == reference["edge_facility_id"]).mean() >= 0.99
