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
from gis_service.exports.pdf import write_report
from gis_service.plan.rules import Rules
from gis_service.workflows.provenance import about_plan


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
    """

    grids: gpd.GeoDataFrame
    buildings: gpd.GeoDataFrame
    units: gpd.GeoDataFrame
    rules: dict[str, Rules]
    without_plan: tuple[str, ...]
    about: About


def export_city(conn: Connection, city_name: str, to: Path, *, plan: str | None, settings: Settings) -> PlanFrames:
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
    settings
        Names the operator and the map approval.

    Returns
    -------
    PlanFrames
        What was written.

    Raises
    ------
    UnknownCityError, UnknownPlanError
        No such city; no plan of that name, or none at all.
    InputError
        The suffix is not one of the four, or the place takes no file; this is found out before anything is loaded.
    """
    suffix = to.suffix.lower()
    write = WRITERS.get(suffix)
    if write is None:
        known = "、".join(WRITERS)
        raise InputError(
            Text(f"不支持导出为 {to.name}，可选：{known}", f"cannot export to {to.name}; choose one of {known}")
        )
    check_writable(to, suffix)
    city = cities.load_city(conn, city_name)
    frames = _load(conn, city, plan, settings)
    write(to, frames)
    return frames


def _load(conn: Connection, city: City, plan: str | None, settings: Settings) -> PlanFrames:
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
    )


def _with_land(communities: gpd.GeoDataFrame) -> list[str]:
    return list(communities.loc[communities.geometry.notna(), "code"])


def _geopackage(to: Path, frames: PlanFrames) -> None:
    write_plan(to, frames.grids, frames.buildings, frames.units, about=frames.about)


def _geojson(to: Path, frames: PlanFrames) -> None:
    write_grids(to, frames.grids, about=frames.about)


def _excel(to: Path, frames: PlanFrames) -> None:
    write_register(to, frames.grids, frames.buildings, rules=frames.rules, about=frames.about)


def _pdf(to: Path, frames: PlanFrames) -> None:
    write_report(to, frames.grids, frames.buildings, about=frames.about)


WRITERS: dict[str, Callable[[Path, PlanFrames], None]] = {
    ".gpkg": _geopackage,
    ".geojson": _geojson,
    ".xlsx": _excel,
    ".pdf": _pdf,
}
