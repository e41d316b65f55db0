#!/usr/bin/env python3
"""Say where to open the next facilities: how many, where, and how good that is at best."""

import argparse
from collections.abc import Callable
from pathlib import Path

import _environment  # noqa: F401 starts the checkout's own Python first
from _arguments import decimal, whole_number
from _program import Outcome, Parser, run
from _replay import add_replay_option, replay
from _site_lines import site_lines
from _walking import add_walking_options, walking_rules

from gis_service.config import Settings
from gis_service.db.engine import begin
from gis_service.errors import InputError, Text
from gis_service.exports import excel, geopackage
from gis_service.exports.files import check_writable
from gis_service.geo.crs import to_stored
from gis_service.reach.siting.rules import AIMS, MAX_COUNT, SitingRules
from gis_service.workflows.progress import Report
from gis_service.workflows.provenance import about_siting
from gis_service.workflows.replays import replay_siting_run
from gis_service.workflows.site_facilities import Sited, result_hash, site_facilities


def add_options(parser: Parser) -> None:
    """Add this program's arguments."""
    rules = SitingRules(count=1)
    parser.option("city", metavar="CITY", help_text=Text("城市（数据集的 name）", "city (the dataset's name)"))
    parser.option(
        "--count",
        type=whole_number(1, MAX_COUNT),
        metavar="N",
        help_text=Text("最多新增几处", "how many may be opened at most"),
    )
    parser.option(
        "--cover",
        type=decimal,
        metavar="SHARE",
        help_text=Text(
            "目标覆盖率，如 0.95：用最少的新增（有造价时为最低造价）达到",
            "share of households to cover, such as 0.95, with the fewest sites (or the least cost)",
        ),
    )
    parser.option(
        "--aim",
        choices=AIMS,
        default=rules.aim,
        help_text=Text("目标：cover 覆盖最多，walk 步行总量最少", "cover: most covered; walk: least walking in sum"),
    )
    parser.option(
        "--candidates",
        type=Path,
        metavar="FILE",
        help_text=Text(
            "候选点文件：id、name、cost、capacity 列和点；不给则在住户附近的路口自动生成",
            "candidates: columns id, name, cost, capacity and a point; street corners near people otherwise",
        ),
    )
    parser.option(
        "--candidates-crs",
        metavar="CRS",
        help_text=Text(
            "候选点文件的坐标系：gcj02、bd09、cgcs2000、wgs84 或 EPSG 编号",
            "system of the candidates' coordinates: gcj02, bd09, cgcs2000, wgs84 or an EPSG code",
        ),
    )
    parser.option(
        "--spacing",
        type=decimal,
        metavar="M",
        help_text=Text("自动候选点的最小间距，米（默认 150）", "least distance of generated candidates [m] (150)"),
    )
    parser.option(
        "--budget",
        type=decimal,
        help_text=Text("造价合计上限，单位同候选点文件", "what the sites may cost together, as in the file"),
    )
    parser.option(
        "--time-limit",
        type=decimal,
        default=rules.time_limit_s,
        metavar="S",
        help_text=Text("求解时限，秒（默认 60）", "time limit of the search [s] (60)"),
    )
    add_walking_options(parser)
    parser.option(
        "--to",
        type=Path,
        metavar="FILE",
        help_text=Text("导出 .gpkg（图层）或 .xlsx（选址建议表）", "write .gpkg (layers) or .xlsx (the list of sites)"),
    )
    parser.option(
        "--no-save",
        action="store_true",
        help_text=Text(
            "试算：结果不入库，地图上的选址建议不变", "an experiment: nothing is stored, the map stays as it is"
        ),
    )
    parser.option(
        "--unless-current",
        action="store_true",
        help_text=Text("数据与参数都没变时沿用已有结果", "keep a run with the same inputs and rules"),
    )
    add_replay_option(parser)


def work(settings: Settings, arguments: argparse.Namespace, report: Report) -> Outcome:
    """Choose, store, export, and say where, what it brings, and how good it is at best."""
    if arguments.replay is not None:
        return replay(settings, arguments, replay_siting_run)
    if (arguments.count is None) == (arguments.cover is None):
        raise InputError(
            Text(
                "请在 --count N（新增几处）与 --cover 0.95（目标覆盖率）中给出且只给出一个",
                "give either --count N or --cover SHARE",
            )
        )
    _refuse_idle_options(arguments)
    rules = SitingRules(
        reach=walking_rules(arguments),
        aim=arguments.aim,
        count=arguments.count,
        share=arguments.cover,
        budget=arguments.budget,
        spacing_m=SitingRules(count=1).spacing_m if arguments.spacing is None else arguments.spacing,
        time_limit_s=arguments.time_limit,
    )
    write = None if arguments.to is None else _writer(arguments.to)
    with begin(settings) as conn:
        sited = site_facilities(
            conn,
            arguments.city,
            rules=rules,
            candidates=arguments.candidates,
            candidates_crs=arguments.candidates_crs,
            unless_current=arguments.unless_current,
            save=not arguments.no_save,
            report=report,
        )
        if write is not None:
            write(arguments.to, sited, settings)
    return Outcome(site_lines(sited, arguments.to), _data(sited))


def _refuse_idle_options(arguments: argparse.Namespace) -> None:
    """Refuse what would do nothing."""
    if arguments.candidates is None and arguments.candidates_crs is not None:
        raise InputError(
            Text(
                "--candidates-crs 要与 --candidates 合用：它说明候选点文件的坐标系",
                "--candidates-crs needs --candidates: it tells the system of that file's coordinates",
            )
        )
    if arguments.candidates is not None and arguments.spacing is not None:
        raise InputError(
            Text(
                "--spacing 不能与 --candidates 合用：候选点由文件给出，不再自动生成",
                "--spacing does not go with --candidates: candidates are those of the file, none is generated",
            )
        )


def _writer(to: Path) -> Callable[[Path, Sited, Settings], None]:
    """Return what writes the file; refuse one that cannot be written before any work is done."""
    suffix = to.suffix.lower()
    if suffix not in WRITERS:
        raise InputError(
            Text(f"不支持导出为 {to.name}，可选：.gpkg、.xlsx", f"cannot export to {to.name}; choose .gpkg or .xlsx")
        )
    check_writable(to, suffix)
    return WRITERS[suffix]


def _geopackage(to: Path, sited: Sited, settings: Settings) -> None:
    result = sited.run.result
    about = about_siting(sited.city, sited.run, sited.buildings, settings)
    geopackage.write_siting(to, result.sites, sited.buildings, result.assignment, result.gaps, about=about)


def _excel(to: Path, sited: Sited, settings: Settings) -> None:
    result = sited.run.result
    about = about_siting(sited.city, sited.run, sited.buildings, settings)
    excel.write_siting(to, result.sites, result.coverage, sited.regions, about=about)


WRITERS = {".gpkg": _geopackage, ".xlsx": _excel}


def _data(sited: Sited) -> dict[str, object]:
    run, result = sited.run, sited.run.result
    sites = result.sites
    places = to_stored(sites).geometry
    listed = sites.drop(columns="geometry").assign(longitude=places.x, latitude=places.y).astype(object)
    coverage = result.coverage.astype(object)
    gaps = result.gaps.drop(columns="geometry").astype(object)
    return {
        "city": sited.city.name,
        "run": run.id,
        "reused": sited.reused,
        "rules": run.rules.as_dict(),
        "summary": result.summary,
        "sites": listed.where(listed.notna(), None).to_dict("records"),
        "coverage": coverage.where(coverage.notna(), None).to_dict("records"),
        "gaps": gaps.where(gaps.notna(), None).to_dict("records"),
        "input_hash": run.input_hash,
        "candidates_hash": run.candidates_hash,
        "result_hash": result_hash(result),
        "software_version": run.software_version,
    }


if __name__ == "__main__":
    run(
        Text(
            "建议下一批设施建在哪里：新增几处、选在何处、离最优还差多少。",
            "Say where to open the next facilities, what they bring, and how far from the best possible that is.",
        ),
        add_options,
        work,
    )
