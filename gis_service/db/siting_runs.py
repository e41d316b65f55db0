"""Siting runs: the question, every candidate and all that was found."""

from dataclasses import dataclass
from datetime import date, datetime

import geopandas as gpd
import pandas as pd
from sqlalchemy import Connection, insert, select

from gis_service.db.cities import City
from gis_service.db.frames import Kind, c_order, copy_rows, fetch, fetch_geometries, next_ids, wkb
from gis_service.db.keys import (
    BUILDING,
    COMMUNITY,
    FACILITY,
    REGION,
    building_keys,
    facility_keys,
    region_keys,
    resolve,
)
from gis_service.db.tables import (
    Building,
    Facility,
    Region,
    SitingBuilding,
    SitingCoverage,
    SitingGap,
    SitingRun,
    SitingSite,
)
from gis_service.errors import Text
from gis_service.geo.crs import to_stored
from gis_service.reach.siting.result import COUNTS, SitingResult
from gis_service.reach.siting.rules import SitingRules

SITE = Text("候选点", "candidate")

OWN_SITE_COLUMNS: dict[str, Kind] = {
    "name": "text",
    "cost": "measure",
    "capacity": "measure",
    "rank": "optional_count",
    "households_gained": "measure",
    "saved_m": "measure",
    "street": "text",
}
SITE_COLUMNS: dict[str, Kind] = {"id": "text", **OWN_SITE_COLUMNS, "community_code": "text"}
OWN_BUILDING_COLUMNS: dict[str, Kind] = {
    "walk_m": "measure",
    "walk_s": "measure",
    "covered_before": "truth",
    "covered": "truth",
}
BUILDING_COLUMNS: dict[str, Kind] = {"id": "text", "facility_id": "text", "site_id": "text", **OWN_BUILDING_COLUMNS}
GAP_COLUMNS: dict[str, Kind] = {
    "rank": "count",
    "buildings": "count",
    "households": "count",
    "residents": "optional_count",
    "nearest_walk_m": "measure",
}
COVERAGE_COLUMNS: dict[str, Kind] = {
    f"{count}{side}": "optional_count" if count == "residents" else "count"
    for count in COUNTS
    for side in ("", "_before", "_after")
}


@dataclass(frozen=True)
class StoredSiting:
    """A siting run.

    Parameters
    ----------
    id
        Key in the store; None: it was computed and not stored.
    rules
        Parameters in force.
    result
        The frames, in the city's metric CRS, and the summary.
    given
        Whether the candidates came from a file.
    on_map
        Whether the map may show it; False: it was asked for on a page, to be weighed there.
    input_hash, candidates_hash
        SHA-256 over everything that decided the result, and over the candidates.
    data_date
        The data describe this day.
    software_version, created_at
        What computed it, and when.
    """

    id: int | None
    rules: SitingRules
    result: SitingResult
    given: bool
    on_map: bool
    input_hash: str
    candidates_hash: str
    data_date: date
    software_version: str
    created_at: datetime


def save_siting(conn: Connection, city: City, siting: StoredSiting) -> StoredSiting:
    """Store a siting run and return it as stored, with its key; earlier runs stay.

    Parameters
    ----------
    conn
        Open transaction.
    city
        The city.
    siting
        The run; its key, day and hour are given by the store.

    Raises
    ------
    InputError
        The result speaks of buildings, facilities or regions that are not stored.
    """
    row = {
        "city_id": city.id,
        "rules": siting.rules.as_dict(),
        "summary": siting.result.summary,
        "given": siting.given,
        "on_map": siting.on_map,
        "input_hash": siting.input_hash,
        "candidates_hash": siting.candidates_hash,
        "data_date": city.data_date,
        "software_version": siting.software_version,
    }
    result = siting.result
    run = conn.scalars(insert(SitingRun).values(row).returning(SitingRun.id)).one()
    sites, assignment, gaps, coverage = result.candidates, result.assignment, result.gaps, result.coverage
    site_keys = next_ids(conn, SitingSite, len(sites)).tolist()
    copy_rows(
        conn,
        SitingSite,
        {
            "id": site_keys,
            "run_id": [run] * len(sites),
            "code": sites["id"],
            **{name: sites[name] for name in OWN_SITE_COLUMNS},
            "region_id": resolve(sites["community_code"], region_keys(conn, city, "community"), COMMUNITY),
            "geometry": to_stored(sites).geometry,
        },
    )
    copy_rows(
        conn,
        SitingBuilding,
        {
            "run_id": [run] * len(assignment),
            "building_id": resolve(assignment["id"], building_keys(conn, city), BUILDING),
            "facility_id": resolve(assignment["facility_id"], facility_keys(conn, city), FACILITY),
            "site_id": resolve(assignment["site_id"], dict(zip(sites["id"], site_keys, strict=True)), SITE),
            **{name: assignment[name] for name in OWN_BUILDING_COLUMNS},
        },
    )
    copy_rows(
        conn,
        SitingGap,
        {
            "run_id": [run] * len(gaps),
            **{name: gaps[name] for name in GAP_COLUMNS},
            "geometry": to_stored(gaps).geometry,
        },
    )
    copy_rows(
        conn,
        SitingCoverage,
        {
            "run_id": [run] * len(coverage),
            "region_id": resolve(coverage["code"], region_keys(conn, city), REGION),
            **{name: coverage[name] for name in COVERAGE_COLUMNS},
        },
    )
    stored = load_siting(conn, city, run)
    assert stored is not None  # noqa: S101 saved by this transaction
    return stored


def load_siting(
    conn: Connection, city: City, run_id: int | None = None, *, input_hash: str | None = None
) -> StoredSiting | None:
    """Return the newest siting run of the city, or that of a key or of these inputs; None where there is none."""
    query = select(SitingRun).where(SitingRun.city_id == city.id)
    if run_id is not None:
        query = query.where(SitingRun.id == run_id)
    if input_hash is not None:
        query = query.where(SitingRun.input_hash == input_hash)
    query = query.order_by(SitingRun.created_at.desc(), SitingRun.id.desc()).limit(1)
    row = conn.execute(query).mappings().one_or_none()
    if row is None:
        return None
    run = row["id"]
    result = SitingResult(
        candidates=_load_candidates(conn, city, run),
        assignment=_load_assignment(conn, run),
        gaps=_load_gaps(conn, city, run),
        coverage=_load_coverage(conn, run),
        summary=row["summary"],
    )
    return StoredSiting(
        id=run,
        rules=SitingRules.from_dict(row["rules"]),
        result=result,
        given=row["given"],
        on_map=row["on_map"],
        input_hash=row["input_hash"],
        candidates_hash=row["candidates_hash"],
        data_date=row["data_date"],
        software_version=row["software_version"],
        created_at=row["created_at"],
    )


def _load_candidates(conn: Connection, city: City, run: int) -> gpd.GeoDataFrame:
    own = [getattr(SitingSite, name) for name in OWN_SITE_COLUMNS]
    query = (
        select(SitingSite.code, *own, Region.code.label("community_code"), wkb(SitingSite.geometry))
        .outerjoin(Region, Region.id == SitingSite.region_id)
        .where(SitingSite.run_id == run)
        .order_by(c_order(SitingSite.code))
    )
    return fetch_geometries(conn, query, SITE_COLUMNS, city.metric_crs)


def _load_assignment(conn: Connection, run: int) -> pd.DataFrame:
    own = [getattr(SitingBuilding, name) for name in OWN_BUILDING_COLUMNS]
    query = (
        select(Building.code, Facility.code.label("facility"), SitingSite.code.label("site"), *own)
        .select_from(SitingBuilding)
        .join(Building, Building.id == SitingBuilding.building_id)
        .outerjoin(Facility, Facility.id == SitingBuilding.facility_id)
        .outerjoin(SitingSite, SitingSite.id == SitingBuilding.site_id)
        .where(SitingBuilding.run_id == run)
        .order_by(c_order(Building.code))
    )
    return fetch(conn, query, BUILDING_COLUMNS)


def _load_gaps(conn: Connection, city: City, run: int) -> gpd.GeoDataFrame:
    columns = [getattr(SitingGap, name) for name in GAP_COLUMNS]
    query = select(*columns, wkb(SitingGap.geometry)).where(SitingGap.run_id == run).order_by(SitingGap.rank)
    return fetch_geometries(conn, query, GAP_COLUMNS, city.metric_crs)


def _load_coverage(conn: Connection, run: int) -> pd.DataFrame:
    columns = [getattr(SitingCoverage, name) for name in COVERAGE_COLUMNS]
    query = (
        select(Region.code, Region.level, *columns)
        .select_from(SitingCoverage)
        .join(Region, Region.id == SitingCoverage.region_id)
        .where(SitingCoverage.run_id == run)
        .order_by(c_order(Region.code))
    )
    return fetch(conn, query, {"code": "text", "level": "text", **COVERAGE_COLUMNS})
