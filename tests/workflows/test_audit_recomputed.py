"""The figures of an audit, computed once more from its GeoPackage in plain pandas and shapely."""

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from sqlalchemy import Connection

from gis_service.config import Settings
from gis_service.plan.rules import Rules
from gis_service.reach.rules import ReachRules
from gis_service.workflows.audit_city import audit_city
from gis_service.workflows.audit_papers import write_papers
from gis_service.workflows.audit_reading import OpenAudit, open_audit
from gis_service.workflows.check_city_reach import check_city_reach
from gis_service.workflows.import_city import import_city
from gis_service.workflows.partition_city import partition_city
from tests.workflows.town import write_town

DEMO = Path(__file__).resolve().parents[2] / "boundaries" / "demo"
WALKED = ["singapore_outram", "shenzhen_futian_west", "singapore_bukit_merah"]
WITHOUT_STREETS = ["xiamen_city", "singapore_hdb_west"]
BANDS = (5.0, 10.0, 15.0)
CUTOFF_M, ELDERLY_SPEED, BEYOND_M, NEARLY = 900.0, 0.8, 1000.0, 1e-6
PEOPLE = ("residents", "elderly", "children")


def audited(connection: Connection, folder: Path, to: Path, *, walked: bool = True) -> OpenAudit:
    city = import_city(connection, folder).city.name
    partition_city(connection, city, rules=Rules())
    if walked:
        check_city_reach(connection, city, rules=ReachRules())
    found = open_audit(connection, city, audit_city(connection, city).snapshot_id)
    assert found is not None
    write_papers(connection, found, to, region=None, settings=Settings())
    return found


def known_sum(values: "pd.Series[int]") -> int | None:
    return None if values.isna().any() else int(values.sum())


def people_figures(own: pd.DataFrame, *, walked: bool) -> dict[str, float | int | None]:
    """Return what the buildings of one region or grid give, in the plainest way."""
    homes = own[own["households"] > 0]
    figures: dict[str, float | int | None] = {
        "buildings": len(own),
        "households": int(own["households"].sum()),
        "buildings_inhabited": len(homes),
    }
    for name in PEOPLE:
        figures[name] = known_sum(own[name])
        figures[f"{name}_counted"] = known_sum(homes[name])
    unknown = ("buildings_covered", "households_covered", "residents_covered", "households_beyond", "elderly_served")
    return figures | (walk_figures(homes) if walked else dict.fromkeys(unknown))


def walk_figures(homes: pd.DataFrame) -> dict[str, float | int | None]:
    """Return what the walks from inhabited buildings give."""
    households = int(homes["households"].sum())
    figures: dict[str, float | int | None] = {
        "buildings_covered": int(homes["covered"].sum()),
        "households_covered": int(homes.loc[homes["covered"], "households"].sum()),
        "households_beyond": int(homes.loc[~(homes["walk_m"] <= BEYOND_M + NEARLY), "households"].sum()),
    }
    for minutes in BANDS:
        walked = homes[homes["walk_s"] <= minutes * 60 + NEARLY]
        straight = homes[homes["straight_m"] <= minutes * 60 + NEARLY]
        figures[f"households_{minutes:g}_min"] = int(walked["households"].sum())
        figures[f"households_{minutes:g}_min_straight"] = int(straight["households"].sum())
        figures[f"residents_{minutes:g}_min"] = known_sum(walked["residents"])
        figures[f"residents_{minutes:g}_min_straight"] = known_sum(straight["residents"])
    figures["elderly_served"] = known_sum(homes.loc[homes["elderly_walk_s"] <= 900 + NEARLY, "elderly"])
    figures["children_served"] = known_sum(homes.loc[homes["children_walk_s"] <= 900 + NEARLY, "children"])
    if households:
        figures["households_15_min_share"] = int(figures["households_15_min"] or 0) / households
    return figures


def assert_figures(row: "pd.Series[object]", expected: dict[str, float | int | None]) -> None:
    for name, value in expected.items():
        found = row[name]
        if value is None:
            assert pd.isna(found), (row["code"], name)
        else:
            assert found == pytest.approx(value, rel=1e-9), (row["code"], name)


def check(path: Path, *, walked: bool = True) -> None:
    """Hold every region and grid of a GeoPackage against its buildings and shapes."""
    buildings, grids = (gpd.read_file(path, layer=layer) for layer in ("buildings", "grids"))
    table = gpd.read_file(path, layer="indicators")
    parent = dict(zip(table["code"], table["parent_code"], strict=True))

    def inside(community: str | None, region: str) -> bool:
        while community is not None and community in parent:
            if community == region:
                return True
            community = parent[community]
        return False

    housed = buildings[buildings["community_code"].notna()]
    tested = ~grids["status"].isin(["special", "empty"])
    for _, row in table.iterrows():
        region = row["code"]
        own = housed[[inside(code, region) for code in housed["community_code"]]]
        of_region = pd.Series([inside(code, region) for code in grids["community_code"]])
        expected = people_figures(own, walked=walked) | {
            "buildings_without_grid": int(own["grid_code"].isna().sum()),
            "households_without_grid": int(own.loc[own["grid_code"].isna(), "households"].sum()),
            "grids": int(of_region.sum()),
            "grids_normal": int((of_region & (grids["status"] == "normal")).sum()),
        }
        if (of_region & tested).any():
            expected["normal_share"] = expected["grids_normal"] / int((of_region & tested).sum())
        assert_figures(row, expected)

    places = gpd.sjoin(buildings[["id", "grid_code", "geometry"]], grids[["code", "geometry"]], predicate="within")
    assert (places["grid_code"] == places["code"]).all()
    assert set(places["id"]) == set(buildings.loc[buildings["grid_code"].notna(), "id"])
    for _, row in grids.iterrows():
        own = buildings[buildings["grid_code"] == row["code"]]
        assert_figures(row, people_figures(own, walked=walked))
        households, residents = int(own["households"].sum()), known_sum(own["residents"])
        if row["kind"] == "base" and (households or residents):
            sizes = [300 <= households <= 500]
            sizes += [] if residents is None else [1000 <= residents <= 1500]
            assert (row["status"] == "normal") == any(sizes), row["code"]


def check_places(path: Path, files: Path) -> None:
    """Hold what is said of estates and facilities against the files they came from."""
    table = gpd.read_file(path, layer="indicators").set_index("code")
    (city,) = table.index[table["level"] == "city"]
    facilities, estates = (gpd.read_file(files / f"{name}.gpkg") for name in ("facilities", "estates"))
    public = facilities[facilities["public"].astype(bool)]
    stations = public[public["kind"] == "red_station"].to_crs(estates.crs)
    bare = [shape for shape in estates.geometry if not shapely.intersects(shape, stations.geometry.to_numpy()).any()]
    assert table.loc[city, "estates_without_station"] == len(bare)
    serving = public[
        public["kind"].isin(["red_station", "service_centre", "elder_day_care", "elder_canteen", "after_school"])
    ]
    assert table.loc[city, "service_facilities"] == len(serving)
    assert table.loc[city, "service_area_m2"] == pytest.approx(serving["area_m2"].sum())
    per_hundred = 100 * serving["area_m2"].sum() / table.loc[city, "households"]
    assert table.loc[city, "service_m2_per_100_households"] == pytest.approx(per_hundred)
    known = gpd.read_file(path, layer="facilities")
    over = known[known["area_per_hundred_m2"] < 30]
    assert table.loc[city, "facilities_over_capacity"] == len(over)
    assert over["over_capacity"].astype(bool).all()


def test_the_figures_of_a_town_come_out_again(connection: Connection, tmp_path: Path) -> None:
    audited(connection, write_town(tmp_path / "town"), tmp_path / "audit.gpkg")
    check(tmp_path / "audit.gpkg")


@pytest.mark.slow
def test_the_figures_of_the_demo_city_come_out_again(connection: Connection, tmp_path: Path) -> None:
    audited(connection, DEMO, tmp_path / "audit.gpkg")
    check(tmp_path / "audit.gpkg")
    check_places(tmp_path / "audit.gpkg", DEMO)


@pytest.mark.cases
@pytest.mark.slow
@pytest.mark.parametrize("name", WALKED)
def test_the_figures_of_a_real_city_come_out_again(
    connection: Connection, cases_dir: Path, tmp_path: Path, name: str
) -> None:
    audited(connection, cases_dir / name, tmp_path / "audit.gpkg")
    check(tmp_path / "audit.gpkg")


@pytest.mark.cases
@pytest.mark.slow
@pytest.mark.parametrize("name", WITHOUT_STREETS)
def test_the_figures_of_a_real_city_without_streets_come_out_again(
    connection: Connection, cases_dir: Path, tmp_path: Path, name: str
) -> None:
    audited(connection, cases_dir / name, tmp_path / "audit.gpkg", walked=False)
    check(tmp_path / "audit.gpkg", walked=False)
