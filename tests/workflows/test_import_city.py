"""Imports: everything or nothing, and safe to run again."""

from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy import Connection, text

from gis_service.db import buildings, cities, network, regions
from gis_service.errors import InputError
from gis_service.plan.rules import Rules
from gis_service.workflows.import_city import Imported, import_city
from gis_service.workflows.partition_city import partition_city
from tests.workflows import town as town_files


def test_what_the_files_say_is_what_the_store_gives_back(connection: Connection, town: Imported) -> None:
    assert town.counts["region"] == 5
    assert town.counts["building"] == 50
    assert town.households == 2000
    stored = buildings.load_buildings(connection, town.city)
    given = town_files.buildings().sort_values("id", ignore_index=True)
    assert stored["id"].tolist() == given["id"].tolist()
    assert stored["households"].sum() == given["households"].sum()
    assert stored.geometry.area.sum() == pytest.approx(given.geometry.area.sum(), rel=1e-9)
    assert stored["community_code"].value_counts().to_dict() == {town_files.WEST_CODE: 25, town_files.EAST_CODE: 25}
    nodes, edges = network.load_network(connection, town.city)
    assert len(nodes) == 11 * 6
    assert len(edges) == len(town_files.streets())
    assert regions.load_regions(connection, town.city, level="community")["name"].tolist() == ["西社区", "东社区"]


def test_the_same_files_again_change_nothing(connection: Connection, town: Imported, town_folder: Path) -> None:
    again = import_city(connection, town_folder)
    assert again.unchanged
    assert again.city == town.city
    assert again.counts == town.counts


def test_changed_files_replace_a_city_without_plans(connection: Connection, town: Imported, tmp_path: Path) -> None:
    fewer = town_files.buildings().iloc[:40]
    changed = import_city(connection, town_files.write_town(tmp_path / "changed", buildings=fewer))
    assert changed.counts["building"] == 40
    assert len(cities.load_cities(connection)) == 1


def test_changed_files_do_not_delete_plans_unasked(connection: Connection, town: Imported, tmp_path: Path) -> None:
    partition_city(connection, "town", rules=Rules())
    folder = town_files.write_town(tmp_path / "changed", buildings=town_files.buildings().iloc[:40])
    with pytest.raises(InputError, match=r"2 个划分方案.*--replace"):
        import_city(connection, folder)
    assert cities.count_rows(connection, town.city)["building"] == 50
    assert import_city(connection, folder, replace=True).counts["building"] == 40


def test_a_fault_in_the_last_file_leaves_nothing_behind(connection: Connection, tmp_path: Path) -> None:
    broken = town_files.facilities().assign(kind=None)
    folder = town_files.write_town(tmp_path / "broken", facilities=broken)
    savepoint = connection.begin_nested()
    with pytest.raises(InputError, match=r"facilities\.gpkg"):
        import_city(connection, folder)
    savepoint.rollback()
    assert connection.execute(text("SELECT count(*) FROM city")).scalar_one() == 0
    assert connection.execute(text("SELECT count(*) FROM building")).scalar_one() == 0


def test_a_code_means_what_it_meant_on_the_day_asked_for(connection: Connection, tmp_path: Path) -> None:
    """The state re-uses codes: 350902500007 was 万安 until 2017 and is 湖滨 from 2018."""
    now = town_files.regions().assign(valid_from=None, valid_to=None)
    reused = now["code"] == town_files.EAST_CODE
    now.loc[reused, ["name", "valid_from"]] = ["湖滨社区", "2018-01-01"]
    before = now[reused].assign(name="万安社区", valid_from="2010-01-01", valid_to="2018-01-01")
    frame = pd.concat([now, before], ignore_index=True)
    city = import_city(connection, town_files.write_town(tmp_path / "town", regions=frame)).city
    named = {
        year: regions.find_region(connection, city, town_files.EAST_CODE, date(year, 6, 30))
        for year in (2005, 2017, 2023)
    }
    assert named[2005] is None
    assert named[2017].name == "万安社区"
    assert named[2023].name == "湖滨社区"
    assert len(regions.load_regions(connection, city, level="community")) == 2
