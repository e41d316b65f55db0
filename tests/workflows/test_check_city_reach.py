"""Reach as stored: counted by hand on the small town."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from sqlalchemy import Connection, text

from gis_service.config import Settings
from gis_service.db import reach_runs
from gis_service.errors import InputError, NoNetworkError
from gis_service.exports.geopackage import write_reach
from gis_service.reach.check import ReachRules
from gis_service.workflows.audit_city import audit_city
from gis_service.workflows.check_city_reach import check_city_reach, replay_reach
from gis_service.workflows.import_city import Imported, import_city
from gis_service.workflows.kinds import nearest_of
from gis_service.workflows.provenance import about_reach
from gis_service.workflows.replays import replay_reach_run
from gis_service.workflows.scenario import Scenario
from tests.workflows import town as town_files


def test_a_walk_counted_by_hand(connection: Connection, town: Imported) -> None:
    """The station stands at (290, 300), 50 m from the street x = 240, its nearest.

    Building b000 covers (50, 50) to (80, 65): its middle (65, 57.5) lies 55 m from the street x = 120, its nearest.
    Walk: 55 m to (120, 57.5), then 120 m east and 242.5 m north along the streets to (240, 300), then 50 m.
    """
    checked = check_city_reach(connection, "town", rules=ReachRules())
    walks = checked.result.buildings.set_index("id")
    assert walks.loc["b000", "facility_id"] == "s1"
    assert walks.loc["b000", "walk_m"] == pytest.approx(55 + 120 + 242.5 + 50, abs=0.01)
    assert walks.loc["b000", "walk_s"] == pytest.approx(walks.loc["b000", "walk_m"])


def test_a_private_home_serves_nobody(connection: Connection, town: Imported) -> None:
    checked = check_city_reach(connection, "town", rules=ReachRules())
    assert set(checked.result.buildings["facility_id"]) == {"s1"}


def test_coverage_and_gaps_account_for_every_household(connection: Connection, town: Imported) -> None:
    checked = check_city_reach(connection, "town", rules=ReachRules(minutes=10))
    city = checked.result.coverage.query("level == 'city'").iloc[0]
    assert city["households"] == 2000
    assert 0 < city["households_covered"] < 2000
    assert checked.result.gaps["households"].sum() == 2000 - city["households_covered"]


def test_a_stored_run_comes_back_and_is_reused(connection: Connection, town: Imported) -> None:
    first = check_city_reach(connection, "town", rules=ReachRules())
    again = check_city_reach(connection, "town", rules=ReachRules(), unless_current=True)
    assert again.reused
    assert again.run_id == first.run_id
    assert again.result.coverage.equals(first.result.coverage)
    assert not check_city_reach(connection, "town", rules=ReachRules(minutes=10), unless_current=True).reused


def test_a_run_with_other_parameters_does_not_stand_in_for_the_standard_one(
    connection: Connection, town: Imported
) -> None:
    standard = check_city_reach(connection, "town", rules=ReachRules())
    slow = check_city_reach(connection, "town", rules=ReachRules(speed_m_per_s=0.8))
    assert reach_runs.load_run(connection, town.city).id == standard.run_id
    again = check_city_reach(connection, "town", rules=ReachRules(speed_m_per_s=0.8), unless_current=True)
    assert again.run_id == slow.run_id


def test_a_what_if_is_not_stored_and_helps(connection: Connection, town: Imported) -> None:
    rules = ReachRules(minutes=10)
    before = check_city_reach(connection, "town", rules=rules)
    # 900 m, 300 m in the town's own metres
    imagined = check_city_reach(connection, "town", rules=rules, scenario=Scenario(add=((120.2209, 27.3224),)))
    assert imagined.run_id is None
    assert reach_runs.load_run(connection, town.city).id == before.run_id
    covered = [c.result.coverage.query("level == 'city'")["households_covered"].iloc[0] for c in (before, imagined)]
    assert covered[1] > covered[0]


@pytest.mark.parametrize(
    "scenario",
    [
        Scenario(add=((120.2209, 27.3224),)),
        Scenario(without=("s1",)),
        Scenario(move=(("s1", (120.2209, 27.3224)),)),
        Scenario(paths=(((120.2167, 27.3224), (120.2209, 27.3240)),)),
        Scenario(add=((120.2209, 27.3224),), without=("s1",), paths=(((120.2167, 27.3224), (120.2209, 27.3240)),)),
    ],
)
def test_what_a_scenario_changes_equals_a_check_from_scratch(
    connection: Connection, town: Imported, scenario: Scenario
) -> None:
    rules = ReachRules(minutes=8)
    today = check_city_reach(connection, "town", rules=rules)
    assert today.comparison is None
    checked = check_city_reach(connection, "town", rules=rules, scenario=scenario)
    assert checked.comparison is not None
    change = checked.comparison.coverage.set_index("measure")
    for measure in ("buildings", "households", "residents"):
        for when, result in (("before", today.result), ("after", checked.result)):
            city = result.bands.query("level == 'city' and minutes == 8").iloc[0]
            assert change.loc[measure, when] == city[f"{measure}_covered"]
    covered = [set(c.result.buildings.loc[c.result.buildings["covered"], "id"]) for c in (today, checked)]
    assert set(checked.comparison.gained) == covered[1] - covered[0]
    assert set(checked.comparison.lost) == covered[0] - covered[1]
    assert (
        change.loc["households", "before"] + checked.comparison.gaps["households_covered"].sum()
        >= (change.loc["households", "after"])
    )


def test_paths_may_come_as_a_file_of_lines(connection: Connection, town: Imported, tmp_path: Path) -> None:
    ends = ((120.2167, 27.3224), (120.2209, 27.3240))
    line = gpd.GeoDataFrame(geometry=[shapely.LineString(ends)], crs="EPSG:4326")
    line.to_file(tmp_path / "便道.geojson")
    rules = ReachRules(minutes=8)
    drawn, given = (
        check_city_reach(connection, "town", rules=rules, scenario=Scenario(paths=(path,)))
        for path in (tmp_path / "便道.geojson", ends)
    )
    assert drawn.result.buildings["walk_m"].equals(given.result.buildings["walk_m"])
    assert drawn.scenario.text.zh == "假设情景，不是现状：新增通道 便道.geojson"
    with pytest.raises(InputError, match="没有这个文件"):
        check_city_reach(connection, "town", rules=rules, scenario=Scenario(paths=(tmp_path / "none.gpkg",)))


@pytest.mark.parametrize(
    ("scenario", "said"),
    [
        (Scenario(move=(("s9", (120.2, 27.3)),)), "没有编号为 s9"),
        (Scenario(move=(("home", (120.2, 27.3)),)), "home 不是近邻红色驿站或党群服务中心类的公开设施"),
        (Scenario(without=("home",)), "关闭或迁移它不影响结果"),
        (Scenario(move=(("s1", (120.2, 27.3)),), without=("s1",)), "既迁移又关闭"),
        (Scenario(add=((120.2, 27.32), (121.2, 27.3))), "^--add 121.2,27.3：离本市行政区划范围超过 20 公里"),
        (Scenario(move=(("s1", (120.2, 28.3)),)), "^--move s1 120.2,28.3：离本市"),
        (Scenario(paths=(((120.2, 27.2), (120.21, 27.2)),)), "超过 50 米"),
    ],
)
def test_what_cannot_be_imagined_is_refused_clearly(
    connection: Connection, town: Imported, scenario: Scenario, said: str
) -> None:
    with pytest.raises(InputError, match=said):
        check_city_reach(connection, "town", rules=ReachRules(), scenario=scenario)


def test_a_stored_run_replays_to_equal_bytes(connection: Connection, town: Imported, tmp_path: Path) -> None:
    checked = check_city_reach(connection, "town", rules=ReachRules(minutes=10))
    stored, replayed = replay_reach(connection, "town", checked.run_id)
    assert set(stored.result.summary["inputs"]) >= {"network", "buildings", "facilities"}
    written = []
    for name, result in (("stored", stored.result), ("replayed", replayed)):
        about = replace(about_reach(town.city, stored.rules, checked.buildings, Settings()), made_at=stored.created_at)
        frames = (checked.buildings, result.buildings, result.circles, result.gaps)
        tables = {"facilities": result.service, "coverage": result.bands}
        path = tmp_path / f"{name}.gpkg"
        nearest = nearest_of(stored.rules.kinds)
        write_reach(path, *frames, about=about, nearest=nearest, catchments=result.catchments, tables=tables)
        written.append(path.read_bytes())
    assert written[0] == written[1]
    assert replayed.summary == stored.result.summary


def test_uphill_there_and_downhill_back_is_stored_replayed_and_passes_the_audit(
    connection: Connection, town: Imported
) -> None:
    connection.execute(text("UPDATE network_edge SET slope_to_u = 0.9, slope_to_v = 1.4, crossings = 0.5"))
    rules = ReachRules(steps_factor=2.0, crossing_s=6.0, slope="tobler")
    checked = check_city_reach(connection, "town", rules=rules)
    walks = checked.result.buildings.dropna(subset="walk_s")
    assert (walks["walk_back_s"] != walks["walk_s"]).any()
    assert (walks["walk_s"] >= 0.9 * walks["walk_m"]).all()
    assert checked.result.summary["heights_share"] == 1.0
    assert replay_reach_run(connection, "town", checked.run_id).differing == ()
    audited = audit_city(connection, "town", sample=1000)
    assert audited.run_id == checked.run_id
    assert [finding for finding in audited.findings if finding.kind.startswith("walk")] == []


def test_a_replay_names_the_parts_that_come_out_different(connection: Connection, town: Imported) -> None:
    rules = ReachRules(minutes=10, steps_factor=2.0, crossing_s=5.0)
    run = check_city_reach(connection, "town", rules=rules).run_id
    assert replay_reach_run(connection, "town", run).differing == ()
    connection.execute(
        text("UPDATE reach_building SET walk_back_s = walk_back_s + 1e-9 WHERE run_id = :run"), {"run": run}
    )
    assert replay_reach_run(connection, "town", run).differing == ("buildings",)


def test_a_run_whose_data_changed_is_not_replayed(connection: Connection, town: Imported) -> None:
    checked = check_city_reach(connection, "town", rules=ReachRules())
    connection.execute(text("UPDATE building SET households = 41 WHERE code = 'b000'"))
    with pytest.raises(InputError, match="buildings"):
        replay_reach(connection, "town", checked.run_id)
    with pytest.raises(InputError, match="0"):
        replay_reach(connection, "town", 0)


def test_only_facilities_open_then_count(connection: Connection, town: Imported) -> None:
    sunday = datetime(2026, 11, 22, 9, 30)  # noqa: DTZ001 local time
    connection.execute(text("UPDATE facility SET hours = '周一至周五 8:00-17:30' WHERE code = 's1'"))
    closed = check_city_reach(connection, "town", rules=ReachRules(), scenario=Scenario(at=sunday))
    assert closed.result.coverage["households_covered"].sum() == 0
    assert closed.run_id is None
    assert "只计 2026-11-22 09:30 开放的设施" in closed.scenario.text.zh
    opened = check_city_reach(connection, "town", rules=ReachRules(), scenario=Scenario(at=sunday + timedelta(days=1)))
    assert opened.result.coverage["households_covered"].sum() > 0
    connection.execute(text("UPDATE facility SET hours = '请来电' WHERE code = 's1'"))
    unknown = check_city_reach(connection, "town", rules=ReachRules(), scenario=Scenario(at=sunday), nearest=2)
    assert unknown.nearest is not None
    assert unknown.nearest.empty
    assert unknown.hours_unknown == ("s1",)
    assert unknown.facilities.empty
    assert unknown.result.summary["hours_unknown"]
    assert "none_open" not in unknown.result.summary
    assert unknown.result.summary["households_hours_unknown"] == 2000
    assert "hours_unknown" in set(unknown.result.buildings["status"])
    assert "开放时间不明的不计" in unknown.scenario.text.zh
    lenient = check_city_reach(connection, "town", rules=ReachRules(), scenario=Scenario(at=sunday, unknown_open=True))
    assert len(lenient.facilities) == 1
    assert "开放时间不明的按开放计" in lenient.scenario.text.zh
    assert "unknown hours count as open" in lenient.scenario.text.en
    about = about_reach(town.city, ReachRules(), lenient.buildings, Settings(), scenario=lenient.scenario)
    assert about.scenario == lenient.scenario.text.zh


@pytest.mark.parametrize(
    ("hours", "moment", "counted", "unknown"),
    [
        ("工作日 9:00-17:00", datetime(2026, 10, 1, 10), 0, ()),  # noqa: DTZ001 local time
        ("周一至周五 9:00-17:00", datetime(2026, 10, 1, 10), 0, ("s1",)),  # noqa: DTZ001 local time
        ("法定节假日休息 9:00-17:00", datetime(2026, 11, 20, 10), 1, ()),  # noqa: DTZ001 local time
    ],
)
def test_holidays_count_as_announced(
    connection: Connection, town: Imported, hours: str, moment: datetime, counted: int, unknown: tuple[str, ...]
) -> None:
    connection.execute(text("UPDATE facility SET hours = :hours WHERE code = 's1'"), {"hours": hours})
    checked = check_city_reach(connection, "town", rules=ReachRules(), scenario=Scenario(at=moment))
    assert (len(checked.facilities), checked.hours_unknown) == (counted, unknown)


def test_the_nearest_of_every_building_are_told_when_asked(connection: Connection, town: Imported) -> None:
    checked = check_city_reach(connection, "town", rules=ReachRules(), nearest=2)
    walks = checked.result.buildings
    assert checked.nearest["kind"].isna().sum() == walks["facility_id"].notna().sum()
    any_kind = checked.nearest[checked.nearest["kind"].isna()]
    assert any_kind["walk_m"].tolist() == walks["walk_m"].dropna().tolist()


def test_closing_the_only_station_covers_nobody_and_says_what_was_imagined(
    connection: Connection, town: Imported
) -> None:
    checked = check_city_reach(connection, "town", rules=ReachRules(), scenario=Scenario(without=("s1",)))
    assert checked.result.coverage["households_covered"].sum() == 0
    assert checked.run_id is None
    assert "关闭 s1" in checked.scenario.text.zh
    assert checked.result.summary["no_facility"]
    assert checked.result.summary["households_no_path"] == 0
    assert "no_path" not in set(checked.result.buildings["status"])


def test_a_kind_that_nobody_knows_is_refused_whatever_is_imagined(connection: Connection, town: Imported) -> None:
    for kinds in (("castle",), ("red_station", "castle")):
        with pytest.raises(InputError, match=r"不认识设施类别 castle；可用 --kind 选择：.*近邻红色驿站（red_station）"):
            check_city_reach(
                connection,
                "town",
                rules=ReachRules(kinds=kinds),
                scenario=Scenario(add=((120.2209, 27.3224),)),
            )


def test_kinds_that_are_not_there_and_unknown_ids_are_refused_clearly(connection: Connection, town: Imported) -> None:
    with pytest.raises(InputError, match="没有 elder_canteen 类的公开设施；现有类别：近邻红色驿站（red_station）"):
        check_city_reach(connection, "town", rules=ReachRules(kinds=("elder_canteen",)))
    with pytest.raises(InputError, match="s9"):
        check_city_reach(connection, "town", rules=ReachRules(), scenario=Scenario(without=("s9",)))


def test_a_city_without_streets_says_so(connection: Connection, town_folder: object) -> None:
    toml = town_folder / "dataset.toml"
    toml.write_text(toml.read_text().replace('[files.streets]\npath = "streets.gpkg"\n', ""))
    import_city(connection, town_folder)
    with pytest.raises(NoNetworkError):
        check_city_reach(connection, "town", rules=ReachRules())


def test_the_elderly_pace_never_covers_more(connection: Connection, town: Imported) -> None:
    standard = check_city_reach(connection, "town", rules=ReachRules())
    elderly = check_city_reach(connection, "town", rules=ReachRules(speed_m_per_s=0.8))
    assert (elderly.result.coverage["households_covered"] <= standard.result.coverage["households_covered"]).all()


def test_rows_of_the_town_are_what_this_module_counts_on() -> None:
    assert town_files.buildings().geometry.iloc[0].centroid.x == pytest.approx(town_files.EAST + 65)
