"""What an export says of the whole city."""

from pathlib import Path

import openpyxl
from sqlalchemy import Connection, text

from gis_service.config import Settings
from gis_service.plan.rules import Rules
from gis_service.workflows.export_city import export_city
from gis_service.workflows.import_city import Imported
from gis_service.workflows.partition_city import partition_city
from tests.workflows.town import WEST_CODE


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
