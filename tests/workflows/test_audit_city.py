"""Audits of the small town: frozen, survived by no change, computed once more."""

from pathlib import Path

import geopandas as gpd
import pytest
from sqlalchemy import Connection, text

from gis_service import __version__
from gis_service.audit.canonical import canonical_json
from gis_service.config import Settings
from gis_service.db import cities, snapshots
from gis_service.db.statistics import TABLES
from gis_service.errors import InputError
from gis_service.plan.rules import Rules
from gis_service.reach.rules import ReachRules
from gis_service.workflows.audit_city import audit_city
from gis_service.workflows.audit_papers import write_papers
from gis_service.workflows.audit_reading import open_audit
from gis_service.workflows.check_city_reach import check_city_reach
from gis_service.workflows.import_city import Imported, import_city
from gis_service.workflows.partition_city import partition_city
from gis_service.workflows.replay_audit import replay_audit
from tests.workflows.town import EAST_CODE, HOUSEHOLDS_PER_BUILDING, WEST_CODE, buildings, regions, write_town

RULES = ReachRules(minutes=5, bands=(3.0,))


def make_everything(connection: Connection) -> None:
    partition_city(connection, "town", rules=Rules())
    check_city_reach(connection, "town", rules=RULES)


@pytest.fixture
def made(connection: Connection, town: Imported) -> None:
    make_everything(connection)


def test_the_figures_of_a_town_are_those_counted_by_hand(connection: Connection, made: None) -> None:
    table = audit_city(connection, "town").indicators.set_index("code")
    assert table.loc[[WEST_CODE, EAST_CODE, "999901001000"], "households"].tolist() == [1000, 1000, 2000]
    assert table.loc["999901001000", "elderly"] == 50 * 20
    west = table.loc[WEST_CODE]
    assert west["households_5_min"] == west["households_covered"]
    assert west["households_5_min"] % HOUSEHOLDS_PER_BUILDING == 0
    assert 0 < west["households_3_min"] < west["households_5_min"] <= west["households_5_min_straight"]
    assert table.loc["999900000000", "elderly_served"] == 0  # there is no facility for them
    assert table.loc["999900000000", "buildings_without_grid"] == 0


def test_a_snapshot_freezes_what_its_figures_come_from(connection: Connection, made: None) -> None:
    audited = audit_city(connection, "town", title="第四季度", taken_by="zhang 审计局")
    content = snapshots.load_content(connection, audited.snapshot_id)
    assert content["rows"]["buildings"] == 50
    assert set(content["inputs"]) >= {"buildings", "regions", "facilities", "network", "grids"}
    assert content["limits"]["minutes"] == [3, 5]
    assert [plan["community"] for plan in content["plans"]] == [WEST_CODE, EAST_CODE]
    gaps = {gap["rank"]: gap["buildings"] for gap in content["gaps"]}
    evidence = snapshots.load_snapshot_buildings(connection, audited.snapshot_id, "EPSG:4549")
    assert evidence["gap_rank"].value_counts().to_dict() == gaps
    by_grid = evidence.groupby("grid_code")["households"].sum().to_dict()
    assert {grid["code"]: grid["households"] for grid in content["grids"] if grid["households"]} == by_grid
    gap = content["gaps"][0]
    assert {"kind": "coverage_gap", "subject": gap["centre_id"], "place": gap["place"]}.items() <= next(
        entry for entry in content["shortfalls"] if entry["subject"] == gap["centre_id"]
    ).items()


def test_another_title_takes_a_snapshot_though_nothing_has_changed(connection: Connection, made: None) -> None:
    third = audit_city(connection, "town", title="第三季度")
    assert audit_city(connection, "town").snapshot_id == third.snapshot_id
    fourth = audit_city(connection, "town", title="第四季度")
    assert fourth.snapshot_id != third.snapshot_id
    assert fourth.content_hash == third.content_hash


def test_a_snapshot_computed_once_more_gives_the_same_bytes(connection: Connection, made: None) -> None:
    audited = audit_city(connection, "town", sample=7, seed=3)
    again = replay_audit(connection, "town", audited.snapshot_id)
    assert again.differing == ()
    assert again.replayed_hash == audited.content_hash
    assert again.intact


def test_it_says_what_differs_once_the_data_have_changed(connection: Connection, made: None, tmp_path: Path) -> None:
    audited = audit_city(connection, "town")
    fewer = buildings().iloc[:-1]
    import_city(connection, write_town(tmp_path / "later", buildings=fewer), replace=True)
    again = replay_audit(connection, "town", audited.snapshot_id)
    assert again.differing[:3] == ("inputs", "plans", "reach")
    assert again.replayed_hash != audited.content_hash
    assert again.intact


def test_changed_counts_in_the_store_are_told(connection: Connection, made: None) -> None:
    audited = audit_city(connection, "town")
    connection.execute(text("UPDATE building SET households = 41 WHERE code = 'b007'"))
    assert {"inputs", "indicators", "grids"} <= set(replay_audit(connection, "town", audited.snapshot_id).differing)


def test_a_snapshot_that_is_not_there_is_told(connection: Connection, town: Imported) -> None:
    with pytest.raises(InputError, match="快照"):
        replay_audit(connection, "town", 999)


def test_rows_in_another_order_freeze_to_the_same_bytes(connection: Connection, made: None, tmp_path: Path) -> None:
    def frozen() -> tuple[str, str, bytes]:
        audited = audit_city(connection, "town", title="turned")
        audit = open_audit(connection, "town", audited.snapshot_id)
        assert audit is not None
        write_papers(connection, audit, tmp_path / "figures.csv", region=None, settings=Settings())
        return canonical_json(audit.content), audited.content_hash, (tmp_path / "figures.csv").read_bytes()

    first = frozen()
    before = cities.load_city(connection, "town")

    def turned(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        return frame.iloc[::-1].reset_index(drop=True)

    from tests.workflows import town as files  # noqa: PLC0415 its functions are named like the frames

    shuffled = {name: turned(getattr(files, name)()) for name in ("buildings", "facilities", "streets", "regions")}
    import_city(connection, write_town(tmp_path / "turned", **shuffled), replace=True)
    make_everything(connection)
    assert cities.load_city(connection, "town").content_hash != before.content_hash, "other files"
    assert frozen() == first
    head = snapshots.load_head(connection, "town")
    assert head is not None
    assert head.dataset_hash == before.content_hash, "of the files it was made from"


def test_a_snapshot_that_was_taken_with_the_files_in_it_is_computed_once_more(
    connection: Connection, made: None
) -> None:
    content = snapshots.load_content(connection, audit_city(connection, "town").snapshot_id)
    city = cities.load_city(connection, "town")
    content["dataset_hash"] = city.content_hash
    none, nowhere = gpd.GeoDataFrame(columns=[*snapshots.BUILDING_COLUMNS, "geometry"], crs=city.metric_crs), regions()
    head = snapshots.save_snapshot(
        connection,
        city,
        content,
        canonical_json(content),
        none,
        nowhere.assign(kind="gap")[:0],
        software_version=__version__,
    )
    again = replay_audit(connection, "town", head.id)
    assert (again.differing, again.replayed_hash) == ((), head.content_hash)


def test_the_planner_knows_every_row_once_a_city_is_audited(connection: Connection, made: None) -> None:
    audit_city(connection, "town")
    for table in (table.__tablename__ for tables in TABLES.values() for table in tables):
        rows = connection.scalar(text(f"SELECT count(*) FROM {table}"))
        known = text("SELECT reltuples FROM pg_class WHERE oid = to_regclass(:name)")
        assert connection.scalar(known, {"name": table}) == rows, table
