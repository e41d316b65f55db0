"""Every figure of an audit, counted once more from its GeoPackage and the dataset in plain pandas and shapely."""

import shutil
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from sqlalchemy import Connection

from gis_service.audit.canonical import canonical_json
from gis_service.config import Settings
from gis_service.db.engine import reading
from gis_service.plan.rules import Rules
from gis_service.reach.rules import ReachRules
from gis_service.workflows.audit_city import audit_city
from gis_service.workflows.audit_papers import write_papers
from gis_service.workflows.audit_reading import open_audit
from gis_service.workflows.check_city_reach import check_city_reach
from gis_service.workflows.import_city import import_city
from gis_service.workflows.partition_city import partition_city
from tests.workflows import recount
from tests.workflows.conftest import AuditedCase
from tests.workflows.real_cases import HOUSEHOLDS, WALKED
from tests.workflows.recount import Exported, Figures, day
from tests.workflows.town import write_town

DEMO = Path(__file__).resolve().parents[2] / "boundaries" / "demo"


def audited(connection: Connection, folder: Path, to: Path) -> Exported:
    """Return the GeoPackage of the audit of a city that was just divided and walked."""
    city = import_city(connection, folder, replace=True).city.name
    partition_city(connection, city, rules=Rules())
    check_city_reach(connection, city, rules=ReachRules())
    audit_city(connection, city)
    return exported(connection, city, to, walked=True)


def exported(connection: Connection, city: str, to: Path, *, walked: bool) -> Exported:
    """Return the GeoPackage of the newest audit of a city."""
    found = open_audit(connection, city)
    assert found is not None
    write_papers(connection, found, to, region=None, settings=Settings())
    return recount.read_export(to, walked=walked)


def assert_figures(row: "pd.Series[object]", expected: Figures) -> None:
    """Hold a row against every figure of it; one that nobody counted again is a fault of the test."""
    assert set(row.index) - recount.DESCRIBED == set(expected)
    name = row.get("code", row.get("rank"))
    for figure, value in expected.items():
        found = row[figure]
        if figure == "unchanged_since":
            assert day(found) == day(value), (name, figure)
        elif value is None or pd.isna(value):
            assert pd.isna(found), (name, figure, found)
        else:
            assert found == pytest.approx(value, rel=1e-9), (name, figure)


def check(found: Exported, folder: Path) -> None:
    """Hold everything in a GeoPackage against its buildings and extents, and against the dataset's own files."""
    check_buildings(found)
    check_walks(found, folder)
    check_grids(found, folder)
    check_estates(found, folder)
    check_facilities(found, folder)
    check_gaps(found)
    inside = recount.around(found)
    for rows, place in (
        (found.buildings[found.buildings["community_code"].notna()], "community_code"),
        (found.buildings[found.buildings["community_code"].isna()], "place"),
        (found.grids, "community_code"),
        (found.estates, "place"),
        (found.facilities, "place"),
    ):
        assert set(rows[place]) <= set(inside)
    for _, row in found.indicators.iterrows():
        assert_figures(row, recount.region_figures(found, row["code"], inside))
    by_code, located = (rows.set_index("code").astype(object) for rows in (found.indicators, found.regions))
    located = located.drop(columns="geometry").fillna("")
    pd.testing.assert_frame_equal(located, by_code.fillna("").loc[located.index, located.columns])


def check_buildings(found: Exported) -> None:
    """Buildings lie in their grid, in their region and in no other."""
    buildings, grids = found.buildings, found.grids
    within = gpd.sjoin(buildings[["id", "grid_code", "geometry"]], grids[["code", "geometry"]], predicate="within")
    assert (within["grid_code"] == within["code"]).all()
    assert set(within["id"]) == set(buildings.loc[buildings["grid_code"].notna(), "id"])
    lost = buildings["community_code"].isna()
    assert (buildings.loc[~lost, "place"] == buildings.loc[~lost, "community_code"]).all()
    assert buildings.loc[lost, "place"].tolist() == recount.places(buildings.loc[lost].geometry, found)


def check_walks(found: Exported, folder: Path) -> None:
    """Who is covered walks no longer than the cut-off; straight lines lead to the nearest place that counts."""
    buildings = found.buildings
    if not found.walked:
        assert not buildings["covered"].astype(bool).any()
        assert buildings[["walk_m", "walk_s", "straight_m"]].isna().all(axis=None)
        return
    near = buildings["walk_s"] <= recount.CUTOFF_S + recount.NEARLY
    assert (buildings["covered"].astype(bool) == near).all()
    given = recount.read_given(folder, "facilities", buildings.crs)
    assert given is not None
    counted = found.facilities[found.facilities["kind"].isin(recount.WALKED_TO) & found.facilities["public"]]
    targets = given[given["id"].isin(counted["id"])].geometry
    straight_m = buildings.geometry.distance(shapely.union_all(targets.to_numpy()))
    assert (straight_m - buildings["straight_m"]).abs().max() < 1e-3
    assert (buildings["walk_m"].dropna() > 0.9 * straight_m[buildings["walk_m"].notna()] - 5).all()
    for group, kinds in (("elderly", ("elder_day_care", "elder_canteen")), ("children", ("after_school",))):
        none = not (found.facilities["kind"].isin(kinds) & found.facilities["public"]).any()
        assert not none or buildings[f"{group}_walk_s"].isna().all()


def check_grids(found: Exported, folder: Path) -> None:
    """Grids have the people of their buildings, the status these give, and the day since which their land is known."""
    grids = found.grids
    assert recount.grid_statuses(found) == grids["status"].tolist()
    given = recount.read_given(folder, "plan", grids.crs)
    today = {} if given is None or "code" not in given else dict(zip(given["code"], given.geometry, strict=True))
    rows_of = found.buildings.groupby("grid_code").indices
    for _, row in grids.iterrows():
        own = found.buildings.iloc[rows_of.get(row["code"], [])]
        since = row["unchanged_since"]
        if row["code"] not in today:
            assert pd.isna(since)
        assert_figures(row, recount.people_figures(own, walked=found.walked) | {"unchanged_since": since})


def check_estates(found: Exported, folder: Path) -> None:
    """Estates have their buildings, lie where most of these do, and have the station that stands in them."""
    estates, own = found.estates, found.buildings[found.buildings["estate_id"].notna()]
    given = recount.read_given(folder, "estates", found.buildings.crs)
    assert set(estates["id"]) == set([] if given is None else given["id"])
    if given is None:
        return
    shapes = dict(zip(given["id"], given.geometry, strict=True))
    footprints = recount.read_given(folder, "buildings", found.buildings.crs)
    assert footprints is not None
    stations = stations_of(found, folder)
    rows_of = own.groupby("estate_id").indices
    for _, row in estates.iterrows():
        members = own.iloc[rows_of.get(row["id"], [])]
        assert (row["buildings"], row["households"]) == (len(members), members["households"].sum())
        counts = members["community_code"].value_counts()
        if len(counts):
            assert row["place"] == min(counts.index[counts == counts.max()])
        shape = shapes[row["id"]]
        if shape is None:
            corners = footprints.loc[footprints["id"].isin(members["id"])].geometry
            shape = shapely.convex_hull(shapely.union_all(corners.to_numpy())) if len(corners) else None
        stands = shape is not None and bool(shapely.intersects(shape, stations).any())
        assert bool(row["has_station"]) == stands, row["id"]


def stations_of(found: Exported, folder: Path) -> "gpd.array.GeometryArray":
    """Return where the public stations of the dataset stand."""
    given = recount.read_given(folder, "facilities", found.buildings.crs)
    if given is None:
        return gpd.GeoSeries([], crs=found.buildings.crs).to_numpy()
    public = set(found.facilities.loc[found.facilities["public"].astype(bool), "id"])
    return given[(given["kind"] == recount.STATION) & given["id"].isin(public)].geometry.to_numpy()


def check_facilities(found: Exported, folder: Path) -> None:
    """Facilities are those of the dataset, lie where their point does, and are as crowded as those who walk to them."""
    facilities = found.facilities
    given = recount.read_given(folder, "facilities", found.buildings.crs)
    assert set(facilities["id"]) == set([] if given is None else given["id"])
    if given is None:
        return
    ordered = given.set_index("id").loc[facilities["id"]]
    assert (ordered["kind"].to_numpy() == facilities["kind"].to_numpy()).all()
    assert facilities["place"].tolist() == recount.places(ordered.geometry, found)
    public = facilities["public"].astype(bool)
    if "public" in ordered:
        assert public.tolist() == ordered["public"].astype(bool).tolist()
    assert (facilities["serves"].astype(bool) == (public & facilities["kind"].isin(recount.SERVING))).all()
    if "area_m2" in ordered:
        assert facilities["area_m2"].astype(float).tolist() == ordered["area_m2"].astype(float).tolist()
    covered = found.buildings[found.buildings["covered"].astype(bool)]
    nearest = covered.groupby("facility_id")["households"].sum()
    for _, row in facilities.iterrows():
        counted = found.walked and row["kind"] in recount.WALKED_TO and bool(row["public"])
        households = int(nearest.get(row["id"], 0)) if counted else None
        assert (None if pd.isna(row["households"]) else row["households"]) == households, row["id"]
        area = None if pd.isna(row["area_m2"]) or not households else 100 * row["area_m2"] / households
        told = row["area_per_hundred_m2"]
        assert pd.isna(told) if area is None else told == pytest.approx(area), row["id"]
        assert bool(row["over_capacity"]) == (area is not None and area < recount.WANTED_M2), row["id"]


def check_gaps(found: Exported) -> None:
    """Gaps hold the inhabited buildings outside every circle, each once, the most people first."""
    buildings = found.buildings
    outside = (buildings["households"] > 0) & ~buildings["covered"].astype(bool) & buildings["community_code"].notna()
    in_gap = buildings["gap_rank"].notna()
    assert (in_gap == (outside & found.walked)).all()
    ranks = sorted(buildings.loc[in_gap, "gap_rank"].astype(int).unique())
    assert ranks == list(range(1, len(ranks) + 1))
    assert found.gaps["rank"].astype(int).tolist() == ranks
    for _, row in found.gaps.iterrows():
        expected = recount.gap_figures(buildings[buildings["gap_rank"] == int(row["rank"])])
        for figure, value in expected.items():
            told = row[figure]
            assert pd.isna(told) if value is None else told == pytest.approx(value, rel=1e-9), (row["rank"], figure)
    assert found.gaps["households"].is_monotonic_decreasing if "households" in found.gaps else not ranks


def test_the_figures_of_a_town_come_out_again(connection: Connection, tmp_path: Path) -> None:
    folder = write_town(tmp_path / "town")
    check(audited(connection, folder, tmp_path / "audit.gpkg"), folder)


@pytest.mark.slow
def test_the_figures_of_the_demo_city_come_out_again_whatever_the_order_of_rows(
    connection: Connection, tmp_path: Path
) -> None:
    check(audited(connection, DEMO, tmp_path / "audit.gpkg"), DEMO)
    told = papers_as_told(connection, "demo", tmp_path)
    audited(connection, shuffled(DEMO, tmp_path / "shuffled"), tmp_path / "again.gpkg")
    assert papers_as_told(connection, "demo", tmp_path) == told


def shuffled(folder: Path, to: Path) -> Path:
    """Return a copy of a dataset with the rows of every file in another order."""
    to.mkdir()
    for path in folder.glob("*.gpkg"):
        gpd.read_file(path).sample(frac=1, random_state=7).to_file(to / path.name)
    shutil.copy(folder / "dataset.toml", to)
    return to


def papers_as_told(connection: Connection, city: str, folder: Path) -> tuple[bytes, str]:
    """Return the newest audit of a city as CSV and as JSON."""
    audit = open_audit(connection, city)
    assert audit is not None
    write_papers(connection, audit, folder / "told.csv", region=None, settings=Settings())
    return (folder / "told.csv").read_bytes(), canonical_json(audit.content)


@pytest.mark.cases
@pytest.mark.slow
@pytest.mark.parametrize("name", HOUSEHOLDS)
def test_the_figures_of_a_real_city_come_out_again(
    audited_case: Callable[[str], AuditedCase], tmp_path: Path, name: str
) -> None:
    case = audited_case(name)
    with reading(case.settings) as conn:
        found = exported(conn, name, tmp_path / "audit.gpkg", walked=name in WALKED)
    check(found, case.folder)
