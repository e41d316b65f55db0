"""Reach runs: the parameters of a check and all it found."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import geopandas as gpd
import pandas as pd
from sqlalchemy import ColumnElement, Connection, Text, and_, insert, not_, select, type_coerce
from sqlalchemy.dialects import postgresql

from gis_service.db.cities import City
from gis_service.db.frames import Kind, c_order, copy_rows, fetch, fetch_geometries, wkb
from gis_service.db.keys import BUILDING, FACILITY, REGION, building_keys, facility_keys, region_keys, resolve
from gis_service.db.reach_tables import BandCoverage, Catchment, ReachFacility
from gis_service.db.tables import Building, Coverage, Facility, Gap, ReachBuilding, ReachRun, Region, ServiceCircle
from gis_service.geo.crs import to_stored
from gis_service.reach.bands import MEASURES
from gis_service.reach.check import ReachResult
from gis_service.reach.rules import COSTS, ReachRules

BUILDING_COLUMNS: dict[str, Kind] = {
    "id": "text",
    "facility_id": "text",
    "walk_m": "measure",
    "walk_s": "measure",
    "walk_back_s": "measure",
    "straight_m": "measure",
    "covered": "truth",
    "status": "text",
    "access_m2": "measure",
}
CIRCLE_COLUMNS: dict[str, Kind] = {"facility_id": "text", "minutes": "measure"}
GAP_COLUMNS: dict[str, Kind] = {
    "rank": "count",
    "name": "text",
    "community_code": "text",
    "buildings": "count",
    "households": "count",
    "residents": "optional_count",
    "elderly": "optional_count",
    "nearest_walk_m": "measure",
    "mean_walk_m": "measure",
    "farthest_walk_m": "measure",
    "missing_min": "measure",
    "households_no_path": "optional_count",
    "facility_id": "text",
    "facility_name": "text",
}
SERVICE_COLUMNS: dict[str, Kind] = {
    "facility_id": "text",
    "households": "count",
    "households_in_reach": "count",
    "area_m2": "measure",
    "area_per_hundred_m2": "measure",
    "shared_per_hundred_m2": "measure",
    "over_capacity": "truth",
}
BAND_COLUMNS: dict[str, Kind] = {
    "level": "text",
    "code": "text",
    "minutes": "measure",
    **{f"{name}{part}": "optional_count" for name in MEASURES for part in ("", "_covered", "_straight")},
}
COVERAGE_COLUMNS: dict[str, Kind] = {
    "code": "text",
    "level": "text",
    "buildings": "count",
    "buildings_covered": "count",
    "households": "count",
    "households_covered": "count",
    "residents": "optional_count",
    "residents_covered": "optional_count",
}


@dataclass(frozen=True)
class StoredRun:
    """A reach run as stored.

    Parameters
    ----------
    id
        Key in the store.
    rules
        Parameters in force.
    result
        The frames, in the city's metric CRS, and the summary.
    input_hash
        SHA-256 over everything that decided the result.
    data_date
        The data describe this day.
    software_version, created_at
        What computed it, and when it was saved.
    """

    id: int
    rules: ReachRules
    result: ReachResult
    input_hash: str
    data_date: date
    software_version: str
    created_at: datetime


def save_run(
    conn: Connection, city: City, result: ReachResult, *, rules: ReachRules, input_hash: str, software_version: str
) -> int:
    """Store a reach run and return its key; earlier runs stay.

    Raises
    ------
    InputError
        The result speaks of buildings, facilities or regions that are not stored, such as imagined facilities.
    """
    row = {
        "city_id": city.id,
        "kinds": list(rules.kinds),
        "minutes": rules.minutes,
        "speed_m_per_s": rules.speed_m_per_s,
        "rules": rules.as_dict(),
        "summary": result.summary,
        "input_hash": input_hash,
        "data_date": city.data_date,
        "software_version": software_version,
    }
    run = conn.scalars(insert(ReachRun).values(row).returning(ReachRun.id)).one()
    facilities = facility_keys(conn, city)
    _save_buildings(conn, city, run, result.buildings, facilities)
    copy_rows(
        conn,
        ServiceCircle,
        {
            "run_id": [run] * len(result.circles),
            "facility_id": resolve(result.circles["facility_id"], facilities, FACILITY),
            "minutes": result.circles["minutes"],
            "geometry": to_stored(result.circles).geometry,
        },
    )
    copy_rows(
        conn,
        Gap,
        {
            "run_id": [run] * len(result.gaps),
            **{name: result.gaps[name] for name in GAP_COLUMNS if not name.startswith("facility_")},
            "facility_id": resolve(result.gaps["facility_id"], facilities, FACILITY),
            "geometry": to_stored(result.gaps).geometry,
        },
    )
    copy_rows(
        conn,
        Coverage,
        {
            "run_id": [run] * len(result.coverage),
            "region_id": resolve(result.coverage["code"], region_keys(conn, city), REGION),
            **{name: result.coverage[name] for name in COVERAGE_COLUMNS if name not in {"code", "level"}},
        },
    )
    copy_rows(
        conn,
        Catchment,
        {
            "run_id": [run] * len(result.catchments),
            "facility_id": resolve(result.catchments["facility_id"], facilities, FACILITY),
            "geometry": to_stored(result.catchments).geometry,
        },
    )
    copy_rows(
        conn,
        ReachFacility,
        {
            "run_id": [run] * len(result.service),
            **{name: result.service[name] for name in SERVICE_COLUMNS},
            "facility_id": resolve(result.service["facility_id"], facilities, FACILITY),
        },
    )
    bands = {name: result.bands[name] for name in BAND_COLUMNS}
    copy_rows(conn, BandCoverage, {"run_id": [run] * len(result.bands), **bands})
    return run


def load_run(
    conn: Connection, city: City, run_id: int | None = None, *, input_hash: str | None = None
) -> StoredRun | None:
    """Return one run of the city; None where there is none.

    Parameters
    ----------
    conn, city
        Transaction and city.
    run_id, input_hash
        Only the run of this key, or runs of these inputs. Among those left the one that the map shows is taken: the
        newest with the standard parameters, else the newest of all.
    """
    query = select(ReachRun).where(ReachRun.city_id == city.id)
    if run_id is not None:
        query = query.where(ReachRun.id == run_id)
    if input_hash is not None:
        query = query.where(ReachRun.input_hash == input_hash)
    query = query.order_by(*_shown_first())
    row = conn.execute(query.limit(1)).mappings().one_or_none()
    if row is None:
        return None
    result = ReachResult(
        buildings=_load_buildings(conn, row["id"]),
        circles=_load_circles(conn, city, row["id"]),
        catchments=_load_catchments(conn, city, row["id"]),
        gaps=_load_gaps(conn, city, row["id"]),
        coverage=_load_coverage(conn, row["id"]),
        bands=_load_bands(conn, row["id"]),
        service=_load_service(conn, row["id"]),
        summary=row["summary"],
    )
    return StoredRun(
        id=row["id"],
        rules=ReachRules.from_dict(row["rules"]),
        result=result,
        input_hash=row["input_hash"],
        data_date=row["data_date"],
        software_version=row["software_version"],
        created_at=row["created_at"],
    )


def load_rules(conn: Connection, city: City) -> ReachRules | None:
    """Return the rules of the run of a city that its map shows, see `load_run`; None where there is no run."""
    shown = load_shown(conn, city)
    return None if shown is None else shown[1]


def load_shown(conn: Connection, city: City) -> tuple[int, ReachRules] | None:
    """Return key and rules of the run of a city that its map shows, see `load_run`; None where there is no run."""
    query = select(ReachRun.id, ReachRun.rules).where(ReachRun.city_id == city.id).order_by(*_shown_first())
    row = conn.execute(query.limit(1)).one_or_none()
    return None if row is None else (row.id, ReachRules.from_dict(row.rules))


def _shown_first() -> tuple[ColumnElement[Any], ...]:
    """Return the order in which runs are shown: those with the standard parameters first, of them the newest."""
    standard = ReachRules()
    kinds = type_coerce(ReachRun.kinds, postgresql.ARRAY(Text))
    is_standard = and_(
        ReachRun.minutes == standard.minutes,
        ReachRun.speed_m_per_s == standard.speed_m_per_s,
        kinds.contains(list(standard.kinds)),
        kinds.contained_by(list(standard.kinds)),
        not_(type_coerce(ReachRun.rules, postgresql.JSONB).has_any(postgresql.array(COSTS))),
    )
    return is_standard.desc(), ReachRun.created_at.desc(), ReachRun.id.desc()


def _save_buildings(
    conn: Connection, city: City, run: int, buildings: pd.DataFrame, facilities: dict[str, int]
) -> None:
    copy_rows(
        conn,
        ReachBuilding,
        {
            "run_id": [run] * len(buildings),
            "building_id": resolve(buildings["id"], building_keys(conn, city), BUILDING),
            "facility_id": resolve(buildings["facility_id"], facilities, FACILITY),
            **{name: buildings[name] for name in BUILDING_COLUMNS if name not in {"id", "facility_id"}},
        },
    )


def _load_buildings(conn: Connection, run: int) -> pd.DataFrame:
    found = ReachBuilding
    query = (
        select(
            Building.code,
            Facility.code,
            *(getattr(found, name) for name in BUILDING_COLUMNS if name not in {"id", "facility_id"}),
        )
        .join(Building, Building.id == found.building_id)
        .outerjoin(Facility, Facility.id == found.facility_id)
        .where(found.run_id == run)
        .order_by(c_order(Building.code))
    )
    return fetch(conn, query, BUILDING_COLUMNS)


def _load_circles(conn: Connection, city: City, run: int) -> gpd.GeoDataFrame:
    query = (
        select(Facility.code, ServiceCircle.minutes, wkb(ServiceCircle.geometry))
        .outerjoin(Facility, Facility.id == ServiceCircle.facility_id)
        .where(ServiceCircle.run_id == run)
        .order_by(c_order(Facility.code).nulls_last(), ServiceCircle.minutes)
    )
    return fetch_geometries(conn, query, CIRCLE_COLUMNS, city.metric_crs)


def _load_catchments(conn: Connection, city: City, run: int) -> gpd.GeoDataFrame:
    query = (
        select(Facility.code, wkb(Catchment.geometry))
        .join(Facility, Facility.id == Catchment.facility_id)
        .where(Catchment.run_id == run)
        .order_by(c_order(Facility.code))
    )
    return fetch_geometries(conn, query, {"facility_id": "text"}, city.metric_crs)


def _load_gaps(conn: Connection, city: City, run: int) -> gpd.GeoDataFrame:
    of_facility = {"facility_id": Facility.code, "facility_name": Facility.name}
    columns = [of_facility[name] if name in of_facility else getattr(Gap, name) for name in GAP_COLUMNS]
    query = (
        select(*columns, wkb(Gap.geometry))
        .select_from(Gap)
        .outerjoin(Facility, Facility.id == Gap.facility_id)
        .where(Gap.run_id == run)
        .order_by(Gap.rank)
    )
    return fetch_geometries(conn, query, GAP_COLUMNS, city.metric_crs)


def _load_service(conn: Connection, run: int) -> pd.DataFrame:
    columns = [Facility.code if name == "facility_id" else getattr(ReachFacility, name) for name in SERVICE_COLUMNS]
    query = (
        select(*columns)
        .select_from(ReachFacility)
        .join(Facility, Facility.id == ReachFacility.facility_id)
        .where(ReachFacility.run_id == run)
        .order_by(c_order(Facility.code))
    )
    return fetch(conn, query, SERVICE_COLUMNS)


def _load_bands(conn: Connection, run: int) -> pd.DataFrame:
    found = BandCoverage
    query = (
        select(*(getattr(found, name) for name in BAND_COLUMNS))
        .where(found.run_id == run)
        .order_by(c_order(found.level), c_order(found.code), found.minutes)
    )
    return fetch(conn, query, BAND_COLUMNS)


def _load_coverage(conn: Connection, run: int) -> pd.DataFrame:
    columns = [getattr(Region if name in {"code", "level"} else Coverage, name) for name in COVERAGE_COLUMNS]
    query = (
        select(*columns)
        .select_from(Coverage)
        .join(Region, Region.id == Coverage.region_id)
        .where(Coverage.run_id == run)
        .order_by(c_order(Region.code))
    )
    return fetch(conn, query, COVERAGE_COLUMNS)
