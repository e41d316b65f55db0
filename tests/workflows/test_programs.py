"""The programs as people start them: what they print, how they leave, and what a kill leaves behind."""

import json
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
import shapely
from sqlalchemy import text

from gis_service.config import Settings
from gis_service.db import cities
from gis_service.db.engine import begin, reading
from tests.workflows import town as town_files
from tests.workflows.started import SCRIPTS, answer, answer_of, own_environment, start, start_afresh


@pytest.fixture(scope="module")
def environment(make_database: Callable[[str], Settings]) -> dict[str, str]:
    return own_environment(make_database("programs"))


@pytest.fixture(scope="module")
def town(environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = town_files.write_town(tmp_path_factory.mktemp("programs") / "town")

    def told(program: str, *arguments: object) -> dict[str, object]:
        return answer_of(start_afresh(environment, program, *arguments, "--json"))

    assert told("import_city.py", folder)["households"] == 2000
    assert told("partition_grids.py", "town")["communities"] == [town_files.WEST_CODE, town_files.EAST_CODE]
    assert told("check_reachability.py", "town")["run"] is not None
    return "town"


def test_a_summary_in_chinese_and_in_english(environment: dict[str, str], town: str) -> None:
    chinese = start(environment, "partition_grids.py", town, "--unless-current")
    assert "沿用已有方案：小镇（合成数据），2 个社区" in chinese.stdout
    english = start(environment | {"GIS_SERVICE_LANGUAGE": "en"}, "partition_grids.py", town, "--unless-current")
    assert "kept the plan" in english.stdout


def test_the_audit_finds_no_fault_and_takes_no_second_snapshot(environment: dict[str, str], town: str) -> None:
    first, second = (answer(environment, "audit_city.py", town) for _ in range(2))
    assert [finding for finding in first["findings"] if finding["severity"] == "fault"] == []
    assert first["content_hash"] == second["content_hash"]
    assert first["snapshot"] == second["snapshot"]


def test_a_snapshot_computed_once_more_is_equal_byte_by_byte(environment: dict[str, str], town: str) -> None:
    taken = answer(environment, "audit_city.py", town, "--title", "第四季度")
    again = answer(environment, "audit_city.py", town, "--replay", str(taken["snapshot"]))
    assert (again["equal"], again["intact"], again["differing"]) == (True, True, [])
    assert again["replayed_hash"] == taken["content_hash"]
    refused = start(environment, "audit_city.py", town, "--replay", str(taken["snapshot"]), "--seed", "3")
    assert refused.returncode == 2
    assert "--seed" in refused.stderr


def test_the_exported_plan_tiles_and_sums_up(environment: dict[str, str], town: str, tmp_path: Path) -> None:
    answer_of(start_afresh(environment, "export_city.py", town, "--to", tmp_path / "plan.gpkg", "--json"))
    layers = {name for name, _ in pyogrio.list_layers(tmp_path / "plan.gpkg")}
    assert layers >= {"grids", "buildings", "units"}
    grids, buildings, units = (
        gpd.read_file(tmp_path / "plan.gpkg", layer=name) for name in ("grids", "buildings", "units")
    )
    wanted = ["code", "name", "kind", "community_code", "households", "residents", "geometry"]
    assert list(grids.columns) == wanted
    assert list(units.columns) == ["id", "grid_code", "geometry"]
    assert units["id"].is_unique
    sums = buildings.groupby("grid_code")[["households", "residents"]].sum()
    pd.testing.assert_frame_equal(sums, grids.set_index("code")[["households", "residents"]], check_names=False)
    communities = town_files.regions().set_index("code").geometry
    for code, own in grids.groupby("community_code"):
        assert own.area.sum() == pytest.approx(communities[code].area, rel=1e-9)
        assert shapely.coverage_is_valid(own.geometry.to_numpy())


def test_exporting_twice_gives_the_same_bytes(environment: dict[str, str], town: str, tmp_path: Path) -> None:
    for suffix in ("gpkg", "geojson", "xlsx"):
        for name in ("one", "two"):
            answer(environment, "export_city.py", town, "--to", tmp_path / f"{name}.{suffix}")
        assert (tmp_path / f"one.{suffix}").read_bytes() == (tmp_path / f"two.{suffix}").read_bytes(), suffix


def test_the_report_is_a_pdf(environment: dict[str, str], town: str, tmp_path: Path) -> None:
    answer(environment, "export_city.py", town, "--to", tmp_path / "plan.pdf")
    assert (tmp_path / "plan.pdf").read_bytes().startswith(b"%PDF-")


def test_the_exported_reach_run_has_the_promised_layers(environment: dict[str, str], town: str, tmp_path: Path) -> None:
    answer(environment, "check_reachability.py", town, "--minutes", 10, "--to", tmp_path / "reach.gpkg")
    buildings, circles, gaps = (
        gpd.read_file(tmp_path / "reach.gpkg", layer=name) for name in ("buildings", "service_circles", "gaps")
    )
    contract = ["id", "facility_id", "walk_m", "walk_s", "covered"]
    assert list(buildings.columns) == [*contract, "status", "straight_m", "access_m2", "geometry"]
    assert list(circles.columns) == ["facility_id", "minutes", "geometry"]
    assert list(gaps.columns)[:3] == ["households", "residents", "nearest_walk_m"]
    assert {"name", "elderly", "missing_min", "facility_name"} < set(gaps.columns)
    assert circles["minutes"].unique().tolist() == [5.0, 10.0]
    catchments = gpd.read_file(tmp_path / "reach.gpkg", layer="catchments")
    assert catchments["facility_id"].tolist() == circles["facility_id"].dropna().unique().tolist()
    assert (buildings["covered"] == (buildings["walk_s"] <= 600)).all()


def test_what_counts_besides_lengths_is_stored_told_and_replayed(
    environment: dict[str, str], town: str, tmp_path: Path
) -> None:
    wanted = ["--minutes", "5", "--crossing-seconds", "7.5", "--signal-seconds", "90/30", "--steps-factor", "stairway"]
    told = answer(environment, "check_reachability.py", town, *wanted, "--to", tmp_path / "reach.gpkg")
    costs = {"steps_factor": 2.0, "crossing_s": 7.5, "signal_s": 20.0}
    assert costs.items() <= told["rules"].items()
    (about,) = pyogrio.read_dataframe(tmp_path / "reach.gpkg", layer="about").to_dict("records")
    assert about["counted"].startswith("时间另计台阶按 2 倍长度、过街每处 7.5 秒、信号灯每处 20 秒（路网中台阶 0 米")
    again = start(environment, "check_reachability.py", town, *wanted, "--unless-current").stdout
    assert about["counted"] in again
    assert f"已存为结果 {told['run']}，可用 --replay {told['run']} 复算" in again
    replayed = answer(environment, "check_reachability.py", town, "--replay", told["run"])
    assert replayed["equal"]
    assert set(replayed["hashes"]) >= {"buildings", "gaps", "summary"}
    sited = answer(environment, "site_facilities.py", town, "--count", "1", *wanted)
    assert costs.items() <= sited["rules"]["reach"].items()
    assert answer(environment, "site_facilities.py", town, "--replay", sited["run"])["equal"]


NOBODY_WALKS = ("没有步行路径", "数据边缘", "每百户", "按直线画圈")
"""What makes no sense where no facility counts."""


@pytest.fixture
def hours(environment: dict[str, str]) -> Iterator[Callable[[str | None], None]]:
    """Return a function that gives the town's station opening hours; afterwards it has none again."""

    def give(said: str | None) -> None:
        with begin(Settings(database_url=environment["GIS_SERVICE_DATABASE_URL"])) as conn:
            conn.execute(text("UPDATE facility SET hours = :hours WHERE code = 's1'"), {"hours": said})

    yield give
    give(None)


def test_where_nothing_is_open_that_is_what_is_said(
    environment: dict[str, str], town: str, hours: Callable[[str | None], None]
) -> None:
    hours("周一至周五 8:00-17:30")
    told = answer(environment, "check_reachability.py", town, "--at", "2026-11-22T03:00")
    assert told["summary"]["none_open"]
    assert told["summary"]["households_none_open"] == 2000
    assert told["summary"]["households_no_path"] == 0
    assert "no_path" not in told["statuses"]
    said = start(environment, "check_reachability.py", town, "--at", "2026-11-22T03:00").stdout
    assert "此时没有任何设施开放" in said
    assert all(word not in said for word in ("盲区", *NOBODY_WALKS))


def test_where_nobody_can_tell_whether_it_is_open_one_is_told_to_call(environment: dict[str, str], town: str) -> None:
    told = answer(environment, "check_reachability.py", town, "--at", "2026-11-23T10:00")
    assert (told["facilities"], told["hours_unknown"]) == (0, ["s1"])
    assert told["summary"]["households_hours_unknown"] == 2000
    assert told["statuses"] == {"hours_unknown": 50}
    said = start(environment, "check_reachability.py", town, "--at", "2026-11-23T10:00").stdout
    assert "没有确知此时开放的设施：1 处开放时间不明，请先打电话核实：s1" in said
    assert all(word not in said for word in ("没有任何设施开放", "盲区", *NOBODY_WALKS))
    lenient = start(environment, "check_reachability.py", town, "--at", "2026-11-23T10:00", "--unknown-open").stdout
    assert "注意：1 处设施开放时间不明：s1" in lenient
    assert "按直线画圈" in lenient
    assert "面积不详" not in lenient


def test_where_the_scenario_leaves_nothing_open_that_is_what_is_said(environment: dict[str, str], town: str) -> None:
    closed = start(environment, "check_reachability.py", town, "--without", "s1").stdout
    assert "没有留下任何设施" in closed
    assert "关闭 s1" in closed
    assert "\n  盲区 " not in closed
    assert all(word not in closed for word in NOBODY_WALKS)


def test_kinds_may_be_given_by_their_names(environment: dict[str, str], town: str) -> None:
    named = answer(environment, "check_reachability.py", town, "--kind", "近邻红色驿站", "red_station", "--minutes", 9)
    assert named["kinds"] == ["red_station"]
    sited = answer(environment, "site_facilities.py", town, "--count", 1, "--kind", "长者食堂", "--no-save")
    assert sited["rules"]["reach"]["kinds"] == ["elder_canteen"]


def test_an_exported_what_if_says_what_was_imagined(environment: dict[str, str], town: str, tmp_path: Path) -> None:
    answer(environment, "check_reachability.py", town, "--without", "s1", "--to", tmp_path / "reach.gpkg")
    (about,) = pyogrio.read_dataframe(tmp_path / "reach.gpkg", layer="about").to_dict("records")
    assert about["scenario"] == "假设情景，不是现状：关闭 s1"
    assert about["buildings_outside"] == 0


def test_a_what_if_tells_what_it_changes(environment: dict[str, str], town: str) -> None:
    wanted = ["check_reachability.py", town, "--minutes", "5", "--move", "s1=120.2209,27.3224"]
    wanted += ["--add-path", "120.2167,27.3224,120.2209,27.3240"]
    told = answer(environment, *wanted)["comparison"]
    households = next(row for row in told["coverage"] if row["measure"] == "households")
    assert households["total"] == 2000
    assert households["before"] != households["after"]
    assert told["buildings_gained"]
    assert told["buildings_lost"]
    lines = start(environment, *wanted).stdout.splitlines()
    assert any(line.startswith("  变化：覆盖住户 ") and "→" in line for line in lines)
    assert any("补上原第" in line for line in lines)
    assert any("步行路网共" in line for line in lines)


@pytest.mark.parametrize(
    ("program", "arguments", "said"),
    [
        ("partition_grids.py", ["nowhere"], "nowhere"),
        ("partition_grids.py", ["town", "--community", "1"], "没有社区 1"),
        ("partition_grids.py", ["town", "--households-min", "600"], "600"),
        ("partition_grids.py", ["town", "--code-pattern", "{x}"], "编码"),
        ("check_reachability.py", ["town", "--minutes", "0"], "分钟"),
        ("check_reachability.py", ["town", "--minutes", "121"], "不超过 120"),
        ("check_reachability.py", ["town", "--minutes", "nan"], "分钟"),
        ("check_reachability.py", ["town", "--speed", "4"], "在 0.1 到 3 之间"),
        ("check_reachability.py", ["town", "--speed", "-1"], "速度"),
        ("check_reachability.py", ["town", "--kind", "castle"], "castle"),
        ("check_reachability.py", ["town", "--to", "missing/folder/x.gpkg"], "missing/folder"),
        ("check_reachability.py", ["town", "--kind", "castle", "--add", "120.2209,27.3224"], "不认识设施类别 castle"),
        ("check_reachability.py", ["town", "--unless-current", "--without", "s1"], "情景不入库"),
        ("check_reachability.py", ["town", "--without", "home"], "关闭或迁移它不影响结果"),
        ("check_reachability.py", ["town", "--add", "120.2"], "--add"),
        ("check_reachability.py", ["town", "--add", "27.3,120.2"], "经度在前"),
        ("check_reachability.py", ["town", "--move", "s1"], "设施编号=经度,纬度"),
        ("check_reachability.py", ["town", "--add-path", "120.2,27.3,120.3"], "经度,纬度,经度,纬度"),
        ("check_reachability.py", ["town", "--speed", "fast"], "应是一个数"),
        ("check_reachability.py", [], "缺少参数 CITY"),
        ("check_reachability.py", ["town", "--nearest", "3"], "--to"),
        ("check_reachability.py", ["town", "--unknown-open"], "--at"),
        ("check_reachability.py", ["town", "--at", "2026-11-22"], "应写成当地日期和时间"),
        ("check_reachability.py", ["town", "--steps-factor", "0.5"], "台阶系数为 0.5，必须在 1 到 10 之间"),
        ("check_reachability.py", ["town", "--signal-seconds", "90/100"], "信号周期 90 秒、行人绿灯 100 秒不合理"),
        ("check_reachability.py", ["town", "--slope", "steep"], "没有 'steep' 这个选项"),
        ("check_reachability.py", ["town", "--slope", "tobler"], "路网没有高程，无法计坡度"),
        ("check_reachability.py", ["town", "--replay", "1", "--minutes", "5"], "不能与 --minutes 合用"),
        ("check_reachability.py", ["town", "--replay", "99"], "没有编号为 99 的可达性结果"),
        ("site_facilities.py", ["town", "--count", "1", "--crossing-seconds", "601"], "过街等候（秒）为 601"),
        ("site_facilities.py", ["town", "--replay", "1", "--count", "1"], "不能与 --count 合用"),
        ("partition_grids.py", ["town", "--seed", "99999999999999999999"], "--seed"),
        ("partition_grids.py", ["town", "--plan", " "], "方案名称"),
        ("partition_grids.py", ["town", "--workers", "-1"], "--workers"),
        ("partition_grids.py", ["town", "--basis", "x"], "没有 'x' 这个选项"),
        ("partition_grids.py", ["town", "--lock", "1"], "--from"),
        ("partition_grids.py", ["town", "--from", "today", "--alternatives"], "分两次运行"),
        ("partition_grids.py", ["town", "--from", "today", "--unless-current"], "每次都重算"),
        ("partition_grids.py", ["town", "--basis", "residents", "--target", "350"], "不起作用"),
        ("partition_grids.py", ["town", "--plan", "approved-3"], "留给工作台"),
        ("partition_grids.py", ["town", "--scheduler", "here"], "连不上 Dask 调度器 here"),
        ("partition_grids.py", ["town", "--replay", "proposal", "--seed", "3", "--from", "x"], "不能与 --from、--seed"),
        ("partition_grids.py", ["town", "--replay", "lost"], "没有名为“lost”的方案"),
        ("partition_grids.py", ["town", "--from", "today"], "没有现有网格"),
        ("partition_grids.py", ["town", "--target", "900"], "目标户数 900"),
        ("audit_city.py", ["town", "--sample", "-1"], "--sample"),
        ("audit_city.py", ["town", "--nonsense"], "不认识的参数 --nonsense"),
        ("export_city.py", ["town", "--to", "plan.docx"], ".gpkg"),
        ("export_city.py", ["town", "--plan", "lost", "--to", "plan.gpkg"], "lost"),
        ("import_city.py", ["missing-folder"], "missing-folder"),
        ("serve.py", ["--staff", "--host", "192.0.2.1"], "192.0.2.1"),
    ],
)
def test_the_users_fault_is_one_clear_line_and_exit_code_two(
    environment: dict[str, str], town: str, program: str, arguments: list[str], said: str
) -> None:
    done = start(environment, program, *arguments)
    assert done.returncode == 2, done.stderr
    lines = [line for line in done.stderr.splitlines() if line.strip()]
    assert said in lines[-1]
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_json_prints_one_object_and_nothing_else(environment: dict[str, str], town: str) -> None:
    done = start_afresh(environment, "check_reachability.py", town, "--json")
    assert len(done.stdout.strip().splitlines()) == 1
    assert json.loads(done.stdout)["minutes"] == 15


def test_a_database_that_does_not_answer_is_not_the_users_fault(environment: dict[str, str]) -> None:
    nobody = environment | {"GIS_SERVICE_DATABASE_URL": "postgresql://127.0.0.1:9/none"}
    done = start(nobody, "audit_city.py", "town")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("delay_s", [0.0, 0.15, 0.4])
def test_a_killed_import_leaves_nothing_and_can_be_run_again(
    environment: dict[str, str], tmp_path: Path, delay_s: float
) -> None:
    folder = town_files.write_town(tmp_path / "killed")
    toml = folder / "dataset.toml"
    toml.write_text(toml.read_text().replace('name = "town"', f'name = "killed_{int(delay_s * 100)}"'))
    settings = Settings(database_url=environment["GIS_SERVICE_DATABASE_URL"])
    running = subprocess.Popen(
        [SCRIPTS / "import_city.py", folder], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    time.sleep(1.0 + delay_s)  # past the start of the interpreter, so that the kill meets the work
    running.send_signal(signal.SIGKILL)
    running.wait()
    with reading(settings) as conn:
        stored = {city.name: cities.count_rows(conn, city)["building"] for city in cities.load_cities(conn)}
    assert stored.get(f"killed_{int(delay_s * 100)}", 50) == 50
    assert answer(environment, "import_city.py", folder)["buildings"] == 50


def test_what_an_import_repaired_is_told_with_file_and_row(environment: dict[str, str], tmp_path: Path) -> None:
    outside = town_files.buildings()
    outside.loc[0, "geometry"] = town_files.box(1250, 50, 1280, 65)
    folder = town_files.write_town(tmp_path / "told", buildings=outside)
    toml = folder / "dataset.toml"
    toml.write_text(toml.read_text().replace('name = "town"', 'name = "told"'))
    done = start(environment, "import_city.py", folder)
    assert done.returncode == 0, done.stderr
    assert "buildings.gpkg：第 1 个要素（共 1 栋、40 户）不在任何社区内" in done.stdout


def test_an_audit_with_nothing_to_check_says_what_to_run_first(environment: dict[str, str], tmp_path: Path) -> None:
    folder = town_files.write_town(tmp_path / "bare")
    toml = folder / "dataset.toml"
    toml.write_text(toml.read_text(encoding="utf-8").replace('name = "town"', 'name = "bare"'), encoding="utf-8")
    answer(environment, "import_city.py", folder)
    done = start(environment, "audit_city.py", "bare")
    assert done.returncode == 2
    assert "既没有网格方案也没有步行结果" in done.stderr
    answer(environment, "partition_grids.py", "bare", "--community", town_files.WEST_CODE)
    summary = start(environment, "audit_city.py", "bare")
    assert summary.returncode == 0
    assert "审核了 1 个社区的方案；另有 1 个社区还没有方案" in summary.stdout
    assert "没有步行结果，步行未审核" in summary.stdout
    answer(environment, "partition_grids.py", "bare", "--community", town_files.EAST_CODE, "--basis", "households")
    mixed = start(environment, "audit_city.py", "bare").stdout
    assert "各社区方案所依规则不同（共 2 种）" in mixed
    assert "提醒 1：各社区规则不同 1" in mixed
    assert "6 个有住户的网格中 6 个合规（100.0%）" in mixed


def test_a_stored_plan_is_made_again_and_compared(environment: dict[str, str], town: str) -> None:
    replayed = answer(environment, "partition_grids.py", town, "--replay", "proposal")
    assert replayed["equal"]
    assert replayed["communities"] == [town_files.WEST_CODE, town_files.EAST_CODE]


@pytest.mark.parametrize("program", ["check_reachability.py", "export_city.py"])
def test_a_place_that_takes_no_file_is_refused_before_anything_is_loaded(
    environment: dict[str, str], tmp_path: Path, program: str
) -> None:
    done = start(environment, program, "nowhere", "--to", tmp_path / "missing" / "x.gpkg")
    assert done.returncode == 2
    assert "missing 不存在" in done.stderr
    assert "nowhere" not in done.stderr
