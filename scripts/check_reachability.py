#!/usr/bin/env python3
"""Check who reaches a facility within the 15-minute service circle, on foot."""

import argparse
from collections.abc import Hashable
from datetime import datetime
from pathlib import Path
from typing import Any

import _environment  # noqa: F401 starts the checkout's own Python first
import pandas as pd
from _arguments import ArgumentError, place, whole_number
from _check_lines import check_lines
from _program import Outcome, Parser, run
from _replay import add_replay_option, replay
from _walking import add_walking_options, walking_rules

from gis_service.config import Settings
from gis_service.db.engine import begin
from gis_service.errors import InputError, Text
from gis_service.exports.files import check_writable
from gis_service.exports.geopackage import write_reach
from gis_service.reach.one_point import MOST_NEAREST
from gis_service.workflows.check_city_reach import ReachChecked, check_city_reach
from gis_service.workflows.kinds import nearest_of
from gis_service.workflows.moments import read_moment
from gis_service.workflows.progress import Report
from gis_service.workflows.provenance import about_reach
from gis_service.workflows.replays import replay_reach_run
from gis_service.workflows.scenario import LonLat, Scenario


def add_options(parser: Parser) -> None:
    """Add this program's arguments."""
    parser.option("city", metavar="CITY", help_text=Text("城市（数据集的 name）", "city (the dataset's name)"))
    add_walking_options(parser)
    parser.option(
        "--add",
        nargs="+",
        type=place,
        default=[],
        metavar="LON,LAT",
        help_text=Text("假设新增设施（WGS84 经度,纬度）；结果不入库", "imagine facilities here; nothing is stored"),
    )
    parser.option(
        "--without",
        nargs="+",
        default=[],
        metavar="FACILITY",
        help_text=Text("假设关闭这些设施；结果不入库", "imagine these closed; nothing is stored"),
    )
    parser.option(
        "--move",
        nargs="+",
        type=moved,
        default=[],
        metavar="FACILITY=LON,LAT",
        help_text=Text("假设把设施迁到别处；结果不入库", "imagine these moved; nothing is stored"),
    )
    parser.option(
        "--add-path",
        nargs="+",
        type=path_or_places,
        default=[],
        metavar="FILE|LON,LAT,LON,LAT",
        help_text=Text(
            "假设新开步行通道：线图层文件，或两端（可加中间点）的经纬度；住户仍从原来的路出门；结果不入库",
            "imagine paths: a file of lines, or places from end to end; people keep their street; nothing is stored",
        ),
    )
    parser.option(
        "--at",
        type=moment,
        metavar="YYYY-MM-DDTHH:MM",
        help_text=Text("只计此时开放的设施；结果不入库", "only facilities open then count; nothing is stored"),
    )
    parser.option(
        "--unknown-open",
        action="store_true",
        help_text=Text("开放时间不明的设施按开放计", "facilities of unknown hours count as open"),
    )
    parser.option(
        "--nearest",
        type=whole_number(1, MOST_NEAREST),
        default=0,
        metavar="K",
        help_text=Text(
            "每栋楼最近的 K 处设施，写入 --to 的 nearest 表", "the K nearest of every building, a table of --to"
        ),
    )
    parser.option("--to", type=Path, metavar="FILE.gpkg", help_text=Text("导出 GeoPackage", "write a GeoPackage"))
    parser.option(
        "--unless-current",
        action="store_true",
        help_text=Text("数据与参数都没变时沿用已有结果", "keep a run with the same inputs and rules"),
    )
    add_replay_option(parser)


def work(settings: Settings, arguments: argparse.Namespace, report: Report) -> Outcome:
    """Check, store or export, and say what is covered and where the gaps are."""
    if arguments.replay is not None:
        return replay(settings, arguments, replay_reach_run)
    if arguments.nearest and arguments.to is None:
        raise InputError(
            Text("--nearest 要与 --to 合用：它写成其中的一张表", "--nearest needs --to: it is a table of that file")
        )
    if arguments.unknown_open and arguments.at is None:
        raise InputError(
            Text(
                "--unknown-open 要与 --at 合用：不问时间时所有设施都计入",
                "--unknown-open needs --at: where no time is asked about all facilities count",
            )
        )
    scenario = Scenario(
        add=tuple(arguments.add),
        without=tuple(arguments.without),
        move=tuple(arguments.move),
        paths=tuple(arguments.add_path),
        at=arguments.at,
        unknown_open=arguments.unknown_open,
    )
    if arguments.unless_current and scenario.imagined:
        raise InputError(
            Text(
                "--unless-current 不能与假设情景（--add、--without、--move、--add-path、--at）合用：情景不入库",
                "--unless-current does not go with a scenario (--add, --without, --move, --add-path, --at): none is "
                "stored",
            )
        )
    rules = walking_rules(arguments)
    if arguments.to is not None:
        check_writable(arguments.to, ".gpkg")
    with begin(settings) as conn:
        checked = check_city_reach(
            conn,
            arguments.city,
            rules=rules,
            scenario=scenario,
            nearest=arguments.nearest,
            unless_current=arguments.unless_current,
            report=report,
        )
        if arguments.to is not None:
            result = checked.result
            about = about_reach(
                checked.city,
                rules,
                checked.buildings,
                settings,
                scenario=checked.scenario,
                summary=result.summary,
            )
            tables = {"facilities": result.service, "coverage": result.bands}
            write_reach(
                arguments.to,
                checked.buildings,
                result.buildings,
                result.circles,
                result.gaps,
                about=about,
                nearest=nearest_of(rules.kinds),
                catchments=result.catchments,
                tables=tables if checked.nearest is None else tables | {"nearest": checked.nearest},
            )
    return Outcome(check_lines(checked, arguments.to), _data(checked))


def moved(text: str) -> tuple[str, LonLat]:
    """Return a facility's id and its new place."""
    facility, sign, where = text.rpartition("=")
    if not facility or not sign:
        raise ArgumentError(
            Text(
                f"“{text}”应写成“设施编号=经度,纬度”，如 s1=120.2167,27.3243",
                f"{text!r} must read FACILITY=LON,LAT, as s1=120.2167,27.3243",
            )
        )
    return facility, place(where)


def path_or_places(text: str) -> tuple[LonLat, ...] | Path:
    """Return the places along a path, or the file of lines that the argument names."""
    numbers = text.replace("，", ",").split(",")
    if not all(_is_number(number) for number in numbers):
        return Path(text)
    if len(numbers) < 4 or len(numbers) % 2:  # noqa: PLR2004 two places at least
        raise ArgumentError(
            Text(
                f"“{text}”应写成“经度,纬度,经度,纬度”，或线图层文件",
                f"{text!r} must read LON,LAT,LON,LAT, or name a file of lines",
            )
        )
    return tuple(place(",".join(pair)) for pair in zip(numbers[::2], numbers[1::2], strict=True))


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def moment(text: str) -> datetime:
    """Return a local time."""
    found = read_moment(text)
    if found is None:
        raise ArgumentError(
            Text(
                f"“{text}”应写成当地日期和时间，如 2026-11-22T09:30",
                f"{text!r} must be a local day and time, as 2026-11-22T09:30",
            )
        )
    return found


def _data(checked: ReachChecked) -> dict[str, object]:
    result = checked.result
    coverage = result.coverage.astype(object).where(result.coverage.notna(), None)
    gaps = result.gaps.drop(columns="geometry").astype(object)
    inside = checked.buildings.loc[checked.buildings["community_code"].notna(), "id"]
    statuses = result.buildings.loc[result.buildings["id"].isin(inside), "status"]
    return {
        "city": checked.city.name,
        "run": checked.run_id,
        "minutes": checked.rules.minutes,
        "speed_m_per_s": checked.rules.speed_m_per_s,
        "rules": checked.rules.as_dict(),
        "kinds": list(checked.rules.kinds),
        "facilities": len(checked.facilities),
        "reused": checked.reused,
        "scenario": checked.scenario.text.en or None,
        "comparison": None if checked.comparison is None else checked.comparison.as_dict(),
        "coverage": coverage.to_dict("records"),
        "bands": _records(result.bands),
        "service": _records(result.service),
        "hours_unknown": list(checked.hours_unknown),
        "gaps": gaps.where(gaps.notna(), None).to_dict("records"),
        "statuses": statuses.value_counts().to_dict(),
        "summary": result.summary,
    }


def _records(frame: pd.DataFrame) -> list[dict[Hashable, Any]]:
    """Return the rows as plain values for JSON."""
    plain = frame.astype(object)
    rows: list[dict[Hashable, Any]] = plain.where(plain.notna(), None).to_dict("records")
    return rows


if __name__ == "__main__":
    run(
        Text(
            "检查每栋楼步行到最近设施要多久，谁在 15 分钟服务圈之外。",
            "Check who reaches a facility within the 15-minute service circle, on foot.",
        ),
        add_options,
        work,
    )
