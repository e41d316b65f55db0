"""Export the plans of a city: load, put together, write one file."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd

from gis_service.config import Settings
from gis_service.db import buildings, cities, plans, regions
from gis_service.db.cities import City
from gis_service.db.engine import Connection
from gis_service.errors import InputError, Text, UnknownPlanError
from gis_service.exports.about import About
from gis_service.exports.excel import write_register
from gis_service.exports.files import check_writable
from gis_service.exports.geojson import write_grids
from gis_service.exports.geopackage import write_plan
from gis_service.exports.plan_sheets import PlanAccount
from gis_service.plan.rules import Rules
from gis_service.workflows.plan_account import account_of_plans
from gis_service.workflows.provenance import about_plan

COMPARING = (".xlsx",)
"""Formats that can hold a comparison."""


@dataclass(frozen=True)
class PlanFrames:
    """What every format is written from.

    Parameters
    ----------
    grids
        Grids frame with ``community_code`` and ``community_name``.
    buildings
        Buildings frame with ``grid_code`` (None: in no grid).
    units
        ``id`` (community code and unit code), ``grid_code``, ``geometry``.
    rules
        Community code to the rules its plan was made by.
    without_plan
        Codes of the communities whose land is not in the file because they have no such plan.
    about
        Provenance.
    account
        Why the grids are so, the plans there are, who changes grid.
    """

    grids: gpd.GeoDataFrame
    buildings: gpd.GeoDataFrame
    units: gpd.GeoDataFrame
    rules: dict[str, Rules]
    without_plan: tuple[str, ...]
    about: About
    account: PlanAccount


def export_city(
    conn: Connection, city_name: str, to: Path, *, plan: str | None, versus: str | None = None, settings: Settings
) -> PlanFrames:
    """Write the plans of a city to a file whose suffix says the format.

    Parameters
    ----------
    conn
        Open transaction, for reading.
    city_name
        Slug of the city.
    to
        ``.gpkg``, ``.geojson``, ``.xlsx`` or ``.pdf``; a file that is there is replaced at the end, or not at all.
    plan
        Name of the plan; None takes the newest of each community.
    versus
        Name of a plan to compare with, or ``today``: who changes grid, where the format is one of `COMPARING`. None:
        what the plans started from, or today's grids, if there are any.
    settings
        Names the operator and the map approval.

    Returns
    -------
    PlanFrames
        What was written.

    Raises
    ------
    UnknownCityError, UnknownPlanError
        No such city; no plan of those names, or none at all.
    InputError
        The suffix is not one of the four or cannot hold the comparison asked for, or the place takes no file; this is
        found out before anything is loaded. Or there is nothing to compare with.
    """
    suffix = to.suffix.lower()
    write = WRITERS.get(suffix)
    if write is None:
        known = "、".join(WRITERS)
        raise InputError(
            Text(f"不支持导出为 {to.name}，可选：{known}", f"cannot export to {to.name}; choose one of {known}")
        )
    if versus is not None and suffix not in COMPARING:
        kinds = "、".join(COMPARING)
        raise InputError(
            Text(
                f"新旧对照只能写入 {kinds} 文件，{to.name} 不能；请换后缀，或去掉 --compare",
                f"only {kinds} files hold a comparison, {to.name} does not; change the suffix or leave out --compare",
            )
        )
    check_writable(to, suffix)
    city = cities.load_city(conn, city_name)
    frames = _load(conn, city, plan, versus, settings)
    write(to, frames)
    return frames


def _load(conn: Connection, city: City, plan: str | None, versus: str | None, settings: Settings) -> PlanFrames:
    records = plans.load_plans(conn, city, plan)
    if not records:
        raise UnknownPlanError(
            Text(
                f"城市 {city.name} 还没有划分方案，请先运行 scripts/partition_grids.py {city.name}",
                f"city {city.name} has no plan yet; run scripts/partition_grids.py {city.name} first",
            )
        )
    rules = {record.community_code: Rules.from_dict(record.rules) for record in records}
    communities = regions.load_regions(conn, city, level="community")
    names = communities.set_index("code")["name"]
    grids = plans.load_grids(conn, city, records)
    assigned = plans.load_assignment(conn, city, records)
    of_city = buildings.load_buildings(conn, city)
    grid_of = assigned.buildings.set_index("building_id")["grid_code"]
    return PlanFrames(
        grids=grids.assign(community_name=grids["community_code"].map(names)),
        buildings=of_city.assign(grid_code=of_city["id"].map(grid_of)),
        units=assigned.units.assign(id=assigned.units["community_code"] + "-" + assigned.units["code"]),
        rules=rules,
        without_plan=tuple(sorted(set(_with_land(communities)) - set(rules))),
        about=about_plan(city, records, of_city, settings),
        account=account_of_plans(conn, city, records, assigned, of_city, versus),
    )


def _with_land(communities: gpd.GeoDataFrame) -> list[str]:
    return list(communities.loc[communities.geometry.notna(), "code"])


def _geopackage(to: Path, frames: PlanFrames) -> None:
    write_plan(to, frames.grids, frames.buildings, frames.units, about=frames.about)


def _geojson(to: Path, frames: PlanFrames) -> None:
    write_grids(to, frames.grids, about=frames.about)


def _excel(to: Path, frames: PlanFrames) -> None:
    write_register(to, frames.grids, frames.buildings, rules=frames.rules, about=frames.about, account=frames.account)


def _pdf(to: Path, frames: PlanFrames) -> None:
    # Imported here: Matplotlib and WeasyPrint take a second, and the other formats need neither.
    from gis_service.exports.pdf import write_report  # noqa: PLC0415

    write_report(to, frames.grids, frames.buildings, rules=frames.rules, about=frames.about, account=frames.account)


WRITERS: dict[str, Callable[[Path, PlanFrames], None]] = {
    ".gpkg": _geopackage,
    ".geojson": _geojson,
    ".xlsx": _excel,
    ".pdf": _pdf,
}
