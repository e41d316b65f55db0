"""The siting program as people start it: what it prints, what it writes, and how it refuses."""

from collections.abc import Callable
from pathlib import Path

import openpyxl
import pyogrio
import pytest

from gis_service.config import Settings
from tests.workflows import town as town_files
from tests.workflows.started import answer, own_environment, start, start_afresh

ROOMS = "id,name,cost,capacity,lon,lat\n"


@pytest.fixture(scope="module")
def environment(make_database: Callable[[str], Settings]) -> dict[str, str]:
    return own_environment(make_database("siting"))


@pytest.fixture(scope="module")
def town(environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = town_files.write_town(tmp_path_factory.mktemp("siting") / "town")
    assert answer(environment, "import_city.py", folder)["households"] == 2000
    return "town"


def test_siting_says_where_and_how_good_and_carries_it_away(
    environment: dict[str, str], town: str, tmp_path: Path
) -> None:
    question = (town, "--count", 1, "--minutes", 5)
    summary = start_afresh(environment, "site_facilities.py", *question, "--to", tmp_path / "sites.gpkg")
    assert summary.returncode == 0, summary.stderr
    assert "新增不超过 1 处，覆盖户数最多" in summary.stdout
    assert "求解时限 60 秒" in summary.stdout
    assert "差距 0.00%，已证明最优" in summary.stdout
    assert "步行路网共" in summary.stdout
    assert "求解中：覆盖户数目前最好" in summary.stderr
    told = answer(environment, "site_facilities.py", *question, "--unless-current", "--to", tmp_path / "again.gpkg")
    assert told["reused"]
    assert (tmp_path / "sites.gpkg").read_bytes() == (tmp_path / "again.gpkg").read_bytes()
    (about,) = pyogrio.read_dataframe(tmp_path / "sites.gpkg", layer="about").to_dict("records")
    assert about["scenario"].startswith("选址建议，不是现状：新增不超过 1 处")
    computed = answer(environment, "site_facilities.py", *question)
    assert not computed["reused"]
    assert computed["result_hash"] == told["result_hash"]
    tried = start(environment, "site_facilities.py", *question, "--no-save")
    assert "（试算，未入库）" in tried.stdout
    assert "--replay" not in tried.stdout
    assert (
        f"已存为结果 {computed['run']}"
        in start(environment, "site_facilities.py", *question, "--unless-current").stdout
    )


def test_capacities_hold_whatever_the_aim(environment: dict[str, str], town: str, tmp_path: Path) -> None:
    rooms = tmp_path / "rooms.csv"
    rooms.write_text("id,name,capacity,lon,lat\nr1,东厅,100,120.2209,27.3224\n", encoding="utf-8")
    question = (town, "--count", 1, "--minutes", 5, "--candidates", rooms, "--candidates-crs", "wgs84", "--no-save")
    for aim in ("cover", "walk"):
        told = answer(environment, "site_facilities.py", *question, "--aim", aim)
        summary = told["summary"]
        assert told["sites"][0]["households_gained"] <= 100
        served = summary["households_covered_before"] + told["sites"][0]["households_gained"]
        assert summary["households_served"] == pytest.approx(served)
        assert summary["households_covered_after"] > summary["households_served"]
    said = start(environment, "site_facilities.py", *question, "--aim", "walk").stdout
    assert "步行可达住户（不计服务能力）" in said
    assert "覆盖住户：" not in said


def test_rooms_from_a_file_are_told_in_both_languages_and_listed(
    environment: dict[str, str], town: str, tmp_path: Path
) -> None:
    rooms = tmp_path / "rooms.csv"
    rooms.write_text(f"{ROOMS}r1,东厅,2.5,100,120.2209,27.3224\n", encoding="utf-8")
    question = (town, "--count", 1, "--minutes", 5, "--candidates", rooms, "--candidates-crs", "wgs84")
    english = start(
        environment | {"GIS_SERVICE_LANGUAGE": "en"}, "site_facilities.py", *question, "--to", tmp_path / "sites.xlsx"
    )
    assert english.returncode == 0, english.stderr
    assert "1. 东厅: no named street" in english.stdout
    assert "100 households gained" in english.stdout
    assert "households near enough, whatever the capacities: today" in english.stdout
    assert "households can be served, coverage counts who can walk there" in english.stdout
    sheet = openpyxl.load_workbook(tmp_path / "sites.xlsx")["选址建议表"]
    assert [cell.value for cell in sheet[4]][1:3] == ["r1", "东厅"]
    chinese = start(environment, "site_facilities.py", *question)
    assert "服务户数最多；候选点 1 个，来自文件，有服务能力上限" in chinese.stdout
    assert "按服务能力，5 分钟内可服务" in chinese.stdout
    assert "候选点全部启用也够不到" in chinese.stdout


def test_the_elderly_walk_slower_and_a_pace_has_a_name(environment: dict[str, str], town: str) -> None:
    question = (town, "--count", 1, "--aim", "walk", "--minutes", 5)
    slow = answer(environment, "site_facilities.py", *question, "--pace", "elderly")
    assert slow["rules"]["reach"]["speed_m_per_s"] == 0.8
    assert slow["sites"][0]["saved_m"] > 0
    assert slow["summary"]["bound"] == slow["summary"]["objective"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["town"], "--count N"),
        (["town", "--cover", "95"], "不超过 1，如 0.95"),
        (["town", "--count", "1", "--candidates", "lost.csv"], "lost.csv：没有这个文件"),
        (["town", "--count", "1", "--kind", "castle"], "castle"),
        (["town", "--count", "1", "--candidates-crs", "wgs84"], "要与 --candidates 合用"),
        (["town", "--count", "1", "--candidates", "lost.csv", "--spacing", "150"], "不能与 --candidates 合用"),
        (["town", "--count", "1", "--spacing", "1e9"], "候选点间距为 1,000,000,000 米，必须大于 0 且不超过 10000"),
        (["town", "--count", "1", "--budget", "5"], "要有造价"),
        (["town", "--count", "1", "--replay", "1", "--no-save"], "不能与 --count、--no-save 合用"),
        (["town", "--count", "1", "--to", "plan.docx"], ".gpkg、.xlsx"),
        (["nowhere", "--count", "1", "--to", "missing/x.gpkg"], "missing 不存在"),
    ],
)
def test_the_users_fault_is_one_clear_line_and_exit_code_two(
    environment: dict[str, str], town: str, arguments: list[str], said: str
) -> None:
    done = start(environment, "site_facilities.py", *arguments)
    assert done.returncode == 2, done.stderr
    lines = [line for line in done.stderr.splitlines() if line.strip()]
    assert said in lines[-1]
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_a_bad_row_of_the_candidates_is_named(environment: dict[str, str], town: str, tmp_path: Path) -> None:
    rooms = tmp_path / "rooms.csv"
    rooms.write_text(f"{ROOMS}r1,东厅,0,,120.2209,27.3224\n", encoding="utf-8")
    done = start(
        environment, "site_facilities.py", town, "--count", 1, "--candidates", rooms, "--candidates-crs", "wgs84"
    )
    assert done.returncode == 2
    assert "rooms.csv：第 2 行的“cost”为空或不大于 0" in done.stderr
