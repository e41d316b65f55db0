"""Siting on the small town: what is chosen, stored, found again and computed once more to the last bit."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy import Connection

from gis_service.config import Settings
from gis_service.db import siting_runs
from gis_service.errors import InputError
from gis_service.exports.geopackage import write_siting
from gis_service.reach.check import ReachRules
from gis_service.reach.siting.rules import SitingRules
from gis_service.workflows.check_city_reach import check_city_reach
from gis_service.workflows.import_city import Imported, import_city
from gis_service.workflows.provenance import about_siting
from gis_service.workflows.scenario import Scenario
from gis_service.workflows.site_facilities import replay_siting, result_hash, site_facilities
from tests.workflows import town as town_files

FIVE_MINUTES = ReachRules(minutes=5)
ONE_MORE = SitingRules(FIVE_MINUTES, count=1, time_limit_s=None)


@pytest.fixture
def write_candidates(tmp_path: Path) -> Callable[..., Path]:
    def write(rows: str) -> Path:
        path = tmp_path / "rooms.csv"
        path.write_text(f"编号,名称,造价,服务能力,X,Y\n{rows}", encoding="utf-8")
        return path

    return write


def at(x: float, y: float) -> str:
    return f"{town_files.EAST + x},{town_files.NORTH + y}"


def test_one_more_station_opens_where_it_covers_most_and_the_figures_agree(
    connection: Connection, town: Imported
) -> None:
    before = check_city_reach(connection, "town", rules=FIVE_MINUTES).result.summary["households_covered"]
    run = site_facilities(connection, "town", rules=ONE_MORE).run
    summary, coverage = run.result.summary, run.result.coverage.set_index("code")
    [only] = run.result.sites.to_dict("records")
    assert summary["proved_optimal"]
    assert summary["objective"] == summary["bound"] == before + only["households_gained"]
    assert summary["households_covered_before"] == before
    city = coverage.loc["999900000000"]
    assert (city["households"], city["households_before"]) == (2000, before)
    assert city["households_after"] == summary["households_covered_after"] == summary["objective"]
    communities = coverage.loc[[town_files.WEST_CODE, town_files.EAST_CODE]]
    assert communities["households_after"].sum() == city["households_after"]
    assert run.result.gaps["households"].sum() == 2000 - city["households_after"]
    # The station stands in the west, so that most of those left are in the east.
    assert only["geometry"].x > town_files.EAST + 290


def test_what_is_said_of_the_sites_is_what_a_check_with_them_finds(connection: Connection, town: Imported) -> None:
    run = site_facilities(connection, "town", rules=replace(ONE_MORE, count=2)).run
    places = [(point.x, point.y) for point in run.result.sites.geometry.to_crs("EPSG:4326")]
    checked = check_city_reach(connection, "town", rules=FIVE_MINUTES, scenario=Scenario(add=tuple(places))).result
    after = run.result.coverage.set_index("code")["households_after"]
    assert after.equals(checked.coverage.set_index("code")["households_covered"].rename("households_after"))
    walks = run.result.assignment["walk_m"]
    assert walks.to_numpy() == pytest.approx(checked.buildings["walk_m"].to_numpy(), abs=0.01, nan_ok=True)


def test_a_run_comes_back_is_reused_and_replays_to_equal_bytes(
    connection: Connection, town: Imported, tmp_path: Path
) -> None:
    first = site_facilities(connection, "town", rules=ONE_MORE)
    again = site_facilities(connection, "town", rules=ONE_MORE, unless_current=True)
    assert again.reused
    assert again.run.id == first.run.id
    assert not site_facilities(connection, "town", rules=replace(ONE_MORE, count=2), unless_current=True).reused
    on_page = replace(ONE_MORE, count=3)
    weighed = site_facilities(connection, "town", rules=on_page, on_map=False)
    assert not weighed.run.on_map
    assert site_facilities(connection, "town", rules=on_page, unless_current=True, on_map=False).reused
    assert not site_facilities(connection, "town", rules=on_page, unless_current=True).reused  # the map is to show it
    stored, replayed = replay_siting(connection, "town", first.run.id)
    assert result_hash(replayed) == result_hash(stored.result)
    assert replayed.candidates.geometry.to_wkb().tolist() == stored.result.candidates.geometry.to_wkb().tolist()
    written = []
    for name, result in (("stored", stored.result), ("replayed", replayed)):
        path = tmp_path / f"{name}.gpkg"
        about = about_siting(town.city, stored, first.buildings, Settings())
        write_siting(path, result.sites, first.buildings, result.assignment, result.gaps, about=about)
        written.append(path.read_bytes())
    assert written[0] == written[1]
    pd.testing.assert_frame_equal(replayed.assignment, stored.result.assignment, check_exact=True)
    pd.testing.assert_frame_equal(replayed.coverage, stored.result.coverage, check_exact=True)


def test_candidates_of_a_file_are_read_and_replay_too(
    connection: Connection, town: Imported, write_candidates: Callable[..., Path]
) -> None:
    path = write_candidates(f"r1,东厅,10,,{at(900, 300)}\nr2,角房,1,,{at(1190, 590)}\n")
    sited = site_facilities(connection, "town", rules=ONE_MORE, candidates=path, candidates_crs=town_files.CRS)
    assert sited.run.given
    assert sited.run.result.sites["name"].tolist() == ["东厅"]
    assert sited.run.result.candidates["id"].tolist() == ["r1", "r2"]
    stored, replayed = replay_siting(connection, "town", sited.run.id)
    assert result_hash(replayed) == result_hash(stored.result)


def test_a_budget_buys_what_it_can(
    connection: Connection, town: Imported, write_candidates: Callable[..., Path]
) -> None:
    path = write_candidates(f"r1,东厅,10,,{at(900, 300)}\nr2,角房,1,,{at(1190, 590)}\n")
    rules = replace(ONE_MORE, count=2, budget=5.0)
    sited = site_facilities(connection, "town", rules=rules, candidates=path, candidates_crs=town_files.CRS)
    assert sited.run.result.sites["id"].tolist() == ["r2"]
    assert sited.run.result.summary["cost"] == 1.0


def test_a_full_room_serves_no_more_than_it_can(
    connection: Connection, town: Imported, write_candidates: Callable[..., Path]
) -> None:
    path = write_candidates(f"r1,东厅,10,100,{at(900, 300)}\n")
    sited = site_facilities(connection, "town", rules=ONE_MORE, candidates=path, candidates_crs=town_files.CRS)
    summary = sited.run.result.summary
    assert summary["households_served"] == summary["households_covered_before"] + 100
    assert summary["households_covered_after"] > summary["households_served"]


def test_a_share_is_reached_with_the_fewest_and_one_out_of_reach_is_told(
    connection: Connection, town: Imported, write_candidates: Callable[..., Path]
) -> None:
    all_of_them = SitingRules(FIVE_MINUTES, share=1.0, time_limit_s=None)
    run = site_facilities(connection, "town", rules=all_of_them).run
    assert run.result.summary["households_covered_after"] == 2000
    assert run.result.summary["proved_optimal"]
    fewer = replace(ONE_MORE, count=run.result.summary["sites"] - 1)
    assert site_facilities(connection, "town", rules=fewer).run.result.summary["households_covered_after"] < 2000
    path = write_candidates(f"r1,东厅,10,,{at(900, 300)}\n")
    with pytest.raises(InputError, match=r"100\.0% 无法达到：候选点全部启用也只能覆盖 \d+\.\d% 的户数"):
        site_facilities(connection, "town", rules=all_of_them, candidates=path, candidates_crs=town_files.CRS)


def test_shorter_walks_are_an_aim_of_their_own(connection: Connection, town: Imported) -> None:
    run = site_facilities(connection, "town", rules=replace(ONE_MORE, aim="walk")).run
    [only] = run.result.sites.to_dict("records")
    summary = run.result.summary
    assert summary["before"] - summary["objective"] == pytest.approx(only["saved_m"])
    assert summary["proved_optimal"]


def test_an_experiment_is_told_and_not_kept(connection: Connection, town: Imported) -> None:
    kept = site_facilities(connection, "town", rules=ONE_MORE).run
    tried = site_facilities(connection, "town", rules=replace(ONE_MORE, count=2), save=False).run
    assert tried.id is None
    assert len(tried.result.sites) == 2
    newest = siting_runs.load_siting(connection, town.city)
    assert newest is not None
    assert newest.id == kept.id
    assert result_hash(site_facilities(connection, "town", rules=ONE_MORE, save=False).run.result) == result_hash(
        kept.result
    )


def test_candidates_that_are_open_already_and_budgets_without_costs_are_refused(
    connection: Connection, town: Imported, write_candidates: Callable[..., Path]
) -> None:
    def ask(rows: str, **changes: float) -> None:
        rules = replace(ONE_MORE, **changes)
        path = write_candidates(rows)
        site_facilities(connection, "town", rules=rules, candidates=path, candidates_crs=town_files.CRS)

    with pytest.raises(InputError, match=r"rooms\.csv：候选点 s1 与现有同类设施的编号相同"):
        ask(f"r1,东厅,10,,{at(900, 300)}\ns1,驿站,1,,{at(290, 300)}\n")
    ask(f"home,中心户,10,,{at(900, 300)}\n")  # known, and no facility of these kinds that stays
    with pytest.raises(InputError, match="有预算（--budget）时要有造价"):
        site_facilities(connection, "town", rules=replace(ONE_MORE, budget=5.0))
    with pytest.raises(InputError, match="预算 5 不够开设任何一处：最便宜的候选点造价 10"):
        ask(f"r1,东厅,10,,{at(900, 300)}\n", count=1, budget=5.0)
    plain = write_candidates("").with_name("plain.csv")
    plain.write_text(f"编号,X,Y\nr1,{at(900, 300)}\n", encoding="utf-8")
    frugal = replace(ONE_MORE, budget=5.0)
    with pytest.raises(InputError, match="有预算（--budget）时要有造价"):
        site_facilities(connection, "town", rules=frugal, candidates=plain, candidates_crs=town_files.CRS)


def test_a_kind_that_nobody_runs_yet_can_be_sited_and_a_mistyped_one_not(
    connection: Connection, town: Imported
) -> None:
    canteens = SitingRules(ReachRules(kinds=("elder_canteen",)), count=1, time_limit_s=None)
    summary = site_facilities(connection, "town", rules=canteens).run.result.summary
    assert summary["facilities"] == summary["households_covered_before"] == 0
    assert summary["households_covered_after"] > 0
    with pytest.raises(InputError, match="不认识设施类别 elder_cantine"):
        site_facilities(connection, "town", rules=replace(canteens, reach=ReachRules(kinds=("elder_cantine",))))


def test_a_run_whose_data_have_changed_is_not_replayed(
    connection: Connection, town: Imported, town_folder: Path
) -> None:
    with pytest.raises(InputError, match="没有编号为 7 的选址结果"):
        replay_siting(connection, "town", 7)
    kept = site_facilities(connection, "town", rules=ONE_MORE).run
    stored = siting_runs.load_siting(connection, town.city, kept.id)
    assert stored is not None
    assert stored.rules == ONE_MORE
    other = siting_runs.save_siting(connection, town.city, replace(stored, input_hash="of other data"))
    with pytest.raises(InputError, match="已经变了"):
        replay_siting(connection, "town", other.id)


def test_the_order_of_rows_in_the_files_changes_nothing(connection: Connection, town: Imported, tmp_path: Path) -> None:
    first = site_facilities(connection, "town", rules=ONE_MORE).run
    turned = {name: getattr(town_files, name)().iloc[::-1].reset_index(drop=True) for name in ("facilities", "regions")}
    folder = town_files.write_town(tmp_path / "turned", **turned)
    toml = folder / "dataset.toml"
    toml.write_text(toml.read_text(encoding="utf-8").replace('name = "town"', 'name = "turned"'), encoding="utf-8")
    import_city(connection, folder)
    second = site_facilities(connection, "turned", rules=ONE_MORE).run
    assert result_hash(first.result) == result_hash(second.result)
