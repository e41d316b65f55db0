"""What an export says of the whole city."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from sqlalchemy import Connection, text

from gis_service.config import Settings
from gis_service.errors import InputError, UnknownPlanError
from gis_service.plan.rules import Rules
from gis_service.workflows.export_city import export_city
from gis_service.workflows.import_city import Imported
from gis_service.workflows.partition_city import Start, partition_city
from tests.workflows.town import EAST_CODE, WEST_CODE


def test_buildings_outside_every_community_are_told_beside_the_totals(
    connection: Connection, town: Imported, tmp_path: Path
) -> None:
    connection.execute(text("UPDATE building SET region_id = NULL WHERE code IN ('b000', 'b001')"))
    partition_city(connection, town.city.name, rules=Rules())
    path = tmp_path / "plan.xlsx"
    export_city(connection, town.city.name, path, plan=None, settings=Settings())
    line = openpyxl.load_workbook(path)["网格划分登记表"]["A2"].value
    assert "1,920 户、5,760 人；另有 2 栋楼、80 户不在任何社区内" in line


def test_a_community_without_households_is_an_empty_grid_in_the_register(
    connection: Connection, town: Imported, tmp_path: Path
) -> None:
    nobody = "households = 0, residents = 0, elderly = 0, children = 0"
    west = f"region_id = (SELECT id FROM region WHERE code = '{WEST_CODE}')"
    connection.execute(text(f"UPDATE building SET {nobody} WHERE {west}"))
    made = partition_city(connection, town.city.name, rules=Rules())
    assert made.plans[0].statuses["empty"] == 1
    assert "small" not in made.plans[0].statuses
    assert [(found.kind, found.severity, found.subject) for found in made.plans[0].findings] == [
        ("no_households", "note", WEST_CODE)
    ]
    path = tmp_path / "plan.xlsx"
    export_city(connection, town.city.name, path, plan=None, settings=Settings())
    rows = list(openpyxl.load_workbook(path)["网格划分登记表"].iter_rows(min_row=4, values_only=True))
    assert [row[7] for row in rows if row[2] == WEST_CODE] == ["无住户"]


def sheet_rows(path: Path, sheet: str) -> list[tuple[Any, ...]]:
    return list(openpyxl.load_workbook(path)[sheet].iter_rows(min_row=4, values_only=True))


def test_the_register_says_why_grids_are_so_and_compares_the_plans_there_are(
    connection: Connection, town: Imported, tmp_path: Path
) -> None:
    partition_city(connection, town.city.name, rules=Rules(households_min=200, households_max=250), plan="fine")
    partition_city(connection, town.city.name, rules=Rules(), plan="coarse")
    path = tmp_path / "plan.xlsx"
    frames = export_city(connection, town.city.name, path, plan="coarse", versus="fine", settings=Settings())
    reasons = sheet_rows(path, "网格说明")
    assert [row[0] for row in reasons] == sorted(frames.grids["code"])
    assert {row[0]: row[4] for row in reasons} == {
        code: households - 300
        for code, households in zip(frames.grids["code"], frames.grids["households"], strict=True)
    }
    assert [(row[0], row[3], row[11]) for row in sheet_rows(path, "方案比较")] == [
        ("coarse", 2, "是"),
        ("fine", 2, None),
    ]
    changes = sheet_rows(path, "新旧对照")
    assert sum(row[5] for row in changes) == 2000
    assert frames.account.changes is not None
    assert frames.account.changes.continuation.households_moved == sum(row[5] for row in changes if row[7] == "调整")


def test_a_plan_that_started_from_another_is_compared_with_it_unless_told_otherwise(
    connection: Connection, town: Imported, tmp_path: Path
) -> None:
    name = town.city.name
    partition_city(connection, name, rules=Rules(), plan="old", communities=[WEST_CODE])
    partition_city(connection, name, rules=Rules(), plan="new", communities=[WEST_CODE], start=Start("old"))
    told = export_city(connection, name, tmp_path / "plan.xlsx", plan="new", settings=Settings()).account.changes
    assert told is not None
    assert (told.before, told.after) == ("old", "new")
    assert (told.continuation.households, told.continuation.households_moved) == (1000, 0)
    alone = export_city(connection, name, tmp_path / "old.xlsx", plan="old", settings=Settings())
    assert alone.account.changes is None


def test_todays_grids_without_codes_are_compared_by_who_lives_in_them(
    connection: Connection, town: Imported, tmp_path: Path
) -> None:
    partition_city(connection, town.city.name, rules=Rules())
    connection.execute(
        text(
            "INSERT INTO given_grid (city_id, region_id, code, name, kind, geometry) "
            "SELECT region.city_id, region.id, NULL, '旧' || region.name, 'base', region.geometry "
            "FROM region JOIN city ON city.id = region.city_id WHERE city.name = 'town' AND region.code = :west"
        ),
        {"west": WEST_CODE},
    )
    frames = export_city(connection, town.city.name, tmp_path / "plan.xlsx", plan=None, settings=Settings())
    told = frames.account.changes
    assert told is not None
    largest = frames.grids.loc[frames.grids["community_code"] == WEST_CODE, "households"].max()
    assert (told.continuation.households, told.continuation.households_moved) == (1000, 1000 - largest)
    assert {row[0] for row in sheet_rows(tmp_path / "plan.xlsx", "新旧对照")} == {f"{WEST_CODE} 旧西社区"}


def test_a_comparison_that_cannot_be_made_is_refused_before_anything_is_written(
    connection: Connection, town: Imported, tmp_path: Path
) -> None:
    name = town.city.name
    partition_city(connection, name, rules=Rules(), plan="west", communities=[WEST_CODE])
    partition_city(connection, name, rules=Rules(), plan="east", communities=[EAST_CODE])
    for suffix, versus, words in ((".gpkg", "west", "xlsx"), (".xlsx", "today", "现有网格"), (".xlsx", "west", "共同")):
        with pytest.raises(InputError, match=words):
            export_city(connection, name, tmp_path / f"plan{suffix}", plan="east", versus=versus, settings=Settings())
    with pytest.raises(UnknownPlanError, match="lost"):
        export_city(connection, name, tmp_path / "plan.xlsx", plan="east", versus="lost", settings=Settings())
    assert [entry.name for entry in tmp_path.iterdir()] == ["town"]


def test_what_draws_pages_is_loaded_only_where_pages_are_drawn() -> None:
    program = "import sys, gis_service.workflows.export_city; print({'matplotlib', 'weasyprint'} & set(sys.modules))"
    assert subprocess.check_output([sys.executable, "-c", program], text=True) == "set()\n"
